package script

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gen is a file of the publishing tests that were recorded.
func gen(extensions ...string) string {
	return "<include>\n<context name=\"waihu_gen\">\n" + strings.Join(extensions, "\n") + "\n</context>\n</include>\n"
}

func ext(name, expression string, actions ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<extension name="%s"><condition field="destination_number" expression="%s">`, name, expression)
	for i := 0; i < len(actions); i += 2 {
		fmt.Fprintf(&b, `<action application="%s" data="%s"/>`, actions[i], actions[i+1])
	}
	return b.String() + "</condition></extension>"
}

// The recording of publishing: what reloadxml and xml_locate said, byte for byte.
func TestPublishAsRecorded(t *testing.T) {
	dir := folder(t, nil)
	path := filepath.Join(dir, "waihu_gen.xml")
	stamp := func(r string) string { return ext("waihu_revision", "^waihu_revision$", "set", "waihu_revision="+r) }
	write(t, path, gen(stamp("r1"),
		ext("p", "^p$", "set", "gen=r1", "playback", "silence_stream://3000", "transfer", "q XML waihu_gen"),
		ext("q", "^q$", "set", "gen2=r1", "playback", "silence_stream://2000")))
	f := open(t, dir, nil)
	where := func(tag, name string) string { return f.Locate("dialplan", tag, "name", name) }
	r1 := read(t, "testdata/locate/r1.txt")
	if got := where("context", "waihu_gen"); got != r1 {
		t.Errorf("r1:\n%s\nwant\n%s", got, r1)
	}
	for _, x := range [][2]string{{"context", "nosuch"}, {"extension", "waihu_revision"}} {
		if got := where(x[0], x[1]); got != "can't find anything\n" {
			t.Errorf("%v: %q", x, got)
		}
	}
	steps := []struct{ name, text, reply, locate string }{
		{"not well-formed", "<include>\n<context name=\"waihu_gen\">\n" + stamp("r9") + "\n</include>\n", "+OK [[error near line 5]: unexpected closing tag </section>]\n", r1},
		{"empty", "", "+OK [Success]\n", "can't find anything\n"},
		{"bare &, broken regexp", gen(stamp("r2"), ext("q", "^(q$", "set", "a=b & c")), "+OK [Success]\n", read(t, "testdata/locate/r2.txt")},
		{"Chinese, unknown global", gen(stamp("r3"), ext("zh", "^z$", "set", "n=外呼 &lt;x> & $${nosuch} ${y}")), "+OK [Success]\n", read(t, "testdata/locate/r3.txt")},
		{"good again", gen(stamp("r4"), "<!-- nothing more -->"), "+OK [Success]\n", read(t, "testdata/locate/r4.txt")},
	}
	for _, x := range steps {
		write(t, path, x.text)
		if got := f.Reload(); got != x.reply {
			t.Errorf("%s: %q, want %q", x.name, got, x.reply)
		}
		if got := where("context", "waihu_gen"); got != x.locate {
			t.Errorf("%s:\n%s\nwant\n%s", x.name, got, x.locate)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := f.Reload() + where("context", "waihu_gen"); got != "+OK [Success]\ncan't find anything\n" {
		t.Errorf("deleted: %q", got)
	}
}
