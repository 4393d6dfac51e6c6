package stage

import (
	"container/heap"
	"fmt"
	"time"

	"waihu/models"
)

// list is the campaign's leads in memory, claimed as the database claims them: by the time at which they are due.
type list struct {
	fresh int // numbers that were never dialled are given in order, from here
	size  int
	again leads
}

// lead is one that was dialled before, or put off.
type lead struct {
	models.Lead
	day   string // of the last attempt
	today int    // attempts on it
	last  time.Time
}

// leads are those due again, the soonest first.
type leads []*lead

func (l leads) Len() int           { return len(l) }
func (l leads) Less(i, j int) bool { return l[i].NextAt.Before(l[j].NextAt) }
func (l leads) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *leads) Push(x any)        { *l = append(*l, x.(*lead)) }
func (l *leads) Pop() any {
	old := *l
	x := old[len(old)-1]
	*l = old[:len(old)-1]
	return x
}

func newList(n int) list { return list{size: n} }

// next takes the lead that is due first; nil when none is due at now, with the time at which one is (zero = never).
func (l *list) next(now time.Time) (*lead, time.Time) {
	if len(l.again) > 0 && !l.again[0].NextAt.After(now) {
		return heap.Pop(&l.again).(*lead), time.Time{}
	}
	if l.fresh < l.size {
		l.fresh++
		return &lead{Lead: models.Lead{ID: int64(l.fresh), ContactID: int64(l.fresh), Number: fmt.Sprintf("+86138%08d", l.fresh), State: models.LeadDue}}, time.Time{}
	}
	if len(l.again) > 0 {
		return nil, l.again[0].NextAt
	}
	return nil, time.Time{}
}

func (l *list) put(v *lead) { heap.Push(&l.again, v) }

// reserve answers the floor as the database does: leads that may be called now under the campaign's rules.
func (d *day) reserve(limit int) models.ReserveResult {
	var res models.ReserveResult
	for len(res.Reserved) < limit {
		v, next := d.list.next(d.now)
		if v == nil {
			if len(res.Reserved) == 0 {
				res.NextDue = next
			}
			break
		}
		if gate, until := d.allowed(v); gate != models.GateOpen {
			v.NextAt = until
			res.Deferred = append(res.Deferred, models.Deferred{LeadID: v.ID, Number: v.Number, Why: gate, Until: until})
			if !until.IsZero() {
				d.list.put(v)
			}
			if gate == models.GateWindow || gate == models.GateHoliday { // so would be all others
				res.NextDue = until
				break
			}
			continue
		}
		d.serial++
		id := fmt.Sprintf("call-%d", d.serial)
		d.reserved[id] = v
		res.Reserved = append(res.Reserved, models.Reserved{Lead: v.Lead, Attempt: models.Attempt{
			ID: id, CampaignID: d.plan.Campaign.ID, LeadID: v.ID, Number: v.Number, Kind: models.KindCampaign, State: models.AttemptReserved, ReservedAt: d.now,
		}})
	}
	return res
}

// allowed is whether the rules let a number be called now, and when they next do.
func (d *day) allowed(v *lead) (models.Gate, time.Time) {
	rules := d.plan.Campaign.Rules
	if gate, until := d.calendar.Open(v.Zone, d.now); gate != models.GateOpen {
		return gate, until
	}
	start := d.calendar.DayStart(v.Zone, d.now)
	if rules.PerNumberDay > 0 && v.day == start.Format(time.DateOnly) && v.today >= rules.PerNumberDay {
		return models.GateDayLimit, start.AddDate(0, 0, 1)
	}
	if gap := time.Duration(rules.MinGapSeconds) * time.Second; !v.last.IsZero() && d.now.Before(v.last.Add(gap)) {
		return models.GateMinGap, v.last.Add(gap)
	}
	return models.GateOpen, time.Time{}
}

// release makes leads due again that were not dialled.
func (d *day) release(ids []string) {
	for _, id := range ids {
		if v := d.reserved[id]; v != nil {
			delete(d.reserved, id)
			v.NextAt = d.now
			d.list.put(v)
		}
	}
}

// saved is the database's part in the end of an attempt.
func (d *day) saved(f models.Finish) {
	v := d.reserved[f.AttemptID]
	delete(d.reserved, f.AttemptID)
	d.count(f.Facts)
	if v == nil || f.Lead == nil {
		return
	}
	start := d.calendar.DayStart(v.Zone, d.now).Format(time.DateOnly)
	if v.day != start {
		v.day, v.today = start, 0
	}
	v.today++
	v.last = d.now
	a := f.Lead
	v.State, v.NextAt, v.Attempts, v.Retries, v.FreeRetries = a.State, a.NextAt, a.Attempts, a.Retries, a.FreeRetries
	v.LastOutcome, v.OutcomeRuns = a.LastOutcome, a.OutcomeRuns
	if v.State == models.LeadDue {
		d.list.put(v)
		return
	}
	d.figures.Settled++
}

// count adds what became of a call.
func (d *day) count(f models.Facts) {
	n := &d.figures
	if f.Placed {
		n.Dialled++
	}
	if f.Outcome == models.OutcomeAnswered {
		n.Answered++
	}
	switch f.Sub {
	case models.SubAgent:
		n.Connected++
	case models.SubAbandoned:
		n.Abandoned++
		if live := n.Abandoned + n.Connected; live >= 100 {
			n.Worst = max(n.Worst, float64(n.Abandoned)/float64(live))
		}
	default:
	}
}
