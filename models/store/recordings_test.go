package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func TestRecordingPage(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, _ int64) {
		ctx := t.Context()
		ids := make([]string, 7)
		for i := range ids {
			ids[i] = uuid.NewString()
			r := models.Recording{ID: ids[i], OrganizationID: 1, AgentID: int64(i%2 + 1), QueueID: int64(i%3 + 1), CampaignID: 9, Number: fmt.Sprintf("+861390000000%d", i),
				StartedAt: monday.Add(time.Duration(i/2) * time.Minute), DurationMS: 1000, Path: "2026/03/02/" + ids[i] + ".wav"}
			if i == 6 {
				r.OrganizationID = 2
			}
			if err := s.SaveRecording(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			q    models.RecordingQuery
			want []int
		}{
			"all":           {models.RecordingQuery{}, []int{0, 1, 2, 3, 4, 5}},
			"an agent":      {models.RecordingQuery{AgentID: 2}, []int{1, 3, 5}},
			"a queue":       {models.RecordingQuery{QueueID: 3}, []int{2, 5}},
			"a number":      {models.RecordingQuery{Number: "+8613900000004"}, []int{4}},
			"its beginning": {models.RecordingQuery{Number: "+86139*"}, []int{0, 1, 2, 3, 4, 5}},
			"a time":        {models.RecordingQuery{From: monday.Add(time.Minute), To: monday.Add(2 * time.Minute)}, []int{2, 3}},
			"a sight":       {models.RecordingQuery{Sight: &models.Sight{Queues: []int64{1}, Agents: []int64{2}}}, []int{0, 1, 3, 5}},
			"no sight":      {models.RecordingQuery{Sight: &models.Sight{}}, nil},
		} {
			c.q.OrganizationID = 1
			got := through(t, func(p models.Page) ([]models.Recording, string, error) {
				c.q.Page = p
				return s.RecordingPage(ctx, c.q)
			}, func(r models.Recording) string { return r.ID }, 2)
			var want []string
			for _, i := range c.want {
				want = append(want, ids[i])
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		if _, _, err := s.RecordingPage(ctx, models.RecordingQuery{OrganizationID: 1, Page: models.Page{After: "x"}}); !models.IsKind(err, models.Invalid) {
			t.Errorf("a cursor of nobody: %v", err)
		}
		old, err := s.OldRecordings(ctx, monday.Add(time.Minute), 10)
		if err != nil || len(old) != 2 {
			t.Fatalf("%d are old, %v", len(old), err)
		}
		if err := s.RecordingDeleted(ctx, old[0].ID, monday); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Recording(ctx, old[0].ID); err != nil || r.DeletedAt == nil || !r.DeletedAt.Equal(monday) {
			t.Errorf("deleted: %+v %v", r, err)
		}
		if old, err = s.OldRecordings(ctx, monday.Add(time.Minute), 10); err != nil || len(old) != 1 {
			t.Errorf("%d are old after one was deleted, %v", len(old), err)
		}
		if _, err := s.Recording(ctx, uuid.NewString()); !models.IsKind(err, models.NotFound) {
			t.Errorf("a recording of nothing: %v", err)
		}
	})
}

func TestAuditPage(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, _ int64) {
		ctx := t.Context()
		for i := range 5 {
			e := models.AuditEntry{OrganizationID: int64(i%2 + 1), Login: "leader", Action: []string{"listen", "force_drop"}[i/3], Target: "agent:7", At: monday.Add(time.Duration(i) * time.Minute)}
			if err := s.AddAudit(ctx, &e); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			q    models.AuditQuery
			want int
		}{
			"all": {models.AuditQuery{}, 3}, "an action": {models.AuditQuery{Action: "force_drop"}, 1}, "somebody": {models.AuditQuery{Login: "nobody"}, 0},
			"a target": {models.AuditQuery{Target: "agent:7", To: monday.Add(time.Minute)}, 1}, "later": {models.AuditQuery{From: monday.Add(time.Minute)}, 2},
		} {
			c.q.OrganizationID = 1
			got := through(t, func(p models.Page) ([]models.AuditEntry, string, error) {
				c.q.Page = p
				return s.AuditPage(ctx, c.q)
			}, func(e models.AuditEntry) string { return fmt.Sprint(e.ID) }, 1)
			if len(got) != c.want {
				t.Errorf("%s: %d entries, want %d", name, len(got), c.want)
			}
		}
	})
}

