package simulator

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	generated "waihu/dialplan"
	"waihu/models"
	"waihu/simulator/town"
)

// hotline is a flow with a node of every kind, a queue, and a route that is open on weekdays from 9 to 18.
func hotline() generated.Plan {
	ask := func(n generated.IVRNode) generated.IVRNode {
		n.Sound, n.Tries, n.Seconds = "/s/ask.wav", 2, 10
		return n
	}
	var week []models.Window
	for d := time.Monday; d <= time.Friday; d++ {
		week = append(week, models.Window{Weekday: d, From: 9 * 60, To: 18 * 60})
	}
	return generated.Plan{
		Queues: []generated.QueueFlow{
			{QueueID: 3, WaitSeconds: 20, Comfort: "/s/comfort.wav", ComfortMS: 2000, ComfortSeconds: 8, Overflow: models.OverflowVoicemail, Messages: "/rec"},
			{QueueID: 4, WaitSeconds: 5, Overflow: models.OverflowNumber, Outside: generated.Outside{Gateway: "pstn", Number: "13800000200", Caller: "02012345678"}},
		},
		IVRs: []generated.IVR{{FlowID: 1, Nodes: []generated.IVRNode{
			{ID: "hello", Kind: models.NodePlay, Sound: "/s/hello.wav", Next: "menu"},
			ask(generated.IVRNode{ID: "menu", Kind: models.NodeMenu, Keys: map[string]string{"1": "code", "2": "stars", "3": "wait", "*": "menu", "9": "no"}, OnFail: "bye"}),
			ask(generated.IVRNode{ID: "code", Kind: models.NodeCollect, MinDigits: 4, MaxDigits: 6, Variable: "code", Next: "good", OnFail: "bye"}),
			{ID: "good", Kind: models.NodeSetResult, Result: "有 code", Next: "speak"},
			{ID: "speak", Kind: models.NodeRecord, Sound: "/s/speak.wav", Seconds: 30, Messages: "/rec", Next: ""},
			ask(generated.IVRNode{ID: "stars", Kind: models.NodeRate, Next: "other", OnFail: ""}),
			{ID: "other", Kind: models.NodeTransfer, FlowID: 2},
			{ID: "wait", Kind: models.NodeQueue, QueueID: 3},
			{ID: "no", Kind: models.NodeOptOut, Next: "bye"},
			{ID: "bye", Kind: models.NodeHangUp, Sound: "/s/bye.wav"},
		}}, {FlowID: 2, Nodes: []generated.IVRNode{{ID: "out", Kind: models.NodeTransfer, Outside: generated.Outside{Gateway: "pstn", Number: "13800000200"}}}}},
		Routes: []generated.Route{{RouteID: 5, Number: "4008001234", Zone: "Asia/Shanghai", Windows: week, Holidays: []string{"2026-11-23"},
			Open: generated.Target{FlowID: 1}, Closed: generated.Target{Sound: "/s/closed.wav"}}},
	}
}

func onSwitch(t *testing.T, now time.Time, p generated.Plan) (*Simulator, *peer) {
	t.Helper()
	rev, err := generated.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range rev.Files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src := dialplan(t, dir)
	s := start(t, Config{Clock: fastFrom(now), Dialplan: src, Town: town.Config{Recorded: true}, SoundDir: func(string) (time.Duration, bool) { return 2 * time.Second, true }})
	c := login(t, s)
	c.command("event plain ALL")
	return s, c
}

// stepTo waits until the caller's flow says a step, and forgets what happened before.
func (p *peer) stepTo(id, step string) map[string]string {
	p.t.Helper()
	for {
		for i, m := range p.events {
			e := m.event
			if e["Event-Name"] == "CUSTOM" && e["Unique-ID"] == id && strings.HasPrefix(m.body, "Event-Subclass: waihu%3A%3Astep") && e["variable_waihu_step"] == step {
				p.events = slices.Clone(p.events[i+1:])
				return e
			}
			if e["Event-Name"] == "CHANNEL_HANGUP_COMPLETE" && e["Unique-ID"] == id {
				p.t.Fatalf("the call ended at step %s instead of %s", e["variable_waihu_step"], step)
			}
		}
		if m := p.read(); m.event != nil {
			p.events = append(p.events, m)
		}
	}
}

