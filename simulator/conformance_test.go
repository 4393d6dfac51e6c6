package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/simulator/town"
)

// recordings are driven by default with all their commands. skip leaves commands out that the simulator does not know,
// order says that events of one channel may come in another order, as they do on FreeSWITCH.
var recordings = []struct {
	name string
	skip string // regular expression of commands left out, with their replies
	free string // regular expression of headers that may be missing or extra; each use says why
}{
	{name: "auth_ok"},
	{name: "auth_fail"},
	{name: "auth_none"},
	{name: "apis", skip: `^api (show (registrations|modules|codec|channels|calls|bridged|detailed)|json|limit|hash|db|user_|acl|find|` +
		`xml_locate|list_users|time_test|in_group|group_call|file_exists|uuid_chat|lua|conference|valet|fifo|callcenter|` +
		`console|banner|md5|url_|regex|cond|expr|sofia|uuid_dump|status|uptime|hostname|eval|global_getvar|help|str|fsctl|` +
		`originate_test|complete|alias|domain|nat_map|load|unload|reload |memory|pool|uuid_(buglist|preprocess|debug|limit|simplify|phone|deflect|` +
		`chat|codec|early|fileman|redirect|session|warning|zombie|xfer|jitter|ring|pre|video|set_media|display|loglevel|outgoing|capture|sla|logging|nat))`},
	{name: "filter"},
	{name: "heartbeat"},
	{name: "call_answered_plain"}, {name: "call_answered_json"},
	{name: "call_rejected_403"}, {name: "call_rejected_404"}, {name: "call_rejected_408"}, {name: "call_rejected_480"},
	{name: "call_rejected_486"}, {name: "call_rejected_488"}, {name: "call_rejected_500"}, {name: "call_rejected_503"},
	{name: "call_rejected_600"}, {name: "call_rejected_603"},
	{name: "call_noanswer"}, {name: "call_noresponse"},
	{name: "call_early_answer"}, {name: "call_early_busy"}, {name: "call_early_busy_noignore"},
	{name: "call_kill_answered"}, {name: "call_kill_answered_cause"}, {name: "call_kill_ringing"}, {name: "call_hupall"},
	{name: "originate_bad_gateway"}, {name: "originate_dup_uuid"}, {name: "originate_error_USER_BUSY"},
	{name: "originate_bad_app"}, {name: "originate_bad_syntax"},
	// DP_MATCH comes with a dialplan that captures; B's Other-Leg is a copy of A's profile as it was when they met.
	{name: "uuid_bridge", free: `^(variable_DP_MATCH|Other-Leg-(Dialplan|RDNIS))$`},
	{name: "uuid_bridge_errors"}, {name: "uuid_transfer"},
	{name: "play_and_get_digits"}, {name: "playback"}, {name: "record"}, {name: "sendmsg_bad_app"},
	{name: "flow_01_voice_only"}, {name: "flow_01_voice_limit"},
	{name: "flow_02_key_late_replay"}, {name: "flow_02_key_timeouts"}, {name: "flow_02_key_invalid"},
	{name: "flow_02_key_early"}, {name: "flow_02_key_hash"},
	{name: "flow_03_queue_no_controller"},
	// There the agent leg's EXECUTE overtook the transfer that caused it.
	{name: "flow_03_connect_bridged", free: `^(Caller-Transfer-Source|variable_transfer_(history|source))$`},
	{name: "flow_03_connect_no_controller"},
	{name: "flow_03_race_customer_gone"}, {name: "flow_03_after_bridge_transfer"}, {name: "flow_03_queue_broadcast_bridge"},
	{name: "flow_04_nailed_waihu_agent"}, {name: "flow_04_race_swapped_limbo"}, {name: "flow_05_customer_hangs_while_ringing"},
	{name: "flow_01_voice_filestring"},
	{name: "flow_01_voice_loop"},
	{name: "flow_03_park_timeout"},
	{name: "flow_03_park_timeout_bridged"},
	{name: "flow_03_sched_transfer_not_cancelled"},
	{name: "flow_03_sched_transfer_sched_del", free: `^variable_bridge_hangup_cause$`}, // as in takeover below
	{name: "flow_03_connect_bridged_in_apology"},
	{name: "flow_03_after_bridge_hangup"},
	{name: "flow_03_queue_broadcast_timer"},
	{name: "flow_04_race_customer_gone_limbo"},
	{name: "flow_05_ring_agent_answer"},
	// Both legs are killed at the same moment: which of them notes the other's cause is a matter of luck.
	{name: "flow_07_takeover_uuid_bridge", free: `^variable_bridge_hangup_cause$`},
	{name: "flow_07_blind_transfer"},
	// An agent leg that becomes the first one of a bridge shows caller and callee in ways that are not followed.
	{name: "flow_07_consult_transfer", free: `^(Caller|Other-Leg)-(Caller|Callee)-ID-(Name|Number)$`},
	{name: "flow_08_uuid_record"},
	{name: "flow_08_record_hangup"},
	{name: "originate_user_nosuch"}, {name: "originate_user_not_registered"},
	{name: "flow_07_rebridge_direct"}, {name: "flow_03_sched_cancel"}, {name: "flow_03_sched_hangup_survives_bridge"},
}

