package floor

import (
	"slices"
	"time"

	"waihu/controller/agent"
	"waihu/models"
)

// In preview and manual campaigns an agent looks at a number before it is called. Until then its attempt is only reserved: it
// goes back to the list when he skips it, leaves, or does nothing.

// How long a number is looked at where no limit is set, and how long one stays away that nobody did anything with.
const (
	previewMost  = 30 * time.Minute
	previewLater = 10 * time.Minute
)

// Skip takes a number off the agent who looked at it. Until zero: it is not called any more. The answer is Floor.Skipped.
type Skip struct {
	CampaignID int64
	models.Refusal
}

func (Skip) effect() {}

// look is what a seat has of numbers that are not called yet.
type look struct {
	preview *preview
	asked   bool        // he wants a number (取号)
	lookWhy models.Gate // what became of the last one, or of his asking
}

// preview is a number that an agent looks at.
type preview struct {
	held
	since   time.Time
	until   time.Time // zero = no limit
	then    models.PreviewThen
	fetched bool        // he asked for it
	called  bool        // it is to be called
	why     models.Gate // what its call waits for
}

// showNumbers gives the next numbers to the agents who are to look at them.
func (f *Floor) showNumbers(r *running, now time.Time) {
	f.decide(r, models.GateOpen, now)
	for len(r.hopper) > 0 {
		s := f.looker(r)
		if s == nil {
			break
		}
		f.show(r, s, now)
	}
	r.why, r.until = models.GateAgentDials, time.Time{}
	switch {
	case f.lookedAt(r.c.ID):
	case len(r.hopper) == 0 && now.Before(r.askAgain):
		r.why, r.until = f.whyEmpty(r, now)
	case !manual(r) && f.spare(r.c.QueueID) == nil:
		r.why = models.GateNoFreeAgent
	}
	f.keep(r, 0, now)
	f.dropStale(r, now)
}

func manual(r *running) bool { return r.c.Rules.Pacing.Mode == models.PaceManual }

// looker is the next agent who is to look at a number of the campaign: any idle one, or one who has asked.
func (f *Floor) looker(r *running) *seat {
	if !manual(r) {
		return f.spare(r.c.QueueID)
	}
	for _, s := range f.inOrder() {
		if f.wantsOne(s, r) {
			return s
		}
	}
	return nil
}

func (f *Floor) wantsOne(s *seat, r *running) bool {
	return s.asked && s.leg == nil && f.ready(s) && slices.Contains(s.queues, r.c.QueueID)
}

// lookers is how many numbers agents can be shown now. When that is none, one is asked for now and then: the campaign is to end
// when its list does.
func (f *Floor) lookers(r *running) int {
	n := 0
	if ln := f.queues[r.c.QueueID]; ln != nil && !manual(r) {
		n = len(f.candidates(&live{}, ln))
	} else if manual(r) {
		for _, s := range f.seats {
			if f.wantsOne(s, r) {
				n++
			}
		}
	}
	if n == 0 && r.probe {
		return 1
	}
	return min(n, mostAhead)
}

// show lets an agent look at the next number, if it may be called now.
func (f *Floor) show(r *running, s *seat, now time.Time) {
	h := r.hopper[0]
	r.hopper = r.hopper[1:]
	if f.forbidden(r, h, now) != models.GateOpen {
		return
	}
	p := &preview{held: h, since: now, then: r.c.Rules.Pacing.PreviewThen, fetched: s.asked}
	if p.then == "" {
		p.then = models.PreviewSkip
	}
	if n := r.c.Rules.Pacing.PreviewSeconds; n > 0 {
		p.until = now.Add(time.Duration(n) * time.Second)
	}
	if ln := f.queues[r.c.QueueID]; ln != nil {
		ln.last = s.a.StaffNumber
	}
	s.look = look{preview: p}
	f.set(s, s.st.Reserve(h.Attempt.ID, r.c.QueueID, now))
}

// lookedAt reports whether an agent looks at a number of the campaign.
func (f *Floor) lookedAt(campaignID int64) bool {
	for _, s := range f.seats {
		if s.preview != nil && s.preview.Attempt.CampaignID == campaignID {
			return true
		}
	}
	return false
}