// press waits for the prompt of a step and presses keys.
func (p *peer) press(id, step, keys string) map[string]string {
	p.t.Helper()
	e := p.stepTo(id, step)
	p.event("PLAYBACK_START", id)
	for _, k := range keys {
		p.command("api uuid_recv_dtmf " + id + " " + string(k))
	}
	return e
}

var wednesday = time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC) // 10:00 in Shanghai

// Every step and every key is told with its time and value, with nobody steering.
func TestFlowRunsByItself(t *testing.T) {
	id := uuidOf(1)
	enter := func(t *testing.T) *peer {
		t.Helper()
		_, p := onSwitch(t, wednesday, hotline())
		callTo(p, id, "", customer+" waihu_in_4008001234 XML waihu")
		e := p.stepTo(id, "inbound")
		if e["variable_waihu_route"] != "5" || e["variable_waihu_dnis"] != "4008001234" {
			t.Errorf("route %q, number %q", e["variable_waihu_route"], e["variable_waihu_dnis"])
		}
		if e := p.stepTo(id, "ivr_play"); e["variable_waihu_flow"] != "1" || e["variable_waihu_node"] != "hello" {
			t.Errorf("flow %q, node %q", e["variable_waihu_flow"], e["variable_waihu_node"])
		}
		return p
	}
	t.Run("digits, result, message", func(t *testing.T) {
		t.Parallel()
		p := enter(t)
		p.press(id, "ivr_menu", "1")
		if e := p.stepTo(id, "ivr_key"); e["variable_waihu_value"] != "1" || e["variable_waihu_node"] != "menu" {
			t.Errorf("key %q at %q", e["variable_waihu_value"], e["variable_waihu_node"])
		}
		p.press(id, "ivr_collect", "4711#")
		if e := p.stepTo(id, "ivr_collected"); e["variable_waihu_value"] != "4711" || e["variable_waihu_input_code"] != "4711" {
			t.Errorf("digits %q", e["variable_waihu_value"])
		}
		if e := p.stepTo(id, "ivr_set_result"); e["variable_waihu_value"] != "有 code" || e["variable_waihu_result"] != "有 code" {
			t.Errorf("result %q", e["variable_waihu_result"])
		}
		p.stepTo(id, "ivr_record")
		if e := p.event("RECORD_START", id); e["Record-File-Path"] != "/rec/"+id+"_speak.wav" {
			t.Errorf("message goes to %q", e["Record-File-Path"])
		}
		p.command("api uuid_recv_dtmf " + id + " #")
		p.stepTo(id, "ivr_record_end")
		p.stepTo(id, "ivr_end")
	})
	t.Run("rating, then another flow that calls outside", func(t *testing.T) {
		t.Parallel()
		p := enter(t)
		p.press(id, "ivr_menu", "*") // once around
		p.press(id, "ivr_menu", "2")
		p.press(id, "ivr_rate", "4")
		if e := p.stepTo(id, "ivr_rated"); e["variable_waihu_value"] != "4" || e["variable_waihu_rating"] != "4" {
			t.Errorf("rated %q", e["variable_waihu_rating"])
		}
		if e := p.stepTo(id, "outside"); e["variable_waihu_flow"] != "2" || e["variable_waihu_node"] != "out" {
			t.Errorf("flow %q, node %q", e["variable_waihu_flow"], e["variable_waihu_node"])
		}
	})
	t.Run("queue, comfort, voicemail", func(t *testing.T) {
		t.Parallel()
		p := enter(t)
		p.press(id, "ivr_menu", "3")
		if e := p.stepTo(id, "queue_wait"); e["variable_waihu_queue"] != "3" {
			t.Errorf("waits in queue %q", e["variable_waihu_queue"])
		}
		for p.event("PLAYBACK_START", id)["Playback-File-Path"] != "/s/comfort.wav" {
		}
		p.stepTo(id, "overflow")
		p.stepTo(id, "voicemail")
		p.event("RECORD_START", id)
		p.command("api uuid_kill " + id)
		p.event("RECORD_STOP", id)
		if e := p.event("CHANNEL_HANGUP_COMPLETE", id); e["variable_waihu_step"] != "voicemail" {
			t.Errorf("ended at %q", e["variable_waihu_step"])
		}
	})
	t.Run("opt-out", func(t *testing.T) {
		t.Parallel()
		p := enter(t)
		p.press(id, "ivr_menu", "9")
		p.stepTo(id, "ivr_opt_out")
		if e := p.event("CUSTOM", id); e["Event-Subclass"] != generated.EventOptedOut {
			t.Errorf("event %q", e["Event-Subclass"])
		}
		p.stepTo(id, "ivr_hang_up")
	})
	t.Run("nothing pressed", func(t *testing.T) {
		t.Parallel()
		p := enter(t)
		p.stepTo(id, "ivr_menu")
		if e := p.stepTo(id, "ivr_no_input"); e["variable_waihu_node"] != "menu" || e["variable_waihu_value"] != "" {
			t.Errorf("node %q, value %q", e["variable_waihu_node"], e["variable_waihu_value"])
		}
		p.stepTo(id, "ivr_hang_up")
		p.event("CHANNEL_HANGUP_COMPLETE", id)
	})
	t.Run("hangs up in the menu", func(t *testing.T) {
		t.Parallel()
		p := enter(t)
		p.stepTo(id, "ivr_menu")
		p.command("api uuid_kill " + id)
		if e := p.event("CHANNEL_HANGUP_COMPLETE", id); e["variable_waihu_step"] != "ivr_menu" || e["variable_waihu_node"] != "menu" {
			t.Errorf("ended at %q of node %q", e["variable_waihu_step"], e["variable_waihu_node"])
		}
	})
}

