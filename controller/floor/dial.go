package floor

import (
	"math"
	"time"

	"waihu/controller/call"
	"waihu/controller/number"
	"waihu/controller/pacing"
	"waihu/models"
)

// most and least attempts that are reserved ahead, whatever the rate.
const (
	leastAhead = 2
	mostAhead  = 500
	askEvery   = 15 * time.Second // somebody may have added leads meanwhile
	spentAhead = 5                // of the span that is reserved for, the past that tells how fast a paced campaign dials
)

// reserve asks for leads when the hopper runs low.
func (f *Floor) reserve(r *running, now time.Time) {
	if r.reserving || r.c.State != models.CampaignRunning || f.gate(now) != models.GateOpen || now.Before(r.askAgain) {
		return
	}
	if r.unsaved > 0 && len(r.hopper) == 0 && r.inFlight == 0 {
		return // what is being saved may be all that is left
	}
	want := f.ahead(r, now)
	if len(r.hopper) > want/2 || len(r.hopper) >= want {
		return
	}
	r.reserving, r.probe = true, false
	f.emit(Reserve{Campaign: r.c, Limit: want - len(r.hopper)})
}

// ahead is how many attempts to hold ready.
func (f *Floor) ahead(r *running, now time.Time) int {
	if r.pace != nil && r.pace.byHand {
		return f.lookers(r)
	}
	rate := f.cfg.CPS
	if rate <= 0 {
		rate = mostAhead
	}
	n := int(math.Ceil(rate * f.cfg.Ahead.Seconds()))
	if r.c.MaxConcurrency > 0 {
		n = min(n, r.c.MaxConcurrency)
	}
	if r.pace != nil {
		n = min(n, r.pace.ahead(now.Add(-spentAhead*f.cfg.Ahead)))
	}
	return min(max(n, leastAhead), mostAhead)
}

// Reserved brings the answer to a Reserve. A failed one is asked again soon.
func (f *Floor) Reserved(id int64, res models.ReserveResult, err error, now time.Time) []Effect {
	r, ok := f.campaigns[id]
	if !ok {
		for _, v := range res.Reserved {
			f.release(id, v.Attempt.ID)
		}
		return f.take()
	}
	for _, v := range res.Reserved {
		r.hopper = append(r.hopper, held{Reserved: v, at: now})
	}
	if r.pace != nil && r.pace.last.Why == pacing.ByList {
		r.pace.due = true
	}
	outdated := r.outdated
	r.reserving, r.outdated = false, false
	switch {
	case r.c.State != models.CampaignRunning || f.draining:
		f.giveBack(r)
		return f.take()
	case err != nil:
		r.askAgain = now.Add(time.Second)
		return f.take()
	}
	f.learn(r, res, outdated, now)
	f.dial(now)
	return f.take()
}

// learn draws from an answer when to ask again, and why nothing is due.
func (f *Floor) learn(r *running, res models.ReserveResult, outdated bool, now time.Time) {
	nothing := len(res.Reserved) == 0 && len(res.Deferred) == 0
	r.exhausted = nothing && res.NextDue.IsZero() && !outdated
	if len(res.Deferred) > 0 || nothing {
		r.deferred = mostOften(res.Deferred, r.deferred)
	}
	switch {
	case !nothing || outdated:
		r.askAgain = time.Time{}
	case res.NextDue.IsZero():
		r.askAgain = now.Add(askEvery)
	default:
		r.askAgain = res.NextDue
		if later := now.Add(askEvery); later.Before(r.askAgain) && len(f.calls) > 0 {
			r.askAgain = later
		}
		r.until = res.NextDue
	}
}

// mostOften is the commonest reason of the leads that were put off; without any, the one known before stands.
func mostOften(ds []models.Deferred, before models.Gate) models.Gate {
	count, best := map[models.Gate]int{}, before
	for _, d := range ds {
		if d.Until.IsZero() {
			continue // skipped for good, nothing waits for it
		}
		if count[d.Why]++; count[d.Why] > count[best] {
			best = d.Why
		}
	}
	return best
}

