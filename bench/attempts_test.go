package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"waihu/models/store"
	"waihu/models/store/storetest"
	"waihu/simulator"
)

// BenchmarkAttempts lets the daemon call as fast as it can, without limits of its own, over a switch in another process:
// half of the callees refuse at once, half answer at once and hear a second of voice. Limits per number and day are
// checked. The processor time is that of the whole daemon process, with import, migration and results.
func BenchmarkAttempts(b *testing.B) {
	const numbers, rounds = 20_000, 3
	databases := []struct {
		name   string
		config func(testing.TB) store.Config
	}{{"SQLite", storetest.SQLiteConfig}, {"MariaDB", storetest.MariaDBConfig}}
	rate, cpu := make([][]float64, len(databases)), make([][]float64, len(databases))
	for b.Loop() {
		for round := range rounds {
			for i, d := range databases {
				b.Run(fmt.Sprintf("%s-%d", d.name, round+1), func(b *testing.B) {
					r, c := massCall(b, d.config(b), callees(numbers, "486", "111"))
					rate[i], cpu[i] = append(rate[i], r), append(cpu[i], c)
				})
			}
		}
	}
	for i, d := range databases {
		if len(rate[i]) == 0 {
			continue // no MariaDB here
		}
		r, c := median(rate[i]), median(cpu[i])
		report("S4", "attempts/s, each saved before it is dialled, "+d.name, r >= 300, "≥ 300", "%.0f", r)
		report("E7", "CPU seconds of the daemon per 1,000 attempts, "+d.name, c <= 1.5, "≤ 1.5", "%.2f", c)
	}
}

func massCall(b *testing.B, database store.Config, numbers []string) (perSecond, cpuPer1000 float64) {
	b.Helper()
	t := startTown(b)
	daemon := t.broadcast(settings{database: database, voice: time.Second, numbers: numbers})
	took := daemon.wait(5 * time.Minute)
	saw := t.witness()
	saved(b, database, saw, len(numbers))
	perSecond = sustained(saw)
	cpuPer1000 = took.Seconds() / float64(len(numbers)) * 1000
	b.ReportMetric(perSecond, "attempts/s")
	b.ReportMetric(cpuPer1000, "cpu-s/1000")
	b.ReportMetric(0, "ns/op")
	return perSecond, cpuPer1000
}

// begun are the times at which calls reached the far end, in order.
func begun(saw simulator.Report) []time.Time {
	var at []time.Time
	for _, n := range saw.Numbers {
		for _, c := range n.Calls {
			at = append(at, c.Dialled)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}

// sustained is the rate without the first and the last tenth.
func sustained(saw simulator.Report) float64 {
	at := begun(saw)
	at = at[len(at)/10 : len(at)*9/10]
	return float64(len(at)-1) / at[len(at)-1].Sub(at[0]).Seconds()
}

// saved holds the database against the witness: each number was dialled once, under an attempt that is written down as sent
// before.
func saved(b *testing.B, database store.Config, saw simulator.Report, numbers int) {
	b.Helper()
	s := storetest.Open(b, database, false)
	sent := map[string]time.Time{}
	for after := ""; ; {
		page, err := s.Attempts(context.Background(), 1, after, 1000)
		must(b, err)
		if len(page) == 0 {
			break
		}
		for _, a := range page {
			if a.SentAt != nil {
				sent[a.ID] = *a.SentAt
			}
		}
		after = page[len(page)-1].ID
	}
	if answered := numbers / 2; saw.Totals.Answered != answered {
		b.Fatalf("%d calls were answered, want %d", saw.Totals.Answered, answered)
	}
	if saw.Totals.Dialled != numbers || len(sent) != numbers {
		b.Fatalf("%d numbers, %d attempts sent, the switch saw %d", numbers, len(sent), saw.Totals.Dialled)
	}
	for number, n := range saw.Numbers {
		for _, c := range n.Calls {
			if at, ok := sent[c.UUID]; !ok || at.After(c.Dialled) {
				b.Fatalf("%s was dialled at %s under attempt %s, saved as sent at %s", number, c.Dialled, c.UUID, at)
			}
		}
	}
}
