package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/controller/esl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// healthy is a configuration in whose folders everything may be written; the switch is not there.
func healthy(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"sounds", "recordings", "cdr"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Config{
		Now: time.Now,
		Database: func(context.Context) (Database, error) {
			return Database{Name: "sqlite test", Now: time.Now()}, nil
		},
		Switch:    esl.Config{Addr: "127.0.0.1:1", Password: "secret", DialTimeout: 2 * time.Second},
		Gateways:  []string{"pstn"},
		MaxCalls:  900,
		CPS:       28,
		Context:   "waihu",
		Published: func() (string, error) { return "", os.ErrNotExist },
		StampOf:   func(s string) string { return s },
		Zone:      "Asia/Shanghai",
		Prompts:   3, MissingPrompts: func() []string { return nil },
		FFmpeg:  func(context.Context) (string, error) { return "ffmpeg 5", nil },
		DataDir: dir, SoundsDir: filepath.Join(dir, "sounds"), SwitchSounds: filepath.Join(dir, "sounds"),
		Recordings: filepath.Join(dir, "recordings"), CDRDir: filepath.Join(dir, "cdr"), DialplanDir: filepath.Join(dir, "dialplan"),
	}
}

// one finds a check by name.
func one(t *testing.T, checks []Check, name string) Check {
	t.Helper()
	for _, c := range checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %q in %+v", name, checks)
	return Check{}
}

// sound demands of every check what the reader needs: both languages, and a mend for what is wrong.
func sound(t *testing.T, checks []Check) {
	t.Helper()
	for _, c := range checks {
		for _, text := range []string{c.Text, c.TextZH, c.Mend, c.MendZH} {
			if strings.Contains(text, "%!") || strings.ContainsAny(text, "\r\n") {
				t.Errorf("%s: not a clean line: %q", c.Name, text)
			}
		}
		if c.Text == "" || c.TextZH == "" || (c.Mend == "") != (c.MendZH == "") {
			t.Errorf("%s lacks a language: %+v", c.Name, c)
		}
		if (c.State == Fail || c.State == Warn) && c.Mend == "" {
			t.Errorf("%s is %s without a mend: %s", c.Name, c.State, c.Text)
		}
	}
}

func TestDatabase(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		name string
		db   Database
		err  error
		want State
		mend string
	}{
		{"down", Database{}, errors.New("connection refused"), Fail, "database.dsn"},
		{"pending", Database{Now: now, Pending: 3}, nil, Fail, "waihu migrate up"},
		{"not made yet", Database{Now: now, Pending: 3, Fresh: true}, nil, OK, ""},
		{"newer", Database{Now: now, Unknown: 1}, nil, Fail, "newer version"},
		{"clock", Database{Now: now.Add(-time.Minute)}, nil, Warn, "NTP"},
		{"fine", Database{Now: now.Add(time.Second)}, nil, OK, ""},
	}
	for _, c := range cases {
		got := checkDatabase(t.Context(), Config{Now: func() time.Time { return now }, Database: func(context.Context) (Database, error) { return c.db, c.err }})
		if got.State != c.want || !strings.Contains(got.Mend, c.mend) {
			t.Errorf("%s: %+v", c.name, got)
		}
		sound(t, []Check{got})
	}
}

func TestPrompts(t *testing.T) {
	for _, c := range []struct {
		name    string
		missing []string
		want    State
		text    string
	}{
		{"all there", nil, OK, "all 7"},
		{"first start", []string{"0.wav", "1.wav", "2.wav", "3.wav", "4.wav", "5.wav", "6.wav"}, OK, "first start"},
		{"one gone", []string{"8.wav"}, Warn, "1 of 7 are missing or empty in /s: 8.wav"},
		{"many gone", []string{"0.wav", "1.wav", "2.wav", "3.wav", "4.wav", "5.wav"}, Warn, "4.wav …"},
	} {
		got := checkPrompts(Config{SoundsDir: "/s", Prompts: 7, MissingPrompts: func() []string { return c.missing }})
		if got.State != c.want || !strings.Contains(got.Text, c.text) {
			t.Errorf("%s: %+v", c.name, got)
		}
		sound(t, []Check{got})
	}
}

