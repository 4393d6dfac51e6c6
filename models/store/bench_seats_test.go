package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
	"waihu/models/store"
)

// BenchmarkSeats saves what 200 agents with 100 answers a second make, in batches of 50: changes of state, legs at their
// beginning and end, who serves, and all of it as one, as the floor saves it. The figures to look at are the rows/s: the floor
// makes about 600 of them a second.
func BenchmarkSeats(b *testing.B) {
	const batch, agents = 50, 200
	databases(b, func(b *testing.B, s *store.Store, _ string) {
		f := newFloor(b, s, batch)
		rs := f.reserve(batch)
		f.send(noon, rs)
		parts := map[string]func(i int) models.Seats{
			"states": func(i int) (v models.Seats) {
				for j := range batch {
					v.Changes = append(v.Changes, models.StateChange{OrganizationID: f.org, AgentID: int64((i*batch+j)%agents + 1), At: noon.Add(time.Duration(i*batch+j) * time.Millisecond),
						State: models.AgentTalking, Cause: "answer", CallID: rs[j].Attempt.ID, QueueID: 1})
				}
				return v
			},
			"sessions": func(i int) (v models.Seats) {
				for j := range batch {
					v.Sessions = append(v.Sessions, models.AgentSession{AgentID: int64((i*batch+j)%agents + 1), OrganizationID: f.org, State: models.AgentTalking, Since: noon,
						Queues: []int64{1, 2, 3}, Leg: uuid.NewString(), CallID: rs[j].Attempt.ID})
				}
				return v
			},
			"legs": func(i int) (v models.Seats) {
				for j := range batch { // half begin, half end
					l := models.Leg{ID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%d", i/2*batch+j)).String(), CallID: rs[j].Attempt.ID, OrganizationID: f.org, Kind: models.LegAgent, AgentID: 7, Number: "1001", StartedAt: noon}
					if i%2 == 1 {
						l.EndedAt = &noon
					}
					v.Legs = append(v.Legs, l)
				}
				return v
			},
			"served": func(i int) models.Seats {
				v := models.Seats{Served: map[string]models.Service{}}
				for j := range batch {
					v.Served[rs[j].Attempt.ID] = models.Service{QueueID: 1, AgentID: int64((i+j)%agents + 1), QueuedAt: &noon, BridgedAt: &noon, WaitMS: int64(i)}
				}
				return v
			},
		}
		parts["all"] = func(i int) models.Seats {
			return both(parts["states"](i), parts["sessions"](i), parts["legs"](i), parts["served"](i))
		}
		rows := map[string]int{"all": 4 * batch}
		b.ResetTimer()
		for _, name := range []string{"states", "sessions", "legs", "served", "all"} {
			var spent, worst time.Duration
			for i := range b.N {
				v := parts[name](i)
				t0 := time.Now()
				f.must(s.SaveSeats(f.ctx, f.epoch, v))
				spent, worst = spent+time.Since(t0), max(worst, time.Since(t0))
			}
			n := max(rows[name], batch) * b.N
			b.ReportMetric(float64(n)/spent.Seconds(), name+"-rows/s")
			if name == "all" {
				b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
			}
		}
	})
}
