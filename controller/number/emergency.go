package number

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// longestEmergency bounds the look-up, so that ordinary numbers never pay for it.
const longestEmergency = 6

// emergency reports whether digits are an emergency number anywhere that matters: the Chinese ones and the world's most
// common ones always, those of the region by its plan.
func emergency(digits, region string) bool {
	if len(digits) > longestEmergency {
		return false
	}
	switch digits {
	case "110", "119", "120", "122", "112", "911", "999", "000", "111", "118", "12110", "12119", "12120", "12395":
		return true
	}
	return phonenumbers.IsEmergencyNumber(digits, region)
}

// emergencyAsWritten also catches an emergency number behind the Chinese country code, the trunk zero and an area code
// (0755-110): exchanges put such calls through. It looks at what was written, before any plan drops digits.
func emergencyAsWritten(s, region string) bool {
	digits := strings.TrimPrefix(s, "+")
	if len(digits) > longestEmergency+len("00860") {
		return false
	}
	if emergency(digits, region) {
		return true
	}
	if region != "CN" && !strings.HasPrefix(s, "+86") {
		return false
	}
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "86")
	digits = strings.TrimPrefix(digits, "0")
	return emergency(digits, "CN") || areaEmergency(digits)
}

func areaEmergency(nsn string) bool {
	if len(nsn) < 5 || len(nsn) > longestEmergency {
		return false
	}
	area, tail := nsn[:len(nsn)-3], nsn[len(nsn)-3:]
	switch tail {
	case "110", "119", "120", "122":
		return area == "10" || len(area) == 2 && area[0] == '2' || len(area) == 3 && area[0] >= '3'
	}
	return false
}
