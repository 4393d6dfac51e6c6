package floor

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"waihu/models"
)

// desk plays the inputs of a scenario that are about agents; false when the word is not one of them.
func (s *stage) desk(w []string) ([]Effect, bool) {
	n := func(i int) int64 {
		v, err := strconv.ParseInt(w[i], 10, 64)
		if err != nil {
			s.t.Fatalf("%v: %v", w, err)
		}
		return v
	}
	may := func(es []Effect, err error) ([]Effect, bool) {
		if err != nil {
			return append(es, told{err}), true
		}
		return es, true
	}
	switch w[0] {
	case "staff":
		return s.staff(w[1:]), true
	case "phone":
		return s.f.Phone(w[1], models.PhoneState{Registered: w[2] == "on"}, s.now), true
	case "signin":
		return may(s.f.SignIn(n(1), []int64{n(2)}, s.now))
	case "signout":
		return may(s.f.SignOut(n(1), "", s.now))
	case "busy":
		return may(s.f.SetBusy(n(1), w[2], "user", s.now))
	case "idle":
		return may(s.f.SetIdle(n(1), "user", s.now))
	case "leg":
		said := map[string]LegSaid{"answered": LegAnswered, "parked": LegParked, "hungup": LegHungUp, "failed": LegFailed}[w[2]]
		cause := ""
		if len(w) > 3 {
			cause = w[3]
		}
		return s.f.HeardLeg(w[1], said, cause, s.now), true
	case "step":
		return s.f.Stepped(w[1], w[2], n(3), s.now, s.now), true
	case "bridged":
		return s.f.Bridged(w[1], w[2], s.now, s.now), true
	case "incoming":
		return s.f.Incoming(models.Attempt{ID: w[1], Number: "+86" + w[2], Dialled: "075588880000"}, s.now), true
	case "known":
		return s.f.Known(w[1], Caller{Blacklisted: w[2] == "blacklisted", LastAgent: n(3)}, s.now), true
	case "restore": // agent, state, call, leg, "-" for none
		return s.f.Restore([]models.AgentSession{{AgentID: n(1), State: models.AgentState(w[2]), Since: s.now, Queues: []int64{5},
			CallID: strings.Trim(w[3], "-"), Leg: strings.Trim(w[4], "-")}}, s.now), true
	case "fetch":
		return may(s.f.Fetch(n(1), s.now))
	case "call":
		return may(s.f.CallNumber(n(1), strings.Join(w[2:], ""), s.now))
	case "giveback":
		return may(s.f.GiveBackNumber(n(1), "", s.now))
	case "skip":
		return may(s.f.SkipNumber(n(1), "", strings.Join(w[3:], " "), s.later(w[2]), s.now))
	case "skipped":
		return s.f.Skipped(s.skips[w[1]]), true
	case "looks":
		s.looks(n(1), strings.Join(w[2:], " "))
		return nil, true
	case "hold":
		return may(s.f.Hold(n(1), s.now))
	case "unhold":
		return may(s.f.Unhold(n(1), s.now))
	case "mute":
		return may(s.f.Mute(n(1), w[2] == "on", s.now))
	case "endcall":
		return may(s.f.EndCall(n(1), s.now))
	case "transfer":
		return may(s.f.Transfer(n(1), target(w[2]), s.now))
	case "consult":
		return may(s.f.Consult(n(1), target(w[2]), s.now))
	case "complete":
		return may(s.f.CompleteTransfer(n(1), s.now))
	case "cancel":
		return may(s.f.CancelConsult(n(1), s.now))
	case "threeway":
		return may(s.f.ThreeWay(n(1), s.now))
	case "supervise":
		return may(s.f.Supervise(n(1), n(2), models.SuperviseMode(w[3]), s.now))
	case "takeover":
		return may(s.f.TakeOver(n(1), n(2), s.now))
	case "agent":
		for _, a := range s.f.DeskNow(s.now).Agents {
			if a.AgentID == n(1) && string(a.State)+a.Reason != strings.Join(w[2:], "") {
				s.t.Fatalf("agent %d is %s %s, the scenario says %v", a.AgentID, a.State, a.Reason, w[2:])
			}
		}
		return nil, true
	case "consults":
		s.consults(n(1), strings.Join(w[2:], " "))
		return nil, true
	default:
		return nil, false
	}
}

// consults compares what an agent reads of a consultation: the word and the other agent, or nothing.
func (s *stage) consults(agent int64, want string) {
	for _, a := range s.f.DeskNow(s.now).Agents {
		if got := strings.TrimSpace(a.Consult + " " + a.ConsultWith); a.AgentID == agent && got != want {
			s.t.Fatalf("agent %d reads %q of a consultation, the scenario says %q", agent, got, want)
		}
	}
}

// later is a time from now, zero for never.
func (s *stage) later(word string) time.Time {
	if word == "never" {
		return time.Time{}
	}
	d, err := time.ParseDuration(word)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.now.Add(d)
}

