package rivals

import (
	"math"

	"waihu/controller/rehearse/model"
)

// Anchor is model-predictive dialling that knows the true distributions of its town, including the answer rate at each
// instant: it starts calls while the last one, if answered, costs an abandonment with probability at most Theta. It doesn't
// know the future: not which calls will be answered nor how long a talk lasts. Theta is tuned by hindsight (Tune).
type Anchor struct {
	Town  model.Town
	Theta float64

	looks   [anchorLooks]anchorLook
	weigh   [anchorLooks]float64
	answers [anchorLooks][]float64 // by whole seconds of ring age: P(answered by the look), for the answer rate in asked
	asked   float64
	free    freeing
}

const (
	anchorLooks = 12
	exactUpTo   = 40 // calls and agents; more of them by moments
)

// anchorLook is the shortage, answers minus free agents, at one look ahead.
type anchorLook struct {
	fresh            float64 // P(a call dialled now is answered by then)
	mean, vary, lean float64 // cumulants of answers + agents who stay busy
	dist             []float64
	exact            bool
	agents           int
	ahead            float64
	each             []float64 // the probabilities, while they are few
}

// Dial is the largest number of which the last one is worth its risk.
func (a *Anchor) Dial(s *model.State) int {
	agents := len(s.Idle) + len(s.Talk) + len(s.Wrap)
	if agents == 0 {
		return 0
	}
	a.look(s, agents)
	rate := a.looks[anchorLooks-1].fresh
	most := int(float64(agents+2)/max(rate, 0.005)*3) - len(s.Ring)
	low, high := 0, 1
	for high <= most && a.marginal(high-1) <= a.Theta {
		low, high = high, 2*high
	}
	high = min(high, most+1)
	for low+1 < high {
		if m := (low + high) / 2; a.marginal(m-1) <= a.Theta {
			low = m
		} else {
			high = m
		}
	}
	return low
}

func (a *Anchor) look(s *model.State, agents int) {
	a.learn(a.Town.Answer(s.T))
	a.free.learn(&a.Town, s.T)
	before := 0.0
	for k := range a.looks {
		l := &a.looks[k]
		l.ahead = a.Town.Timeout * float64(k+1) / anchorLooks
		l.fresh = a.answers[k][0]
		a.weigh[k] = (l.fresh - before) / max(a.answers[anchorLooks-1][0], 1e-12)
		before = l.fresh
		l.mean, l.vary, l.lean, l.agents, l.each = float64(len(s.Wait)), 0, 0, agents, l.each[:0]
		for _, age := range s.Ring {
			l.add(between(a.answers[k], age))
		}
		until := int(math.Round(l.ahead + a.Town.Limit))
		for _, age := range s.Talk {
			l.add(1 - a.free.talk(age, until))
		}
		for _, age := range s.Wrap {
			l.add(1 - a.free.wrap(age, until))
		}
		l.settle(len(s.Wait))
	}
}

// learn tabulates the answers of ringing calls where p of all calls are answered.
func (a *Anchor) learn(p float64) {
	if a.answers[0] != nil && p == a.asked {
		return
	}
	a.asked = p
	n := int(a.Town.Timeout) + 1
	for k := range a.answers {
		a.answers[k] = append(a.answers[k][:0], make([]float64, n)...)
		for age := range n {
			a.answers[k][age] = a.Town.Answers(p, float64(age), a.Town.Timeout*float64(k+1)/anchorLooks)
		}
	}
}

// between reads a table of whole seconds.
func between(table []float64, age float64) float64 {
	if age >= float64(len(table)-1) {
		return table[len(table)-1]
	}
	i := int(age)
	return table[i] + (age-float64(i))*(table[i+1]-table[i])
}

func (l *anchorLook) add(p float64) {
	q := p * (1 - p)
	l.mean, l.vary, l.lean = l.mean+p, l.vary+q, l.lean+q*(1-2*p)
	if len(l.each) <= exactUpTo {
		l.each = append(l.each, p)
	}
}

// settle convolves where there are few.
func (l *anchorLook) settle(waiting int) {
	l.exact = len(l.each) <= exactUpTo
	if !l.exact {
		return
	}
	n := waiting + len(l.each) + 1
	l.dist = append(l.dist[:0], make([]float64, n)...)
	l.dist[waiting] = 1
	for i, p := range l.each {
		for j := waiting + i + 1; j > 0; j-- {
			l.dist[j] = l.dist[j]*(1-p) + l.dist[j-1]*p
		}
		l.dist[0] *= 1 - p
	}
}

// short is the probability that with n calls more there are at least as many answers as agents.
func (l *anchorLook) short(n int) float64 {
	if l.exact && n <= exactUpTo {
		// P(busy + Bin(n, fresh) ≥ agents)
		sum, x := 0.0, math.Pow(1-l.fresh, float64(n))
		for k := 0; k <= n; k++ {
			sum += x * tail(l.dist, l.agents-k)
			x *= float64(n-k) / float64(k+1) * l.fresh / (1 - l.fresh)
		}
		return sum
	}
	// Normal with its skewness corrected (Volkova 1996, for sums of unequal Bernoulli variables).
	q := l.fresh * (1 - l.fresh) * float64(n)
	mean, vary, lean := l.mean+l.fresh*float64(n), l.vary+q, l.lean+q*(1-2*l.fresh)
	if vary < 1e-9 {
		if mean >= float64(l.agents)-1e-9 {
			return 1
		}
		return 0
	}
	sd := math.Sqrt(vary)
	x := (float64(l.agents) - 0.5 - mean) / sd
	skew := lean / (vary * sd)
	below := 0.5*math.Erfc(-x/math.Sqrt2) + skew*(1-x*x)*math.Exp(-x*x/2)/(6*math.Sqrt(2*math.Pi))
	return min(max(1-below, 0), 1)
}

func tail(dist []float64, from int) float64 {
	sum := 0.0
	for i := max(from, 0); i < len(dist); i++ {
		sum += dist[i]
	}
	return sum
}

// marginal is the probability that one call more than n, if answered, costs an abandonment: a shortage at its answer or
// after it, while those whose agent it took wait.
func (a *Anchor) marginal(n int) float64 {
	worst, sum := 0.0, 0.0
	for k := anchorLooks - 1; k >= 0; k-- {
		worst = max(worst, a.looks[k].short(n))
		sum += a.weigh[k] * worst
	}
	return sum
}
