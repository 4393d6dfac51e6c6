package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"waihu/controller/clock"
	"waihu/models"
)

// agentAt makes an agent with a log-in, reached at an outside number, who is a member of the queues.
func (w *website) agentAt(login string, role models.Role, staff, number string, queues ...int64) models.Agent {
	w.t.Helper()
	hash, err := argon2id.CreateHash(sitePassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		w.t.Fatal(err)
	}
	a := models.Agent{OrganizationID: 1, StaffNumber: staff, Name: "张三 " + staff, ExternalNumber: number, Reach: models.ReachRing}
	if err := w.plant.store.CreateAgent(w.t.Context(), &a, &models.User{OrganizationID: 1, Login: login, Role: role, PasswordHash: hash}); err != nil {
		w.t.Fatal(err)
	}
	for _, q := range queues {
		members, err := w.plant.store.QueueMembers(w.t.Context(), q)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.plant.store.SetQueueMembers(w.t.Context(), q, append(members, models.QueueMember{QueueID: q, AgentID: a.ID, Active: true, Priority: 1})); err != nil {
			w.t.Fatal(err)
		}
	}
	return a
}

// queueAt makes a queue that takes agents at outside numbers.
func (w *website) queueAt(name string) int64 {
	w.t.Helper()
	made := w.as("enterprise").want(201, "POST", "/queues", map[string]any{"name": name, "mobile_agents": true})
	return made.id()
}

// reload tells the floor of agents that were made behind its back; it waits for the floor to be there.
func (w *website) reload() {
	w.t.Helper()
	w.until("the floor has read the agents", func() bool { return w.plant.floor.ReloadDesk(w.t.Context()) == nil })
}

// until asks again until something is so.
func (w *website) until(what string, so func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	for !so() {
		if !clock.Sleep(ctx.Done(), clock.Real(), 10*time.Millisecond) {
			w.t.Fatalf("in vain: %s", what)
		}
	}
}

func TestADeskOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	sales, service := w.queueAt("售前"), w.queueAt("售后")
	w.agentAt("zhang", models.RoleAgent, "8001", "+8613900000001", sales)
	w.agentAt("li", models.RoleAgent, "8002", "+8613900000002", sales, service)
	w.reload()
	zhang := w.as("zhang")
	first := zhang.want(200, "GET", "/desk", nil)
	if queues, _ := first.body["queues"].([]any); len(queues) != 1 || first.body["floor"] != true || first.body["call"] != nil {
		t.Errorf("before: %s", first.raw)
	}
	for body, want := range map[string]string{
		fmt.Sprintf(`{"queue_ids":[%d]}`, service): "queue_ids not_a_member",
		`{"queue_ids":[77]}`:                       "queue_ids not_a_member",
	} {
		wantFaults(t, body, zhang.ask("POST", "/desk/sign-in", body), 422, want)
	}
	zhang.want(204, "POST", "/desk/sign-in", map[string]any{"queue_ids": []int64{sales, sales}})
	state := func(v *visitor) string {
		now, _ := v.want(200, "GET", "/desk", nil).body["now"].(map[string]any)
		return fmt.Sprint(now["state"], " ", now["reason"])
	}
	w.until("zhang is idle", func() bool { return state(zhang) == "idle " })
	zhang.want(204, "POST", "/desk/busy", map[string]any{"reason": "午餐"})
	w.until("zhang is busy", func() bool { return state(zhang) == "busy 午餐" })
	wantFaults(t, "busy for nothing", zhang.ask("POST", "/desk/busy", map[string]any{"reason": " "}), 422, "reason bad_reason")
	zhang.want(204, "POST", "/desk/idle", nil)
	w.until("zhang is idle again", func() bool { return state(zhang) == "idle " })

	li := w.as("li")
	targets := li.want(200, "GET", "/desk/targets", nil).items()
	if len(targets) != 3 || targets[0].(map[string]any)["staff_number"] != "8001" {
		t.Errorf("targets of li: %v", targets)
	}
	for _, what := range []string{"fetch", "call", "give-back"} { // no campaign gives numbers out, and none is looked at
		zhang.want(409, "POST", "/desk/number/"+what, nil)
		if what != "fetch" {
			zhang.want(409, "POST", "/desk/number/"+what, map[string]any{"call_id": "seen"})
		}
	}
	zhang.want(409, "POST", "/desk/number/skip", map[string]any{"minutes": 10})
	for _, body := range []map[string]any{{}, {"minutes": -1}, {"minutes": 43201}} {
		wantFaults(t, "a number put off for no time that can be", zhang.ask("POST", "/desk/number/skip", body), 422, "minutes out_of_range")
	}
	zhang.want(409, "POST", "/desk/number/skip", map[string]any{"minutes": 0, "call_id": "seen", "reason": "  已换号 – moved 😀 "})
	for _, reason := range []string{strings.Repeat("字", 65), "two\nlines", "\x1b[2J", "left\u202eright"} {
		wantFaults(t, "a reason that is none", zhang.ask("POST", "/desk/number/skip", map[string]any{"minutes": 0, "reason": reason}), 422, "reason bad_reason")
	}
	zhang.want(409, "POST", "/desk/hang-up", nil)
	zhang.want(409, "POST", "/desk/hold", nil)
	for body, want := range map[string]string{
		`{"target":{"kind":"agent","id":999}}`:                 "target bad_target",
		`{"target":{"kind":"queue","id":999}}`:                 "target bad_target",
		`{"target":{"kind":"external","id":0,"number":"   "}}`: "target bad_target",
		`{"target":{"kind":"elsewhere"}}`:                      "target bad_target",
	} {
		wantFaults(t, body, zhang.ask("POST", "/desk/transfer", body), 422, want)
		wantFaults(t, body, zhang.ask("POST", "/desk/consult", body), 422, want)
	}
	wantFaults(t, "letters as tones", zhang.ask("POST", "/desk/dtmf", map[string]any{"digits": "12a"}), 422, "digits bad_digits")
	wantFaults(t, "recording without leave", zhang.ask("POST", "/desk/recording", map[string]any{"what": "start"}), 403, "what recording_not_allowed")
	wantFaults(t, "an agent's page without an agent", w.as("agent").ask("GET", "/desk", nil), 403, " no_agent")
	zhang.want(204, "POST", "/desk/sign-out", nil)
	w.until("zhang has gone", func() bool { return strings.HasPrefix(state(zhang), "offline") })
	zhang.want(200, "GET", "/desk/today", nil)
}

