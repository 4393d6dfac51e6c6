package floor

import (
	"cmp"
	"slices"
	"time"

	"waihu/controller/queue"
	"waihu/models"
)

// line is a queue on the floor.
type line struct {
	q       models.Queue
	members map[int64]models.QueueMember
	last    string // staff number of the agent who was called last
	counts  QueueCounts
	handle  time.Duration // how long a call with an agent takes, wrap-up included: a moving average
}

// QueueCounts are what happened in a queue since the floor was taken.
type QueueCounts struct{ Offered, Answered, Abandoned, InTime int64 }

// phase is where a call stands with agents.
type phase int

const (
	apart    phase = iota // it has nothing to do with agents
	waiting               // the switch plays music, or the silence of the connect limit
	bridging              // a bridge is on its way
	serving               // an agent, or an outside number, and the customer hear each other
	onHold                // the customer hears music, the agent is still his
	served                // agents are done with it
)

// service is a call's standing with agents.
type service struct {
	models.Service
	phase      phase
	direct     bool      // the connect limit holds: no music, late after it
	connecting bool      // the dialplan waits for the bridge
	agent      int64     // whom it is bridged to, or is being
	leg        string    // over which
	offers     []string  // legs that ring for it
	unknown    bool      // the database has not said yet whether the caller is blacklisted, and who talked with him last
	reserved   int64     // the agent who was kept for it while it was dialled
	preferred  int64     // who talked with this customer last (S1-46)
	only       int64     // it was transferred to this agent
	tried      []int64   // who did not take it
	from       time.Time // since when it waits this time (our clock)
	said       time.Time // when his place was told to him
	bridgeAt   time.Time // when the bridge was asked for
	left       time.Time // when it left a queue or an agent: an older list of channels says nothing about it
	talkFrom   time.Time // since when the agent's part lasts
	talked     bool
	tallied    bool // the pacing has counted that it met an agent, or was abandoned
	late       bool
	consult    string // the leg of a consultation
	joined     bool   // the consultation became a conference of three
	recording  string // "", on, paused
	recorded   models.Recording
}

// bridgePatience is how long a bridge may take before it is believed to stand: the switch answers within 0.1 s, and tells of
// a failure by the leg's end or by the step to which the customer returns.
const bridgePatience = 3 * time.Second

// knownPatience is how long a caller waits for what the database knows of him before he is given to any agent.
const knownPatience = 500 * time.Millisecond

// planPatience is how long an answered channel is given to come to its place in the dialplan, some 20 ms after the answer: a bridge
// before that calls its originate off, or meets it between two states and is lost. Longer only when the event was lost.
const planPatience = 500 * time.Millisecond

func (f *Floor) takeQueues(st Staff) {
	known := map[int64]bool{}
	for _, q := range st.Queues {
		known[q.ID] = true
		ln := f.queues[q.ID]
		if ln == nil {
			ln = &line{}
			f.queues[q.ID] = ln
		}
		ln.q, ln.members = q, map[int64]models.QueueMember{}
	}
	for id := range f.queues {
		if !known[id] {
			delete(f.queues, id)
		}
	}
	for _, m := range st.Members {
		if ln := f.queues[m.QueueID]; ln != nil {
			ln.members[m.AgentID] = m
		}
	}
}

// membership finds an agent's place in a queue.
func (f *Floor) membership(queueID, agentID int64) (models.QueueMember, bool) {
	ln := f.queues[queueID]
	if ln == nil {
		return models.QueueMember{}, false
	}
	m, ok := ln.members[agentID]
	return m, ok
}

// Stepped takes the switch's word that a call has come to a step of the dialplan that matters here.
func (f *Floor) Stepped(callID, step string, queueID int64, at, now time.Time) []Effect {
	l := f.calls[callID]
	if l == nil || l.call.Over() {
		return f.take()
	}
	switch step {
	case models.StepQueueAnnounce, models.StepQueueWait:
		if l.svc.phase != bridging && l.svc.phase != serving && (l.svc.phase != waiting || l.svc.QueueID != queueID) {
			f.enqueue(l, queueID, at, now)
		}
	case models.StepConnecting:
		l.svc.connecting = true
	case models.StepOverflow:
		f.giveUpWait(l, "overflow", now)
	case models.StepLate:
		f.giveUpWait(l, "no_agent", now)
		l.svc.late = true
	case models.StepBridgeFailed:
		f.bridgeFailed(l, now)
	case models.StepAfter:
		f.agentDone(l, now)
	}
	f.match(now)
	return f.take()
}

