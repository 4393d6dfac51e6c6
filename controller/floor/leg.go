package floor

import (
	"maps"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// legKind says what a leg to a phone is for.
type legKind int

const (
	legNailed  legKind = iota // stays connected between calls
	legOffer                  // rings an agent for one call
	legOutside                // to an outside number: a target of a transfer, or a consultation
	legWatch                  // a team leader's, who listens
)

// legState is how far a leg is.
type legState int

const (
	legDialling legState = iota
	legUp                // answered
	legParked            // answered, and waits for a bridge
	legBridged
	legOver
)

// leg is a channel to a phone.
type leg struct {
	id      string
	agent   int64 // whose phone, 0 = an outside one
	kind    legKind
	state   legState
	call    string // the call that it belongs to
	number  string // the phone: extension or E.164
	trunk   int64  // of an outside one
	at      time.Time
	until   time.Time // when an answer is given up; zero = the switch's own time-out does
	freed   time.Time // since when it ought to be parked, or hung up: it was answered, or its call went on without it
	killed  bool
	muted   bool        // what is said there is not heard
	doubted bool        // an earlier process had it: whether it talks with somebody is not known before the switch has listed its channels
	confirm bool        // the called person accepts by a key: only then the leg is parked, whatever was answered before
	saved   *models.Leg // its part in the call, as it is saved
	mode    models.SuperviseMode
	over    int64 // of a watch: the agent who is listened to
}

// LegSaid is what the switch says of a leg.
type LegSaid int

// What the switch says of a leg, in the past tense.
const (
	LegAnswered LegSaid = iota + 1
	LegParked
	LegHungUp
	LegFailed // the originate said -ERR
)

// confirmPatience is how much longer than a phone's ringing it may take until an agent on an outside phone has pressed 1.
const confirmPatience = 15 * time.Second

// HasLeg reports whether a channel is a leg of ours.
func (f *Floor) HasLeg(id string) bool { return f.legs[id] != nil }

// ring calls a phone for an agent; nil when there is no way to it.
func (f *Floor) ring(s *seat, kind legKind, callID string, seconds int, now time.Time) *leg {
	l, e := f.legTo(s, kind, callID, seconds, now)
	if l != nil {
		f.emit(e)
	}
	return l
}

// legTo makes the leg to an agent's phone, and what calls it.
func (f *Floor) legTo(s *seat, kind legKind, callID string, seconds int, now time.Time) (*leg, Ring) {
	l := &leg{id: f.cfg.NewID(), agent: s.a.ID, kind: kind, call: callID, number: s.ext, at: now, until: now.Add(time.Duration(seconds+5) * time.Second)}
	e := Ring{LegID: l.id, CallID: callID, AgentID: s.a.ID, Extension: s.ext, RingSeconds: seconds, AutoAnswer: s.auto || s.a.Reach != models.ReachRing}
	if c := f.calls[callID]; c != nil {
		e.Caller = c.Attempt.Number
	} else if s.preview != nil {
		e.Caller = s.preview.Attempt.Number
	}
	if s.ext == "" {
		l.number = s.a.ExternalNumber
		l.until = l.until.Add(confirmPatience)
		if !f.outside(&e, l, callID, s.a.ExternalNumber, true) {
			return nil, e
		}
	}
	f.legs[l.id] = l
	return l, e
}

// outside gives a leg to an outside number a trunk; false when there is none.
func (f *Floor) outside(e *Ring, l *leg, callID, number string, confirm bool) bool {
	var t *trunk
	caller := ""
	open := func(t *trunk) bool { gate, _ := t.gate(true, l.at); return gate == models.GateOpen }
	if c := f.calls[callID]; c != nil {
		t, caller = f.trunks[c.Attempt.TrunkID], c.Attempt.Caller
		if c.Attempt.Kind == models.KindInbound {
			caller = c.Attempt.Dialled
		}
	}
	if s := f.seats[l.agent]; s != nil && s.preview != nil {
		caller = f.campaigns[s.preview.Attempt.CampaignID].caller()
	}
	for _, id := range slices.Sorted(maps.Keys(f.trunks)) {
		if t == nil || !open(t) {
			t = f.trunks[id]
		}
	}
	if t == nil || !open(t) {
		return false
	}
	l.trunk, l.confirm = t.t.ID, confirm
	t.inUse++
	f.busy++
	f.node.Take(l.at)
	t.rate.Take(l.at)
	e.Number, e.Trunk, e.Caller, e.Confirm = number, t.t, caller, confirm
	return true
}

// HeardLeg takes a word of the switch about a leg. What comes too late changes nothing.
func (f *Floor) HeardLeg(id string, said LegSaid, cause string, now time.Time) []Effect {
	l := f.legs[id]
	if l == nil {
		return f.take()
	}
	switch said {
	case LegAnswered:
		f.legAnswered(l, now)
	case LegParked:
		f.legParked(l, now)
	case LegHungUp, LegFailed:
		f.legGone(l, cause, now)
	}
	f.match(now)
	return f.take()
}

func (f *Floor) legAnswered(l *leg, now time.Time) {
	if l.state != legDialling || l.confirm {
		return
	}
	l.state, l.until, l.freed = legUp, time.Time{}, now
	switch s := f.seats[l.agent]; {
	case l.kind == legWatch:
		f.version++
	case l.kind == legNailed && s != nil:
		s.tries = 0
	}
}

// legParked says that a leg can be bridged: it has come to its place in the dialplan, for the first time or after a talk.
func (f *Floor) legParked(l *leg, now time.Time) {
	if l.state == legOver {
		return
	}
	l.confirm = false
	f.legAnswered(l, now)
	was, c := l.state, f.calls[l.call]
	awaited := c != nil && c.svc.leg == l.id && c.svc.phase == bridging // a bridge is on its way
	if was == legBridged && awaited {
		return // the end of an earlier one
	}
	s := f.seats[l.agent]
	if l.state = legParked; s != nil {
		f.version++
	}
	switch {
	case awaited:
	case l.perCall():
		f.phoneConnected(s, c, l, was == legUp, now)
	case l.kind == legNailed && s != nil && s.leg == l && l.call == "":
		s.leg = nil
	}
}

// perCall reports whether a leg was called for one call alone, and ends with it.
func (l *leg) perCall() bool { return l.kind == legOffer || l.kind == legOutside }

// phoneConnected is what a phone or an outside number is for that was called for one call; first: it has just been answered.
func (f *Floor) phoneConnected(s *seat, c *live, l *leg, first bool, now time.Time) {
	switch {
	case first && l.kind == legOutside:
		f.outsideAnswered(c, l, now)
	case first && !s.waitsOn(l):
		f.offerTaken(s, c, l, now)
	case c == nil:
		f.withoutCall(s, l, now)
	}
}

// withoutCall is what becomes of a phone that is connected and has no call: a number is called for it, or it is let go.
func (f *Floor) withoutCall(s *seat, l *leg, now time.Time) {
	if s.waitsOn(l) {
		f.callPreview(s, now)
		return
	}
	f.hangUpLeg(l, "NORMAL_CLEARING")
}

// hangUpLeg ends a leg; that it is over is told by the switch.
func (f *Floor) hangUpLeg(l *leg, cause string) {
	if l.state == legOver || l.killed {
		return
	}
	l.killed = true
	f.emit(HangUpLeg{LegID: l.id, Cause: cause})
}

// legGone is the one place where a leg ends.
func (f *Floor) legGone(l *leg, cause string, now time.Time) {
	was := l.state
	l.state = legOver
	delete(f.legs, l.id)
	f.version++
	if l.trunk != 0 {
		f.busy--
		if t := f.trunks[l.trunk]; t != nil {
			t.inUse--
		}
	}
	s, c := f.seats[l.agent], f.calls[l.call]
	if s != nil {
		f.seatLost(s, l, now)
		f.lookLost(s, l, now)
	}
	if c != nil {
		f.callLostLeg(c, s, l, was, cause, now)
	}
	f.saveLeg(l, cause, now)
	if s != nil {
		if s.leg == l {
			s.leg = nil
		}
		f.tend(s, now)
	}
}

// seatLost notes on the seat that a leg is gone. A nailed-up leg that cannot be connected again and again sets the agent
// busy, with the reason.
func (f *Floor) seatLost(s *seat, l *leg, now time.Time) {
	if s.watch == l {
		s.watch = nil
		f.watchOver(s, now)
	}
	if s.nailed != l {
		return
	}
	s.nailed = nil
	if s.tries++; s.tries >= nailTries && s.st.Signed() {
		f.set(s, s.st.Busy(models.BusyPhone, "phone", now))
	}
	s.retryAt = now.Add(min(nailFirst<<min(s.tries-1, 10), nailMost))
}

// legTick gives up legs whose answer was lost on the way.
func (f *Floor) legTick(now time.Time) {
	for _, l := range f.legsInOrder() {
		if l.state == legDialling && !l.until.IsZero() && now.After(l.until) {
			f.hangUpLeg(l, "NO_ANSWER")
			f.legGone(l, "NO_ANSWER", now)
		}
		if !l.freed.IsZero() {
			f.unheardPark(l, now.Sub(l.freed), now)
		}
	}
}

// unheardPark does without the word of the switch that a leg has parked, when it has not come for so long after the answer or the end of a talk.
func (f *Floor) unheardPark(l *leg, since time.Duration, now time.Time) {
	switch {
	case l.call != "":
		if l.state == legUp && l.perCall() && since > planPatience {
			f.legParked(l, now)
		}
	case since <= bridgePatience:
	case l.perCall():
		f.hangUpLeg(l, "NORMAL_CLEARING")
	case l.kind == legNailed && l.state != legParked:
		l.freed = now
		f.emit(ParkLeg{LegID: l.id})
	}
}

// legsInOrder are the legs by id, so that what happens does not depend on a map.
func (f *Floor) legsInOrder() []*leg {
	out := slices.Collect(maps.Values(f.legs))
	slices.SortFunc(out, func(a, b *leg) int { return strings.Compare(a.id, b.id) })
	return out
}

// saveLeg writes a leg's part in its call down, when it began and when it ended.
func (f *Floor) saveLeg(l *leg, cause string, now time.Time) {
	if l.saved == nil {
		return
	}
	l.saved.EndedAt, l.saved.Cause = &now, cause
	f.emit(SaveLeg{*l.saved})
	l.saved = nil
}

// begin notes that a leg has become part of a call.
func (f *Floor) begin(l *leg, kind models.LegKind, c *live, now time.Time) {
	if l.saved != nil {
		return
	}
	l.saved = &models.Leg{ID: f.cfg.NewID(), CallID: c.Attempt.ID, OrganizationID: c.Attempt.OrganizationID, Kind: kind, AgentID: l.agent,
		QueueID: c.svc.QueueID, Number: l.number, StartedAt: l.at, AnsweredAt: &now}
	if l.kind == legNailed {
		l.saved.StartedAt = now
	}
	f.emit(SaveLeg{*l.saved})
}

// RestoreLegs gives the legs that an earlier process wrote down back to the phones that are in those calls still, so that
// their end is written to the same line. Call it behind Restore.
func (f *Floor) RestoreLegs(open []models.Leg) {
	for _, v := range open {
		s := f.seats[v.AgentID]
		if s != nil && s.leg != nil && s.leg.call == v.CallID && s.leg.saved == nil {
			s.leg.saved = &v
		}
	}
}
