package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
)

// leaves lets somebody have left a message, in a queue's voicemail or at a node of a flow, and gives its id.
func (w *website) leaves(number string, m models.Message) string {
	w.t.Helper()
	ctx, now := w.t.Context(), w.plant.clock.Now()
	a := models.Attempt{ID: uuid.NewString(), OrganizationID: 1, Kind: models.KindInbound, Number: number, ReservedAt: now}
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := w.plant.store.OpenInbound(ctx, 1, now, a) // the floor's first epoch
		if err == nil {
			break
		}
		if time.Now().After(until) {
			w.t.Fatal(err)
		}
	}
	if m.ID, m.CallID = a.ID, a.ID; m.Node != "" {
		m.ID += "_" + m.Node
	}
	var sound strings.Builder
	if err := sampleVoice(&sound); err != nil {
		w.t.Fatal(err)
	}
	m.Path, m.LeftAt, m.DurationMS = models.MessageFolder+"/"+m.ID+".wav", now, 4000
	file := filepath.Join(w.plant.l.Switch.RecordingsDir, filepath.FromSlash(m.Path))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(sound.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := w.plant.store.SaveMessage(ctx, m); err != nil {
		w.t.Fatal(err)
	}
	return m.ID
}

// A leader finds, hears and handles the messages of his queue and of the flow that leads to it, and no others; who did so is
// told and logged.
func TestMessagesOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	sales, service := w.queueAt("售前"), w.queueAt("售后")
	wang := w.agentAt("wang", models.RoleTeamLeader, "8003", "+8613900000003")
	if err := w.plant.store.SetQueueLeaders(t.Context(), sales, []int64{wang.UserID}); err != nil {
		t.Fatal(err)
	}
	flow := models.IVRFlow{OrganizationID: 1, Name: "夜间", Nodes: []models.FlowNode{{ID: "q", Kind: models.NodeQueue, QueueID: sales}, {ID: "m", Name: "请留言", Kind: models.NodeRecord}}}
	if err := w.plant.store.CreateFlow(t.Context(), &flow); err != nil {
		t.Fatal(err)
	}
	his, others := w.leaves("+8613900000011", models.Message{QueueID: sales}), w.leaves("+8613900000012", models.Message{QueueID: service})
	inFlow := w.leaves("+8613900000013", models.Message{FlowID: flow.ID, Node: "m"})
	v, leader, admin, stranger := w.as("enterprise"), w.as("wang"), w.as("admin"), w.as("stranger")
	if n := len(v.want(200, "GET", "/messages", nil).items()); n != 3 {
		t.Errorf("an enterprise user sees %d", n)
	}
	if items := v.want(200, "GET", "/messages?number=13900000012", nil).items(); len(items) != 1 || items[0].(map[string]any)["place"] != "售后" {
		t.Errorf("by number: %v", items)
	}
	seen := map[any]any{}
	for _, m := range leader.want(200, "GET", "/messages?limit=10", nil).items() {
		seen[m.(map[string]any)["id"]] = m.(map[string]any)["place"]
	}
	if len(seen) != 2 || seen[his] != "售前" || seen[inFlow] != "夜间" {
		t.Errorf("a leader sees %v", seen)
	}
	if n := len(stranger.want(200, "GET", "/messages", nil).items()); n != 0 {
		t.Errorf("a stranger sees %d", n)
	}
	leader.want(404, "GET", "/messages/"+others, nil)
	leader.want(404, "PUT", "/messages/"+others+"/handled", map[string]any{"handled": true})
	stranger.want(404, "GET", "/messages/"+his+"/audio", nil)
	v.want(422, "GET", "/messages?state=old", nil)
	for _, id := range []string{his, inFlow} {
		path := "/messages/" + id
		for range 2 {
			leader.header.Set("Range", "bytes=0-3")
			if a := leader.want(206, "GET", path+"/audio", nil); string(a.raw) != "RIFF" {
				t.Errorf("a part: %q", a.raw)
			}
			leader.header.Del("Range")
		}
		leader.want(403, "GET", path+"/audio?download=1", nil)
		if p := leader.want(200, "GET", path+"/peaks", nil); p.body["duration_ms"] != 4000.0 {
			t.Errorf("peaks %.100s", p.raw)
		}
		if a := leader.want(200, "PUT", path+"/handled", map[string]any{"handled": true}); a.body["handled_by"] != "wang" || a.body["handled_at"] == nil {
			t.Errorf("handled: %s", a.raw)
		}
		if a := v.want(200, "PUT", path+"/handled", map[string]any{"handled": true}); a.body["handled_by"] != "wang" {
			t.Errorf("handled again: %s", a.raw)
		}
	}
	one := v.want(200, "GET", "/messages/"+his, nil)
	if heard, _ := one.body["heard"].([]any); len(heard) != 1 || heard[0].(map[string]any)["login"] != "wang" || one.body["message"].(map[string]any)["heard_by"] != "wang" {
		t.Errorf("heard: %s", one.raw)
	}
	if items := v.want(200, "GET", "/messages?state=open", nil).items(); len(items) != 1 || items[0].(map[string]any)["id"] != others {
		t.Errorf("open are %v", items)
	}
	v.want(200, "PUT", "/messages/"+inFlow+"/handled", map[string]any{"handled": false})
	v.want(403, "DELETE", "/messages/"+his, nil)
	admin.want(204, "DELETE", "/messages/"+his, nil)
	wantFaults(t, "a deleted one", v.ask("GET", "/messages/"+his+"/audio", nil), 404, "id message_deleted")
	if _, err := os.Stat(filepath.Join(w.plant.l.Switch.RecordingsDir, models.MessageFolder, his+".wav")); !os.IsNotExist(err) {
		t.Errorf("the file of a deleted message: %v", err)
	}
	for target, want := range map[string]string{his: "admin delete_message,wang handle_message,wang play_message", inFlow: "enterprise reopen_message,wang handle_message,wang play_message"} {
		var done []string
		for _, e := range v.want(200, "GET", "/audit?target=message:"+target, nil).items() {
			done = append(done, fmt.Sprint(e.(map[string]any)["login"], " ", e.(map[string]any)["action"]))
		}
		if got := strings.Join(done, ","); got != want {
			t.Errorf("audit of %s: %s, want %s", target, got, want)
		}
	}
}