// enqueue lets a call wait in a queue.
func (f *Floor) enqueue(l *live, queueID int64, at, now time.Time) {
	v := &l.svc
	f.agentDone(l, now)
	v.phase, v.QueueID, v.from, v.tried, v.AbandonedBy = waiting, queueID, now, nil, ""
	if v.QueuedAt == nil || !v.talked {
		v.QueuedAt = &at
	}
	if ln := f.queues[queueID]; ln != nil {
		ln.counts.Offered++
	}
	f.version++
	f.emit(MarkServed{AttemptID: l.Attempt.ID, Service: v.Service}) // so that a restart finds it waiting
}

// giveUpWait takes a call out of its queue: nobody came in time.
func (f *Floor) giveUpWait(l *live, why string, now time.Time) {
	if l.svc.phase != waiting {
		return
	}
	f.cancelOffers(l, "ORIGINATOR_CANCEL", "", now)
	l.svc.phase, l.svc.AbandonedBy, l.svc.left = apart, why, now
	l.svc.WaitMS += now.Sub(l.svc.from).Milliseconds()
	if !l.svc.talked {
		f.met(l, true, now)
	}
	f.unreserve(l, now)
	if ln := f.queues[l.svc.QueueID]; ln != nil {
		ln.counts.Abandoned++
	}
	f.version++
}

// match gives calls that wait to agents who are ready: the call that waits longest first, over all queues.
func (f *Floor) match(now time.Time) {
	if !f.switchUp || !f.synced || !f.anyoneReady() {
		return
	}
	for _, l := range f.waitingCalls(now) {
		f.offer(l, now)
	}
}

func (f *Floor) anyoneReady() bool {
	for _, s := range f.seats {
		if f.ready(s) || s.st.State == models.AgentReserved {
			return true
		}
	}
	return false
}

// waitingCalls are the calls for which no phone rings, in the order in which they came.
func (f *Floor) waitingCalls(now time.Time) []*live {
	var out []*live
	for _, l := range f.calls {
		if waited := now.Sub(l.svc.from); l.svc.unknown && waited < knownPatience || l.svc.direct && !l.svc.connecting && waited < planPatience {
			continue
		}
		if l.svc.phase == waiting && len(l.svc.offers) == 0 && !l.call.Over() && !l.killed {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b *live) int {
		return cmp.Or(a.svc.QueuedAt.Compare(*b.svc.QueuedAt), cmp.Compare(a.Attempt.ID, b.Attempt.ID))
	})
	return out
}

// offer gives a call to the agent, or the agents, whose turn it is.
func (f *Floor) offer(l *live, now time.Time) {
	if s := f.seats[l.svc.reserved]; s != nil {
		if s.st.State == models.AgentReserved && s.st.CallID == l.Attempt.ID && f.reachable(s) && (s.leg == nil || s.standing(l) != nil) {
			f.give(l, s, now)
			return
		}
		f.unreserve(l, now)
	}
	ln := f.queues[l.svc.QueueID]
	if ln == nil {
		return
	}
	for _, s := range f.turn(l, ln) {
		f.give(l, s, now)
		if l.svc.phase == bridging {
			return // a connected agent is faster than any phone that rings
		}
	}
}

// turn is who is called now for a call of a queue.
func (f *Floor) turn(l *live, ln *line) []*seat {
	ready := f.candidates(l, ln)
	if len(ready) == 0 && len(l.svc.tried) > 0 && l.svc.only == 0 {
		l.svc.tried = nil
		ready = f.candidates(l, ln)
	}
	order := queue.Order(ln.q.Strategy, ready, ln.last, f.cfg.Pick)
	if i := slices.IndexFunc(order, func(m queue.Member) bool { return m.AgentID == l.svc.preferred }); i >= 0 && ln.q.PreferLastAgent {
		return []*seat{f.seats[l.svc.preferred]}
	}
	var out []*seat
	for _, m := range order[:queue.All(ln.q.Strategy, order)] {
		out = append(out, f.seats[m.AgentID])
	}
	return out
}

