package simulator

import "strings"

const hexDigits = "0123456789ABCDEF"

// mustEscape says which bytes FreeSWITCH writes as %XX in a header's value.
var mustEscape = func() (t [256]bool) {
	for i := range t {
		t[i] = i < ' ' || i > '~' || strings.IndexByte("\r\n #%&+:;<=>?@[\\]^`{|}\"", byte(i)) >= 0
	}
	return t
}()

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// appendEscaped writes v as FreeSWITCH does: a % that two hexadecimal digits follow stays, so decoding is not lossless.
func appendEscaped(b []byte, v string) []byte {
	from := 0
	for i := range len(v) {
		c := v[i]
		if !mustEscape[c] || c == '%' && i+2 < len(v) && isHex(v[i+1]) && isHex(v[i+2]) {
			continue
		}
		b = append(b, v[from:i]...)
		b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		from = i + 1
	}
	return append(b, v[from:]...)
}

func appendHeader(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = appendEscaped(b, value)
	return append(b, '\n')
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}

// unescape undoes appendEscaped; what is no %XX stays.
func unescape(v string) string {
	if strings.IndexByte(v, '%') < 0 {
		return v
	}
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) && isHex(v[i+1]) && isHex(v[i+2]) {
			b = append(b, unhex(v[i+1])<<4|unhex(v[i+2]))
			i += 2
			continue
		}
		b = append(b, v[i])
	}
	return string(b)
}

// newUUID makes an identifier from the switch's own seeded source, so that a run can be repeated.
func (s *Simulator) newUUID() string {
	var raw [16]byte
	a, b := s.random.Uint64(), s.random.Uint64()
	for i := range 8 {
		raw[i], raw[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 36)
	for i, c := range raw {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}
