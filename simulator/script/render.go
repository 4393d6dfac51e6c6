package script

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// render serialises an element the way xml_locate shows it: FreeSWITCH keeps the white space of the file and puts its own
// line breaks and indentation beside it, writes every element with a closing tag, drops comments and writes all that is
// not ASCII as &#x5916;.
func render(n *node) string {
	r := renderer{}
	r.element(n, 0)
	return r.b.String()
}

type renderer struct {
	b    strings.Builder
	last byte
}

func (r *renderer) element(n *node, depth int) {
	if r.last == '>' {
		r.write("\n")
	}
	r.indent(depth)
	r.write("<" + n.name)
	for i, a := range n.attrs {
		if first, _ := n.attr(a[0]); first != a[1] && i > 0 {
			continue
		}
		r.write(" " + a[0] + `="`)
		r.encode(a[1], true)
		r.write(`"`)
	}
	r.write(">")
	done := 0
	for _, c := range n.children {
		r.encode(string(n.text[done:c.at]), false)
		done = c.at
		r.element(c, depth+1)
	}
	r.encode(string(n.text[done:]), false)
	if r.last == '\n' {
		r.indent(depth)
	}
	r.write("</" + n.name + ">\n")
}

func (r *renderer) write(s string) {
	if s != "" {
		r.b.WriteString(s)
		r.last = s[len(s)-1]
	}
}

func (r *renderer) indent(depth int) { r.write(strings.Repeat("  ", depth)) }

func (r *renderer) encode(s string, attribute bool) {
	for i, c := range s {
		switch {
		case c == '&':
			r.write("&amp;")
		case c == '<':
			r.write("&lt;")
		case c == '>':
			r.write("&gt;")
		case c == '\r':
			r.write("&#xD;")
		case attribute && c == '"':
			r.write("&quot;")
		case attribute && c == '\n':
			r.write("&#xA;")
		case attribute && c == '\t':
			r.write("&#x9;")
		case c < utf8.RuneSelf:
			r.write(s[i : i+1])
		case c != utf8.RuneError:
			r.write(fmt.Sprintf("&#x%X;", c))
		}
	}
}
