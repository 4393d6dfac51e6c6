package store_test

import (
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func (f *floor) blacklist(es ...models.BlacklistEntry) {
	f.t.Helper()
	_, err := f.AddBlacklist(f.ctx, es)
	f.must(err)
}

func TestReserveGates(t *testing.T) {
	past, future := noon.Add(-time.Second), noon.Add(time.Hour)
	tests := []struct {
		name  string
		entry func(org int64) models.BlacklistEntry
		gate  models.Gate
		until time.Time
	}{
		{"its number", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org, Number: number(1)}
		}, models.GateBlacklist, time.Time{}},
		{"for everybody", func(int64) models.BlacklistEntry { return models.BlacklistEntry{Number: number(1)} }, models.GateBlacklist, time.Time{}},
		{"a prefix", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org, Number: "+86138", Prefix: true}
		}, models.GateBlacklist, time.Time{}},
		{"a prefix as long as the number", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org, Number: number(1), Prefix: true}
		}, models.GateBlacklist, time.Time{}},
		{"until later", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org, Number: number(1), ExpiresAt: &future}
		}, models.GateBlacklist, future},
		{"run out", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org, Number: number(1), ExpiresAt: &past}
		}, models.GateOpen, time.Time{}},
		{"another organization's", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org + 1, Number: number(1)}
		}, models.GateOpen, time.Time{}},
		{"the number's beginning, no prefix", func(org int64) models.BlacklistEntry {
			return models.BlacklistEntry{OrganizationID: org, Number: "+86138"}
		}, models.GateOpen, time.Time{}},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 1)
		list := f.campaign.ContactListID
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				f.campaign = f.newCampaign(list, models.Rules{})
				e := tt.entry(f.org)
				f.blacklist(e)
				res, err := f.Reserve(f.ctx, f.request(5))
				f.must(err)
				if tt.gate == models.GateOpen {
					if len(res.Reserved) != 1 || len(res.Deferred) != 0 {
						t.Fatalf("got %+v, want the lead", res)
					}
					f.must(f.Release(f.ctx, f.epoch, ids(res.Reserved), noon))
				} else if len(res.Reserved) != 0 || len(res.Deferred) != 1 || res.Deferred[0].Why != tt.gate || !res.Deferred[0].Until.Equal(tt.until) || !res.NextDue.Equal(tt.until) {
					t.Fatalf("got %+v, want %s until %s", res, tt.gate, tt.until)
				}
				p, err := f.Progress(f.ctx, f.campaign.ID)
				f.must(err)
				if skipped := tt.gate != models.GateOpen && tt.until.IsZero(); (p.Skipped == 1) != skipped {
					t.Errorf("progress %+v, skipped should be %v", p, skipped)
				}
				f.clearBlacklist(e.OrganizationID)
			})
		}
	})
}

func (f *floor) clearBlacklist(org int64) {
	f.t.Helper()
	all, err := f.Blacklist(f.ctx, org, 0, 100)
	f.must(err)
	for _, e := range all {
		f.must(f.RemoveBlacklist(f.ctx, e.ID))
	}
}

func TestReserveWindowAndDeepQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		cs := contacts(120)
		for i := range cs[:100] {
			cs[i].Zone = "America/New_York" // the first hundred are asleep
		}
		list := f.newList(0)
		_, err := f.AppendContacts(f.ctx, list, cs, models.ContactList{Rows: 120, Valid: 120})
		f.must(err)
		f.campaign = f.newCampaign(list, models.Rules{})
		q := f.request(10)
		morning := noon.Add(90 * time.Minute)
		q.Window = func(zone string) (models.Gate, time.Time) {
			if zone == "America/New_York" {
				return models.GateWindow, morning
			}
			return models.GateOpen, time.Time{}
		}
		res, err := f.Reserve(f.ctx, q)
		f.must(err)
		if len(res.Reserved) != 10 || res.Reserved[0].Attempt.Number != number(101) || len(res.Deferred) != 100 {
			t.Fatalf("reserved %d, deferred %d", len(res.Reserved), len(res.Deferred))
		}
		if res, err = f.Reserve(f.ctx, q); err != nil || len(res.Reserved) != 10 || len(res.Deferred) != 0 {
			t.Fatalf("deferred leads were looked at again: %+v %v", res, err)
		}
		if res, err = f.Reserve(f.ctx, q); err != nil || len(res.Reserved) != 0 || !res.NextDue.Equal(morning) {
			t.Fatalf("next due %v, %v", res.NextDue, err)
		}
		w, err := f.Whereabouts(f.ctx, f.org, number(1))
		f.must(err)
		if len(w.Leads) != 1 || w.Leads[0].Why != models.GateWindow || !w.Leads[0].NextAt.Equal(morning) {
			t.Errorf("whereabouts %+v", w.Leads)
		}
	})
}

