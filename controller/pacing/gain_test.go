package pacing

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSlices: each cycle has one slice of progressive dialling, and each place in the cycle has its share of them.
func TestSlices(t *testing.T) {
	var places [4]int
	const cycles = 2000
	for cycle := range int64(cycles) {
		slices := 0
		for place := range int64(4) {
			at := cycle*GainCycle + place*300
			if Covered(7, at) != Covered(7, at+299) {
				t.Fatalf("cycle %d: slice %d changes in its middle", cycle, place)
			}
			if Covered(7, at) {
				places[place]++
				slices++
			}
		}
		if slices != 1 {
			t.Fatalf("cycle %d has %d slices of progressive dialling", cycle, slices)
		}
	}
	for place, n := range places {
		if n < cycles/4-100 || n > cycles/4+100 {
			t.Errorf("slice %d is progressive in %d of %d cycles", place, n, cycles)
		}
	}
}

// measured are the samples of some cycles of 20 agents: so many talk by kind, a deviation of noise, and each minute of predictive
// dialling abandons one of 20 answers.
func measured(r *rand.Rand, cycles int64, predictive, progressive, noise float64) []GainSample {
	var all []GainSample
	answered, abandoned := 0, 0
	for at := int64(0); at < cycles*GainCycle; at += 10 {
		s := GainSample{At: at, Covered: Covered(3, at), Agents: 20}
		talk := predictive
		if s.Covered {
			talk = progressive
		}
		if at%60 == 0 {
			answered += 20
			if !s.Covered {
				abandoned++
			}
		}
		s.Talk = min(max(int(math.Round(20*(talk+noise*r.NormFloat64()))), 0), 20)
		s.Answered, s.Abandoned = answered, abandoned
		all = append(all, s)
	}
	return all
}

func TestGain(t *testing.T) {
	g := GainOf(measured(rand.New(rand.NewPCG(1, 2)), 300, 0.80, 0.60, 0.1), 10)
	if g.Pairs < 299 || !g.Known || math.Abs(g.More-12) > 0.4 || g.Low >= g.More || g.High <= g.More || g.High-g.Low > 0.5 {
		t.Errorf("12 talk minutes more an hour came out as %+v", g)
	}
	if math.Abs(g.Predictive.TalkMinutes-48) > 0.3 || math.Abs(g.Progressive.TalkMinutes-36) > 0.4 {
		t.Errorf("48 and 36 talk minutes an hour came out as %+v", g)
	}
	if r := float64(g.Predictive.Abandoned) / float64(g.Predictive.Answered); math.Abs(r-0.05) > 0.005 || g.Progressive.Abandoned != 0 {
		t.Errorf("5 %% and none abandoned came out as %+v", g)
	}
}

// TestGainOfTooLittle: nothing is claimed from two cycles, from a campaign that was not measured, or in the two minutes after a change.
func TestGainOfTooLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	if g := GainOf(nil, 10); g.Known || g.Pairs != 0 {
		t.Errorf("nothing came out as %+v", g)
	}
	if g := GainOf(measured(r, 2, 0.8, 0.6, 0.1), 10); g.Known {
		t.Errorf("two cycles came out as %+v", g)
	}
	all := measured(r, 20, 0.8, 0.6, 0)
	for i := range all {
		all[i].Covered = false
	}
	if g := GainOf(all, 10); g.Pairs != 0 || g.Predictive.AgentHours != 0 {
		t.Errorf("predictive alone came out as %+v", g)
	}
	all = measured(r, 20, 0.8, 0.6, 0)
	for i := range all {
		if i > 0 && all[i].Covered != all[i-1].Covered {
			for k := i; k < min(i+12, len(all)); k++ { // what is left of the slice before
				all[k].Talk = 20 - all[k].Talk
			}
		}
	}
	if g := GainOf(all, 10); math.Abs(g.More-12) > 1e-9 {
		t.Errorf("what is left of the slice before counts: %+v", g)
	}
}

// TestGainCovers: with chance alone, the interval holds 0 nine times in ten.
func TestGainCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	hold := 0
	const tries = 300
	for range tries {
		if g := GainOf(measured(r, 8, 0.7, 0.7, 0.1), 10); g.Low <= 0 && g.High >= 0 {
			hold++
		}
	}
	if hold < tries*85/100 || hold > tries*95/100 {
		t.Errorf("the interval held the truth %d of %d times, want 90 %%", hold, tries)
	}
}

// TestCoveredSlice: no more calls than idle agents, whatever the prediction says, and nothing is learned of the price.
func TestCoveredSlice(t *testing.T) {
	p := New(Settings{Mode: Predictive, Rho: 0.03, ConnectLimit: 2, RingTimeout: 30, Guarantee: Off})
	v := View{Now: 1, Idle: make([]float64, 4), Talk: make([]float64, 30), Ring: make([]float64, 1), Answered: 1000, Abandoned: 10}
	for i := range v.Talk {
		v.Talk[i] = 100
	}
	if free := p.Decide(v); free.Dial <= 3 || free.Why != ByPrediction {
		t.Fatalf("the prediction allows %d calls (%s), too few for this test", free.Dial, free.Why)
	}
	theta, surplus := p.budget.Theta, p.budget.Surplus
	v.Covered = true
	for range 200 {
		v.Now++
		v.Answered++
		if d := p.Decide(v); d.Dial != 3 || d.Why != ByGain {
			t.Fatalf("%d calls, %s", d.Dial, d.Why)
		}
	}
	if p.budget.Theta != theta || p.budget.Surplus != surplus {
		t.Errorf("progressive dialling changed the price from %g to %g, the surplus from %g to %g", theta, p.budget.Theta, surplus, p.budget.Surplus)
	}
}
