package floor

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waihu/controller/call"
	"waihu/models"
)

// office is a switch with phones and customers. It carries out the floor's commands late and in any order, loses some of what
// it has to say, and keeps its own books: which channels live, and who hears whom.
type office struct {
	t       *rapid.T
	f       *Floor
	now     time.Time
	up      map[string]bool   // channels that live
	kind    map[string]string // "customer", "phone"
	hears   map[string]string // bridges, both ways
	words   []func()          // what the switch has to say
	serial  int
	lossy   bool
	serving map[string]int64 // call → agent, by the states that the floor saved
}

func newOffice(t *rapid.T) *office {
	o := &office{t: t, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), up: map[string]bool{}, kind: map[string]string{},
		hears: map[string]string{}, serving: map[string]int64{}, lossy: rapid.Bool().Draw(t, "lossy")}
	cfg := Defaults()
	cfg.NewID = func() string { o.serial++; return fmt.Sprintf("L%03d", o.serial) }
	cfg.Pick = func(n int) int { return o.serial % n }
	o.f = New(cfg)
	o.f.Lead(true)
	o.f.Database(true)
	o.f.Published(true)
	o.take(o.f.SwitchUp("core", o.now))
	o.take(o.f.Channels(nil, o.now, o.now))
	st := Staff{}
	strategies := models.Strategies
	for q := int64(1); q <= 2; q++ {
		st.Queues = append(st.Queues, models.Queue{ID: q, Strategy: rapid.SampledFrom(strategies).Draw(t, "strategy"), RingSeconds: 5,
			WrapUpSeconds: rapid.IntRange(0, 3).Draw(t, "wrap"), MaxMissed: 3, Record: true, AnnounceStaff: true})
	}
	for a := int64(1); a <= 4; a++ {
		st.Agents = append(st.Agents, models.Agent{ID: a, StaffNumber: fmt.Sprint(8000 + a), ExtensionID: a,
			Reach: rapid.SampledFrom([]models.Reach{models.ReachRing, models.ReachAutoAnswer, models.ReachNailedUp}).Draw(t, "reach")})
		st.Extensions = append(st.Extensions, models.Extension{ID: a, Number: fmt.Sprint(1000 + a)})
		for q := int64(1); q <= 2; q++ {
			st.Members = append(st.Members, models.QueueMember{QueueID: q, AgentID: a, Active: true, Priority: int(a%2) + 1})
		}
	}
	o.take(o.f.Staff(st, o.now))
	for a := 1; a <= 4; a++ {
		o.take(o.f.Phone(fmt.Sprint(1000+a), models.PhoneState{Registered: true}, o.now))
	}
	return o
}

// say queues a word of the switch; it may get lost when the weather is bad.
func (o *office) say(word func() []Effect) {
	if o.lossy && rapid.IntRange(0, 19).Draw(o.t, "lost") == 0 {
		return
	}
	o.words = append(o.words, func() { o.take(word()) })
}

func (o *office) die(id, cause string) {
	if !o.up[id] {
		return
	}
	delete(o.up, id)
	other := o.hears[id]
	delete(o.hears, id)
	delete(o.hears, other)
	if o.kind[id] == "customer" {
		o.say(func() []Effect {
			return o.f.Heard(id, call.Event{Kind: call.Completed, At: o.now, Times: call.Times{Created: o.now, Answered: o.now, HungUp: o.now}, End: call.End{Cause: cause}}, o.now)
		})
	} else {
		o.say(func() []Effect { return o.f.HeardLeg(id, LegHungUp, cause, o.now) })
	}
	switch {
	case other == "" || !o.up[other]:
	case o.kind[other] == "customer":
		o.die(other, "NORMAL_CLEARING") // waihu_after
	default:
		o.say(func() []Effect { return o.f.HeardLeg(other, LegParked, "", o.now) })
	}
}

func (o *office) take(es []Effect) {
	for _, e := range es {
		o.carry(e)
	}
	o.check()
}

