package pacing

import "math"

// Desk is what was learned about agents: how long they talk and wrap up, and whether they come back.
type Desk struct {
	Talk *Hazard `json:"talk"`
	Wrap *Hazard `json:"wrap"`
	// Went and Stayed count wrap-ups after which an agent left or took the next call, discounted.
	Went   float64 `json:"went"`
	Stayed float64 `json:"stayed"`

	free    [][]float64 // by bin of talk: P(idle within i seconds)
	wrapped [][]float64 // by bin of wrap-up: P(idle within i seconds)
	horizon int         // seconds
	age     int         // decisions since the tables were made
}

const (
	deskFresh = 10    // decisions for which tables are good enough: what was learned since then is little
	deskFades = 200.0 // wrap-ups after which one counts 1/e for Went and Stayed
	talkMost  = 7200.0
)

// newDesk starts from nothing: talks of 90 s and wrap-ups of 20 s without memory. A few calls outweigh it.
func newDesk(horizon int) *Desk {
	var edges []float64
	for a := 0.0; a < talkMost; a += max(2, 0.08*a) {
		edges = append(edges, a)
	}
	d := &Desk{horizon: horizon, Stayed: 20}
	d.Talk = newHazard(edges, func(float64) float64 { return 1.0 / 90 })
	d.Wrap = newHazard(edges, func(float64) float64 { return 1.0 / 20 })
	d.free, d.wrapped = make([][]float64, len(edges)), make([][]float64, len(edges))
	for i := range edges {
		d.free[i], d.wrapped[i] = make([]float64, horizon+1), make([]float64, horizon+1)
	}
	d.tabulate()
	return d
}

func (d *Desk) settle() {
	d.Talk.settle()
	d.Wrap.settle()
	if d.age++; d.age >= deskFresh {
		d.tabulate()
	}
}

// left notes agents who signed out or took a break, and came those whose wrap-up ended.
func (d *Desk) left(went, ended float64) {
	keep := math.Exp(-ended / deskFades)
	d.Went = keep*d.Went + went
	d.Stayed = keep*d.Stayed + max(ended-went, 0)
}

// tabulate makes, for each bin of age, the distribution of the time until the agent is idle: what is left of the talk,
// and the wrap-up after it, by convolution in steps of a second.
func (d *Desk) tabulate() {
	d.age = 0
	stays := d.Stayed / (d.Stayed + d.Went)
	ends := make([]float64, d.horizon+1)
	whole := make([]float64, d.horizon+1)
	d.Wrap.remaining(0, whole)
	for i, from := range d.Talk.edges {
		middle := from + 1
		if i+1 < len(d.Talk.edges) {
			middle = (from + d.Talk.edges[i+1]) / 2
		}
		d.Wrap.remaining(middle, d.wrapped[i])
		d.Talk.remaining(middle, ends)
		free := d.free[i]
		for u := range free {
			sum := 0.0
			for s := 1; s <= u; s++ {
				// A talk that ends between s − 1 and s leaves u − s + 1/2 seconds for the wrap-up.
				sum += (ends[s] - ends[s-1]) * (whole[u-s] + whole[u-s+1]) / 2
			}
			free[u] = stays * sum
			d.wrapped[i][u] *= stays
		}
	}
}

// remaining fills the distribution function, by whole seconds, of what is left of something of the given age.
func (h *Hazard) remaining(age float64, table []float64) {
	alive, bin := 1.0, h.bin(age)
	stays := math.Exp(-h.mean * h.prior[bin] * h.factor[bin])
	table[0] = 0
	for i := 1; i < len(table); i++ {
		// A second belongs to the bin of its middle.
		for at := age + float64(i) - 0.5; bin+1 < len(h.edges) && h.edges[bin+1] <= at; {
			bin++
			stays = math.Exp(-h.mean * h.prior[bin] * h.factor[bin])
		}
		alive *= stays
		table[i] = 1 - alive
	}
}
