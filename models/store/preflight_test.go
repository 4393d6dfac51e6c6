package store_test

import (
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// TestListFacts counts what a campaign would meet in its list, on both databases.
func TestListFacts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 10)
		now := time.Now()
		facts := func() models.ListFacts {
			t.Helper()
			v, err := s.ListFacts(f.ctx, f.campaign, now)
			f.must(err)
			return v
		}
		first := facts()
		if first.Numbers != 10 || first.Blacklisted != 0 || first.Elsewhere != 0 {
			t.Fatalf("%+v: want 10 numbers and nothing against them", first)
		}
		past := now.Add(-time.Hour)
		_, err := s.AddBlacklist(f.ctx, []models.BlacklistEntry{
			{OrganizationID: f.org, Number: number(1), Source: "test", CreatedAt: now}, {OrganizationID: f.org, Number: number(2), Source: "test", CreatedAt: now, ExpiresAt: &past},
			{OrganizationID: 0, Number: number(3), Source: "test", CreatedAt: now}, {OrganizationID: f.org + 1, Number: number(4), Source: "test", CreatedAt: now},
		})
		f.must(err)
		if v := facts(); v.Blacklisted != 2 {
			t.Errorf("%d blacklisted, want 2: one expired, one is another organization's", v.Blacklisted)
		}
	})
}

// TestHistory sums the hours of an organization's calls.
func TestHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		h, err := s.History(f.ctx, f.org, time.Time{}, time.Time{})
		f.must(err)
		if len(h.Hours) != 0 || h.Talks != 0 {
			t.Fatalf("%+v: nothing was dialled", h)
		}
		sent, _ := f.send(noon, f.reserve(2))
		f.must(s.Finish(f.ctx, f.epoch, noon.Add(time.Minute), []models.Finish{
			{AttemptID: sent[0], CampaignID: f.campaign.ID, Facts: models.Facts{Outcome: models.OutcomeAnswered, Sub: models.SubAgent, Placed: true, TalkMS: 90_000, RingMS: 8000}},
			{AttemptID: sent[1], CampaignID: f.campaign.ID, Facts: models.Facts{Outcome: models.OutcomeBusy, Placed: true}},
		}))
		h, err = s.History(f.ctx, f.org, time.Time{}, time.Time{})
		f.must(err)
		if len(h.Hours) != 1 || h.Hours[0].Calls != 2 || h.Hours[0].Answered != 1 || h.Talks != 1 || h.Failed[models.OutcomeBusy] != 1 {
			t.Errorf("%+v: want one talk and one busy", h)
		}
		sent, _ = f.send(noon.Add(24*time.Hour), f.reserve(1))
		f.must(s.Finish(f.ctx, f.epoch, noon.Add(24*time.Hour), []models.Finish{
			{AttemptID: sent[0], CampaignID: f.campaign.ID, Facts: models.Facts{Outcome: models.OutcomeRejected, Placed: true}},
		}))
		day := noon.Truncate(24 * time.Hour)
		for i, want := range []models.Outcome{models.OutcomeBusy, models.OutcomeRejected} { // a day that is replayed has its own calls alone
			h, err := s.History(f.ctx, f.org, day.AddDate(0, 0, i), day.AddDate(0, 0, i+1))
			f.must(err)
			if len(h.Hours) != 1 || h.Failed[want] != 1 || len(h.Failed) != 1 {
				t.Errorf("day %d: %+v, want only what became %s", i, h, want)
			}
		}
		if other, err := s.History(f.ctx, f.org+1, time.Time{}, time.Time{}); err != nil || len(other.Hours) != 0 {
			t.Errorf("another organization has %+v, %v", other, err)
		}
	})
}
