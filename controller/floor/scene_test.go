package floor

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

// stageOf plays lines of a script and returns the floor behind them.
func stageOf(t *testing.T, script ...string) *stage {
	t.Helper()
	cfg, legs := Defaults(), 0
	cfg.NewID = func() string { legs++; return fmt.Sprintf("L%d", legs) }
	s := &stage{t: t, f: New(cfg), now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), fins: map[string]models.Finish{}, leads: map[string]models.Lead{}}
	for _, line := range script {
		s.do(strings.Fields(line))
	}
	return s
}

func TestScene(t *testing.T) {
	s := stageOf(t, "ready", "start", "tick 1s", "reserved a:13800138001 b:13800138002 c:13800138003", "tick 1s", "answered a", "rang b")
	calls := s.f.CallViews(1)
	if len(calls) != 3 {
		t.Fatalf("%d calls: %+v", len(calls), calls)
	}
	states := map[string]models.AttemptState{}
	for i, c := range calls {
		states[c.AttemptID] = c.State
		if c.CampaignID != 1 || c.Number == "" || c.TrunkID != 1 || c.Since.IsZero() {
			t.Errorf("incomplete: %+v", c)
		}
		if i > 0 && c.Since.Before(calls[i-1].Since) {
			t.Errorf("not the oldest first: %+v", calls)
		}
	}
	if states["a"] != models.AttemptAnswered || states["b"] != models.AttemptRinging || states["c"] != models.AttemptSent {
		t.Errorf("states %v", states)
	}
	if other := s.f.CallViews(2); len(other) != 0 {
		t.Errorf("calls of another campaign: %+v", other)
	}
	if n := s.f.InUse()[1]; n != 3 {
		t.Errorf("%d lines of trunk 1 in use", n)
	}
	if v := s.f.View(s.now).Campaigns[1]; v.InFlight != 3 || v.Up != 1 {
		t.Errorf("%d calls in flight, %d answered", v.InFlight, v.Up)
	}
	es, ok := s.f.HangUp("b")
	if !ok || len(es) != 1 || es[0] != (Kill{AttemptID: "b", Cause: "MANAGER_REQUEST"}) {
		t.Errorf("hang up b: %v %v", es, ok)
	}
	s.do(strings.Fields("completed b NORMAL_CLEARING"))
	if es, ok := s.f.HangUp("b"); ok || len(es) != 0 {
		t.Errorf("a call that is over was hung up: %v", es)
	}
	if _, ok := s.f.HangUp("nobody"); ok {
		t.Error("hung up a call that never was")
	}
	if got := s.f.CallViews(0); len(got) != 2 || s.f.InUse()[1] != 2 {
		t.Errorf("after the end of b: %+v", got)
	}
}

func TestOnlyTrunks(t *testing.T) {
	s := stageOf(t, "ready", "start", "tick 1s", "reserved a:13800138001 b:13800138002", "tick 1s")
	s.f.OnlyTrunks([]models.Trunk{{ID: 2, Gateway: "other"}})
	if _, why, _ := s.f.choose(s.f.campaigns[1], 0, false, s.now); why != models.GateTrunkPaused {
		t.Errorf("a trunk that was deleted with calls on it: %q", why)
	}
	s.do(strings.Fields("completed a NORMAL_CLEARING"))
	s.do(strings.Fields("completed b NORMAL_CLEARING"))
	s.f.OnlyTrunks([]models.Trunk{{ID: 2, Gateway: "other"}})
	if _, why, _ := s.f.choose(s.f.campaigns[1], 0, false, s.now); why != models.GateNoTrunk {
		t.Errorf("a trunk that is gone: %q", why)
	}
	if _, left := s.f.InUse()[1]; left {
		t.Error("a trunk without calls stays")
	}
}

func TestReason(t *testing.T) {
	s := stageOf(t, "ready", "start")
	s.f.Reason(1, "enough")
	s.f.Reason(2, "nobody")
	es := s.f.Stop(1, false)
	if len(es) != 1 || es[0].(SetState).Reason != "enough" || es[0].(SetState).To != models.CampaignStopped {
		t.Errorf("%+v", es)
	}
}

// A call whose originate is still on the way cannot be hung up yet: it is, as soon as the switch knows it.
func TestKillOfACallThatIsNotThereYet(t *testing.T) {
	s := stageOf(t, "ready", "start", "tick 1s", "reserved a:13800138001 b:13800138002", "tick 1s")
	s.f.Stop(1, true)
	for _, line := range []string{"created a", "rang a", "answered b"} {
		es := s.do(strings.Fields(line))
		id := strings.Fields(line)[1]
		if !slices.Contains(es, Effect(Kill{AttemptID: id, Cause: "MANAGER_REQUEST"})) {
			t.Errorf("%s: %+v", line, es)
		}
	}
	for _, e := range s.do(strings.Fields("completed a MANAGER_REQUEST")) {
		if _, again := e.(Kill); again {
			t.Error("a call that is over is hung up")
		}
	}
}

// A recording that an earlier process began is written down at the end of its call, as its own, with what the ledger knows.
func TestRecordingOfAnAdoptedCall(t *testing.T) {
	s := stageOf(t, "ready", "start")
	bridged := s.now.Add(-time.Minute)
	s.f.Adopt([]models.Reserved{{Attempt: models.Attempt{ID: "x", OrganizationID: 1, CampaignID: 1, Kind: models.KindCampaign, State: models.AttemptAnswered,
		Number: "+8613800000002", Facts: models.Facts{AnsweredAt: &bridged, Service: models.Service{QueueID: 5, AgentID: 7, BridgedAt: &bridged, Recording: "x"}}}}}, s.now)
	var saved []models.Recording
	for _, e := range s.do(strings.Fields("completed x NORMAL_CLEARING")) {
		if r, ok := e.(SaveRecording); ok {
			saved = append(saved, r.Recording)
		}
	}
	if len(saved) != 1 || saved[0].ID != "x" || saved[0].AgentID != 7 || saved[0].QueueID != 5 || saved[0].Number != "+8613800000002" ||
		saved[0].Path != bridged.Format("2006/01/02/")+"x.wav" || !saved[0].StartedAt.Equal(bridged) {
		t.Errorf("saved %+v", saved)
	}
}
