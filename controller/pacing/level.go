package pacing

import "math"

// Level is how much more (or less) often something happens than expected: a rate ratio by exposure, seen ÷ expected, that
// follows drift. It keeps several memories side by side, in events, and weighs each by how well it foretold what came
// (Bayesian mixture with fixed share, Herbster and Warmuth 1998; each memory is a discounted Gamma-Poisson estimate). Steady
// times are averaged long, and a step is noticed within the shortest memory.
type Level struct {
	Seen     []float64 `json:"seen"`     // events, discounted
	Expected []float64 `json:"expected"` // events that a level of 1 would have brought, discounted alike
	Weight   []float64 `json:"weight"`   // sums to 1
}

// memories in events, after which an event counts 1/e.
var memories = [...]float64{15, 50, 150, 500, 2000}

const levelPrior = 2.0 // events that the prior level of 1 is worth

// NewLevel knows nothing: level 1.
func NewLevel() Level {
	l := Level{Seen: make([]float64, len(memories)), Expected: make([]float64, len(memories)), Weight: make([]float64, len(memories))}
	for i := range l.Weight {
		l.Weight[i] = 1 / float64(len(memories))
	}
	return l
}

// Mean is the level.
func (l *Level) Mean() float64 {
	sum := 0.0
	for i, w := range l.Weight {
		sum += w * (l.Seen[i] + levelPrior) / (l.Expected[i] + levelPrior)
	}
	return sum
}

// Worth is the number of events that the level rests on: the harmonic mean over memories, so that a short one in use shows.
func (l *Level) Worth() float64 {
	sum := 0.0
	for i, w := range l.Weight {
		sum += w / (l.Seen[i] + levelPrior)
	}
	return 1 / sum
}

// Spread is the relative variance of the level as believed: that of each memory, and between them.
func (l *Level) Spread() float64 {
	mean, sum := l.Mean(), 0.0
	for i, w := range l.Weight {
		shape, rate := l.Seen[i]+levelPrior, l.Expected[i]+levelPrior
		apart := shape/rate - mean
		sum += w * (shape/(rate*rate) + apart*apart)
	}
	return sum / (mean * mean)
}

// Note takes n events where a level of 1 would have brought expected ones.
func (l *Level) Note(n, expected float64) {
	if expected <= 0 {
		return
	}
	size := expected * l.Mean() // expected events as believed
	best := math.Inf(-1)
	var fit [len(memories)]float64
	for i := range fit {
		fit[i] = foretold(n, expected, l.Seen[i]+levelPrior, l.Expected[i]+levelPrior)
		best = max(best, fit[i])
	}
	sum := 0.0
	for i := range fit {
		l.Weight[i] *= math.Exp(fit[i] - best)
		sum += l.Weight[i]
	}
	share := 1 - math.Exp(-size*tune.Switch)
	for i, memory := range memories {
		l.Weight[i] = (1-share)*l.Weight[i]/sum + share/float64(len(memories))
		keep := math.Exp(-size / memory)
		l.Seen[i] = keep*l.Seen[i] + n
		l.Expected[i] = keep*l.Expected[i] + expected
	}
}

// foretold is the logarithm of the probability of n events (negative binomial: a Poisson of a Gamma level with the given
// shape and rate), up to a term that is the same for all memories.
func foretold(n, expected, shape, rate float64) float64 {
	gammas := 0.0
	if n > 0 {
		above, _ := math.Lgamma(shape + n)
		below, _ := math.Lgamma(shape)
		gammas = above - below
	}
	return gammas + shape*math.Log(rate/(rate+expected)) - n*math.Log(rate+expected)
}