func TestALeaderSteersHisQueuesOnly(t *testing.T) {
	w := newWebsite(t)
	sales, service := w.queueAt("售前"), w.queueAt("售后")
	zhang := w.agentAt("zhang", models.RoleAgent, "8001", "+8613900000001", sales)
	li := w.agentAt("li", models.RoleAgent, "8002", "+8613900000002", service)
	wang := w.agentAt("wang", models.RoleTeamLeader, "8003", "+8613900000003")
	if err := w.plant.store.SetQueueLeaders(t.Context(), sales, []int64{wang.UserID}); err != nil {
		t.Fatal(err)
	}
	w.reload()
	w.as("zhang").want(204, "POST", "/desk/sign-in", map[string]any{"queue_ids": []int64{sales}})
	w.as("li").want(204, "POST", "/desk/sign-in", map[string]any{"queue_ids": []int64{service}})
	leader := w.as("wang")
	his, other := fmt.Sprintf("/supervision/agents/%d", zhang.ID), fmt.Sprintf("/supervision/agents/%d", li.ID)
	leader.want(204, "POST", his+"/busy", map[string]any{})
	if now, err := w.plant.floor.DeskNow(t.Context()); err != nil || agentIn(now, zhang.ID).State != models.AgentBusy || agentIn(now, zhang.ID).Reason != models.BusyForced {
		t.Errorf("forced busy: %+v %v", agentIn(now, zhang.ID), err)
	}
	leader.want(204, "POST", his+"/idle", nil)
	leader.want(409, "POST", his+"/drop", nil)
	leader.want(409, "POST", his+"/supervise", map[string]any{"mode": "listen"})
	wantFaults(t, "shouting", leader.ask("POST", his+"/supervise", map[string]any{"mode": "shout"}), 422, "mode not_allowed")
	wantFaults(t, "on another's phone", leader.ask("POST", his+"/supervise", map[string]any{"mode": "listen", "supervisor_agent_id": li.ID}), 404, "supervisor_agent_id not_found")
	wantFaults(t, "without a phone", w.as("enterprise").ask("POST", his+"/supervise", map[string]any{"mode": "listen"}), 422, "supervisor_agent_id required")
	for _, what := range []string{"busy", "idle", "drop", "sign-out"} {
		leader.want(404, "POST", other+"/"+what, map[string]any{})
		w.as("stranger").want(404, "POST", his+"/"+what, map[string]any{})
	}
	leader.want(204, "POST", his+"/sign-out", nil)
	if now, err := w.plant.floor.DeskNow(t.Context()); err != nil || agentIn(now, zhang.ID).State != models.AgentOffline {
		t.Errorf("signed out: %+v %v", agentIn(now, zhang.ID), err)
	}
	var done []string
	for _, e := range w.as("enterprise").want(200, "GET", "/audit?login=wang", nil).items() {
		v := e.(map[string]any)
		done = append(done, fmt.Sprint(v["action"], " ", v["target"], " ", v["detail"]))
	}
	target := fmt.Sprintf("agent:%d", zhang.ID)
	if got := strings.Join(done, ", "); got != "sign_out "+target+" , force_idle "+target+" , force_busy "+target+" forced" {
		t.Errorf("audit: %s", got)
	}
	times := leader.want(200, "GET", "/agent-times", nil).items()
	if len(times) > 1 {
		t.Errorf("a leader sees the times of %v", times)
	}
	wantFaults(t, "a period that is too long", leader.ask("GET", "/agent-times?from=2020-01-01T00:00:00Z", nil), 422, "from out_of_range")
}

func agentIn(now models.DeskNow, id int64) models.AgentNow {
	for _, a := range now.Agents {
		if a.AgentID == id {
			return a
		}
	}
	return models.AgentNow{}
}

