package floor

import (
	"time"

	"waihu/models"
)

// Consult puts the customer aside and calls somebody else.
func (f *Floor) Consult(agentID int64, to models.Target, now time.Time) ([]Effect, error) {
	s, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	if l.svc.consult != "" {
		return nil, conflict("agent", "consulting", "a consultation is going on; end it first", "咨询正在进行，请先结束")
	}
	var b *seat
	switch to.Kind {
	case models.TargetAgent:
		if b, err = f.target(to.ID, agentID); err != nil {
			return nil, err
		}
	case models.TargetQueue:
		ln := f.queues[to.ID]
		if ln == nil {
			return nil, models.NewError(models.NotFound, "target.id", "not_found", "there is no such queue; choose another one", "没有此接听组，请重新选择")
		}
		if b = f.spare(to.ID); b == nil {
			return nil, conflict("target.id", "no_agent", "nobody is idle in this queue now; choose another one", "该接听组当前没有空闲坐席，请重新选择")
		}
	case models.TargetExternal:
		out, err := f.callOutside(l, to.Number, now)
		if err != nil {
			return nil, err
		}
		l.svc.consult = out.id
	default:
		return nil, models.NewError(models.Invalid, "target.kind", "unknown", "use agent, queue or external", "请使用 agent、queue 或 external")
	}
	f.putAside(s, l, now)
	if b != nil {
		f.consultAgent(l, b, now)
	}
	f.version++
	return f.take(), nil
}

func (f *Floor) consultAgent(l *live, b *seat, now time.Time) {
	f.set(b, b.st.Offer(l.Attempt.ID, l.svc.QueueID, now))
	if b.nailed != nil && b.nailed.state == legParked {
		b.leg = b.nailed
		b.leg.call, l.svc.consult = l.Attempt.ID, b.leg.id
		f.emit(Bridge{Customer: l.svc.leg, Leg: b.leg.id})
		return
	}
	ring := f.ring(b, legOffer, l.Attempt.ID, 20, now)
	if ring == nil {
		f.set(b, b.st.Withdraw(l.Attempt.ID, now))
		return
	}
	b.leg, l.svc.consult = ring, ring.id
}

// consulted says that agent and third party hear each other.
func (f *Floor) consulted(a, b *leg, now time.Time) {
	l := f.calls[b.call]
	if l == nil || l.svc.consult != b.id {
		return
	}
	a.state, b.state = legBridged, legBridged
	if s := f.seats[b.agent]; s != nil {
		f.set(s, s.st.Talk(l.Attempt.ID, now))
	}
	f.begin(b, models.LegConsult, l, now)
	f.version++
}

// CompleteTransfer gives the customer to the one who was consulted.
func (f *Floor) CompleteTransfer(agentID int64, now time.Time) ([]Effect, error) {
	_, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	t := f.legs[l.svc.consult]
	if t == nil || t.state != legBridged {
		return nil, conflict("agent", "not_consulting", "nobody is being consulted; call somebody first", "当前没有进行中的咨询，请先发起咨询")
	}
	l.svc.consult = ""
	f.agentDone(l, now)
	f.bridge(l, t, now)
	return f.take(), nil
}

// CancelConsult ends a consultation and brings the customer back.
func (f *Floor) CancelConsult(agentID int64, now time.Time) ([]Effect, error) {
	_, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	if l.svc.consult == "" {
		return nil, conflict("agent", "not_consulting", "nobody is being consulted", "当前没有进行中的咨询")
	}
	f.endConsult(l, now)
	f.resume(l, now)
	return f.take(), nil
}

// resume brings the customer and his agent together again.
func (f *Floor) resume(l *live, now time.Time) {
	if to := f.legs[l.svc.leg]; to != nil && (l.svc.phase == onHold || l.svc.joined) {
		l.svc.joined = false
		f.bridge(l, to, now)
	}
}

// ThreeWay brings the customer to agent and third party (三方).
func (f *Floor) ThreeWay(agentID int64, now time.Time) ([]Effect, error) {
	s, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	t := f.legs[l.svc.consult]
	if t == nil || t.state != legBridged || l.svc.joined {
		return nil, conflict("agent", "not_consulting", "nobody is being consulted; call somebody first", "当前没有进行中的咨询，请先发起咨询")
	}
	l.svc.joined, l.svc.phase = true, serving
	if t.saved != nil {
		t.saved.Kind = models.LegThreeWay
	}
	f.emit(Join{Leg: l.svc.leg, Customer: l.Attempt.ID, Room: l.Attempt.ID})
	f.set(s, s.st.Talk(l.Attempt.ID, now))
	f.version++
	return f.take(), nil
}

// leaveThree lets the agent out of a conference; the customer and the third party go on.
func (f *Floor) leaveThree(l *live, now time.Time) {
	t := f.legs[l.svc.consult]
	if t == nil {
		return
	}
	l.svc.consult = ""
	a := f.legs[l.svc.leg]
	f.agentDone(l, now)
	f.bridge(l, t, now)
	if a != nil && a.state != legOver {
		f.emit(ParkLeg{LegID: a.id})
	}
}

// consultOver is the end of the third party's leg, by itself.
func (f *Floor) consultOver(l *live, gone *leg, now time.Time) {
	l.svc.consult = ""
	if s := f.seats[gone.agent]; s != nil {
		f.freeConsulted(s, l, now)
	}
	f.resume(l, now)
}

// endConsult lets the third party go.
func (f *Floor) endConsult(l *live, now time.Time) {
	t := f.legs[l.svc.consult]
	l.svc.consult = ""
	if t == nil {
		return
	}
	if s := f.seats[t.agent]; s != nil {
		f.freeConsulted(s, l, now)
	}
	if t.kind == legNailed {
		f.emit(ParkLeg{LegID: t.id})
		f.detach(t, now)
		return
	}
	f.saveLeg(t, "NORMAL_CLEARING", now)
	t.call = ""
	f.hangUpLeg(t, "NORMAL_CLEARING")
}

func (f *Floor) freeConsulted(s *seat, l *live, now time.Time) {
	f.set(s, s.st.Withdraw(l.Attempt.ID, now))
	f.set(s, s.st.End(l.Attempt.ID, 0, now))
}
