package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/simulator/town"
)

// recommended is a switch with the recommended dialplan, whose sounds all play two seconds.
func recommended(t *testing.T, cfg Config) (*Simulator, *peer) {
	t.Helper()
	if cfg.Clock == nil {
		cfg.Clock = fast(t)
	}
	cfg.Dialplan = dialplan(t, "testdata/dialplan")
	cfg.Town = town.Config{Recorded: true}
	cfg.SoundDir = func(string) (time.Duration, bool) { return 2 * time.Second, true }
	s := start(t, cfg)
	p := login(t, s)
	p.command("event plain ALL")
	return s, p
}

func callTo(p *peer, id, vars, target string) {
	p.t.Helper()
	p.command("bgapi originate {origination_uuid=" + id + ",ignore_early_media=true" + vars + "}" + target + "\nJob-UUID: job-" + id)
}

func uuidOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

const customer = "sofia/gateway/pstn/13800000200"

func TestSkeletons(t *testing.T) {
	for _, tt := range []struct {
		name, extension string
		keys            string // pressed once the prompt plays
		want            map[string]string
		opted           bool
	}{
		{"voice", "waihu_voice_7", "", map[string]string{"variable_waihu_step": "played", "variable_sip_hangup_disposition": "send_bye"}, false},
		{"no key", "waihu_menu_7", "", map[string]string{"variable_waihu_step": "no_key", "variable_read_result": "failure", "variable_digits_dialed": "none"}, false},
		{"key 9 opts out", "waihu_menu_7", "9", map[string]string{"variable_waihu_step": "opted_out", "variable_waihu_key": "9", "variable_digits_dialed": "9"}, true},
		{"key 1 waits in the queue", "waihu_menu_7", "1", map[string]string{"variable_waihu_step": "overflow", "variable_digits_dialed": "1"}, false},
		{"key 5 is invalid", "waihu_menu_7", "5", map[string]string{"variable_waihu_step": "no_key", "variable_waihu_key_invalid": "5"}, false},
		{"late", "waihu_connect_7", "", map[string]string{"variable_waihu_step": "late"}, false},
		{"queue", "waihu_queue_3", "", map[string]string{"variable_waihu_step": "overflow"}, false},
		{"nowhere", "nosuch", "", map[string]string{"Hangup-Cause": "NO_ROUTE_DESTINATION"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, p := recommended(t, Config{})
			callTo(p, uuidOf(1), "", customer+" "+tt.extension+" XML waihu")
			if tt.keys != "" {
				p.event("PLAYBACK_START", uuidOf(1))
				p.command("api uuid_recv_dtmf " + uuidOf(1) + " " + tt.keys)
			}
			end := p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(1))
			for name, want := range tt.want {
				if end[name] != want {
					t.Errorf("%s = %q, want %q", name, end[name], want)
				}
			}
			opted := false
			for _, m := range p.events {
				opted = opted || m.event["Event-Subclass"] == "waihu::opted_out" && m.names[0] == "Event-Subclass"
			}
			if opted != tt.opted {
				t.Errorf("opted out: %v, want %v", opted, tt.opted)
			}
			if n := s.Report().Numbers["13800000200"]; n.Dialled != 1 || n.Calls[0].Keys != tt.keys {
				t.Errorf("report %+v", n)
			}
		})
	}
}

