package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// inbound opens a call that came in and returns its id.
func (f *floor) inbound(caller string) string {
	f.t.Helper()
	a := models.Attempt{ID: uuid.NewString(), OrganizationID: f.org, Kind: models.KindInbound, Number: caller, Dialled: "075588880000",
		Gateway: strings.Repeat("网关", 40), ReservedAt: noon}
	f.must(f.OpenInbound(f.ctx, f.epoch, noon, a))
	return a.ID
}

// A customer calls in, twice, while he is being dialled: three calls are open; the dialled one keeps the number to itself,
// and what came in is neither counted in the campaign's hours nor against the limits of the number.
func TestInboundBesideOutbound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 1)
		dialled := f.reserve(1)
		f.send(noon, dialled)
		in := []string{f.inbound(number(1)), f.inbound(number(1))}
		open, err := s.Adopt(f.ctx, f.epoch)
		f.must(err)
		if len(open) != 3 {
			t.Fatalf("%d calls open, want 3", len(open))
		}
		again := models.Attempt{ID: uuid.NewString(), OrganizationID: f.org, Number: number(1)}
		if err := s.SaveTest(f.ctx, f.epoch, again); !models.IsKind(err, models.Conflict) {
			t.Errorf("a second call to a number that is being dialled: %v", err)
		}
		f.must(s.Finish(f.ctx, f.epoch, noon, finishes(dialled)))
		f.must(s.SaveTest(f.ctx, f.epoch, again)) // callers do not keep their number from being dialled
		for _, id := range in {
			fin := models.Finish{AttemptID: id, Facts: models.Facts{Outcome: models.OutcomeAnswered}}
			f.must(s.Finish(f.ctx, f.epoch, noon, []models.Finish{fin, fin}))
		}
		stats, err := s.CampaignStats(f.ctx, f.campaign.ID)
		if err != nil || len(stats) != 1 || stats[0].N != 1 {
			t.Errorf("the campaign's hours: %+v, %v", stats, err)
		}
		f.campaign = f.newCampaign(f.campaign.ContactListID, models.Rules{PerNumberDay: 2})
		f.must(s.Unsend(f.ctx, f.epoch, []string{again.ID}, noon))
		if rs := f.reserve(1); len(rs) != 1 {
			t.Error("calls that came in count as dialled")
		}
	})
}

// The calls of an agent, the newest first, in pages (S1-52), and not those of others.
func TestCallsOfAnAgent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 30)
		rs := f.reserve(30)
		f.send(noon, rs)
		fins := finishes(rs)
		var want []string
		for i := range fins {
			fins[i].Facts.AgentID, fins[i].Facts.Sub = int64(7+i%3), models.SubAgent
			if i%3 == 1 {
				want = append(want, fins[i].AttemptID)
			}
		}
		f.must(s.Finish(f.ctx, f.epoch, noon, fins))
		slices.Reverse(want)
		q := models.AttemptQuery{OrganizationID: f.org, AgentID: 8}
		for name, q := range map[string]models.AttemptQuery{"agent": q,
			"agent and campaign": {OrganizationID: f.org, AgentID: 8, CampaignID: f.campaign.ID},
			"agent and outcome":  {OrganizationID: f.org, AgentID: 8, Outcome: models.OutcomeAnswered}} {
			got := through(t, func(p models.Page) ([]models.Attempt, string, error) { q.Page = p; return s.AttemptPage(f.ctx, q) },
				func(a models.Attempt) string { return a.ID }, 3)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		e := models.Extension{OrganizationID: f.org, Number: "1001", Password: "secret"}
		f.must(s.CreateExtension(f.ctx, &e))
		a := models.Agent{OrganizationID: f.org, StaffNumber: "8001", Name: "王", ExtensionID: e.ID, Reach: models.ReachRing}
		b := models.Agent{OrganizationID: f.org, StaffNumber: "1002", Name: "李", Reach: models.ReachRing}
		f.must(s.CreateAgent(f.ctx, &a, &models.User{Login: "8001", Role: models.RoleAgent}))
		f.must(s.CreateAgent(f.ctx, &b, &models.User{Login: "1002", Role: models.RoleAgent}))
		for text, want := range map[string]int64{"8001": a.ID, "1001": a.ID, "1002": b.ID, "800": 0, "%": 0} {
			if got, err := s.AgentOfNumber(f.ctx, f.org, text); err != nil || got != want {
				t.Errorf("%s is the number of agent %d, want %d, %v", text, got, want, err)
			}
			if got, err := s.AgentOfNumber(f.ctx, f.org+1, text); err != nil || got != 0 {
				t.Errorf("%s in another organization: agent %d, %v", text, got, err)
			}
		}
		q.OrganizationID++
		if got, _, err := s.AttemptPage(f.ctx, q); err != nil || len(got) != 0 {
			t.Errorf("another organization sees %d calls, %v", len(got), err)
		}
	})
}

