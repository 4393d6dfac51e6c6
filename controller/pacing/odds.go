package pacing

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// Traits are what is known of a number before it is dialled, each as a class of one kind; "" = unknown.
type Traits struct {
	History string // how often it was tried, and what became of it the last time
	Region  string // its first digits: carrier and place
	Trunk   string
	Hour    string // of the day and of the kind of day, where the number is
}

// Odds are how much more often a number is answered than the campaign's numbers are at the time; the zero value is "as often".
type Odds struct {
	Times float64 // as often, 0 = unknown: once
	Upper float64 // upper confidence bound of Times
}

func (o Odds) times() float64 {
	if o.Times <= 0 {
		return 1
	}
	return o.Times
}

func (o Odds) upper() float64 { return max(o.Upper, o.times()) }

// Chances learn what each class of numbers is worth, as factors that multiply:
//
//	P(answer) = believed rate · factor(history) · factor(region) · factor(trunk) · factor(hour)
//	factor(class) = (seen + k·T) / (expected + k) / T, T = seen / expected of all classes of the kind
//
// expected is what rate and the other factors would have brought in the class: so that two classes that mostly come together do not count the same thing
// twice (iterative proportional fitting, Deming and Stephan 1940, on line), and k answers of the prior shrink what was seen little of to 1 (Gamma-Poisson).
// Factors are relative to all numbers: what all have in common, T, is left to the believed rate, which follows drift by the minute and holds for numbers of
// factor 1, so that a change of the mix is no drift.
//
// Hours are different, since all calls of a time share them and the rate has followed already: they are measured against a rate of the long run, and what
// an hour teaches holds from the next one on.
type Chances struct {
	Classes map[string]*Class `json:"classes"`
	Totals  map[string]*Class `json:"totals"` // of all classes, by kind
	Base    Class             `json:"base"`   // answers and calls of the long run, calls weighed by their factors but the hour's
	Hours   map[string]*Class `json:"hours"`  // what the hour that runs has taught so far
	hour    string
}

// Class is what was seen of some numbers: answers, and how many were to be expected.
type Class struct {
	Seen     float64 `json:"seen"`
	Expected float64 `json:"expected"`
}

const (
	classPrior  = 12.0    // answers that a factor of 1 is worth
	looseWorth  = 2.0     // answers that the prior is worth where a guarantee rests on it
	classFades  = 2000.0  // expected answers after which one counts 1/e in its class
	baseFades   = 20000.0 // calls after which one counts 1/e for the rate of the long run
	basePrior   = 200.0   // calls that the prior rate is worth for it
	classesMost = 1000    // of all kinds; the one of which least was seen is forgotten for a new one
	timesLeast  = 1.0 / 8
	timesMost   = 8.0
	chanceMost  = 0.97
)

func newChances() *Chances {
	return &Chances{Classes: map[string]*Class{}, Totals: map[string]*Class{}, Hours: map[string]*Class{}}
}

// factor of a class by its name.
func (c *Chances) factor(name string, class *Class) float64 {
	all := 1.0
	if t := c.Totals[kindOf(name)]; t != nil {
		all = (t.Seen + 1) / (t.Expected + 1)
	}
	return (class.Seen + classPrior*all) / (class.Expected + classPrior) / all
}

func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, ":")
	return kind
}

// variance is the relative variance of the factor of a class; class is nil where nothing was seen of it. Regions and hours differ little: what was seen of
// one alone makes its factor unsure. A history or a trunk of which little was seen may be anything beside the others, the less so the more of all calls are
// its own.
func (c *Chances) variance(name string, class *Class) float64 {
	if class == nil {
		class = &Class{}
	}
	kind := kindOf(name)
	if kind != "history" && kind != "trunk" {
		weight := class.Expected / (class.Expected + classPrior)
		return weight * weight / (class.Seen + classPrior)
	}
	all := c.Totals[kind]
	if all == nil || all.Expected <= 0 {
		return 0 // it is all that there is
	}
	return max(1-class.Expected/all.Expected, 0) / (class.Seen + looseWorth)
}

// add notes one call; keep is what the calls before still count.
func (c *Class) add(answered, expected, keep float64) {
	c.Seen, c.Expected = keep*c.Seen+answered, keep*c.Expected+expected
}

// names are the classes of a number in the map, by kind, the hour last.
func (t Traits) names() [4]string {
	return [...]string{named("history:", t.History), named("region:", t.Region), named("trunk:", t.Trunk), named("hour:", t.Hour)}
}

func named(kind, class string) string {
	if class == "" {
		return ""
	}
	return kind + class
}

