package floor

import (
	"slices"
	"testing"
	"time"

	"waihu/models"
)

// An earlier process died after it had called an agent for a call. Nothing is decided about his leg, and he is given no
// other call, before the switch has listed who talks with whom: in a talk he stays, with the call as his; a phone that
// nobody is connected to is let go; one that is gone leaves him idle.
func TestLegsOfAnEarlierProcess(t *testing.T) {
	for _, c := range []struct {
		name      string
		reach     models.Reach
		saved     models.AgentState
		call      string // of the session
		with      string // whom the list says the leg talks with, "" = nobody
		unlisted  bool
		talks     bool
		legHungUp bool
	}{
		{"rung, in a talk", models.ReachRing, models.AgentRinging, "x", "x", false, true, false},
		{"answers by itself, in a talk", models.ReachAutoAnswer, models.AgentRinging, "x", "x", false, true, false},
		{"connected, in a talk", models.ReachNailedUp, models.AgentRinging, "x", "x", false, true, false},
		{"connected, in a talk of which nothing was saved", models.ReachNailedUp, models.AgentIdle, "", "x", false, true, false},
		{"rung, nobody connected", models.ReachRing, models.AgentRinging, "x", "", false, false, true},
		{"rung, connected to a channel that is no call", models.ReachRing, models.AgentRinging, "x", "other", false, false, true},
		{"connected, nobody connected", models.ReachNailedUp, models.AgentRinging, "x", "", false, false, false},
		{"rung, gone", models.ReachRing, models.AgentRinging, "x", "", true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stageOf(t, "start", "staff 1:"+string(c.reach))
			at := s.now.Add(-10 * time.Second)
			s.f.Phone("1001", models.PhoneState{Registered: true}, s.now)
			s.f.Adopt([]models.Reserved{{Attempt: models.Attempt{ID: "x", OrganizationID: 1, CampaignID: 1, Kind: models.KindCampaign, State: models.AttemptAnswered,
				Number: "+8613800000002", SentAt: &at, Facts: models.Facts{AnsweredAt: &at, Service: models.Service{QueueID: 5, QueuedAt: &at}}}}}, s.now)
			before := s.f.Restore([]models.AgentSession{{AgentID: 1, OrganizationID: 1, State: c.saved, Since: at, Queues: []int64{5}, CallID: c.call, Leg: "leg"}}, s.now)
			for _, e := range before {
				switch e.(type) {
				case HangUpLeg, Bridge, Ring:
					t.Errorf("decided before the switch was asked: %#v", e)
				}
			}
			s.f.Lead(true)
			s.f.Database(true)
			s.f.SwitchUp("core", s.now)
			with := map[string]string{}
			if c.with != "" {
				with["leg"] = c.with
			}
			es := s.f.Talking(with, s.now, s.now)
			es = append(es, s.f.Channels(map[string]bool{"x": true, "leg": !c.unlisted}, s.now, s.now)...)
			hungUp := slices.ContainsFunc(es, func(e Effect) bool { h, is := e.(HangUpLeg); return is && h.LegID == "leg" })
			if hungUp != c.legHungUp {
				t.Errorf("the leg hung up: %v", hungUp)
			}
			a := s.f.DeskNow(s.now).Agents[0]
			if c.talks {
				if a.State != models.AgentTalking || a.CallID != "x" {
					t.Fatalf("%s in call %q", a.State, a.CallID)
				}
				if !slices.ContainsFunc(es, func(e Effect) bool {
					m, is := e.(MarkServed)
					return is && m.Service.AgentID == 1 && m.Service.BridgedAt != nil
				}) {
					t.Error("it is not saved who serves the call")
				}
				for _, e := range es {
					switch e.(type) {
					case Ring, Bridge:
						t.Errorf("given another call: %#v", e)
					}
				}
				s.f.HeardLeg("leg", LegHungUp, "NORMAL_CLEARING", s.now)
				if a := s.f.DeskNow(s.now).Agents[0]; a.State != models.AgentWrapUp {
					t.Errorf("after the talk: %s", a.State)
				}
				return
			}
			// The call waits still: who is free gets it, over a leg that was not there before unless it stays connected.
			rung := slices.ContainsFunc(es, func(e Effect) bool { _, is := e.(Ring); return is })
			bridged := slices.ContainsFunc(es, func(e Effect) bool { b, is := e.(Bridge); return is && b.Leg == "leg" })
			if a.State != models.AgentRinging || rung == (c.reach == models.ReachNailedUp) || bridged != (c.reach == models.ReachNailedUp) {
				t.Errorf("the waiting call: agent %s, rung %v, bridged %v", a.State, rung, bridged)
			}
		})
	}
}
