package campaign

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

var update = flag.Bool("update", false, "write the tables of the rule packs")

// TestPacks: what each pack says on each day on which one begins, and the day before, stands in a table that people can read.
func TestPacks(t *testing.T) {
	var b strings.Builder
	b.WriteString("pack\tday\tversion\tdefault\tmost\twindows\tconnect\tmost\tring\tredial\n")
	for _, name := range PackNames {
		var days []time.Time
		for _, p := range packs {
			if p.Name == name && p.From.IsZero() {
				days = append(days, day(2000, time.January, 1))
			} else if p.Name == name {
				days = append(days, p.From.AddDate(0, 0, -1), p.From)
			}
		}
		for _, d := range days {
			p, ok := PackAt(name, d)
			if !ok {
				fmt.Fprintf(&b, "%s\t%s\tnone yet\n", name, d.Format(time.DateOnly))
				continue
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%g\t%g\t%v\t%g\t%g\t%g\t%s\n", name, d.Format(time.DateOnly), p.Version, p.Rho, p.MostRho, p.Windows, p.Connect, p.MostConnect, p.MinRing, p.Redial)
		}
	}
	const file = "testdata/packs.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || b.String() != string(want) {
		t.Errorf("%v; the packs are\n%s\nthe table says\n%s", err, &b, want)
	}
	for _, p := range packs {
		if Newest(p.Name).From.Before(p.From) || p.Source == "" || p.SourceZH == "" || p.Rho > p.MostRho || p.Connect > p.MostConnect {
			t.Errorf("pack %s %s: %+v", p.Name, p.Version, p)
		}
	}
	if _, ok := PackAt("XX", day(2026, 1, 1)); ok || Newest("XX").Name != "none" {
		t.Error("a pack that is not there has rules")
	}
}

func predictive(change func(*models.Campaign)) models.Campaign {
	c := models.Campaign{Name: "x", Mode: models.ModeDirectAgent, RingSeconds: 30, PlayCount: 1, Rules: models.Rules{Zone: "Asia/Shanghai", Pack: "none", Pacing: Newest("none").Pacing()}}
	c.Rules.Pacing.Mode = models.PacePredictive
	change(&c)
	return c
}

// hand is a campaign whose agents dial.
func hand(mode models.PacingMode, seconds int, then models.PreviewThen) func(*models.Campaign) {
	return func(c *models.Campaign) {
		c.Rules.Pacing = models.Pacing{Mode: mode, PreviewSeconds: seconds, PreviewThen: then}
	}
}

func TestPacingIsChecked(t *testing.T) {
	pack := func(name string) func(*models.Campaign) {
		return func(c *models.Campaign) {
			c.Rules.Pack, c.Rules.Pacing = name, Newest(name).Pacing()
			c.Rules.Pacing.Mode = models.PacePredictive
		}
	}
	for name, c := range map[string]struct {
		change func(*models.Campaign)
		fields []string
	}{
		"as it comes":           {func(*models.Campaign) {}, nil},
		"CN":                    {pack("CN"), nil},
		"US":                    {pack("US"), nil},
		"UK":                    {pack("UK"), nil},
		"before there was any":  {func(c *models.Campaign) { c.Rules.Pacing = models.Pacing{} }, nil},
		"ratio below 0":         {func(c *models.Campaign) { c.Rules.Ratio = -1 }, []string{"ratio"}},
		"ratio above 10":        {func(c *models.Campaign) { c.Rules.Ratio = 10.1 }, []string{"ratio"}},
		"ratio without one":     {func(c *models.Campaign) { c.Rules.Pacing.Mode = models.PaceRatio }, []string{"ratio"}},
		"no limit":              {func(c *models.Campaign) { c.Rules.Pacing.AbandonLimit = 0 }, []string{"pacing.abandon_limit"}},
		"limit above 10 %":      {func(c *models.Campaign) { c.Rules.Pacing.AbandonLimit = 0.11 }, []string{"pacing.abandon_limit"}},
		"5 % in the US":         {func(c *models.Campaign) { pack("US")(c); c.Rules.Pacing.AbandonLimit = 0.05 }, []string{"pacing.abandon_limit"}},
		"6 s":                   {func(c *models.Campaign) { c.Rules.Pacing.ConnectSeconds = 6 }, nil},
		"6 s in China":          {func(c *models.Campaign) { pack("CN")(c); c.Rules.Pacing.ConnectSeconds = 6 }, []string{"pacing.connect_seconds"}},
		"less than nothing":     {func(c *models.Campaign) { c.Rules.Pacing.ConnectSeconds = -1 }, []string{"pacing.connect_seconds"}},
		"30 days in the UK":     {func(c *models.Campaign) { pack("UK")(c); c.Rules.Pacing.Window = models.Window30Days }, []string{"pacing.window"}},
		"10 s of ringing in UK": {func(c *models.Campaign) { pack("UK")(c); c.RingSeconds = 10 }, []string{"ring_seconds"}},
		"preview":               {hand(models.PacePreview, 0, ""), nil},
		"manual, then a call":   {hand(models.PaceManual, 30, models.PreviewCall), nil},
		"a call after no time":  {hand(models.PacePreview, 0, models.PreviewCall), []string{"pacing.preview_seconds"}},
		"a preview of an hour":  {hand(models.PacePreview, 3600, "sing"), []string{"pacing.preview_seconds", "pacing.preview_then"}},
		"a short ring by hand":  {func(c *models.Campaign) { hand(models.PacePreview, 0, "")(c); c.Rules.Pack, c.RingSeconds = "US", 10 }, []string{"ring_seconds"}},
		"words that are unknown": {func(c *models.Campaign) {
			c.Rules.Pacing.Mode, c.Rules.Pacing.Guarantee, c.Rules.Pacing.Window = "fast", "soft", "year"
		}, []string{"pacing.guarantee", "pacing.mode", "pacing.window"}},
	} {
		var got []string
		if err := Check(predictive(c.change), time.LoadLocation); err != nil {
			var own *models.Error
			if !errors.As(err, &own) {
				t.Fatal(err)
			}
			for _, f := range own.Fields {
				got = append(got, f.Field)
			}
		}
		if slices.Sort(got); !slices.Equal(got, c.fields) {
			t.Errorf("%s: faults in %v, want %v", name, got, c.fields)
		}
	}
}

