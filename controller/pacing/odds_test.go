package pacing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// taught has seen n calls, each of a number drawn with its answer probability, at a rate that others believe.
func taught(n int, rate float64, draw func(r *rand.Rand) (Traits, float64)) *Chances {
	c, r := newChances(), rand.New(rand.NewPCG(1, 2))
	for range n {
		t, p := draw(r)
		c.learn(t, r.Float64() < p, rate)
	}
	return c
}

func near(t *testing.T, what string, got, want, part float64) {
	t.Helper()
	if math.Abs(got-want) > part*want {
		t.Errorf("%s: %.3f, want %.3f", what, got, want)
	}
}

// TestChancesAreLearned: numbers that were tried in vain are answered less often, and that is found out; so is how sure it is.
func TestChancesAreLearned(t *testing.T) {
	draw := func(r *rand.Rand) (Traits, float64) {
		if r.IntN(2) == 0 {
			return Traits{History: "new"}, 0.5
		}
		return Traits{History: "2 no_answer"}, 0.1
	}
	c := taught(6000, 0.3, draw)
	fresh, again := c.odds(Traits{History: "new"}), c.odds(Traits{History: "2 no_answer"})
	near(t, "new numbers", fresh.Times, 0.5/0.3, 0.06)
	near(t, "numbers tried twice", again.Times, 0.1/0.3, 0.1)
	if again.Upper < again.Times || again.Upper > 1.3*again.Times {
		t.Errorf("after 3,000 calls the odds are at most %.2f for %.2f", again.Upper, again.Times)
	}
	few := taught(100, 0.3, draw).odds(Traits{History: "2 no_answer"})
	if few.Times < again.Times || few.Upper/few.Times < again.Upper/again.Times {
		t.Errorf("after 50 calls %.2f, at most %.2f; after 3,000 %.2f, at most %.2f: the fewer, the nearer to 1 and the less sure", few.Times, few.Upper, again.Times, again.Upper)
	}
	if o := c.odds(Traits{History: "never seen"}); o.Times != 1 || o.Upper < 3 {
		t.Errorf("nothing is known of a history beside others, so it is taken for as good as they are, and may be anything: %v", o)
	}
	if o := c.odds(Traits{Region: "+86139"}); o.Times != 1 || o.Upper != 1 {
		t.Errorf("nothing is known of a region: %v", o)
	}
	if o := newChances().odds(Traits{History: "new", Trunk: "1"}); o.Times != 1 || o.Upper != 1 {
		t.Errorf("nothing is known of anything, which the rate knows: %v", o)
	}
}

// TestChancesAreNotCountedTwice: where a carrier's numbers are also those tried before, the two factors together say what either would say alone.
func TestChancesAreNotCountedTwice(t *testing.T) {
	c := taught(8000, 0.3, func(r *rand.Rand) (Traits, float64) {
		if r.IntN(2) == 0 {
			return Traits{History: "new", Region: "+86139"}, 0.5
		}
		return Traits{History: "1 busy", Region: "+86755"}, 0.1
	})
	good, bad := c.odds(Traits{History: "new", Region: "+86139"}), c.odds(Traits{History: "1 busy", Region: "+86755"})
	near(t, "the good beside the bad", good.Times/bad.Times, 5, 0.2) // 25 if both counted
}

// TestWhatAllShareIsLeftToTheRate: where all numbers are of one kind, the rate alone tells how often they are answered, however wrong it was; a kind that comes
// anew is then taken for as good as they are.
func TestWhatAllShareIsLeftToTheRate(t *testing.T) {
	c := taught(300, 0.2, func(*rand.Rand) (Traits, float64) { return Traits{History: "new", Trunk: "1"}, 0.6 })
	near(t, "all alike", c.odds(Traits{History: "new", Trunk: "1"}).Times, 1, 0.02)
	c.learn(Traits{History: "1 busy", Trunk: "1"}, false, 0.2)
	near(t, "a kind that has just come", c.odds(Traits{History: "1 busy", Trunk: "1"}).Times, 1, 0.1)
}

