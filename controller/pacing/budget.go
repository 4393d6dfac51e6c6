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
	share               float64 // of the limit that is aimed at
	want                float64 // calls without an agent that the prediction wants, smoothed
}

// Tuning of the budget.
type tuning struct {
	Aim, Save, Room, First, Gain, Fades, Scale, Cap, Prior, Spread, Switch float64
}

var tune = tuning{Aim: 0.93, Save: 0.5, Room: 3, First: 2.5, Gain: 1.0 / 200, Fades: 3000, Scale: 2, Cap: 1, Prior: 5, Spread: 1, Switch: 1.0 / 400}

// thetaMost: above it an answer more likely meets no agent than one.
const thetaMost = 0.6

// stepMost bounds what one decision moves θ by, relative: a large team's first burst is one decision and teaches no more.
const stepMost = 0.05

// aim is the abandonment rate to live at, below the limit. Inside a guarantee what is not spent is what allows calls
// without an agent, so less is spent until the bound leaves ample room for the calls that are wanted.
func (b *Budget) aim(rho float64) float64 {
	return rho * b.share
}

// save sets the share of the limit to live at from the calls without an agent that the guarantee allows and those wanted.
func (b *Budget) save(bound, wanted int) {
	b.want += (max(float64(wanted), 1) - b.want) / 600
	room := (float64(bound)/max(b.want, 1) - 1) / (tune.Room - 1)
	b.share = tune.Save + (tune.Aim-tune.Save)*min(max(room, 0), 1)
}

// near sets the share of the limit to live at where no guarantee is asked for: the more answers the window has, the less
// bad luck can move its rate, and the nearer the limit one may live.
func (b *Budget) near(answered int) {
	a := max(float64(answered), 0)
	b.share = tune.Aim + (aimMost-tune.Aim)*a/(a+aimAnswers)
}

const (
	aimMost    = 0.98
	aimAnswers = 3000.0 // answers after which half of the way to aimMost is gone
)

func newBudget(rho float64) Budget { return Budget{Theta: tune.First * rho, share: tune.Aim} }

// note takes the totals of the window.
func (b *Budget) note(answered, abandoned int, rho float64) {
	a, d := answered-b.answered, abandoned-b.abandoned
	b.answered, b.abandoned = answered, abandoned
	if a < 0 || d < 0 {
		return // a new window
	}
	b.Surplus = min(b.Surplus+b.aim(rho)*float64(a)-float64(d), tune.Cap)
	keep := math.Exp(-float64(a) / tune.Fades)
	b.Real = keep*b.Real + float64(d)
	b.Foreseen = keep * b.Foreseen
}

// dialled takes what calls were expected to bring, answers, and to cost, abandonments.
func (b *Budget) dialled(answers, cost, rho float64) {
	b.Foreseen += cost
	step := tune.Gain * (b.aim(rho)*answers - cost*b.bias()) / b.aim(rho)
	b.Theta = min(max(b.Theta*math.Exp(min(max(step, -stepMost), stepMost)), 1e-4), thetaMost)
}

// bias is the correction of what is foretold, 1 until enough was seen.
func (b *Budget) bias() float64 { return (b.Real + tune.Prior) / (b.Foreseen + tune.Prior) }

// theta is the price that holds now: lower after bad luck, a little higher after good.
func (b *Budget) theta() float64 {
	return min(b.Theta*math.Exp(min(max(b.Surplus/tune.Scale, -5), 1)), thetaMost)
}
