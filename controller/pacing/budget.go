package pacing

import "math"

// Budget says how dear an abandonment may be. Dialling stops where the next call, if answered, costs an abandonment with a
// probability above θ: the marginal abandonment per answer is the same at each decision, which is how a given number of
// abandonments buys most talk time (Lagrange). θ is found, not set: it rises while what was risked is below the aim.
type Budget struct {
	Theta               float64 `json:"theta"`    // probability
	Surplus             float64 `json:"surplus"`  // abandonments: aim·A − D of late, bounded, so that old savings are not spent at once
	Bias                float64 `json:"bias"`     // abandonments that happened ÷ foretold
	Real                float64 `json:"real"`     // abandonments, discounted
	Foreseen            float64 `json:"foreseen"` // abandonments foretold when dialling, discounted alike
	answered, abandoned int
}

// Tuning of the budget.
type tuning struct {
	Aim, First, Gain, Fades, Scale, Cap float64
}

var tune = tuning{Aim: 0.92, First: 2.5, Gain: 1.0 / 60, Fades: 600, Scale: 3, Cap: 2}

// thetaMost: above it an answer more likely meets no agent than one.
const thetaMost = 0.6

// aim is the abandonment rate to live at, below the limit.
func aim(rho float64) float64 { return rho * tune.Aim }

func newBudget(rho float64) Budget { return Budget{Theta: tune.First * rho} }

// note takes the totals of the window.
func (b *Budget) note(answered, abandoned int, rho float64) {
	a, d := answered-b.answered, abandoned-b.abandoned
	b.answered, b.abandoned = answered, abandoned
	if a < 0 || d < 0 {
		return // a new window
	}
	b.Surplus = min(b.Surplus+aim(rho)*float64(a)-float64(d), tune.Cap)
	keep := math.Exp(-float64(a) / tune.Fades)
	b.Real = keep*b.Real + float64(d)
	b.Foreseen = keep * b.Foreseen
}

// dialled takes what calls were expected to bring, answers, and to cost, abandonments.
func (b *Budget) dialled(answers, cost, rho float64) {
	b.Foreseen += cost
	step := tune.Gain * (aim(rho)*answers - cost*b.bias()) / aim(rho)
	b.Theta = min(max(b.Theta*math.Exp(min(max(step, -1), 1)), 1e-4), thetaMost)
}

// bias is the correction of what is foretold, 1 until enough was seen.
func (b *Budget) bias() float64 { return (b.Real + 10) / (b.Foreseen + 10) }

// theta is the price that holds now: lower after bad luck, a little higher after good.
func (b *Budget) theta() float64 {
	return min(b.Theta*math.Exp(min(max(b.Surplus/tune.Scale, -5), 1)), thetaMost)
}