func (f *Floor) candidates(l *live, ln *line) []queue.Member {
	var out []queue.Member
	for id, m := range ln.members {
		s := f.seats[id]
		if s == nil || !m.Active || !f.ready(s) || s.leg != nil || slices.Contains(l.svc.tried, id) {
			continue
		}
		if l.svc.only != 0 && l.svc.only != id || l.svc.only == 0 && !slices.Contains(s.queues, ln.q.ID) {
			continue
		}
		if s.ext == "" && !ln.q.MobileAgents || l.isOthers(id) {
			continue
		}
		out = append(out, queue.Member{AgentID: id, Priority: m.Priority, Staff: s.a.StaffNumber, IdleSince: s.st.IdleSince, Calls: s.st.Calls})
	}
	return out
}

// isOthers reports whether a call was asked for by another agent, who has not talked with the customer yet.
func (l *live) isOthers(agent int64) bool {
	return l.Attempt.LookerID != 0 && l.Attempt.LookerID != agent && !l.svc.talked
}

// give offers a call to one agent: over his connected leg at once, else his phone is called.
func (f *Floor) give(l *live, s *seat, now time.Time) {
	ln := f.queues[l.svc.QueueID]
	seconds := 20
	if ln != nil {
		ln.last = s.a.StaffNumber
		if ln.q.RingSeconds > 0 {
			seconds = ln.q.RingSeconds
		}
	}
	offer := s.st.Offer(l.Attempt.ID, l.svc.QueueID, now)
	if to := s.standing(l); to != nil {
		s.leg = to
		f.set(s, offer)
		f.bridge(l, to, now)
		return
	}
	ring, e := f.legTo(s, legOffer, l.Attempt.ID, seconds, now)
	if ring == nil {
		l.svc.tried = append(l.svc.tried, s.a.ID)
		return
	}
	s.leg = ring // before it is saved that he is called: a restart finds the leg
	f.set(s, offer)
	f.emit(e)
	l.svc.offers = append(l.svc.offers, ring.id)
}

// bridge joins the customer with a leg. The customer comes first: the other way round he would be left in silence if the leg
// is gone.
func (f *Floor) bridge(l *live, to *leg, now time.Time) {
	to.call = l.Attempt.ID
	l.svc.phase, l.svc.leg, l.svc.agent, l.svc.bridgeAt = bridging, to.id, to.agent, now
	f.emit(Bridge{Customer: l.Attempt.ID, Leg: to.id})
	f.cancelOffers(l, "LOSE_RACE", to.id, now)
	f.version++
}

// offerTaken is the answer of a phone that rang for a call.
func (f *Floor) offerTaken(s *seat, l *live, to *leg, now time.Time) {
	if l != nil && l.svc.consult == to.id && !l.call.Over() {
		f.emit(Bridge{Customer: l.svc.leg, Leg: to.id})
		return
	}
	if l == nil || l.call.Over() || l.svc.phase != waiting {
		f.hangUpLeg(to, "ORIGINATOR_CANCEL")
		if s != nil {
			f.set(s, s.st.Withdraw(to.call, now))
		}
		return
	}
	f.bridge(l, to, now)
}

// cancelOffers hangs up the phones that ring for a call, but for one.
func (f *Floor) cancelOffers(l *live, cause, but string, now time.Time) {
	for _, id := range l.svc.offers {
		o := f.legs[id]
		if o == nil || id == but {
			continue
		}
		f.hangUpLeg(o, cause)
		if s := f.seats[o.agent]; s != nil {
			f.set(s, s.st.Withdraw(l.Attempt.ID, now))
		}
	}
	l.svc.offers = nil
}

func (f *Floor) unreserve(l *live, now time.Time) {
	if s := f.seats[l.svc.reserved]; s != nil {
		f.set(s, s.st.Unreserve(l.Attempt.ID, now))
	}
	l.svc.reserved = 0
}

// spare finds an idle agent of a queue for a call that is to be dialled, beyond those whom waiting calls will take.
func (f *Floor) spare(queueID int64) *seat {
	ln := f.queues[queueID]
	if ln == nil {
		return nil
	}
	order := queue.Order(ln.q.Strategy, f.candidates(&live{}, ln), ln.last, f.cfg.Pick)
	if len(order) == 0 {
		return nil
	}
	return f.seats[order[0].AgentID]
}
