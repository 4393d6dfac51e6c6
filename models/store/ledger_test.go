package store_test

import (
	"errors"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestAttemptLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		rs := f.reserve(10)
		if len(rs) != 3 {
			t.Fatalf("reserved %d, want 3", len(rs))
		}
		for i, r := range rs {
			if r.Attempt.Number != number(i+1) || r.Attempt.Try != 1 || r.Attempt.Epoch != f.epoch || r.Lead.State != models.LeadDue {
				t.Errorf("reserved %d = %+v", i, r)
			}
		}
		if again := f.reserve(10); len(again) != 0 {
			t.Fatalf("reserved leads twice: %v", again)
		}
		sent, refused := f.send(noon.Add(time.Second), rs)
		if len(sent) != 3 || len(refused) != 0 {
			t.Fatalf("sent %v refused %v", sent, refused)
		}
		if sent, refused = f.send(noon, rs); len(sent)+len(refused) != 0 {
			t.Fatalf("sent again: %v %v", sent, refused)
		}
		f.must(f.MarkAnswered(f.ctx, f.epoch, map[string]time.Time{rs[0].Attempt.ID: noon.Add(5 * time.Second)}))
		f.must(f.Finish(f.ctx, f.epoch, noon.Add(time.Minute), finishes(rs)))

		got, err := f.Attempt(f.ctx, rs[0].Attempt.ID)
		f.must(err)
		if got.State != models.AttemptEnded || got.Outcome != models.OutcomeAnswered || !got.SentAt.Equal(noon.Add(time.Second)) ||
			!got.AnsweredAt.Equal(noon.Add(5*time.Second)) || models.Digits(got.Keys) != "1" || got.Dialled != number(1)[3:] || !got.Placed ||
			got.Pack != "CN" || got.PackVersion != "2020" {
			t.Errorf("attempt after its end: %+v", got)
		}
		p, err := f.Progress(f.ctx, f.campaign.ID)
		f.must(err)
		if p.Leads != 3 || p.Done != 3 || p.Outcomes[models.OutcomeAnswered] != 3 {
			t.Errorf("progress %+v", p)
		}
		open, err := f.Adopt(f.ctx, f.epoch)
		f.must(err)
		if len(open) != 0 {
			t.Errorf("open after the end: %v", open)
		}
	})
}

func TestFinishTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 2)
		rs := f.reserve(2)
		f.send(noon, rs)
		fs := finishes(rs)
		fs = append(fs, fs[0]) // twice within a call
		f.must(f.Finish(f.ctx, f.epoch, noon, fs))
		late := finishes(rs)
		for i := range late {
			late[i].Facts.Outcome, late[i].Facts.Sub = models.OutcomeBusy, models.SubNone
			late[i].Lead.State, late[i].Lead.NextAt = models.LeadDue, noon
		}
		f.must(f.Finish(f.ctx, f.epoch, noon, late))
		stats, err := f.CampaignStats(f.ctx, f.campaign.ID)
		f.must(err)
		if len(stats) != 1 || stats[0].N != 2 || stats[0].TalkMS != 20000 || stats[0].Outcome != models.OutcomeAnswered || !stats[0].Hour.Equal(noon.Truncate(time.Hour)) {
			t.Errorf("stats %+v", stats)
		}
		p, err := f.Progress(f.ctx, f.campaign.ID)
		f.must(err)
		if p.Done != 2 {
			t.Errorf("progress %+v: a late end brought leads back", p)
		}
	})
}

func TestStaleEpochWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 4)
		old := f.epoch
		rs := f.reserve(2)
		f.must(f.ReleaseLease(f.ctx, models.Lease{Owner: "floor-a", Epoch: old}))
		f.lease("floor-b")
		if f.epoch != old+1 {
			t.Fatalf("epoch %d after %d", f.epoch, old)
		}
		q := f.request(1)
		q.Epoch = old
		_, errReserve := f.Reserve(f.ctx, q)
		_, _, errSent := f.MarkSent(f.ctx, old, noon, f.campaign, sends(rs))
		_, errAdopt := f.Adopt(f.ctx, old)
		for name, err := range map[string]error{
			"reserve": errReserve, "sent": errSent, "adopt": errAdopt,
			"answered": f.MarkAnswered(f.ctx, old, map[string]time.Time{rs[0].Attempt.ID: noon}),
			"release":  f.Release(f.ctx, old, ids(rs), noon),
			"finish":   f.Finish(f.ctx, old, noon, finishes(rs)),
			"test":     f.SaveTest(f.ctx, old, models.Attempt{ID: "00000000-0000-7000-8000-000000000001", OrganizationID: f.org, Number: "+8613911112222", ReservedAt: noon}),
		} {
			if !errors.Is(err, models.ErrLeaseLost) {
				t.Errorf("%s under a stale epoch: %v", name, err)
			}
		}
		open, err := f.Adopt(f.ctx, f.epoch)
		f.must(err)
		if len(open) != 2 || open[0].Attempt.State != models.AttemptReserved || open[0].Attempt.Epoch != f.epoch || open[0].Lead.State != models.LeadReserved {
			t.Fatalf("adopted %+v", open)
		}
		f.must(f.Release(f.ctx, f.epoch, ids(open), noon))
		if back := f.reserve(10); len(back) != 4 || back[0].Attempt.Number != number(1) {
			t.Errorf("after release %d leads are due, the first %v", len(back), back)
		}
	})
}
