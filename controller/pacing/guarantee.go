package pacing

import "math"

// Delta is the probability with which the risk guarantee may be wrong about one decision.
const Delta = 1e-4

// Overdial is the most calls in flight without a reserved agent for which the abandonment rate stays within rho, even if all
// are answered at once and nobody is free: (D + O)/(A + O) ≤ ρ ⇔ O ≤ (ρA − D)/(1 − ρ) (E-3).
func Overdial(answered, abandoned int, rho float64) int {
	return max(int(math.Floor((rho*float64(answered)-float64(abandoned))/(1-rho)+1e-9)), 0)
}

// risk is the most new calls with which, but for a probability of Delta, no more are answered than agents are idle and the
// bound allows. It is at least what progressive dialling would start.
func (p *Policy) risk(v *View, bound int) int {
	room := bound + len(v.Idle) - len(v.Wait) // answers that may come
	if room < 0 {
		return 0
	}
	c, upper := p.calls, p.calls.upper()
	d := &p.tail
	d.certain(0)
	p.groups = ringing(p.groups[:0], v, c.rate(), true)
	for _, g := range p.groups {
		d.add(min(c.within(g.age, c.timeout, g.chance)*upper, 1), g.n)
	}
	_, next := v.next(c.rate())
	fresh := min(c.within(0, c.timeout, next)*upper, 1-1e-9)
	const most = 1 << 14
	return max(largest(most, func(n int) bool {
		var low int
		low, p.binom = binomial(p.binom[:0], n, fresh)
		return d.atLeast(room+1-low, p.binom) <= Delta
	}), -v.overdial())
}
