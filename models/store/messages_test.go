package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
	"waihu/models/store"
)

// Messages of two queues and of two flows, one of which leads to a queue.
func TestMessages(t *testing.T) {
	onBothWithLease(t, func(t *testing.T, s *store.Store, epoch int64) {
		ctx := t.Context()
		q := models.Queue{OrganizationID: 1, Name: "hotline", Strategy: models.StrategyLongestIdle, Overflow: models.Overflow{Kind: models.OverflowVoicemail}}
		if err := s.CreateQueue(ctx, &q); err != nil {
			t.Fatal(err)
		}
		leads := models.IVRFlow{OrganizationID: 1, Name: "leads", Nodes: []models.FlowNode{{ID: "a", Kind: models.NodeQueue, QueueID: q.ID}, {ID: "m", Kind: models.NodeRecord}}}
		apart := models.IVRFlow{OrganizationID: 1, Name: "apart", Nodes: []models.FlowNode{{ID: "m", Kind: models.NodeRecord}}}
		for _, f := range []*models.IVRFlow{&leads, &apart} {
			if err := s.CreateFlow(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
		left := []models.Message{{QueueID: q.ID}, {QueueID: 99}, {FlowID: leads.ID, Node: "m"}, {FlowID: apart.ID, Node: "m"}, {QueueID: q.ID}, {QueueID: q.ID}}
		ids := make([]string, len(left))
		for i, m := range left {
			a := models.Attempt{ID: uuid.NewString(), OrganizationID: 1 + int64(i/5), Kind: models.KindInbound, Number: fmt.Sprintf("+861390000000%d", i), ReservedAt: monday}
			if err := s.OpenInbound(ctx, epoch, monday, a); err != nil {
				t.Fatal(err)
			}
			if m.ID, m.CallID = a.ID, a.ID; m.Node != "" {
				m.ID += "_" + m.Node
			}
			m.LeftAt, m.DurationMS, m.Path = monday.Add(time.Duration(i/2)*time.Minute), 5000, "messages/"+m.ID+".wav"
			if i == 3 { // found as a file: the steps say in which flow
				m.FlowID = 0
				if err := s.SaveFlowSteps(ctx, []models.FlowStep{{CallID: a.ID, At: monday, FlowID: apart.ID, Node: "m", Step: "ivr_record"}}); err != nil {
					t.Fatal(err)
				}
			}
			for _, ms := range []int64{1500, 5000} { // known while it is recorded, and at its end
				m.DurationMS = ms
				if err := s.SaveMessage(ctx, m); err != nil {
					t.Fatal(err)
				}
			}
			ids[i] = m.ID
		}
		if err := s.HandleMessage(ctx, ids[4], "leader", monday); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			q    models.MessageQuery
			want []int
		}{
			"all":           {models.MessageQuery{}, []int{0, 1, 2, 3, 4}},
			"a queue":       {models.MessageQuery{QueueID: q.ID}, []int{0, 4}},
			"a flow":        {models.MessageQuery{FlowID: apart.ID}, []int{3}},
			"a number":      {models.MessageQuery{Number: "+8613900000002"}, []int{2}},
			"its beginning": {models.MessageQuery{Number: "+86139*"}, []int{0, 1, 2, 3, 4}},
			"a time":        {models.MessageQuery{From: monday.Add(time.Minute), To: monday.Add(2 * time.Minute)}, []int{2, 3}},
			"open":          {models.MessageQuery{State: models.MessagesOpen}, []int{0, 1, 2, 3}},
			"handled":       {models.MessageQuery{State: models.MessagesHandled}, []int{4}},
			"a sight":       {models.MessageQuery{Sight: &models.Sight{Queues: []int64{q.ID}}}, []int{0, 2, 4}},
			"no sight":      {models.MessageQuery{Sight: &models.Sight{}}, nil},
		} {
			c.q.OrganizationID = 1
			got := through(t, func(p models.Page) ([]models.Message, string, error) {
				c.q.Page = p
				return s.MessagePage(ctx, c.q)
			}, func(m models.Message) string { return m.ID }, 2)
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
		if _, _, err := s.MessagePage(ctx, models.MessageQuery{OrganizationID: 1, Page: models.Page{After: "x"}}); !models.IsKind(err, models.Invalid) {
			t.Errorf("a cursor of nobody: %v", err)
		}
		if err := s.SaveMessage(ctx, models.Message{ID: "x", CallID: uuid.NewString(), Path: "messages/x.wav", LeftAt: monday}); !models.IsKind(err, models.NotFound) {
			t.Errorf("a message of no call: %v", err)
		}
		if unknown, err := s.UnknownMessages(ctx, []string{"nobody", ids[0]}); err != nil || !slices.Equal(unknown, []string{"nobody"}) {
			t.Errorf("unknown %v, %v", unknown, err)
		}
		for flow, want := range map[int64]bool{leads.ID: true, apart.ID: false} {
			if got, err := s.LeadsTo(ctx, flow, []int64{q.ID, 5}); err != nil || got != want {
				t.Errorf("flow %d leads to the queue: %v, %v", flow, got, err)
			}
		}
		messageLives(t, s, ids)
	})
}

// messageLives is what becomes of a message: heard, handled, opened again, deleted.
func messageLives(t *testing.T, s *store.Store, ids []string) {
	t.Helper()
	ctx, later := t.Context(), monday.Add(time.Hour)
	if err := s.MessageHeard(ctx, ids[0], "leader", later); err != nil {
		t.Fatal(err)
	}
	m, err := s.Message(ctx, ids[0])
	if err != nil || m.DurationMS != 5000 || m.Number != "+8613900000000" || m.HeardBy != "leader" || m.HeardAt == nil || !m.HeardAt.Equal(later) || m.HandledAt != nil {
		t.Errorf("heard: %+v %v", m, err)
	}
	if err := s.HandleMessage(ctx, ids[4], "", later); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Message(ctx, ids[4]); err != nil || m.HandledAt != nil || m.HandledBy != "" {
		t.Errorf("opened again: %+v %v", m, err)
	}
	old, err := s.OldMessages(ctx, monday.Add(time.Minute), 10)
	if err != nil || len(old) != 2 {
		t.Fatalf("%d are old, %v", len(old), err)
	}
	if err := s.MessageDeleted(ctx, old[0].ID, later); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Message(ctx, old[0].ID); err != nil || m.DeletedAt == nil {
		t.Errorf("deleted: %+v %v", m, err)
	}
	if old, err = s.OldMessages(ctx, monday.Add(time.Minute), 10); err != nil || len(old) != 1 {
		t.Errorf("%d are old after one was deleted, %v", len(old), err)
	}
	if _, err := s.Message(ctx, "nobody"); !models.IsKind(err, models.NotFound) {
		t.Errorf("a message of nothing: %v", err)
	}
}
