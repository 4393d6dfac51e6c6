package campaign

import (
	"time"

	"waihu/models"
)

// Finding answers "why was this number not called, and when will it be?" for one lead.
type Finding struct {
	Lead     models.Lead
	Campaign models.Campaign
	Why      models.Gate // GateOpen: nothing is in the way, it waits for its turn
	Until    time.Time   // when Why ends, if known
}

// Explain looks at all that is known about a number, in the order in which the gates are checked before a call.
func Explain(w models.Whereabouts, zones Zones, now time.Time) []Finding {
	out := make([]Finding, 0, len(w.Leads))
	for _, lead := range w.Leads {
		f := Finding{Lead: lead, Campaign: w.Campaigns[lead.CampaignID]}
		f.Why, f.Until = explain(w, lead, f.Campaign, zones, now)
		out = append(out, f)
	}
	return out
}

func explain(w models.Whereabouts, lead models.Lead, c models.Campaign, zones Zones, now time.Time) (models.Gate, time.Time) {
	if gate, until := listed(w.Blacklist, now); gate != models.GateOpen && lead.State != models.LeadDone {
		return gate, until
	}
	switch {
	case len(w.Open) > 0:
		return models.GateInCall, time.Time{}
	case lead.State == models.LeadDone:
		return models.GateFinal, time.Time{}
	case lead.State == models.LeadSkipped:
		return lead.Why, time.Time{}
	case c.State == models.CampaignWaiting:
		return models.GateApproval, time.Time{}
	case c.State != models.CampaignRunning:
		return models.GateNotRunning, time.Time{}
	case lead.NextAt.After(now) && lead.Why != models.GateOpen:
		return lead.Why, lead.NextAt
	case lead.NextAt.After(now):
		return models.GateRetryDelay, lead.NextAt
	}
	calendar := NewCalendar(c.Rules, zones)
	if gate, until := calendar.Open(lead.Zone, now); gate != models.GateOpen {
		return gate, until
	}
	if until := leftAlone(w.Last, Redial(c), now); !until.IsZero() {
		return models.GateLeftAlone, until
	}
	return frequency(w.Last, c.Rules, calendar.DayStart(lead.Zone, now), now)
}

func listed(entries []models.BlacklistEntry, now time.Time) (models.Gate, time.Time) {
	for _, e := range entries {
		if e.ExpiresAt == nil {
			return models.GateBlacklist, time.Time{}
		}
		if e.ExpiresAt.After(now) {
			return models.GateBlacklist, *e.ExpiresAt
		}
	}
	return models.GateOpen, time.Time{}
}

// leftAlone says until when a number waits that was answered and met no agent, as the database does before a call.
func leftAlone(last []models.Attempt, wait time.Duration, now time.Time) (until time.Time) {
	for _, a := range last {
		if a.SentAt == nil || a.BridgedAt != nil || a.AbandonedBy != "no_agent" && a.AbandonedBy != "overflow" {
			continue
		}
		if end := a.SentAt.Add(wait); end.After(now) && end.After(until) {
			until = end
		}
	}
	return until
}

// frequency checks the limits per day and between two dials over all campaigns, as the database does before a call.
func frequency(last []models.Attempt, r models.Rules, dayStart, now time.Time) (models.Gate, time.Time) {
	today := 0
	for _, a := range last {
		if a.SentAt == nil || a.Kind == models.KindTest {
			continue
		}
		if !a.SentAt.Before(dayStart) {
			today++
		}
		if next := a.SentAt.Add(time.Duration(r.MinGapSeconds) * time.Second); next.After(now) {
			return models.GateMinGap, next
		}
	}
	if r.PerNumberDay > 0 && today >= r.PerNumberDay {
		return models.GateDayLimit, dayStart.AddDate(0, 0, 1)
	}
	return models.GateOpen, time.Time{}
}
