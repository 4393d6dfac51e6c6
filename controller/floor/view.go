package floor

import (
	"maps"
	"slices"
	"time"

	"waihu/models"
)

// CampaignView is a campaign as the floor sees it. It is a copy.
type CampaignView struct {
	ID       int64
	State    models.CampaignState
	InFlight int
	Up       int         // answered, not ended
	Held     int         // reserved, not dialled yet
	Why      models.Gate // why nothing (more) is dialled now; never empty while nothing is
	Until    time.Time   // when Why may end, if known
	Counts   Counts
}

// View is the floor as a whole. It is a copy.
type View struct {
	Campaigns map[int64]CampaignView
	Calls     int
	Busy      int
	Gate      models.Gate
}

// View copies what there is to see at now.
func (f *Floor) View(now time.Time) View {
	v := View{Campaigns: make(map[int64]CampaignView, len(f.campaigns)), Calls: len(f.calls), Busy: f.busy, Gate: f.gate(now)}
	up := make(map[int64]int, len(f.campaigns))
	for _, l := range f.calls {
		if l.Attempt.Kind != models.KindTest && l.call.State == models.AttemptAnswered {
			up[l.Attempt.CampaignID]++
		}
	}
	for id, r := range f.campaigns {
		counts := r.counts
		counts.Done = maps.Clone(counts.Done)
		v.Campaigns[id] = CampaignView{
			ID: id, State: r.c.State, InFlight: r.inFlight, Up: up[id], Held: len(r.hopper), Why: r.why, Until: r.until, Counts: counts,
		}
	}
	return v
}

// Calls are the ids of the calls in progress, sorted.
func (f *Floor) Calls() []string {
	return slices.Sorted(maps.Keys(f.calls))
}

// QuietUntil reports whether nothing is going on and nothing will before the returned time: a clock that can skip may do so.
func (f *Floor) QuietUntil(now time.Time) (time.Time, bool) {
	if len(f.calls) > 0 || len(f.legs) > 0 || f.gate(now) != models.GateOpen {
		return time.Time{}, false
	}
	for _, s := range f.seats {
		if s.st.Signed() {
			return time.Time{}, false
		}
	}
	var next time.Time
	for _, r := range f.campaigns {
		if r.c.State != models.CampaignRunning {
			continue
		}
		if r.reserving || r.unsaved > 0 || len(r.hopper) > 0 || !now.Before(r.askAgain) || r.exhausted {
			return time.Time{}, false
		}
		if next.IsZero() || r.askAgain.Before(next) {
			next = r.askAgain
		}
	}
	return next, !next.IsZero()
}
