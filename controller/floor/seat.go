package floor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"waihu/controller/agent"
	"waihu/models"
)

// Staff is who serves: agents with their phones, queues with their members.
type Staff struct {
	Agents     []models.Agent
	Extensions []models.Extension
	Queues     []models.Queue
	Members    []models.QueueMember
}

// seat is an agent on the floor with his phone and the legs to it.
type seat struct {
	a       models.Agent
	ext     string // SIP user of his phone, "" = he is reached by an external number
	auto    bool   // the phone answers by itself when it is asked to
	queues  []int64
	st      agent.Agent
	nailed  *leg      // the leg that stays connected
	leg     *leg      // of the call that he has, or that is offered: may be nailed
	watch   *leg      // with which he listens to others
	retryAt time.Time // when a nailed-up leg is tried again
	tries   int       // that failed in a row

	talkFrom time.Time // since when he talks with the customer, holds included
	look               // at numbers before they are called
}

// Pauses between the attempts to connect a nailed-up leg, and how many fail before the agent is set busy.
const (
	nailFirst = time.Second
	nailMost  = 30 * time.Second
	nailTries = 3
	nailRing  = 30 // seconds
)

// desk is the part of the floor that is about agents and queues.
type desk struct {
	seats   map[int64]*seat
	byExt   map[string]*seat
	phones  map[string]models.PhoneState
	queues  map[int64]*line
	legs    map[string]*leg
	version int64
}

func newDesk() desk {
	return desk{seats: map[int64]*seat{}, byExt: map[string]*seat{}, phones: map[string]models.PhoneState{},
		queues: map[int64]*line{}, legs: map[string]*leg{}}
}

// Staff takes over who serves. Agents who are gone or disabled are signed out; those who serve go on with their call.
func (f *Floor) Staff(st Staff, now time.Time) []Effect {
	exts := map[int64]models.Extension{}
	for _, e := range st.Extensions {
		exts[e.ID] = e
	}
	f.byExt = map[string]*seat{}
	known := map[int64]bool{}
	for _, a := range st.Agents {
		known[a.ID] = true
		s := f.seats[a.ID]
		if s == nil {
			s = &seat{}
			f.seats[a.ID] = s
		}
		e := exts[a.ExtensionID]
		if s.ext != e.Number && s.nailed != nil {
			f.hangUpLeg(s.nailed, "NORMAL_CLEARING")
		}
		s.a, s.ext, s.auto = a, e.Number, e.AutoAnswer
		if s.ext != "" {
			f.byExt[s.ext] = s
		}
	}
	for _, s := range f.inOrder() {
		if !known[s.a.ID] || s.a.Disabled {
			f.set(s, s.st.SignOut(models.OfflineDisabled, "daemon", now))
		}
		if !known[s.a.ID] && !s.st.InCall() {
			f.dropLegs(s)
			delete(f.seats, s.a.ID)
		}
	}
	f.takeQueues(st)
	f.version++
	for _, s := range f.inOrder() {
		s.queues = slices.DeleteFunc(s.queues, func(id int64) bool { _, ok := f.membership(id, s.a.ID); return !ok })
		if len(s.queues) == 0 {
			f.set(s, s.st.SignOut("", "daemon", now))
		}
		f.tend(s, now)
	}
	f.match(now)
	return f.take()
}

// inOrder are the seats by staff number, so that what happens does not depend on a map.
func (f *Floor) inOrder() []*seat {
	out := slices.Collect(maps.Values(f.seats))
	slices.SortFunc(out, func(a, b *seat) int {
		return cmp.Or(cmp.Compare(a.a.StaffNumber, b.a.StaffNumber), cmp.Compare(a.a.ID, b.a.ID))
	})
	return out
}

// set is the one place where an agent's standing changes: it is saved, and seen.
func (f *Floor) set(s *seat, next agent.Agent) {
	if next == s.st {
		return
	}
	was := s.st
	s.st = next
	f.version++
	if was.State == next.State && was.Reason == next.Reason && was.CallID == next.CallID {
		return
	}
	f.paceSeat(s, was, next, s.queues)
	f.lookedAway(s, was)
	if !next.Signed() {
		s.queues = nil
	}
	f.emit(SaveSeat{
		Change: models.StateChange{OrganizationID: s.a.OrganizationID, AgentID: s.a.ID, At: next.Since, State: next.State, Reason: next.Reason,
			Cause: next.Cause, CallID: next.CallID, QueueID: next.QueueID},
		Session: f.session(s),
	})
}

// session is what a restart has to know of a seat.
func (f *Floor) session(s *seat) models.AgentSession {
	v := models.AgentSession{AgentID: s.a.ID, OrganizationID: s.a.OrganizationID, State: s.st.State, Reason: s.st.Reason,
		Since: s.st.Since, Queues: slices.Clone(s.queues), CallID: s.st.CallID}
	switch {
	case s.leg != nil:
		v.Leg = s.leg.id
	case s.nailed != nil:
		v.Leg = s.nailed.id
	}
	return v
}

