package cmd

import (
	"strings"
	"testing"
	"time"

	"waihu/models"
)

// A number that an agent skipped: who asks why it was not called reads who it was and what he said, at the shell in his language.
func TestWhyTellsWhoSkipped(t *testing.T) {
	do := inside(t)
	write(t, "n.csv", "电话\n13800138000\n")
	do(ExitOK, "import", "n.csv")
	ctx, s := t.Context(), stored(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.ContactList(ctx, 1)
	must(err)
	tom := models.Agent{OrganizationID: list.OrganizationID, StaffNumber: "8001", Name: "Tom", Reach: models.ReachRing, ExternalNumber: "+8613900000001"}
	must(s.CreateAgent(ctx, &tom, &models.User{OrganizationID: list.OrganizationID, Login: "tom", Role: models.RoleAgent, PasswordHash: "-"}))
	c := models.Campaign{OrganizationID: list.OrganizationID, Name: "May", Mode: models.ModeDirectAgent, State: models.CampaignRunning, ContactListID: list.ID,
		Rules: models.Rules{Pack: "none", Zone: "Asia/Shanghai", Pacing: models.Pacing{Mode: models.PacePreview}}}
	must(s.CreateCampaign(ctx, &c))
	now := time.Now()
	_, err = s.PrepareLeads(ctx, c.ID, now)
	must(err)
	lease, _, err := s.AcquireLease(ctx, "why", time.Minute)
	must(err)
	for i, reason := range []string{"bad_time", "已换号"} {
		at := now.Add(time.Duration(i) * time.Minute)
		res, err := s.Reserve(ctx, models.ReserveRequest{Epoch: lease.Epoch, Campaign: c, Limit: 1, Now: at})
		must(err)
		if len(res.Reserved) != 1 {
			t.Fatalf("reserved %+v", res)
		}
		v := res.Reserved[0]
		must(s.Skip(ctx, lease.Epoch, models.Refusal{AttemptID: v.Attempt.ID, LeadID: v.Lead.ID, Why: models.GateAgentSkipped, Until: at, By: tom.ID, Reason: reason}, at))
	}
	for lang, want := range map[string][]string{
		"en": {"campaign 1: skipped by agent 8001 Tom: 已换号", "campaign 1: skipped by agent 8001 Tom: not a good time"},
		"zh": {"任务 1：坐席 8001 Tom 跳过：已换号", "任务 1：坐席 8001 Tom 跳过：时间不合适"},
	} {
		out, _ := do(ExitOK, "why", "13800138000", "--lang", lang)
		first, second := strings.Index(out, want[0]), strings.Index(out, want[1])
		if first < 0 || second < first {
			t.Errorf("%s: %s", lang, out)
		}
	}
}
