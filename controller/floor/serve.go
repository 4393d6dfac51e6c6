package floor

import (
	"slices"
	"time"

	"waihu/controller/campaign"
	"waihu/controller/queue"
	"waihu/models"
)

// Bridged takes the switch's word that two channels hear each other; at is its own time.
func (f *Floor) Bridged(a, b string, at, now time.Time) []Effect {
	l, to := f.calls[a], f.legs[b]
	if l == nil && f.calls[b] != nil {
		l, to = f.calls[b], f.legs[a]
	}
	switch {
	case l != nil && to != nil:
		f.bridged(l, to, at, now)
	case f.legs[a] != nil && to != nil:
		f.consulted(f.legs[a], to, now)
	}
	f.match(now)
	return f.take()
}

// bridged begins, or resumes, the talk.
func (f *Floor) bridged(l *live, to *leg, at, now time.Time) {
	v := &l.svc
	if l.call.Over() || v.leg != to.id || v.phase == serving {
		return
	}
	resumed := v.phase == onHold || v.talked && v.agent == to.agent
	v.phase, to.state = serving, legBridged
	f.version++
	s := f.seats[to.agent]
	if s == nil { // an outside number
		v.talkFrom = at
		return
	}
	f.set(s, s.st.Talk(l.Attempt.ID, now))
	if resumed && !v.talkFrom.IsZero() {
		return
	}
	v.AgentID, v.talkFrom = s.a.ID, at
	f.begin(to, models.LegAgent, l, now)
	if !v.talked {
		v.talked, v.BridgedAt = true, &at
		f.counted(l, at, now)
		f.met(l, false, now)
		f.announce(l, s)
	}
	f.record(l, s, at)
	f.emit(MarkServed{AttemptID: l.Attempt.ID, Service: v.Service})
}

// counted notes how long the customer waited, and whether that was in time.
func (f *Floor) counted(l *live, at, now time.Time) {
	v := &l.svc
	if v.QueuedAt != nil {
		v.WaitMS = max(at.Sub(*v.QueuedAt).Milliseconds(), 0)
	}
	ln := f.queues[v.QueueID]
	if ln == nil {
		return
	}
	ln.counts.Answered++
	limit := time.Duration(ln.q.ServiceLevelSeconds) * time.Second
	if now.Sub(v.from) <= limit {
		ln.counts.InTime++
	}
}

// announce tells the customer the staff number (播放工号, S1-44): the agent's own, or one by the pattern of the queue.
func (f *Floor) announce(l *live, s *seat) {
	ln := f.queues[l.svc.QueueID]
	if ln == nil || !ln.q.AnnounceStaff {
		return
	}
	l.svc.Announced = queue.StaffNumber(s.a.StaffNumber, ln.q.StaffPattern, ln.q.StaffDigits, f.cfg.Pick)
	f.emit(Announce{CallID: l.Attempt.ID, StaffNumber: l.svc.Announced})
}

// record begins the recording if the queue records and the administrator allows it for the agent (S1-53).
func (f *Floor) record(l *live, s *seat, at time.Time) {
	ln := f.queues[l.svc.QueueID]
	if ln == nil || !ln.q.Record || !s.a.Recording || l.svc.recording != "" {
		return
	}
	f.startRecording(l, at)
}

func (f *Floor) startRecording(l *live, at time.Time) {
	l.recorded(at)
	f.emit(Record{CallID: l.Attempt.ID, What: RecordStart, Path: l.svc.recorded.Path})
}

// recorded notes that a recording of the call began.
func (l *live) recorded(at time.Time) {
	l.svc.recording, l.svc.Recording = "on", l.Attempt.ID
	l.svc.recorded = models.Recording{
		ID: l.Attempt.ID, OrganizationID: l.Attempt.OrganizationID, CampaignID: l.Attempt.CampaignID, Number: l.Attempt.Number, StartedAt: at,
		Path: at.UTC().Format("2006/01/02/") + l.Attempt.ID + ".wav",
	}
}

// Recorded takes the switch's word that a recording is closed, and how long it is.
func (f *Floor) Recorded(callID string, ms int64) []Effect {
	if l := f.calls[callID]; l != nil {
		l.svc.recorded.DurationMS = ms
	}
	return f.take()
}

