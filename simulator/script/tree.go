package script

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	white    = "\t\r\n "
	maxDepth = 1000 // of elements; FreeSWITCH has no bound but its stack
)

// node is an element as FreeSWITCH's reader keeps it: all character data of the element in one string, and for every
// child the place in its parent's string where it stood.
type node struct {
	name     string
	attrs    [][2]string
	text     []byte
	at       int // place in the parent's text
	children []*node
}

// attr returns an attribute; of two with the same name the first one counts.
func (n *node) attr(name string) (string, bool) {
	for _, a := range n.attrs {
		if a[0] == name {
			return a[1], true
		}
	}
	return "", false
}

func (n *node) attrOr(name, otherwise string) string {
	if v, ok := n.attr(name); ok {
		return v
	}
	return otherwise
}

// child finds the first child with that tag whose attribute has that value; an empty attribute name means any.
func (n *node) child(tag, attr, value string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name != tag {
			continue
		}
		if v, ok := c.attr(attr); attr == "" || ok && v == value {
			return c
		}
	}
	return nil
}

// faultError is what FreeSWITCH says about XML that is not well-formed; the line counts in the merged document.
type faultError struct {
	line int
	text string
}

func (f *faultError) Error() string { return fmt.Sprintf("[error near line %d]: %s", f.line, f.text) }

type parser struct {
	s     string
	i     int
	root  *node
	stack []*node
}

// parse reads a document with FreeSWITCH's own leniency: a bare & is text, attributes may lack a value, unknown entities
// stay as they are.
func parse(s string) (*node, error) {
	if end := strings.IndexByte(s, 0); end >= 0 {
		s = s[:end]
	}
	p := &parser{s: s}
	p.i = strings.IndexByte(s, '<')
	if p.i < 0 {
		return nil, &faultError{1, "root tag missing"}
	}
	last := 0 // where the last markup ended: faults of the end are reported there
	for p.i < len(p.s) {
		if err := p.markup(); err != nil {
			return nil, err
		}
		last = p.i
		p.characters()
	}
	if len(p.stack) > 0 {
		return nil, p.fault(last, "unclosed tag <%s>", p.top().name)
	}
	if p.root == nil {
		return nil, p.fault(last, "root tag missing")
	}
	return p.root, nil
}

func (p *parser) top() *node { return p.stack[len(p.stack)-1] }

func (p *parser) fault(at int, format string, args ...any) error {
	return &faultError{1 + strings.Count(p.s[:min(at, len(p.s))], "\n"), fmt.Sprintf(format, args...)}
}

// characters takes the text up to the next tag.
func (p *parser) characters() {
	start := p.i
	p.i = len(p.s)
	if n := strings.IndexByte(p.s[start:], '<'); n >= 0 {
		p.i = start + n
	}
	if len(p.stack) > 0 && p.i < len(p.s) {
		p.top().text = append(p.top().text, decode(p.s[start:p.i], false)...)
	}
}

// markup reads what begins with the < at p.i.
func (p *parser) markup() error {
	rest := p.s[p.i+1:]
	switch {
	case rest == "":
		return p.fault(p.i+1, "unexpected <")
	case nameStart(rest[0]):
		return p.open()
	case rest[0] == '/':
		return p.close()
	case strings.HasPrefix(rest, "!--"):
		end := strings.Index(rest[3:], "--")
		if end < 0 || !strings.HasPrefix(rest[3+end:], "-->") {
			return p.fault(p.i+1, "unclosed <!--")
		}
		p.i += 1 + 3 + end + 3
	case strings.HasPrefix(rest, "![CDATA["):
		end := strings.Index(rest, "]]>")
		if end < 0 {
			return p.fault(p.i+1, "unclosed <![CDATA[")
		}
		if len(p.stack) > 0 {
			p.top().text = append(p.top().text, lines(rest[len("![CDATA["):end])...)
		}
		p.i += 1 + end + 3
	case strings.HasPrefix(rest, "!DOCTYPE"):
		return p.doctype(rest)
	case rest[0] == '?':
		end := strings.Index(rest, "?>")
		if end < 0 {
			return p.fault(p.i+1, "unclosed <?")
		}
		p.i += 1 + end + 2
	default:
		return p.fault(p.i+1, "unexpected <")
	}
	return nil
}

// doctype skips a document type with its internal subset; entities declared there are not known here.
func (p *parser) doctype(rest string) error {
	inside := false
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '[':
			inside = true
		case rest[i] == ']':
			inside = false
		case rest[i] == '>' && !inside:
			p.i += 1 + i + 1
			return nil
		}
	}
	return p.fault(p.i+1, "unclosed <!DOCTYPE")
}

