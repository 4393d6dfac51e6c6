package bench

import (
	"testing"
	"time"

	"waihu/models/store/storetest"
	"waihu/simulator"
)

// BenchmarkPace looks at the limits at normal speed: calls in any second, and lines in use, never above what is configured
// and at least 97 % of it while leads last (B2).
func BenchmarkPace(b *testing.B) {
	const perSecond, lines = 50, 40
	for b.Loop() {
		b.Run("rate", func(b *testing.B) {
			t := startTown(b)
			t.broadcast(settings{database: storetest.SQLiteConfig(b), cps: perSecond, voice: time.Second, numbers: callees(20*perSecond, "486", "111")}).wait(3 * time.Minute)
			at := begun(t.witness())
			most := inAnySecond(at)
			mean := float64(len(at)-1) / at[len(at)-1].Sub(at[0]).Seconds() / perSecond
			report("B2", "calls in any second, of 50 configured", most <= perSecond, "≤ 50", "%d", most)
			report("B2", "calls a second while leads last ÷ configured", mean >= 0.97, "≥ 0.97", "%.3f", mean)
		})
		b.Run("lines", func(b *testing.B) {
			t := startTown(b, "--recorded")
			t.broadcast(settings{database: storetest.SQLiteConfig(b), lines: lines, voice: 20 * time.Second, numbers: callees(5*lines, "700")}).wait(3 * time.Minute)
			saw := t.witness()
			used := inUse(saw) / lines
			report("B2", "lines in use, of 40 configured", saw.Totals.PeakCalls <= lines, "≤ 40", "%d", saw.Totals.PeakCalls)
			report("B2", "lines in use while leads last ÷ configured", used >= 0.97, "≥ 0.97", "%.3f", used)
		})
	}
}

// inAnySecond is the most calls within one second, wherever that second begins.
func inAnySecond(at []time.Time) int {
	most, first := 0, 0
	for i := range at {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// inUse is the mean number of lines in use between the first and the last call's beginning.
func inUse(saw simulator.Report) float64 {
	at := begun(saw)
	from, to := at[0], at[len(at)-1]
	var sum time.Duration
	for _, n := range saw.Numbers {
		for _, c := range n.Calls {
			end := c.Ended
			if end.After(to) {
				end = to
			}
			sum += end.Sub(c.Dialled)
		}
	}
	return sum.Seconds() / to.Sub(from).Seconds()
}
