package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// witness is what the far phones see: who is in a call, and which attempts were dialled.
type witness struct {
	t       *testing.T
	mu      sync.Mutex
	changed *sync.Cond
	inCall  map[string]string // number → attempt
	dialled map[string]bool   // attempt
	calls   map[string]int    // number → calls
}

func newWitness(t *testing.T) *witness {
	w := &witness{t: t, inCall: map[string]string{}, dialled: map[string]bool{}, calls: map[string]int{}}
	w.changed = sync.NewCond(&w.mu)
	return w
}

func (w *witness) dial(id, number string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if other, busy := w.inCall[number]; busy {
		w.t.Errorf("%s dialled by %s while %s calls it", number, id, other)
	}
	if w.dialled[id] {
		w.t.Errorf("attempt %s dialled twice", id)
	}
	w.inCall[number], w.dialled[id] = id, true
	w.calls[number]++
	w.changed.Broadcast()
}

// hangUp ends a call as soon as it has been dialled.
func (w *witness) hangUp(id, number string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.dialled[id] {
		w.changed.Wait()
	}
	if w.inCall[number] == id {
		delete(w.inCall, number)
	}
}

const (
	raceNumbers   = 40
	raceCampaigns = 3
	raceTries     = 2
	raceWorkers   = 4 // of each of two owners
	raceRounds    = 12
)

// race is two daemons by mistake (F-20) that call the same numbers in several campaigns (F-45), each with several workers, while
// the lease is torn from one to the other.
type race struct {
	t         *testing.T
	w         *witness
	campaigns []models.Campaign
	seconds   atomic.Int64
	left      atomic.Int64 // leads that are not done
	terms     atomic.Int64
}

func TestNoNumberInTwoCalls(t *testing.T) {
	for name, config := range map[string]func(testing.TB) store.Config{"sqlite": storetest.SQLiteConfig, "mariadb": storetest.MariaDBConfig} {
		t.Run(name, func(t *testing.T) {
			c := config(t)
			one, two := storetest.Open(t, c, true), storetest.Open(t, c, false)
			f := newFloor(t, one, raceNumbers)
			r := &race{t: t, w: newWitness(t), campaigns: []models.Campaign{f.campaign}}
			for range raceCampaigns - 1 {
				r.campaigns = append(r.campaigns, f.newCampaign(f.campaign.ContactListID, models.Rules{}))
			}
			f.must(one.ReleaseLease(f.ctx, models.Lease{Owner: "floor-a", Epoch: f.epoch}))
			r.left.Store(raceNumbers * raceCampaigns)
			ctx, cancel := context.WithTimeout(f.ctx, 2*time.Minute)
			defer cancel()
			var wg sync.WaitGroup
			wg.Go(func() { r.owner(ctx, one, "one") })
			wg.Go(func() { r.owner(ctx, two, "two") })
			wg.Wait()
			r.audit(one)
			t.Logf("%d terms of the lease, %d transactions repeated", r.terms.Load(), one.Retried()+two.Retried())
		})
	}
}

// owner takes the lease whenever it can, clears up what it finds, and works until it has lost it or nothing is left.
func (r *race) owner(ctx context.Context, s *store.Store, name string) {
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for polls := 0; r.left.Load() > 0 && ctx.Err() == nil; {
		l, ok, err := s.AcquireLease(ctx, name, time.Hour)
		if err != nil {
			r.t.Errorf("lease: %v", err)
			return
		}
		if !ok {
			if polls++; polls%3 == 0 { // stands for the lease running out
				if err := s.ReleaseLease(ctx, l); err != nil {
					r.t.Error(err)
				}
			}
			<-poll.C
			continue
		}
		r.terms.Add(1)
		open, err := s.Adopt(ctx, l.Epoch)
		if err == nil {
			err = r.clear(ctx, s, l.Epoch, open)
		}
		if r.lost(err) {
			continue
		}
		var wg sync.WaitGroup
		for i := range raceWorkers {
			wg.Go(func() { r.work(ctx, s, l, i) })
		}
		wg.Wait()
		for range 10 { // let the other one have it: a busy SQLite file is not shared out fairly
			<-poll.C
		}
	}
	if ctx.Err() != nil {
		r.t.Errorf("%s did not come to the end: %d leads left", name, r.left.Load())
	}
}

// lost says whether a term is over; anything but a lost lease is a fault.
func (r *race) lost(err error) bool {
	if err != nil && !errors.Is(err, models.ErrLeaseLost) {
		r.t.Error(err)
	}
	return err != nil
}

