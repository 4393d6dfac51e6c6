package script

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever stands in a file: no panic, no endless loop; what can be read can be written and read again to the same.
func FuzzRead(f *testing.F) {
	recommended, err := os.ReadFile("testdata/recommended/waihu_recommended.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(recommended), "", "<", "<a", "<a b", "<a b='", "<a/>", "<a></b>", "<a><!--", "<![CDATA[", "<!DOCTYPE [", "<?",
		"<a>&#x0;&lt;&#99999999999;&</a>", "<include>\n<a>\n</include>\n", `<X-PRE-PROCESS cmd="set" data="a=b"/>`, "<!--#set \"a=$${a}\"", "$${", "$${a{}}",
		document("dialplan", "c", plain), "<a x='1' x='2'>t<b/>u</a>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := preprocessor{globals: map[string]string{"a": "b"}, remote: true}
		for line := range strings.Lines(s) {
			p.line("", line, 0)
		}
		tree, err := parse(p.out.String())
		if err != nil {
			return
		}
		newPlan(tree)
		if !utf8.ValidString(p.out.String()) {
			return // bytes that are no character are dropped when written
		}
		again, err := parse(render(tree))
		if err != nil {
			t.Fatalf("%q was written as %q: %v", p.out.String(), render(tree), err)
		}
		if !same(tree, again) {
			t.Fatalf("%q became %q, another document", p.out.String(), render(tree))
		}
	})
}

// same compares all but white space between elements, which writing adds.
func same(a, b *node) bool {
	if a.name != b.name || len(a.children) != len(b.children) || strings.Join(strings.Fields(string(a.text)), "") != strings.Join(strings.Fields(string(b.text)), "") {
		return false
	}
	for _, x := range a.attrs {
		want, _ := a.attr(x[0])
		if got, ok := b.attr(x[0]); !ok || got != want {
			return false
		}
	}
	for i := range a.children {
		if !same(a.children[i], b.children[i]) {
			return false
		}
	}
	return true
}

// Any condition against any call: no panic, bounded work.
func FuzzHunt(f *testing.F) {
	f.Add("destination_number", "^(\\d+)$", "$1 ${a}", "123", "v")
	f.Add("${a}", "^${b}$", "${a:1:2}${a[1]}", "x", "ARRAY::1|:2")
	f.Add("a", "/x/i", "$", "", "${a}${a}${b}")
	f.Add("${a", "_NXX.", "\\$ \\' \\\\ $${a}", "5", "\\")
	f.Fuzz(func(t *testing.T, field, expression, data, destination, value string) {
		n := &node{name: "context", attrs: [][2]string{{"name", "c"}}, children: []*node{{name: "extension", children: []*node{{
			name:  "condition",
			attrs: [][2]string{{"field", field}, {"expression", expression}},
			children: []*node{
				{name: "action", attrs: [][2]string{{"application", "set"}, {"data", data}, {"inline", "true"}}},
				{name: "anti-action", attrs: [][2]string{{"application", "set"}, {"data", data}, {"loop", value}}},
			},
		}}}}}
		root := &node{name: "document", children: []*node{{name: "section", attrs: [][2]string{{"name", "dialplan"}}, children: []*node{n}}}}
		v := vars(map[string]string{"a": value, "b": destination})
		actions, err := newPlan(root).lookup(t.Context(), Request{Context: "c", Destination: destination, Vars: v})
		if err == nil && len(actions) == 0 {
			if n := leadingInt(value); n > 0 {
				t.Fatal("neither actions nor an error")
			}
		}
		if len(actions) > maxActions {
			t.Fatalf("%d actions", len(actions))
		}
		for _, a := range actions[:min(len(actions), 3)] {
			if len(Expand(a.Data, v)) > 3*maxExpandBytes {
				t.Fatal("an expansion without bounds")
			}
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	var extensions []string
	for range 300 {
		extensions = append(extensions, ext("other", "^other$", "set", "a=b"))
	}
	extensions = append(extensions, ext("x", "^waihu_menu_7_[0-9*]$", "set", "a=b", "playback", "x"))
	f := open(b, folder(b, map[string]string{"a.xml": gen(extensions...)}), nil)
	v := vars(nil)
	b.ReportAllocs()
	for range b.N {
		if _, err := f.Lookup(b.Context(), Request{Context: "waihu_gen", Destination: "waihu_menu_7_1", Vars: v}); err != nil {
			b.Fatal(err)
		}
	}
}