func TestLimitsOverCampaigns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 1)
		list := f.campaign.ContactListID
		call := func(at time.Time) {
			t.Helper()
			q := f.request(1)
			q.Now = at
			res, err := f.Reserve(f.ctx, q)
			f.must(err)
			if len(res.Reserved) != 1 {
				t.Fatalf("call at %s: %+v", at, res)
			}
			f.send(at, res.Reserved)
			f.must(f.Finish(f.ctx, f.epoch, at, finishes(res.Reserved)))
		}
		try := func(rules models.Rules, at time.Time) models.Deferred {
			t.Helper()
			f.campaign = f.newCampaign(list, rules)
			q := f.request(1)
			q.Now = at
			res, err := f.Reserve(f.ctx, q)
			f.must(err)
			if len(res.Reserved) > 0 {
				f.must(f.Release(f.ctx, f.epoch, ids(res.Reserved), at))
				return models.Deferred{}
			}
			if len(res.Deferred) != 1 {
				t.Fatalf("neither reserved nor deferred: %+v", res)
			}
			return res.Deferred[0]
		}
		call(noon)
		f.campaign = f.newCampaign(list, models.Rules{})
		call(noon.Add(time.Hour))

		at := noon.Add(2 * time.Hour)
		midnight := noon.Truncate(24 * time.Hour)
		if d := try(models.Rules{PerNumberDay: 3}, at); d.Why != models.GateOpen {
			t.Errorf("third call of three: %+v", d)
		}
		if d := try(models.Rules{PerNumberDay: 2}, at); d.Why != models.GateDayLimit || !d.Until.Equal(midnight.Add(24*time.Hour)) {
			t.Errorf("third call of two: %+v", d)
		}
		if d := try(models.Rules{MinGapSeconds: 3601}, at); d.Why != models.GateMinGap || !d.Until.Equal(at.Add(time.Second)) {
			t.Errorf("too early: %+v", d)
		}
		if d := try(models.Rules{MinGapSeconds: 3600}, at); d.Why != models.GateOpen {
			t.Errorf("just late enough: %+v", d)
		}
		// a day of 25 hours must not make the lead due in the past
		if d := try(models.Rules{PerNumberDay: 1}, midnight.Add(24*time.Hour+time.Minute)); d.Why != models.GateDayLimit || !d.Until.Equal(midnight.Add(25*time.Hour+time.Minute)) {
			t.Errorf("in the 25th hour: %+v", d)
		}
	})
}

func TestTestCallsAreNotCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 1)
		a := models.Attempt{ID: "0197a000-0000-7000-8000-000000000001", OrganizationID: f.org, CampaignID: f.campaign.ID, Number: number(1), ReservedAt: noon}
		f.must(f.SaveTest(f.ctx, f.epoch, a))
		f.must(f.SaveTest(f.ctx, f.epoch, a)) // a repetition after an unknown commit
		other := a
		other.ID = "0197a000-0000-7000-8000-000000000002"
		if err := f.SaveTest(f.ctx, f.epoch, other); !models.IsKind(err, models.Conflict) {
			t.Errorf("second test call to the number: %v", err)
		}
		res, err := f.Reserve(f.ctx, f.request(1))
		f.must(err)
		if len(res.Deferred) != 1 || res.Deferred[0].Why != models.GateInCall {
			t.Fatalf("lead of a number in a test call: %+v", res)
		}
		// tests may be sent while the campaign is paused
		f.must(f.SetCampaignState(f.ctx, f.campaign.ID, []models.CampaignState{models.CampaignRunning}, models.CampaignPaused, "", noon))
		sent, refused, err := f.MarkSent(f.ctx, f.epoch, noon, f.campaign, []models.Send{{AttemptID: a.ID, Gateway: "gw1", Dialled: "138"}})
		f.must(err)
		if len(sent) != 1 || len(refused) != 0 {
			t.Fatalf("test call: sent %v refused %v", sent, refused)
		}
		f.must(f.Finish(f.ctx, f.epoch, noon, []models.Finish{{AttemptID: a.ID, Facts: models.Facts{Outcome: models.OutcomeBusy}}}))
		stats, err := f.CampaignStats(f.ctx, f.campaign.ID)
		f.must(err)
		if len(stats) != 0 {
			t.Errorf("a test call was counted: %+v", stats)
		}
		f.campaign = f.newCampaign(f.campaign.ContactListID, models.Rules{PerNumberDay: 1})
		if rs := f.reserve(1); len(rs) != 1 {
			t.Errorf("a test call used up the day's calls")
		}
	})
}

func TestReserveRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 1)
		for _, limit := range []int{0, -1, 1001} {
			if _, err := f.Reserve(f.ctx, f.request(limit)); !models.IsKind(err, models.Invalid) {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
		f.must(f.SetCampaignState(f.ctx, f.campaign.ID, []models.CampaignState{models.CampaignRunning}, models.CampaignPaused, "", noon))
		if _, err := f.Reserve(f.ctx, f.request(1)); !models.IsKind(err, models.Conflict) {
			t.Errorf("paused campaign: %v", err)
		}
		f.campaign.ID = 999
		if _, err := f.Reserve(f.ctx, f.request(1)); !models.IsKind(err, models.NotFound) {
			t.Errorf("no campaign: %v", err)
		}
	})
}