var recordedSounds = map[string]time.Duration{
	"notice.wav": 2 * time.Second, "prompt.wav": 3 * time.Second, "invalid.wav": 500 * time.Millisecond,
	"apology.wav": 2 * time.Second, "ann.wav": time.Second, "tone1s.wav": time.Second, "tone10s.wav": 10 * time.Second,
	"music.wav": 20 * time.Second, "tone3s.wav": 3 * time.Second, "staff.wav": 3 * time.Second,
}

func TestConformance(t *testing.T) {
	for _, rec := range recordings {
		t.Run(rec.name, func(t *testing.T) {
			t.Parallel()
			want := loadRecording(t, rec.name)
			if rec.skip != "" {
				want = want.without(regexp.MustCompile(rec.skip))
			}
			if want.begun.IsZero() {
				want.begun = time.Date(2026, 11, 20, 18, 19, 37, 0, time.UTC)
			}
			clk := newStepClock(want.begun)
			s := start(t, Config{
				Clock:    clk,
				Dialplan: dialplan(t, "testdata/flows"), Town: town.Config{Recorded: true},
				MaxSessions: 2000, SessionsPerSecond: 200,
				Gateways: map[string]Gateway{"pstn": {}},
				Users:    map[string]bool{"1000": true, "1001": false, "1003": false, "1009": true},
				SoundDir: func(path string) (time.Duration, bool) {
					d, ok := recordedSounds[filepath.Base(path)]
					return d, ok
				},
			})
			got := replay(t, s, clk, want)
			compareReplies(t, want, got)
			compareEvents(t, want, got, rec.free)
			if got.closed != want.closed {
				t.Errorf("closed by the switch: %v, recorded %v", got.closed, want.closed)
			}
		})
	}
}

// without leaves out commands, each with its reply. Only for recordings of one reply a command.
func (r recordedConn) without(skip *regexp.Regexp) recordedConn {
	out := recordedConn{events: r.events, closed: r.closed, replies: r.replies[:1:1]}
	for i, cmd := range r.commands {
		if skip.MatchString(cmd.text) {
			continue
		}
		cmd.replies = len(out.replies)
		out.commands = append(out.commands, cmd)
		out.replies = append(out.replies, r.replies[i+1])
	}
	return recordedConn{commands: out.commands, replies: append(out.replies, r.replies[len(r.commands)+1:]...), events: out.events, closed: r.closed, begun: r.begun}
}

// volatile are parts of replies that depend on the machine.
var volatile = regexp.MustCompile(`(?s)api/response.*(^|\n)(UP \d+ years.*|127\.0\.0\.1)$`)

func compareReplies(t *testing.T, want, got recordedConn) {
	t.Helper()
	known := map[string]bool{}
	for _, cmd := range want.commands {
		for _, id := range anyUUID.FindAllString(cmd.text, -1) {
			known[id] = true
		}
	}
	for i := range max(len(want.replies), len(got.replies)) {
		if i < len(want.replies) && i < len(got.replies) && strings.HasPrefix(want.replies[i].body, "Event-Name: ") {
			compareDump(t, want.replies[i], got.replies[i])
			continue
		}
		if i < len(want.replies) && i < len(got.replies) && strings.HasPrefix(want.replies[i].body, `{"row_count"`) {
			compareRows(t, want.replies[i].body, got.replies[i].body)
			continue
		}
		w, g := "nothing", "nothing"
		if i < len(want.replies) {
			w = describe(want.replies[i], known)
		}
		if i < len(got.replies) {
			g = describe(got.replies[i], known)
		}
		if w != g && !(volatile.MatchString(w) && volatile.MatchString(g)) {
			t.Errorf("reply %d is\n%s\nrecorded\n%s", i, g, w)
		}
	}
}

