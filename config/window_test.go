package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

func TestParseWindows(t *testing.T) {
	day := func(d time.Weekday, spans ...int) []models.Window {
		var ws []models.Window
		for i := 0; i < len(spans); i += 2 {
			ws = append(ws, models.Window{Weekday: d, From: spans[i], To: spans[i+1]})
		}
		return ws
	}
	cases := []struct {
		in   []string
		want []models.Window
	}{
		{nil, []models.Window{}},
		{[]string{"mon 9:00-12:00"}, day(1, 540, 720)},
		{[]string{"MON 00:00-24:00"}, day(1, 0, 1440)},
		{[]string{"周六,周日 10:00-12:00"}, append(day(0, 600, 720), day(6, 600, 720)...)},
		{[]string{"sat-mon 10:00-11:00"}, append(append(day(0, 600, 660), day(1, 600, 660)...), day(6, 600, 660)...)},
		{[]string{"tue 14:00-20:00", "tue 09:00-12:00, 12:00-13:00"}, day(2, 540, 720, 720, 780, 840, 1200)},
	}
	for _, c := range cases {
		got, err := ParseWindows("w", c.in)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q gives %v, %v; want %v", c.in, got, err, c.want)
		}
	}
	week, err := ParseWindows("w", []string{"daily 09:00-12:00,14:00-20:00"})
	if err != nil || len(week) != 14 {
		t.Errorf("daily gives %d windows, %v", len(week), err)
	}
}

func TestParseWindowsRefuses(t *testing.T) {
	for _, in := range []string{
		"", "mon", "09:00-12:00", "mon 9-12", "mon 09:00", "mon 09:00-", "mon 12:00-09:00", "mon 09:00-09:00", "mon 09:60-10:00",
		"mon 24:01-24:02", "mon 09:00-25:00", "mun 09:00-10:00", "mon-  09:00-10:00", "mon 09:00-12:00,11:00-13:00", "mon,mon-tue 0:00-0:00",
		"mon -1:00-10:00", "mon 09:00-10:00;tue 09:00-10:00",
	} {
		ws, err := ParseWindows("w", []string{in})
		if !models.IsKind(err, models.Invalid) || ws != nil {
			t.Errorf("%q is taken as %v, %v", in, ws, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), "w[0]: ") {
			t.Errorf("%q: the fault does not name its line: %v", in, err)
		}
	}
}

// FuzzWindow: whatever is taken is in order, within the day and free of overlaps, and reads back the same.
func FuzzWindow(f *testing.F) {
	f.Add("mon-fri 09:00-12:00,14:00-20:00")
	f.Add("周一-周五 9:00-12:00")
	f.Fuzz(func(t *testing.T, line string) {
		ws, err := ParseWindows("w", []string{line})
		if err != nil {
			return
		}
		var again []string
		for i, w := range ws {
			if w.From < 0 || w.From >= w.To || w.To > 1440 {
				t.Fatalf("%q gives %v", line, w)
			}
			if i > 0 && ws[i-1].Weekday == w.Weekday && ws[i-1].To > w.From {
				t.Fatalf("%q overlaps: %v", line, ws)
			}
			again = append(again, FormatWindow(w))
		}
		back, err := ParseWindows("w", again)
		if err != nil || fmt.Sprint(back) != fmt.Sprint(ws) {
			t.Fatalf("%q: %v comes back as %v, %v", line, ws, back, err)
		}
	})
}

func TestRules(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := Load(Options{Set: []string{"calling.retries=2"}})
	if err != nil {
		t.Fatal(err)
	}
	r := l.Rules()
	if r.Pack != "CN" || len(r.Windows) != 14 || r.PerNumberDay != 2 || r.MinGapSeconds != 3600 || r.Retries != 2 || !r.NumberZone || r.Zone != "Asia/Shanghai" {
		t.Errorf("rules of the CN pack: %+v", r)
	}
	if b := r.RetryRules[0]; b.Outcome != models.OutcomeBusy || b.Times != 3 || b.DelaySeconds != 600 || b.Factor != 2 || b.Free {
		t.Errorf("busy is followed by %+v", b)
	}
	l, err = Load(Options{Set: []string{"calling.pack=none", "calling.retry_rules=[{outcome: busy, times: 1, delay_seconds: 1}]"}})
	if err != nil {
		t.Fatal(err)
	}
	r = l.Rules()
	if len(r.Windows) != 0 || r.PerNumberDay != 0 || r.MinGapSeconds != 0 || len(r.RetryRules) != 1 || r.RetryRules[0].Factor != 1 {
		t.Errorf("rules without a pack: %+v", r)
	}
	for _, name := range []string{"CN", "US", "UK", "none"} {
		p, ok := packs(name)
		ws, err := ParseWindows("pack", p.windows)
		if !ok || err != nil {
			t.Errorf("pack %s: %v", name, err)
		}
		if w, inside := p.within(ws); !inside {
			t.Errorf("pack %s is not within itself: %v", name, w)
		}
	}
}

func TestTrunk(t *testing.T) {
	c := Config{}
	if _, err := c.Trunk("x"); !models.IsKind(err, models.NotFound) || !strings.Contains(err.Error(), "config.yaml") {
		t.Errorf("no trunks: %v", err)
	}
	c.Trunks = []Trunk{{Name: "a", Gateway: "g", CPS: 5, NumberFormat: "plus"}}
	if _, err := c.Trunk("x"); !models.IsKind(err, models.NotFound) || !strings.Contains(err.Error(), "one of a") {
		t.Errorf("unknown trunk: %v", err)
	}
	tr, err := c.Trunk("a")
	if err != nil || tr.Gateway != "g" || tr.CPS != 5 || tr.NumberFormat != models.FormatPlus || len(c.TrunkModels()) != 1 {
		t.Errorf("trunk a is %+v, %v", tr, err)
	}
}
