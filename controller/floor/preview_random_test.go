package floor

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waihu/controller/call"
	"waihu/models"
)

// lookers is a world with three agents who look at numbers before they are called: phones are slow, fail and get lost, agents
// come and go, the campaign pauses.
type lookers struct {
	*world
	mode   models.PacingMode
	wanted map[string]bool // attempts that an agent said are to be called
}

func newLookers(t *rapid.T) *lookers {
	w := &world{
		t: t, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), leads: map[int64]*models.Lead{}, open: map[string]models.Reserved{},
		dialled: map[string]int{}, ended: map[string]int{}, live: map[string]bool{}, answers: map[string]bool{}, state: models.CampaignRunning, up: true,
	}
	o := &lookers{world: w, mode: rapid.SampledFrom([]models.PacingMode{models.PacePreview, models.PaceManual}).Draw(t, "mode"), wanted: map[string]bool{}}
	cfg := Defaults()
	legs := 0
	cfg.NewID = func() string { legs++; return fmt.Sprintf("L%d", legs) }
	w.f = New(cfg)
	for i := range int64(rapid.IntRange(0, 6).Draw(t, "leads")) {
		w.leads[i+1] = &models.Lead{ID: i + 1, CampaignID: 1, Number: fmt.Sprintf("+861380000%04d", i), State: models.LeadDue, NextAt: w.now}
	}
	w.f.Lead(true)
	w.f.Database(true)
	w.f.Published(true)
	w.f.Trunks([]models.Trunk{{ID: 1, Gateway: "a", Lines: 2, HandLines: 1}})
	w.take(w.f.SwitchUp("core", w.now))
	w.take(w.f.Channels(nil, w.now, w.now))
	st := Staff{Queues: []models.Queue{{ID: 5, Strategy: models.StrategyPriorityFirst, RingSeconds: 5, MaxMissed: 2, WrapUpSeconds: 1}}}
	for a := int64(1); a <= 3; a++ {
		st.Agents = append(st.Agents, models.Agent{ID: a, StaffNumber: fmt.Sprint(8000 + a), ExtensionID: a,
			Reach: rapid.SampledFrom([]models.Reach{models.ReachRing, models.ReachNailedUp}).Draw(t, "reach")})
		st.Extensions = append(st.Extensions, models.Extension{ID: a, Number: fmt.Sprint(1000 + a)})
		st.Members = append(st.Members, models.QueueMember{QueueID: 5, AgentID: a, Active: true, Priority: 1})
	}
	w.take(w.f.Staff(st, w.now))
	for a := 1; a <= 3; a++ {
		w.take(w.f.Phone(fmt.Sprint(1000+a), models.PhoneState{Registered: true}, w.now))
	}
	o.start()
	return o
}

func (o *lookers) start() {
	o.take(o.f.Start(models.Campaign{ID: 1, State: models.CampaignRunning, Mode: models.ModeDirectAgent, QueueID: 5, TrunkIDs: []int64{1}, Rules: models.Rules{
		Zone: "Asia/Shanghai", Pacing: models.Pacing{Mode: o.mode, PreviewSeconds: 20},
	}}, []string{"075512345678"}))
}

// carry answers one effect: those about phones here, the others as any world does.
func (o *lookers) carry(lucky bool) {
	if len(o.todo) == 0 {
		return
	}
	switch e := o.todo[0].(type) {
	case Ring:
		if !lucky {
			o.take(o.f.HeardLeg(e.LegID, LegFailed, "NO_ANSWER", o.now))
			break
		}
		o.take(o.f.HeardLeg(e.LegID, LegParked, "", o.now))
	case HangUpLeg:
		o.take(o.f.HeardLeg(e.LegID, LegHungUp, e.Cause, o.now))
	case Skip:
		l := o.leads[e.LeadID]
		o.giveBack(e.AttemptID)
		if l.NextAt = e.Until; e.Until.IsZero() {
			l.State = models.LeadSkipped
		}
		o.take(o.f.Skipped(e))
	case Bridge:
		o.take(o.f.Bridged(e.Customer, e.Leg, o.now, o.now))
	case Kill:
		if o.live[e.AttemptID] {
			o.end(e.AttemptID)
		}
	case Dial:
		for _, v := range e.Sends {
			if !o.wanted[v.AttemptID] {
				o.t.Fatalf("%s is dialled, and nobody said so", v.AttemptID)
			}
		}
		o.todo = append([]Effect{e}, o.todo[1:]...)
		o.dial(e, lucky)
	case Reserve, Release, Finish, LookUp, SetState:
		rest := o.todo[1:]
		o.todo = []Effect{e}
		o.answer(true)
		o.todo = append(rest, o.todo...)
		return
	default:
	}
	o.todo = o.todo[1:]
}

