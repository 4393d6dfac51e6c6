package number

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const chinaZone = "Asia/Shanghai"

// Normalise reads a number as people of region (ISO 3166, "" = HomeRegion) write it and checks it against the policy.
// Exactly one of the results counts: a nil Reject means that the Number may be called. It never guesses: letters,
// extensions and several numbers in one are refused.
func Normalise(raw, region string, policy Policy) (Number, *Reject) {
	if region == "" {
		region = HomeRegion
	}
	return normalise(raw, region, policy, parse)
}

// normalise does everything but ask the numbering plans.
func normalise(raw, region string, policy Policy, parse func(s, region string) (Number, *Reject)) (Number, *Reject) {
	s, bad := clean(raw)
	if bad != nil {
		return Number{}, bad
	}
	if emergencyAsWritten(s, region) {
		return Number{}, reject(CodeEmergency, "")
	}
	n, bad := chineseMobile(s, region, policy.Unlisted)
	if bad == nil && n.E164 == "" {
		n, bad = parse(s, region)
	}
	if bad == nil {
		bad = policy.allow(n, region)
	}
	if bad != nil {
		return Number{}, bad
	}
	return n, nil
}

// Check says whether a number in E.164 may be dialled under the policy: the same rules as at the import, once more just
// before the call. Nil means yes.
func Check(e164, region string, policy Policy) *Reject {
	n, bad := Normalise(e164, region, policy)
	switch {
	case bad != nil:
		return bad
	case n.E164 != e164:
		return reject(CodeInvalid, "")
	default:
		return nil
	}
}

// chineseMobile is the fast path: 11 digits, with or without +86, 0086, 86. It returns a zero Number when s is
// something else.
func chineseMobile(s, region string, unlisted bool) (Number, *Reject) {
	nsn := afterPrefix(s, region)
	if nsn == "" || nsn[0] != '1' || nsn[1] < '3' {
		return Number{}, nil
	}
	switch kind := segment(nsn); {
	case kind == Satellite:
		return Number{}, reject(CodeSatellite, "")
	case kind != Mobile && !unlisted:
		return Number{}, reject(CodeUnlisted, "")
	}
	return Number{E164: "+86" + nsn, Kind: Mobile, Zone: chinaZone, Region: "CN"}, nil
}

// afterPrefix takes off what may stand before a Chinese number of 11 digits, "" if s is no such number. A zero was dialled
// before mobiles of another town.
func afterPrefix(s, region string) string {
	if rest, ok := strings.CutPrefix(s, "+86"); ok && len(rest) == 11 {
		return rest
	}
	if region != "CN" || len(s) < 11 {
		return ""
	}
	switch prefix := s[:len(s)-11]; prefix {
	case "", "0", "86", "0086":
		return s[len(prefix):]
	default:
		return ""
	}
}

// segment says what a Chinese mobile number of 11 digits is by its first four (a test compares this with the numbering
// plan of phonenumbers, which is ten times slower): Mobile, Satellite, or Other for segments without voice subscribers.
func segment(nsn string) Kind {
	switch nsn[:3] {
	case "134", "174":
		// 1349 (China Satcom), 1740 and 1749 (Tiantong): phonenumbers calls the first two mobile.
		if nsn[3] == '9' || nsn[:4] == "1740" {
			return Satellite
		}
		if nsn[:3] == "174" {
			return Other
		}
	case "140", "141", "142", "143", "144", "146", "148", "149", "154", "160", "161", "163", "164", "168", "169", "179", "194":
		return Other
	}
	return Mobile
}

