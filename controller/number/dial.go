package number

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"waihu/models"
)

// Dial writes a number in E.164 the way a trunk in region ("" = HomeRegion) wants it, behind the trunk's prefix.
// Anything that is not E.164, or a prefix that is not digits, gives "": nothing else than digits and one plus can get
// into a dial string.
func Dial(e164 string, format models.NumberFormat, region, prefix string) string {
	if !isE164(e164) || prefix != "" && !plain(prefix) {
		return ""
	}
	if region == "" {
		region = HomeRegion
	}
	switch format {
	case models.FormatPlus:
		return prefix + e164
	case models.FormatE164:
		return prefix + e164[1:]
	default:
		n := national(e164, region)
		if n == "" {
			return ""
		}
		return prefix + n
	}
}

func isE164(s string) bool {
	return len(s) >= 8 && len(s) <= 16 && s[0] == '+' && s[1] != '0' && plain(s[1:])
}

func national(e164, region string) string {
	if nsn, ok := strings.CutPrefix(e164, "+86"); ok && region == "CN" {
		switch {
		case len(nsn) == 11 && nsn[0] == '1' && nsn[1] >= '3', strings.HasPrefix(nsn, "400"), strings.HasPrefix(nsn, "800"):
			return nsn
		default:
			return "0" + nsn
		}
	}
	p, err := phonenumbers.Parse(e164, region)
	if err != nil {
		return ""
	}
	nsn := phonenumbers.GetNationalSignificantNumber(p)
	if int(p.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion(region) {
		return phonenumbers.GetNddPrefixForRegion(region, true) + nsn
	}
	if phonenumbers.IsNANPACountry(region) {
		return "011" + e164[1:]
	}
	return "00" + e164[1:]
}

// Prefix turns the beginning of a number, as people of region write it, into the beginning of its E.164 form: 0755 → +86755,
// 170 → +86170. It returns "" when fewer than two digits would stand behind the country code, or when s is no digits.
func Prefix(s, region string) string {
	if region == "" {
		region = HomeRegion
	}
	code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
	digits, abroad := strings.CutPrefix(strings.ReplaceAll(strings.ReplaceAll(ascii(s), " ", ""), "-", ""), "+")
	if !plain(digits) || len(digits) > 15 || code == "0" {
		return ""
	}
	if rest, ok := strings.CutPrefix(digits, "00"); !abroad && ok {
		digits, abroad = rest, true
	}
	if rest, ok := strings.CutPrefix(digits, "86"); !abroad && ok && region == "CN" { // no national number begins so
		digits = rest
	}
	if !abroad {
		digits = code + strings.TrimPrefix(digits, phonenumbers.GetNddPrefixForRegion(region, true))
	}
	if strings.HasPrefix(digits, "0") || len(digits) < 4 || strings.HasPrefix(digits, code) && len(digits) < len(code)+2 {
		return ""
	}
	return "+" + digits
}
