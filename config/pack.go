package config

import "waihu/models"

// AsPack stands for "as the rule pack says" in calling.per_number_day and calling.min_gap_seconds.
const AsPack = -1

// pack bounds what may be set: an engineering summary of each country's rules, not legal advice (docs/decisions.md has
// the reasons). Without a pack only the limits of the product hold.
type pack struct {
	windows      []string // widest calling hours, empty = any time
	perNumberDay int      // most dials of a number per day, 0 = no limit
	minGap       int      // least seconds between dials of a number
	minRing      int      // shortest ring in seconds
}

func packs(name string) (pack, bool) {
	switch name {
	case "none":
		return pack{minRing: models.MinRingSeconds}, true
	case "CN":
		return pack{windows: []string{"daily 09:00-12:00,14:00-20:00"}, perNumberDay: 2, minGap: 3600, minRing: 15}, true
	case "US":
		return pack{windows: []string{"daily 08:00-21:00"}, perNumberDay: 3, minRing: 15}, true
	case "UK":
		return pack{windows: []string{"daily 08:00-21:00"}, perNumberDay: 3, minRing: 15}, true
	default:
		return pack{}, false
	}
}

// within reports whether every window lies inside one of the pack's, and the first that does not.
func (p pack) within(ws []models.Window) (models.Window, bool) {
	if len(p.windows) == 0 {
		return models.Window{}, true
	}
	outer, err := ParseWindows("pack", p.windows)
	if err != nil {
		return models.Window{}, false
	}
	for _, w := range ws {
		inside := false
		for _, o := range outer {
			inside = inside || (o.Weekday == w.Weekday && o.From <= w.From && w.To <= o.To)
		}
		if !inside {
			return w, false
		}
	}
	return models.Window{}, true
}

// windows are the configured hours, else those of the pack. The configuration has been checked.
func (c Calling) windows() []models.Window {
	lines := c.Windows
	if len(lines) == 0 {
		p, _ := packs(c.Pack)
		lines = p.windows
	}
	ws, err := ParseWindows("calling.windows", lines)
	if err != nil {
		return nil
	}
	return ws
}

func (c Calling) perNumberDay() int {
	if c.PerNumberDay != AsPack {
		return c.PerNumberDay
	}
	p, _ := packs(c.Pack)
	return p.perNumberDay
}

func (c Calling) minGap() int {
	if c.MinGapSeconds != AsPack {
		return c.MinGapSeconds
	}
	p, _ := packs(c.Pack)
	return p.minGap
}