// agentDone ends the agent's part in a call that goes on without him, or is over.
func (f *Floor) agentDone(l *live, now time.Time) {
	v := &l.svc
	if v.phase != serving && v.phase != onHold {
		return
	}
	l.talked(now)
	v.phase, v.left = served, now
	f.endConsult(l, now)
	if to := f.legs[v.leg]; to != nil {
		f.detach(to, now)
	}
	if s := f.seats[v.agent]; s != nil {
		f.endSeat(s, l, now)
	}
	v.leg, v.agent, v.joined = "", 0, false
	f.version++
}

// talked adds the talk that ends now to what agents talked; where the call is over, by the switch's own time.
func (l *live) talked(now time.Time) {
	v := &l.svc
	if v.talkFrom.IsZero() {
		return
	}
	until := now
	if end := l.call.Times.HungUp; l.call.Over() && !end.IsZero() {
		until = end
	}
	v.AgentMS += max(until.Sub(v.talkFrom).Milliseconds(), 0)
	v.talkFrom = time.Time{}
}

// endSeat brings an agent out of a call: to wrap-up, or to what he asked for.
func (f *Floor) endSeat(s *seat, l *live, now time.Time) {
	wrap := time.Duration(0)
	if ln := f.queues[l.svc.QueueID]; ln != nil {
		wrap = time.Duration(ln.q.WrapUpSeconds) * time.Second
	}
	if ln := f.queues[l.svc.QueueID]; ln != nil && s.st.State == models.AgentTalking {
		ln.handled(time.Duration(l.svc.AgentMS)*time.Millisecond + wrap)
	}
	f.set(s, s.st.End(l.Attempt.ID, wrap, now))
	f.set(s, s.st.Withdraw(l.Attempt.ID, now))
	f.tend(s, now)
}

// detach takes a leg out of its call: a nailed-up one is free again once the switch has parked it, any other is hung up.
func (f *Floor) detach(to *leg, now time.Time) {
	f.saveLeg(to, "NORMAL_CLEARING", now)
	if to.muted && to.state != legOver { // a leg that stays connected would be mute in the next call too
		f.mute(to, false)
	}
	to.call, to.freed = "", now
	s := f.seats[to.agent]
	switch {
	case to.kind == legNailed && s != nil:
		if to.state == legParked {
			s.leg = nil
		}
	case to.state != legBridged: // else it is hung up once the switch has parked it: sooner, the bridge would end with it
		f.hangUpLeg(to, "NORMAL_CLEARING")
	}
}

// left frees everything that a call held when it ends. It is called once for each call.
func (f *Floor) left(l *live, now time.Time) {
	v := &l.svc
	switch v.phase {
	case waiting:
		f.leftWaiting(l, now)
		v.WaitMS += now.Sub(v.from).Milliseconds()
		f.cancelOffers(l, "ORIGINATOR_CANCEL", "", now)
		if ln := f.queues[v.QueueID]; ln != nil {
			ln.counts.Abandoned++
		}
	case bridging:
		f.unbridge(l, now)
		if !v.talked {
			f.leftWaiting(l, now)
		}
	case serving, onHold:
		f.agentDone(l, now)
	default:
	}
	f.unreserve(l, now)
	f.endConsult(l, now)
	if v.phase != apart {
		v.phase = served
		f.version++
	}
}

// leftWaiting says why a call that ended without an agent was not served: who hung up before the connect limit was not abandoned
// by us. The switch's own times count, so that a restart of this process changes nothing.
func (f *Floor) leftWaiting(l *live, now time.Time) {
	v := &l.svc
	v.AbandonedBy = "early_hangup"
	if !v.direct || v.talked {
		return
	}
	since, until := v.from, now
	if t := l.call.Times; !t.Answered.IsZero() && !t.HungUp.IsZero() {
		since, until = t.Answered, t.HungUp
	}
	if f.connect(l) <= until.Sub(since) {
		v.AbandonedBy = "no_agent"
		f.met(l, true, now)
	}
}

// connect is the connect limit of a call: its campaign's, else its queue's.
func (f *Floor) connect(l *live) time.Duration {
	if r := f.campaigns[l.Attempt.CampaignID]; r != nil {
		if d := campaign.ConnectLimit(r.c); d > 0 {
			return d
		}
	}
	return f.cfg.connect(f.queues[l.svc.QueueID])
}

