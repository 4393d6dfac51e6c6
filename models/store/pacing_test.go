package store_test

import (
	"slices"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// Answers count once they met an agent or were left alone, whether or not their call has ended; who hung up early counts
// nowhere, nor does what was before the window.
func TestWindowCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 6)
		rs := f.reserve(6)
		f.send(noon, rs)
		answer := noon.Add(5 * time.Second)
		fins := finishes(rs[:4])
		for i, what := range []models.Service{{BridgedAt: &answer}, {AbandonedBy: "no_agent"}, {AbandonedBy: "early_hangup"}, {}} {
			fins[i].Facts.Service = what
		}
		fins[3].Facts.AnsweredAt, fins[3].Facts.Outcome = nil, models.OutcomeNoAnswer
		f.must(f.Finish(f.ctx, f.epoch, noon.Add(time.Minute), fins))
		f.must(f.MarkAnswered(f.ctx, f.epoch, map[string]time.Time{rs[4].Attempt.ID: answer, rs[5].Attempt.ID: answer}))
		f.must(f.MarkServed(f.ctx, f.epoch, map[string]models.Service{rs[4].Attempt.ID: {QueuedAt: &answer, BridgedAt: &answer}, rs[5].Attempt.ID: {QueuedAt: &answer}}))
		for _, c := range []struct {
			since time.Time
			want  models.WindowCounts
		}{
			{time.Time{}, models.WindowCounts{Answered: 3, Abandoned: 1}}, {answer, models.WindowCounts{Answered: 3, Abandoned: 1}},
			{answer.Add(time.Second), models.WindowCounts{}},
		} {
			got, err := f.WindowCounts(f.ctx, f.campaign.ID, c.since)
			if err != nil || got != c.want {
				t.Errorf("since %s: %+v, %v, want %+v", c.since, got, err, c.want)
			}
		}
		if got, err := f.WindowCounts(f.ctx, f.campaign.ID+1, time.Time{}); err != nil || got != (models.WindowCounts{}) {
			t.Errorf("another campaign: %+v, %v", got, err)
		}
	})
}

func TestPacingIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		var all []models.PacingSample
		for i := range 5 {
			all = append(all, models.PacingSample{CampaignID: 7, At: noon.Add(time.Duration(i) * 10 * time.Second), Idle: i, Busy: 3, Ringing: 4, Waiting: 1,
				Dialled: 2, Why: "guarantee", Answered: 100 + i, Abandoned: 2, Limit: 0.03, Bound: 1, Overdial: 1, Talk: 2, Covered: i%2 == 1})
		}
		f.must(f.SavePacing(f.ctx, all[:3]))
		f.must(f.SavePacing(f.ctx, all)) // once more, with what is there already
		f.must(f.SavePacing(f.ctx, []models.PacingSample{{CampaignID: 8, At: noon, Why: "no_agent"}}))
		for _, c := range []struct {
			since time.Time
			limit int
			want  []models.PacingSample
		}{{time.Time{}, 100, all}, {all[2].At, 100, all[2:]}, {time.Time{}, 2, all[3:]}} {
			got, err := f.PacingSamples(f.ctx, 7, c.since, c.limit)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("since %s, at most %d: %+v, %v, want %+v", c.since, c.limit, got, err, c.want)
			}
		}
		f.must(f.ForgetPacing(f.ctx, all[4].At))
		if got, err := f.PacingSamples(f.ctx, 7, time.Time{}, 100); err != nil || len(got) != 1 {
			t.Errorf("after the old ones were forgotten: %+v, %v", got, err)
		}
		if got, err := f.Learned(f.ctx, 7); err != nil || got != nil {
			t.Errorf("learned %s, %v before anything was", got, err)
		}
		for _, text := range []string{`{"theta":0.1}`, `{"theta":0.2}`} {
			f.must(f.SaveLearned(f.ctx, 7, []byte(text), noon))
			if got, err := f.Learned(f.ctx, 7); err != nil || string(got) != text {
				t.Errorf("learned %s, %v, want %s", got, err, text)
			}
		}
	})
}

// A number that was answered and met no agent waits, over all campaigns, where a rule says so.
func TestWhoWasLeftAloneWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		rs := f.reserve(3)
		f.send(noon, rs)
		fins := finishes(rs)
		fins[0].Facts.Service.AbandonedBy, fins[1].Facts.Service.AbandonedBy = "no_agent", "early_hangup"
		f.must(f.Finish(f.ctx, f.epoch, noon.Add(time.Minute), fins))
		f.campaign = f.newCampaign(f.campaign.ContactListID, models.Rules{})
		q := f.request(3)
		q.Now, q.Redial = noon.Add(time.Hour), 72*time.Hour
		res, err := f.Reserve(f.ctx, q)
		f.must(err)
		if len(res.Reserved) != 2 || len(res.Deferred) != 1 || res.Deferred[0].Why != models.GateLeftAlone || !res.Deferred[0].Until.Equal(noon.Add(72*time.Hour)) {
			t.Errorf("an hour later: %d reserved, %+v", len(res.Reserved), res.Deferred)
		}
		q.Now = noon.Add(73 * time.Hour)
		if res, err = f.Reserve(f.ctx, q); err != nil || len(res.Reserved) != 1 {
			t.Errorf("three days later: %+v, %v", res, err)
		}
	})
}
