package floor

import (
	"fmt"
	"testing"
	"time"

	"waihu/controller/agent"
	"waihu/models"
)

// BenchmarkDecision is a decision with all that the floor gathers for it: 500 agents of one queue and 1,500 calls that ring
// (docs/performance.md, at most 2 ms).
func BenchmarkDecision(b *testing.B) {
	f, now := New(Defaults()), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	f.Trunks([]models.Trunk{{ID: 1, Gateway: "pstn"}})
	st := Staff{Queues: []models.Queue{{ID: 5, Strategy: models.StrategyLongestIdle}}}
	for a := int64(1); a <= 500; a++ {
		st.Agents = append(st.Agents, models.Agent{ID: a, StaffNumber: fmt.Sprint(8000 + a), ExtensionID: a, Reach: models.ReachAutoAnswer})
		st.Extensions = append(st.Extensions, models.Extension{ID: a, Number: fmt.Sprint(1000 + a)})
		st.Members = append(st.Members, models.QueueMember{QueueID: 5, AgentID: a, Active: true, Priority: 1})
	}
	f.Staff(st, now)
	f.Start(models.Campaign{ID: 1, State: models.CampaignRunning, Mode: models.ModeDirectAgent, QueueID: 5, TrunkIDs: []int64{1}, RingSeconds: 30,
		Rules: models.Rules{Zone: "Asia/Shanghai", Pacing: models.Pacing{Mode: models.PacePredictive, AbandonLimit: 0.03, ConnectSeconds: 2}}}, []string{"075512345678"})
	f.WindowCounted(1, time.Time{}, models.WindowCounts{Answered: 20000, Abandoned: 300}, now)
	for a := int64(1); a <= 500; a++ {
		f.Phone(fmt.Sprint(1000+a), models.PhoneState{Registered: true}, now)
		s := f.seats[a]
		s.queues, s.st = []int64{5}, agent.Agent{State: models.AgentIdle, Since: now.Add(-time.Duration(a) * time.Second)}
		if a > 20 {
			s.st.State, s.talkFrom = models.AgentTalking, s.st.Since
		}
	}
	for i := range 1500 {
		l := &live{sentAt: now.Add(-time.Duration(i%300) * 100 * time.Millisecond)}
		l.Attempt = models.Attempt{ID: fmt.Sprint(i), CampaignID: 1, Kind: models.KindCampaign}
		f.calls[l.Attempt.ID] = l
	}
	r := f.campaigns[1]
	b.ReportAllocs()
	for b.Loop() {
		r.pace.decided = time.Time{}
		f.decide(r, models.GateOpen, now)
	}
	if in := r.pace.last.Inputs; in.Idle != 20 || in.Talk != 480 || in.Ring != 1500 {
		b.Errorf("decided with %+v", in)
	}
}
