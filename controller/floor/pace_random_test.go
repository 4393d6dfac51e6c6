package floor

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waihu/controller/call"
	"waihu/controller/pacing"
	"waihu/models"
)

// paceWorld is a switch with customers and connected agents, and its own books of who was left alone.
type paceWorld struct {
	t        *rapid.T
	f        *Floor
	now      time.Time
	camp     models.Campaign
	agents   int
	serial   int
	ring     []string             // dialled, not answered
	wait     map[string]time.Time // answered, nobody there: since when
	talk     map[string]string    // call → leg
	open     map[string]models.Reserved
	legOf    map[int64]string // connected legs
	idle     map[int64]bool
	n        models.WindowCounts
	vanished int // agents who went away while calls counted on them
	todo     []Effect
}

func newPaceWorld(t *rapid.T) *paceWorld {
	w := &paceWorld{
		t: t, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), agents: rapid.IntRange(1, 12).Draw(t, "agents"), wait: map[string]time.Time{},
		talk: map[string]string{}, open: map[string]models.Reserved{}, legOf: map[int64]string{}, idle: map[int64]bool{},
	}
	w.camp = models.Campaign{ID: 1, State: models.CampaignRunning, Mode: models.ModeDirectAgent, QueueID: 5, TrunkIDs: []int64{1}, RingSeconds: 30,
		Rules: models.Rules{Zone: "Asia/Shanghai", Ratio: 10, Pacing: models.Pacing{
			Mode: rapid.SampledFrom([]models.PacingMode{models.PacePredictive, models.PaceRatio}).Draw(t, "mode"), AbandonLimit: 0.03, ConnectSeconds: 2,
			GainSlices: rapid.Bool().Draw(t, "gain"),
		}}}
	if rapid.Bool().Draw(t, "later") {
		w.n.Answered = rapid.IntRange(0, 1500).Draw(t, "answered")
		w.n.Abandoned = rapid.IntRange(0, int(0.03*float64(w.n.Answered))).Draw(t, "abandoned")
	}
	w.begin()
	for a := int64(1); a <= int64(w.agents); a++ {
		es, err := w.f.SignIn(a, []int64{5}, w.now)
		if err != nil {
			t.Fatal(err)
		}
		w.take(es)
	}
	return w
}

// begin makes a floor as a process does that takes over what the database knows.
func (w *paceWorld) begin() {
	cfg := Defaults()
	cfg.NewID = func() string { w.serial++; return fmt.Sprintf("L%04d", w.serial) }
	cfg.Pick = func(int) int { return 0 }
	w.f, w.todo = New(cfg), nil
	w.f.Trunks([]models.Trunk{{ID: 1, Gateway: "pstn"}})
	w.f.Start(w.camp, []string{"075512345678"})
	st := Staff{Queues: []models.Queue{{ID: 5, Strategy: models.StrategyLongestIdle}}}
	for a := int64(1); a <= int64(w.agents); a++ {
		st.Agents = append(st.Agents, models.Agent{ID: a, StaffNumber: fmt.Sprint(8000 + a), ExtensionID: a, Reach: models.ReachNailedUp})
		st.Extensions = append(st.Extensions, models.Extension{ID: a, Number: fmt.Sprint(1000 + a)})
		st.Members = append(st.Members, models.QueueMember{QueueID: 5, AgentID: a, Active: true, Priority: 1})
	}
	w.f.Staff(st, w.now)
	for a := 1; a <= w.agents; a++ {
		w.f.Phone(fmt.Sprint(1000+a), models.PhoneState{Registered: true}, w.now)
	}
	open := slices.Collect(maps.Values(w.open))
	slices.SortFunc(open, func(a, b models.Reserved) int { return int(a.Lead.ID - b.Lead.ID) })
	w.take(w.f.Adopt(open, w.now))
	w.f.WindowCounted(1, time.Time{}, w.n, w.now)
	var sessions []models.AgentSession
	for a := int64(1); a <= int64(w.agents); a++ {
		v := models.AgentSession{AgentID: a, State: models.AgentIdle, Since: w.now, Queues: []int64{5}, Leg: w.legOf[a]}
		if !w.idle[a] {
			v.State = models.AgentBusy
		}
		for id, leg := range w.talk {
			if leg == w.legOf[a] {
				v.State, v.CallID = models.AgentTalking, id
			}
		}
		if v.Leg != "" {
			sessions = append(sessions, v)
		}
	}
	w.take(w.f.Restore(sessions, w.now))
	w.f.Lead(true)
	w.f.Database(true)
	w.take(w.f.SwitchUp("core", w.now))
	w.f.Published(true)
	listed := map[string]bool{}
	for id := range w.open {
		listed[id] = true
	}
	for _, id := range w.legOf {
		listed[id] = true
	}
	w.take(w.f.Channels(listed, w.now, w.now))
}

