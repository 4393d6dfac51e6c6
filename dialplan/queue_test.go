package dialplan

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waihu/models"
)

func queuePlan(q QueueFlow) Plan {
	q.QueueID = 1
	if q.WaitSeconds == 0 {
		q.WaitSeconds = 60
	}
	return Plan{Queues: []QueueFlow{q, {QueueID: 2, WaitSeconds: 30}}}
}

// actions of an extension's only condition, as "app data".
func actionsOf(t *testing.T, p Plan, name string) []string {
	t.Helper()
	d, err := Read(mustRender(t, p).Files[FileName])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range d.Extensions {
		if e.Name != name {
			continue
		}
		var out []string
		for _, a := range e.Conditions[0].Actions {
			out = append(out, strings.TrimSpace(a.App+" "+a.Data))
		}
		return out
	}
	t.Fatalf("no extension %s", name)
	return nil
}

func tail(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

func TestOverflowKinds(t *testing.T) {
	cases := []struct {
		name string
		q    QueueFlow
		want []string
	}{
		{"hang up", QueueFlow{Apology: "/s/sorry.wav"}, []string{"playback /s/sorry.wav", "hangup NORMAL_CLEARING"}},
		{"queue", QueueFlow{Overflow: models.OverflowQueue, OverflowQueueID: 2}, []string{"transfer waihu_queue_2 XML waihu"}},
		{"number", QueueFlow{Overflow: models.OverflowNumber, Outside: Outside{Gateway: "pstn", Number: "13800138000", Caller: "075512345678"}}, []string{
			"unset transfer_after_bridge", "set hangup_after_bridge=true", "set continue_on_fail=true", "set call_timeout=45", "set transfer_ringback=%(1000,4000,450)",
			"set effective_caller_id_number=075512345678", "set waihu_step=outside", "event Event-Subclass=waihu::step,Event-Name=CUSTOM",
			"bridge sofia/gateway/pstn/13800138000", "set waihu_step=outside_failed", "event Event-Subclass=waihu::step,Event-Name=CUSTOM", "hangup NORMAL_CLEARING",
		}},
		{"voicemail", QueueFlow{Overflow: models.OverflowVoicemail, Messages: "/rec/messages"}, []string{
			"set playback_terminators=#", "set waihu_step=voicemail", "event Event-Subclass=waihu::step,Event-Name=CUSTOM", "playback tone_stream://%(500,0,800)",
			"set RECORD_MIN_SEC=1", "record_session /rec/messages/${uuid}.wav", "unset RECORD_MIN_SEC", "playback silence_stream://180000", "stop_record_session /rec/messages/${uuid}.wav",
			"set playback_terminators=none", "set waihu_step=voicemail_end", "event Event-Subclass=waihu::step,Event-Name=CUSTOM", "hangup NORMAL_CLEARING",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := actionsOf(t, queuePlan(c.q), OverflowEntry(1))
			if want := []string{"unset playback_timeout_sec", "set waihu_step=overflow", "event Event-Subclass=waihu::step,Event-Name=CUSTOM"}; !slices.Equal(got[:3], want) {
				t.Errorf("begins with %q", got[:3])
			}
			if !slices.Equal(tail(got, len(c.want)), c.want) {
				t.Errorf("got\n%s\nwant at the end\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// The pieces of music and what is said between them fill the wait, no more, whatever does not divide evenly.
func TestComfortAnnouncementFillsTheWait(t *testing.T) {
	cases := []struct {
		wait, every int
		ms          int64
		pieces      []string
	}{
		{60, 20, 5000, []string{"20", "20", "10"}},
		{30, 30, 5000, []string{"30"}},
		{31, 30, 5000, []string{"31"}},
		{70, 30, 4500, []string{"30", "35"}}, // another announcement would leave nothing behind it
	}
	for _, c := range cases {
		p := queuePlan(QueueFlow{WaitSeconds: c.wait, Comfort: "/s/wait.wav", ComfortMS: c.ms, ComfortSeconds: c.every})
		var pieces []string
		said := 0
		for _, line := range actionsOf(t, p, "waihu_wait_1") {
			if n, ok := strings.CutPrefix(line, "set playback_timeout_sec="); ok {
				pieces = append(pieces, n)
			}
			if line == "playback /s/wait.wav" {
				said++
			}
		}
		if !slices.Equal(pieces, c.pieces) || said != len(c.pieces)-1 {
			t.Errorf("wait %d s, said every %d s for %d ms: pieces %v, said %d times; want %v", c.wait, c.every, c.ms, pieces, said, c.pieces)
		}
	}
}

func TestConnectLimitIsTheQueues(t *testing.T) {
	p := queuePlan(QueueFlow{ConnectMS: 1500})
	p.Campaigns = []CampaignFlow{{CampaignID: 9, Mode: models.ModeDirectAgent, QueueID: 1}, {CampaignID: 10, Mode: models.ModeDirectAgent, QueueID: 2}}
	if got := actionsOf(t, p, "waihu_connect_9"); !slices.Contains(got, "playback silence_stream://1500") {
		t.Errorf("no limit of 1500 ms in %q", got)
	}
	if got := actionsOf(t, p, "waihu_connect_10"); !slices.Contains(got, "playback silence_stream://2000") {
		t.Errorf("no limit of 2000 ms in %q", got)
	}
}

func TestValidateQueues(t *testing.T) {
	cases := []struct {
		name, field, code string
		q                 QueueFlow
	}{
		{"gateway with options", "overflow.gateway", "bad_gateway", QueueFlow{Overflow: models.OverflowNumber, Outside: Outside{Gateway: "{x=1}y", Number: "1"}}},
		{"loopback", "overflow.gateway", "bad_gateway", QueueFlow{Overflow: models.OverflowNumber, Outside: Outside{Gateway: "loopback", Number: "1"}}},
		{"no number", "overflow.number", "bad_number", QueueFlow{Overflow: models.OverflowNumber, Outside: Outside{Gateway: "g"}}},
		{"two numbers", "overflow.number", "bad_number", QueueFlow{Overflow: models.OverflowNumber, Outside: Outside{Gateway: "g", Number: "1,2"}}},
		{"caller", "overflow.caller", "bad_number", QueueFlow{Overflow: models.OverflowNumber, Outside: Outside{Gateway: "g", Number: "1", Caller: "x"}}},
		{"folder", "messages", "bad_path", QueueFlow{Overflow: models.OverflowVoicemail, Messages: "/a b"}},
		{"unknown overflow", "overflow", "unknown", QueueFlow{Overflow: "heaven"}},
		{"overflow queue missing", "overflow_queue_id", "missing", QueueFlow{Overflow: models.OverflowQueue, OverflowQueueID: 9}},
		{"overflow into itself", "overflow_queue_id", "circle", QueueFlow{Overflow: models.OverflowQueue, OverflowQueueID: 1}},
		{"comfort without time", "comfort_seconds", "out_of_range", QueueFlow{Comfort: "/c.wav"}},
		{"connect limit", "connect_ms", "out_of_range", QueueFlow{ConnectMS: -1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Render(queuePlan(c.q))
			var caller *models.Error
			if !errors.As(err, &caller) || !slices.ContainsFunc(caller.Fields, func(f models.FieldError) bool {
				return f.Field == "queues.1."+c.field && f.Code == c.code && f.Text != "" && f.TextZH != ""
			}) {
				t.Errorf("no fault %s at %s in %v", c.code, c.field, err)
			}
		})
	}
	p := queuePlan(QueueFlow{Overflow: models.OverflowQueue, OverflowQueueID: 2})
	p.Queues[1].Overflow, p.Queues[1].OverflowQueueID = models.OverflowQueue, 1
	if _, err := Render(p); err == nil || !strings.Contains(err.Error(), "comes back to itself") {
		t.Errorf("two queues that overflow into each other: %v", err)
	}
}

func TestPromptsSayNumbersAsChineseDoes(t *testing.T) {
	p := Prompts{Dir: "/s"}
	said := func(files []string) string {
		var out []string
		for _, f := range files {
			out = append(out, strings.TrimSuffix(filepath.Base(f), ".wav"))
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ got, want string }{
		{said(p.Staff("8001")), "staff_before 8 0 0 1 staff_after"},
		{said(p.Staff("abc")), ""},
		{said(p.Ahead(0)), "next"},
		{said(p.Ahead(2)), "ahead_before two ahead_after"},
		{said(p.Ahead(10)), "ahead_before 10 ahead_after"},
		{said(p.Ahead(12)), "ahead_before 10 2 ahead_after"},
		{said(p.Ahead(20)), "ahead_before 2 10 ahead_after"},
		{said(p.Ahead(1000)), "ahead_before 9 10 9 ahead_after"},
		{said(p.Wait(0)), "wait_short"},
		{said(p.Wait(35)), "wait_before 3 10 5 wait_after"},
	} {
		if c.got != c.want {
			t.Errorf("said %q, want %q", c.got, c.want)
		}
	}
	if got := FileString(p.Ahead(0)); got != "file_string:///s/next.wav" {
		t.Errorf("FileString gives %q", got)
	}
	// whatever is said must be among the names, or it would be silent
	names := PromptNames()
	for n := range 120 {
		for _, f := range slices.Concat(p.Ahead(n), p.Wait(n), p.Staff("0123456789")) {
			if !slices.Contains(names, filepath.Base(f)) {
				t.Fatalf("%s is no prompt", f)
			}
		}
	}
}

func TestWaitsIn(t *testing.T) {
	for extension, want := range map[string]int64{"waihu_queue_3": 3, "waihu_wait_12": 12, "waihu_overflow_3": 0, "waihu_menu_7": 0, "waihu_wait_": 0, "1000": 0} {
		id, ok := WaitsIn(extension)
		if id != want || ok != (want != 0) {
			t.Errorf("%s: queue %d, %v", extension, id, ok)
		}
	}
	if id, ok := WaitsIn(QueueEntry(42)); !ok || id != 42 {
		t.Errorf("the entry of queue 42 is taken for that of %d", id)
	}
}