// An agent who was signed in before the period, one who came within it, one of another organization.
func TestAgentTimes(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, _ int64) {
		ctx := t.Context()
		agents := make([]models.Agent, 3)
		for i := range agents {
			agents[i] = models.Agent{OrganizationID: int64(i/2 + 1), StaffNumber: fmt.Sprint(8001 + i), Name: "a", Reach: models.ReachRing}
			if err := s.CreateAgent(ctx, &agents[i], &models.User{Login: agents[i].StaffNumber, Role: models.RoleAgent}); err != nil {
				t.Fatal(err)
			}
		}
		at := func(s int) time.Time { return monday.Add(time.Duration(s) * time.Second) }
		change := func(i, sec int, state models.AgentState) models.StateChange {
			return models.StateChange{OrganizationID: agents[i].OrganizationID, AgentID: agents[i].ID, At: at(sec), State: state, CallID: "c"}
		}
		if err := s.SaveStateChanges(ctx, []models.StateChange{
			change(0, -7200, models.AgentTalking), change(0, -3600, models.AgentIdle), change(0, 10, models.AgentTalking), change(0, 30, models.AgentOffline),
			change(1, 20, models.AgentBusy), change(1, 60, models.AgentIdle), change(2, -10, models.AgentIdle),
		}); err != nil {
			t.Fatal(err)
		}
		got, err := s.AgentTimes(ctx, 1, 0, at(0), at(50))
		if err != nil || len(got) != 2 || got[0].AgentID != agents[0].ID || got[0].IdleMS != 10000 || got[0].TalkMS != 20000 || got[0].Calls != 1 ||
			got[0].SignedInMS != 30000 || got[1].BusyMS != 30000 || got[1].SignedInMS != 30000 {
			t.Errorf("%+v %v", got, err)
		}
		if got, err = s.AgentTimes(ctx, 1, agents[1].ID, at(0), at(50)); err != nil || len(got) != 1 || got[0].AgentID != agents[1].ID {
			t.Errorf("of one: %+v %v", got, err)
		}
	})
}

func TestCallCardAndLegs(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, epoch int64) {
		ctx := t.Context()
		a := models.Attempt{ID: uuid.NewString(), OrganizationID: 1, Kind: models.KindInbound, Number: "+8613900000002", ReservedAt: monday}
		if err := s.OpenInbound(ctx, epoch, monday, a); err != nil {
			t.Fatal(err)
		}
		card, err := s.CallCard(ctx, a.ID)
		if err != nil || card.Number != a.Number || card.Kind != models.KindInbound || card.Keys == nil || card.Columns == nil || card.CampaignName != "" {
			t.Errorf("%+v %v", card, err)
		}
		if _, err := s.CallCard(ctx, uuid.NewString()); !models.IsKind(err, models.NotFound) {
			t.Errorf("the card of no call: %v", err)
		}
		if err := s.SaveLegs(ctx, []models.Leg{
			{ID: uuid.NewString(), CallID: a.ID, OrganizationID: 1, Kind: models.LegAgent, AgentID: 7, Number: "1001", StartedAt: monday.Add(time.Second)},
			{ID: uuid.NewString(), CallID: a.ID, OrganizationID: 1, Kind: models.LegInbound, Number: a.Number, StartedAt: monday},
		}); err != nil {
			t.Fatal(err)
		}
		legs, err := s.Legs(ctx, a.ID)
		if err != nil || len(legs) != 2 || legs[0].Kind != models.LegInbound || legs[1].AgentID != 7 {
			t.Errorf("%+v %v", legs, err)
		}
	})
}

func TestCallCardOfACampaign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		r := f.reserve(1)[0]
		card, err := s.CallCard(f.ctx, r.Attempt.ID)
		if err != nil || card.CampaignName != f.campaign.Name || len(card.Fields) == 0 || len(card.Columns) == 0 {
			t.Errorf("%+v %v", card, err)
		}
	})
}