// take carries effects out at once, but for the answers that the floor waits for.
func (w *paceWorld) take(es []Effect) {
	for _, e := range es {
		switch e := e.(type) {
		case Ring:
			w.legOf[e.AgentID], w.idle[e.AgentID] = e.LegID, true
			w.todo = append(w.todo, e)
		case Reserve, Dial, Bridge:
			w.todo = append(w.todo, e)
		case Finish:
			delete(w.open, e.AttemptID)
			w.take(w.f.Saved([]models.Finish{e.Finish}))
		case Release:
			for _, id := range e.AttemptIDs {
				delete(w.open, id)
			}
			w.take(w.f.Released(1))
		}
	}
}

// settle answers the floor until it has nothing more to ask.
func (w *paceWorld) settle() {
	for len(w.todo) > 0 {
		e := w.todo[0]
		w.todo = w.todo[1:]
		switch e := e.(type) {
		case Ring:
			w.take(w.f.HeardLeg(e.LegID, LegAnswered, "", w.now))
			w.take(w.f.HeardLeg(e.LegID, LegParked, "", w.now))
		case Reserve:
			w.reserve(e.Limit)
		case Dial:
			for _, v := range e.Sends {
				r := w.open[v.AttemptID]
				now := w.now
				r.Attempt.State, r.Attempt.SentAt = models.AttemptSent, &now
				w.open[v.AttemptID] = r
				w.ring = append(w.ring, v.AttemptID)
			}
			w.take(w.f.Sent(nil, w.now))
		case Bridge:
			w.bridge(e)
		}
	}
}

func (w *paceWorld) reserve(limit int) {
	var res models.ReserveResult
	for range min(limit, 40) {
		w.serial++
		v := models.Reserved{Lead: models.Lead{ID: int64(w.serial), CampaignID: 1}, Attempt: models.Attempt{
			ID: fmt.Sprintf("a%05d", w.serial), CampaignID: 1, LeadID: int64(w.serial), Number: "+8613800000001", Kind: models.KindCampaign, State: models.AttemptReserved,
		}}
		w.open[v.Attempt.ID] = v
		res.Reserved = append(res.Reserved, v)
	}
	w.take(w.f.Reserved(1, res, nil, w.now))
}

func (w *paceWorld) bridge(e Bridge) {
	if _, waits := w.wait[e.Customer]; !waits {
		return // he has hung up
	}
	delete(w.wait, e.Customer)
	w.talk[e.Customer] = e.Leg
	w.n.Answered++
	r := w.open[e.Customer]
	now := w.now
	r.Attempt.BridgedAt, r.Attempt.QueueID = &now, 5
	w.open[e.Customer] = r
	w.take(w.f.Bridged(e.Customer, e.Leg, w.now, w.now))
}

func (w *paceWorld) over(id, cause string) {
	times := call.Times{Created: w.now, HungUp: w.now}
	if r := w.open[id]; r.Attempt.AnsweredAt != nil {
		times.Answered = *r.Attempt.AnsweredAt
	}
	w.take(w.f.Heard(id, call.Event{Kind: call.Completed, At: w.now, Times: times, End: call.End{Cause: cause}}, w.now))
}

// pass lets time pass. Who has waited for the connect limit is told so, and goes.
func (w *paceWorld) pass(d time.Duration) {
	w.now = w.now.Add(d)
	for _, id := range slices.Sorted(maps.Keys(w.wait)) {
		if w.now.Sub(w.wait[id]) < 2*time.Second {
			continue
		}
		delete(w.wait, id)
		w.n.Answered++
		w.n.Abandoned++
		if rapid.Bool().Draw(w.t, "the word of it is heard") {
			w.take(w.f.Stepped(id, models.StepLate, 5, w.now, w.now))
		}
		w.over(id, "NORMAL_CLEARING")
	}
	w.take(w.f.Tick(w.now))
}