// parse asks the numbering plans for everything that is not a Chinese mobile.
func parse(s, region string) (Number, *Reject) {
	p, err := phonenumbers.Parse(s, region)
	if err != nil {
		return Number{}, reject(CodeInvalid, "")
	}
	nsn := phonenumbers.GetNationalSignificantNumber(p)
	country := phonenumbers.GetRegionCodeForNumber(p)
	if country == "" {
		country = phonenumbers.GetRegionCodeForCountryCode(int(p.GetCountryCode()))
	}
	switch {
	case p.GetExtension() != "":
		return Number{}, reject(CodeCharacters, "")
	case emergency(nsn, country):
		return Number{}, reject(CodeEmergency, "")
	case country == "001": // satellite and international networks: +870, +881, +882, +883
		return Number{}, reject(CodeSatellite, "")
	}
	// The type of an invalid number is UNKNOWN, so that validity need not be asked apart.
	plan := phonenumbers.GetNumberType(p)
	if plan == phonenumbers.UNKNOWN {
		return Number{}, invalid(p, nsn, country)
	}
	n := Number{E164: phonenumbers.Format(p, phonenumbers.E164), Kind: kindOf(plan, country, nsn), Region: country}
	if n.Kind == Short {
		return Number{}, reject(CodeShort, "")
	}
	if country == "CN" {
		n.Zone = chinaZone // the whole country keeps it, and the look-up costs more than all the rest
		return n, nil
	}
	n.Zone, n.Zones = zones(p)
	return n, nil
}

func invalid(p *phonenumbers.PhoneNumber, nsn, country string) *Reject {
	if len(nsn) <= 8 && (phonenumbers.IsValidShortNumberForRegion(p, country) || country == "CN" && chineseShort(nsn)) {
		return reject(CodeShort, "")
	}
	if country == "CN" && (len(nsn) == 7 || len(nsn) == 8) {
		return reject(CodeTooShort, "") // a subscriber's number without its area code
	}
	if country == "CN" && len(nsn) > 11 {
		return reject(CodeTooLong, "")
	}
	switch phonenumbers.IsPossibleNumberWithReason(p) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return reject(CodeTooShort, "")
	case phonenumbers.TOO_LONG:
		return reject(CodeTooLong, "")
	default:
		return reject(CodeInvalid, "")
	}
}

// chineseShort knows the service numbers 95xxx, 96xxx, 100xx and 12xxx that the short-number plan leaves out.
func chineseShort(nsn string) bool {
	switch {
	case len(nsn) < 5 || len(nsn) > 6:
		return false
	default:
		return slices.Contains([]string{"95", "96", "10", "11", "12"}, nsn[:2])
	}
}

func kindOf(t phonenumbers.PhoneNumberType, country, nsn string) Kind {
	switch t {
	case phonenumbers.MOBILE:
		return Mobile
	case phonenumbers.FIXED_LINE:
		// Area code and service number (010 95588): a short number in disguise.
		if country == "CN" && len(nsn) < 10 {
			return Short
		}
		return Fixed
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		return FixedOrMobile
	case phonenumbers.TOLL_FREE:
		return TollFree
	case phonenumbers.SHARED_COST:
		if country == "CN" && strings.HasPrefix(nsn, "400") {
			return Access400
		}
		return SharedCost
	case phonenumbers.PREMIUM_RATE:
		return Premium
	case phonenumbers.VOIP:
		return VoIP
	default:
		return Other
	}
}

func zones(p *phonenumbers.PhoneNumber) (string, []string) {
	zs, err := phonenumbers.GetTimezonesForNumber(p)
	if err != nil || len(zs) == 0 || zs[0] == "Etc/Unknown" {
		return "", nil
	}
	if len(zs) == 1 {
		return zs[0], nil
	}
	return zs[0], zs
}

// allow applies the policy to a valid number.
func (p Policy) allow(n Number, home string) *Reject {
	if len(p.Countries) == 0 && n.Region != home ||
		len(p.Countries) > 0 && !slices.Contains(p.Countries, n.Region) && p.Countries[0] != AnyCountry {
		return reject(CodeCountry, n.Region)
	}
	if n.Kind == Satellite || n.Kind == Short || n.Kind == Emergency {
		return reject(CodeKind, string(n.Kind))
	}
	if p.allows(n.Kind) || n.Kind == FixedOrMobile && (p.allows(Fixed) || p.allows(Mobile)) {
		return nil
	}
	return reject(CodeKind, string(n.Kind))
}

func (p Policy) allows(k Kind) bool {
	if len(p.Kinds) == 0 {
		return k == Mobile || k == Fixed
	}
	return slices.Contains(p.Kinds, k)
}
