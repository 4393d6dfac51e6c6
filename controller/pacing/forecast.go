package pacing

// forecast is the shortage of agents ahead: at some times from now on, the distribution of answers minus agents free by then
// or within the connect limit after, for the calls in flight.
type forecast struct {
	slices  [looks]slice
	weigh   [looks]float64 // share of the answers of a new call that come between the look before and this one
	rate    float64        // P(a new call is answered)
	groups  []group
	binom   []float64 // scratch
	answers float64   // expected within the ring time, waiting ones included
	stay    float64   // agents expected to be busy until after it
}

// looks is how often the ring time is looked into. Ten give what twenty give (docs/pacing.md).
const looks = 10

// slice is one look ahead.
type slice struct {
	dist   counts
	offset int     // dist counts answers plus busy agents who stay busy; minus offset it is the shortage
	fresh  float64 // P(a new call is answered by then)
}

// group is some calls or agents with the same distribution.
type group struct {
	n      int
	age    float64
	chance float64
}

const alone = 48 // up to so many calls or agents are taken one by one, more of them by seconds of age

// look fills the forecast.
func (f *forecast) look(v *View, c *Calls, d *Desk, s Settings) {
	chance := known(v.Next)
	f.rate = c.within(0, c.timeout, chance)
	before := 0.0
	for k := range f.slices {
		ahead := c.timeout * float64(k+1) / looks
		l := &f.slices[k]
		l.fresh = c.within(0, ahead, chance)
		f.weigh[k] = (l.fresh - before) / max(f.rate, 1e-9)
		before = l.fresh
		l.dist.certain(len(v.Wait))
		l.offset = len(v.Idle) + len(v.Talk) + len(v.Wrap)
	}
	f.answers, f.stay = float64(len(v.Wait)), 0
	f.calls(v, c)
	f.agents(v.Talk, d.Talk, d.free, s.ConnectLimit)
	f.agents(v.Wrap, d.Wrap, d.wrapped, s.ConnectLimit)
}

func (f *forecast) calls(v *View, c *Calls) {
	f.groups = ringing(f.groups[:0], v)
	for k := range f.slices {
		ahead := c.timeout * float64(k+1) / looks
		for _, g := range f.groups {
			p := c.within(g.age, ahead, g.chance)
			f.slices[k].dist.add(p, g.n)
			if k == looks-1 {
				f.answers += p * float64(g.n)
			}
		}
	}
}

// ringing lists the calls, gathered where there are many and nothing is known of each.
func ringing(groups []group, v *View) []group {
	for i, age := range v.Ring {
		chance := 0.0
		if i < len(v.Chance) {
			chance = v.Chance[i]
		}
		groups = append(groups, group{1, age, chance})
	}
	if len(v.Chance) > 0 {
		return groups
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
			f.slices[k].dist.add(stays, g.n)
			if k == looks-1 {
				f.stay += stays * float64(g.n)
			}
		}
	}
}

// gather puts many together whose whole ages are the same.
func gather(groups []group) []group {
	if len(groups) <= alone {
		return groups
	}
	var n [512]int
	var sum [512]float64
	for _, g := range groups {
		i := int(min(g.age, float64(len(n)-1)))
		n[i]++
		sum[i] += g.age
	}
	groups = groups[:0]
	for i := range n {
		if n[i] > 0 {
			groups = append(groups, group{n: n[i], age: sum[i] / float64(n[i])})
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
	if n == 0 || l.fresh <= 0 {
		f.binom = append(f.binom[:0], 1)
		return l.shortage(0, f.binom)
	}
	var low int
	low, f.binom = binomial(f.binom[:0], n, min(l.fresh, 1-1e-9))
	return l.shortage(low, f.binom)
}

// shortage is the probability that the shortage plus a number with the given distribution, from low on, is at least 0.
func (l *slice) shortage(low int, more []float64) float64 {
	sum, tail, next := 0.0, 0.0, len(l.dist.p)-1
	for i, p := range more {
		for next >= 0 && l.dist.low+next-l.offset+low+i >= 0 {
			tail += l.dist.p[next]
			next--
		}
		sum += p * tail
	}
	return sum
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

// means are the answers and the free agents expected within the ring time.
func (f *forecast) means(agents int) (answers, free float64) {
	return f.answers, float64(agents) - f.stay
}