// looks compares what an agent sees: the number that he looks at and what its call waits for, else what became of the last one.
func (s *stage) looks(agent int64, want string) {
	for _, a := range s.f.DeskNow(s.now).Agents {
		if a.AgentID != agent {
			continue
		}
		got := "at nothing"
		switch {
		case a.Preview != nil && a.Preview.Dialled:
			got = "while " + a.Number + " rings"
		case a.Preview != nil:
			got = strings.TrimSpace("at " + a.Number + " " + string(a.Preview.Why))
		case a.Fetching:
			got = "for one"
		case a.LookWhy != "":
			got = "at nothing: " + string(a.LookWhy)
		}
		if got != want {
			s.t.Fatalf("agent %d looks %s, the scenario says %s", agent, got, want)
		}
	}
}

func target(word string) models.Target {
	kind, rest, _ := strings.Cut(word, "=")
	id, _ := strconv.ParseInt(rest, 10, 64)
	t := models.Target{Kind: models.TargetKind(kind), ID: id}
	if t.Kind == models.TargetExternal {
		t.ID, t.Number = 0, "+86"+rest
	}
	return t
}

// staff: 1:nailed_up 2:ring … are members of queue 5; "memory", "wrap=10", "missed=2", "record" are settings of the queue.
func (s *stage) staff(words []string) []Effect {
	q := models.Queue{ID: 5, Strategy: models.StrategyPriorityFirst, RingSeconds: 20, WrapUpSeconds: 10, MaxMissed: 2, ServiceLevelSeconds: 20}
	st := Staff{}
	for _, word := range words {
		k, v, _ := strings.Cut(word, "=")
		val, _ := strconv.Atoi(v)
		switch k {
		case "wrap":
			q.WrapUpSeconds = val
		case "ringall":
			q.Strategy = models.StrategyRingAll
		case "prefer":
			q.PreferLastAgent = true
		case "record":
			q.Record = true
		case "places":
			q.AnnouncePosition, q.AnnounceWait, q.ComfortSeconds = true, true, 20
		case "announce":
			q.AnnounceStaff = true
		default:
			id, reach, _ := strings.Cut(word, ":")
			num, _ := strconv.ParseInt(id, 10, 64)
			ext := fmt.Sprint(1000 + num)
			st.Agents = append(st.Agents, models.Agent{ID: num, StaffNumber: fmt.Sprint(8000 + num), ExtensionID: num, Reach: models.Reach(reach), Recording: true})
			st.Extensions = append(st.Extensions, models.Extension{ID: num, Number: ext})
			st.Members = append(st.Members, models.QueueMember{QueueID: 5, AgentID: num, Active: true, Priority: 1})
		}
	}
	st.Queues = []models.Queue{q}
	return s.f.Staff(st, s.now)
}

// told is an error that the caller of a command got.
type told struct{ err error }

func (told) effect() {}

func showDesk(e Effect) string {
	switch e := e.(type) {
	case Ring:
		auto := ""
		if e.AutoAnswer {
			auto = " auto"
		}
		if e.Extension == "" {
			return strings.TrimSpace(fmt.Sprintf("Ring %s %s over %s for %s", e.LegID, e.Number, e.Trunk.Gateway, e.CallID))
		}
		return strings.TrimSpace(fmt.Sprintf("Ring %s %s%s %s", e.LegID, e.Extension, auto, e.CallID))
	case Watch:
		return fmt.Sprintf("Watch %s %s over %s %s", e.LegID, e.Extension, e.Over, e.Mode)
	case WatchAgain:
		return fmt.Sprintf("WatchAgain %s over %s %s", e.LegID, e.Over, e.Mode)
	case Bridge:
		return "Bridge " + e.Customer + " " + e.Leg
	case HangUpLeg:
		return "HangUpLeg " + e.LegID + " " + e.Cause
	case ParkLeg:
		return "ParkLeg " + e.LegID
	case Mute:
		return "Mute " + e.LegID + map[bool]string{true: " on", false: " off"}[e.On]
	case Move:
		return fmt.Sprintf("Move %s to %s", e.ChannelID, map[Place]string{PlaceHold: "hold", PlaceQueue: fmt.Sprint("queue ", e.QueueID)}[e.To])
	case Join:
		return "Join " + e.Leg + " " + e.Customer
	case SayPlace:
		return fmt.Sprintf("SayPlace %s %d ahead, %d minutes", e.CallID, e.Ahead, e.Minutes)
	case Announce:
		return "Announce " + e.CallID + " " + e.StaffNumber
	case Record:
		return "Record " + e.CallID + " " + e.What
	case SaveSeat:
		if e.Change.State == "" {
			return "SaveSession " + fmt.Sprint(e.Session.AgentID)
		}
		return strings.TrimSpace(fmt.Sprintf("SaveSeat %d %s %s", e.Change.AgentID, e.Change.State, e.Change.Reason))
	case SaveLeg:
		ended := "begins"
		if e.Leg.EndedAt != nil {
			ended = "ends"
		}
		return fmt.Sprintf("SaveLeg %s of %s, agent %d, %s", e.Leg.Kind, e.Leg.CallID, e.Leg.AgentID, ended)
	case MarkServed:
		return fmt.Sprintf("MarkServed %s by %d", e.AttemptID, e.Service.AgentID)
	case SaveRecording:
		return fmt.Sprintf("SaveRecording %s of %d", e.Recording.ID, e.Recording.AgentID)
	case OpenInbound:
		return "OpenInbound " + e.Attempt.ID + " " + e.Attempt.Number
	case told:
		return "told: " + e.err.Error()
	default:
		return fmt.Sprintf("%#v", e)
	}
}