func TestRouteByTheHour(t *testing.T) {
	id := uuidOf(1)
	for _, c := range []struct{ name, at, want string }{
		{"the first minute", "2026-11-25T09:00:00+08:00", "ivr_play"},
		{"before it", "2026-11-25T08:58:00+08:00", "message"},
		{"the last minute", "2026-11-25T17:58:00+08:00", "ivr_play"},
		{"after it", "2026-11-25T18:00:00+08:00", "message"},
		{"Sunday", "2026-11-22T10:00:00+08:00", "message"},
		{"Monday that is a holiday", "2026-11-23T10:00:00+08:00", "message"},
		{"Tuesday in Shanghai, Monday in London", "2026-11-24T09:30:00+08:00", "ivr_play"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			_, p := onSwitch(t, at.UTC(), hotline())
			callTo(p, id, "", customer+" waihu_in_4008001234 XML waihu")
			p.stepTo(id, c.want)
		})
	}
	t.Run("a number without a route", func(t *testing.T) {
		t.Parallel()
		_, p := onSwitch(t, wednesday, hotline())
		callTo(p, id, "", customer+" waihu_in_4008009999 XML waihu")
		if e := p.event("CHANNEL_HANGUP_COMPLETE", id); e["Hangup-Cause"] != "UNALLOCATED_NUMBER" || e["variable_waihu_step"] != "unknown_number" {
			t.Errorf("ended with %s at %s", e["Hangup-Cause"], e["variable_waihu_step"])
		}
	})
}

// A number is called when nobody came; when it does not answer the caller is let go.
func TestOverflowToANumber(t *testing.T) {
	id := uuidOf(1)
	_, p := onSwitch(t, wednesday, hotline())
	callTo(p, id, "", customer+" waihu_queue_4 XML waihu")
	p.stepTo(id, "overflow")
	p.stepTo(id, "outside")
	other := p.event("CHANNEL_BRIDGE", id)["Bridge-B-Unique-ID"]
	p.command("api uuid_kill " + other)
	if e := p.event("CHANNEL_HANGUP_COMPLETE", id); e["variable_waihu_step"] != "outside" {
		t.Errorf("ended at %q", e["variable_waihu_step"])
	}
}