// registered reports whether the agent's phone can be reached: external numbers always can, as far as we know.
func (f *Floor) registered(s *seat) bool {
	if s.ext == "" {
		return s.a.ExternalNumber != ""
	}
	return f.phones[s.ext].Registered
}

// ready reports whether a call can be given to the agent now: signed in, phone reachable, leg up if it is a nailed-up one,
// and idle.
func (f *Floor) ready(s *seat) bool {
	return s.st.State == models.AgentIdle && s.watch == nil && f.reachable(s)
}

func (f *Floor) reachable(s *seat) bool {
	if !f.registered(s) {
		return false
	}
	return s.a.Reach != models.ReachNailedUp || s.ext == "" || s.nailed != nil && s.nailed.state == legParked
}

// tend does what an agent's standing demands of his phone: a nailed-up leg is connected while he is signed in, and hung up
// after; an idle agent whose phone is gone is set busy with that reason, and comes back with it (F-22).
func (f *Floor) tend(s *seat, now time.Time) {
	if !s.st.Signed() {
		f.dropLegs(s)
		return
	}
	switch {
	case (s.st.State == models.AgentIdle || s.preview != nil) && !f.registered(s):
		f.set(s, s.st.Busy(models.BusyPhone, "phone", now))
	case s.st.State == models.AgentBusy && s.st.Reason == models.BusyPhone && f.registered(s) && s.tries < nailTries:
		f.set(s, s.st.Idle("phone", now))
	}
	if f.wantsLeg(s) && !now.Before(s.retryAt) {
		s.nailed = f.ring(s, legNailed, "", nailRing, now)
	}
}

// wantsLeg reports whether a nailed-up leg has to be connected.
func (f *Floor) wantsLeg(s *seat) bool {
	if s.a.Reach != models.ReachNailedUp || s.ext == "" || s.nailed != nil || !f.registered(s) || !f.switchUp {
		return false
	}
	return s.st.State == models.AgentIdle || s.st.State == models.AgentWrapUp || s.preview != nil
}

func (f *Floor) dropLegs(s *seat) {
	for _, l := range []*leg{s.nailed, s.leg} {
		if l != nil {
			f.hangUpLeg(l, "NORMAL_CLEARING")
		}
	}
}

// SignIn lets an agent take calls of the queues; without any he is signed out. Errors are the caller's.
func (f *Floor) SignIn(agentID int64, queues []int64, now time.Time) ([]Effect, error) {
	s, err := f.seatOf(agentID)
	if err != nil {
		return nil, err
	}
	if len(queues) == 0 {
		return f.SignOut(agentID, "", now)
	}
	if s.a.Disabled {
		return nil, conflict("agent", "disabled", "this agent is disabled; an administrator can enable it", "该坐席已停用，请联系管理员")
	}
	if s.ext == "" && s.a.ExternalNumber == "" {
		return nil, conflict("agent", "no_phone", "this agent has neither an extension nor an external number; an administrator can give it one",
			"该坐席未绑定分机或外部号码，请联系管理员")
	}
	for _, id := range queues {
		if m, ok := f.membership(id, agentID); !ok || !m.Active {
			return nil, conflict("queue_ids", "not_member", "the agent is not an active member of this queue; choose another one", "该坐席不是此接听组的可用成员，请选择其他接听组")
		}
	}
	s.queues = slices.Clone(queues)
	slices.Sort(s.queues)
	s.tries, s.retryAt = 0, time.Time{}
	if s.st.Signed() {
		f.version++
		f.emit(SaveSeat{Session: f.session(s)})
	} else {
		f.set(s, s.st.SignIn(now))
	}
	f.tend(s, now)
	f.match(now)
	return f.take(), nil
}

// SignOut takes an agent off the floor: now, or after the call that he has.
func (f *Floor) SignOut(agentID int64, reason string, now time.Time) ([]Effect, error) {
	s, err := f.seatOf(agentID)
	if err != nil {
		return nil, err
	}
	cause := "user"
	if reason != "" {
		cause = "team_leader"
	}
	f.set(s, s.st.SignOut(reason, cause, now))
	f.tend(s, now)
	return f.take(), nil
}

// SetBusy takes an agent out of distribution with a reason (示忙): now, or after the call that he has.
func (f *Floor) SetBusy(agentID int64, reason, cause string, now time.Time) ([]Effect, error) {
	s, err := f.signed(agentID)
	if err != nil {
		return nil, err
	}
	f.set(s, s.st.Busy(reason, cause, now))
	return f.take(), nil
}

