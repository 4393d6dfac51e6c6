package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// A number that an agent skipped is free for others at once, and its lead waits, or is done with; the same word said twice, or
// too late, changes nothing.
func TestSkip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		rs := f.reserve(3)
		tom := models.Agent{OrganizationID: f.org, StaffNumber: "8001", Name: "Tom", Reach: models.ReachRing, ExternalNumber: "+8613900000001"}
		f.must(f.CreateAgent(f.ctx, &tom, &models.User{OrganizationID: f.org, Login: "tom", Role: models.RoleAgent, PasswordHash: "-"}))
		later := noon.Add(time.Hour)
		skip := func(i int, until time.Time) {
			t.Helper()
			f.must(f.Skip(f.ctx, f.epoch, models.Refusal{AttemptID: rs[i].Attempt.ID, LeadID: rs[i].Lead.ID, Why: models.GateAgentSkipped, Until: until,
				By: tom.ID, Reason: "已换号"}, noon))
		}
		f.send(noon, rs[2:])
		skip(0, later)
		skip(1, time.Time{})
		skip(2, later) // it is being called
		if due := f.reserve(3); len(due) != 0 {
			t.Errorf("due at once: %+v", due)
		}
		for i, want := range []models.Lead{{State: models.LeadDue, NextAt: later, Why: models.GateAgentSkipped}, {State: models.LeadSkipped, Why: models.GateAgentSkipped}, {State: models.LeadReserved}} {
			w, err := f.Whereabouts(f.ctx, f.org, number(i+1))
			f.must(err)
			l := w.Leads[0]
			if l.State != want.State || l.Why != want.Why || want.State == models.LeadDue && !l.NextAt.Equal(want.NextAt) || (len(w.Open) == 1) != (i == 2) {
				t.Errorf("number %d: %+v, open %v", i+1, l, w.Open)
			}
			said := []models.Skip{{At: noon, CampaignID: f.campaign.ID, AgentID: tom.ID, StaffNumber: "8001", AgentName: "Tom", Reason: "已换号"}}
			if i == 2 {
				said = nil // it was not skipped
			}
			if !slices.EqualFunc(w.Skips, said, func(a, b models.Skip) bool { at := a.At.Equal(b.At); a.At = b.At; return at && a == b }) {
				t.Errorf("number %d was skipped: %+v", i+1, w.Skips)
			}
		}
		said := map[string]string{}
		f.must(f.Results(f.ctx, f.campaign.ID, func(r models.Result) error {
			if s := r.Skip; s != nil {
				said[r.Lead.Number] = s.StaffNumber + " " + s.Reason
			}
			return nil
		}))
		if want := map[string]string{number(1): "8001 已换号", number(2): "8001 已换号"}; !maps.Equal(said, want) {
			t.Errorf("the results say %v", said)
		}
		q := f.request(3)
		q.Now = later
		res, err := f.Reserve(f.ctx, q)
		f.must(err)
		if len(res.Reserved) != 1 || res.Reserved[0].Lead.ID != rs[0].Lead.ID {
			t.Fatalf("an hour later: %+v", res.Reserved)
		}
		f.must(f.Skip(f.ctx, f.epoch, models.Refusal{AttemptID: res.Reserved[0].Attempt.ID, LeadID: rs[0].Lead.ID, Why: models.GateAgentSkipped, Until: later.Add(time.Minute),
			By: tom.ID, Reason: "bad_time"}, later))
		page, _, err := f.ResultPage(f.ctx, models.ResultQuery{CampaignID: f.campaign.ID})
		f.must(err)
		if s := page[0].Skip; s == nil || s.Reason != "bad_time" || !s.At.Equal(later) {
			t.Errorf("skipped again: %+v", s)
		}
		q.Now = later.Add(time.Minute)
		res, err = f.Reserve(f.ctx, q)
		f.must(err)
		f.send(q.Now, res.Reserved)
		page, _, err = f.ResultPage(f.ctx, models.ResultQuery{CampaignID: f.campaign.ID})
		f.must(err)
		if page[0].Skip != nil || page[0].Lead.State != models.LeadReserved {
			t.Errorf("while it is called: %+v, %+v", page[0].Lead, page[0].Skip)
		}
		skip(0, later.Add(time.Hour)) // of the attempt that is over
		if w, err := f.Whereabouts(f.ctx, f.org, number(1)); err != nil || w.Leads[0].State != models.LeadReserved {
			t.Errorf("%+v %v", w.Leads, err)
		}
	})
}