// gate is what stands in the way of every campaign.
func (f *Floor) gate(now time.Time) models.Gate {
	switch {
	case f.draining:
		return models.GateStopping
	case !f.leader:
		return models.GateNoLease
	case !f.database:
		return models.GateDatabase
	case !f.switchUp || !f.synced:
		return models.GateSwitchDown
	case !f.published:
		return models.GateDialplan
	case f.full.active(now):
		return models.GateSwitchFull
	default:
		return models.GateOpen
	}
}

// dial places what may be placed now; every campaign learns why it got no more. Campaigns take turns.
func (f *Floor) dial(now time.Time) {
	gate := f.gate(now)
	for _, id := range f.order {
		r := f.campaigns[id]
		if r.c.State != models.CampaignRunning {
			r.why = models.GateNotRunning
			continue
		}
		if gate != models.GateOpen {
			r.why, r.until = gate, time.Time{}
			f.decide(r, gate, now)
			f.keep(r, 0, now)
			f.dropStale(r, now)
			continue
		}
		if r.pace != nil && r.pace.byHand {
			f.showNumbers(r, now)
			continue
		}
		f.dialCampaign(r, now)
	}
	if len(f.order) > 1 {
		f.order = append(f.order[1:], f.order[0])
	}
}

// dialCampaign places the campaign's calls one by one until something is in the way.
func (f *Floor) dialCampaign(r *running, now time.Time) {
	var sends []models.Send
	f.decide(r, models.GateOpen, now)
	for {
		send, why, until := f.next(r, now)
		r.why, r.until = why, until
		if why != models.GateOpen {
			break
		}
		if send != nil {
			sends = append(sends, *send)
		}
	}
	if len(sends) > 0 {
		r.counts.Dialled += int64(len(sends))
		f.emit(Dial{Campaign: r.c, Sends: sends})
	}
	f.keep(r, len(sends), now)
	f.dropStale(r, now)
}

// next takes one attempt from the hopper and gives it a line. A nil send with an open gate means: that one went back, go on.
func (f *Floor) next(r *running, now time.Time) (*models.Send, models.Gate, time.Time) {
	if why, until := f.room(r, now); why != models.GateOpen {
		return nil, why, until
	}
	var agent *seat
	if r.pace != nil {
		var enough bool
		if agent, enough = f.agentsFor(r); enough {
			return nil, r.pace.gate(), time.Time{}
		}
	}
	t, why, until := f.choose(r, r.hopper[0].turn(), false, now)
	if t == nil {
		return nil, why, until
	}
	if len(r.callers) == 0 {
		return nil, models.GateNoCaller, time.Time{}
	}
	h := r.hopper[0]
	r.hopper = r.hopper[1:]
	if f.forbidden(r, h, now) != models.GateOpen {
		return nil, models.GateOpen, time.Time{}
	}
	send := f.assign(r, t, h.Reserved, now)
	if agent != nil {
		f.reserveAgent(f.calls[h.Attempt.ID], agent, r.c.QueueID, now)
	} else if r.pace != nil {
		r.pace.quota--
	}
	return send, models.GateOpen, time.Time{}
}

// forbidden gives an attempt back whose hours ended while it waited, and ends one whose number must not be dialled at all.
func (f *Floor) forbidden(r *running, h held, now time.Time) models.Gate {
	if gate, _ := r.calendar.Open(h.Lead.Zone, now); gate != models.GateOpen {
		f.release(r.c.ID, h.Attempt.ID)
		return gate
	}
	if bad := number.Check(h.Attempt.Number, f.cfg.Region, f.cfg.Policy); bad != nil {
		f.refuse(r, h.Reserved, bad.Code, now)
		return models.GateNotAllowed
	}
	return models.GateOpen
}

// agentsFor says whether a campaign straight to agents has calls enough: one for each idle agent, who is kept for it, or as
// many as its pacing has decided on.
func (f *Floor) agentsFor(r *running) (keep *seat, enough bool) {
	if r.pace.keeps {
		keep = f.spare(r.c.QueueID)
		return keep, keep == nil
	}
	return nil, r.pace.quota <= 0
}

