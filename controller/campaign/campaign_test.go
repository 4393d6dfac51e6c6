package campaign

import (
	"strings"
	"testing"
	"time"

	_ "time/tzdata"

	"pgregory.net/rapid"

	"waihu/models"
)

func week(spans ...[2]int) []models.Window {
	var ws []models.Window
	for day := time.Monday; day <= time.Friday; day++ {
		for _, s := range spans {
			ws = append(ws, models.Window{Weekday: day, From: s[0] * 60, To: s[1] * 60})
		}
	}
	return ws
}

func cn() models.Rules {
	return models.Rules{Zone: "Asia/Shanghai", NumberZone: true, Windows: week([2]int{9, 12}, [2]int{14, 20}), Holidays: []string{"2026-10-01"}}
}

func utc(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestOpen(t *testing.T) {
	tests := []struct {
		name, zone, now string
		want            models.Gate
		next            string
	}{
		{"Monday morning in Shanghai", "", "2026-03-02 01:00", models.GateOpen, "2026-03-02 01:00"},
		{"a minute before", "", "2026-03-02 00:59", models.GateWindow, "2026-03-02 01:00"},
		{"lunch", "", "2026-03-02 04:00", models.GateWindow, "2026-03-02 06:00"},
		{"after hours", "", "2026-03-02 12:00", models.GateWindow, "2026-03-03 01:00"},
		{"Saturday", "", "2026-03-07 02:00", models.GateWindow, "2026-03-09 01:00"},
		{"holiday", "", "2026-10-01 02:00", models.GateHoliday, "2026-10-02 01:00"},
		{"the number's own zone", "Europe/Berlin", "2026-03-02 02:00", models.GateWindow, "2026-03-02 08:00"},
		{"unknown zone falls back", "Mars/Olympus", "2026-03-02 01:00", models.GateOpen, "2026-03-02 01:00"},
		{"summer time begins in the night", "Europe/Berlin", "2026-03-29 23:00", models.GateWindow, "2026-03-30 07:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gate, next := NewCalendar(cn(), time.LoadLocation).Open(tt.zone, utc(tt.now))
			if gate != tt.want || !next.Equal(utc(tt.next)) {
				t.Fatalf("%q until %v", gate, next.UTC())
			}
		})
	}
}

func TestNoWindowsMeansAlwaysButHolidays(t *testing.T) {
	r := models.Rules{Zone: "Asia/Shanghai", Holidays: []string{"2026-10-01"}}
	c := NewCalendar(r, time.LoadLocation)
	if gate, _ := c.Open("", utc("2026-03-02 20:00")); gate != models.GateOpen {
		t.Fatal(gate)
	}
	if gate, next := c.Open("", utc("2026-10-01 02:00")); gate != models.GateHoliday || !next.Equal(utc("2026-10-01 16:00")) {
		t.Fatal(gate, next)
	}
}

// The opening that Open promises must really be open, must be the first, and Open must agree with a walk by minutes.
func TestOpenAgreesWithAWalkByMinutes(t *testing.T) {
	zones := []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		r := cn()
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		from := rapid.IntRange(0, 1430).Draw(t, "from")
		r.Windows = []models.Window{{Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), From: from, To: rapid.IntRange(from+1, 1440).Draw(t, "to")}}
		now := utc("2026-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 10*366*1440).Draw(t, "minutes")) * time.Minute)
		c := NewCalendar(r, time.LoadLocation)
		gate, next := c.Open(zone, now)
		if next.IsZero() {
			t.Fatal("a weekly window never opens")
		}
		if g, _ := c.Open(zone, next); g != models.GateOpen {
			t.Fatalf("closed (%s) at its own opening %v", g, next)
		}
		if gate == models.GateOpen {
			return
		}
		for at := now; at.Before(next) && at.Sub(now) < 8*24*time.Hour; at = at.Add(time.Minute) {
			if g, _ := c.Open(zone, at); g == models.GateOpen {
				t.Fatalf("open at %v, but the next opening was said to be %v", at, next)
			}
		}
	})
}

