package trial

import (
	"sync"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/town"
)

// desks are agents who look at numbers: they skip one for good and have the others called.
type desks struct {
	r       *rig
	skip    string
	fetch   bool
	mu      sync.Mutex
	pressed map[string]int64 // attempt → agent
}

// work lets every agent do what is to be done at his desk once, and reports whether the campaign is over.
func (d *desks) work() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.r.now().Agents {
		ctx := d.r.t.Context()
		switch p := a.Preview; {
		case p == nil && d.fetch && a.State == models.AgentIdle && a.CanFetch && !a.Fetching:
			_ = d.r.ctl.FetchNumber(ctx, a.AgentID) // he may have got a call meanwhile
		case p == nil || p.Called:
		case a.Number == d.skip:
			if err := d.r.ctl.SkipNumber(ctx, a.AgentID, a.CallID, 0, "bad_data"); err != nil {
				d.r.t.Errorf("skip: %v", err)
			}
		default:
			if err := d.r.ctl.CallNumber(ctx, a.AgentID, a.CallID); err != nil && !models.IsKind(err, models.Conflict) {
				d.r.t.Errorf("call: %v", err)
			}
			d.pressed[a.CallID] = a.AgentID
		}
	}
	return d.r.finished()
}

func byHand(mode models.PacingMode, how models.Reach) setup {
	return setup{
		speed: 2, list: ordinary(12), agents: reach(3, how), drain: time.Millisecond,
		sw: func(c *simulator.Config) {
			answering(c)
			c.Town.Patience = town.Distribution{Kind: town.Uniform, Min: 30, Max: 60} // nobody gives up because this machine is busy
		},
		campaign: func(c *models.Campaign) {
			c.Mode, c.AgentKey, c.VoiceFileID, c.RingSeconds = models.ModeDirectAgent, "", 0, 20
			c.Rules.Pacing = models.Pacing{Mode: mode}
		},
	}
}

// Agents look at each number before it is called. What one skips is never dialled; every other call is dialled once, after its
// agent has said so, and its answer is his; phones that ring are called first, so that nobody waits for them.
func TestNumbersAreLookedAt(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		mode models.PacingMode
		how  models.Reach
		db   func(*testing.T) store.Config
	}{
		"preview": {models.PacePreview, models.ReachNailedUp, func(t *testing.T) store.Config { return storetest.MariaDBConfig(t) }},
		"manual":  {models.PaceManual, models.ReachRing, func(t *testing.T) store.Config { return storetest.SQLiteConfig(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, v.db(t), byHand(v.mode, v.how))
			d := &desks{r: r, skip: "+86" + r.list[4], fetch: v.mode == models.PaceManual, pressed: map[string]int64{}}
			r.signIn()
			r.start()
			pass(time.Second)
			if n := r.x.dialled(); n != 0 {
				t.Fatalf("%d dialled, and nobody said so", n)
			}
			eventually(t, 50*time.Second, "the campaign's end", d.work, r.floor, r.desk)
			r.served(t, len(r.list)-1)
			r.audit(func(w *terms) { w.skipped = map[string]bool{d.skip: true} })
			w, err := r.store.Whereabouts(t.Context(), r.camp.OrganizationID, d.skip)
			if err != nil || len(w.Skips) != 1 || w.Skips[0].StaffNumber == "" || w.Skips[0].Reason != "bad_data" || w.Skips[0].CampaignID != r.camp.ID {
				t.Errorf("the skip is known as %+v, %v", w.Skips, err)
			}
			all, err := r.store.Attempts(t.Context(), r.camp.ID, "", 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range all {
				if a.SentAt == nil {
					continue
				}
				if by := d.pressed[a.ID]; by == 0 || a.AgentID != by || a.BridgedAt.Sub(*a.AnsweredAt) > time.Second {
					t.Errorf("agent %d had %s called; %+v", by, a.ID, a)
				}
				if a.Pack != "none" || a.PackVersion == "" {
					t.Errorf("%s was let through by %q %q", a.ID, a.Pack, a.PackVersion)
				}
			}
		})
	}
}

// The process dies while an agent looks at a number: the next one gives it back, and he is shown it again.
func TestANumberIsLookedAtAfterAKill(t *testing.T) {
	t.Parallel()
	o := byHand(models.PacePreview, models.ReachNailedUp)
	o.list, o.agents = o.list[:1], o.agents[:1]
	r := newRig(t, storetest.SQLiteConfig(t), o)
	r.signIn()
	r.start()
	looks := func() bool { a := r.now().Agents; return len(a) == 1 && a[0].Preview != nil }
	eventually(t, 20*time.Second, "a number to look at", looks, r.desk, r.floor)
	r.stop()
	// What a killed process leaves behind: the attempt reserved, the agent kept for it.
	ctx := t.Context()
	lease, ok, err := r.store.AcquireLease(ctx, "killed", time.Minute)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	camp := r.camp
	camp.State = models.CampaignRunning
	res, err := r.store.Reserve(ctx, models.ReserveRequest{Epoch: lease.Epoch, Campaign: camp, Limit: 1, Now: r.clk.Now()})
	if err != nil || len(res.Reserved) != 1 {
		t.Fatalf("the number did not go back at the orderly end: %+v, %v", res, err)
	}
	left := models.AgentSession{AgentID: r.agents[0].ID, OrganizationID: r.agents[0].OrganizationID, State: models.AgentReserved, Since: r.clk.Now(),
		Queues: []int64{r.queue.ID}, CallID: res.Reserved[0].Attempt.ID}
	if err := r.store.SaveSeats(ctx, lease.Epoch, models.Seats{Sessions: []models.AgentSession{left}}); err != nil {
		t.Fatal(err)
	}
	if err := r.store.ReleaseLease(ctx, lease); err != nil {
		t.Fatal(err)
	}
	r.daemon(o)
	eventually(t, 20*time.Second, "the number shown again", looks, r.desk, r.floor)
	d := &desks{r: r, pressed: map[string]int64{}}
	eventually(t, 50*time.Second, "the campaign's end", d.work, r.floor, r.desk)
	r.served(t, 1)
	r.audit(nil)
}
