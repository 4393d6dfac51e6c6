package floor

import (
	"cmp"
	"slices"
	"time"

	"waihu/models"
)

// What agents do with numbers before they are called.

// Fetch keeps the next due number of the manual campaigns of an agent's queues for him (取号). That it is there, or why there is
// none, is seen in DeskNow.
func (f *Floor) Fetch(agentID int64, now time.Time) ([]Effect, error) {
	s, err := f.signed(agentID)
	switch {
	case err != nil:
		return nil, err
	case !f.ready(s) || s.leg != nil:
		return nil, conflict("agent", "not_idle", "a number can be fetched when you are idle and your phone is connected", "空闲且话机在线时才能取号")
	}
	from := f.manualFor(s)
	if len(from) == 0 {
		return nil, conflict("agent", "no_manual_campaign", "no campaign of your queues gives out numbers now; ask your team leader", "您的接听组当前没有可取号的手动任务，请联系班长")
	}
	s.asked, s.lookWhy = true, models.GateOpen
	f.version++
	for _, r := range from {
		r.renew() // what the database said may be old
	}
	return f.take(), nil
}

// manualFor are the campaigns from which an agent can fetch.
func (f *Floor) manualFor(s *seat) []*running {
	var out []*running
	for _, id := range f.order {
		if r := f.campaigns[id]; gives(r) && slices.Contains(s.queues, r.c.QueueID) {
			out = append(out, r)
		}
	}
	return out
}

func gives(r *running) bool {
	return r.pace != nil && r.pace.byHand && manual(r) && r.c.State == models.CampaignRunning
}

// fetchQueues are the queues of campaigns that give out numbers on request.
func (f *Floor) fetchQueues() map[int64]bool {
	out := map[int64]bool{}
	for _, r := range f.campaigns {
		if gives(r) {
			out[r.c.QueueID] = true
		}
	}
	return out
}

// noNumber tells an agent who has asked for a number that there is none, once every campaign has been asked.
func (f *Floor) noNumber(s *seat, now time.Time) {
	if !s.asked {
		return
	}
	why := f.gate(now)
	if why == models.GateOpen {
		why = models.GateListEmpty
		for _, r := range f.manualFor(s) {
			if len(r.hopper) > 0 || r.reserving || r.unsaved > 0 || !now.Before(r.askAgain) {
				return
			}
			why, _ = f.whyEmpty(r, now)
		}
	}
	s.asked, s.lookWhy = false, why
	f.version++
}

// looking finds the number at which an agent looks. seen is the attempt that his page showed when he said what to do with it: by now
// it may be another one, at which he has not looked; "" = he does not say.
func (f *Floor) looking(agentID int64, seen string) (*seat, error) {
	s, err := f.signed(agentID)
	switch {
	case err != nil:
	case s.preview == nil:
		err = conflict("agent", "no_number", "there is no number to act on; it may have just gone back to the list", "当前没有可操作的号码，可能刚刚退回名单")
	case seen != "" && seen != s.preview.Attempt.ID:
		err = conflict("call_id", "another_number", "it is another number by now; look at it first", "号码已更换，请先查看新的客户")
	}
	return s, err
}

// CallNumber has the number called at which an agent looks: as soon as a line is free and his phone is connected.
func (f *Floor) CallNumber(agentID int64, seen string, now time.Time) ([]Effect, error) {
	s, err := f.looking(agentID, seen)
	if err != nil {
		return nil, err
	}
	if !f.registered(s) {
		return nil, conflict("agent", "phone_offline", "the phone is not registered; check that it is on and connected", "话机未注册，请检查话机电源与网络")
	}
	s.preview.called = true
	f.set(s, s.st.There())
	f.version++
	f.callPreview(s, now)
	return f.take(), nil
}

// SkipNumber puts the number at which an agent looks off until a time, zero = it is not called any more, and keeps his reason.
func (f *Floor) SkipNumber(agentID int64, seen, reason string, until, now time.Time) ([]Effect, error) {
	s, err := f.looking(agentID, seen)
	if err != nil {
		return nil, err
	}
	id := s.preview.Attempt.ID
	f.skip(s, models.Refusal{Why: models.GateAgentSkipped, Until: until, By: agentID, Reason: reason})
	f.set(s, s.st.There().Unreserve(id, now))
	return f.take(), nil
}

// GiveBackNumber lets the number at which an agent looks be due again at once.
func (f *Floor) GiveBackNumber(agentID int64, seen string, now time.Time) ([]Effect, error) {
	s, err := f.looking(agentID, seen)
	if err != nil {
		return nil, err
	}
	f.set(s, s.st.There().Unreserve(s.preview.Attempt.ID, now))
	return f.take(), nil
}

