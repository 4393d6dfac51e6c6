package pacing

import "math"

// Budget says how dear an abandonment may be. Dialling stops where the next call, if answered, costs an abandonment with a
// probability above θ: the marginal abandonment per answer is the same at each decision, which is how a given number of
// abandonments buys most talk time (Lagrange). θ is found, not set: it rises while what was risked is below the aim.
type Budget struct {
	Theta               float64 `json:"theta"`    // probability at which the aim is spent, no more and no less
	Surplus             float64 `json:"surplus"`  // abandonments: aim·A − D of late, bounded, so that old savings are not spent at once
	Real                float64 `json:"real"`     // abandonments, discounted
	Foreseen            float64 `json:"foreseen"` // abandonments foretold when dialling, discounted alike
	answered, abandoned int
	allowed             float64 // abandonments that the limit allows for the answers of the window, ρA
	calm                bool    // no guarantee: a little bad luck takes no room away
	share               float64 // of the limit that is aimed at
	want                float64 // calls without an agent that the prediction wants, smoothed
}

// Tuning of the budget, and of what it rests on. Where a guarantee holds, an abandonment costs room for calls too, so that bad luck is
// made good at once; where none does, slowly: what moves θ costs talk time.
type tuning struct {
	First  float64 // price to begin with, of ρ
	Gain   float64 // θ follows what is foretold by this, relative, an answer
	Fades  float64 // answers after which what was foretold counts 1/e
	Prior  float64 // abandonments foretold that the usual correction is worth
	Usual  float64 // abandonments that happen for one that is foretold: those between the looks, and those that one makes for the next
	Aim    float64 // inside a guarantee with ample room: share of the limit to live at
	Save   float64 // the same with no room to spare
	Room   float64 // allowed by wanted calls from which on room is ample
	Scale  float64 // inside a guarantee: abandonments of surplus for which θ changes by e
	Cap    float64 // inside a guarantee: most surplus
	Least  float64 // without one: least share of the limit to live at
	Most   float64 // without one: most share of it, for what the answers of a large team have in common (a drift, a step)
	Slack  float64 // without one: what is kept unspent, ÷ 4 (ρA)^¼
	Calm   float64 // without one: least scale
	Wide   float64 // without one: scale ÷ √(ρA)
	High   float64 // without one: most surplus ÷ scale
	Spread float64 // weight of not knowing the answer rate
	Switch float64 // chance per event that another memory becomes the right one (Level)
}

var tune = tuning{
	First: 1, Gain: 1.0 / 200, Fades: 3000, Prior: 5, Usual: 1.5, Spread: 1, Switch: 1.0 / 400,
	Aim: 0.93, Save: 0.5, Room: 3, Scale: 2, Cap: 1,
	Least: 0.92, Most: 0.98, Slack: 0.95, Calm: 12, Wide: 0.7, High: 0.75,
}

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

// near sets the share of the limit to live at where no guarantee is asked for. Luck moves the abandonments of a window with
// x = ρA allowed ones by some number that grows as √scale, hence as x^¼ (see scale); so many are kept unspent, and the share is
// what that leaves of the next answers' allowance: 1 − d/dx (4·Slack·x^¼).
func (b *Budget) near() {
	b.calm = true
	b.share = min(max(1-tune.Slack*math.Pow(max(b.allowed, 1), -0.75), tune.Least), tune.Most)
}

// scale is the surplus, in abandonments, that makes θ e times dearer or cheaper. The variance of θ costs talk time and falls
// with the scale, that of the window's abandonments grows with it; what a window can bear grows with its abandonments.
func (b *Budget) scale() float64 {
	if !b.calm {
		return tune.Scale
	}
	return max(tune.Calm, tune.Wide*math.Sqrt(b.allowed))
}

// most is the largest surplus that is remembered.
func (b *Budget) most() float64 {
	if !b.calm {
		return tune.Cap
	}
	return tune.High * b.scale()
}

func newBudget(rho float64) Budget { return Budget{Theta: tune.First * rho, share: tune.Aim} }

// note takes the totals of the window. What progressive dialling saves for a comparison (covered) is not there to be spent.
func (b *Budget) note(answered, abandoned int, rho float64, covered bool) {
	a, d := answered-b.answered, abandoned-b.abandoned
	b.answered, b.abandoned, b.allowed = answered, abandoned, rho*max(float64(answered), 0)
	if a < 0 || d < 0 || covered {
		return // a new window, or not ours
	}
	b.Surplus = min(b.Surplus+b.aim(rho)*float64(a)-float64(d), b.most())
	keep := math.Exp(-float64(a) / tune.Fades)
	b.Real = keep*b.Real + float64(d)
	b.Foreseen = keep * b.Foreseen
}

// dialled takes what calls were expected to bring, answers, and to cost, abandonments. Where θ was changed to make something
// good, the cost that it should have had is changed alike: Theta is not to learn from it, or it would undo it.
func (b *Budget) dialled(answers, cost, rho float64) {
	b.Foreseen += cost
	due := b.aim(rho) * answers * b.theta() / b.Theta
	step := tune.Gain * (due - cost*b.bias()) / b.aim(rho)
	b.Theta = min(max(b.Theta*math.Exp(min(max(step, -stepMost), stepMost)), 1e-4), thetaMost)
}

// bias is the correction of what is foretold, the usual one until enough was seen.
func (b *Budget) bias() float64 { return (b.Real + tune.Usual*tune.Prior) / (b.Foreseen + tune.Prior) }

// theta is the price that holds now: lower after bad luck, a little higher after good.
func (b *Budget) theta() float64 {
	return min(b.Theta*math.Exp(min(max(b.Surplus/b.scale(), -5), 1)), thetaMost)
}