// A leg's beginning and end may come in one batch, in whatever order of ids; an end stays; a call that ends ends its legs, and
// their own word about their end stands whenever it comes.
func TestLegs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		call, other := f.inbound(number(1)), f.inbound(number(2))
		f.must(s.MarkServed(f.ctx, f.epoch, map[string]models.Service{call: {AgentID: 7}, other: {AgentID: 8}}))
		leg := func(id, call string, end int) models.Leg {
			l := models.Leg{ID: id, CallID: call, OrganizationID: f.org, Kind: models.LegAgent, AgentID: 7, Number: "1001", StartedAt: noon}
			if end > 0 {
				answer, over := noon.Add(time.Second), noon.Add(time.Duration(end)*time.Second)
				l.AnsweredAt, l.EndedAt, l.Cause = &answer, &over, fmt.Sprintf("CAUSE_%d", end)
			}
			return l
		}
		a, b, c := uuid.NewString(), uuid.NewString(), uuid.NewString()
		f.must(s.SaveLegs(f.ctx, []models.Leg{leg(b, call, 0), leg(a, call, 0), leg(b, call, 5), leg(c, other, 0), leg(a, call, 0)}))
		f.must(s.SaveLegs(f.ctx, []models.Leg{leg(b, call, 0)})) // late
		open := func() (ids []string) {
			legs, err := s.OpenLegs(f.ctx)
			f.must(err)
			for _, l := range legs {
				ids = append(ids, l.ID)
			}
			slices.Sort(ids)
			return ids
		}
		want := []string{a, c}
		slices.Sort(want)
		if got := open(); !slices.Equal(got, want) {
			t.Fatalf("open %v, want %v", got, want)
		}
		end := models.Finish{AttemptID: call, Facts: models.Facts{Outcome: models.OutcomeAnswered, Service: models.Service{AgentID: 7}}}
		f.must(s.Finish(f.ctx, f.epoch, noon.Add(time.Minute), []models.Finish{end}))
		if got := open(); !slices.Equal(got, []string{c}) {
			t.Errorf("open after the call %v, want %s", got, c)
		}
		causes := map[string]string{}
		legs, err := s.Legs(f.ctx, call)
		f.must(err)
		for _, l := range legs {
			causes[l.ID] = l.Cause
			if l.EndedAt == nil || l.CallID != call || l.AgentID != 7 || l.Number != "1001" || !l.StartedAt.Equal(noon) {
				t.Errorf("leg %+v", l)
			}
			if l.ID == b && (l.AnsweredAt == nil || !l.EndedAt.Equal(noon.Add(5*time.Second))) {
				t.Errorf("a late word changed %+v", l)
			}
		}
		if len(legs) != 2 || causes[b] != "CAUSE_5" || causes[a] != "" {
			t.Errorf("legs %+v", legs)
		}
		f.must(s.SaveLegs(f.ctx, []models.Leg{leg(a, call, 9)}))
		if legs, err = s.Legs(f.ctx, call); err != nil || len(legs) != 2 || !slices.ContainsFunc(legs, func(l models.Leg) bool { return l.ID == a && l.Cause == "CAUSE_9" }) {
			t.Errorf("a leg's own word: %+v, %v", legs, err)
		}
	})
}