func (o *office) carry(e Effect) {
	switch e := e.(type) {
	case Ring:
		o.kind[e.LegID] = "phone"
		switch rapid.IntRange(0, 5).Draw(o.t, "phone") {
		case 0:
			o.say(func() []Effect { return o.f.HeardLeg(e.LegID, LegFailed, "NO_ANSWER", o.now) })
		default:
			o.up[e.LegID] = true
			o.say(func() []Effect { return o.f.HeardLeg(e.LegID, LegAnswered, "", o.now) })
			o.say(func() []Effect { return o.f.HeardLeg(e.LegID, LegParked, "", o.now) })
		}
	case Watch:
		o.kind[e.LegID], o.up[e.LegID] = "phone", true
		o.say(func() []Effect { return o.f.HeardLeg(e.LegID, LegAnswered, "", o.now) })
	case Bridge:
		o.join(e.Customer, e.Leg)
	case HangUpLeg:
		o.die(e.LegID, e.Cause)
	case Kill:
		o.die(e.AttemptID, e.Cause)
	case ParkLeg:
		o.part(e.LegID)
		if o.up[e.LegID] {
			o.say(func() []Effect { return o.f.HeardLeg(e.LegID, LegParked, "", o.now) })
		}
	case Move:
		o.part(e.ChannelID)
		if e.To == PlaceQueue && o.up[e.ChannelID] {
			o.say(func() []Effect { return o.f.Stepped(e.ChannelID, models.StepQueueWait, e.QueueID, o.now, o.now) })
		}
	case OpenInbound:
		o.words = append(o.words, func() { o.take(o.f.Known(e.Attempt.ID, Caller{OrganizationID: 1, LastAgent: 1}, o.now)) })
	case Finish:
		id := e.AttemptID
		o.words = append(o.words, func() { o.take(o.f.Saved([]models.Finish{e.Finish})) })
		delete(o.serving, id)
	case LookUp:
		o.words = append(o.words, func() {
			if o.up[e.AttemptID] {
				o.take(o.f.NoRecord(e.AttemptID))
				return
			}
			o.take(o.f.Heard(e.AttemptID, call.Event{Kind: call.Recorded, At: o.now, Times: call.Times{Created: o.now, Answered: o.now}, End: call.End{Cause: "NORMAL_CLEARING"}}, o.now))
		})
	default:
	}
}

// part ends a bridge without ending the channels; the phone is parked.
func (o *office) part(id string) {
	other := o.hears[id]
	delete(o.hears, id)
	delete(o.hears, other)
	if other != "" && o.up[other] && o.kind[other] == "phone" {
		o.say(func() []Effect { return o.f.HeardLeg(other, LegParked, "", o.now) })
	}
	if other != "" && o.up[other] && o.kind[other] == "customer" {
		o.die(other, "NORMAL_CLEARING")
	}
}

func (o *office) join(a, b string) {
	switch {
	case !o.up[a]:
	case !o.up[b]:
		if o.kind[a] == "customer" {
			o.say(func() []Effect { return o.f.Stepped(a, models.StepBridgeFailed, 0, o.now, o.now) })
		}
	default:
		for _, id := range []string{a, b} {
			if other := o.hears[id]; other != a && other != b {
				delete(o.hears, id)
				delete(o.hears, other)
				if other != "" && o.up[other] && o.kind[other] == "phone" {
					o.say(func() []Effect { return o.f.HeardLeg(other, LegParked, "", o.now) })
				}
			}
		}
		o.hears[a], o.hears[b] = b, a
		o.say(func() []Effect { return o.f.Bridged(a, b, o.now, o.now) })
	}
}

// check holds at every instant: nobody is in two calls, and a call has one agent (besides one who is consulted).
func (o *office) check() {
	serves := map[string][]int64{}
	for id, s := range o.f.seats {
		if s.st.InCall() && o.f.calls[s.st.CallID] == nil {
			o.t.Fatalf("agent %d is %s with call %s, which is not there", id, s.st.State, s.st.CallID)
		}
		if s.st.State == models.AgentTalking || s.st.State == models.AgentHold {
			serves[s.st.CallID] = append(serves[s.st.CallID], id)
			if s.leg == nil {
				o.t.Fatalf("agent %d is %s without a leg", id, s.st.State)
			}
		}
		if s.st.State == models.AgentRinging && s.leg == nil {
			o.t.Fatalf("agent %d is ringing without a leg", id)
		}
	}
	for id, who := range serves {
		l := o.f.calls[id]
		if n := len(who); n > 2 || n == 2 && l.svc.consult == "" && l.svc.phase != bridging {
			o.t.Fatalf("call %s has agents %v, phase %d", id, who, l.svc.phase)
		}
	}
}

func (o *office) agent() int64 { return int64(rapid.IntRange(1, 4).Draw(o.t, "agent")) }

func (o *office) try(es []Effect, _ error) { o.take(es) }

func (o *office) step() {
	o.now = o.now.Add(time.Duration(rapid.IntRange(1, 1500).Draw(o.t, "ms")) * time.Millisecond)
	a := o.agent()
	switch rapid.IntRange(0, 24).Draw(o.t, "what") {
	case 0, 1:
		o.try(o.f.SignIn(a, []int64{1, 2}, o.now))
	case 2:
		o.try(o.f.SignOut(a, "", o.now))
	case 3:
		o.try(o.f.SetBusy(a, "lunch", "user", o.now))
	case 4:
		o.try(o.f.SetIdle(a, "user", o.now))
	case 5, 6, 7:
		o.callIn()
	case 8:
		o.hangUp("customer")
	case 9:
		o.hangUp("phone")
	case 10:
		o.try(o.f.Hold(a, o.now))
	case 11:
		o.try(o.f.Unhold(a, o.now))
		o.try(o.f.Mute(a, rapid.Bool().Draw(o.t, "mute"), o.now))
	case 12:
		o.try(o.f.Transfer(a, models.Target{Kind: models.TargetAgent, ID: o.agent()}, o.now))
	case 13:
		o.try(o.f.Transfer(a, models.Target{Kind: models.TargetQueue, ID: 2}, o.now))
	case 14:
		o.try(o.f.Consult(a, models.Target{Kind: models.TargetAgent, ID: o.agent()}, o.now))
	case 15:
		o.try(o.f.CompleteTransfer(a, o.now))
	case 16:
		o.try(o.f.CancelConsult(a, o.now))
	case 17:
		o.try(o.f.ThreeWay(a, o.now))
	case 18:
		o.try(o.f.EndCall(a, o.now))
	case 19:
		o.try(o.f.Supervise(a, o.agent(), models.SuperviseListen, o.now))
	case 20:
		o.try(o.f.TakeOver(a, o.agent(), o.now))
	case 21:
		o.take(o.f.Phone(fmt.Sprint(1000+a), models.PhoneState{Registered: rapid.Bool().Draw(o.t, "registered")}, o.now))
	default:
		o.speak()
		o.take(o.f.Tick(o.now))
	}
	o.speak()
}