func (o *lookers) end(id string) {
	delete(o.live, id)
	o.take(o.f.Heard(id, call.Event{Kind: call.Completed, At: o.now, Times: call.Times{Created: o.now}, End: call.End{Cause: "NORMAL_CLEARING"}}, o.now))
}

func (o *lookers) act() {
	o.now = o.now.Add(time.Duration(rapid.IntRange(1, 3000).Draw(o.t, "ms")) * time.Millisecond)
	a := int64(rapid.IntRange(1, 3).Draw(o.t, "agent"))
	s := o.f.seats[a]
	told := func(es []Effect, _ error) { o.take(es) } // a refusal changes nothing
	switch rapid.IntRange(0, 13).Draw(o.t, "what") {
	case 0:
		told(o.f.SignIn(a, []int64{5}, o.now))
	case 1:
		told(o.f.SignOut(a, "", o.now))
	case 2:
		told(o.f.SetBusy(a, "lunch", "user", o.now))
	case 3:
		told(o.f.SetIdle(a, "user", o.now))
	case 4:
		told(o.f.Fetch(a, o.now))
	case 5, 6:
		if s.preview != nil {
			o.wanted[s.preview.Attempt.ID] = true
		}
		told(o.f.CallNumber(a, "", o.now))
	case 7:
		told(o.f.SkipNumber(a, "", "", []time.Time{{}, o.now.Add(time.Minute)}[rapid.IntRange(0, 1).Draw(o.t, "again")], o.now))
	case 8:
		told(o.f.GiveBackNumber(a, "", o.now))
	case 9:
		if o.state == models.CampaignRunning {
			o.state = models.CampaignPaused
			o.take(o.f.Pause(1))
		} else if o.state == models.CampaignPaused {
			o.state = models.CampaignRunning
			o.start()
		}
	case 10:
		o.event()
	case 11:
		for _, l := range o.f.legsInOrder() {
			o.take(o.f.HeardLeg(l.id, LegHungUp, "NORMAL_CLEARING", o.now))
			break
		}
	default:
		for range rapid.IntRange(1, 4).Draw(o.t, "effects") {
			o.carry(rapid.IntRange(0, 3).Draw(o.t, "lucky") > 0)
		}
		o.take(o.f.Tick(o.now))
	}
}

// Whatever agents, phones and lists do: only what an agent said is dialled, no number that was reserved is lost, nobody is kept
// for nothing, and everything that was dialled ends once.
func TestLookingInAnyWeather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := newLookers(t)
		for range rapid.IntRange(0, 150).Draw(t, "steps") {
			o.act()
		}
		for range 200 {
			o.now = o.now.Add(time.Second)
			for len(o.todo) > 0 {
				o.carry(true)
			}
			for id := range o.live {
				o.end(id)
				break
			}
			listed := o.listed()
			for id := range o.f.legs {
				listed[id] = true
			}
			o.take(o.f.Channels(listed, o.now, o.now)) // what was not heard is found out
			o.take(o.f.Tick(o.now))
		}
		for len(o.todo) > 0 {
			o.carry(true)
		}
		known := map[string]bool{}
		if r := o.f.campaigns[1]; r != nil {
			for _, h := range r.hopper {
				known[h.Attempt.ID] = true
			}
			if r.unsaved != 0 {
				t.Fatalf("%d writes are waited for that never come", r.unsaved)
			}
		}
		for _, s := range o.f.inOrder() {
			if s.preview != nil {
				known[s.preview.Attempt.ID] = true
			} else if s.st.State == models.AgentReserved {
				t.Fatalf("agent %d is kept for %q, which is not there", s.a.ID, s.st.CallID)
			}
		}
		for id := range o.open {
			if !known[id] {
				t.Fatalf("%s is reserved and nobody knows of it", id)
			}
		}
		for id, n := range o.dialled {
			if n != 1 || o.ended[id] != 1 {
				t.Fatalf("%s dialled %d times, ended %d times", id, n, o.ended[id])
			}
		}
		if o.f.busy != 0 || len(o.f.calls) != 0 {
			t.Fatalf("%d lines and %d calls are left", o.f.busy, len(o.f.calls))
		}
	})
}