// nextEvent reads a stream up to the next event of a name.
func nextEvent(t *testing.T, r *bufio.Scanner, name string) map[string]any {
	t.Helper()
	for found := false; r.Scan(); {
		line := r.Text()
		if event, ok := strings.CutPrefix(line, "event: "); ok {
			found = event == name
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok && found {
			var v map[string]any
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("the stream ended before %s: %v", name, r.Err())
	return nil
}

func TestDeskStreams(t *testing.T) {
	w := newWebsite(t)
	sales := w.queueAt("售前")
	w.agentAt("zhang", models.RoleAgent, "8001", "+8613900000001", sales)
	w.reload()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	streams := map[string]*bufio.Scanner{}
	for path, login := range map[string]string{"/desk/stream": "zhang", "/supervision/stream": "enterprise", "/wallboard/stream": "enterprise"} {
		v := w.as(login)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/api/v1"+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := v.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		streams[path] = bufio.NewScanner(resp.Body)
		if at := nextEvent(t, streams[path], "clock")["at"]; at == nil {
			t.Errorf("%s has no clock", path)
		}
		nextEvent(t, streams[path], "snapshot")
	}
	w.as("zhang").want(204, "POST", "/desk/sign-in", map[string]any{"queue_ids": []int64{sales}})
	for {
		now, _ := nextEvent(t, streams["/desk/stream"], "change")["now"].(map[string]any)
		if now["state"] == "idle" {
			break
		}
	}
	for {
		now, _ := nextEvent(t, streams["/supervision/stream"], "agent")["now"].(map[string]any)
		if now["state"] == "idle" {
			break
		}
	}
	for {
		agents, _ := nextEvent(t, streams["/wallboard/stream"], "state")["agents"].(map[string]any)
		if agents["idle"] == 1.0 {
			break
		}
	}
}

func TestRecordingsOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	sales, service := w.queueAt("售前"), w.queueAt("售后")
	wang := w.agentAt("wang", models.RoleTeamLeader, "8003", "+8613900000003")
	if err := w.plant.store.SetQueueLeaders(t.Context(), sales, []int64{wang.UserID}); err != nil {
		t.Fatal(err)
	}
	var sound strings.Builder
	if err := sampleVoice(&sound); err != nil {
		t.Fatal(err)
	}
	ids := map[int64]string{}
	for _, q := range []int64{sales, service} {
		id := uuid.NewString()
		ids[q] = id
		path := "2026/03/02/" + id + ".wav"
		file := filepath.Join(w.plant.l.Switch.RecordingsDir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(sound.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		r := models.Recording{ID: id, OrganizationID: 1, QueueID: q, AgentID: 77, Number: "+8613900000009", StartedAt: time.Now(), DurationMS: 4000, Path: path}
		if err := w.plant.store.SaveRecording(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	v, leader, admin := w.as("enterprise"), w.as("wang"), w.as("admin")
	if n := len(v.want(200, "GET", "/recordings?number=13900000009", nil).items()); n != 2 {
		t.Errorf("found %d by number", n)
	}
	if items := leader.want(200, "GET", "/recordings", nil).items(); len(items) != 1 || items[0].(map[string]any)["id"] != ids[sales] {
		t.Errorf("a leader sees %v", items)
	}
	if n := len(w.as("stranger").want(200, "GET", "/recordings", nil).items()); n != 0 {
		t.Errorf("a stranger sees %d", n)
	}
	his := "/recordings/" + ids[sales]
	for range 2 {
		leader.header.Set("Range", "bytes=4-7")
		if a := leader.want(206, "GET", his+"/audio", nil); len(a.raw) != 4 {
			t.Errorf("a part of %d bytes", len(a.raw))
		}
	}
	leader.header.Del("Range")
	leader.want(403, "GET", his+"/audio?download=1", nil)
	leader.want(404, "GET", "/recordings/"+ids[service]+"/audio", nil)
	peaks := leader.want(200, "GET", his+"/peaks", nil)
	if channels, _ := peaks.body["channels"].([]any); peaks.body["duration_ms"] != 4000.0 || len(channels) != 1 {
		t.Errorf("peaks %.100s", peaks.raw)
	}
	if a := v.want(200, "GET", his+"/audio?download=1", nil); !strings.Contains(a.header.Get("Content-Disposition"), "attachment") || len(a.raw) != sound.Len() {
		t.Errorf("download of %d bytes: %v", len(a.raw), a.header)
	}
	v.want(403, "DELETE", his, nil)
	admin.want(204, "DELETE", his, nil)
	wantFaults(t, "a deleted one", v.ask("GET", his+"/audio", nil), 404, "id recording_deleted")
	if _, err := os.Stat(filepath.Join(w.plant.l.Switch.RecordingsDir, "2026", "03", "02", ids[sales]+".wav")); !os.IsNotExist(err) {
		t.Errorf("the file of a deleted recording: %v", err)
	}
	counts := map[string]int{}
	for _, e := range v.want(200, "GET", "/audit?target=recording:"+ids[sales], nil).items() {
		counts[fmt.Sprint(e.(map[string]any)["login"], " ", e.(map[string]any)["action"])]++
	}
	if len(counts) != 3 || counts["wang play_recording"] != 1 || counts["enterprise download_recording"] != 1 || counts["admin delete_recording"] != 1 {
		t.Errorf("audit %v", counts)
	}
}