func TestAfter(t *testing.T) {
	now := utc("2026-03-02 02:00")
	rules := models.Rules{Retries: 2, RetryRules: DefaultRetryRules()}
	placed := func(o models.Outcome) models.Facts { return models.Facts{Outcome: o, Placed: true} }
	tests := []struct {
		name  string
		lead  models.Lead
		facts models.Facts
		want  models.LeadAfter
	}{
		{"answered is final", models.Lead{ID: 1}, placed("answered"),
			models.LeadAfter{ID: 1, State: "done", Why: models.GateFinal, Attempts: 1, LastOutcome: "answered", OutcomeRuns: 1}},
		{"busy comes again in ten minutes", models.Lead{ID: 1}, placed("busy"),
			models.LeadAfter{ID: 1, State: "due", Why: models.GateRetryDelay, NextAt: now.Add(10 * time.Minute), Attempts: 1, Retries: 1, LastOutcome: "busy", OutcomeRuns: 1}},
		{"busy again doubles", models.Lead{ID: 1, Attempts: 1, Retries: 1, LastOutcome: "busy", OutcomeRuns: 1}, placed("busy"),
			models.LeadAfter{ID: 1, State: "due", Why: models.GateRetryDelay, NextAt: now.Add(20 * time.Minute), Attempts: 2, Retries: 2, LastOutcome: "busy", OutcomeRuns: 2}},
		{"retries used up", models.Lead{ID: 1, Attempts: 2, Retries: 2, LastOutcome: "busy", OutcomeRuns: 2}, placed("busy"),
			models.LeadAfter{ID: 1, State: "done", Why: models.GateFinal, Attempts: 3, Retries: 2, LastOutcome: "busy", OutcomeRuns: 3}},
		{"the trunk's fault is free while there is another trunk", models.Lead{ID: 1, Attempts: 2, Retries: 2, LastOutcome: "busy", OutcomeRuns: 2}, placed("network_error"),
			models.LeadAfter{ID: 1, State: "due", Why: models.GateRetryDelay, NextAt: now.Add(time.Minute), Attempts: 3, Retries: 2, FreeRetries: 1, LastOutcome: "network_error", OutcomeRuns: 1}},
		{"then it is a retry like any other", models.Lead{ID: 1, Attempts: 1, FreeRetries: 1}, placed("network_error"),
			models.LeadAfter{ID: 1, State: "due", Why: models.GateRetryDelay, NextAt: now.Add(time.Minute), Attempts: 2, Retries: 1, FreeRetries: 1, LastOutcome: "network_error", OutcomeRuns: 1}},
		{"refused by the switch is no dial", models.Lead{ID: 1, Attempts: 1}, models.Facts{Outcome: "congestion"},
			models.LeadAfter{ID: 1, State: "due", Why: models.GateRetryDelay, NextAt: now.Add(refusedDelay), Attempts: 1}},
		{"congestion on the way is one", models.Lead{ID: 1}, placed("congestion"),
			models.LeadAfter{ID: 1, State: "due", Why: models.GateRetryDelay, NextAt: now.Add(time.Minute), Attempts: 1, FreeRetries: 1, LastOutcome: "congestion", OutcomeRuns: 1}},
		{"dead number", models.Lead{ID: 1}, placed("invalid_number"),
			models.LeadAfter{ID: 1, State: "done", Why: models.GateFinal, Attempts: 1, LastOutcome: "invalid_number", OutcomeRuns: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := After(rules, 2, tt.lead, tt.facts, now); got != tt.want {
				t.Fatalf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestNoRetriesMeansOneDialWhateverComes(t *testing.T) {
	rules := models.Rules{Retries: 0, RetryRules: DefaultRetryRules()}
	for _, o := range models.Outcomes {
		if got := After(rules, 1, models.Lead{}, models.Facts{Outcome: o, Placed: true}, utc("2026-03-02 02:00")); got.State != models.LeadDone {
			t.Errorf("%s: %s", o, got.State)
		}
	}
}

// Dials are bounded by 1 + Retries and one more for each other trunk, whatever the outcomes, and the next is never at once.
func TestDialsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := models.Rules{Retries: rapid.IntRange(0, 5).Draw(t, "retries"), RetryRules: DefaultRetryRules()}
		lead, now := models.Lead{}, utc("2026-03-02 02:00")
		trunks := rapid.IntRange(1, 4).Draw(t, "trunks")
		for range 50 {
			f := models.Facts{Outcome: rapid.SampledFrom(models.Outcomes).Draw(t, "outcome"), Placed: true}
			a := After(rules, trunks, lead, f, now)
			if a.Attempts > rules.Retries+trunks {
				t.Fatalf("%d dials with %d retries", a.Attempts, rules.Retries)
			}
			if a.State == models.LeadDone {
				return
			}
			if !a.NextAt.After(now) {
				t.Fatalf("due at %v, at once", a.NextAt)
			}
			lead.Attempts, lead.Retries, lead.FreeRetries, lead.LastOutcome, lead.OutcomeRuns = a.Attempts, a.Retries, a.FreeRetries, a.LastOutcome, a.OutcomeRuns
		}
		t.Fatal("never ends")
	})
}

func sound() models.Campaign {
	return models.Campaign{Name: "通知", Mode: models.ModeVoiceKey, RingSeconds: 45, PlayCount: 2, KeySeconds: 5, AgentKey: "1", OptOutKey: "9", Rules: cn()}
}

func TestCheck(t *testing.T) {
	if err := Check(sound(), time.LoadLocation); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		field  string
		break_ func(*models.Campaign)
	}{
		{"name", func(c *models.Campaign) { c.Name = " " }},
		{"mode", func(c *models.Campaign) { c.Mode = "shout" }},
		{"max_concurrency", func(c *models.Campaign) { c.MaxConcurrency = 1000 }},
		{"max_concurrency", func(c *models.Campaign) { c.MaxConcurrency = -1 }},
		{"ring_seconds", func(c *models.Campaign) { c.RingSeconds = 0 }},
		{"play_count", func(c *models.Campaign) { c.PlayCount = 0 }},
		{"agent_key", func(c *models.Campaign) { c.AgentKey = "12" }},
		{"opt_out_key", func(c *models.Campaign) { c.OptOutKey = "1" }},
		{"keys", func(c *models.Campaign) { c.Keys = map[string]string{"x": "?"} }},
		{"zone", func(c *models.Campaign) { c.Rules.Zone = "Beijing" }},
		{"holidays", func(c *models.Campaign) { c.Rules.Holidays = []string{"1.10."} }},
		{"retry_rules", func(c *models.Campaign) { c.Rules.RetryRules = []models.RetryRule{{Outcome: "maybe"}} }},
		{"windows", func(c *models.Campaign) {
			c.Rules.Windows = append(c.Rules.Windows, models.Window{Weekday: time.Monday, From: 700, To: 800})
		}},
		{"windows", func(c *models.Campaign) { c.Rules.Windows[0].To = c.Rules.Windows[0].From }},
	}
	for _, tt := range tests {
		c := sound()
		tt.break_(&c)
		err := Check(c, time.LoadLocation)
		if !models.IsKind(err, models.Invalid) || !strings.HasPrefix(err.Error(), tt.field+":") {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
}