// What stands in an agent's history already is not written twice, whatever part of it, and a change that happens again is.
func TestStateChangesRepeated(t *testing.T) {
	bare(t, func(t *testing.T, s *store.Store, db *sql.DB) {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		f := newFloor(t, s, 0)
		states := func() (n int) {
			f.must(db.QueryRow("SELECT COUNT(*) FROM agent_states").Scan(&n))
			return n
		}
		var all []models.StateChange
		for i := range 450 {
			all = append(all, models.StateChange{OrganizationID: f.org, AgentID: int64(i%7 + 1), At: noon.Add(time.Duration(i/50) * time.Nanosecond * 1500),
				State: models.AgentStates[i%8], Reason: strings.Repeat("因", 80), Cause: "user", CallID: fmt.Sprint(i)})
		}
		f.must(s.SaveStateChanges(f.ctx, all[:200]))
		f.must(s.SaveStateChanges(f.ctx, all))
		f.must(s.SaveStateChanges(f.ctx, all))
		if n := states(); n != 450 {
			t.Errorf("%d rows of 450 changes", n)
		}
		same := models.StateChange{OrganizationID: f.org, AgentID: 1, At: noon.Add(time.Hour), State: models.AgentIdle, Cause: "sign_in"}
		f.must(s.SaveStateChanges(f.ctx, []models.StateChange{same, same}))
		f.must(s.SaveStateChanges(f.ctx, []models.StateChange{same, same}))
		if n := states(); n != 452 {
			t.Errorf("%d rows of 452 changes", n)
		}
	})
}

func TestSavedRecording(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		r := models.Recording{ID: uuid.NewString(), OrganizationID: f.org, CampaignID: 3, QueueID: 4, AgentID: 7, Number: number(1), StartedAt: noon,
			DurationMS: 61000, TalkMS: 60000, Bytes: 1 << 33, Path: "2026/11/20/x.wav"}
		f.must(s.SaveRecording(f.ctx, r))
		gone := noon.Add(time.Hour)
		r.DeletedAt = &gone
		f.must(s.SaveRecording(f.ctx, r))
		late := r
		late.DeletedAt, late.Problem = nil, "missing"
		f.must(s.SaveRecording(f.ctx, late))
		got, err := s.Recording(f.ctx, r.ID)
		f.must(err)
		r.Problem = "missing"
		if got.DeletedAt == nil || !got.DeletedAt.Equal(gone) {
			t.Fatalf("a late word brought it back: %+v", got)
		}
		got.DeletedAt = r.DeletedAt
		if got != r {
			t.Errorf("read %+v, saved %+v", got, r)
		}
		if _, err := s.Recording(f.ctx, "none"); !models.IsKind(err, models.NotFound) {
			t.Errorf("no recording: %v", err)
		}
	})
}

// A switch may make the caller's Call-ID the channel's id: such a call is refused with a word to the operator, so that the writer
// goes on.
func TestStrangeChannelID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		long := strings.Repeat("x", 80) + "@192.0.2.1"
		err := s.OpenInbound(f.ctx, f.epoch, noon, models.Attempt{ID: long, Kind: models.KindInbound, Number: number(1)})
		if !models.IsKind(err, models.Invalid) {
			t.Errorf("call %s: %v", long, err)
		}
		f.must(s.SaveSeats(f.ctx, f.epoch, models.Seats{Served: map[string]models.Service{long: {AgentID: 7}},
			Changes:  []models.StateChange{{AgentID: 7, At: noon, State: models.AgentTalking, CallID: long}},
			Sessions: []models.AgentSession{{AgentID: 7, State: models.AgentTalking, Since: noon, CallID: long, Leg: long}},
			Legs:     []models.Leg{{ID: uuid.NewString(), CallID: long, Kind: models.LegAgent, AgentID: 7, StartedAt: noon}}}))
	})
}

// Nothing that the floor writes about agents gets past a lease that is somebody else's.
func TestStaleEpochServesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		call := f.inbound(number(1))
		for name, err := range map[string]error{
			"inbound":  s.OpenInbound(f.ctx, f.epoch-1, noon, models.Attempt{ID: uuid.NewString(), Kind: models.KindInbound, Number: number(2)}),
			"served":   s.MarkServed(f.ctx, f.epoch-1, map[string]models.Service{call: {AgentID: 9}}),
			"sessions": s.SaveAgentSessions(f.ctx, f.epoch-1, []models.AgentSession{{AgentID: 9, State: models.AgentIdle}}),
		} {
			if !errors.Is(err, models.ErrLeaseLost) {
				t.Errorf("%s: %v", name, err)
			}
		}
		open, err := s.Adopt(f.ctx, f.epoch)
		if err != nil || len(open) != 1 || open[0].Attempt.AgentID != 0 {
			t.Errorf("open %+v, %v", open, err)
		}
		if got, err := s.AgentSessions(f.ctx); err != nil || len(got) != 0 {
			t.Errorf("sessions %+v, %v", got, err)
		}
	})
}