// odds of a number.
func (c *Chances) odds(t Traits) Odds {
	times, variance := 1.0, 0.0
	for _, name := range t.names() {
		if name == "" {
			continue
		}
		class := c.Classes[name]
		if class != nil {
			times *= c.factor(name, class)
		}
		variance += c.variance(name, class)
	}
	times = min(max(times, timesLeast), timesMost)
	return Odds{Times: times, Upper: times * math.Exp(confidence*math.Sqrt(variance))}
}

// learn takes what became of a call: whether it was answered, and the rate that was believed meanwhile.
func (c *Chances) learn(t Traits, answered bool, rate float64) {
	seen := 0.0
	if answered {
		seen = 1
	}
	names := t.names()
	others := c.odds(Traits{History: t.History, Region: t.Region, Trunk: t.Trunk}).Times
	chance := min(rate*c.odds(t).Times, chanceMost)
	for _, name := range names[:len(names)-1] {
		if name == "" {
			continue
		}
		c.add(name, Class{seen, chance / c.factor(name, c.class(name))})
	}
	c.learnHour(t.Hour, seen, others)
}

// learnHour measures an hour against the long run. The factor changes when the hour is over: within it the rate has followed.
func (c *Chances) learnHour(hour string, seen, others float64) {
	c.Base.add(seen, others, math.Exp(-1/baseFades))
	if hour == "" {
		return
	}
	if hour != c.hour {
		c.settleHours()
		c.hour = hour
	}
	pending := c.Hours[hour]
	if pending == nil {
		pending = &Class{}
		c.Hours[hour] = pending
	}
	pending.add(seen, min(c.longRun()*others, chanceMost), 1)
}

// settleHours adds what the hours before taught to their classes.
func (c *Chances) settleHours() {
	for hour, pending := range c.Hours {
		c.add(named("hour:", hour), *pending)
	}
	clear(c.Hours)
}

// longRun is the answer rate of numbers of factor 1, over days.
func (c *Chances) longRun() float64 {
	return (c.Base.Seen + usualRate*basePrior) / (c.Base.Expected + basePrior)
}

// usualRate is the answer rate that is believed before anything was seen.
const usualRate = 0.3

// add notes calls of a class, in it and in its kind.
func (c *Chances) add(name string, calls Class) {
	kind := kindOf(name)
	if c.Totals[kind] == nil {
		c.Totals[kind] = &Class{}
	}
	for _, to := range []*Class{c.class(name), c.Totals[kind]} {
		to.add(calls.Seen, calls.Expected, math.Exp(-calls.Expected/classFades))
	}
}

// class finds or makes a class.
func (c *Chances) class(name string) *Class {
	if class := c.Classes[name]; class != nil {
		return class
	}
	if len(c.Classes) >= classesMost {
		least := slices.MinFunc(slices.Sorted(maps.Keys(c.Classes)), func(a, b string) int { return cmp.Compare(c.Classes[a].Expected, c.Classes[b].Expected) })
		delete(c.Classes, least)
	}
	class := &Class{}
	c.Classes[name] = class
	return class
}

// restore takes what was learned another day.
func (c *Chances) restore(old *Chances) {
	sound := func(v *Class) bool { return v != nil && v.Seen >= 0 && v.Expected >= 0 }
	if old == nil || !sound(&old.Base) {
		return
	}
	c.Base = old.Base
	for name, v := range old.Classes {
		if sound(v) && len(c.Classes) < classesMost {
			c.Classes[name] = &Class{v.Seen, v.Expected}
		}
	}
	for to, from := range map[*map[string]*Class]map[string]*Class{&c.Hours: old.Hours, &c.Totals: old.Totals} {
		for name, v := range from {
			if sound(v) {
				(*to)[name] = &Class{v.Seen, v.Expected}
			}
		}
	}
	for hour := range c.Hours {
		c.hour = hour // it runs still, or is settled with the next call
	}
}

// Odds of a number that is to be dialled.
func (p *Policy) Odds(t Traits) Odds { return p.chances.odds(t) }

// Kind is a class of numbers as it is shown: what it is worth, and on how much that rests.
type Kind struct {
	Kind     string  // history, region, trunk or hour
	Class    string  // as in Traits
	Times    float64 // as often as the campaign's numbers are its numbers answered
	Seen     float64 // answers, discounted
	Expected float64 // answers that its other kinds and the rate would have brought
}

// Kinds are the most classes of which most was seen, those of a kind together.
func (p *Policy) Kinds(most int) []Kind {
	var all []Kind
	for name, c := range p.chances.Classes {
		kind, class, _ := strings.Cut(name, ":")
		all = append(all, Kind{kind, class, p.chances.factor(name, c), c.Seen, c.Expected})
	}
	slices.SortFunc(all, func(a, b Kind) int { return cmp.Or(cmp.Compare(b.Expected, a.Expected), cmp.Compare(a.Class, b.Class)) })
	all = all[:min(len(all), most)]
	slices.SortFunc(all, func(a, b Kind) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Class, b.Class)) })
	return all
}
