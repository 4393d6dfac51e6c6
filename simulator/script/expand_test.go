package script

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	v := vars(map[string]string{
		"a": "1", "b": "${a}2", "name": "a", "loop": "x${loop}", "list": "ARRAY::one|:two|:three", "path": "12345",
		"dollar": "$5", "tail": `back\slash`, "bomb": strings.Repeat("${bomb}", 40),
	})
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain $5 $ {a} } ${", "plain $5 $ {a} } "},
		{"${a}", "1"},
		{"x${a}y${a}", "x1y1"},
		{"${nosuch}", ""},
		{"[${nosuch}]", "[]"},
		{"$${a}", "1"},
		{"${b}", "12"},
		{"${${name}}", "1"},
		{"waihu_menu_7_${key} XML waihu", "waihu_menu_7_ XML waihu"},
		{`\${a}`, "${a}"},
		{`${a}\n`, `1\n`},
		{`${a} \\ \'`, `1 \ `},
		{`C:\\x`, `C:\x`},
		{`C:\x`, `C:\x`},
		{"${path:1}", "2345"},
		{"${path:1:2}", "23"},
		{"${path:-2}", "45"},
		{"${path:9}", ""},
		{"${path:-9}", "12345"},
		{"${list[1]}", "two"},
		{"${list[7]}", ""},
		{"${a[0]}", "1"},
		{"${dollar}", "$5"},
		{"${strftime(%Y)}", ""},
		{"${system touch x}", ""},
		{"${tail} ${a}", `back\slash 1`},
		{"${a", "1"}, // FreeSWITCH takes the end of the text for the brace
		{"${外}", ""},
	}
	for _, x := range tests {
		if got := Expand(x.in, v); got != x.want {
			t.Errorf("%q: %q, want %q", x.in, got, x.want)
		}
	}
	if got := Expand("${loop}", v); len(got) > maxExpandBytes || !strings.HasPrefix(got, "xxxx") {
		t.Errorf("a variable inside itself became %d bytes", len(got))
	}
	if got := Expand("${bomb}", v); len(got) > 2*maxExpandBytes {
		t.Errorf("a bomb became %d bytes", len(got))
	}
}