// compareDump compares the answers of uuid_dump.
func compareDump(t *testing.T, want, got message2) {
	t.Helper()
	want.names, want.event = decodeEvent(t, want.body)
	got.names, got.event = decodeEvent(t, got.body)
	compareEvent(t, want, got, "")
}

// compareRows compares the answers of show … as json: which rows, with which columns, in which state.
func compareRows(t *testing.T, want, got string) {
	t.Helper()
	type table struct {
		Count int                 `json:"row_count"`
		Rows  []map[string]string `json:"rows"`
	}
	var w, g table
	if err := errors.Join(json.Unmarshal([]byte(want), &w), json.Unmarshal([]byte(got), &g)); err != nil {
		t.Fatal(err)
	}
	// The recorded switch had mod_hash, with a task of its own.
	w.Rows = slices.DeleteFunc(w.Rows, func(row map[string]string) bool { return row["task_group"] == "mod_hash" })
	w.Count = len(w.Rows)
	if w.Count != g.Count || len(w.Rows) != len(g.Rows) {
		t.Fatalf("%d rows (%d), recorded %d (%d)", g.Count, len(g.Rows), w.Count, len(w.Rows))
	}
	for i := range w.Rows {
		if ws, gs := slices.Sorted(maps.Keys(w.Rows[i])), slices.Sorted(maps.Keys(g.Rows[i])); !slices.Equal(ws, gs) {
			t.Errorf("columns %v, recorded %v", gs, ws)
		}
		for _, name := range []string{"uuid", "direction", "name", "state", "callstate", "dest", "context", "read_codec", "task_desc", "task_group"} {
			if w.Rows[i][name] != g.Rows[i][name] {
				t.Errorf("row %d: %s is %q, recorded %q", i, name, g.Rows[i][name], w.Rows[i][name])
			}
		}
	}
}

// decisive are the headers whose values must be those of the recording.
var decisive = []string{
	"Event-Subclass", "Channel-State", "Channel-Call-State", "Channel-State-Number", "Answer-State", "Hangup-Cause",
	"Channel-Name", "Call-Direction", "Caller-Caller-ID-Name", "Caller-Caller-ID-Number", "Caller-Callee-ID-Name",
	"Caller-Callee-ID-Number", "Caller-Destination-Number", "Caller-Context", "Caller-ANI", "Caller-RDNIS",
	"Caller-Profile-Index", "Caller-Dialplan",
	"Other-Leg-Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "Original-Channel-Call-State",
	"Application", "Application-Data", "Application-Response", "DTMF-Digit", "DTMF-Duration", "DTMF-Source",
	"Playback-File-Path", "Playback-Status", "Record-File-Path", "Job-Command", "Job-Command-Arg", "_body",
	"variable_hangup_cause", "variable_hangup_cause_q850", "variable_sip_term_status", "variable_sip_invite_failure_status",
	"variable_sip_invite_failure_phrase", "variable_proto_specific_hangup_cause", "variable_sip_hangup_disposition",
	"variable_waihu_step", "variable_waihu_key", "variable_digits_dialed", "variable_read_result", "variable_max_forwards",
	"variable_endpoint_disposition", "variable_last_bridge_to", "variable_last_app", "variable_last_arg",
	"variable_current_application", "variable_pagd_result", "variable_my_var", "API-Command", "API-Command-Argument",
}

// never are events that are not the simulator's business.
var never = []string{"RE_SCHEDULE", "HEARTBEAT", "MODULE_LOAD", "ADD_SCHEDULE", "DEL_SCHEDULE", "EXE_SCHEDULE"}