// callPreview places the call of a number, as soon as nothing is in the way and the agent's phone is connected: whoever answers
// is not to wait for it.
func (f *Floor) callPreview(s *seat, now time.Time) {
	p := s.preview
	r := f.campaigns[p.Attempt.CampaignID]
	t, why := f.lineFor(r, p, now)
	if why == models.GateOpen && !f.phoneReady(s, now) {
		why = models.GateAgentPhone
	}
	if why != models.GateOpen {
		if p.why != why {
			p.why = why
			f.version++
		}
		return
	}
	s.preview = nil
	f.version++
	if gate := f.forbidden(r, p.held, now); gate != models.GateOpen {
		s.lookWhy = gate
		f.set(s, s.st.Unreserve(p.Attempt.ID, now))
		return
	}
	p.Attempt.LookerID = s.a.ID
	send := f.assign(r, t, p.Reserved, now)
	send.LookerID = s.a.ID
	f.calls[p.Attempt.ID].svc.reserved = s.a.ID
	r.counts.Dialled++
	if r.pace != nil {
		r.pace.kept.dialled++
		r.pace.kept.toSample++
	}
	f.emit(Dial{Campaign: r.c, Sends: []models.Send{*send}})
}

// ringsFor is the call that an agent has had placed and that nobody has answered yet.
func (f *Floor) ringsFor(s *seat) *live {
	if s == nil || s.st.State != models.AgentReserved {
		return nil
	}
	l := f.calls[s.st.CallID]
	if l == nil || l.Attempt.LookerID != s.a.ID || l.call.Over() || !l.call.Times.Answered.IsZero() {
		return nil
	}
	return l
}

// lineFor finds a line for a number that an agent wants called, or says what is in the way.
func (f *Floor) lineFor(r *running, p *preview, now time.Time) (*trunk, models.Gate) {
	why := f.gate(now)
	switch {
	case why != models.GateOpen:
		return nil, why
	case r == nil || r.c.State != models.CampaignRunning:
		return nil, models.GateNotRunning
	case len(r.callers) == 0:
		return nil, models.GateNoCaller
	}
	if why = f.bounds(r, now); why != models.GateOpen {
		return nil, why
	}
	t, why, _ := f.choose(r, p.turn(), true, now)
	return t, why
}

// phoneReady reports whether an agent's phone is connected; one that is not is called.
func (f *Floor) phoneReady(s *seat, now time.Time) bool {
	switch {
	case s.nailed != nil || s.a.Reach == models.ReachNailedUp && s.ext != "":
		return s.nailed != nil && s.nailed.state == legParked
	case s.leg != nil:
		return s.leg.state == legParked && s.leg.call == s.preview.Attempt.ID
	}
	seconds := 20
	if ln := f.queues[s.st.QueueID]; ln != nil {
		seconds = cmp.Or(ln.q.RingSeconds, seconds)
	}
	to, ring := f.legTo(s, legOffer, s.preview.Attempt.ID, seconds, now)
	if to != nil {
		s.leg = to // before it is saved that he is called: a restart finds the leg
		f.emit(SaveSeat{Session: f.session(s)})
		f.emit(ring)
	}
	return false
}

// waitsOn reports whether a leg connects the agent's phone for a number that is to be called.
func (s *seat) waitsOn(l *leg) bool { return s != nil && s.preview != nil && s.leg == l }

// standing is the leg over which an agent takes a call at once: one that stays connected, or that was connected for this call.
func (s *seat) standing(l *live) *leg {
	switch {
	case s.nailed != nil && s.nailed.state == legParked:
		return s.nailed
	case s.leg != nil && s.leg.kind == legOffer && s.leg.state == legParked && s.leg.call == l.Attempt.ID:
		return s.leg
	default:
		return nil
	}
}

// lookNow adds what is to see of numbers that are not called yet.
func (f *Floor) lookNow(s *seat, fetch map[int64]bool, v *models.AgentNow) {
	v.Fetching, v.LookWhy = s.asked, s.lookWhy
	v.CanFetch = slices.ContainsFunc(s.queues, func(id int64) bool { return fetch[id] })
	p := s.preview
	if p == nil {
		if f.ringsFor(s) != nil {
			v.Preview = &models.PreviewNow{Called: true, Dialled: true}
		}
		return
	}
	v.Number, v.CampaignID = p.Attempt.Number, p.Attempt.CampaignID
	v.Preview = &models.PreviewNow{Fetched: p.fetched, Called: p.called, Why: p.why, Then: p.then}
	if !p.until.IsZero() {
		until := p.until
		v.Preview.Until = &until
	}
}