// The steps of a call, with the names that the flow gives them; of a flow that is gone the ids are left.
func TestStepsOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	flow := models.IVRFlow{OrganizationID: 1, Name: "夜间", Nodes: []models.FlowNode{{ID: "m", Name: "请选择", Kind: models.NodeMenu}}}
	if err := w.plant.store.CreateFlow(t.Context(), &flow); err != nil {
		t.Fatal(err)
	}
	call := w.leaves("+8613900000021", models.Message{QueueID: 1})
	now := w.plant.clock.Now()
	if err := w.plant.store.SaveFlowSteps(t.Context(), []models.FlowStep{
		{CallID: call, At: now, FlowID: flow.ID, Node: "m", Step: "ivr_menu"}, {CallID: call, At: now.Add(time.Second), FlowID: flow.ID, Node: "m", Step: "ivr_key", Value: "2"},
		{CallID: call, At: now.Add(2 * time.Second), FlowID: 999, Node: "x", Step: "ivr_rate"},
	}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range w.as("enterprise").want(200, "GET", "/attempts/"+call+"/steps", nil).items() {
		v := s.(map[string]any)
		got = append(got, fmt.Sprint(v["flow"], " ", v["name"], " ", v["kind"], " ", v["step"], " ", v["value"]))
	}
	if want := "夜间 请选择 menu ivr_menu |夜间 请选择 menu ivr_key 2|   ivr_rate "; strings.Join(got, "|") != want {
		t.Errorf("steps %q, want %q", strings.Join(got, "|"), want)
	}
	w.as("stranger").want(404, "GET", "/attempts/"+call+"/steps", nil)
}

// Beside a message stand the calls with its number: all of them for the enterprise, those of his queues for who leads them.
func TestCallsBesideAMessage(t *testing.T) {
	w := newWebsite(t)
	sales, service := w.queueAt("售前"), w.queueAt("售后")
	wang := w.agentAt("wang", models.RoleTeamLeader, "8003", "+8613900000003")
	li := w.agentAt("li", models.RoleAgent, "8004", "+8613900000004")
	if err := w.plant.store.SetQueueLeaders(t.Context(), sales, []int64{wang.UserID}); err != nil {
		t.Fatal(err)
	}
	const number = "+8613900000011"
	his, others := w.leaves(number, models.Message{QueueID: sales}), w.leaves(number, models.Message{QueueID: service})
	hidden := w.leaves("", models.Message{QueueID: sales})
	served := map[string]models.Service{his: {QueueID: sales}, others: {QueueID: service, AgentID: li.ID}}
	if err := w.plant.store.SaveSeats(t.Context(), 1, models.Seats{Served: served}); err != nil {
		t.Fatal(err)
	}
	v, leader, stranger := w.as("enterprise"), w.as("wang"), w.as("stranger")
	calls := func(who *visitor, message string) (ids []any) {
		for _, c := range who.want(200, "GET", "/messages/"+message+"/calls", nil).items() {
			c := c.(map[string]any)
			ids = append(ids, c["id"])
			if c["kind"] != "inbound" || c["id"] == his && (c["queue"] != "售前" || c["agent"] != "") || c["id"] == others && (c["queue"] != "售后" || c["agent"] != "8004 张三 8004") {
				t.Errorf("a call %v", c)
			}
		}
		return ids
	}
	if ids := calls(v, his); len(ids) != 2 {
		t.Errorf("the enterprise sees %v", ids)
	}
	if ids := calls(leader, his); len(ids) != 1 || ids[0] != his {
		t.Errorf("the leader sees %v", ids)
	}
	if ids := calls(leader, hidden); len(ids) != 0 {
		t.Errorf("with a number that was withheld: %v", ids)
	}
	leader.want(404, "GET", "/messages/"+others+"/calls", nil)
	stranger.want(404, "GET", "/messages/"+his+"/calls", nil)
	w.as("li").want(403, "GET", "/messages/"+his+"/calls", nil)
}
