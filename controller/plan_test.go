package controller_test

import (
	"strings"
	"testing"
	"time"

	"waihu/controller"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store/storetest"
)

// What a queue says in the database is what stands in the dialplan; a campaign without a queue leads to its organization's first.
func TestPlanFromTheDatabase(t *testing.T) {
	s, ctx := storetest.SQLite(t), t.Context()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	org := models.Organization{Name: "示例", CreatedAt: now}
	must(t, s.CreateOrganization(ctx, &org))
	music := models.VoiceFile{OrganizationID: org.ID, Name: "music", WavPath: "m.wav", DurationMS: 30_000, Approval: models.ApprovalApproved, CreatedAt: now}
	must(t, s.CreateVoiceFile(ctx, &music))
	trunk := models.Trunk{Name: "main", Gateway: "pstn", DialPrefix: "9", NumberFormat: models.FormatNational}
	must(t, s.CreateTrunk(ctx, &trunk))
	shown := models.CallerNumber{OrganizationID: org.ID, Number: "075512345678", Kind: "landline", Approval: models.ApprovalApproved, CreatedAt: now}
	must(t, s.CreateCallerNumber(ctx, &shown))
	q := models.Queue{OrganizationID: org.ID, Name: "售后", Strategy: models.StrategyLongestIdle, RingSeconds: 20, MaxMissed: 3, MaxWaitSeconds: 90,
		MusicVoiceID: music.ID, ConnectMS: 1200, AnnounceStaff: true,
		Overflow: models.Overflow{Kind: models.OverflowNumber, Number: "+8613800138000", TrunkID: trunk.ID}}
	must(t, s.CreateQueue(ctx, &q))

	set := controller.PlanSettings{
		Sound: func(v models.VoiceFile) string { return "/sounds/" + v.WavPath }, Recordings: "/rec/",
		Queue: dialplan.QueueFlow{WaitSeconds: 33, Music: "local_stream://own"},
	}
	campaigns := []models.Campaign{
		{ID: 1, OrganizationID: org.ID, Mode: models.ModeDirectAgent},
		{ID: 2, OrganizationID: org.ID + 1, Mode: models.ModeDirectAgent},
	}
	p, err := controller.PlanFor(ctx, campaigns, s, set)
	must(t, err)
	if len(p.Queues) != 2 || p.Campaigns[0].QueueID != q.ID || p.Campaigns[1].QueueID != p.Queues[1].QueueID || p.Queues[1].WaitSeconds != 33 {
		t.Fatalf("queues and campaigns: %+v", p)
	}
	want := dialplan.QueueFlow{QueueID: q.ID, Music: "/sounds/m.wav", MusicMS: 30_000, WaitSeconds: 90, ConnectMS: 1200, Overflow: models.OverflowNumber,
		Outside: dialplan.Outside{Gateway: "pstn", Number: "913800138000", Caller: "075512345678"}}
	if p.Queues[0] != want {
		t.Errorf("queue is\n%+v, want\n%+v", p.Queues[0], want)
	}
	if _, err := dialplan.Render(p); err != nil {
		t.Error(err)
	}

	q.Overflow = models.Overflow{Kind: models.OverflowVoicemail}
	must(t, s.UpdateQueue(ctx, &q))
	p, err = controller.PlanFor(ctx, nil, s, set)
	must(t, err)
	if len(p.Queues) != 1 || p.Queues[0].Messages != "/rec/messages" {
		t.Errorf("without campaigns: %+v", p)
	}

	f := models.IVRFlow{OrganizationID: org.ID, Name: "总机", Nodes: []models.FlowNode{
		{ID: "a", Kind: models.NodeMenu, VoiceFileID: music.ID, Tries: 2, Seconds: 5, Keys: []models.FlowKey{{Key: "1", Next: "b"}, {Key: "2", Next: "c"}}},
		{ID: "b", Kind: models.NodeTransfer, To: models.FlowToNumber, Number: "+8613800138000", TrunkID: trunk.ID},
		{ID: "c", Kind: models.NodeRecord, VoiceFileID: music.ID, Seconds: 60},
	}}
	must(t, s.CreateFlow(ctx, &f))
	for i, disabled := range []bool{false, true} {
		must(t, s.CreateInboundRoute(ctx, &models.InboundRoute{OrganizationID: org.ID, Name: "r", Number: []string{"4001", "4002"}[i], Zone: "Asia/Shanghai", Disabled: disabled,
			Target: models.RouteTarget{Kind: models.RouteFlow, FlowID: f.ID}, Closed: models.RouteTarget{Kind: models.RouteHangUp, VoiceFileID: music.ID}}))
	}
	p, err = controller.PlanFor(ctx, nil, s, set)
	must(t, err)
	if len(p.IVRs) != 1 || len(p.Routes) != 1 || p.Routes[0].Closed.Sound != "/sounds/m.wav" || p.IVRs[0].Nodes[0].Keys["2"] != "c" ||
		p.IVRs[0].Nodes[1].Outside != want.Outside || p.IVRs[0].Nodes[2].Messages != "/rec/messages" {
		t.Errorf("flows and routes: %+v", p)
	}
	if _, err := dialplan.Render(p); err != nil {
		t.Error(err)
	}

	set.MissingPrompts = func() []string { return []string{"8.wav"} }
	if _, err := controller.PlanFor(ctx, nil, s, set); !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "8.wav") {
		t.Errorf("a queue that says staff numbers without 8.wav: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