func (w *paceWorld) step() {
	pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(w.t, "which") }
	switch what := rapid.IntRange(0, 11).Draw(w.t, "step"); {
	case what <= 3 && len(w.ring) > 0: // answered
		i := pick(len(w.ring))
		id := w.ring[i]
		w.ring = slices.Delete(w.ring, i, i+1)
		r := w.open[id]
		now := w.now
		r.Attempt.State, r.Attempt.AnsweredAt = models.AttemptAnswered, &now
		w.open[id], w.wait[id] = r, now
		w.take(w.f.Heard(id, call.Event{Kind: call.Answered, At: w.now, Times: call.Times{Created: w.now, Answered: w.now}}, w.now))
	case what <= 5 && len(w.ring) > 0: // not answered
		i := pick(len(w.ring))
		id := w.ring[i]
		w.ring = slices.Delete(w.ring, i, i+1)
		w.over(id, "NO_ANSWER")
	case what == 6 && len(w.talk) > 0: // the talk is over
		ids := slices.Sorted(maps.Keys(w.talk))
		id := ids[pick(len(ids))]
		leg := w.talk[id]
		delete(w.talk, id)
		w.over(id, "NORMAL_CLEARING")
		w.take(w.f.HeardLeg(leg, LegParked, "", w.now))
	case what == 7 && len(w.wait) > 0: // he does not wait
		ids := slices.Sorted(maps.Keys(w.wait))
		id := ids[pick(len(ids))]
		if w.now.Sub(w.wait[id]) < 2*time.Second {
			delete(w.wait, id)
			w.over(id, "ORIGINATOR_CANCEL")
		}
	case what == 8: // an agent takes a break, or comes back
		a := int64(pick(w.agents) + 1)
		w.toggle(a)
	case what == 9 && rapid.IntRange(0, 5).Draw(w.t, "restart") == 0:
		w.begin()
	default:
		w.pass(time.Duration(rapid.IntRange(50, 1200).Draw(w.t, "ms")) * time.Millisecond)
	}
	w.settle()
}

func (w *paceWorld) toggle(a int64) {
	for _, leg := range w.talk {
		if leg == w.legOf[a] {
			return
		}
	}
	if w.idle[a] {
		w.idle[a] = false
		w.vanished++
		es, err := w.f.SetBusy(a, "lunch", "user", w.now)
		if err != nil {
			w.t.Fatal(err)
		}
		w.take(es)
		return
	}
	w.idle[a] = true
	es, err := w.f.SetIdle(a, "user", w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.take(es)
}

// check: with every call in flight that no idle agent covers taken as answered and left alone, the share of those left alone
// stays within the limit. An agent who goes away while calls count on him takes one call's cover with him; no more is
// dialled then until the limit holds again.
func (w *paceWorld) check() {
	idle := 0
	for a, is := range w.idle {
		busy := false
		for _, leg := range w.talk {
			busy = busy || leg == w.legOf[a]
		}
		if is && !busy {
			idle++
		}
	}
	over := max(len(w.ring)+len(w.wait)-idle, 0)
	bound := pacing.Overdial(w.n.Answered, w.n.Abandoned, 0.03)
	if over > bound+w.vanished {
		w.t.Fatalf("%d calls without an agent (%d ring, %d wait, %d agents idle), %d allowed: %d of %d abandoned; %d agents vanished",
			over, len(w.ring), len(w.wait), idle, bound, w.n.Abandoned, w.n.Answered, w.vanished)
	}
	if w.vanished == 0 && float64(w.n.Abandoned) > 0.03*float64(w.n.Answered)+1e-6 {
		w.t.Fatalf("%d of %d abandoned", w.n.Abandoned, w.n.Answered)
	}
	if p := w.f.campaigns[1].pace; p.window.WindowCounts != w.n {
		w.t.Fatalf("the floor counts %+v, %+v happened", p.window.WindowCounts, w.n)
	}
}

// TestAbandonmentLimitInAnyHistory: whatever happens to calls, agents and the process itself, the hard guarantee holds.
func TestAbandonmentLimitInAnyHistory(t *testing.T) {
	most := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newPaceWorld(t)
		w.settle()
		for range rapid.IntRange(20, 300).Draw(t, "steps") {
			w.step()
			w.check()
			most = max(most, len(w.ring)+len(w.wait)-w.agents)
		}
	})
	if most <= 0 {
		t.Error("in no history there were more calls than agents: nothing was tried")
	}
}
