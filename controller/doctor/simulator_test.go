package doctor

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/dialplan"
	"waihu/models"
	"waihu/simulator"
	"waihu/simulator/script"
)

// skewed is a clock that is wrong by a fixed time.
type skewed struct {
	clock.Clock
	by time.Duration
}

func (s skewed) Now() time.Time { return s.Clock.Now().Add(s.by) }

// withSwitch starts a simulated switch and points c at it.
func withSwitch(t *testing.T, c *Config, change func(*simulator.Config)) {
	t.Helper()
	cfg := simulator.Config{
		Addr: "127.0.0.1:0", Password: "a-long-password", SessionsPerSecond: 100,
		Globals:  map[string]string{"disable_system_api_commands": "true", "disable_system_app_commands": "true"},
		Gateways: map[string]simulator.Gateway{"pstn": {}, "broken": {Down: true}},
		Logger:   slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&cfg)
	}
	s, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	c.Switch.Addr, c.Switch.Password = s.Addr(), cfg.Password
}

// published writes a dialplan of one campaign into the folder and returns what reads it as a switch would.
func published(t *testing.T, c *Config) script.Source {
	t.Helper()
	_, err := dialplan.Export(c.DialplanDir, dialplan.Plan{Campaigns: []dialplan.CampaignFlow{{
		CampaignID: 7, Mode: models.ModeVoiceOnly, Sound: "/sounds/a.wav", DurationMS: 3000, PlayCount: 1, ExtraSeconds: 5, KeySeconds: 5,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	c.StampOf = dialplan.Stamp
	c.Published = func() (string, error) {
		data, err := os.ReadFile(filepath.Join(c.DialplanDir, dialplan.FileName))
		return dialplan.Stamp(string(data)), err
	}
	files, err := script.Dir(c.DialplanDir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestHealthyInstallation(t *testing.T) {
	c := healthy(t)
	source := published(t, &c)
	withSwitch(t, &c, func(s *simulator.Config) { s.Dialplan = source })
	checks := Run(t.Context(), c)
	sound(t, checks)
	for _, k := range checks {
		if k.State != OK {
			t.Errorf("%s is %s: %s", k.Name, k.State, k.Text)
		}
	}
	for _, name := range []string{"database", "data_dir", "disk", "time zones", "ffmpeg", "switch", "switch: capacity", "switch: shell",
		"switch: clock", "switch: modules", "gateway pstn", "dialplan", "sounds", "recordings", "call records"} {
		one(t, checks, name)
	}
	if left, _ := filepath.Glob(filepath.Join(c.DataDir, "*", "waihu-doctor-*")); len(left) != 0 {
		t.Errorf("probe files are left: %v", left)
	}
}

// TestSickInstallation changes one thing at a time; the check that is meant finds it and names the mend.
func TestSickInstallation(t *testing.T) {
	cases := []struct {
		name   string
		change func(*testing.T, *Config)
		sw     func(*simulator.Config)
		check  string
		want   State
		mend   string
	}{
		{"wrong password", func(_ *testing.T, c *Config) { c.Switch.Password = "another" }, nil, "switch", Fail, "switch.password"},
		{"default password", nil, func(s *simulator.Config) { s.Password = "ClueCon" }, "switch", Warn, "event_socket.conf.xml"},
		{"default password in production", func(_ *testing.T, c *Config) { c.Production = true }, func(s *simulator.Config) { s.Password = "ClueCon" }, "switch", Fail, "event_socket.conf.xml"},
		{"shell open", nil, func(s *simulator.Config) { s.Globals = nil }, "switch: shell", Warn, "vars.xml"},
		{"shell open in production", func(_ *testing.T, c *Config) { c.Production = true }, func(s *simulator.Config) { s.Globals = nil }, "switch: shell", Fail, "vars.xml"},
		{"few sessions", nil, func(s *simulator.Config) { s.MaxSessions = 100 }, "switch: capacity", Warn, "max-sessions"},
		{"few per second", nil, func(s *simulator.Config) { s.SessionsPerSecond = 10 }, "switch: capacity", Warn, "sessions-per-second"},
		{"clock behind", nil, func(s *simulator.Config) { s.Clock = skewed{clock.Real(), -time.Minute} }, "switch: clock", Fail, "NTP"},
		{"clock ahead", nil, func(s *simulator.Config) { s.Clock = skewed{clock.Real(), time.Minute} }, "switch: clock", Fail, "NTP"},
		{"no trunk", func(_ *testing.T, c *Config) { c.Gateways = nil }, nil, "gateway", Warn, "trunks"},
		{"unknown gateway", func(_ *testing.T, c *Config) { c.Gateways = []string{"nowhere"} }, nil, "gateway nowhere", Fail, "rescan"},
		{"gateway down", func(_ *testing.T, c *Config) { c.Gateways = []string{"broken"} }, nil, "gateway broken", Fail, "carrier"},
		{"dialplan not live", func(t *testing.T, c *Config) { published(t, c) }, nil, "dialplan", Fail, "reloadxml"},
		{"sounds not shared", func(t *testing.T, c *Config) { c.SwitchSounds = t.TempDir() }, nil, "sounds", Fail, "share the folder"},
		{"no recordings folder", func(_ *testing.T, c *Config) { c.Recordings += "/missing" }, nil, "recordings", Fail, "switch.recordings_dir"},
		{"no call records", func(_ *testing.T, c *Config) { c.CDRDir += "/missing" }, nil, "call records", Warn, "json_cdr.conf.xml"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c := healthy(t)
			withSwitch(t, &c, k.sw)
			if k.change != nil {
				k.change(t, &c)
			}
			checks := checkSwitch(t.Context(), c)
			sound(t, checks)
			got := one(t, checks, k.check)
			if got.State != k.want || !strings.Contains(got.Mend, k.mend) {
				t.Errorf("got %+v, want %s with %q", got, k.want, k.mend)
			}
			for _, other := range checks {
				if other.Name != k.check && (other.State == Fail || other.State == Warn) {
					t.Errorf("%s is %s too: %s", other.Name, other.State, other.Text)
				}
			}
		})
	}
}
