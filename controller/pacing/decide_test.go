package pacing

import (
	"slices"
	"testing"
)

func standard(mode Mode, guarantee Guarantee) Settings {
	return Settings{Mode: mode, Ratio: 2, Rho: 0.03, ConnectLimit: 2, RingTimeout: 30, Guarantee: guarantee}
}

// TestEveryDecisionSaysWhy: each constraint can bind, and is named with its word and texts.
func TestEveryDecisionSaysWhy(t *testing.T) {
	some := func(n int) []float64 { return make([]float64, n) }
	for _, c := range []struct {
		name string
		set  Settings
		view View
		dial int
		why  Why
	}{
		{"one call an idle agent", standard(Progressive, Hard), View{Idle: some(3), Ring: some(1)}, 2, ByAgents},
		{"agents dial", standard(Manual, Hard), View{Idle: some(3)}, 0, ByMode},
		{"agents dial", standard(Preview, Hard), View{Idle: some(3)}, 0, ByMode},
		{"nobody signed in", standard(Predictive, Off), View{}, 0, ByAgents},
		{"everybody has just begun to talk", standard(Predictive, Off), View{Talk: some(2), Answered: 9000}, 0, ByPrediction},
		{"nothing answered yet", standard(Predictive, Hard), View{Idle: some(50)}, 50, ByGuarantee},
		{"window used up", standard(Predictive, Hard), View{Idle: some(2), Ring: some(2), Talk: some(90), Answered: 1000, Abandoned: 30}, 0, ByGuarantee},
		{"emergency stop", standard(Predictive, Off), View{Idle: some(50), Limits: []Limit{{ByEmergency, 0}}}, 0, ByEmergency},
		{"list empty", standard(ByRatio, Off), View{Idle: some(5), Limits: []Limit{{ByTrunk, 9}, {ByList, 3}}}, 3, ByList},
	} {
		c.view.Now = 1
		d := New(c.set).Decide(c.view)
		if d.Dial != c.dial || d.Why != c.why {
			t.Errorf("%s: %d because of %s, want %d because of %s (%v)", c.name, d.Dial, d.Why, c.dial, c.why, d.Candidates)
		}
		if !slices.Contains(d.Candidates, Candidate{d.Why, d.Dial}) {
			t.Errorf("%s: the candidates %v lack the one chosen", c.name, d.Candidates)
		}
		if english, chinese := d.Text(); english == "" || chinese == "" || reasons[d.Why][0] == "" {
			t.Errorf("%s: no words for %s", c.name, d.Why)
		}
	}
}

// TestPredictionUsesWhatIsKnown: numbers that are known to answer are called fewer at a time, and calls in flight that are
// known not to be answered leave room.
func TestPredictionUsesWhatIsKnown(t *testing.T) {
	decide := func(v View) int {
		v.Now, v.Idle, v.Talk = 1, make([]float64, 20), make([]float64, 30)
		return New(standard(Predictive, Off)).Decide(v).Dial
	}
	plain := decide(View{})
	sure, never := []float64{0.95, 0.95}, []float64{0.02, 0.02}
	if few, many := decide(View{Next: sure}), decide(View{Next: never}); few >= plain || many <= plain {
		t.Errorf("%d calls as a rule, %d where 95 %% answer, %d where 2 %% do", plain, few, many)
	}
	ring := slices.Repeat([]float64{5}, 20)
	if few, many := decide(View{Ring: ring, Chance: slices.Repeat(sure, 10)}), decide(View{Ring: ring, Chance: slices.Repeat(never, 10)}); few >= many {
		t.Errorf("%d calls while 20 ring that will be answered, %d while 20 ring that will not", few, many)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	good := standard(Predictive, Hard)
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Settings){
		"ratio": func(s *Settings) { s.Ratio = 10.5 }, "target": func(s *Settings) { s.Rho = 0 }, "max_wait": func(s *Settings) { s.ConnectLimit = 6 },
		"mode": func(s *Settings) { s.Mode = "" }, "guarantee": func(s *Settings) { s.Guarantee = "" }, "max_lines": func(s *Settings) { s.MaxLines = -1 },
		"ring_timeout": func(s *Settings) { s.RingTimeout = 1 },
	} {
		s := good
		change(&s)
		if err := s.Check(); err == nil || err.Error()[:len(name)] != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkDecide is the goal of 2 ms for 500 agents and 1,500 calls in flight.
func BenchmarkDecide(b *testing.B) {
	p := New(standard(Predictive, Risk))
	v := View{Idle: make([]float64, 20), Answered: 20000, Abandoned: 300}
	for i := range 480 {
		v.Talk = append(v.Talk, float64(i%400))
	}
	for i := range 1500 {
		v.Ring = append(v.Ring, float64(i%300)/10)
	}
	b.ReportAllocs()
	for b.Loop() {
		v.Now++
		p.Observe(Event{What: Answered, Seconds: 12})
		p.Decide(v)
	}
}
