package store_test

import (
	"strings"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestFlowsAndRoutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		org := models.Organization{Name: "总公司", CreatedAt: noon}
		must(s.CreateOrganization(ctx, &org))
		v := models.VoiceFile{OrganizationID: org.ID, Name: "欢迎", WavPath: "a.wav", DurationMS: 1000, Approval: models.ApprovalApproved, CreatedAt: noon}
		must(s.CreateVoiceFile(ctx, &v))
		tr := models.Trunk{Name: "main", Gateway: "pstn", NumberFormat: models.FormatNational}
		must(s.CreateTrunk(ctx, &tr))
		q := models.Queue{OrganizationID: org.ID, Name: "售后", Strategy: models.StrategyRandom, MaxWaitSeconds: 60, RingSeconds: 20, MaxMissed: 3,
			Overflow: models.Overflow{Kind: models.OverflowHangUp}}
		must(s.CreateQueue(ctx, &q))

		other := models.IVRFlow{OrganizationID: org.ID, Name: "夜间", CreatedAt: noon, Nodes: []models.FlowNode{{ID: "a", Kind: models.NodeHangUp}}}
		must(s.CreateFlow(ctx, &other))
		f := models.IVRFlow{OrganizationID: org.ID, Name: "总机", CreatedAt: noon, Nodes: []models.FlowNode{
			{ID: "a", Kind: models.NodeMenu, VoiceFileID: v.ID, Tries: 2, Seconds: 5, Keys: []models.FlowKey{{Key: "1", Next: "b"}, {Key: "2", Next: "c"}}, OnFail: "d"},
			{ID: "b", Kind: models.NodeQueue, QueueID: q.ID},
			{ID: "c", Kind: models.NodeTransfer, To: models.FlowToNumber, Number: "+8613800138000", TrunkID: tr.ID},
			{ID: "d", Kind: models.NodeTransfer, To: models.FlowToFlow, TargetID: other.ID},
		}}
		must(s.CreateFlow(ctx, &f))
		got, err := s.Flow(ctx, f.ID)
		same(t, "flow", got, err, f)
		twin := models.IVRFlow{OrganizationID: org.ID, Name: "总机"}
		if err := s.CreateFlow(ctx, &twin); !models.IsKind(err, models.Conflict) {
			t.Errorf("the same name again: %v", err)
		}

		r := models.InboundRoute{OrganizationID: org.ID, Name: "热线", Number: "4008001234", Zone: "Asia/Shanghai", CreatedAt: noon,
			Target: models.RouteTarget{Kind: models.RouteFlow, FlowID: f.ID}, Closed: models.RouteTarget{Kind: models.RouteHangUp, VoiceFileID: v.ID},
			Windows: []models.Window{{Weekday: 1, From: 540, To: 1080}}, Holidays: []string{"2026-10-01"}}
		must(s.CreateInboundRoute(ctx, &r))
		route, err := s.InboundRoute(ctx, r.ID)
		same(t, "route", route, err, r)
		if owner, err := s.RouteOwner(ctx, r.Number); err != nil || owner != org.ID {
			t.Errorf("the number's owner: %d, %v", owner, err)
		}
		if owner, err := s.RouteOwner(ctx, "4008009999"); err != nil || owner != 0 {
			t.Errorf("the owner of a number without a route: %d, %v", owner, err)
		}
		again := r
		if err := s.CreateInboundRoute(ctx, &again); !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "number") {
			t.Errorf("the same number again: %v", err)
		}

		for what, err := range map[string]error{
			"voice file": s.DeleteVoiceFile(ctx, v.ID), "queue": s.DeleteQueue(ctx, q.ID), "trunk": s.DeleteTrunk(ctx, tr.ID),
			"flow of a flow": s.DeleteFlow(ctx, other.ID), "flow of a route": s.DeleteFlow(ctx, f.ID),
		} {
			if !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "总机") && !strings.Contains(err.Error(), "热线") {
				t.Errorf("delete the %s in use: %v", what, err)
			}
		}

		f.Nodes = f.Nodes[1:2]
		must(s.UpdateFlow(ctx, &f))
		if f.Version != 2 {
			t.Errorf("version %d after a change", f.Version)
		}
		stale := f
		stale.Version = 1
		if err := s.UpdateFlow(ctx, &stale); !models.IsKind(err, models.Conflict) {
			t.Errorf("a stale change: %v", err)
		}
		must(s.DeleteTrunk(ctx, tr.ID)) // not named any more
		must(s.DeleteFlow(ctx, other.ID))
		r.Target, r.Closed, r.Disabled = models.RouteTarget{Kind: models.RouteQueue, QueueID: q.ID}, models.RouteTarget{Kind: models.RouteHangUp}, true
		must(s.UpdateInboundRoute(ctx, &r))
		route, err = s.InboundRoute(ctx, r.ID)
		same(t, "changed route", route, err, r)
		must(s.DeleteFlow(ctx, f.ID))
		must(s.DeleteVoiceFile(ctx, v.ID))
		must(s.DeleteInboundRoute(ctx, r.ID))
		must(s.DeleteQueue(ctx, q.ID))
		if all, err := s.InboundRoutes(ctx, 0); err != nil || len(all) != 0 {
			t.Errorf("%d routes are left, %v", len(all), err)
		}

		steps := []models.FlowStep{
			{CallID: "c1", At: noon.Add(time.Microsecond), FlowID: 1, Node: "a", Step: "ivr_menu"},
			{CallID: "c1", At: noon.Add(time.Second), FlowID: 1, Node: "a", Step: "ivr_key", Value: "1"},
		}
		must(s.SaveFlowSteps(ctx, append(steps, models.FlowStep{CallID: "c2", At: noon})))
		saved, err := s.FlowSteps(ctx, "c1")
		same(t, "steps", saved, err, steps)
	})
}
