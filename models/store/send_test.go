package store_test

import (
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// What happens between reservation and dialling must still stop the call (F-44).
func TestLastCheckBeforeDialling(t *testing.T) {
	later := noon.Add(time.Hour)
	tests := []struct {
		name    string
		between func(f *floor)
		why     models.Gate
		until   time.Time
		state   models.LeadState
	}{
		{"blacklisted", func(f *floor) { f.blacklist(models.BlacklistEntry{OrganizationID: f.org, Number: number(1)}) },
			models.GateBlacklist, time.Time{}, models.LeadSkipped},
		{"blacklisted for an hour", func(f *floor) {
			f.blacklist(models.BlacklistEntry{Number: "+861380000000", Prefix: true, ExpiresAt: &later})
		},
			models.GateBlacklist, later, models.LeadDue},
		{"paused", func(f *floor) {
			f.must(f.SetCampaignState(f.ctx, f.campaign.ID, []models.CampaignState{models.CampaignRunning}, models.CampaignPaused, "", noon))
		}, models.GateNotRunning, noon, models.LeadDue},
		{"stopping", func(f *floor) {
			f.must(f.SetCampaignState(f.ctx, f.campaign.ID, []models.CampaignState{models.CampaignRunning}, models.CampaignStopping, "", noon))
		}, models.GateNotRunning, noon, models.LeadDue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				f := newFloor(t, s, 1)
				rs := f.reserve(1)
				tt.between(f)
				sent, refused := f.send(noon, rs)
				if len(sent) != 0 || len(refused) != 1 || refused[0].Why != tt.why || !refused[0].Until.Equal(tt.until) || refused[0].LeadID != rs[0].Lead.ID {
					t.Fatalf("sent %v, refused %+v", sent, refused)
				}
				w, err := f.Whereabouts(f.ctx, f.org, number(1))
				f.must(err)
				if len(w.Open) != 0 || w.Leads[0].State != tt.state || w.Leads[0].Why != tt.why {
					t.Errorf("whereabouts %+v", w)
				}
				a, err := f.Attempt(f.ctx, rs[0].Attempt.ID)
				f.must(err)
				if a.State != models.AttemptReleased || a.SentAt != nil || a.EndedAt == nil {
					t.Errorf("refused attempt %+v", a)
				}
			})
		})
	}
}

func TestMixedSend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 4)
		rs := f.reserve(4)
		f.blacklist(models.BlacklistEntry{OrganizationID: f.org, Number: number(2)})
		f.must(f.Release(f.ctx, f.epoch, ids(rs[2:3]), noon))
		all := append(rs, models.Reserved{Attempt: models.Attempt{ID: "0197a000-0000-7000-8000-00000000dead", Number: number(9)}})
		sent, refused := f.send(noon, all)
		if len(sent) != 2 || sent[0] != rs[0].Attempt.ID || sent[1] != rs[3].Attempt.ID || len(refused) != 1 || refused[0].AttemptID != rs[1].Attempt.ID {
			t.Fatalf("sent %v refused %+v", sent, refused)
		}
		// a sent attempt is not taken back, nor is an answered one moved back
		f.must(f.MarkAnswered(f.ctx, f.epoch, map[string]time.Time{sent[0]: noon.Add(time.Second), rs[2].Attempt.ID: noon}))
		f.must(f.MarkAnswered(f.ctx, f.epoch, map[string]time.Time{sent[0]: noon.Add(2 * time.Second)}))
		f.must(f.Release(f.ctx, f.epoch, sent, noon))
		a, err := f.Attempt(f.ctx, sent[0])
		f.must(err)
		if a.State != models.AttemptAnswered || !a.AnsweredAt.Equal(noon.Add(time.Second)) {
			t.Errorf("answered attempt: %+v", a)
		}
		if b, err := f.Attempt(f.ctx, rs[2].Attempt.ID); err != nil || b.State != models.AttemptReleased || b.AnsweredAt != nil {
			t.Errorf("released attempt: %+v %v", b, err)
		}
	})
}