func TestLoopsEnd(t *testing.T) {
	dir := t.TempDir()
	const text = `<include>
<context name="waihu">
<extension name="a"><condition field="destination_number" expression="^again$">
<action application="sleep" data="10"/>
<action application="transfer" data="again XML waihu"/>
</condition></extension>
<extension name="b"><condition field="destination_number" expression="^free$">
<action application="unset" data="max_forwards"/>
<action application="transfer" data="free XML waihu"/>
</condition></extension>
</context>
</include>
`
	if err := os.WriteFile(filepath.Join(dir, "loop.xml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{Clock: fast(t), Dialplan: dialplan(t, dir), Town: town.Config{Recorded: true}})
	p := login(t, s)
	p.command("event plain CHANNEL_HANGUP")
	for i, extension := range []string{"again", "free"} {
		callTo(p, uuidOf(i), "", customer+" "+extension+" XML waihu")
		if end := p.event("CHANNEL_HANGUP", uuidOf(i)); end["Hangup-Cause"] != "EXCHANGE_ROUTING_ERROR" {
			t.Errorf("%s ends with %s", extension, end["Hangup-Cause"])
		}
	}
}

// The agent disappears between uuid_bridge's +OK and the bridge.
func TestAgentGoneBeforeBridge(t *testing.T) {
	for _, tt := range []struct{ name, vars, cause, step string }{
		{"unprotected", "", "DESTINATION_OUT_OF_ORDER", ""},
		{"continues", ",uuid_bridge_continue_on_cancel=true,transfer_after_bridge=waihu_after:XML:waihu", "NORMAL_CLEARING", "overflow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clk := newStepClock(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
			_, p := recommended(t, Config{Clock: clk})
			halt := clk.wind()
			callTo(p, uuidOf(1), tt.vars, customer+" &playback(silence_stream://60000)")
			callTo(p, uuidOf(2), "", "user/1000 waihu_agent XML waihu")
			p.event("PLAYBACK_START", uuidOf(1))
			p.event("CHANNEL_PARK", uuidOf(2))
			halt()
			p.send("api uuid_bridge " + uuidOf(1) + " " + uuidOf(2) + "\n\napi uuid_kill " + uuidOf(2) + "\n\n")
			if got := p.reply(); got != "+OK "+uuidOf(2)+"\n" {
				t.Errorf("uuid_bridge answered %q", got)
			}
			if got := p.reply(); got != "+OK\n" {
				t.Errorf("uuid_kill answered %q", got)
			}
			defer clk.wind()()
			end := p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(1))
			if end["Hangup-Cause"] != tt.cause || end["variable_waihu_step"] != tt.step {
				t.Errorf("ended with %s at step %q", end["Hangup-Cause"], end["variable_waihu_step"])
			}
			for _, m := range p.events {
				if m.event["Event-Name"] == "CHANNEL_BRIDGE" {
					t.Error("bridged with a leg that was gone")
				}
			}
		})
	}
}

func TestExecuteOnAnswer(t *testing.T) {
	_, p := recommended(t, Config{})
	callTo(p, uuidOf(1), ",execute_on_answer=set::waihu_mark=first", customer+" waihu_voice_7 XML waihu")
	if first := p.event("CHANNEL_EXECUTE", uuidOf(1)); first["Application"] != "set" || first["Application-Data"] != "waihu_mark=first" {
		t.Errorf("first came %s(%s)", first["Application"], first["Application-Data"])
	}
	end := p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(1))
	if end["variable_waihu_mark"] != "first" || end["variable_waihu_step"] != "played" {
		t.Errorf("mark %q, step %q", end["variable_waihu_mark"], end["variable_waihu_step"])
	}
}

// bridge, the application: the other leg answers, is spoken with and hangs up.
func TestBridgeApplication(t *testing.T) {
	_, p := recommended(t, Config{Users: map[string]bool{"1000": true, "1001": false}})
	callTo(p, uuidOf(1), "", customer+" &bridge({origination_uuid="+uuidOf(2)+"}user/1000)")
	bridged := p.event("CHANNEL_BRIDGE", uuidOf(1))
	if bridged["Bridge-B-Unique-ID"] != uuidOf(2) {
		t.Errorf("bridged to %s", bridged["Bridge-B-Unique-ID"])
	}
	p.command("api uuid_kill " + uuidOf(2))
	p.event("CHANNEL_UNBRIDGE", uuidOf(1))
	p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(1))
	callTo(p, uuidOf(3), "", customer+" &bridge(user/1001)")
	if end := p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(3)); end["Hangup-Cause"] != "USER_NOT_REGISTERED" {
		t.Errorf("ended with %s", end["Hangup-Cause"])
	}
}