// unbridge takes back a bridge that did not come about because the customer is gone. The switch may leave the agent's leg in
// a state in which it says nothing (flows 0.4): it is sent back to its parking place.
func (f *Floor) unbridge(l *live, now time.Time) {
	v := &l.svc
	to, s := f.legs[v.leg], f.seats[v.agent]
	v.phase = served
	l.talked(now)
	if to != nil {
		if to.kind == legNailed {
			f.emit(ParkLeg{LegID: to.id})
		}
		to.state = legUp
		f.detach(to, now)
	}
	if s != nil {
		f.set(s, s.st.Withdraw(l.Attempt.ID, now))
		f.endSeat(s, l, now)
	}
	v.leg, v.agent = "", 0
}

// bridgeFailed lets a customer wait on whose agent's leg vanished before the bridge stood.
func (f *Floor) bridgeFailed(l *live, now time.Time) {
	if l.svc.phase != bridging {
		return
	}
	f.unbridge(l, now)
	l.svc.phase, l.svc.from = waiting, now
	if l.svc.QueuedAt == nil {
		l.svc.QueuedAt = &now
	}
}

// callLostLeg says what the end of a leg means for its call.
func (f *Floor) callLostLeg(l *live, s *seat, gone *leg, was legState, cause string, now time.Time) {
	v := &l.svc
	switch {
	case slices.Contains(v.offers, gone.id):
		v.offers = slices.DeleteFunc(v.offers, func(id string) bool { return id == gone.id })
		f.missed(l, s, gone, now)
	case v.consult == gone.id:
		f.consultOver(l, gone, now)
	case v.leg != gone.id:
	case v.phase == bridging && v.talked:
		v.phase = serving
		f.agentDone(l, now)
	case v.phase == bridging:
		v.phase, v.leg, v.agent, v.from = waiting, "", 0, now
		if s != nil {
			f.set(s, s.st.Withdraw(l.Attempt.ID, now))
			f.set(s, s.st.End(l.Attempt.ID, 0, now))
		}
	case v.phase == onHold && v.agent == 0: // the outside number did not answer
		v.leg = ""
		f.backToQueue(l)
	case v.phase == onHold && !v.joined:
		f.emit(Kill{AttemptID: l.Attempt.ID, Cause: "NORMAL_CLEARING"}) // nobody is left who could fetch the customer
		f.agentDone(l, now)
	default:
		f.agentDone(l, now)
	}
}

// missed is an offer that came to nothing.
func (f *Floor) missed(l *live, s *seat, gone *leg, now time.Time) {
	if s == nil {
		return
	}
	if gone.killed {
		f.set(s, s.st.Withdraw(l.Attempt.ID, now))
		return
	}
	most := 0
	if ln := f.queues[l.svc.QueueID]; ln != nil {
		most = ln.q.MaxMissed
	}
	l.svc.tried = append(l.svc.tried, s.a.ID)
	f.set(s, s.st.Miss(l.Attempt.ID, most, now))
	if l.svc.only != 0 {
		f.backToQueue(l)
	}
}

// backToQueue is what becomes of a call that was transferred to somebody who did not take it.
func (f *Floor) backToQueue(l *live) {
	l.svc.only = 0
	if f.queues[l.svc.QueueID] == nil {
		f.emit(Kill{AttemptID: l.Attempt.ID, Cause: "NORMAL_CLEARING"})
		return
	}
	l.svc.phase = served
	f.emit(Move{ChannelID: l.Attempt.ID, To: PlaceQueue, QueueID: l.svc.QueueID})
}

// deskTick is what time does to agents and their calls.
func (f *Floor) deskTick(now time.Time) {
	if len(f.seats) == 0 {
		return
	}
	f.legTick(now)
	f.sayPlaces(now)
	for _, s := range f.inOrder() {
		if next := s.st.Tick(now); next != s.st {
			f.set(s, next)
		}
		f.lookTick(s, now)
		f.tend(s, now)
	}
	for _, l := range f.calls {
		if l.svc.phase == bridging && now.Sub(l.svc.bridgeAt) > bridgePatience {
			if to := f.legs[l.svc.leg]; to != nil {
				f.bridged(l, to, l.svc.bridgeAt, now) // its bridge was not heard
			}
		}
	}
	f.match(now)
}
