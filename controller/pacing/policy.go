package pacing

import "math"

// Policy decides for one campaign and learns from what it sees. It is not safe for concurrent use; the floor owns it.
type Policy struct {
	set     Settings
	calls   *Calls
	chances *Chances
	desk    *Desk
	budget  Budget

	last        float64 // time of the last decision
	begun       bool
	ended, went float64 // wrap-ups and departures since then
	forecast    forecast
	tail        counts // of the risk guarantee, with its scratch
	groups      []group
	binom       []float64
	candidates  []Candidate
}

// New is a policy that has seen nothing.
func New(s Settings) *Policy {
	if s.RingTimeout <= 0 {
		s.RingTimeout = 30
	}
	s.RingTimeout = min(s.RingTimeout, ringMost)
	return &Policy{
		set: s, calls: newCalls(s.RingTimeout), chances: newChances(), desk: newDesk(int(math.Ceil(s.RingTimeout + s.ConnectLimit))), budget: newBudget(s.Rho),
	}
}

// Observe takes one event that happened since the last decision.
func (p *Policy) Observe(e Event) {
	switch e.What {
	case Answered:
		p.chances.learn(e.Traits, true, p.calls.rate())
		p.calls.Answer.end(e.Seconds)
		p.calls.expose(e.Seconds, min(e.Seconds, 0.5), e.Odds)
	case NotAnswered:
		p.chances.learn(e.Traits, false, p.calls.rate())
		p.calls.fail(e.Seconds)
		p.calls.expose(e.Seconds, min(e.Seconds, 0.5), e.Odds)
	case TalkEnded:
		p.desk.Talk.end(e.Seconds)
		p.desk.Talk.expose(e.Seconds, min(e.Seconds, 0.5), 1)
	case WrapEnded:
		p.desk.Wrap.end(e.Seconds)
		p.desk.Wrap.expose(e.Seconds, min(e.Seconds, 0.5), 1)
		p.ended++
	case SignedOut:
		p.went++
	case SignedIn, Connected, Abandoned:
	}
}

// watch learns from how long calls and agents were seen.
func (p *Policy) watch(v *View) {
	step := min(max(v.Now-p.last, 0), 5)
	if !p.begun {
		p.begun, step = true, 0
	}
	p.last = v.Now
	for i, age := range v.Ring {
		p.calls.expose(age, min(age, step), v.odds(i))
	}
	for _, age := range v.Talk {
		p.desk.Talk.expose(age, min(age, step), 1)
	}
	for _, age := range v.Wrap {
		p.desk.Wrap.expose(age, min(age, step), 1)
	}
	p.desk.left(p.went, p.ended)
	p.went, p.ended = 0, 0
	p.calls.settle()
	p.desk.settle()
	p.budget.note(v.Answered, v.Abandoned, p.set.Rho, v.Covered)
	if p.set.Guarantee != Hard && p.set.Guarantee != Risk {
		p.budget.near()
	}
}
