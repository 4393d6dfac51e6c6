// Package number turns what people write as telephone numbers into E.164, says what kind of number it is and whether it
// may be called at all, and writes it the way a trunk wants it.
//
// It owns the rules of numbers: the strict pre-check, the kinds, the policy of countries and kinds, the emergency
// numbers that nobody may ever dial by machine, and the format of caller numbers. It is pure: no I/O, no clock, no
// state, and it must not know lists, campaigns or trunks beyond the words of package models.
package number

import "waihu/models"

// Kind is the sort of a number, as its numbering plan has it.
type Kind string

// The kinds of numbers. By default only Mobile and Fixed may be called.
const (
	Mobile        Kind = "mobile"          // 手机
	Fixed         Kind = "fixed"           // 固定电话
	FixedOrMobile Kind = "fixed_or_mobile" // plans that do not tell the two apart (US, Canada)
	Access400     Kind = "400"             // 中国 400 号码: the caller pays a share
	TollFree      Kind = "toll_free"       // 800
	SharedCost    Kind = "shared_cost"
	Premium       Kind = "premium"
	VoIP          Kind = "voip"
	Other         Kind = "other"     // pager, voice mail, personal and company-wide numbers
	Satellite     Kind = "satellite" // never called
	Short         Kind = "short"     // 95588, 10086: never called
	Emergency     Kind = "emergency" // never called, whatever the policy says
)

// HomeRegion is the country whose national writing is understood when none is given.
const HomeRegion = "CN"

// AnyCountry as the first of a policy's countries allows them all: right for a blacklist, dear for a campaign.
const AnyCountry = "*"

// Number is a number that may be called.
type Number struct {
	E164   string // +8613800138000
	Kind   Kind
	Zone   string   // IANA zone, "" when unknown; the first of Zones
	Zones  []string // only when the number may be in several zones: call in the hours that all of them allow
	Region string   // ISO 3166 country, CN
}

// Policy says which numbers may be called. The zero Policy allows fixed lines and mobiles of the home country (R-TOLL-1).
type Policy struct {
	Countries []string // ISO 3166; empty = the home country only
	Kinds     []Kind   // empty = Mobile and Fixed. Emergency, Short and Satellite are refused even when named
	Unlisted  bool     // also accept Chinese mobiles of segments that the numbering plan does not list yet
}

// Codes of rejects. They are stable: reject files and screens carry them.
const (
	CodeEmpty      = "number_empty"
	CodeLetters    = "number_letters"
	CodeCharacters = "number_characters"
	CodeScientific = "number_scientific"
	CodeDecimal    = "number_decimal"
	CodeSeveral    = "number_several"
	CodeTooShort   = "number_too_short"
	CodeTooLong    = "number_too_long"
	CodeInvalid    = "number_invalid"
	CodeUnlisted   = "number_unlisted"
	CodeCountry    = "country_not_allowed"
	CodeKind       = "kind_not_allowed"
	CodeShort      = "short_number"
	CodeEmergency  = "emergency_number"
	CodeSatellite  = "satellite_number"
)

// Reject says why a number must not be called, and the mend, in both languages.
type Reject struct {
	Code   string
	Text   string
	TextZH string
}

// Err makes the caller error of a reject for a field of the API, the configuration or a flag.
func (r *Reject) Err(field string) *models.Error {
	return models.NewError(models.Invalid, field, r.Code, r.Text, r.TextZH)
}

// ByPolicy reports whether the number is a telephone number but one that must not be called.
func (r *Reject) ByPolicy() bool {
	switch r.Code {
	case CodeCountry, CodeKind, CodeShort, CodeEmergency, CodeSatellite, CodeUnlisted:
		return true
	default:
		return false
	}
}

// Kinds lists every kind that a policy may allow.
func Kinds() []Kind {
	return []Kind{Mobile, Fixed, FixedOrMobile, Access400, TollFree, SharedCost, Premium, VoIP, Other}
}
