package campaign

import (
	"time"

	"waihu/models"
)

// thirty is the length of a period of Window30Days.
const thirty = 30 * 24 * time.Hour

// WindowAt is the span over which abandonments of a campaign are counted at now: from is in it, until is not. The campaign's
// whole life has neither.
func WindowAt(c models.Campaign, zones Zones, now time.Time) (from, until time.Time) {
	switch c.Rules.Pacing.Window {
	case models.WindowDay:
		zone, err := zones(c.Rules.Zone)
		if err != nil {
			zone = time.UTC
		}
		y, m, d := now.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC(), time.Date(y, m, d+1, 0, 0, 0, 0, zone).UTC()
	case models.Window30Days:
		if c.StartedAt == nil || now.Before(*c.StartedAt) {
			return now, now.Add(thirty) // it starts now
		}
		from = c.StartedAt.Add(now.Sub(*c.StartedAt) / thirty * thirty)
		return from, from.Add(thirty)
	default:
		return time.Time{}, time.Time{}
	}
}

// ConnectLimit is how long an answer may wait for an agent in a campaign with pacing of its own, else 0: as the queue says.
func ConnectLimit(c models.Campaign) time.Duration {
	p := c.Rules.Pacing
	if !p.Set() || c.Mode != models.ModeDirectAgent {
		return 0
	}
	seconds := p.ConnectSeconds
	if seconds <= 0 {
		seconds = Newest(c.Rules.Pack).Connect
	}
	return time.Duration(seconds * float64(time.Second))
}