// The limits per number are looked at again before dialling, with the rules of that moment.
func TestLimitsBeforeDialling(t *testing.T) {
	day := noon.Truncate(24 * time.Hour)
	for _, tt := range []struct {
		name  string
		rules models.Rules
		why   models.Gate
		until time.Time
	}{
		{"day", models.Rules{PerNumberDay: 1}, models.GateDayLimit, day.Add(24 * time.Hour)},
		{"gap", models.Rules{PerNumberDay: 2, MinGapSeconds: 7200}, models.GateMinGap, noon.Add(2 * time.Hour)},
		{"neither", models.Rules{PerNumberDay: 2, MinGapSeconds: 3600}, models.GateOpen, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				f := newFloor(t, s, 1)
				first := f.reserve(1)
				f.send(noon, first)
				f.must(f.Finish(f.ctx, f.epoch, noon, finishes(first)))
				f.campaign = f.newCampaign(f.campaign.ContactListID, models.Rules{PerNumberDay: 5})
				q := f.request(1)
				q.Now = noon.Add(time.Hour)
				res, err := f.Reserve(f.ctx, q)
				f.must(err)
				f.campaign.Rules = tt.rules
				sent, refused := f.send(q.Now, res.Reserved)
				if tt.why == models.GateOpen {
					if len(sent) != 1 || len(refused) != 0 {
						t.Errorf("sent %v refused %+v", sent, refused)
					}
				} else if len(sent) != 0 || len(refused) != 1 || refused[0].Why != tt.why || !refused[0].Until.Equal(tt.until) {
					t.Errorf("sent %v refused %+v, want %s until %s", sent, refused, tt.why, tt.until)
				}
			})
		})
	}
}

// The switch never heard of a sent attempt: as if it had not been, also for the limits of the day.
func TestUnsend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 2)
		f.campaign = f.newCampaign(f.campaign.ContactListID, models.Rules{PerNumberDay: 1})
		rs := f.reserve(2)
		f.send(noon, rs)
		f.must(f.MarkAnswered(f.ctx, f.epoch, map[string]time.Time{rs[1].Attempt.ID: noon}))
		f.must(f.Release(f.ctx, f.epoch, ids(rs), noon)) // has no power over what was sent
		f.must(f.Unsend(f.ctx, f.epoch, ids(rs), noon))  // nor this over what was answered
		again := f.reserve(5)
		if len(again) != 1 || again[0].Attempt.Number != number(1) || again[0].Attempt.Try != 1 {
			t.Fatalf("due again: %+v", again)
		}
		a, err := f.Attempt(f.ctx, rs[0].Attempt.ID)
		f.must(err)
		if a.State != models.AttemptReleased || a.SentAt != nil {
			t.Errorf("attempt %+v", a)
		}
	})
}

// A number is in one open attempt per organization, whatever the campaign (I1).
func TestNumberInOneCall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 2)
		first := f.campaign
		rs := f.reserve(1)
		f.campaign = f.newCampaign(first.ContactListID, models.Rules{})
		res, err := f.Reserve(f.ctx, f.request(5))
		f.must(err)
		if len(res.Reserved) != 1 || res.Reserved[0].Attempt.Number != number(2) || len(res.Deferred) != 1 || res.Deferred[0].Why != models.GateInCall || !res.Deferred[0].Until.After(noon) {
			t.Fatalf("second campaign: %+v", res)
		}
		f.campaign = first
		f.send(noon, rs)
		f.must(f.Finish(f.ctx, f.epoch, noon, finishes(rs)))
		q := f.request(5)
		q.Campaign, q.Now = models.Campaign{ID: res.Reserved[0].Attempt.CampaignID, OrganizationID: f.org}, noon.Add(time.Minute)
		if res, err = f.Reserve(f.ctx, q); err != nil || len(res.Reserved) != 1 || res.Reserved[0].Attempt.Number != number(1) {
			t.Fatalf("after the call: %+v %v", res, err)
		}
	})
}

func TestFinishFollowsTheRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 2)
		rs := f.reserve(2)
		f.send(noon, rs)
		long := string(make([]rune, 300)) + "\xff"
		again := noon.Add(10 * time.Minute)
		fs := []models.Finish{
			{AttemptID: rs[0].Attempt.ID, CampaignID: f.campaign.ID, Facts: models.Facts{Outcome: models.OutcomeBusy, Cause: "USER_BUSY", Q850: 17, SIPPhrase: long, Disposition: long, Step: long, Node: long},
				Lead: &models.LeadAfter{ID: rs[0].Lead.ID, State: models.LeadDue, NextAt: again, Why: models.GateRetryDelay, Attempts: 1, Retries: 1, LastOutcome: models.OutcomeBusy, OutcomeRuns: 1}},
			{AttemptID: rs[1].Attempt.ID, CampaignID: f.campaign.ID, Facts: models.Facts{Outcome: models.OutcomeAnswered, Sub: models.SubOptedOut, TalkMS: 7},
				Lead:      &models.LeadAfter{ID: rs[1].Lead.ID, State: models.LeadDone, Why: models.GateFinal, Attempts: 1, LastOutcome: models.OutcomeAnswered, OutcomeRuns: 1},
				Blacklist: &models.BlacklistEntry{OrganizationID: f.org, Number: number(2), Source: "key", Evidence: rs[1].Attempt.ID}},
		}
		f.must(f.Finish(f.ctx, f.epoch, noon, fs))
		w, err := f.Whereabouts(f.ctx, f.org, number(1))
		f.must(err)
		l := w.Leads[0]
		if l.State != models.LeadDue || !l.NextAt.Equal(again) || l.Why != models.GateRetryDelay || l.Retries != 1 || l.OutcomeRuns != 1 || l.LastAttempt != rs[0].Attempt.ID {
			t.Errorf("lead after busy: %+v", l)
		}
		if len(w.Last) != 1 || w.Last[0].Cause != "USER_BUSY" || len([]rune(w.Last[0].SIPPhrase)) != 128 {
			t.Errorf("last attempts: %+v", w.Last)
		}
		hits, err := f.Blacklisted(f.ctx, f.org, []string{number(1), number(2)}, noon)
		f.must(err)
		if len(hits) != 1 || hits[number(2)].Source != "key" || hits[number(2)].Evidence != rs[1].Attempt.ID {
			t.Errorf("blacklist: %+v", hits)
		}
		q := f.request(5)
		q.Now = again
		res, err := f.Reserve(f.ctx, q)
		f.must(err)
		if len(res.Reserved) != 1 || res.Reserved[0].Attempt.Try != 2 {
			t.Errorf("second try: %+v", res)
		}
		active, err := f.ActiveCampaigns(f.ctx)
		f.must(err)
		if len(active) != 1 {
			t.Errorf("active: %v", active)
		}
		f.must(f.SetCampaignState(f.ctx, f.campaign.ID, []models.CampaignState{models.CampaignRunning}, models.CampaignStopped, "cut", noon))
		if active, err = f.ActiveCampaigns(f.ctx); err != nil || len(active) != 1 {
			t.Errorf("stopped with an open attempt: %v %v", active, err)
		}
		f.must(f.Release(f.ctx, f.epoch, ids(res.Reserved), noon))
		if active, err = f.ActiveCampaigns(f.ctx); err != nil || len(active) != 0 {
			t.Errorf("stopped and empty: %v %v", active, err)
		}
	})
}

// Who had a number called stands with the attempt from the moment at which it may be dialled, so that whoever takes over knows it.
func TestLookerIsSentAlong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 2)
		rs := f.reserve(2)
		looked := sends(rs)
		looked[0].LookerID = 7
		sent, _, err := f.MarkSent(f.ctx, f.epoch, noon, f.campaign, looked)
		f.must(err)
		open, err := f.Adopt(f.ctx, f.epoch)
		f.must(err)
		if len(sent) != 2 || len(open) != 2 {
			t.Fatalf("%d sent, %d adopted", len(sent), len(open))
		}
		f.must(f.Finish(f.ctx, f.epoch, noon, []models.Finish{{AttemptID: rs[0].Attempt.ID}}))
		ended, err := f.Attempt(f.ctx, rs[0].Attempt.ID)
		f.must(err)
		for _, v := range append(open, models.Reserved{Attempt: ended}) {
			if want := map[string]int64{rs[0].Attempt.ID: 7}[v.Attempt.ID]; v.Attempt.LookerID != want {
				t.Errorf("%s (%s) was called for agent %d, want %d", v.Attempt.ID, v.Attempt.State, v.Attempt.LookerID, want)
			}
		}
	})
}
