package pacing

import (
	"math"
	"slices"
)

// Hazard is the rate, per second, at which something ends that has lasted a given age: events ÷ exposure by bins of age, as
// Kaplan and Meier do it, so that what still goes on counts for as long as it was seen and is no event. Memory is bounded:
// bins don't grow, old events fade.
//
//	hazard(age) = level · prior(age) · factor(bin)
//
// The level follows drift quickly from few events; the factor is the shape, learned slowly, shrunk from bins to groups of
// bins to the prior.
type Hazard struct {
	Level    Level     `json:"level"`
	Seen     []float64 `json:"seen"`     // events by bin, discounted
	Expected []float64 `json:"expected"` // what level · prior would have brought, discounted alike
	Known    float64   `json:"known"`    // share of the ends that come at ages of which something was seen: for them the level speaks
	edges    []float64 // lower ages of the bins; the last bin has no end
	prior    []float64 // events a second by bin
	factor   []float64
	mean     float64 // the level, as far as it is known
	events   float64 // since the last settle
	exposed  float64 // expected at level 1 since the last settle
}

const (
	binGroup   = 4      // bins that lend each other strength
	groupPrior = 1.5    // events that the prior is worth to a group
	binPrior   = 3.0    // events that the group is worth to a bin
	shapeFades = 1500.0 // events after which one counts 1/e for the shape
)

// newHazard knows the prior only.
func newHazard(edges []float64, prior func(age float64) float64) *Hazard {
	h := &Hazard{Level: NewLevel(), Seen: make([]float64, len(edges)), Expected: make([]float64, len(edges)), edges: edges, mean: 1, Known: 1}
	h.prior, h.factor = make([]float64, len(edges)), make([]float64, len(edges))
	for i, e := range edges {
		middle := e + 1
		if i+1 < len(edges) {
			middle = (e + edges[i+1]) / 2
		}
		h.prior[i], h.factor[i] = prior(middle), 1
	}
	return h
}

func (h *Hazard) bin(age float64) int {
	i, found := slices.BinarySearch(h.edges, age)
	if found {
		return i
	}
	return max(i-1, 0)
}

// expose notes that something lasted for seconds more, up to the given age, and is times as likely to end as others are.
func (h *Hazard) expose(age, seconds, times float64) {
	i := h.bin(max(age-seconds/2, 0))
	h.Expected[i] += times * seconds * h.prior[i] * h.mean
	h.exposed += times * seconds * h.prior[i] * h.factor[i]
}

// end notes that something ended at an age.
func (h *Hazard) end(age float64) {
	h.Seen[h.bin(age)]++
	h.events++
}

// settle learns from what was noted since the last time.
func (h *Hazard) settle() {
	keep := math.Exp(-h.exposed * h.mean / shapeFades)
	h.Level.Note(h.events, h.exposed)
	h.believe()
	h.events, h.exposed = 0, 0
	for i := range h.Seen {
		h.Seen[i] *= keep
		h.Expected[i] *= keep
	}
	h.shape()
}

func (h *Hazard) shape() {
	for from := 0; from < len(h.Seen); from += binGroup {
		to := min(from+binGroup, len(h.Seen))
		seen, expected := 0.0, 0.0
		for i := from; i < to; i++ {
			seen += h.Seen[i]
			expected += h.Expected[i]
		}
		group := (seen + groupPrior) / (expected + groupPrior)
		for i := from; i < to; i++ {
			h.factor[i] = (h.Seen[i] + binPrior*group) / (h.Expected[i] + binPrior)
		}
	}
}

// believe takes the level as far as it is known.
func (h *Hazard) believe() { h.mean = math.Pow(h.Level.Mean(), h.Known) }

// spread is the relative variance of the level as believed: that of the prior for the ages of which nothing was seen.
func (h *Hazard) spread() float64 {
	seen := h.Known * h.Known
	return seen*h.Level.Spread() + (1-seen)/levelPrior
}

// worth is the number of events that the level rests on, that of the prior for the ages of which nothing was seen.
func (h *Hazard) worth() float64 { return h.Known*h.Level.Worth() + (1-h.Known)*levelPrior }

// rate is the hazard at an age, per second.
func (h *Hazard) rate(age float64) float64 {
	i := h.bin(age)
	return h.mean * h.prior[i] * h.factor[i]
}

// restore takes what was learned another day. It is ignored where its form does not fit.
func (h *Hazard) restore(old *Hazard) {
	if old == nil || len(old.Seen) != len(h.Seen) || len(old.Expected) != len(h.Seen) || len(old.Level.Seen) != len(memories) ||
		len(old.Level.Expected) != len(memories) || len(old.Level.Weight) != len(memories) {
		return
	}
	h.Level, h.Seen, h.Expected = old.Level, old.Seen, old.Expected
	if old.Known > 0 && old.Known <= 1 {
		h.Known = old.Known
	}
	h.believe()
	h.shape()
}
