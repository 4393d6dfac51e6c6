package floor

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"waihu/controller/pacing"
	"waihu/models"
)

const (
	regionDigits = 6  // of E.164: with +86 the carrier of a mobile number or the area code, +86139 or +86755
	triedMost    = 3  // a number that was tried more often is like one that was tried so often
	oddsAhead    = 20 // of the numbers that come next, for which the next decision is
)

// traits are what is known of a number before it is dialled. trunkID is 0 while it is not chosen.
func (f *Floor) traits(r *running, v models.Reserved, trunkID int64, now time.Time) pacing.Traits {
	t := pacing.Traits{History: "new", Region: v.Attempt.Number[:min(len(v.Attempt.Number), regionDigits)], Hour: hourOf(r.calendar.Local(v.Lead.Zone, now))}
	if n := v.Lead.Attempts; n > 0 {
		t.History = fmt.Sprintf("%d %s", min(n, triedMost), v.Lead.LastOutcome)
	}
	if trunkID != 0 {
		t.Trunk = strconv.FormatInt(trunkID, 10)
	}
	return t
}

// hourOf is the hour of a working day, a Saturday or a Sunday.
func hourOf(local time.Time) string {
	day := "workday"
	if w := local.Weekday(); w == time.Saturday || w == time.Sunday {
		day = w.String()
	}
	return fmt.Sprintf("%s %02d", day, local.Hour())
}

// foresee notes what is known of a number that is dialled now, and how likely it is answered beside others.
func (f *Floor) foresee(r *running, l *live, now time.Time) {
	if r.pace == nil || l.Attempt.Kind != models.KindCampaign {
		return
	}
	l.traits = f.traits(r, l.Reserved, l.Attempt.TrunkID, now)
	l.odds = r.pace.policy.Odds(l.traits)
}

// nextOdds are those of the numbers that come next.
func (f *Floor) nextOdds(r *running, now time.Time) []pacing.Odds {
	if r.pace.set.Mode != pacing.Predictive {
		return nil
	}
	next := r.hopper[:min(len(r.hopper), oddsAhead)]
	out := make([]pacing.Odds, len(next))
	for i, h := range next {
		out[i] = r.pace.policy.Odds(f.traits(r, h.Reserved, 0, now))
	}
	return out
}

// rung is a call that rings.
type rung struct {
	age  float64 // seconds
	odds pacing.Odds
}

// ring lists calls that ring in the view, the shortest first.
func (p *paced) ring(v *pacing.View) {
	slices.SortFunc(p.rings, func(a, b rung) int {
		switch {
		case a.age < b.age:
			return -1
		case a.age > b.age:
			return 1
		default:
			return cmp.Compare(a.odds.Times, b.odds.Times)
		}
	})
	v.Ring, v.Odds = make([]float64, len(p.rings)), make([]pacing.Odds, len(p.rings))
	for i, c := range p.rings {
		v.Ring[i], v.Odds[i] = c.age, c.odds
	}
}