func compareEvents(t *testing.T, want, got recordedConn, free string) {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range append(slices.Clone(want.events), got.events...) {
		ids[m.event["Unique-ID"]] = true
	}
	compareHeartbeat(t, want, got)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		w, g := ofChannel(want.events, id), ofChannel(got.events, id)
		if id == "" {
			sortByName(w)
			sortByName(g)
		}
		compareSequence(t, id, w, g, free)
	}
}

// compareHeartbeat looks at one of each only: when they come depends on when the switch was started.
func compareHeartbeat(t *testing.T, want, got recordedConn) {
	t.Helper()
	beat := func(m message2) bool { return m.event["Event-Name"] == "HEARTBEAT" }
	w, g := slices.IndexFunc(want.events, beat), slices.IndexFunc(got.events, beat)
	if w >= 0 && g >= 0 {
		compareNames(t, want.events[w], got.events[g], "")
	}
	if last := want.commands[len(want.commands)-1].at; w >= 0 && g < 0 && last > heartbeatEvery {
		t.Errorf("no HEARTBEAT in %s", last)
	}
}

func ofChannel(ms []message2, id string) (out []message2) {
	for _, m := range ms {
		if m.event["Unique-ID"] == id && !slices.Contains(never, m.event["Event-Name"]) {
			out = append(out, m)
		}
	}
	return out
}

func sortByName(ms []message2) {
	slices.SortStableFunc(ms, func(a, b message2) int {
		return strings.Compare(a.event["Event-Name"]+a.event["API-Command-Argument"]+a.event["Job-Command-Arg"],
			b.event["Event-Name"]+b.event["API-Command-Argument"]+b.event["Job-Command-Arg"])
	})
}

func title(m message2) string {
	e := m.event
	out := e["Event-Name"]
	for _, name := range []string{"Application", "Application-Data", "Channel-State", "Playback-File-Path"} {
		if v := e[name]; v != "" && (name != "Channel-State" || out == "CHANNEL_STATE") {
			out += " " + v
		}
	}
	return out
}

func compareSequence(t *testing.T, id string, want, got []message2, free string) {
	t.Helper()
	titles := func(ms []message2) (out []string) {
		for _, m := range ms {
			out = append(out, title(m))
		}
		return out
	}
	w, g := titles(want), titles(got)
	if !slices.Equal(w, g) {
		t.Errorf("events of %q:\n%s", id, sideBySide(g, w))
		return
	}
	for i := range want {
		compareEvent(t, want[i], got[i], free)
	}
}

func sideBySide(got, want []string) string {
	var b strings.Builder
	for i := range max(len(got), len(want)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		mark := " "
		if g != w {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %-70.70s | %.70s\n", mark, g, w)
	}
	return b.String()
}

func compareEvent(t *testing.T, want, got message2, free string) {
	t.Helper()
	allowed := regexp.MustCompile(free)
	for _, name := range decisive {
		if free != "" && allowed.MatchString(name) {
			continue
		}
		w, wok := want.event[name]
		g, gok := got.event[name]
		if name == "_body" && strings.HasPrefix(w, "UP ") && strings.HasPrefix(g, "UP ") {
			continue
		}
		if w != g || wok != gok {
			t.Errorf("%s: %s is %q (%v), recorded %q (%v)", title(want), name, g, gok, w, wok)
		}
	}
	for _, name := range []string{"Created", "Answered", "Progress", "Progress-Media", "Hangup", "Bridged"} {
		name = "Caller-Channel-" + name + "-Time"
		if (want.event[name] == "0") != (got.event[name] == "0") {
			t.Errorf("%s: %s is %s, recorded %s", title(want), name, got.event[name], want.event[name])
		}
	}
	compareNames(t, want, got, free)
}

func compareNames(t *testing.T, want, got message2, free string) {
	t.Helper()
	var missing, extra []string
	allowed := regexp.MustCompile(free)
	for _, name := range want.names {
		if _, ok := got.event[name]; !ok && (free == "" || !allowed.MatchString(name)) {
			missing = append(missing, name)
		}
	}
	for _, name := range got.names {
		if _, ok := want.event[name]; !ok && (free == "" || !allowed.MatchString(name)) {
			extra = append(extra, name)
		}
	}
	if len(missing)+len(extra) > 0 {
		t.Errorf("%s: headers missing %v, not recorded %v", title(want), missing, extra)
	}
}