func TestPredictiveOnPhonesThatRing(t *testing.T) {
	ring, nailed := models.Agent{Reach: models.ReachRing}, models.Agent{Reach: models.ReachNailedUp}
	c := predictive(func(*models.Campaign) {})
	if w := PacingWarnings(c, []models.Agent{ring, ring}); len(w) != 1 || w[0].Field != "pacing.mode" {
		t.Errorf("all phones ring: %v", w)
	}
	if w := PacingWarnings(c, []models.Agent{ring, nailed}); w != nil {
		t.Errorf("one phone is connected: %v", w)
	}
	if w := PacingWarnings(c, nil); w != nil {
		t.Errorf("nobody: %v", w)
	}
	c.Rules.Pacing.Mode = models.PaceProgressive
	if w := PacingWarnings(c, []models.Agent{ring}); w != nil {
		t.Errorf("progressive: %v", w)
	}
}

func TestWindowAt(t *testing.T) {
	start := time.Date(2026, 1, 10, 3, 0, 0, 0, time.UTC)
	c := predictive(func(c *models.Campaign) { c.StartedAt = &start })
	at := func(kind models.GuaranteeWindow, now time.Time) string {
		c.Rules.Pacing.Window = kind
		from, until := WindowAt(c, time.LoadLocation, now)
		return from.Format(time.RFC3339) + " " + until.Format(time.RFC3339)
	}
	for _, v := range []struct {
		kind models.GuaranteeWindow
		now  time.Time
		want string
	}{
		{models.WindowCampaign, start, "0001-01-01T00:00:00Z 0001-01-01T00:00:00Z"},
		{models.WindowDay, start, "2026-01-09T16:00:00Z 2026-01-10T16:00:00Z"},                             // midnight in Shanghai
		{models.WindowDay, start.Add(13 * time.Hour), "2026-01-10T16:00:00Z 2026-01-11T16:00:00Z"},         // the very moment
		{models.Window30Days, start.Add(30*24*time.Hour - 1), "2026-01-10T03:00:00Z 2026-02-09T03:00:00Z"}, // the last moment of the first period
		{models.Window30Days, start.Add(61 * 24 * time.Hour), "2026-03-11T03:00:00Z 2026-04-10T03:00:00Z"}, // the third period
		{models.Window30Days, start.Add(-time.Hour), "2026-01-10T02:00:00Z 2026-02-09T02:00:00Z"},          // not started yet
	} {
		if got := at(v.kind, v.now); got != v.want {
			t.Errorf("%s at %s: %s, want %s", v.kind, v.now, got, v.want)
		}
	}
}

// Who was left alone waits where the pack says so, unless an agent is kept for his call; "why was this number not called" says
// the same.
func TestRedial(t *testing.T) {
	sent := time.Date(2026, 1, 10, 3, 0, 0, 0, time.UTC)
	alone := models.Attempt{SentAt: &sent, Facts: models.Facts{Service: models.Service{AbandonedBy: "no_agent"}}}
	for _, c := range []struct {
		name  string
		c     models.Campaign
		after time.Duration
		want  models.Gate
	}{
		{"UK", predictive(func(c *models.Campaign) { c.Rules.Pack = "UK" }), 71 * time.Hour, models.GateLeftAlone},
		{"UK, three days later", predictive(func(c *models.Campaign) { c.Rules.Pack = "UK" }), 73 * time.Hour, models.GateOpen},
		{"UK, an agent is kept", predictive(func(c *models.Campaign) { c.Rules.Pack, c.Rules.Pacing.Mode = "UK", models.PaceProgressive }), time.Hour, models.GateOpen},
		{"UK, an agent has looked at it", predictive(func(c *models.Campaign) { c.Rules.Pack, c.Rules.Pacing.Mode = "UK", models.PacePreview }), time.Hour, models.GateOpen},
		{"US", predictive(func(c *models.Campaign) { c.Rules.Pack = "US" }), time.Hour, models.GateOpen},
	} {
		c.c.ID, c.c.State = 1, models.CampaignRunning
		now := sent.Add(c.after)
		w := models.Whereabouts{Leads: []models.Lead{{CampaignID: 1, State: models.LeadDue, NextAt: sent}}, Campaigns: map[int64]models.Campaign{1: c.c}, Last: []models.Attempt{alone}}
		f := Explain(w, time.LoadLocation, now)
		if len(f) != 1 || f[0].Why != c.want || c.want != models.GateOpen && !f[0].Until.Equal(sent.Add(72*time.Hour)) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}
