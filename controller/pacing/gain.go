package pacing

import "math"

// What predictive dialling is worth is measured by leaving it off now and then: of each cycle of 20 minutes, one slice of five
// is dialled progressively. Which one is drawn anew each cycle, so that neither kind always follows a break or the full hour.
const (
	GainCycle  = 1200 // seconds
	gainSlice  = 300  // seconds
	gainSettle = 120  // seconds after a change that count for neither: the calls and talks of the slice before end in them
	gainLeast  = 60   // seconds that a cycle needs of either kind
	GainPairs  = 3    // cycles from which on an interval is given
)

// Covered reports whether a campaign that measures its gain dials progressively at a moment, Unix seconds.
func Covered(campaign, unix int64) bool {
	x := uint64(campaign)<<40 + uint64(unix/GainCycle) + 0x9e3779b97f4a7c15 // SplitMix64 (Steele, Lea and Flood 2014)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return uint64(unix%GainCycle/gainSlice) == (x^x>>31)>>32%(GainCycle/gainSlice)
}

// GainSample is what was seen of a campaign at a moment.
type GainSample struct {
	At                  int64 // Unix seconds
	Covered             bool  // in a slice of progressive dialling
	Talk, Agents        int   // agents who talk, of those who work
	Answered, Abandoned int   // totals of the window
}

// GainSide is what came of one kind of slice.
type GainSide struct {
	AgentHours  float64
	TalkMinutes float64 // an agent hour
	Answered    int
	Abandoned   int
}

// Gain is predictive dialling beside progressive, in the cycles that had enough of both.
type Gain struct {
	Predictive, Progressive GainSide
	Pairs                   int     // cycles
	Known                   bool    // they are enough for an interval
	More, Low, High         float64 // talk minutes an agent hour that predictive dialling brings more, with a 90 % interval
}

// tally are the samples of one kind in one cycle.
type tally struct{ seconds, talk, agents, answered, abandoned float64 }

// cycles are the two kinds side by side, predictive first: those of the cycle that runs, and of all that had enough of both.
type cycles struct {
	now, all [2]tally
	more     []float64 // talk minutes an agent hour, by cycle
}

// end closes a cycle.
func (c *cycles) end() {
	if c.now[0].seconds >= gainLeast && c.now[1].seconds >= gainLeast {
		c.more = append(c.more, c.now[0].minutes()-c.now[1].minutes())
		c.all[0].add(c.now[0])
		c.all[1].add(c.now[1])
	}
	c.now = [2]tally{}
}

// take adds a sample that stands for so many seconds.
func (c *cycles) take(s, before GainSample, seconds float64) {
	t := tally{seconds: seconds, talk: seconds * float64(s.Talk), agents: seconds * float64(s.Agents)}
	if s.Answered >= before.Answered && s.Abandoned >= before.Abandoned { // else a new window
		t.answered, t.abandoned = float64(s.Answered-before.Answered), float64(s.Abandoned-before.Abandoned)
	}
	kind := 0
	if s.Covered {
		kind = 1
	}
	c.now[kind].add(t)
}

// GainOf compares the two kinds of slices cycle by cycle, so that what the hours have in common cancels out. Samples come in the
// order of time, one each every seconds.
func GainOf(samples []GainSample, every float64) Gain {
	var c cycles
	var before GainSample
	changed := int64(math.MinInt64)
	for i, s := range samples {
		fresh := i == 0 || s.At-before.At > int64(6*every) // nothing was dialled before it
		if fresh || s.Covered != before.Covered {
			changed = s.At
		}
		if s.At/GainCycle != before.At/GainCycle {
			c.end()
		}
		if s.At-changed >= gainSettle && s.Agents > 0 {
			c.take(s, before, every)
		}
		before = s
	}
	c.end()
	g := Gain{Predictive: c.all[0].side(), Progressive: c.all[1].side(), Pairs: len(c.more)}
	if g.Known = g.Pairs >= GainPairs; g.Known {
		g.More, g.Low, g.High = interval(c.more)
	}
	return g
}

func (t *tally) add(o tally) {
	t.seconds, t.talk, t.agents = t.seconds+o.seconds, t.talk+o.talk, t.agents+o.agents
	t.answered, t.abandoned = t.answered+o.answered, t.abandoned+o.abandoned
}

// minutes of talk an agent hour.
func (t *tally) minutes() float64 { return 60 * t.talk / max(t.agents, 1) }

func (t *tally) side() GainSide {
	return GainSide{AgentHours: t.agents / 3600, TalkMinutes: t.minutes(), Answered: int(t.answered), Abandoned: int(t.abandoned)}
}

// interval is the mean with its 90 % interval by Student's t.
func interval(x []float64) (mean, low, high float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	square := 0.0
	for _, v := range x {
		square += (v - mean) * (v - mean)
	}
	half := student95(n-1) * math.Sqrt(square/(n-1)/n)
	return mean, mean - half, mean + half
}

// student95 is the 95 % quantile of Student's t for at least two degrees of freedom, by the expansion about the normal quantile z
// (Abramowitz and Stegun 26.7.5), within 1 % from 3 on.
func student95(degrees float64) float64 {
	if degrees < 3 {
		return 2.920
	}
	const z = 1.644854
	z3 := z * z * z
	z5 := z3 * z * z
	z7 := z5 * z * z
	return z + (z3+z)/(4*degrees) + (5*z5+16*z3+3*z)/(96*degrees*degrees) + (3*z7+19*z5+17*z3-15*z)/(384*degrees*degrees*degrees)
}