func TestCallRecords(t *testing.T) {
	dir := t.TempDir()
	s, err := New(Config{Clock: fast(t), Town: town.Config{Recorded: true}, CDRDir: dir, Gateways: map[string]Gateway{"pstn": {}}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(t.Context()) }()
	p := login(t, s)
	p.command("event plain CHANNEL_DESTROY BACKGROUND_JOB")
	callTo(p, uuidOf(1), ",waihu_attempt=a1", "sofia/gateway/pstn/13800000486 &park")
	callTo(p, uuidOf(2), "", "sofia/gateway/pstn/13800000001 &park")
	callTo(p, uuidOf(3), "", "sofia/gateway/nosuch/13800000001 &park")
	for i := range 3 {
		p.event("CHANNEL_DESTROY", uuidOf(i+1))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("records %v, %v: want one per channel that was made", files, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "a_"+uuidOf(1)+".cdr.json"))
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		Core      string            `json:"core-uuid"`
		Variables map[string]string `json:"variables"`
		Flow      []struct {
			Times map[string]string `json:"times"`
		} `json:"callflow"`
	}
	if err := json.Unmarshal(raw, &record); err != nil {
		t.Fatal(err)
	}
	v := record.Variables
	if v["hangup_cause"] != "USER_BUSY" || v["sip_term_status"] != "486" || v["waihu_attempt"] != "a1" || v["sip_invite_failure_phrase"] != "Busy%20Here" {
		t.Errorf("variables %v", v)
	}
	if times := record.Flow[0].Times; times["answered_time"] != "0" || times["hangup_time"] == "0" || record.Core == "" {
		t.Errorf("core %q, times %v", record.Core, times)
	}
}

// However fast the clock, a HEARTBEAT comes at most five times in a real second.
func TestHeartbeatIsBounded(t *testing.T) {
	s := start(t, Config{Clock: clock.NewVirtual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), 100_000)})
	p := login(t, s)
	p.command("event plain HEARTBEAT")
	p.event("HEARTBEAT", "")
	begun := time.Now()
	for range 3 {
		p.event("HEARTBEAT", "")
	}
	if took := time.Since(begun); took < 400*time.Millisecond {
		t.Errorf("three beats in %s", took)
	}
}

func TestEventsAsJSON(t *testing.T) {
	_, p := recommended(t, Config{})
	p.command("noevents")
	p.command("event json CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB")
	p.send("bgapi originate {origination_uuid=" + uuidOf(1) + ",note='a, \"b\" & 中文'}sofia/gateway/pstn/13800000200 waihu_menu_7 XML waihu\n\n")
	for {
		m := p.read()
		if m.head.Get("Content-Type") != "text/event-json" {
			continue
		}
		var e map[string]any
		if err := json.Unmarshal([]byte(m.body), &e); err != nil {
			t.Fatalf("%v in %s", err, m.body)
		}
		switch e["Event-Name"] {
		case "BACKGROUND_JOB":
			if e["_body"] != "+OK "+uuidOf(1)+"\n" || e["Content-Length"] != "41" {
				t.Errorf("job %v, length %v", e["_body"], e["Content-Length"])
			}
		case "CHANNEL_HANGUP_COMPLETE":
			if list, ok := e["variable_transfer_history"].([]any); !ok || len(list) != 2 {
				t.Errorf("transfer_history %v is no list of two", e["variable_transfer_history"])
			}
			return
		}
	}
}

// What a client sends is read as a real switch reads it: blank lines before, carriage returns, in pieces, several at once.
func TestCommandsAsTheyCome(t *testing.T) {
	s := start(t, Config{})
	for _, tt := range []struct {
		name  string
		parts []string
		want  []string
	}{
		{"blank lines first", []string{"\n\n\napi echo a\n\n"}, []string{"a"}},
		{"carriage returns", []string{"api echo a\r\n\r\n"}, []string{"a"}},
		{"in pieces", []string{"ap", "i ec", "ho a\n", "\n"}, []string{"a"}},
		{"pipelined", []string{"api echo a\n\napi echo b\n\nnolog\n\n"}, []string{"a", "b", "-ERR not loging"}},
		{"any case", []string{"API echo a\n\nNoEvents\n\n"}, []string{"a", "-ERR not listening for events"}},
		{"two blanks", []string{"api  status\n\n"}, []string{"-ERR  Command not found!\n"}},
		{"empty answer", []string{"api global_getvar nosuch\n\n"}, []string{"-ERR no reply\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := login(t, s)
			for _, part := range tt.parts {
				p.send(part)
			}
			for i, want := range tt.want {
				if got := p.reply(); got != want {
					t.Errorf("answer %d is %q, want %q", i, got, want)
				}
			}
		})
	}
}