func (o *office) callIn() {
	o.serial++
	id := fmt.Sprintf("c%03d", o.serial)
	o.up[id], o.kind[id] = true, "customer"
	q := int64(rapid.IntRange(1, 2).Draw(o.t, "queue"))
	o.take(o.f.Incoming(models.Attempt{ID: id, Number: "+8613900000002"}, o.now))
	o.say(func() []Effect {
		return o.f.Heard(id, call.Event{Kind: call.Answered, At: o.now, Times: call.Times{Created: o.now, Answered: o.now}}, o.now)
	})
	o.say(func() []Effect { return o.f.Stepped(id, models.StepQueueWait, q, o.now, o.now) })
}

func (o *office) hangUp(kind string) {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(o.up)) {
		if o.kind[id] == kind {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 {
		o.die(rapid.SampledFrom(ids).Draw(o.t, "who"), "NORMAL_CLEARING")
	}
}

// speak lets the switch say some of what it has to say, not always in order.
func (o *office) speak() {
	for n := rapid.IntRange(0, 3).Draw(o.t, "said"); n > 0 && len(o.words) > 0; n-- {
		i := 0
		if rapid.IntRange(0, 4).Draw(o.t, "swapped") == 0 {
			i = rapid.IntRange(0, len(o.words)-1).Draw(o.t, "word")
		}
		w := o.words[i]
		o.words = slices.Delete(o.words, i, i+1)
		w()
	}
}

func (o *office) quiet() {
	for len(o.words) > 0 {
		w := o.words[0]
		o.words = o.words[1:]
		w()
	}
}

// settle ends every customer's call and lets time and reconciliation do the rest.
func (o *office) settle() {
	o.lossy = false
	for range 12 {
		o.quiet()
		for _, id := range slices.Sorted(maps.Keys(o.up)) {
			if o.kind[id] == "customer" {
				o.die(id, "NORMAL_CLEARING")
			}
		}
		o.now = o.now.Add(10 * time.Second)
		o.quiet()
		o.take(o.f.Tick(o.now))
		o.quiet()
		o.take(o.f.Channels(maps.Clone(o.up), o.now, o.now))
	}
	o.quiet()
}

// Whatever people do and whatever is lost or late: when all calls have ended, nobody is left reserved, ringing or talking, no
// phone leg is left but the connected ones and those of who listens, and the states of those signed in add up.
func TestDeskInAnyWeather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := newOffice(t)
		for range rapid.IntRange(0, 150).Draw(t, "steps") {
			o.step()
		}
		o.settle()
		for id, s := range o.f.seats {
			switch s.st.State {
			case models.AgentIdle, models.AgentBusy, models.AgentOffline, "":
			default:
				t.Fatalf("agent %d is left %s with call %q", id, s.st.State, s.st.CallID)
			}
			if s.leg != nil && s.leg != s.nailed {
				t.Fatalf("agent %d is left with leg %+v", id, *s.leg)
			}
		}
		if len(o.f.calls) != 0 {
			t.Fatalf("%d calls left", len(o.f.calls))
		}
		for id, l := range o.f.legs {
			if l.kind != legNailed && l.kind != legWatch || !o.up[id] {
				t.Fatalf("leg %s is left: %+v, on the switch: %v", id, *l, o.up[id])
			}
		}
		for id := range o.up {
			if o.f.legs[id] == nil {
				t.Fatalf("channel %s lives on the switch and nobody knows it", id)
			}
		}
		now := o.f.DeskNow(o.now)
		for _, q := range now.Queues {
			signed, sum := 0, 0
			for _, a := range now.Agents {
				if slices.Contains(a.Queues, q.QueueID) {
					signed++
				}
			}
			for _, n := range q.Agents {
				sum += n
			}
			if sum != signed || q.Waiting != 0 {
				t.Fatalf("queue %d: %d signed in, states %v, %d waiting", q.QueueID, signed, q.Agents, q.Waiting)
			}
		}
	})
}
