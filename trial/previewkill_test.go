package trial

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/town"
)

// previewKills of one run.
const previewKills = 4

// The daemon is killed at random instants while agents look at numbers, have them called and talk; the switch lives on. Nothing is
// dialled that its agent did not ask for, no number twice, each answer is his alone who had it called, and every attempt is closed.
func TestKilledWhileAgentsLook(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		mode models.PacingMode
		db   func(testing.TB) store.Config
	}{"preview": {models.PacePreview, storetest.SQLiteConfig}, "manual": {models.PaceManual, storetest.MariaDBConfig}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killedWhileAgentsLook(t, v.db(t), v.mode)
		})
	}
}

func killedWhileAgentsLook(t *testing.T, db store.Config, mode models.PacingMode) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	r, s := previewSite(t, db, mode)
	c := s.start(t, "serve")
	crew := newCrew(t, r, c)
	crew.signIn()
	rang, talked := map[string]bool{}, 0
	for range previewKills {
		before := r.x.dialled()
		eventually(t, 30*time.Second, "a call that an agent asked for", func() bool { return r.x.dialled() > before || c.ended() }, c.said)
		pass(time.Duration(100+random.IntN(900)) * time.Millisecond)
		if c.ended() {
			t.Fatalf("it ended by itself: %s", c.said())
		}
		c.kill()
		for _, n := range r.x.Report().Numbers {
			for _, call := range n.Calls {
				switch {
				case !call.Ended.IsZero():
				case call.Answered.IsZero():
					rang[call.UUID] = true
				default:
					talked++
				}
			}
		}
		s.expire(t)
		c = s.start(t, "serve")
		crew.of(c)
	}
	eventually(t, patience, "the campaign's end", func() bool { return s.campaign(t).State == models.CampaignFinished || c.ended() }, c.said)
	eventually(t, patience, "the last call's end", func() bool { return r.x.busy() == 0 })
	crew.goHome()
	v := audit(t, db, r.x.Report(), terms{leads: len(r.list), dials: 1, skipped: crew.skipped})
	crew.audit(r.x.Report())
	put := 0
	for _, n := range r.x.Report().Numbers {
		for _, call := range n.Calls {
			if rang[call.UUID] && len(call.With) > 0 {
				put++
			}
		}
	}
	t.Logf("%d kills met %d calls that rang, of which %d were put through after it, and %d in a talk; %d skipped; %s", previewKills, len(rang), put, talked, len(crew.skipped), v)
	if len(rang)+talked == 0 {
		t.Error("no kill met a call")
	}
}

