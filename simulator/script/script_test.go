package script

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// folder writes files into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func open(t testing.TB, dir string, globals map[string]string) *Files {
	t.Helper()
	f, err := Dir(dir, globals)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// one wraps conditions into a dialplan of one extension.
func one(t testing.TB, conditions string) *Files {
	t.Helper()
	return open(t, folder(t, map[string]string{"a.xml": "<include>\n<context name=\"c\">\n<extension name=\"x\">\n" + conditions + "\n</extension>\n</context>\n</include>\n"}), nil)
}

func vars(v map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		s, ok := v[name]
		return s, ok
	}
}

// text writes actions as app(data), with ! for inline and ~ for an anti-action.
func text(actions []Action) string {
	var parts []string
	for _, a := range actions {
		s := a.App + "(" + a.Data + ")"
		if a.Inline {
			s = "!" + s
		}
		if a.Anti {
			s = "~" + s
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestRecommendedDialplan(t *testing.T) {
	f := open(t, "testdata/recommended", map[string]string{"sounds_dir": "/s"})
	if c := f.Complaints(); len(c) != 0 {
		t.Errorf("complaints %q", c)
	}
	tests := []struct {
		destination string
		vars        map[string]string
		want        string // beginning of the actions
		count       int
	}{
		{"waihu_revision", nil, "set(waihu_revision=r0042) hangup(NORMAL_CLEARING)", 2},
		{"waihu_voice_7", nil, "sched_hangup(+9 ALLOTTED_TIMEOUT) set(playback_terminators=none) set(waihu_step=play_1) playback(/s/notice.wav) sleep(500)", 9},
		{"waihu_menu_7", nil, "sched_cancel() sched_hangup(+60 ALLOTTED_TIMEOUT) flush_dtmf() set(waihu_step=menu_7) play_and_get_digits(1 1 2 3000 none /s/prompt.wav /s/invalid.wav waihu_key [129] 3000) transfer(waihu_menu_7_${waihu_key} XML waihu)", 6},
		{"waihu_menu_7_", nil, "set(waihu_step=no_key)", 2},
		{"waihu_menu_7_9", nil, "set(waihu_step=opted_out) event(Event-Subclass=waihu::opted_out,Event-Name=CUSTOM)", 4},
		{"waihu_late_9", nil, "set(waihu_step=opted_out)", 4},
		{"waihu_queue_3", nil, "answer() sched_cancel() unset(last_bridge_to)", 15},
		{"waihu_after", nil, "set(waihu_step=bridge_failed) transfer(waihu_queue_3 XML waihu)", 2},
		{"waihu_after", map[string]string{"last_bridge_to": "u-1"}, "~unset(playback_timeout_sec) ~set(waihu_step=after) ~hangup(NORMAL_CLEARING)", 3},
		{"waihu_agent", nil, "set(max_forwards=70) unset(transfer_history)", 5},
	}
	for _, x := range tests {
		got, err := f.Lookup(t.Context(), Request{Context: "waihu", Destination: x.destination, Vars: vars(x.vars)})
		if err != nil || len(got) != x.count || !strings.HasPrefix(text(got), x.want) {
			t.Errorf("%s %v: %d actions %s, %v; want %d beginning with %s", x.destination, x.vars, len(got), text(got), err, x.count, x.want)
		}
	}
}

func TestNoRoute(t *testing.T) {
	f := open(t, "testdata/recommended", nil)
	for _, x := range []struct {
		context, destination string
		want                 error
	}{
		{"waihu", "nowhere", ErrNoRoute},
		{"waihu", "waihu_voice_70", ErrNoRoute},
		{"waihu", "", ErrNoRoute},
		{"Waihu", "waihu_after", ErrContext},
		{"", "waihu_after", ErrContext},
	} {
		if got, err := f.Lookup(t.Context(), Request{Context: x.context, Destination: x.destination}); !errors.Is(err, x.want) || got != nil {
			t.Errorf("%s in %q: %v, %v; want %v", x.destination, x.context, got, err, x.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Lookup(ctx, Request{Context: "waihu", Destination: "waihu_after"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled lookup says %v", err)
	}
}

func TestConditions(t *testing.T) {
	action := func(name string) string { return `<action application="` + name + `" data="d"/>` }
	anti := func(name string) string { return `<anti-action application="` + name + `" data="d"/>` }
	cond := func(attrs, inner string) string { return "<condition " + attrs + ">" + inner + "</condition>\n" }
	yes := `field="destination_number" expression="^5$"`
	no := `field="destination_number" expression="^6$"`
	tests := []struct{ name, xml, want string }{
		{"absolute", cond("", action("a")), "a(d)"},
		{"all conditions must hold", cond(yes, action("a")) + cond(no, action("b")) + cond(yes, action("c")), "a(d)"},
		{"the first that fails ends it", cond(no, action("a")) + cond(yes, action("b")), ""},
		{"anti-action counts as a match", cond(no, action("a")+anti("b")) + cond(yes, action("c")), "~b(d)"},
		{"break never", cond(no+` break="never"`, action("a")+anti("b")) + cond(yes, action("c")), "~b(d) c(d)"},
		{"break on-true", cond(yes+` break="on-true"`, action("a")) + cond(yes, action("b")), "a(d)"},
		{"break on-true that fails", cond(no+` break="on-true"`, action("a")) + cond(yes, action("b")), "b(d)"},
		{"break always", cond(yes+` break="always"`, action("a")) + cond(yes, action("b")), "a(d)"},
		{"unknown break is on-false", cond(yes+` break="sometimes"`, action("a")) + cond(yes, action("b")), "a(d) b(d)"},
		{"nested", cond(yes, action("a")+cond(yes, action("b"))) + cond(yes, action("c")), "a(d) b(d) c(d)"},
		{"nested that fails ends it", cond(yes, action("a")+cond(no, action("b"))) + cond(yes, action("c")), "a(d)"},
		{"nested that need not hold", cond(yes+` require-nested="false"`, action("a")+cond(no, action("b"))) + cond(yes, action("c")), "a(d) c(d)"},
		{"nested under a failure", cond(no, anti("a")+cond(yes, action("b"))), "~a(d)"},
		{"any", cond(`regex="any"`, `<regex `+no+`/><regex `+yes+`/>`+action("a")), "a(d)"},
		{"all", cond(`regex="all"`, `<regex `+no+`/><regex `+yes+`/>`+action("a")+anti("b")), "~b(d)"},
		{"xor", cond(`regex="xor"`, `<regex `+yes+`/><regex `+yes+`/>`+action("a")+anti("b")), "~b(d)"},
		{"xor of one", cond(`regex="xor"`, `<regex `+yes+`/><regex `+no+`/>`+action("a")+anti("b")), "a(d)"},
		{"expression as a child", cond(`field="destination_number"`, "<expression>^5$</expression>"+action("a")), "a(d)"},
		{"data as text", cond(yes, `<action application="a">text &amp; more</action>`), "a(text & more)"},
		{"loop", cond(yes, `<action application="a" data="d" loop="3"/>`), "a(d) a(d) a(d)"},
		{"time of day is not read", cond(`time-of-day="00:00-23:59"`, action("a")+anti("b")), "~b(d)"},
		{"hours, without a clock", cond(`hour="0-23"`, action("a")+anti("b")), "~b(d)"},
		{"caller field", cond(`field="caller_id_number" expression="^400"`, action("a")), "a(d)"},
		{"unknown field is empty", cond(`field="shoe_size" expression="^$"`, action("a")), "a(d)"},
		{"variable field", cond(`field="${lang}" expression="^zh$"`, action("a")), "a(d)"},
		{"variable in the expression", cond(`field="destination_number" expression="^${five}$"`, action("a")), "a(d)"},
		{"profile field as variable", cond(`field="${destination_number}" expression="^5$"`, action("a")), "a(d)"},
		{"inline set is seen at once", cond(yes, `<action application="set" data="mood=good ${lang}" inline="true"/>`) + cond(`field="${mood}" expression="^good zh$"`, action("a")), "!set(mood=good ${lang}) a(d)"},
		{"set without inline is not", cond(yes, `<action application="set" data="mood=good"/>`) + cond(`field="${mood}" expression="^$"`, action("a")), "set(mood=good) a(d)"},
		{"inline unset", cond(yes, `<action application="unset" data="lang" inline="yes"/>`) + cond(`field="${lang}" expression="^$"`, action("a")), "!unset(lang) a(d)"},
		{"captures", cond(`field="destination_number" expression="^(\d)$"`, `<action application="a" data="$1-${1}-$0-$2-$x-${lang}-$"/>`), "a(5-5-5--$x-${lang}-$)"},
		{"no parenthesis, no captures", cond(yes, `<action application="a" data="$1"/>`), "a($1)"},
		{"broken expression", cond(`field="destination_number" expression="^(5$"`, action("a")+anti("b")), "~b(d)"},
		{"lookahead is not understood", cond(`field="destination_number" expression="^(?=5)"`, action("a")+anti("b")), "~b(d)"},
		{"case", cond(`field="${upper}" expression="/^abc$/i"`, action("a")), "a(d)"},
		{"asterisk pattern", cond(`field="${phone}" expression="_1NXX."`, action("a")), "a(d)"},
		{"dollar before a line break", cond(`field="${broken}" expression="^\w{3}$"`, action("a")), "a(d)"},
	}
	v := vars(map[string]string{"lang": "zh", "five": "5", "upper": "ABC", "phone": "13800", "broken": "abc\n"})
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			got, err := one(t, x.xml).Lookup(t.Context(), Request{Context: "c", Destination: "5", Vars: v, Caller: map[string]string{"caller_id_number": "4008000001"}})
			if text(got) != x.want {
				t.Errorf("got %q, want %q", text(got), x.want)
			}
			if (x.want == "") != errors.Is(err, ErrNoRoute) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// 2026-11-22 is a Sunday.
func TestConditionsOnTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 30, 0, 0, time.UTC)
	for _, x := range []struct {
		when, zone string
		want       bool
	}{
		{`wday="1"`, "", true}, {`wday="2-7"`, "", false}, {`wday="3,1"`, "", true},
		{`wday="2"`, "Asia/Shanghai", true}, {`wday="1"`, "Nowhere/Land", true},
		{`minute-of-day="1051-1051"`, "", true}, {`minute-of-day="1-1050"`, "", false}, {`minute-of-day="91"`, "Asia/Shanghai", true},
		{`year="2026" mon="11" mday="22"`, "", true}, {`year="2026" mon="11" mday="23"`, "", false}, {`year="2026" mon="11" mday="23"`, "Asia/Shanghai", true},
		{`hour="17" minute="30-40"`, "", true}, {`hour="x"`, "", false}, {`hour="1-x"`, "", false},
	} {
		f := one(t, "<condition "+x.when+`><action application="a"/><anti-action application="b"/></condition>`)
		got, err := f.Lookup(t.Context(), Request{Context: "c", Destination: "5", Vars: vars(map[string]string{"timezone": x.zone}), Now: now})
		if err != nil || (text(got) == "a()") != x.want {
			t.Errorf("%s in zone %q: %s, %v", x.when, x.zone, text(got), err)
		}
	}
}

func TestExtensions(t *testing.T) {
	f := open(t, folder(t, map[string]string{
		"1.xml": `<include>
<context name="c">
<extension name="first" continue="true"><condition field="destination_number" expression="^\d+$"><action application="a"/></condition></extension>
<extension name="second"><condition field="destination_number" expression="^5"><action application="b"/></condition></extension>
<extension name="55"><condition field="destination_number" expression="^55$"><action application="c"/></condition></extension>
<extension name="empty"><condition field="destination_number" expression="^x$"/></extension>
</context>
</include>
`,
		"2.xml": `<context name="c">
<extension name="late"><condition field="destination_number" expression="^9$"><action application="late"/></condition></extension>
</context>
<context name="global">
<extension><condition field="context" expression="^(.*)$"><action application="g" data="$1"/></condition></extension>
</context>
`,
	}), nil)
	if c := f.Complaints(); len(c) != 1 || !strings.Contains(c[0], "context c stands there twice") {
		t.Errorf("complaints %q", c)
	}
	tests := []struct {
		context, destination string
		vars                 map[string]string
		want                 string
	}{
		{"c", "5", nil, "a() b()"},
		{"c", "55", nil, "a() b()"},
		{"c", "55", map[string]string{"auto_hunt": "true"}, "c()"},
		{"c", "9", nil, "a()"}, // the second context of that name does not count
		{"elsewhere", "9", nil, "g(elsewhere)"},
		{"c", "x", nil, ""},
	}
	for _, x := range tests {
		got, err := f.Lookup(t.Context(), Request{Context: x.context, Destination: x.destination, Vars: vars(x.vars)})
		if text(got) != x.want || x.want == "" && !errors.Is(err, ErrNoRoute) {
			t.Errorf("%s in %s with %v: %q, %v; want %q", x.destination, x.context, x.vars, text(got), err, x.want)
		}
	}
}

// What FreeSWITCH loses without a word, because it preprocesses by lines.
func TestPreprocessorTraps(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string // of destination 1 in context c, or the beginning of an error
	}{
		{"a context beside <include> is lost", map[string]string{
			"a.xml": `<include><context name="c">` + "\n" + `<extension name="x"><condition><action application="a"/></condition></extension>` + "\n</context>\n</include>\n",
		}, "[error near line 4]: unexpected closing tag </context>"},
		{"what stands beside X-PRE-PROCESS is lost", map[string]string{
			"a.xml": `<context name="c">` + "\n" + `<extension name="x"><condition><action application="a" data="$${v}"/><X-PRE-PROCESS cmd="set" data="v=1"/></condition></extension>` + "\n" +
				`<extension name="y"><condition><action application="b" data="$${v}"/></condition></extension>` + "\n</context>\n",
		}, "b(1)"},
		{"a comment does not stop X-PRE-PROCESS", map[string]string{
			"a.xml": "<!--\n<X-PRE-PROCESS cmd=\"set\" data=\"v=on\"/>\n-->\n" + `<context name="c">` + "\n" + `<extension name="x"><condition><action application="a" data="$${v}"/></condition></extension>` + "\n</context>\n",
		}, "a(on)"},
		{"include in name order, relative to the file", map[string]string{
			"a.xml":     `<context name="c">` + "\n" + `<x-pre-process CMD = "include" data="sub/*.xml"/>` + "\n</context>\n",
			"sub/1.xml": `<extension name="x" continue="true"><condition><action application="one"/></condition></extension>` + "\n" + `<X-PRE-PROCESS cmd="include" data="more.inc"/>` + "\n",
			"sub/2.xml": `<extension name="x"><condition><action application="three"/></condition></extension>`,
			// without a line break at the end
			"sub/more.inc": `<extension name="x" continue="true"><condition><action application="two"/></condition></extension>`,
		}, "one() two() three()"},
		{"globals", map[string]string{
			"a.xml": "<X-PRE-PROCESS cmd=\"set\" data=\"dir = $${base}/s\"/>\n" + `<context name="c">` + "\n" + `<extension name="x"><condition><action application="a" data="$${dir}/$${nosuch}x ${call} $${open"/></condition></extension>` + "\n</context>\n",
		}, "a(/b/s/x ${call} $${open)"},
		{"the old spelling", map[string]string{
			"a.xml": "<!--#set \"v=old\"-->\n" + `<context name="c"><extension name="x"><condition><action application="a" data="$${v}"/></condition></extension></context>`,
		}, "a(old)"},
		{"exec is not run", map[string]string{
			"a.xml": "<X-PRE-PROCESS cmd=\"exec-set\" data=\"v=echo ran\"/>\n" + `<context name="c"><extension name="x"><condition><action application="a" data="[$${v}]"/></condition></extension></context>`,
		}, "a([])"},
		{"a bare & is text", map[string]string{
			"a.xml": `<context name="c"><extension name="x"><condition><action application="a" data="b & c &amp; d &nosuch; &#x5916;&#65;&#0;"/></condition></extension></context>`,
		}, "a(b & c & d &nosuch; 外A&#0;)"},
		{"attributes", map[string]string{
			"a.xml": "<context name='c'><extension name=\"x\" lonely><condition><action application = 'a' data=\"1\n2\" data='3'/></condition></extension></context>",
		}, "a(1 2)"},
		{"cdata and comments", map[string]string{
			"a.xml": `<context name="c"><!-- <extension> --><extension name="x"><condition><action application="a"><![CDATA[<&amp;>]]></action></condition></extension></context>`,
		}, "a(<&amp;>)"},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			f, err := Dir(folder(t, x.files), map[string]string{"base": "/b"})
			var got string
			if err != nil {
				got = err.Error()
			} else {
				actions, err := f.Lookup(t.Context(), Request{Context: "c", Destination: "1"})
				if err != nil {
					t.Fatal(err)
				}
				got = text(actions)
			}
			if got != x.want && !strings.HasSuffix(got, ": "+x.want) {
				t.Errorf("got  %q\nwant %q", got, x.want)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	tests := []struct{ xml, want string }{
		{"<a>\n\n", "[error near line 1]: unclosed tag <a>"},
		{"<a>\n<b>\n</a>", "[error near line 3]: unexpected closing tag </a>"},
		{"\n<a", "[error near line 2]: missing >"},
		{`<a b="c></a>`, `[error near line 1]: missing "`},
		{"<a/>\n<b/>", "[error near line 2]: markup outside of root element"},
		{"<a><!-- -- --></a>", "[error near line 1]: unclosed <!--"},
		{"<a><![CDATA[ ]]</a>", "[error near line 1]: unclosed <![CDATA["},
		{"<a><?x </a>", "[error near line 1]: unclosed <?"},
		{"<!DOCTYPE a [<!ENTITY x \"y\">]", "[error near line 1]: unclosed <!DOCTYPE"},
		{"<a>< b/></a>", "[error near line 1]: unexpected <"},
		{"words", "[error near line 1]: root tag missing"},
		{"", "[error near line 1]: root tag missing"},
		{"<!-- only -->", "[error near line 1]: root tag missing"},
	}
	for _, x := range tests {
		if _, err := parse(x.xml + "\n"); err == nil || err.Error() != x.want {
			t.Errorf("%q: %v, want %s", x.xml, err, x.want)
		}
	}
	for _, fine := range []string{"<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", "<?xml version=\"1.0\"?>\n<a></a >", "junk <a/>"} {
		if _, err := parse(fine); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}

func TestDirFails(t *testing.T) {
	if _, err := Dir(filepath.Join(t.TempDir(), "nosuch"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	f := open(t, t.TempDir(), nil)
	if _, err := f.Lookup(t.Context(), Request{Context: "c", Destination: "1"}); !errors.Is(err, ErrContext) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestLookupWhileReloading(t *testing.T) {
	dir := folder(t, map[string]string{"a.xml": gen(ext("x", "^x$", "set", "v=0"))})
	f := open(t, dir, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			f.Reload()
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if got, err := f.Lookup(t.Context(), Request{Context: "waihu_gen", Destination: "x"}); err != nil || text(got) != "set(v=0)" {
			t.Fatalf("%s, %v", text(got), err)
		}
	}
}

func TestComplaints(t *testing.T) {
	f := open(t, folder(t, map[string]string{"a.xml": "<X-PRE-PROCESS cmd=\"exec\" data=\"true\"/>\n<context name=\"c\">\n" +
		`<extension name="x"><condition field="a" expression="("/><condition week="1"/></extension>` + "\n</context>\n"}), nil)
	got := strings.Join(f.Complaints(), "\n")
	for _, want := range []string{"X-PRE-PROCESS exec is not run", `extension x: pattern "("`, "conditions on week"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestGlobals(t *testing.T) {
	given := map[string]string{"base": "/b"}
	f := open(t, folder(t, map[string]string{"a.xml": "<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/>\n"}), given)
	if got := f.Globals(); !reflect.DeepEqual(got, map[string]string{"base": "/b", "a": "1"}) {
		t.Errorf("globals %v", got)
	}
	if len(given) != 1 || !slices.Equal([]string{"/b"}, []string{given["base"]}) {
		t.Errorf("the caller's map became %v", given)
	}
}
