package dialplan

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/controller/clock"
	"waihu/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folderSwitch loads a folder as FreeSWITCH does: all *.xml in the order of their names, the first of two equal contexts
// wins, broken XML leaves the old text in place and is told behind a +OK.
type folderSwitch struct {
	dir string

	mu      sync.Mutex
	reloads int
	loaded  map[string]string
	broken  string // text of another operator's file, which is part of every reload
	fail    error  // of ReloadXML
	down    error  // of LocateContext
	deaf    bool   // says +OK [Success] and does nothing, as when the folder is not included
	onLoad  func() // runs within each reload
}

func (s *folderSwitch) ReloadXML(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reloads++
	if s.onLoad != nil {
		s.onLoad()
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if s.fail != nil {
		return "", s.fail
	}
	if s.deaf {
		return "+OK [Success]\n", nil
	}
	names, err := filepath.Glob(filepath.Join(s.dir, "*.xml"))
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	loaded := map[string]string{}
	texts := []string{s.broken}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		texts = append(texts, string(data))
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		var f fileXML
		if err := xml.Unmarshal([]byte(text), &f); err != nil {
			return fmt.Sprintf("+OK [[error near line 451]: %v]\n", err), nil
		}
		if _, taken := loaded[f.Context.Name]; !taken {
			loaded[f.Context.Name] = text
		}
	}
	s.loaded = loaded
	return "+OK [Success]\n", nil
}

func (s *folderSwitch) LocateContext(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return "", s.down
	}
	if text, ok := s.loaded[name]; ok {
		return text, nil
	}
	return "", models.NewError(models.NotFound, "context", "missing", "The switch has no such context.", "交换机中没有该上下文。")
}

func newPublisher(t *testing.T, change func(*Config)) (*Publisher, *folderSwitch, *clock.Virtual) {
	t.Helper()
	dir := t.TempDir()
	c := clock.NewVirtual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), 1000)
	sw := &folderSwitch{dir: dir}
	cfg := Config{Dir: dir, Clock: c}
	if change != nil {
		change(&cfg)
	}
	p, err := NewPublisher(cfg, sw)
	if err != nil {
		t.Fatal(err)
	}
	return p, sw, c
}

func mustPublish(t *testing.T, p *Publisher, plan Plan) Revision {
	t.Helper()
	rev, err := p.Publish(t.Context(), plan)
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
	return rev
}

