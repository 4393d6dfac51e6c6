package cmd

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"waihu/models"
	"waihu/models/store"
	"waihu/simulator"
)

// demonstration runs `waihu demo` until its context ends and gives what it printed up to "ready:".
func demonstration(t *testing.T, f demoFlags) (printed string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := (&app{out: w, err: io.Discard}).demoServer(ctx, f)
		w.CloseWithError(err)
		done <- err
	}()
	stop = func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the demonstration does not end")
		}
	}
	buf := make([]byte, 4096)
	for !strings.Contains(printed, "ready: ") {
		n, err := r.Read(buf)
		if err != nil {
			t.Fatalf("ended before it was ready: %v\n%s", err, printed)
		}
		printed += string(buf[:n])
	}
	return printed, stop
}

// TestDemo: a first start makes the company, its past and its running campaign; a second one goes on with them.
func TestDemo(t *testing.T) {
	t.Setenv("WAIHU_LANG", "en")
	t.Chdir(t.TempDir())
	f := demoFlags{addr: "127.0.0.1:0", dir: "d", numbers: 40, speed: 20, seed: 1, report: "report.json"}
	first, stop := demonstration(t, f)
	at := regexp.MustCompile(`ready: (http://127\.0\.0\.1:\d+)`).FindStringSubmatch(first)
	password := regexp.MustCompile(`password (\S{20,})`).FindStringSubmatch(first)
	if at == nil || password == nil {
		t.Fatalf("printed:\n%s", first)
	}
	resp, err := http.Get(at[1] + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %s", resp.Status)
	}
	awaitEnded(t, f, 5)
	stop()
	sameSent(t, f)

	t.Setenv(demoEnv, "another one")
	f.report = ""
	again, stop := demonstration(t, f)
	stop()
	if !strings.Contains(again, "password another one") {
		t.Errorf("printed:\n%s", again)
	}
	s := demoStore(t, f)
	for _, login := range []string{demoAdmin, demoUser} {
		u, err := s.UserByLogin(t.Context(), login)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := argon2id.ComparePasswordAndHash("another one", u.PasswordHash); err != nil || !same {
			t.Errorf("the password of %s was not changed: %v", login, err)
		}
	}
	if all, err := s.Campaigns(t.Context(), 1); err != nil || len(all) != 3 {
		t.Errorf("%d campaigns after the second start, %v", len(all), err)
	}
}

// TestDemoTeam: the team of the demonstration talks to those who answer, without anybody's doing; after a second start too.
func TestDemoTeam(t *testing.T) {
	t.Parallel()
	f := demoFlags{addr: "127.0.0.1:0", dir: t.TempDir(), numbers: 5, agents: 3, speed: 10, seed: 1}
	talked := map[string]bool{}
	for start := range 2 {
		_, stop := demonstration(t, f)
		s := demoStore(t, f)
		all, err := s.Campaigns(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(c models.Campaign) bool { return c.Mode == models.ModeDirectAgent })
		if i < 0 || all[i].Rules.Pacing.Mode != models.PacePredictive || all[i].State != models.CampaignRunning {
			t.Fatalf("no predictive campaign runs: %+v", all)
		}
		late := time.Now().Add(60 * time.Second)
		for len(talked) < 3*(start+1) {
			if time.Now().After(late) {
				t.Fatalf("start %d: %d talks within a minute", start+1, len(talked))
			}
			time.Sleep(100 * time.Millisecond)
			attempts, err := s.Attempts(t.Context(), all[i].ID, "", 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range attempts {
				if v.AgentID != 0 && v.AgentMS > 0 {
					talked[v.ID] = true
				}
			}
		}
		stop()
	}
}

func demoStore(t *testing.T, f demoFlags) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Driver: store.SQLite, DSN: filepath.Join(f.dir, "waihu.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// awaitEnded waits until so many calls of the running campaign, the second, have ended.
func awaitEnded(t *testing.T, f demoFlags, want int64) {
	t.Helper()
	s := demoStore(t, f)
	late := time.After(30 * time.Second)
	for look := time.NewTicker(50 * time.Millisecond); ; <-look.C {
		attempts, err := s.Attempts(t.Context(), 2, "", 200)
		if err != nil {
			t.Fatal(err)
		}
		ended := int64(0)
		for _, v := range attempts {
			if v.State == models.AttemptEnded {
				ended++
			}
		}
		if ended >= want {
			return
		}
		select {
		case <-late:
			t.Fatalf("%d calls ended in 30 s, want %d", ended, want)
		default:
		}
	}
}

// sameSent compares the records of the running campaign with what the simulated switch saw, call by call.
func sameSent(t *testing.T, f demoFlags) {
	t.Helper()
	raw, err := os.ReadFile(f.report)
	if err != nil {
		t.Fatal(err)
	}
	var report simulator.Report
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	saw := map[string]bool{}
	for _, n := range report.Numbers {
		for _, c := range n.Calls {
			saw[c.UUID] = true
		}
	}
	s := demoStore(t, f)
	states := map[models.CampaignState]int{}
	placed := 0
	all, err := s.Campaigns(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		states[c.State]++
		attempts, err := s.Attempts(t.Context(), c.ID, "", 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range attempts {
			if v.State.Rank() < models.AttemptEnded.Rank() {
				t.Errorf("campaign %d: attempt %s is left %s", c.ID, v.ID, v.State)
			}
			if c.State == models.CampaignFinished && len(attempts) >= demoHistory {
				continue // of the past: a switch of its own
			}
			if v.Placed {
				placed++
			}
			if v.Placed != saw[v.ID] {
				t.Errorf("attempt %s: placed %t, seen by the switch %t", v.ID, v.Placed, saw[v.ID])
			}
		}
	}
	if placed == 0 || placed != len(saw) {
		t.Errorf("%d calls placed, the switch saw %d", placed, len(saw))
	}
	if states[models.CampaignDraft] != 1 || states[models.CampaignFinished] < 1 {
		t.Errorf("campaigns are %v", states)
	}
}
