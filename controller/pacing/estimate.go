package pacing

import "math"

// Calls is what was learned about calls in flight: two competing ends, an answer or not, by ring age.
type Calls struct {
	Answer *Hazard `json:"answer"`
	Fail   *Hazard `json:"fail"`

	timeout  float64
	answered []float64 // P(answered within i seconds of dialling)
	failed   []float64 // P(ended unanswered within i seconds)
}

const (
	ringBin  = 2.0   // seconds
	ringMost = 120.0 // seconds; later is one bin
)

// newCalls starts from nothing but common sense: nobody answers in the first seconds, about 30 % answer in half a minute
// (the usual start of dialers), some calls fail at once. A handful of answers outweighs it.
func newCalls(timeout float64) *Calls {
	var edges []float64
	for a := 0.0; a < ringMost; a += ringBin {
		edges = append(edges, a)
	}
	c := &Calls{timeout: timeout}
	c.Answer = newHazard(edges, func(age float64) float64 { return 0.018 * (1 - math.Exp(-age*age/36)) })
	c.Fail = newHazard(edges, func(age float64) float64 {
		if age > 1 && age < 6 {
			return 0.02
		}
		return 0.006
	})
	n := int(math.Ceil(timeout)) + 1
	c.answered, c.failed = make([]float64, n), make([]float64, n)
	c.tabulate()
	return c
}

// expose notes that a call rang for seconds more, up to the given age. One whose odds are high was exposed to an answer more, so that the level is that of
// numbers of factor 1, whatever the mix is.
func (c *Calls) expose(age, seconds float64, o Odds) {
	c.Answer.expose(age, seconds, c.likelier(age, o))
	c.Fail.expose(age, seconds, 1)
}

// likelier is how much more likely than a number of factor 1 one with these odds is answered at an age, if it rings still: with the answer times of the
// campaign (F of answers, G of failures by that age), and Bayes' rule as in within,
//
//	(chance/p) · (p(1 − F) + (1 − p)(1 − G)) / (chance(1 − F) + (1 − chance)(1 − G))
func (c *Calls) likelier(age float64, o Odds) float64 {
	times := o.times()
	if times == 1 || age >= c.timeout {
		return times
	}
	p := c.rate()
	chance := min(p*times, chanceMost)
	open, quiet := 1-at(c.answered, age)/p, 1-at(c.failed, age)/(1-p)
	left := chance*open + (1-chance)*quiet
	if left <= 1e-9 {
		return times
	}
	return chance / p * (p*open + (1-p)*quiet) / left
}

// fail notes a call that ended unanswered. The ring timeout is our own doing and says nothing about callees.
func (c *Calls) fail(age float64) {
	if age < c.timeout-0.5 {
		c.Fail.end(age)
	}
}

// settle learns and tabulates.
func (c *Calls) settle() {
	c.Answer.settle()
	c.Fail.settle()
	c.tabulate()
	c.cover()
}

// seenEnough is the expected ends at an age after which half of what they say is believed.
const seenEnough = 0.1

// cover finds the share of each end that comes at ages of which something was seen. In the first seconds of a campaign many
// calls have rung for as short as that, and how many of them end so early says little of the rest: taken as the level, it
// made a team of 500 dial ten times too much.
func (c *Calls) cover() {
	c.Answer.cover(c.answered)
	c.Fail.cover(c.failed)
}

// cover takes the cumulative incidence of the end by whole seconds.
func (h *Hazard) cover(incidence []float64) {
	seen, before := 0.0, 0.0
	for i := range h.Expected {
		upTo := incidence[len(incidence)-1]
		if i+1 < len(h.edges) {
			upTo = at(incidence, h.edges[i+1])
		}
		seen += (upTo - before) * h.Expected[i] / (h.Expected[i] + seenEnough)
		before = upTo
	}
	h.Known = seen / max(before, 1e-12)
	h.believe()
}

// tabulate is the cumulative incidence of the two ends: S' = −(h + g)·S, answered' = h·S, failed' = g·S.
func (c *Calls) tabulate() {
	alive := 1.0
	for i := 1; i < len(c.answered); i++ {
		age := float64(i) - 0.5
		h, g := c.Answer.rate(age), c.Fail.rate(age)
		gone := alive * -math.Expm1(-(h + g))
		share := h / (h + g)
		c.answered[i] = c.answered[i-1] + gone*share
		c.failed[i] = c.failed[i-1] + gone*(1-share)
		alive -= gone
	}
}

// at reads a table of whole seconds at an age, linearly between them.
func at(table []float64, age float64) float64 {
	if age <= 0 {
		return table[0]
	}
	if age >= float64(len(table)-1) {
		return table[len(table)-1]
	}
	i := int(age)
	return table[i] + (age-float64(i))*(table[i+1]-table[i])
}

// rate is the probability that a number that is dialled now will be answered.
func (c *Calls) rate() float64 { return c.answered[len(c.answered)-1] }

// within is the probability that a call that has rung for age seconds is answered within ahead seconds more. Where the
// number's own answer probability is known (chance > 0), it takes the place of the campaign's, and what the ringing so far
// says is weighed by Bayes' rule: the times are those of the campaign.
func (c *Calls) within(age, ahead, chance float64) float64 {
	if age >= c.timeout {
		return 0
	}
	p := c.rate()
	if chance <= 0 {
		chance = p
	}
	rung := at(c.answered, age) / p
	quiet := 1 - at(c.failed, age)/(1-p)
	left := chance*(1-rung) + (1-chance)*quiet
	if left <= 1e-12 {
		return 0
	}
	return min(max(chance*(at(c.answered, age+ahead)/p-rung)/left, 0), 1)
}

// confidence in deviations of the normal distribution: 99 % on one side.
const confidence = 2.33

// upper is the factor from the believed answer rate to its upper confidence bound (Wilson and Hilferty's approximation of
// the Gamma quantile).
func (c *Calls) upper() float64 {
	n := c.Answer.worth()
	x := 1 - 1/(9*n) + confidence/(3*math.Sqrt(n))
	return x * x * x
}