func liveFile(t *testing.T, p *Publisher) string {
	t.Helper()
	data, err := os.ReadFile(p.file())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func without(p Plan, campaign int64) Plan {
	p.Campaigns = slices.DeleteFunc(slices.Clone(p.Campaigns), func(c CampaignFlow) bool { return c.CampaignID == campaign })
	return p
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e *models.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 || e.Fields[0].Code != code {
		t.Fatalf("error %v has not the code %s", err, code)
	}
	if e.Fields[0].Text == "" || e.Fields[0].TextZH == "" {
		t.Errorf("error %s lacks a text", code)
	}
}

func TestPublishGoesLive(t *testing.T) {
	p, sw, _ := newPublisher(t, nil)
	if s, err := p.Status(t.Context(), samplePlan()); err != nil || !s.Pending || s.Live != "" {
		t.Fatalf("before the first publish: %+v, %v", s, err)
	}
	rev := mustPublish(t, p, samplePlan())
	live, err := p.Live(t.Context())
	if err != nil || live != rev.Stamp {
		t.Fatalf("live %q, %v; published %q", live, err, rev.Stamp)
	}
	if pending, err := p.Pending(t.Context(), samplePlan()); err != nil || pending {
		t.Errorf("pending after the publish: %v, %v", pending, err)
	}
	if pending, err := p.Pending(t.Context(), without(samplePlan(), 8)); err != nil || !pending {
		t.Errorf("another plan is not pending: %v", err)
	}
	mustPublish(t, p, samplePlan())
	if sw.reloads != 1 {
		t.Errorf("%d reloads for one change", sw.reloads)
	}
	if h, err := p.History(); err != nil || len(h) != 1 {
		t.Errorf("history of %d, %v", len(h), err)
	}
	names, err := os.ReadDir(p.cfg.Dir)
	if err != nil || len(names) != 2 {
		t.Errorf("folder has %v, %v; want history and %s", names, err, FileName)
	}
}

// F-34: whatever goes wrong, the switch keeps (or gets back) the dialplan that it had, and the error says why.
func TestFailedPublishRestores(t *testing.T) {
	gone := errors.New("connection lost")
	cases := []struct {
		name   string
		fault  func(*folderSwitch)
		code   string // "" = not the operator's
		reason string
	}{
		{"another file is broken", func(s *folderSwitch) { s.broken = "<include><context" }, "reload_refused", "error near line 451"},
		{"reload fails", func(s *folderSwitch) { s.fail = gone }, "", "connection lost"},
		{"switch is away", func(s *folderSwitch) { s.down = gone }, "", "connection lost"},
		{"folder is not included", func(s *folderSwitch) { s.deaf = true }, "not_live", "freeswitch-conf"},
	}
	for _, c := range cases {
		for _, first := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/first=%v", c.name, first), func(t *testing.T) {
				p, sw, _ := newPublisher(t, nil)
				old := ""
				if !first {
					mustPublish(t, p, samplePlan())
					old = liveFile(t, p)
				}
				loaded := fmt.Sprint(sw.loaded)
				c.fault(sw)
				_, err := p.Publish(t.Context(), without(samplePlan(), 8))
				if err == nil || !strings.Contains(err.Error(), c.reason) {
					t.Fatalf("error %v, want %q", err, c.reason)
				}
				if c.code != "" {
					wantCode(t, err, c.code)
				}
				if got := fmt.Sprint(sw.loaded); got != loaded {
					t.Errorf("the switch has another dialplan than before")
				}
				if first {
					if _, err := os.Stat(p.file()); !errors.Is(err, os.ErrNotExist) {
						t.Errorf("a file is left behind: %v", err)
					}
				} else if liveFile(t, p) != old {
					t.Error("the old file is not restored")
				}
				sw.broken, sw.fail, sw.down, sw.deaf = "", nil, nil, false
				mustPublish(t, p, without(samplePlan(), 8))
			})
		}
	}
}