// previewSite is a running campaign with four agents: two stay connected, the phones of two ring.
func previewSite(t *testing.T, db store.Config, mode models.PacingMode) (*rig, *site) {
	o := setup{list: ordinary(30), agents: append(reach(2, models.ReachNailedUp), reach(2, models.ReachRing)...)}
	o.queue = func(q *models.Queue) { q.MaxMissed = 0 }
	o.campaign = func(c *models.Campaign) {
		c.Mode, c.AgentKey, c.VoiceFileID, c.RingSeconds = models.ModeDirectAgent, "", 0, 20
		c.Rules.Pacing, c.Rules.Retries, c.Rules.RetryRules = models.Pacing{Mode: mode}, 0, nil
	}
	r := &rig{t: t, db: db, list: o.list}
	r.x = newExchange(t, func(c *simulator.Config) {
		span := func(from, to float64) town.Distribution {
			return town.Distribution{Kind: town.Uniform, Min: from, Max: to}
		}
		c.Town.AnswerProbability, c.Town.BusyProbability, c.Town.RejectProbability, c.Town.UnreachableProbability = 0.9, 0.1, 0, 0
		c.Town.RingTime, c.Town.TalkTime, c.Town.Patience = span(0.3, 1.2), span(0.3, 1), span(20, 30)
	})
	r.store = storetest.Open(t, db, true)
	r.define(o)
	for i := range r.agents {
		r.x.Register(simulator.Phone{Extension: fmt.Sprint(1001 + i), Domain: "waihu.test", Ring: 50 * time.Millisecond})
	}
	ctx := t.Context()
	if _, err := r.store.PrepareLeads(ctx, r.camp.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := r.store.SetCampaignState(ctx, r.camp.ID, []models.CampaignState{models.CampaignDraft}, models.CampaignRunning, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	return r, newSite(t, r.x, db, nil, 40, true)
}

// crew are agents at their pages, each over the API with a token of his own.
type crew struct {
	t     *testing.T
	r     *rig
	stop  context.CancelFunc
	wg    sync.WaitGroup
	base  string // of the daemon that runs
	mu    sync.Mutex
	asked map[string]int64 // attempt → the agent who had it called
	// skipped are the numbers, E.164, that their agents do not want called any more.
	skipped map[string]bool
}

func newCrew(t *testing.T, r *rig, c *child) *crew {
	w := &crew{t: t, r: r, asked: map[string]int64{}, skipped: map[string]bool{}}
	for _, a := range r.agents {
		hash := sha256.Sum256([]byte(tokenOf(a)))
		v := models.Token{OrganizationID: a.OrganizationID, UserID: a.UserID, Name: "trial", CreatedAt: time.Now()}
		if err := r.store.CreateToken(t.Context(), &v, hex.EncodeToString(hash[:])); err != nil {
			t.Fatal(err)
		}
	}
	w.of(c)
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	for _, a := range r.agents {
		w.wg.Go(func() {
			for clock.Sleep(ctx.Done(), clock.Real(), 50*time.Millisecond) {
				w.work(a)
			}
		})
	}
	t.Cleanup(w.goHome)
	return w
}

func tokenOf(a models.Agent) string { return "token-of-the-trial-for-" + a.StaffNumber }

func (w *crew) goHome() { w.stop(); w.wg.Wait() }

var readyAt = regexp.MustCompile(`ready: (http://\S+)`)

// of lets the agents' pages be those of a daemon, once it is there.
func (w *crew) of(c *child) {
	w.t.Helper()
	var found []string
	eventually(w.t, 30*time.Second, "the web server", func() bool {
		found = readyAt.FindStringSubmatch(c.said())
		return found != nil || c.ended()
	}, c.said)
	if found == nil {
		w.t.Fatalf("it ended by itself: %s", c.said())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.base = found[1]
}

// ask sends one request for an agent; 0 = nobody was there to answer, or died before he did.
func (w *crew) ask(base string, a models.Agent, method, path string, body, into any) int {
	var text bytes.Buffer
	if body != nil {
		_ = json.NewEncoder(&text).Encode(body) // maps of words and numbers can be written
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, base+"/api/v1/desk"+path, &text)
	if err != nil {
		w.t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+tokenOf(a))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	if into != nil && resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(answer, into); err != nil {
			w.t.Errorf("%s: %v", path, err)
		}
	}
	if s := resp.StatusCode; s >= 400 && s != http.StatusConflict && s != http.StatusServiceUnavailable {
		w.t.Errorf("%s %s of %s: %d %s", method, path, a.StaffNumber, s, answer)
	}
	return resp.StatusCode
}

func (w *crew) signIn() {
	for _, a := range w.r.agents {
		eventually(w.t, 30*time.Second, "the agent signed in", func() bool {
			return w.ask(w.base, a, http.MethodPost, "/sign-in", map[string]any{"queue_ids": []int64{w.r.queue.ID}}, nil) == http.StatusNoContent
		})
	}
}

// work lets an agent do what is to be done at his page: he skips every ninth number for good, and has the others called.
func (w *crew) work(a models.Agent) {
	w.mu.Lock()
	base := w.base
	w.mu.Unlock()
	var page struct {
		Now models.AgentNow `json:"now"`
	}
	if w.ask(base, a, http.MethodGet, "", nil, &page) != http.StatusOK {
		return
	}
	switch now := page.Now; {
	case now.Preview == nil && now.State == models.AgentIdle && now.CanFetch && !now.Fetching:
		w.ask(base, a, http.MethodPost, "/number/fetch", nil, nil)
	case now.Preview == nil || now.Preview.Called:
	case strings.HasSuffix(now.Number, "9"):
		w.mu.Lock()
		w.skipped[now.Number] = true // also when it is not heard of any more: nobody else has it called
		w.mu.Unlock()
		w.ask(base, a, http.MethodPost, "/number/skip", map[string]any{"call_id": now.CallID, "minutes": 0}, nil)
	default:
		w.mu.Lock()
		w.asked[now.CallID] = a.ID
		w.mu.Unlock()
		w.ask(base, a, http.MethodPost, "/number/call", map[string]any{"call_id": now.CallID}, nil)
	}
}

// audit holds what the switch saw against what the agents asked for.
func (w *crew) audit(saw simulator.Report) {
	bridged := 0
	for number, n := range saw.Numbers {
		for _, call := range n.Calls {
			by := slices.IndexFunc(w.r.agents, func(a models.Agent) bool { return a.ID == w.asked[call.UUID] })
			if by < 0 {
				w.t.Errorf("%s was dialled, and no agent asked for it", number)
				continue
			}
			for _, phone := range call.With {
				bridged++
				if own := fmt.Sprint(1001 + by); phone != own {
					w.t.Errorf("%s was bridged with phone %s; the agent of %s had it called", number, phone, own)
				}
			}
		}
	}
	if bridged < len(saw.Numbers)/3 {
		w.t.Errorf("of %d numbers %d were bridged with an agent", len(saw.Numbers), bridged)
	}
}
