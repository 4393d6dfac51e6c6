package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// onBoth runs a test on SQLite and on MariaDB with the floor's lease taken.
func onBothWithLease(t *testing.T, test func(t *testing.T, s *store.Store, epoch int64)) {
	for name, open := range map[string]func(*testing.T) store.Config{
		"sqlite": func(t *testing.T) store.Config { return storetest.SQLiteConfig(t) }, "mariadb": func(t *testing.T) store.Config { return storetest.MariaDBConfig(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.Open(t, open(t), true)
			lease, ok, err := s.AcquireLease(t.Context(), "test", time.Minute)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			test(t, s, lease.Epoch)
		})
	}
}

// A call that came in is adopted after a restart with who served it; closed, it carries what became of it; a second writing
// down changes nothing; and its number can be dialled meanwhile.
func TestInboundCall(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, epoch int64) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		a := models.Attempt{ID: uuid.NewString(), OrganizationID: 1, Kind: models.KindInbound, Number: "+8613900000002", Dialled: "075588880000", ReservedAt: now}
		must(s.OpenInbound(ctx, epoch, now, a))
		must(s.OpenInbound(ctx, epoch, now, a))
		b := a
		b.ID = uuid.NewString()
		must(s.OpenInbound(ctx, epoch, now, b)) // the same caller again
		queued, bridged := now.Add(time.Second), now.Add(3*time.Second)
		must(s.MarkServed(ctx, epoch, map[string]models.Service{a.ID: {QueueID: 5, AgentID: 7, QueuedAt: &queued, BridgedAt: &bridged}}))
		open, err := s.Adopt(ctx, epoch)
		must(err)
		if len(open) != 2 {
			t.Fatalf("%d calls adopted", len(open))
		}
		for _, v := range open {
			if v.Attempt.ID == a.ID && (v.Attempt.AgentID != 7 || v.Attempt.QueueID != 5 || v.Attempt.BridgedAt == nil || !v.Attempt.BridgedAt.Equal(bridged)) {
				t.Errorf("adopted as %+v", v.Attempt.Service)
			}
		}
		if last, err := s.LastAgent(ctx, 1, a.Number, now.Add(-time.Hour)); err != nil || last != 7 {
			t.Errorf("last agent %d, %v", last, err)
		}
		if last, err := s.LastAgent(ctx, 1, a.Number, now.Add(time.Hour)); err != nil || last != 0 {
			t.Errorf("last agent since later %d, %v", last, err)
		}
		facts := models.Facts{Outcome: models.OutcomeAnswered, Sub: models.SubAgent, EndedAt: &bridged, Service: models.Service{
			QueueID: 5, AgentID: 7, QueuedAt: &queued, BridgedAt: &bridged, WaitMS: 2000, AgentMS: 61000, Announced: "8001", Recording: a.ID}}
		must(s.Finish(ctx, epoch, now, []models.Finish{{AttemptID: a.ID, Facts: facts}}))
		got, err := s.Attempt(ctx, a.ID)
		must(err)
		if got.State != models.AttemptEnded || got.WaitMS != 2000 || got.AgentMS != 61000 || got.Announced != "8001" || got.Recording != a.ID {
			t.Errorf("closed as %+v", got)
		}
		if open, err = s.Adopt(ctx, epoch); err != nil || len(open) != 1 {
			t.Errorf("%d calls open after one ended, %v", len(open), err)
		}
		if err := s.OpenInbound(ctx, epoch+1, now, models.Attempt{ID: uuid.NewString(), Kind: models.KindInbound}); err == nil {
			t.Error("another epoch wrote a call down")
		}
	})
}

func TestListedOn(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, _ int64) {
		now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
		if _, err := s.AddBlacklist(t.Context(), []models.BlacklistEntry{
			{OrganizationID: 1, Number: "+8613900000002", CreatedAt: now}, {OrganizationID: 0, Number: "+86137", Prefix: true, CreatedAt: now},
		}); err != nil {
			t.Fatal(err)
		}
		for number, want := range map[string]bool{"+8613900000002": true, "+8613900000003": false, "+8613700000001": true} {
			if got, err := s.ListedOn(t.Context(), 1, number, now); err != nil || got != want {
				t.Errorf("%s listed %v, %v", number, got, err)
			}
		}
	})
}

// An agent's session is one row; the last word stands, and who is offline is not brought back.
func TestAgentSessions(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, epoch int64) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
		one := models.AgentSession{AgentID: 1, OrganizationID: 1, State: models.AgentIdle, Since: now, Queues: []int64{5, 6}}
		two := models.AgentSession{AgentID: 2, OrganizationID: 1, State: models.AgentBusy, Reason: "lunch", Since: now, Queues: []int64{5}}
		if err := s.SaveAgentSessions(ctx, epoch, []models.AgentSession{two, one}); err != nil {
			t.Fatal(err)
		}
		one.State, one.CallID, one.Leg = models.AgentTalking, uuid.NewString(), uuid.NewString()
		two.State, two.Queues = models.AgentOffline, nil
		if err := s.SaveAgentSessions(ctx, epoch, []models.AgentSession{one, two}); err != nil {
			t.Fatal(err)
		}
		got, err := s.AgentSessions(ctx)
		if err != nil || len(got) != 1 || got[0].State != models.AgentTalking || got[0].CallID != one.CallID || got[0].Leg != one.Leg || len(got[0].Queues) != 2 || !got[0].Since.Equal(now) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := s.SaveAgentSessions(ctx, epoch+1, []models.AgentSession{two}); err == nil {
			t.Error("another epoch wrote a session")
		}
	})
}

func TestStatesLegsAndRecordings(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, _ int64) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
		var changes []models.StateChange
		for i := range 450 {
			changes = append(changes, models.StateChange{OrganizationID: 1, AgentID: int64(i%3 + 1), At: now.Add(time.Duration(i) * time.Second), State: models.AgentIdle, Cause: "sign_in"})
		}
		if err := s.SaveStateChanges(ctx, changes); err != nil {
			t.Fatal(err)
		}
		leg := models.Leg{ID: uuid.NewString(), CallID: uuid.NewString(), OrganizationID: 1, Kind: models.LegAgent, AgentID: 1, Number: "1001", StartedAt: now}
		end := now.Add(time.Minute)
		for _, ended := range []*time.Time{nil, &end} {
			leg.EndedAt = ended
			if err := s.SaveLegs(ctx, []models.Leg{leg}); err != nil {
				t.Fatal(err)
			}
		}
		rec := models.Recording{ID: uuid.NewString(), OrganizationID: 1, AgentID: 1, Number: "+8613900000002", StartedAt: now, Path: "2026/03/02/x.wav"}
		for _, problem := range []string{"", "missing"} {
			rec.Problem = problem
			if err := s.SaveRecording(ctx, rec); err != nil {
				t.Fatal(err)
			}
		}
	})
}
