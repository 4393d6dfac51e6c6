package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		acquire := func(owner string, ttl time.Duration, want bool, epoch int64) models.Lease {
			t.Helper()
			l, ok, err := s.AcquireLease(ctx, owner, ttl)
			if err != nil || ok != want || l.Epoch != epoch {
				t.Fatalf("acquire for %s: %+v %v %v, want %v with epoch %d", owner, l, ok, err, want, epoch)
			}
			return l
		}
		before, err := s.Now(ctx)
		if err != nil {
			t.Fatal(err)
		}
		a := acquire("a", time.Hour, true, 1)
		if d := a.Expires.Sub(before); d < 59*time.Minute || d > 61*time.Minute {
			t.Errorf("expires %s after the database's now", d)
		}
		if b := acquire("b", time.Hour, false, 1); b.Owner != "a" {
			t.Errorf("held by %q", b.Owner)
		}
		acquire("a", time.Hour, true, 1) // renewed
		acquire("a", 0, true, 1)         // runs out at once
		if _, err := s.Adopt(ctx, 1); err == nil {
			t.Error("adopted under a lease that has run out")
		}
		acquire("a", time.Hour, true, 1) // late, but nobody came between
		acquire("a", 0, true, 1)
		acquire("b", time.Hour, true, 2)
		acquire("a", time.Hour, false, 2)
		if err := s.ReleaseLease(ctx, a); err != nil { // not a's any more
			t.Fatal(err)
		}
		acquire("a", time.Hour, false, 2)
		if err := s.ReleaseLease(ctx, models.Lease{Owner: "b", Epoch: 2}); err != nil {
			t.Fatal(err)
		}
		acquire("b", time.Hour, true, 3) // released and taken again is a new holder
		if _, _, err := s.AcquireLease(ctx, "", time.Hour); !models.IsKind(err, models.Invalid) {
			t.Errorf("no owner: %v", err)
		}
	})
}

// Many want the lease at once: one gets it.
func TestLeaseRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for round := range 5 {
			var mu sync.Mutex
			var winners []models.Lease
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					l, ok, err := s.AcquireLease(t.Context(), fmt.Sprintf("floor-%d-%d", round, i), time.Hour)
					if err != nil {
						t.Error(err)
					}
					if ok {
						mu.Lock()
						winners = append(winners, l)
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if len(winners) != 1 || winners[0].Epoch != int64(round+1) {
				t.Fatalf("winners %+v", winners)
			}
			if err := s.ReleaseLease(t.Context(), winners[0]); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// An end that comes late is written as long as nobody else took the floor.
func TestFinishUnderAnExpiredLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 2)
		rs := f.reserve(2)
		f.send(noon, rs[:1])
		if _, _, err := s.AcquireLease(f.ctx, "floor-a", 0); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Reserve(f.ctx, f.request(1)); err == nil {
			t.Error("reserved under an expired lease")
		}
		if _, _, err := f.MarkSent(f.ctx, f.epoch, noon, f.campaign, sends(rs)); err == nil {
			t.Error("sent under an expired lease")
		}
		f.must(f.Finish(f.ctx, f.epoch, noon, finishes(rs[:1])))
		a, err := f.Attempt(f.ctx, rs[0].Attempt.ID)
		f.must(err)
		if a.State != models.AttemptEnded {
			t.Errorf("attempt %+v", a)
		}
	})
}
