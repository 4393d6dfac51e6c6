package pacing

// Decision is how many calls to start now, and why not more.
type Decision struct {
	Dial       int         `json:"dial"`
	Why        Why         `json:"why"`        // the constraint that bound
	Candidates []Candidate `json:"candidates"` // what each constraint allows; good until the next decision
	Inputs     Inputs      `json:"inputs"`
}

// Candidate is how many calls one constraint allows.
type Candidate struct {
	Why Why `json:"why"`
	N   int `json:"n"`
}

// Decide says how many calls to start now. Events since the last decision go to Observe before.
func (p *Policy) Decide(v View) Decision {
	p.watch(&v)
	d := Decision{Inputs: p.inputs(&v)}
	p.candidates = p.candidates[:0]
	switch p.set.Mode {
	case Progressive:
		p.allow(ByAgents, -v.overdial())
	case ByRatio:
		p.ratio(&v)
		p.guard(&v)
	case Predictive:
		p.predict(&v, &d.Inputs)
		if v.Covered {
			p.allow(ByGain, -v.overdial())
		}
		p.guard(&v)
	default:
		p.allow(ByMode, 0)
	}
	if p.set.MaxLines > 0 {
		p.allow(ByLines, p.set.MaxLines-v.lines())
	}
	for _, l := range v.Limits {
		p.allow(l.Why, l.Room)
	}
	d.Dial, d.Why = p.candidates[0].N, p.candidates[0].Why
	for _, c := range p.candidates[1:] {
		if c.N < d.Dial {
			d.Dial, d.Why = c.N, c.Why
		}
	}
	d.Candidates = p.candidates
	if p.set.Mode == Predictive && !v.Covered {
		p.account(d.Dial, &d.Inputs)
	}
	return d
}

func (p *Policy) allow(why Why, n int) {
	p.candidates = append(p.candidates, Candidate{why, max(n, 0)})
}

func (p *Policy) ratio(v *View) {
	why := ByTheRatio
	if len(v.Idle) == 0 {
		why = ByAgents
	}
	p.allow(why, RatioTarget(len(v.Idle), p.set.Ratio)-len(v.Ring)-len(v.Wait))
}

// predict finds the most calls of which the last one is worth its risk.
func (p *Policy) predict(v *View, in *Inputs) {
	f := &p.forecast
	f.look(v, p.calls, p.desk, p.set, p.calls.Answer.spread()*tune.Spread)
	in.Theta = p.budget.theta()
	agents := len(v.Idle) + len(v.Talk) + len(v.Wrap)
	if agents == 0 {
		p.allow(ByAgents, 0)
		return
	}
	in.Answers, in.Free = f.answers, float64(agents)-f.stay
	// More than this ring for nothing, whatever is believed.
	most := max(int(float64(agents+2)/max(f.rate, 0.01)*3)-len(v.Ring), 0)
	p.allow(ByPrediction, largest(most, func(n int) bool { return f.marginal(n-1) <= in.Theta }))
}

// largest is the largest n from 0 to most for which good holds; good holds up to some n and for none above.
func largest(most int, good func(n int) bool) int {
	low, high := 0, 1
	for high <= most && good(high) {
		low, high = high, 2*high
	}
	high = min(high, most+1)
	for low+1 < high {
		if m := (low + high) / 2; good(m) {
			low = m
		} else {
			high = m
		}
	}
	return low
}

// account tells the budget what the decision is expected to cost.
func (p *Policy) account(dial int, in *Inputs) {
	if in.Idle+in.Talk+in.Wrap == 0 {
		return
	}
	f := &p.forecast
	in.Cost = f.cost(dial)
	in.Risk = f.marginal(max(dial-1, 0))
	p.budget.dialled(float64(dial)*f.rate, in.Cost, p.set.Rho)
}

// guard bounds the calls without an agent.
func (p *Policy) guard(v *View) {
	bound := Overdial(v.Answered, v.Abandoned, p.set.Rho)
	switch p.set.Guarantee {
	case Hard:
		p.save(v, bound)
		p.allow(ByGuarantee, bound-v.overdial())
	case Risk:
		p.save(v, bound)
		p.allow(ByGuarantee, p.risk(v, bound))
	default:
	}
}

// save tells the budget how much room the guarantee leaves.
func (p *Policy) save(v *View, bound int) {
	if p.set.Mode == Predictive {
		p.budget.save(bound, v.overdial()+p.candidates[0].N)
	}
}
