package pacing

import "math"

// forecast is the shortage of agents ahead: at some times from now on, the distribution of answers minus agents free by then
// or within the connect limit after, for the calls in flight.
type forecast struct {
	slices  [looks]slice
	weigh   [looks]float64 // share of the answers of a new call that come between the look before and this one
	rate    float64        // P(a new call is answered)
	answers float64        // expected within the ring time, waiting ones included
	stay    float64        // agents expected to be busy until after it
	worlds  []world
	groups  []group
	binom   []float64 // scratch
}

// looks is how often the ring time is looked into. Ten give what twenty give (docs/pacing.md).
const looks = 10

// slice is one look ahead.
type slice struct {
	busy   counts // agents who stay busy
	offset int    // agents; answers plus busy agents minus offset is the shortage
	each   [3]outlook
}

// outlook is a look ahead in one world.
type outlook struct {
	dist  counts  // answers plus busy agents
	fresh float64 // P(a new call is answered by then)
}

// world is one of three answer rates that may be the true one: all calls share it, so not knowing it spreads the number of
// answers more than the calls' own luck does.
type world struct {
	weight float64
	factor float64 // of the believed answer rate
}

// group is some calls or agents with the same distribution.
type group struct {
	n      int
	age    float64
	chance float64
}

const alone = 48 // up to so many calls or agents are taken one by one, more of them by seconds of age

// look fills the forecast. spread is the relative variance of the believed answer rate.
func (f *forecast) look(v *View, c *Calls, d *Desk, s Settings, spread float64) {
	chance, _ := v.next(c.rate())
	f.rate = c.within(0, c.timeout, chance)
	f.worlds = possible(f.worlds[:0], spread)
	before := 0.0
	for k := range f.slices {
		l := &f.slices[k]
		p := c.within(0, c.timeout*float64(k+1)/looks, chance)
		for i, w := range f.worlds {
			l.each[i].fresh = min(p*w.factor, 1-1e-9)
		}
		f.weigh[k] = (p - before) / max(f.rate, 1e-9)
		before = p
		l.busy.certain(len(v.Wait))
		l.offset = len(v.Idle) + len(v.Talk) + len(v.Wrap)
	}
	f.answers, f.stay = float64(len(v.Wait)), 0
	f.agents(v.Talk, d.Talk, d.free, s.ConnectLimit)
	f.agents(v.Wrap, d.Wrap, d.wrapped, s.ConnectLimit)
	f.calls(v, c)
}

// possible are the three worlds of a log-normal belief with mean 1 and the given variance (Gauss-Hermite), or one if it
// is next to certain.
func possible(out []world, variance float64) []world {
	if variance < 1e-4 {
		return append(out, world{1, 1})
	}
	sigma := math.Sqrt(math.Log1p(variance))
	high, low, middle := math.Exp(math.Sqrt(3)*sigma-sigma*sigma/2), math.Exp(-math.Sqrt(3)*sigma-sigma*sigma/2), math.Exp(-sigma*sigma/2)
	return append(out, world{1.0 / 6, low}, world{2.0 / 3, middle}, world{1.0 / 6, high})
}

func (f *forecast) calls(v *View, c *Calls) {
	f.groups = ringing(f.groups[:0], v, c.rate(), false)
	for k := range f.slices {
		l := &f.slices[k]
		ahead := c.timeout * float64(k+1) / looks
		for i := range f.worlds {
			l.each[i].dist.copy(&l.busy)
		}
		for _, g := range f.groups {
			p := c.within(g.age, ahead, g.chance)
			for i, w := range f.worlds {
				l.each[i].dist.add(min(p*w.factor, 0.99), g.n)
			}
			if k == looks-1 {
				f.answers += p * float64(g.n)
			}
		}
	}
}

// ringing lists the calls with their answer probabilities, or the upper bounds of these, gathered where there are many.
func ringing(groups []group, v *View, rate float64, cautious bool) []group {
	for i, age := range v.Ring {
		chance, upper := v.chance(i, rate)
		if cautious {
			chance = upper
		}
		groups = append(groups, group{1, age, chance})
	}
	return gather(groups)
}

func (f *forecast) agents(ages []float64, h *Hazard, tables [][]float64, limit float64) {
	f.groups = f.groups[:0]
	for _, age := range ages {
		f.groups = append(f.groups, group{n: 1, age: float64(h.bin(age))})
	}
	f.groups = gather(f.groups)
	for k := range f.slices {
		ahead := float64(len(tables[0])-1) - limit
		ahead = ahead*float64(k+1)/looks + limit
		for _, g := range f.groups {
			stays := 1 - at(tables[int(g.age)], ahead)
			f.slices[k].busy.add(stays, g.n)
			if k == looks-1 {
				f.stay += stays * float64(g.n)
			}
		}
	}
}

// gather puts many together whose whole ages are the same. Their mean probability stands for each: that some are answered more surely than others
// makes the number of answers a little less uncertain than it is taken for.
func gather(groups []group) []group {
	if len(groups) <= alone {
		return groups
	}
	var n [512]int
	var sum, chance [512]float64
	for _, g := range groups {
		i := int(min(g.age, float64(len(n)-1)))
		n[i]++
		sum[i] += g.age
		chance[i] += g.chance
	}
	groups = groups[:0]
	for i := range n {
		if n[i] > 0 {
			groups = append(groups, group{n[i], sum[i] / float64(n[i]), chance[i] / float64(n[i])})
		}
	}
	return groups
}

// known is the mean of the probabilities that are known, 0 if none is.
func known(chances []float64) float64 {
	sum, n := 0.0, 0
	for _, c := range chances {
		if c > 0 {
			sum += c
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// short is the probability that at a look, with n calls more, there are at least as many answers as agents, so that one
// answer more is abandoned.
func (f *forecast) short(l *slice, n int) float64 {
	sum := 0.0
	for i, w := range f.worlds {
		sum += w.weight * f.shortIn(&l.each[i], l.offset, n)
	}
	return sum
}

func (f *forecast) shortIn(o *outlook, offset, n int) float64 {
	if n == 0 || o.fresh <= 0 {
		f.binom = append(f.binom[:0], 1)
		return o.dist.atLeast(offset, f.binom)
	}
	var low int
	low, f.binom = binomial(f.binom[:0], n, o.fresh)
	return o.dist.atLeast(offset-low, f.binom)
}

// marginal is the probability that one call more than n, if answered, costs an abandonment: its own, or that of a later
// answer whose agent it took. Later answers suffer as long as the shortage lasts, hence the highest of the looks from
// the answer on.
func (f *forecast) marginal(n int) float64 {
	worst, sum := 0.0, 0.0
	for k := len(f.slices) - 1; k >= 0; k-- {
		worst = max(worst, f.short(&f.slices[k], n))
		sum += f.weigh[k] * worst
	}
	return sum
}

// cost is the expected number of abandonments of n calls more: the sum of the margins, by eight of them where n is large.
func (f *forecast) cost(n int) float64 {
	const few = 8
	sum := 0.0
	if n <= few {
		for i := range n {
			sum += f.marginal(i)
		}
		return sum * f.rate
	}
	step := float64(n) / few
	for i := range few {
		sum += step * f.marginal(int((float64(i)+0.5)*step))
	}
	return sum * f.rate
}
