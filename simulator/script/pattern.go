package script

import (
	"fmt"
	"regexp"
	"strings"
)

// pattern is the right-hand side of a condition. A pattern that does not compile never matches, as on FreeSWITCH, which
// only writes a line into its log.
type pattern struct {
	source  string
	literal string // of ^literal$, by far the most frequent form: compared without a regular expression
	exact   bool
	re      *regexp.Regexp
	err     error
}

// compile understands what FreeSWITCH does: a PCRE, /PCRE/i or /PCRE/s, and _NXX patterns. Constructs that Go's regexp
// lacks (look-around, back references, possessive quantifiers) are errors.
func compile(source string) *pattern {
	p := &pattern{source: source}
	expression := source
	if rest, ok := strings.CutPrefix(expression, "_"); ok {
		expression = "^" + asteriskReplacer().Replace(rest) + "$"
	}
	flags := ""
	if rest, ok := strings.CutPrefix(expression, "/"); ok {
		end := strings.LastIndexByte(rest, '/')
		if end < 0 {
			p.err = fmt.Errorf("pattern %q: no / at the end", source)
			return p
		}
		for _, f := range "is" {
			if strings.ContainsRune(rest[end+1:], f) {
				flags += string(f)
			}
		}
		expression = rest[:end]
	}
	if flags == "" {
		p.literal, p.exact = exactly(expression)
	}
	if p.exact {
		return p
	}
	translated := translate(expression)
	if flags != "" {
		translated = "(?" + flags + ")" + translated
	}
	p.re, p.err = regexp.Compile(translated)
	if p.err != nil {
		p.err = fmt.Errorf("pattern %q: %w", source, p.err)
	}
	return p
}

func asteriskReplacer() *strings.Replacer {
	return strings.NewReplacer("N", "[2-9]", "X", "[0-9]", "Z", "[1-9]", ".", ".*")
}

// exactly reports whether the expression is ^text$ without any operator.
func exactly(expression string) (string, bool) {
	text, ok := strings.CutPrefix(expression, "^")
	if !ok {
		return "", false
	}
	text, ok = strings.CutSuffix(text, "$")
	if !ok || strings.ContainsAny(text, `\.+*?()|[]{}^$`) {
		return "", false
	}
	return text, true
}

// translate rewrites what PCRE and Go's regexp spell differently: a dollar also matches before a line break at the end.
func translate(s string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteString(translateEscape(s[i], class))
		case class:
			class = c != ']'
			b.WriteByte(c)
		case c == '[':
			class = true
			n := classHead(s[i:])
			b.WriteString(s[i : i+n])
			i += n - 1
		case c == '$':
			b.WriteString(`(?:\n?\z)`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// classHead is the length of [, [^, []… or [^]…: a bracket that comes first stands for itself.
func classHead(s string) int {
	n := 1
	if strings.HasPrefix(s[n:], "^") {
		n++
	}
	if strings.HasPrefix(s[n:], "]") {
		n++
	}
	return n
}

func translateEscape(c byte, class bool) string {
	switch {
	case c == 'h' && class:
		return `\t `
	case c == 'h':
		return `[\t ]`
	case c == 'Z' && !class:
		return `(?:\n?\z)`
	case c == 'e':
		return `\x1b`
	default:
		return `\` + string(rune(c))
	}
}

// match returns the captures, the whole match first; nil when there is none.
func (p *pattern) match(value string) []string {
	switch {
	case p.exact:
		if value == p.literal || len(value) == len(p.literal)+1 && strings.TrimSuffix(value, "\n") == p.literal {
			return []string{p.literal}
		}
		return nil
	case p.re == nil:
		return nil
	default:
		return p.re.FindStringSubmatch(value)
	}
}

// captures reports whether $1 in the data of actions is replaced; FreeSWITCH asks whether there is a parenthesis.
func (p *pattern) captures() bool { return strings.Contains(p.source, "(") }

// substitute replaces $1 and ${1} by the captures; a number without a capture is dropped.
func substitute(data string, captures []string) string {
	if strings.IndexByte(data, '$') < 0 {
		return data
	}
	var b strings.Builder
	for i := 0; i < len(data); {
		number, length := captureNumber(data[i:])
		if length == 0 {
			b.WriteByte(data[i])
			i++
			continue
		}
		if number < len(captures) {
			b.WriteString(captures[number])
		}
		i += length
	}
	return b.String()
}

// captureNumber reads $12 or ${12}; length 0 means there is none.
func captureNumber(s string) (number, length int) {
	if s[0] != '$' {
		return 0, 0
	}
	i := 1
	brace := strings.HasPrefix(s[i:], "{")
	if brace {
		i++
	}
	first := i
	for i < len(s) && i-first < 9 && s[i] >= '0' && s[i] <= '9' {
		number = number*10 + int(s[i]-'0')
		i++
	}
	if i == first {
		return 0, 0
	}
	if brace {
		if !strings.HasPrefix(s[i:], "}") {
			return 0, 0
		}
		i++
	}
	return number, i
}