func (p *parser) open() error {
	start := p.i + 1
	if p.root != nil && len(p.stack) == 0 {
		return p.fault(start, "markup outside of root element")
	}
	p.i = start
	n := &node{name: p.until(white + "/>")}
	p.skip(white)
	for p.i < len(p.s) && p.s[p.i] != '/' && p.s[p.i] != '>' {
		if err := p.attribute(n, start); err != nil {
			return err
		}
	}
	empty := p.i < len(p.s) && p.s[p.i] == '/'
	if empty {
		p.i++
	}
	if p.i >= len(p.s) || p.s[p.i] != '>' {
		return p.fault(start, "missing >")
	}
	p.i++
	return p.add(n, empty, start)
}

func (p *parser) add(n *node, empty bool, start int) error {
	if p.root == nil {
		p.root = n
	} else {
		n.at = len(p.top().text)
		p.top().children = append(p.top().children, n)
	}
	if empty {
		return nil
	}
	if len(p.stack) >= maxDepth {
		return p.fault(start, "more than %d tags inside each other", maxDepth)
	}
	p.stack = append(p.stack, n)
	return nil
}

func (p *parser) attribute(n *node, start int) error {
	a := [2]string{p.until(white + "=/>")}
	if p.i < len(p.s) && p.s[p.i] != '/' && p.s[p.i] != '>' {
		p.skip(white + "=")
		if p.i < len(p.s) && (p.s[p.i] == '"' || p.s[p.i] == '\'') {
			quote := p.s[p.i]
			end := strings.IndexByte(p.s[p.i+1:], quote)
			if end < 0 {
				return p.fault(start, "missing %c", quote)
			}
			a[1] = decode(p.s[p.i+1:p.i+1+end], true)
			p.i += end + 2
		}
	}
	p.skip(white)
	n.attrs = append(n.attrs, a)
	return nil
}

func (p *parser) close() error {
	start := p.i + 2
	p.i = start
	name := p.until(white + ">")
	after := p.i
	p.skip(white)
	if p.i >= len(p.s) {
		return p.fault(start, "missing >")
	}
	if len(p.stack) == 0 || p.top().name != name {
		return p.fault(after, "unexpected closing tag </%s>", name)
	}
	if p.s[p.i] != '>' {
		return p.fault(start, "missing >")
	}
	p.i++
	p.stack = p.stack[:len(p.stack)-1]
	return nil
}

// until takes everything up to one of the stop characters.
func (p *parser) until(stops string) string {
	start := p.i
	if n := strings.IndexAny(p.s[start:], stops); n >= 0 {
		p.i = start + n
	} else {
		p.i = len(p.s)
	}
	return p.s[start:p.i]
}

func (p *parser) skip(set string) {
	for p.i < len(p.s) && strings.IndexByte(set, p.s[p.i]) >= 0 {
		p.i++
	}
}

func nameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= utf8.RuneSelf
}

func lines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// decode resolves the five named entities and character references; in an attribute white space becomes blanks.
func decode(s string, attribute bool) string {
	s = lines(s)
	if attribute && strings.ContainsAny(s, "\t\n\v\f") {
		b := []byte(s)
		for i, c := range b {
			if strings.IndexByte("\t\n\v\f", c) >= 0 {
				b[i] = ' '
			}
		}
		s = string(b)
	}
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		text, n := entity(rest)
		if n == 0 {
			text = "&"
		}
		b.WriteString(text)
		s = rest[n:]
	}
}

// entity reads what follows an &: its meaning and its length, 0 when it is none.
func entity(s string) (string, int) {
	for _, e := range [...][2]string{{"lt;", "<"}, {"gt;", ">"}, {"quot;", `"`}, {"apos;", "'"}, {"amp;", "&"}} {
		if strings.HasPrefix(s, e[0]) {
			return e[1], len(e[0])
		}
	}
	if !strings.HasPrefix(s, "#") {
		return "", 0
	}
	end := strings.IndexByte(s, ';')
	if end < 2 || end > 10 {
		return "", 0
	}
	format := "%d;"
	digits := s[1 : end+1]
	if digits[0] == 'x' {
		format, digits = "%x;", digits[1:]
	}
	var r rune
	if n, err := fmt.Sscanf(digits, format, &r); n != 1 || err != nil || r <= 0 || !utf8.ValidRune(r) {
		return "", 0
	}
	return string(r), end + 1
}
