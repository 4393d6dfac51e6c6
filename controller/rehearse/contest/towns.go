package contest

import (
	"math"
	"strings"

	"waihu/controller/rehearse/model"
)

// Column is one town of the tables.
type Column struct {
	Town  model.Town
	Group string // of the same table
	Rate  float64
	Told  bool // the answer rate changes: compare with a policy that is told it
	Days  int
	Note  string // what is different in this town, in words
}

// The tables.
const (
	Steady   = "steady"
	Changing = "changing"
	Other    = "other"
	Kinds    = "kinds"
)

var (
	sizes = []int{5, 10, 20, 50, 100, 500}
	rates = []float64{0.1, 0.3, 0.5}
)

// days are how many are played by size: large teams meet as many callees in a day as small ones in a month. One day of five agents moves the
// utilisation by 0.012 and the abandonment by 0.5 points (one standard deviation), so that ten do not tell 0.692 from 0.706.
var days = map[int]int{5: 40, 10: 10, 20: 4, 50: 2, 100: 2, 500: 1}

const hour = 3600.0

// columns are all towns whose names hold only; scale multiplies the days.
func columns(scale float64, only string) []Column {
	var all []Column
	for _, p := range rates {
		for _, n := range sizes {
			c := Column{Town: model.Standard(n, p), Group: Steady, Rate: p, Days: days[n]}
			c.Town.Name = name(n, p)
			all = append(all, c)
		}
	}
	all = append(append(append(all, changing()...), other()...), kinds()...)
	var some []Column
	for _, c := range all {
		if strings.Contains(c.Group+" "+c.Town.Name, only) {
			c.Days = max(int(math.Round(float64(c.Days)*scale)), 1)
			some = append(some, c)
		}
	}
	return some
}

// town is a variation of the standard town of 20 agents and 30 %.
func town(group, name, note string, change func(t *model.Town)) Column {
	c := Column{Town: model.Standard(20, 0.3), Group: group, Rate: 0.3, Days: 3, Note: note}
	c.Town.Name = name
	change(&c.Town)
	return c
}

func changing() []Column {
	told := func(c Column) Column { c.Told = true; return c }
	return []Column{
		told(town(Changing, "drift", "the answer rate swings between 0.1 and 0.3 over four hours", func(w *model.Town) {
			w.Answer = func(t float64) float64 { return 0.2 + 0.1*math.Sin(2*math.Pi*t/(4*hour)) }
		})),
		told(town(Changing, "step down", "the answer rate falls from 0.3 to 0.12 at once after 2.5 hours", func(w *model.Town) {
			w.Answer = stepAt(2.5*hour, 0.3, 0.12)
		})),
		told(town(Changing, "step up", "the answer rate leaps from 0.15 to 0.45 at once after 2.5 hours", func(w *model.Town) {
			w.Answer = stepAt(2.5*hour, 0.15, 0.45)
		})),
		told(town(Changing, "restless", "the answer rate leaps every half hour: 0.3, 0.15, 0.4, 0.2", func(w *model.Town) {
			steps := []float64{0.3, 0.15, 0.4, 0.2}
			w.Answer = func(t float64) float64 { return steps[int(t/1800)%len(steps)] }
		})),
		town(Changing, "talk", "talks take 80 s on average, after 2.5 hours 180 s", func(w *model.Town) {
			short, long := model.LogNormal(80, 1), model.LogNormal(180, 1)
			w.Talk = func(t float64) model.Dist {
				if t < 2.5*hour {
					return short
				}
				return long
			}
		}),
		town(Changing, "breaks", "after one wrap-up in 30 an agent is away for 5 minutes", func(w *model.Town) {
			w.Breaks = model.Breaks{Chance: 1.0 / 30, Length: model.LogNormal(300, 0.5)}
		}),
		town(Changing, "shift", "10 agents, 30 from the second hour on, 15 from the fourth on, 25 at the end", func(w *model.Town) {
			w.Agents = 10
			w.Shifts = []model.Shift{{At: 2 * hour, Agents: 20}, {At: 4 * hour, Agents: -15}, {At: 5 * hour, Agents: 10}}
		}),
	}
}

func other() []Column {
	talk := func(d model.Dist) func(w *model.Town) {
		return func(w *model.Town) { w.Talk = func(float64) model.Dist { return d } }
	}
	return []Column{
		town(Other, "wait 0 s", "an answer without an agent is lost at once", func(w *model.Town) { w.Limit = 0 }),
		town(Other, "wait 5 s", "connect limit 5 s", func(w *model.Town) { w.Limit = 5 }),
		town(Other, "limit 1 %", "at most 1 % abandoned", func(w *model.Town) { w.Target = 0.01 }),
		town(Other, "limit 5 %", "at most 5 % abandoned", func(w *model.Town) { w.Target = 0.05 }),
		town(Other, "exponential", "talks without memory, 120 s on average", talk(model.Exponential(120))),
		town(Other, "long tail", "seven talks in ten take 30 s on average, three 330 s", talk(model.Mixture([]float64{0.7, 0.3}, model.LogNormal(30, 0.7), model.LogNormal(330, 0.8)))),
	}
}

// kinds are towns whose numbers differ in how often they are answered, which their kind tells.
func kinds() []Column {
	of := func(name, note string, agents, days int, rate float64, block int, classes ...model.Class) Column {
		c := town(Kinds, name, note, func(*model.Town) {})
		c.Town = model.Standard(agents, rate)
		c.Town.Name, c.Town.Classes, c.Town.Block = name, classes, block
		c.Rate, c.Told, c.Days = rate, true, days
		return c
	}
	two := []model.Class{{Name: "seldom", Share: 0.5, Times: 0.3}, {Name: "often", Share: 0.5, Times: 1.7}}
	return []Column{
		of("5 agents, two kinds", "5 agents; half of the numbers are answered at 0.03, half at 0.17, mixed", 5, 10, 0.1, 0, two...),
		of("two kinds", "20 agents; half at 0.09, half at 0.51, mixed", 20, 4, 0.3, 0, two...),
		of("few are good", "20 agents; seven in ten at 0.03, three at 0.93, mixed", 20, 4, 0.3, 0,
			model.Class{Name: "dead", Share: 0.7, Times: 0.1}, model.Class{Name: "good", Share: 0.3, Times: 3.1}),
		of("in blocks", "20 agents; the two kinds come 400 at a time, as when a list is called again", 20, 4, 0.3, 400, two...),
		of("50 in blocks", "50 agents; 1,000 at a time", 50, 2, 0.3, 1000, two...),
	}
}

func stepAt(at, before, after float64) func(float64) float64 {
	return func(t float64) float64 {
		if t < at {
			return before
		}
		return after
	}
}