func (r *race) clear(ctx context.Context, s *store.Store, epoch int64, open []models.Reserved) error {
	var unsent []string
	for _, o := range open {
		if o.Attempt.State == models.AttemptReserved {
			unsent = append(unsent, o.Attempt.ID)
			continue
		}
		if err := r.finish(ctx, s, epoch, o); err != nil {
			return err
		}
	}
	return s.Release(ctx, epoch, unsent, noon)
}

// work calls until the term is over. The first worker ends it itself after some rounds, unknown to the others.
func (r *race) work(ctx context.Context, s *store.Store, l models.Lease, first int) {
	epoch := l.Epoch
	for i := first; r.left.Load() > 0 && ctx.Err() == nil; i++ {
		if i == raceRounds {
			if err := s.ReleaseLease(ctx, l); r.lost(err) {
				return
			}
		}
		c := r.campaigns[i%len(r.campaigns)]
		res, err := s.Reserve(ctx, models.ReserveRequest{Epoch: epoch, Campaign: c, Limit: 5, Now: noon.Add(time.Duration(r.seconds.Add(1)) * time.Second)})
		if r.lost(err) {
			return
		}
		if len(res.Reserved) == 0 {
			r.seconds.Add(1)
			continue
		}
		sent, refused, err := s.MarkSent(ctx, epoch, noon, c, sends(res.Reserved))
		if r.lost(err) {
			return
		}
		if len(refused) > 0 {
			r.t.Errorf("refused %v", refused)
		}
		by := map[string]models.Reserved{}
		for _, m := range res.Reserved {
			by[m.Attempt.ID] = m
		}
		for _, id := range sent {
			r.w.dial(id, by[id].Attempt.Number)
		}
		for _, id := range sent {
			if r.lost(r.finish(ctx, s, epoch, by[id])) {
				return
			}
		}
	}
}

func (r *race) finish(ctx context.Context, s *store.Store, epoch int64, m models.Reserved) error {
	r.w.hangUp(m.Attempt.ID, m.Attempt.Number)
	after := models.LeadAfter{ID: m.Lead.ID, State: models.LeadDue, NextAt: noon, Attempts: m.Lead.Attempts + 1, LastOutcome: models.OutcomeBusy}
	if after.Attempts == raceTries {
		after.State = models.LeadDone
	}
	err := s.Finish(ctx, epoch, noon, []models.Finish{{AttemptID: m.Attempt.ID, CampaignID: m.Attempt.CampaignID, Lead: &after, Facts: models.Facts{Outcome: models.OutcomeBusy}}})
	if err == nil && after.State == models.LeadDone {
		r.left.Add(-1)
	}
	return err
}

// audit compares the ledger with the witness.
func (r *race) audit(s *store.Store) {
	total := 0
	for _, c := range r.campaigns {
		p, err := s.Progress(r.t.Context(), c.ID)
		if err != nil {
			r.t.Fatal(err)
		}
		if p.Done != raceNumbers || p.Outcomes[models.OutcomeBusy] != raceNumbers {
			r.t.Errorf("campaign %d: %+v", c.ID, p)
		}
		stats, err := s.CampaignStats(r.t.Context(), c.ID)
		if err != nil || len(stats) != 1 || stats[0].N != raceNumbers*raceTries {
			r.t.Errorf("hourly counts %+v, %v", stats, err)
		}
	}
	for n, calls := range r.w.calls {
		if calls != raceCampaigns*raceTries {
			r.t.Errorf("%s was called %d times", n, calls)
		}
		total += calls
	}
	if total != raceNumbers*raceCampaigns*raceTries {
		r.t.Errorf("%d calls in all", total)
	}
}

// Ends come from several goroutines in any order: nobody sees a deadlock (F-19).
func TestFinishFromManySides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const n = 200
		f := newFloor(t, s, n)
		rs := f.reserve(n)
		f.send(noon, rs)
		answered := map[string]time.Time{}
		for _, r := range rs {
			answered[r.Attempt.ID] = noon
		}
		var wg sync.WaitGroup
		for i := range 8 {
			fs := finishes(rs)
			if i%2 == 1 {
				for a, b := 0, n-1; a < b; a, b = a+1, b-1 {
					fs[a], fs[b] = fs[b], fs[a]
				}
			}
			wg.Go(func() {
				for start := 0; start < n; start += 40 {
					if err := f.MarkAnswered(f.ctx, f.epoch, answered); err != nil {
						t.Error(err)
					}
					if err := f.Finish(f.ctx, f.epoch, noon, fs[start:start+40]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		stats, err := f.CampaignStats(f.ctx, f.campaign.ID)
		f.must(err)
		if len(stats) != 1 || stats[0].N != n {
			t.Errorf("counted %+v", stats)
		}
		t.Logf("%d transactions repeated", s.Retried())
	})
}
