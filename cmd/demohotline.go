package cmd

import (
	"context"
	"fmt"
	"time"

	"waihu/controller/clock"
	"waihu/models"
)

// demoHotline is the number that people call, as the trunk delivers it.
const demoHotline = "4001000200"

// hotline makes a flow in which callers choose, rate and leave a message, and the route that leads to it.
func (d *demoMaker) hotline(ctx context.Context) error {
	files, err := d.s.VoiceFiles(ctx, d.org)
	if err != nil {
		return fmt.Errorf("find a voice file for the sample flow: %w", err)
	}
	voice := int64(0)
	for _, v := range files {
		if v.Approval == models.ApprovalApproved {
			voice = v.ID
		}
	}
	ask := func(n models.FlowNode) models.FlowNode {
		n.VoiceFileID, n.Tries, n.Seconds = voice, 2, 5
		return n
	}
	f := models.IVRFlow{OrganizationID: d.org, Name: d.app.t("Evening hotline", "夜间热线"), Nodes: []models.FlowNode{
		ask(models.FlowNode{ID: "hello", Kind: models.NodeMenu, Name: d.app.t("Welcome", "欢迎"), Keys: []models.FlowKey{{Key: "1", Next: "rate"}, {Key: "2", Next: "speak"}}, OnFail: "speak"}),
		ask(models.FlowNode{ID: "rate", Kind: models.NodeRate, Name: d.app.t("How was your trip?", "行程评价"), Next: "speak", OnFail: "speak"}),
		{ID: "speak", Kind: models.NodeRecord, Name: d.app.t("Leave a message", "请留言"), Seconds: 60, Next: "bye"},
		{ID: "bye", Kind: models.NodeHangUp},
	}}
	if err := d.s.CreateFlow(ctx, &f); err != nil {
		return fmt.Errorf("make the sample flow: %w", err)
	}
	r := models.InboundRoute{
		OrganizationID: d.org, Name: f.Name, Number: demoHotline, Zone: d.l.Calling.Zone,
		Target: models.RouteTarget{Kind: models.RouteFlow, FlowID: f.ID}, Closed: models.RouteTarget{Kind: models.RouteHangUp},
	}
	if err := d.s.CreateInboundRoute(ctx, &r); err != nil {
		return fmt.Errorf("make the sample route: %w", err)
	}
	return nil
}

// callers call the hotline from time to time. By their last three digits (777) every other one presses 1, 2 and # and leaves a
// message of some seconds; the others do what the simulated town makes of them.
func (p *plant) callers(ctx context.Context, every time.Duration) {
	if every <= 0 {
		return
	}
	for i := 0; clock.Sleep(ctx.Done(), clock.Real(), time.Duration(float64(every)/p.clock.Speed())); i++ {
		last := 777
		if i%2 == 1 {
			last = 800 + i%100
		}
		p.town.CallIn(p.l.Trunks[0].Gateway, demoHotline, fmt.Sprintf("138%05d%03d", 10000+i, last))
	}
}