// takeFromDesks gives back what agents look at: the campaign does not dial any more. They are idle again with the next tick.
func (f *Floor) takeFromDesks(r *running) {
	for _, s := range f.inOrder() {
		if p := s.preview; p != nil && p.Attempt.CampaignID == r.c.ID {
			s.look = look{lookWhy: models.GateNotRunning}
			f.version++
			f.release(r.c.ID, p.Attempt.ID)
		}
	}
}

// lookedAway is what follows when an agent is not kept for a number, or for the call that he asked for, any more: the number
// goes back, the call that nobody else is to answer ends before it is answered, and so does the leg that waited for it.
func (f *Floor) lookedAway(s *seat, was agent.Agent) {
	if s.st.State != models.AgentIdle {
		s.asked = false
	}
	kept := s.st.CallID == was.CallID && (s.st.State == models.AgentReserved || s.st.State == models.AgentRinging)
	if was.State != models.AgentReserved || kept {
		return
	}
	if p := s.preview; p != nil {
		s.preview = nil
		f.release(p.Attempt.CampaignID, p.Attempt.ID)
	}
	f.letGo(f.calls[was.CallID], s.a.ID)
	if to := s.leg; to != nil && to.kind == legOffer && to.call == was.CallID && to.state != legBridged {
		f.hangUpLeg(to, "ORIGINATOR_CANCEL")
	}
}

// letGo ends a call that its agent cannot take any more, unless it is answered: then it waits as any other.
func (f *Floor) letGo(l *live, looker int64) {
	if l != nil && l.Attempt.LookerID == looker && !l.killed && !l.call.Over() && l.call.Times.Answered.IsZero() {
		f.kill(l)
	}
}

// lookLost says what the end of a leg means for the number that its agent looks at, or has had called.
func (f *Floor) lookLost(s *seat, gone *leg, now time.Time) {
	switch {
	case s.waitsOn(gone):
		f.lapse(s, models.GateAgentPhone, now)
	case s.st.State == models.AgentReserved && (gone.kind == legNailed || gone.call == s.st.CallID):
		if l := f.calls[s.st.CallID]; l != nil && l.Attempt.LookerID == s.a.ID {
			s.lookWhy = models.GateAgentPhone
			f.letGo(l, s.a.ID)
		}
	}
}

// lookTick is what time does to a number that an agent looks at, or has asked for.
func (f *Floor) lookTick(s *seat, now time.Time) {
	p := s.preview
	switch {
	case p == nil && s.st.State == models.AgentReserved && f.calls[s.st.CallID] == nil:
		f.set(s, s.st.Unreserve(s.st.CallID, now)) // the campaign took it back
	case p == nil:
		f.noNumber(s, now)
	case now.Sub(p.since) >= previewMost:
		f.lapse(s, models.GatePreviewOver, now)
	case p.called:
		f.callPreview(s, now)
	case p.until.IsZero() || now.Before(p.until):
	case p.then == models.PreviewCall:
		p.called = true
		f.callPreview(s, now)
	default:
		f.lapse(s, models.GatePreviewOver, now)
	}
}

// lapse takes a number off an agent who did nothing with it, or whose phone could not be reached.
func (f *Floor) lapse(s *seat, why models.Gate, now time.Time) {
	p, most := s.preview, 0
	if ln := f.queues[s.st.QueueID]; ln != nil {
		most = ln.q.MaxMissed
	}
	f.skip(s, models.Refusal{Why: why, Until: now.Add(previewLater)})
	s.lookWhy = why
	f.set(s, s.st.Miss(p.Attempt.ID, most, now))
}

func (f *Floor) skip(s *seat, ref models.Refusal) {
	p := s.preview
	s.look = look{}
	if r := f.campaigns[p.Attempt.CampaignID]; r != nil {
		r.unsaved++
	}
	ref.AttemptID, ref.LeadID = p.Attempt.ID, p.Lead.ID
	f.emit(Skip{CampaignID: p.Attempt.CampaignID, Refusal: ref})
}

// Skipped brings the answer to a Skip.
func (f *Floor) Skipped(e Skip) []Effect {
	if r := f.campaigns[e.CampaignID]; r != nil {
		r.unsaved--
		if e.Until.IsZero() {
			r.counts.Skipped++
		}
		r.renew()
		r.probe = true
	}
	return f.take()
}

// tellLooker lets the agent know why the call that he asked for is not made.
func (f *Floor) tellLooker(l *live, why models.Gate) {
	if s := f.seats[l.Attempt.LookerID]; s != nil {
		s.lookWhy = why
		f.version++
	}
}