// reserveAgent keeps an idle agent for a call that is dialled now: who answers is not left alone (progressive).
func (f *Floor) reserveAgent(l *live, s *seat, queueID int64, now time.Time) {
	f.set(s, s.st.Reserve(l.Attempt.ID, queueID, now))
	l.svc.reserved = s.a.ID
}

// room checks the limits that do not depend on the trunk.
func (f *Floor) room(r *running, now time.Time) (models.Gate, time.Time) {
	if len(r.hopper) == 0 {
		return f.whyEmpty(r, now)
	}
	return f.bounds(r, now), time.Time{}
}

// bounds are the campaign's own limit and those of the switch.
func (f *Floor) bounds(r *running, now time.Time) models.Gate {
	switch {
	case r.c.MaxConcurrency > 0 && r.inFlight >= r.c.MaxConcurrency:
		return models.GateConcurrency
	case f.cfg.MaxCalls > 0 && f.busy >= f.cfg.MaxCalls:
		return models.GateSwitchFull
	case f.node.Room(now) < 1:
		return models.GateCPS
	default:
		return models.GateOpen
	}
}

// whyEmpty says why there is nothing in the hopper.
func (f *Floor) whyEmpty(r *running, now time.Time) (models.Gate, time.Time) {
	switch {
	case now.Before(r.askAgain) && r.deferred != models.GateOpen:
		return r.deferred, r.askAgain
	case now.Before(r.askAgain) && !r.exhausted:
		return models.GateRetryDelay, r.askAgain
	default:
		return models.GateListEmpty, time.Time{}
	}
}

// assign gives an attempt a line and takes it into the calls in progress.
func (f *Floor) assign(r *running, t *trunk, v models.Reserved, now time.Time) *models.Send {
	send := &models.Send{
		AttemptID: v.Attempt.ID, TrunkID: t.t.ID, Gateway: t.t.Gateway, Caller: r.caller(),
		Dialled: number.Dial(v.Attempt.Number, t.t.NumberFormat, f.cfg.Region, t.t.DialPrefix),
	}
	r.turn++
	v.Attempt.TrunkID, v.Attempt.Gateway, v.Attempt.Dialled, v.Attempt.Caller = send.TrunkID, send.Gateway, send.Dialled, send.Caller
	f.node.Take(now)
	t.rate.Take(now)
	l := &live{Reserved: v, call: call.Call{State: models.AttemptSent}, sentAt: now, counted: true}
	f.calls[v.Attempt.ID] = l
	f.foresee(r, l, now)
	r.inFlight++
	t.inUse++
	f.busy++
	return send
}

// caller is the number to show next.
func (r *running) caller() string {
	if len(r.callers) == 0 {
		return ""
	}
	return r.callers[r.turn%len(r.callers)]
}

// dropStale gives back what waited too long: its checks are old, and its number is locked for other campaigns.
func (f *Floor) dropStale(r *running, now time.Time) {
	n := 0
	for n < len(r.hopper) && now.Sub(r.hopper[n].at) > f.cfg.StaleAge {
		n++
	}
	if n == 0 {
		return
	}
	ids := make([]string, 0, n)
	for _, h := range r.hopper[:n] {
		ids = append(ids, h.Attempt.ID)
	}
	r.hopper = r.hopper[n:]
	f.release(r.c.ID, ids...)
}

// Test dials one number outside the list (单条测试, S1-37). Its attempt is already saved as reserved.
func (f *Floor) Test(c models.Campaign, v models.Reserved, caller string, now time.Time) ([]Effect, models.Gate) {
	r := f.campaigns[c.ID]
	if r == nil {
		r = f.place(c)
	}
	gate, t := f.gate(now), (*trunk)(nil)
	if gate == models.GateOpen {
		t, gate, _ = f.choose(r, r.turn, true, now)
	}
	if gate != models.GateOpen {
		f.release(c.ID, v.Attempt.ID)
		return f.take(), gate
	}
	send := f.assign(r, t, v, now)
	send.Caller = caller
	f.calls[v.Attempt.ID].Attempt.Caller = caller
	f.emit(Dial{Campaign: c, Sends: []models.Send{*send}})
	return f.take(), models.GateOpen
}
