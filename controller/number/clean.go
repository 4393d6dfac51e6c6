package number

import (
	"strings"
	"unicode"
)

// Bounds of the strict pre-check: ^[+0-9][0-9 ()-]{2,24}$.
const (
	minChars  = 3
	maxChars  = 25
	maxDigits = 17 // 15 of E.164 and the international prefix 00
	maxRaw    = 200
)

// plain reports whether s is made of ASCII digits only: most rows of most files, and the only case that must be fast.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return len(s) > 0
}

// clean maps what phones and spreadsheets put around numbers to ASCII and applies the strict pre-check. It returns
// the digits with a leading plus, if there was one.
func clean(raw string) (string, *Reject) {
	if plain(raw) && len(raw) >= minChars && len(raw) <= maxDigits {
		return raw, nil
	}
	if len(raw) > maxRaw {
		return "", reject(CodeTooLong, "")
	}
	s := ascii(raw)
	// Excel marks text cells with an apostrophe, and some exports keep it.
	s = strings.TrimSpace(strings.TrimPrefix(s, "'"))
	if rest, ok := strings.CutPrefix(s, "("); ok && strings.Contains(rest, ")") {
		s = strings.Replace(rest, ")", " ", 1)
	}
	if s == "" {
		return "", reject(CodeEmpty, "")
	}
	if code := fault(s); code != "" {
		return "", reject(code, "")
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '+' || c-'0' <= 9 {
			out = append(out, c)
		}
	}
	digits := len(out)
	if out[0] == '+' {
		digits--
	}
	switch {
	case digits < minChars:
		return "", reject(CodeTooShort, "")
	case digits > maxDigits:
		return "", reject(CodeTooLong, "")
	}
	return string(out), nil
}

// ascii maps full-width forms and the dashes and spaces of office programs, and drops the invisible direction marks
// that the Windows contact list puts around numbers.
func ascii(raw string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r <= '~':
			return r
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case unicode.Is(unicode.Pd, r) || r == 0x2212: // minus sign
			return '-'
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		default:
			return r
		}
	}, raw)
}

// fault names what the strict pre-check has against s, "" if nothing.
func fault(s string) string {
	wellFormed := s[0] == '+' || s[0]-'0' <= 9
	for i := 1; i < len(s) && wellFormed; i++ {
		c := s[i]
		wellFormed = c-'0' <= 9 || c == ' ' || c == '(' || c == ')' || c == '-'
	}
	switch {
	case wellFormed && len(s) > maxChars:
		return CodeTooLong
	case wellFormed && len(s) < minChars:
		return CodeTooShort
	case wellFormed:
		return ""
	default:
		return malformed(s)
	}
}

// malformed names what is wrong with text that does not look like a number.
func malformed(s string) string {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return CodeCharacters
	}
	digits, letters := tally(s)
	switch {
	case letters == 1 && digits >= 3 && strings.ContainsAny(s, "Ee") && strings.Count(s, ".") <= 1:
		return CodeScientific
	case letters > 0:
		return CodeLetters
	case decimal(s) && digits > 6:
		return CodeDecimal
	case digits >= 14 && strings.ContainsAny(s, "/,;|、，；\\"):
		return CodeSeveral
	default:
		return CodeCharacters
	}
}

func tally(s string) (digits, letters int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		} else if unicode.IsLetter(r) {
			letters++
		}
	}
	return digits, letters
}

// decimal reports whether s ends in a point and digits.
func decimal(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return point && whole != "" && strings.Trim(fraction, "0123456789") == ""
}
