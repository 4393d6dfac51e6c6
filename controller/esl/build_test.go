package esl

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"waihu/models"
)

var errDeadline = os.ErrDeadlineExceeded

// good is an Originate that nothing is wrong with.
func good() Originate {
	return Originate{
		UUID: uuidA, Gateway: "pstn", Number: "13800000200", CallerNumber: "075512345678", RingSeconds: 45,
		Extension: "waihu_voice_7", Context: "waihu", CampaignID: 7,
	}
}

// checkFault demands a caller's error for the one field, with texts in both languages.
func checkFault(t *testing.T, err error, field string) {
	t.Helper()
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != field ||
		e.Fields[0].Code == "" || e.Fields[0].Text == "" || e.Fields[0].TextZH == "" {
		t.Errorf("field %s: got %#v", field, err)
	}
}

// hostile are texts that a switch was seen to obey, and their relatives (reliability 3.1).
var hostile = []string{
	"138:_:sofia/gateway/gw/777",
	"138,[execute_on_answer=x]sofia/gateway/gw/999",
	"138|sofia/gateway/gw/888",
	"138 &system(id)",
	"a',execute_on_answer='system touch x",
	"'system:touch x' inline",
	"${system touch x}", "$${x}", "${138}",
	"13800000200\n\napi system id", "13800000200\r\n\r\nbgapi system id", "138\n", "\n138", "138\r", "138\x00", "138\x7f", "138\t1",
	"138}sofia/gateway/gw/1", "{a=b}138", "[a=b]138", "<a=b>138", "138,139", "138|139", "138;139", "138'", `138"`, `138\`, "138 139", " 138",
	"138/139", "../138", "138@host", "138%0a", "138&park", "138(x)", "138=1", "138^^:", "＋13800000200", "１３８００", "138\u2028", "138\u200b",
	"", strings.Repeat("1", 300), "-138", "+", "++138", "13+8", "abc", "a b", "a;b", "a:b", "a.b", "中文", "system::id", "hangup!x", "a::b",
}

// Nothing of the corpus gets into a command through any field, and nothing reaches the socket (A-02, A-03, R-INJ-1).
func TestHostileTexts(t *testing.T) {
	ctx := context.Background()
	refuses(t, func(c *Client) map[string]func(string) error {
		return map[string]func(string) error{
			"uuid":          func(s string) error { o := good(); o.UUID = s; return c.Originate(ctx, o) },
			"gateway":       func(s string) error { o := good(); o.Gateway = s; return c.Originate(ctx, o) },
			"number":        func(s string) error { o := good(); o.Number = s; return c.Originate(ctx, o) },
			"caller_number": func(s string) error { o := good(); o.CallerNumber = s; return c.Originate(ctx, o) },
			"extension":     func(s string) error { o := good(); o.Extension = s; return c.Originate(ctx, o) },
			"context":       func(s string) error { o := good(); o.Context = s; return c.Originate(ctx, o) },
			"uuid ":         func(s string) error { return c.Kill(ctx, s, "NORMAL_CLEARING") },
			"cause":         func(s string) error { return c.Kill(ctx, uuidA, s) },
			"extension ":    func(s string) error { return c.Transfer(ctx, uuidA, s, "waihu") },
			"context ":      func(s string) error { return c.Transfer(ctx, uuidA, "x", s) },
			"customer":      func(s string) error { return c.Bridge(ctx, s, uuidB) },
			"agent":         func(s string) error { return c.Bridge(ctx, uuidA, s) },
			"file":          func(s string) error { return c.Broadcast(ctx, uuidA, "x/"+s+"/../x") },
			"value":         func(s string) error { return c.SetVar(ctx, uuidA, VarStep, Step(s)) },
			"value ":        func(s string) error { return c.SetVar(ctx, uuidA, VarTransferAfterBridge, Target(s, "waihu")) },
			"value  ":       func(s string) error { return c.SetVar(ctx, uuidA, VarTransferAfterBridge, Target("x", s)) },
			"uuid  ":        func(s string) error { _, err := c.Exists(ctx, s); return err },
			"context  ":     func(s string) error { _, err := c.LocateContext(ctx, s); return err },
			"gateway ":      func(s string) error { _, err := c.GatewayStatus(ctx, s); return err },
			"name":          func(s string) error { _, err := c.GlobalVar(ctx, s); return err },
			"name ":         func(s string) error { _, err := c.ModuleExists(ctx, s); return err },
		}
	})
}

// refuses demands that each of the ways in that make gives, named after the field, takes no text of the corpus and that
// nothing reaches the socket.
func refuses(t *testing.T, make func(*Client) map[string]func(string) error) {
	t.Helper()
	p := newPeer(t)
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	before := p.said()
	for field, try := range make(c) {
		for _, text := range hostile {
			if !harmless(field, text) {
				checkFault(t, try(text), strings.Trim(field, " 123"))
			}
		}
	}
	if said := p.said(); !slices.Equal(said, before) {
		t.Errorf("reached the socket: %q", said[len(before):])
	}
}

// harmless are the few texts of the corpus that a field may hold.
func harmless(field, text string) bool {
	switch strings.Trim(field, " 123") {
	case "caller_number":
		return text == "" || field == "caller_number 1" && slices.Contains([]string{"-138", "+", "++138", "13+8", "abc", "a.b"}, text)
	case "call", "leg":
		return text == ""
	case "gateway", "extension", "context", "value", "name", "target":
		return text == "abc" || text == "-138" && !strings.HasPrefix(field, "name")
	case "domain":
		return slices.Contains([]string{"abc", "a:b", "a.b", "a::b"}, text)
	default:
		return false
	}
}

// Files: what is played comes from a folder or a stream, never from an application or the way up.
func TestFiles(t *testing.T) {
	for text, ok := range map[string]bool{
		"/srv/sounds/1.wav": true, "waihu/1+2@x.wav": true, "silence_stream://2000": true, "local_stream://moh": true,
		"system::reboot": false, "http://x/y.wav": false, "file_string://a!b": false, "a:b": false, "/srv/../etc/passwd": false,
		"a b": false, "a\nb": false, "tone_stream://%(1,1,1)": false, "": false, "shout://x": false, "local_stream://a::b": false, "a;b": false,
	} {
		if _, err := broadcast(uuidA, []string{text}); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Numbers out of range, values of the wrong type, all faults at once.
func TestFaultsOfOriginate(t *testing.T) {
	for field, spoil := range map[string]func(*Originate){
		"ring_seconds":  func(o *Originate) { o.RingSeconds = 0 },
		"ring_seconds ": func(o *Originate) { o.RingSeconds = models.MaxRingSeconds + 1 },
		"campaign_id":   func(o *Originate) { o.CampaignID = -1 },
		"gateway":       func(o *Originate) { o.Gateway = "loopback" },
		"uuid":          func(o *Originate) { o.UUID = strings.ToUpper(uuidA) },
	} {
		o := good()
		spoil(&o)
		_, err := originate(o)
		checkFault(t, err, strings.TrimSpace(field))
	}
	_, err := originate(Originate{CallerNumber: "x"})
	var e *models.Error
	if !errors.As(err, &e) || len(e.Fields) != 7 {
		t.Errorf("empty: %v", err)
	}
	for name, v := range map[Var]Value{
		VarStep: Flag(true), VarParkAfterBridge: Step("true"), VarMaxForwards: Target("a", "b"), VarTransferAfterBridge: Count(1),
		"execute_on_answer": Step("x"), VarHangupAfterBridge: {}, VarRecordStereo: Unset(),
	} {
		_, err := setVar(uuidA, name, v)
		checkFault(t, err, "value")
	}
	_, err = setVar(uuidA, VarMaxForwards, Count(1000))
	checkFault(t, err, "value")
}

// The last look before the socket finds what a faulty builder would let through (R-INJ-2).
func TestCheckOfMessages(t *testing.T) {
	for wire, ok := range map[string]bool{
		"api status\n\n": true, "api status": false, "api status\n": false, "api status\n\n\n": false, "api a\n\napi b\n\n": false,
		"api a\nb\n\n": false, "api \x00\n\n": false, "api a\x7f\n\n": false, "api a\rb\n\n": false, "\napi a\n\n": false, "api a\r\n\r\n": false,
		"api 中文\n\n": true, "": false, "\n\n": true,
	} {
		if err := (message{name: "x", wire: wire}).check(); (err == nil) != ok {
			t.Errorf("%q: %v", wire, err)
		}
	}
	if err := (message{name: "x", wire: "bgapi a\nJob-UUID: b\n\n", job: "b"}).check(); err != nil {
		t.Error(err)
	}
	if err := (message{name: "x", wire: "bgapi a\n\n", job: "b"}).check(); err == nil {
		t.Error("a job without its header")
	}
	w := &wire{}
	if err := w.send(message{name: "x", wire: "api a\n\napi b\n\n"}); !errors.Is(err, ErrNotSent) {
		t.Errorf("send: %v", err)
	}
}

// The set of commands is closed (R-CMD-1): the exported methods and their parameters are these, verbs are named where they
// are built and nowhere else, and fixed words are constants or built of checked ones.
func TestClosedSet(t *testing.T) {
	var got []string
	typ := reflect.TypeOf(&Client{})
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		sig := strings.TrimPrefix(m.Type.String(), "func(*esl.Client")
		got = append(got, m.Name+strings.Replace(sig, ", ", "(", 1))
	}
	want := []string{
		"Beep(context.Context, string) error",
		"Break(context.Context, string) error",
		"Bridge(context.Context, string, string) error",
		"Broadcast(context.Context, string, ...string) error",
		"Channels(context.Context) ([]esl.Channel, error)",
		"Conference(context.Context, string, string) error",
		"Connected) bool",
		"Eavesdrop(context.Context, esl.Phone, string, models.SuperviseMode) error",
		"Epoch(context.Context) (time.Time, error)",
		"Exists(context.Context, string) (bool, error)",
		"FileExists(context.Context, string) (bool, error)",
		"GatewayStatus(context.Context, string) (esl.Gateway, error)",
		"GlobalVar(context.Context, string) (string, error)",
		"Hold(context.Context, string) error",
		"JoinConference(context.Context, string, string) error",
		"Kill(context.Context, string, string) error",
		"LocateContext(context.Context, string) (string, error)",
		"Metrics) esl.Metrics",
		"ModuleExists(context.Context, string) (bool, error)",
		"Mute(context.Context, string, bool) error",
		"Originate(context.Context, esl.Originate) error",
		"OriginateOutside(context.Context, esl.OutsideCall) error",
		"OriginatePhone(context.Context, esl.PhoneCall) error",
		"Profiles(context.Context) ([]esl.Profile, error)",
		"Record(context.Context, esl.RecordAction, string, esl.RecordFile) error",
		"Registrations(context.Context, string) ([]esl.Registration, error)",
		"ReloadXML(context.Context) (string, error)",
		"Run(context.Context, esl.Handler) error",
		"SendDTMF(context.Context, string, string) error",
		"SetEavesdrop(context.Context, string, string, models.SuperviseMode) error",
		"SetLive(bool)",
		"SetVar(context.Context, string, esl.Var, esl.Value) error",
		"Status(context.Context) (esl.SwitchStatus, error)",
		"Transfer(context.Context, string, string, string) error",
		"Unhold(context.Context, string) error",
	}
	if !slices.Equal(got, want) {
		t.Errorf("methods:\n%s", strings.Join(got, "\n"))
	}
	sites := callSites(t, "api", "bgapi", "finish", "fixed", "message", "argument", "Write")
	wantSites := []string{
		"api in channels", "api in epoch", "api in finish", "api in coreUUID", "api in profiles", "api in reloadXML", "api in status",
		"argument in Flag", "argument in Target", "argument in causeOf", "argument in countOf", "argument in digitsOf",
		"argument in domainOf", "argument in extensionOf", "argument in fileOf", "argument in filesOf", "argument in fixed",
		"argument in gatewayOf", "argument in idOf", "argument in keyOf", "argument in legKindOf", "argument in nameOf",
		"argument in numberOf", "argument in of", "argument in record", "argument in recordingOf", "argument in shownOf",
		"argument in variableOf", "argument in whispers",
		"bgapi in eavesdrop", "bgapi in originate", "bgapi in originateOutside", "bgapi in originatePhone",
		"finish in beepTo", "finish in breakOff", "finish in bridge", "finish in broadcast", "finish in conference", "finish in exists",
		"finish in fileExists", "finish in gatewayStatus", "finish in globalVar", "finish in hold", "finish in kill",
		"finish in locateContext", "finish in moduleExists", "finish in mute", "finish in record", "finish in registrations", "finish in sendDTMF", "finish in setEavesdrop",
		"finish in setVar", "finish in transfer", "finish in unhold",
		"fixed in beepTo", "fixed in breakOff", "fixed in broadcast", "fixed in channels", "fixed in conference", "fixed in coreUUID",
		"fixed in eavesdrop", "fixed in gatewayStatus", "fixed in locateContext", "fixed in mute", "fixed in originate", "fixed in originateOutside",
		"fixed in originatePhone", "fixed in profiles", "fixed in record", "fixed in registrations", "fixed in setEavesdrop", "fixed in transfer", "fixed in unhold",
		"message in api", "message in authenticate", "message in bgapi", "message in eavesdrop", "message in finish",
		"message in originate", "message in originateOutside", "message in originatePhone", "message in subscribe",
		"Write in send", "Write in wake",
	}
	slices.Sort(wantSites)
	if !slices.Equal(sites, wantSites) {
		t.Errorf("call sites:\n%s\nwant\n%s", strings.Join(sites, "\n"), strings.Join(wantSites, "\n"))
	}
}

// callSites lists which functions of the package call, or write a literal of, one of the names.
func callSites(t *testing.T, names ...string) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				name := ""
				switch n := n.(type) {
				case *ast.CallExpr:
					switch f := n.Fun.(type) {
					case *ast.Ident:
						name = f.Name
					case *ast.SelectorExpr:
						name = f.Sel.Name
					}
				case *ast.CompositeLit:
					if id, ok := n.Type.(*ast.Ident); ok {
						name = id.Name
					}
				}
				if slices.Contains(names, name) {
					seen[fmt.Sprintf("%s in %s", name, fn.Name.Name)] = true
				}
				return true
			})
		}
	}
	var out []string
	for s := range seen {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