// TestHoursForetell: on the second day the jump between two hours is known before it comes, and within an hour nothing changes.
func TestHoursForetell(t *testing.T) {
	c, r := newChances(), rand.New(rand.NewPCG(3, 4))
	level := 0.3
	for day := range 4 {
		for h, p := range []float64{0.4, 0.2} {
			hour := Traits{Hour: fmt.Sprintf("workday %02d", 9+h)}
			before := 0.0 // its factor from its first call on
			for i := range 2000 {
				answered := r.Float64() < p
				now := 0.0
				if answered {
					now = 1
				}
				level += (now - level*1) / 100 // it follows, as the campaign's rate does
				c.learn(hour, answered, level)
				if i == 0 {
					before = c.odds(hour).Times
				}
			}
			if after := c.odds(hour).Times; after != before {
				t.Errorf("day %d, %s: the factor went from %.2f to %.2f within the hour", day, hour.Hour, before, after)
			}
		}
	}
	near(t, "ten o'clock beside nine", c.odds(Traits{Hour: "workday 10"}).Times/c.odds(Traits{Hour: "workday 09"}).Times, 0.5, 0.15)
}

// TestHourOutlivesARestart: what the hour that runs has taught so far is not believed earlier because the process was started anew, nor lost.
func TestHourOutlivesARestart(t *testing.T) {
	nine, ten := Traits{Hour: "workday 09"}, Traits{Hour: "workday 10"}
	c := newChances()
	for i := range 1000 {
		c.learn(nine, i%2 == 0, 0.3)
	}
	again := newChances()
	again.restore(c)
	again.learn(nine, true, 0.5)
	if o := again.odds(nine).Times; o != c.odds(nine).Times {
		t.Errorf("after a restart within the hour its factor is %.2f, it was %.2f", o, c.odds(nine).Times)
	}
	for range 1000 {
		again.learn(ten, false, 0.5)
	}
	again.learn(nine, true, 0.5)
	if o := again.odds(nine).Times / again.odds(ten).Times; o < 1.5 {
		t.Errorf("when it comes again, nine o'clock is %.2f times as good as ten", o)
	}
}

// TestChancesAreBounded: what is kept does not grow with the numbers seen.
func TestChancesAreBounded(t *testing.T) {
	c := newChances()
	for i := range 5000 {
		c.learn(Traits{Region: fmt.Sprint(i)}, i%3 == 0, 0.3)
		c.learn(Traits{History: "new"}, i%3 == 0, 0.3)
	}
	if len(c.Classes) > classesMost {
		t.Errorf("%d classes are kept", len(c.Classes))
	}
	if c.Classes["history:new"] == nil || c.Classes["history:new"].Expected < 1000 {
		t.Error("the class of which most was seen was forgotten")
	}
}

// TestMixIsNoDrift: a campaign that has called half new numbers, half old ones, and now comes to old ones only, knows at once how many answer; one that
// takes all as alike still believes in the rate of both.
func TestMixIsNoDrift(t *testing.T) {
	fresh, old := Traits{History: "new"}, Traits{History: "3 no_answer"}
	believed := func(told bool) float64 {
		p, r := New(standard(Predictive, Off)), rand.New(rand.NewPCG(5, 6))
		for now := range 4000 {
			p.Decide(View{Now: float64(now)})
			traits, rate := fresh, 0.5
			if now%2 == 0 {
				traits, rate = old, 0.1
			}
			e := Event{What: NotAnswered, Seconds: 30, Traits: traits, Odds: p.Odds(traits)}
			if r.Float64() < rate {
				e.What, e.Seconds = Answered, 12
			}
			if !told {
				e.Traits, e.Odds = Traits{}, Odds{}
			}
			for age := 1.0; age < e.Seconds; age++ { // it was seen ringing
				p.calls.expose(age, 1, e.Odds)
			}
			p.Observe(e)
		}
		v := View{Now: 4001}
		if told {
			v.NextOdds = []Odds{p.Odds(old)}
		}
		return p.Decide(v).Inputs.Rate
	}
	near(t, "told", believed(true), 0.1, 0.25)
	near(t, "not told", believed(false), 0.3, 0.25)
}

// TestGuaranteeIsCautious: the risk guarantee takes the upper bound of what it was told of numbers, so that few sightings of bad ones give little room.
func TestGuaranteeIsCautious(t *testing.T) {
	dial := func(o Odds) int {
		p := New(standard(Predictive, Risk))
		v := View{Now: 1, Idle: make([]float64, 10), Answered: 400, NextOdds: []Odds{o}}
		p.Decide(v)
		return p.risk(&v, 10)
	}
	sure, unsure, alike := dial(Odds{Times: 0.2, Upper: 0.22}), dial(Odds{Times: 0.2, Upper: 0.4}), dial(Odds{})
	if sure <= unsure || unsure <= alike {
		t.Errorf("%d calls where a fifth is sure, %d where it may be 0.4, %d where nothing is known", sure, unsure, alike)
	}
}
