// Package campaign holds the rules of a campaign: when numbers may be called, what follows an outcome, and which settings
// are sound.
//
// It is pure: no I/O, clock, goroutine, lock or logger. It owns no state; the floor and the database do.
package campaign

import (
	"slices"
	"time"

	"waihu/models"
)

// Zones finds a time zone by its IANA name. The edge gives one that remembers what it loaded.
type Zones func(name string) (*time.Location, error)

// Calendar answers when numbers may be called under a campaign's rules.
type Calendar struct {
	rules models.Rules
	zones Zones
}

// NewCalendar reads rules with the given zones.
func NewCalendar(rules models.Rules, zones Zones) Calendar {
	return Calendar{rules: rules, zones: zones}
}

// Open says whether a number of this zone may be called at now. If not, it says why and when it next may; a zero time means
// never. It is a check of the level, not of edges, so that a change of the clock can't lose an opening.
func (c Calendar) Open(zone string, now time.Time) (models.Gate, time.Time) {
	local := now.In(c.location(zone))
	holiday := c.holiday(local)
	if len(c.rules.Windows) == 0 && !holiday {
		return models.GateOpen, now
	}
	if !holiday && c.within(local) {
		return models.GateOpen, now
	}
	why := models.GateWindow
	if holiday {
		why = models.GateHoliday
	}
	return why, c.next(local)
}

// Local is the time that counts for a number of this zone.
func (c Calendar) Local(zone string, now time.Time) time.Time { return now.In(c.location(zone)) }

// DayStart is the beginning of the day in the zone of a number.
func (c Calendar) DayStart(zone string, now time.Time) time.Time {
	local := now.In(c.location(zone))
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
}

// location is the zone that counts: the number's own if the rules say so and it is known, else the campaign's, else UTC.
func (c Calendar) location(zone string) *time.Location {
	names := []string{c.rules.Zone}
	if c.rules.NumberZone && zone != "" {
		names = []string{zone, c.rules.Zone}
	}
	for _, name := range names {
		if loc, err := c.zones(name); err == nil {
			return loc
		}
	}
	return time.UTC
}

func (c Calendar) holiday(local time.Time) bool {
	return slices.Contains(c.rules.Holidays, local.Format(time.DateOnly))
}

func (c Calendar) within(local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	return slices.ContainsFunc(c.rules.Windows, func(w models.Window) bool {
		return w.Weekday == local.Weekday() && w.From <= minute && minute < w.To
	})
}

// next looks a year ahead for the first opening after local.
func (c Calendar) next(local time.Time) time.Time {
	for days := range 367 {
		day := time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, local.Location())
		if c.holiday(day) {
			continue
		}
		if len(c.rules.Windows) == 0 {
			return day
		}
		best := time.Time{}
		for _, w := range c.rules.Windows {
			at := time.Date(day.Year(), day.Month(), day.Day(), w.From/60, w.From%60, 0, 0, day.Location())
			// An opening in the hour that summer time skips starts when the clocks have moved on: look at it as it reads.
			if w.Weekday == day.Weekday() && at.After(local) && c.within(at) && (best.IsZero() || at.Before(best)) {
				best = at
			}
		}
		if !best.IsZero() {
			return best.UTC()
		}
	}
	return time.Time{}
}
