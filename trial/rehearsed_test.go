package trial

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"waihu/controller/floor"
	"waihu/controller/rehearse/stage"
	"waihu/models"
)

// between is a uniform distribution, in seconds.
type between struct{ low, high float64 }

func (d between) Draw(r *rand.Rand) float64 { return d.low + (d.high-d.low)*r.Float64() }

func (d between) Below(x float64) float64 {
	return min(max((x-d.low)/max(d.high-d.low, 1e-9), 0), 1)
}

// choosyWorld is the town of choosy, for a rehearsal.
var choosyWorld = stage.World{
	Answer: func(time.Time) float64 { return 0.4 }, Ring: between{4.2, 14.2}, Listen: between{60, 90}, Talk: between{10, 30}, Wrap: between{}, PickUp: between{},
	Wait: between{60, 90}, Fails: []stage.Fail{
		{Share: 0.34, Cause: "USER_BUSY", After: between{1, 5}}, {Share: 0.33, Cause: "CALL_REJECTED", After: between{1, 5}}, {Share: 0.33, Cause: "NO_USER_RESPONSE", After: between{1, 5}},
	},
}

// rehearsedDays are how many days are played beside a live one.
const rehearsedDays = 40

// asRehearsed plays the same campaign in virtual time and holds the live run against it. Its share of talk lies between the lowest, less what the
// trial's speed costs, and the highest of the rehearsed days, and no more people were abandoned than on the worst of them. At eight times the speed each
// command, tick and transaction takes eight times as long: a tenth is left for that, and nothing at the speed of life.
func (r *rig) asRehearsed(o setup, span time.Duration, talk time.Duration, n models.WindowCounts) {
	r.t.Helper()
	trunks, err := r.store.Trunks(r.t.Context(), r.camp.OrganizationID)
	if err != nil {
		r.t.Fatal(err)
	}
	p := stage.Plan{
		Campaign: r.camp, Queue: r.queue, Agents: r.agents, Trunks: trunks, Limits: floor.Defaults(), Numbers: len(r.list),
		Begin: time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC), Length: span,
	}
	o.floor(&p.Limits)
	var share, abandoned, answered []float64
	for seed := range uint64(rehearsedDays) {
		f := stage.Play(p, choosyWorld, seed+1)
		share = append(share, f.Talk.Seconds()/(float64(len(r.agents))*span.Seconds()))
		abandoned, answered = append(abandoned, float64(f.Abandoned)), append(answered, float64(f.Answered))
	}
	for _, v := range [][]float64{share, abandoned, answered} {
		slices.Sort(v)
	}
	live := talk.Seconds() / (float64(len(r.agents)) * span.Seconds())
	last := rehearsedDays - 1
	r.t.Logf("share of talk %.3f live, rehearsed %.3f (90 %%: %.3f to %.3f; all: %.3f to %.3f); answered %d, rehearsed %.0f (%.0f to %.0f); abandoned %d, rehearsed %.0f (%.0f to %.0f)",
		live, share[last/2], share[last*5/100], share[last*95/100], share[0], share[last],
		n.Answered, answered[last/2], answered[0], answered[last], n.Abandoned, abandoned[last/2], abandoned[0], abandoned[last])
	low := share[0] * (1 - 0.1*min(o.speed-1, 1))
	if live < low || live > share[last] {
		r.t.Errorf("agents talked %.3f of the time, rehearsed between %.3f and %.3f", live, low, share[last])
	}
	if float64(n.Abandoned) > abandoned[last] {
		r.t.Errorf("%d abandoned, at most %.0f on any rehearsed day", n.Abandoned, abandoned[last])
	}
}

// TestHalfAnHour is the scheduled run of `make halfhour`: predictive dialling with the hard guarantee for twenty connected agents, half an hour at the
// speed of life, beside its forecast.
func TestHalfAnHour(t *testing.T) {
	if os.Getenv("WAIHU_HALF_HOUR") == "" {
		t.Skip("half an hour long: make halfhour")
	}
	const span = 30 * time.Minute
	r, o := paced(t, models.PacePredictive, 1)
	r.during(span)
	n := r.withinLimit()
	r.asRehearsed(o, span, r.end(), n)
}