func TestBadConfig(t *testing.T) {
	for name, cfg := range map[string]Config{
		"address":     {Addr: "nowhere"},
		"sessions":    {MaxSessions: -1},
		"per second":  {SessionsPerSecond: -1},
		"lines":       {Gateways: map[string]Gateway{"pstn": {Lines: -1}}},
		"probability": {Faults: Faults{Default: Fault{Drop: 1.5}}},
		"town":        {Town: town.Config{AnswerProbability: 2}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReportFile(t *testing.T) {
	s, p := recommended(t, Config{})
	callTo(p, uuidOf(1), "", "sofia/gateway/pstn/13800000486 &park")
	p.event("CHANNEL_DESTROY", uuidOf(1))
	path := filepath.Join(t.TempDir(), "report.json")
	if err := s.WriteReport(path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if n := r.Numbers["13800000486"]; n.Dialled != 1 || n.Answered != 0 || n.Outcomes["USER_BUSY"] != 1 || r.Totals.Ended != 1 {
		t.Errorf("report %s", raw)
	}
	if err := s.WriteReport(filepath.Join(path, "no", "folder")); err == nil || !strings.Contains(err.Error(), "report") {
		t.Errorf("writing where no folder is: %v", err)
	}
}

// A message to a channel that still rings waits until it is answered.
func TestMessageToRingingChannel(t *testing.T) {
	_, p := recommended(t, Config{})
	callTo(p, uuidOf(1), "", "sofia/gateway/pstn/13800000555 waihu_voice_7 XML waihu")
	p.event("CHANNEL_PROGRESS", uuidOf(1))
	if got := p.command("api uuid_broadcast " + uuidOf(1) + " /sounds/early.wav aleg"); got != "+OK Message sent\n" {
		t.Errorf("uuid_broadcast answered %q", got)
	}
	p.event("CHANNEL_ANSWER", uuidOf(1))
	// The callee hangs up five seconds after his answer.
	end := p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(1))
	if end["variable_waihu_step"] != "play_2" || end["variable_sip_hangup_disposition"] != "recv_bye" {
		t.Errorf("ended at step %q by %s", end["variable_waihu_step"], end["variable_sip_hangup_disposition"])
	}
	if heard := p.event("PLAYBACK_STOP", uuidOf(1)); heard["Playback-File-Path"] != "/sounds/early.wav" {
		t.Errorf("first heard %s", heard["Playback-File-Path"])
	}
}

func TestShutdown(t *testing.T) {
	s, p := recommended(t, Config{})
	callTo(p, uuidOf(1), "", customer+" &park")
	core := p.event("CHANNEL_PARK", uuidOf(1))["Core-UUID"]
	s.Shutdown()
	p.event("SHUTDOWN", "")
	if end := p.event("CHANNEL_HANGUP_COMPLETE", uuidOf(1)); end["Hangup-Cause"] != "SYSTEM_SHUTDOWN" {
		t.Errorf("the call ended with %s", end["Hangup-Cause"])
	}
	for m := p.read(); m.head.Get("Content-Type") != "text/disconnect-notice"; m = p.read() {
	}
	if _, err := p.next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the notice: %v, want EOF", err)
	}
	q := login(t, s)
	if got := q.command("api global_getvar core_uuid"); got == core || got == "" {
		t.Errorf("Core-UUID %q after the restart, %q before", got, core)
	}
	if got := q.command("api show channels count as json"); got != `{"row_count":0}` {
		t.Errorf("channels after the restart: %s", got)
	}
}
