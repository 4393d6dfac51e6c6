package number

import (
	"strings"

	"waihu/models"
)

// Kinds of caller numbers, as models.CallerNumber has them.
const (
	CallerFixed  = "fixed"
	CallerMobile = "mobile"
	Caller400    = "400"
	CallerShort  = "short"
)

// Caller checks a caller number (去电号码) as it is to be shown: area code and number without "-" (075512345678), a
// mobile, a 400 number or a short number. The error is a *models.Error for the field "caller" that names the mend; it
// never repairs, because what a callee sees must be what somebody wrote and approved (S1-23).
func Caller(raw string) (models.CallerNumber, error) {
	if !plain(raw) {
		return models.CallerNumber{}, callerFault(raw)
	}
	if emergency(raw, HomeRegion) {
		return models.CallerNumber{}, reject(CodeEmergency, "").Err("caller")
	}
	if kind := callerKind(raw); kind != "" {
		return models.CallerNumber{Number: raw, Kind: kind, Approval: models.ApprovalPending}, nil
	}
	return models.CallerNumber{}, callerFault(raw)
}

// RepairCaller writes a caller number the way Caller wants it: 0755-12345678 and +8675512345678 become 075512345678.
// The error is the one of Caller.
func RepairCaller(raw string) (models.CallerNumber, error) {
	s, bad := clean(raw)
	if bad != nil {
		return models.CallerNumber{}, bad.Err("caller")
	}
	if n, bad := Normalise(s, HomeRegion, Policy{Kinds: []Kind{Mobile, Fixed, Access400}}); bad == nil {
		s = Dial(n.E164, models.FormatNational, HomeRegion, "")
	}
	return Caller(s)
}

func callerKind(s string) string {
	n, bad := Normalise(s, HomeRegion, Policy{Kinds: []Kind{Mobile, Fixed, Access400}})
	switch {
	case bad != nil && bad.Code == CodeShort && len(s) <= 8 && s[0] != '0':
		return CallerShort
	case bad != nil:
		return ""
	case Dial(n.E164, models.FormatNational, HomeRegion, "") != s: // 86138..., 0138...: not what a phone shows
		return ""
	case n.Kind == Mobile:
		return CallerMobile
	case n.Kind == Access400:
		return Caller400
	default:
		return CallerFixed
	}
}

func callerFault(raw string) *models.Error {
	if s, bad := clean(raw); bad == nil && s != raw {
		if fixed, err := RepairCaller(raw); err == nil {
			return models.NewError(models.Invalid, "caller", "caller_format",
				"write the caller number without - + ( ) and spaces: "+fixed.Number,
				"去电号码不能带“-”、“+”、括号或空格，请写成："+fixed.Number)
		}
	}
	if strings.HasPrefix(raw, "0") || !plain(raw) {
		return models.NewError(models.Invalid, "caller", "caller_format",
			"this is no caller number; write area code and number without - (075512345678), a mobile, or a 400 number",
			"去电号码格式不对；固定电话写区号加号码、不带“-”（如 075512345678），或写手机号、400 号码")
	}
	return models.NewError(models.Invalid, "caller", "caller_format",
		"this is no caller number; a fixed line needs its area code (075512345678), a mobile has 11 digits, a 400 number 10",
		"去电号码格式不对；固定电话须带区号（如 075512345678），手机号 11 位，400 号码 10 位")
}