func TestFolders(t *testing.T) {
	c := healthy(t)
	sound(t, checkFolders(c))
	if n := Failed(checkFolders(c)); n != 0 {
		t.Errorf("%d of the writable folders fail: %+v", n, checkFolders(c))
	}
	left, err := filepath.Glob(filepath.Join(c.DataDir, "*", "waihu-doctor-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("probe files are left: %v, %v", left, err)
	}
	file := filepath.Join(c.DataDir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.SoundsDir = filepath.Join(file, "sounds") // nobody, not even root, can make a folder below a file
	got := one(t, checkFolders(c), "sounds_dir")
	if got.State != Fail || !strings.Contains(got.Mend, "sounds_dir") {
		t.Errorf("a folder that cannot be made: %+v", got)
	}
}

func TestDiskZonesFFmpeg(t *testing.T) {
	c := healthy(t)
	c.DataDir = filepath.Join(c.DataDir, "not", "yet", "made")
	if got := checkDisk(c); got.State == Skip || !strings.Contains(got.Text, "GiB") {
		t.Errorf("disk: %+v", got)
	}
	if got := checkZones(c); got.State != OK {
		t.Errorf("zones: %+v", got)
	}
	sound(t, []Check{checkDisk(c), checkZones(c), checkFFmpeg(t.Context(), c), checkSpool(Config{CDRDir: c.DataDir})})
	c.Zone = "Mars/Olympus"
	if got := checkZones(c); got.State != Fail {
		t.Errorf("a zone that is none: %+v", got)
	}
	if got := checkFFmpeg(t.Context(), c); got.State != OK {
		t.Errorf("ffmpeg: %+v", got)
	}
	c.FFmpeg = func(context.Context) (string, error) { return "", errors.New("not found") }
	if got := checkFFmpeg(t.Context(), c); got.State != Warn {
		t.Errorf("ffmpeg missing: %+v", got)
	}
	c.FFmpeg = nil
	if got := checkFFmpeg(t.Context(), c); got.State != Skip {
		t.Errorf("ffmpeg not wanted: %+v", got)
	}
}

// peer listens and talks to each connection as told, until the test ends.
func peer(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talk(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

func TestSwitchThatRefuses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := closed.Addr().String()
	closed.Close()
	cases := []struct {
		name, addr, mend string
	}{
		{"dead", dead, "start FreeSWITCH"},
		{"access list", peer(t, func(c net.Conn) {
			fmt.Fprint(c, "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n")
		}), "apply-inbound-acl"},
		{"wrong password", peer(t, func(c net.Conn) {
			fmt.Fprint(c, "Content-Type: auth/request\n\n")
			r := bufio.NewReader(c)
			for line := "x"; strings.TrimSpace(line) != ""; {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			fmt.Fprint(c, "Content-Type: command/reply\nReply-Text: -ERR invalid\n\n")
		}), "switch.password"},
		{"something else", peer(t, func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-OpenSSH_9.2\r\n\r\n") }), "switch.addr"},
		{"silent", peer(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }), "port"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := healthy(t)
			cfg.Switch.Addr, cfg.Switch.DialTimeout = c.addr, 500*time.Millisecond
			checks := checkSwitch(t.Context(), cfg)
			sound(t, checks)
			got := one(t, checks, "switch")
			if got.State != Fail || !strings.Contains(got.Mend, c.mend) {
				t.Errorf("got %+v, want a mend with %q", got, c.mend)
			}
			if len(checks) != 2 || checks[1].State != Skip {
				t.Errorf("the rest is not skipped: %+v", checks)
			}
			if strings.Contains(fmt.Sprint(checks), cfg.Switch.Password) {
				t.Error("the password is shown")
			}
		})
	}
}

func TestNoPassword(t *testing.T) {
	c := healthy(t)
	c.Switch.Password = ""
	if got := checkReach(t.Context(), c); got.State != Fail || !strings.Contains(got.Mend, "switch.password_file") {
		t.Errorf("got %+v", got)
	}
}
