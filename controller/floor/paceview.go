package floor

import (
	"cmp"
	"slices"
	"time"

	"waihu/controller/agent"
	"waihu/controller/pacing"
	"waihu/models"
)

// paceView is what the pacing of a campaign has to know: its calls, and the agents of its queue who are signed in, reachable
// and not about to leave. Calls of others that may take the same agents are taken off the idle ones.
func (f *Floor) paceView(r *running, gate models.Gate, now time.Time) pacing.View {
	p := r.pace
	v := pacing.View{
		Now: now.Sub(p.begun).Seconds(), Answered: p.window.Answered, Abandoned: p.window.Abandoned, Limits: f.paceLimits(r, gate, now),
	}
	shared := f.paceAgents(r, &v, now)
	others, bound := f.paceCalls(r, &v, shared, now)
	slices.Sort(v.Wait)
	v.NextOdds = f.nextOdds(r, now)
	if others > 0 && !p.keeps && !p.legacy {
		f.share(&v, others, bound, p)
	}
	if p.set.Guarantee != pacing.Off && (!p.window.known || f.atEdge(p, now)) {
		v.Limits = append(v.Limits, pacing.Limit{Why: pacing.ByGuarantee, Room: max(len(v.Idle)-len(v.Ring)-len(v.Wait), 0)})
	}
	return v
}

// paceCalls lists a campaign's calls that are on their way to an agent, and counts those of others that may take the same
// agents, with the most calls without an agent that their guarantees allow, -1 = none of them has one.
func (f *Floor) paceCalls(r *running, v *pacing.View, shared map[int64]bool, now time.Time) (others, bound int) {
	bound = -1
	rings := r.pace.rings[:0]
	for _, l := range f.calls {
		switch f.inFlightOf(l) {
		case ringingNow:
			if l.Attempt.CampaignID == r.c.ID {
				rings = append(rings, rung{max(now.Sub(l.sentAt).Seconds(), 0), l.odds})
			} else if b, ok := f.mayTake(l, shared); ok {
				others++
				bound = least(bound, b)
			}
		case notInFlight:
		case waitingNow:
			if l.Attempt.CampaignID == r.c.ID {
				v.Wait = append(v.Wait, max(now.Sub(l.call.Times.Answered).Seconds(), 0))
			} else if shared[l.svc.QueueID] && l.svc.reserved == 0 {
				others++
			}
		}
	}
	r.pace.rings = rings
	r.pace.ring(v)
	return others, bound
}

// atEdge reports whether a call that starts now may be answered in the next window, where nothing allows calls without an
// agent yet.
func (f *Floor) atEdge(p *paced, now time.Time) bool {
	left := p.window.until.Sub(now).Seconds()
	return !p.window.until.IsZero() && left < p.set.RingTimeout+p.set.ConnectLimit+paceEdge.Seconds()
}

// share leaves to others' calls the agents whom they may take. Agents serve several campaigns: together, these have no more
// calls without an agent than the guarantee of each of them allows, because one's answers may take the other's agents.
func (f *Floor) share(v *pacing.View, others, bound int, p *paced) {
	over := others + len(v.Ring) + len(v.Wait) - len(v.Idle)
	v.Idle = v.Idle[min(others, len(v.Idle)):]
	if p.set.Guarantee == pacing.Off {
		return
	}
	bound = least(bound, pacing.Overdial(v.Answered, v.Abandoned, p.set.Rho))
	v.Limits = append(v.Limits, pacing.Limit{Why: pacing.ByGuarantee, Room: max(bound-over, 0)})
}