// SetIdle brings an agent back (示闲), also from wrap-up.
func (f *Floor) SetIdle(agentID int64, cause string, now time.Time) ([]Effect, error) {
	s, err := f.signed(agentID)
	if err != nil {
		return nil, err
	}
	s.tries, s.retryAt = 0, time.Time{}
	f.set(s, s.st.Idle(cause, now))
	f.tend(s, now)
	if s.st.State == models.AgentBusy && s.st.Reason == models.BusyPhone {
		return f.take(), conflict("agent", "phone_offline", "the phone is not registered; check that it is on and connected", "话机未注册，请检查话机电源与网络")
	}
	f.match(now)
	return f.take(), nil
}

func (f *Floor) seatOf(agentID int64) (*seat, error) {
	s, ok := f.seats[agentID]
	if !ok {
		return nil, models.NewError(models.NotFound, "agent", "not_found", "there is no such agent on the floor; load the page again", "没有此坐席，请刷新页面")
	}
	return s, nil
}

func (f *Floor) signed(agentID int64) (*seat, error) {
	s, err := f.seatOf(agentID)
	if err == nil && !s.st.Signed() {
		err = conflict("agent", "not_signed_in", "the agent is not signed in; sign in first", "坐席未签入，请先签入")
	}
	return s, err
}

func conflict(field, code, text, textZH string) error {
	return models.NewError(models.Conflict, field, code, text, textZH)
}

// Phones takes over what the switch's registrar says about every extension.
func (f *Floor) Phones(all map[string]models.PhoneState, now time.Time) []Effect {
	gone := maps.Clone(f.phones)
	for ext, p := range all {
		delete(gone, ext)
		f.phone(ext, p, now)
	}
	for ext, p := range gone {
		p.Registered, p.PingMS = false, 0
		f.phone(ext, p, now)
	}
	f.match(now)
	return f.take()
}

// Phone takes one change of a registration. A ping of 0 keeps the one that is known.
func (f *Floor) Phone(ext string, p models.PhoneState, now time.Time) []Effect {
	if p.PingMS == 0 && p.Registered {
		p.PingMS = f.phones[ext].PingMS
	}
	if p.UserAgent == "" && p.Registered { // the event of OPTIONS does not name it
		p.UserAgent = f.phones[ext].UserAgent
	}
	f.phone(ext, p, now)
	f.match(now)
	return f.take()
}

func (f *Floor) phone(ext string, p models.PhoneState, now time.Time) {
	have := f.phones[ext]
	p.Since = have.Since
	if have.Registered != p.Registered || have.Since.IsZero() {
		p.Since = now
	}
	if p == have {
		return
	}
	f.phones[ext] = p
	f.version++
	if s := f.byExt[ext]; s != nil {
		if p.Registered && !have.Registered {
			s.tries, s.retryAt = 0, time.Time{}
		}
		f.tend(s, now)
	}
}

// Restore brings agents back as the database remembers them, after a restart. What of it still stands is found out by
// Channels.
func (f *Floor) Restore(sessions []models.AgentSession, now time.Time) []Effect {
	for _, v := range sessions {
		s := f.seats[v.AgentID]
		if s == nil || s.a.Disabled || v.State == models.AgentOffline || v.State == "" {
			continue
		}
		s.queues = slices.DeleteFunc(slices.Clone(v.Queues), func(id int64) bool { m, ok := f.membership(id, v.AgentID); return !ok || !m.Active })
		call := f.calls[v.CallID]
		if call == nil || call.call.Over() {
			v.CallID = ""
		}
		if len(s.queues) == 0 {
			continue
		}
		s.st = agent.Restore(v.State, v.Reason, v.CallID, 0, v.Since, now)
		s.talkFrom = v.Since
		if v.Leg != "" {
			f.regain(s, v, call, now)
		}
		f.keepLooker(s, v, now)
		f.version++
	}
	return f.take()
}

// regain takes over the leg that an earlier process had to an agent.
func (f *Floor) regain(s *seat, v models.AgentSession, call *live, now time.Time) {
	l := &leg{id: v.Leg, agent: v.AgentID, kind: legOffer, state: legParked, at: now.Add(-settle), number: s.ext}
	if s.a.Reach == models.ReachNailedUp {
		l.kind = legNailed
		s.nailed = l
	}
	f.legs[l.id] = l
	l.doubted = true
	if !s.st.InCall() {
		return
	}
	l.state, l.call = legBridged, v.CallID
	s.leg = l
	s.st.QueueID = call.svc.QueueID
	call.svc.phase, call.svc.agent, call.svc.leg = serving, v.AgentID, l.id
	call.svc.talkFrom = v.Since
	if s.st.State == models.AgentHold {
		call.svc.phase = onHold
	}
}
