package pacing

import "testing"

// TestRatioTable is S1-20 with the readings of A-1.
func TestRatioTable(t *testing.T) {
	for _, c := range []struct {
		idle  int
		ratio float64
		want  int
	}{
		{0, 2, 0}, {1, 2, 2}, {100, 2, 200},
		{0, 1.5, 0}, {1, 1.5, 1}, {3, 1.5, 4}, {2, 1.5, 3},
		{10, 1.1, 11}, {1, 1, 1}, {7, 1, 7}, {1, 0.5, 0}, {3, 0.5, 1}, {5, 0, 0}, {100, 10, 1000},
	} {
		if got := RatioTarget(c.idle, c.ratio); got != c.want {
			t.Errorf("ratio %g, %d idle: %d lines, want %d", c.ratio, c.idle, got, c.want)
		}
	}
}

// TestRatioIsATarget: lines that are out already count, and the limits cap.
func TestRatioIsATarget(t *testing.T) {
	for _, c := range []struct {
		name             string
		idle, ring, wait int
		talk, most, want int
		trunk            int
		why              Why
	}{
		{name: "nobody idle", talk: 3, want: 0, trunk: -1, why: ByAgents},
		{name: "a burst", idle: 100, want: 200, trunk: -1, why: ByTheRatio},
		{name: "outstanding lines count", idle: 3, ring: 4, wait: 1, want: 1, trunk: -1, why: ByTheRatio},
		{name: "more out than wanted", idle: 1, ring: 5, want: 0, trunk: -1, why: ByTheRatio},
		{name: "capped by its lines", idle: 100, talk: 50, most: 150, want: 100, trunk: -1, why: ByLines},
		{name: "0 is no limit", idle: 999, most: 0, want: 1998, trunk: -1, why: ByTheRatio},
		{name: "capped by the trunk", idle: 10, want: 7, trunk: 7, why: ByTrunk},
	} {
		p := New(Settings{Mode: ByRatio, Ratio: 2, Rho: 0.03, ConnectLimit: 2, RingTimeout: 30, Guarantee: Off, MaxLines: c.most})
		v := View{Now: 1, Idle: make([]float64, c.idle), Ring: make([]float64, c.ring), Wait: make([]float64, c.wait), Talk: make([]float64, c.talk)}
		if c.trunk >= 0 {
			v.Limits = []Limit{{ByTrunk, c.trunk}}
		}
		if d := p.Decide(v); d.Dial != c.want || d.Why != c.why {
			t.Errorf("%s: %d because of %s, want %d because of %s", c.name, d.Dial, d.Why, c.want, c.why)
		}
	}
}