// least is the smaller of two bounds, -1 = none.
func least(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// mayTake reports whether a call of another campaign that rings may take an agent of these queues, and the most calls without
// an agent that this campaign's guarantee allows, -1 = it has none.
func (f *Floor) mayTake(l *live, queues map[int64]bool) (bound int, ok bool) {
	r := f.campaigns[l.Attempt.CampaignID]
	if r == nil || r.pace == nil || r.pace.keeps || !queues[r.c.QueueID] {
		return 0, false
	}
	w := r.pace.window
	if r.pace.set.Guarantee == pacing.Off {
		return -1, true
	}
	return pacing.Overdial(w.Answered, w.Abandoned, r.pace.set.Rho), true
}

// inFlight says how a call counts for the pacing.
type inFlight int

const (
	notInFlight inFlight = iota
	ringingNow           // on its way to be answered
	waitingNow           // answered, without an agent, and not given up
)

func (f *Floor) inFlightOf(l *live) inFlight {
	switch {
	case l.call.Over() || l.svc.AbandonedBy != "" || l.Attempt.Kind == models.KindInbound && l.svc.phase != waiting:
		return notInFlight
	case l.svc.phase == waiting:
		return waitingNow
	case l.svc.phase != apart || l.svc.talked:
		return notInFlight
	case l.call.Times.Answered.IsZero():
		return ringingNow
	default:
		if r := f.campaigns[l.Attempt.CampaignID]; r != nil && r.pace != nil {
			return waitingNow // it is about to wait
		}
		return notInFlight
	}
}

// paceAgents lists the agents of a campaign's queue, longest in their state first, and the queues that idle ones serve.
func (f *Floor) paceAgents(r *running, v *pacing.View, now time.Time) (shared map[int64]bool) {
	shared = map[int64]bool{}
	ln := f.queues[r.c.QueueID]
	if ln == nil {
		return shared
	}
	since := func(t time.Time) float64 { return max(now.Sub(t).Seconds(), 0) }
	for _, m := range f.candidates(&live{}, ln) {
		s := f.seats[m.AgentID]
		v.Idle = append(v.Idle, since(s.st.Since))
		for _, q := range s.queues {
			shared[q] = true
		}
	}
	for id, m := range ln.members {
		s := f.seats[id]
		if s != nil && m.Active && slices.Contains(s.queues, ln.q.ID) && f.registered(s) && !s.st.Leaving() && s.st.Pausing() == "" {
			f.paceBusy(r, s, v, now)
		}
	}
	for _, ages := range [][]float64{v.Idle, v.Talk, v.Wrap} {
		slices.SortFunc(ages, func(a, b float64) int { return cmp.Compare(b, a) })
	}
	return shared
}

// paceBusy puts an agent who is not idle where he counts; one who is kept for a call of this campaign covers it.
func (f *Floor) paceBusy(r *running, s *seat, v *pacing.View, now time.Time) {
	since := func(t time.Time) float64 { return max(now.Sub(t).Seconds(), 0) }
	switch s.st.State {
	case models.AgentTalking, models.AgentHold:
		v.Talk = append(v.Talk, since(s.talkFrom))
	case models.AgentRinging:
		v.Talk = append(v.Talk, 0)
	case models.AgentWrapUp:
		v.Wrap = append(v.Wrap, since(s.st.Since))
	case models.AgentReserved:
		if c := f.calls[s.st.CallID]; c != nil && c.Attempt.CampaignID == r.c.ID {
			v.Idle = append(v.Idle, since(s.st.Since))
		}
	default:
	}
}

// paceSeat tells the campaigns of an agent's queues what the change of his standing means for their pacing. Queues are those
// that he served before it.
func (f *Floor) paceSeat(s *seat, was, next agent.Agent, queues []int64) {
	events := s.paceEvents(was, next)
	for _, r := range f.campaigns {
		if r.pace == nil || !slices.Contains(queues, r.c.QueueID) {
			continue
		}
		r.pace.due = r.pace.due || next.State == models.AgentIdle
		for _, e := range events {
			r.pace.policy.Observe(e)
		}
	}
}

// paceEvents are what the pacing hears of a change of an agent's standing. A talk without a wrap-up behind it teaches that
// there is none.
func (s *seat) paceEvents(was, next agent.Agent) (events []pacing.Event) {
	say := func(what pacing.Happened, since time.Time) {
		e := pacing.Event{What: what}
		if !since.IsZero() {
			e.Seconds = max(next.Since.Sub(since).Seconds(), 0)
		}
		events = append(events, e)
	}
	switch {
	case !talks(was) && talks(next):
		s.talkFrom = next.Since
	case talks(was) && !talks(next):
		say(pacing.TalkEnded, s.talkFrom)
		if next.State == models.AgentIdle {
			say(pacing.WrapEnded, time.Time{})
		}
	case was.State == models.AgentWrapUp && next.State != models.AgentWrapUp:
		say(pacing.WrapEnded, was.Since)
	}
	switch {
	case atWork(was) && !atWork(next):
		say(pacing.SignedOut, time.Time{})
	case !atWork(was) && atWork(next):
		say(pacing.SignedIn, time.Time{})
	}
	return events
}

func talks(a agent.Agent) bool { return a.State == models.AgentTalking || a.State == models.AgentHold }

// atWork reports whether an agent serves calls: signed in, and not on a break.
func atWork(a agent.Agent) bool { return a.Signed() && a.State != models.AgentBusy }