func TestSameContextInAnotherFileIsNoticed(t *testing.T) {
	p, _, _ := newPublisher(t, nil)
	other := filepath.Join(p.cfg.Dir, "00_mine.xml")
	if err := os.WriteFile(other, []byte("<include>\n<context name=\"waihu\">\n</context>\n</include>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := p.Publish(t.Context(), samplePlan())
	wantCode(t, err, "not_live")
}

func TestConcurrentPublishesShareReloads(t *testing.T) {
	p, sw, _ := newPublisher(t, nil)
	sw.onLoad = func() {
		if _, err := Check([]byte(liveFile(t, p))); err != nil {
			t.Errorf("the switch would load %v", err)
		}
	}
	stop, watched := make(chan struct{}), make(chan int)
	go func() { // an operator's reload may come at any time: no reader may ever see half a file
		n := 0
		for {
			select {
			case <-stop:
				watched <- n
				return
			default:
			}
			if data, err := os.ReadFile(p.file()); err == nil {
				n++
				if _, err := Check(data); err != nil {
					t.Errorf("half a file: %v", err)
				}
			}
		}
	}()
	const all = 40
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			plan := samplePlan()
			plan.Campaigns[0].PlayCount = i%90 + 1
			if _, err := p.Publish(t.Context(), plan); err != nil {
				t.Errorf("publish %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	close(stop)
	if n := <-watched; n == 0 {
		t.Error("the watcher never saw the file")
	}
	if sw.reloads == 0 || sw.reloads > all/2 {
		t.Errorf("%d reloads for %d publishes", sw.reloads, all)
	}
	h, err := p.History()
	if err != nil || len(h) == 0 {
		t.Fatalf("history: %v", err)
	}
	if live, err := p.Live(t.Context()); err != nil || live != h[0].Stamp {
		t.Errorf("live %s is not the newest of the history %s, %v", live, h[0].Stamp, err)
	}
}

func TestCallerMayLeaveButThePublishEnds(t *testing.T) {
	p, sw, _ := newPublisher(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	sw.onLoad = cancel
	if _, err := p.Publish(ctx, samplePlan()); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	h, err := p.History()
	if err != nil || len(h) != 1 || len(sw.loaded) != 1 {
		t.Fatalf("history %d, loaded %d, %v", len(h), len(sw.loaded), err)
	}
}

func TestOlderCallsKeepTheirExtensions(t *testing.T) {
	p, _, c := newPublisher(t, func(cfg *Config) { cfg.Grace = time.Hour; cfg.Keep = 1 })
	mustPublish(t, p, samplePlan())
	mustPublish(t, p, without(samplePlan(), 7))
	if s := liveFile(t, p); !strings.Contains(s, `"waihu_menu_7_agent"`) {
		t.Fatal("a call in the menu of campaign 7 has nowhere to go any more")
	}
	if pending, err := p.Pending(t.Context(), without(samplePlan(), 7)); err != nil || pending {
		t.Errorf("kept extensions make the plan look pending: %v", err)
	}
	// superseded, but not for an hour yet, with other publishes between
	c.Skip(30 * time.Minute)
	mustPublish(t, p, without(without(samplePlan(), 7), 8))
	if s := liveFile(t, p); !strings.Contains(s, `"waihu_menu_7_agent"`) || !strings.Contains(s, `"waihu_voice_8"`) {
		t.Fatal("kept extensions went with a later publish")
	}
	c.Skip(40 * time.Minute)
	mustPublish(t, p, without(samplePlan(), 7))
	if s := liveFile(t, p); strings.Contains(s, `"waihu_menu_7_agent"`) || !strings.Contains(s, `"waihu_voice_8"`) {
		t.Fatal("after the grace time the extensions of campaign 7 are still there, or those of 8 are not")
	}
	c.Skip(2 * time.Hour)
	mustPublish(t, p, Plan{})
	mustPublish(t, p, samplePlan())
	if h, err := p.History(); err != nil || len(h) > 3 {
		t.Errorf("%d revisions are kept, %v", len(h), err)
	}
}

// A daemon that dies between rename and reload, or while it writes, leaves something that the next one mends.
func TestStartAfterAKill(t *testing.T) {
	p, sw, _ := newPublisher(t, nil)
	mustPublish(t, p, samplePlan())
	rev := mustRender(t, without(samplePlan(), 8))
	if err := os.WriteFile(p.file(), rev.Files[FileName], 0o600); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(p.cfg.Dir, FileName+".123.new")
	if err := os.WriteFile(half, []byte("<inc"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := NewPublisher(p.cfg, sw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file is still there: %v", err)
	}
	if pending, err := again.Pending(t.Context(), without(samplePlan(), 8)); err != nil || !pending {
		t.Errorf("a file that was never loaded passes for live: %v", err)
	}
	mustPublish(t, again, without(samplePlan(), 8))
}

// A reader that has the old file open reads the old text to its end: FreeSWITCH may be in the middle of it.
func TestReplacingAFileLeavesItsReadersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xml")
	if err := replaceFile(path, []byte("the old text")); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := replaceFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	old, err := io.ReadAll(reader)
	if err != nil || string(old) != "the old text" {
		t.Errorf("the reader got %q, %v", old, err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
		t.Errorf("the file has %q, %v", data, err)
	}
	if err := replaceFile(filepath.Join(path, "b.xml"), nil); err == nil {
		t.Error("no error for a folder that is none")
	}
}

func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	rev, err := Export(dir, samplePlan())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || string(data) != string(rev.Files[FileName]) {
		t.Fatalf("exported file differs: %v", err)
	}
	if stamp, err := Check(data); err != nil || stamp != rev.Stamp {
		t.Errorf("exported file: %s, %v", stamp, err)
	}
	p := samplePlan()
	p.Campaigns[0].DurationMS = 0
	if _, err := Export(dir, p); !models.IsKind(err, models.Invalid) {
		t.Errorf("bad plan exported: %v", err)
	}
}
