package campaign

import (
	"slices"
	"strings"
	"testing"

	"waihu/models"
)

// ready is a campaign straight to two connected agents, of which there is nothing to say.
func ready() Launch {
	nailed := models.Agent{Reach: models.ReachNailedUp}
	return Launch{
		Campaign: models.Campaign{Mode: models.ModeDirectAgent, ContactListID: 1, MaxConcurrency: 4, Rules: cn()},
		Now:      utc("2026-03-02 02:00"), // Monday, 10:00 in Shanghai
		List:     models.ContactList{Approval: models.ApprovalApproved}, Facts: models.ListFacts{Numbers: 1000},
		Voice: models.VoiceFile{Approval: models.ApprovalApproved}, Callers: []models.CallerNumber{{Number: "02160000001", Approval: models.ApprovalApproved}},
		Trunks: []models.Trunk{{Name: "t1", Lines: 4}}, Agents: []models.Agent{nailed, nailed},
	}
}

func TestPreflight(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Launch)
		want   []string // level code field
		text   string   // in the first finding
	}{
		{"nothing to say", func(*Launch) {}, nil, ""},
		{"a fault is told once", func(l *Launch) {
			l.Faults = []models.FieldError{{Field: "trunk_ids", Code: "required"}, {Field: "trunk_ids", Code: "required"}}
		}, []string{"error required trunk_ids"}, ""},
		{"the list waits", func(l *Launch) { l.List.Approval = models.ApprovalPending }, []string{"warning waiting_approval contact_list_id"}, "number file"},
		{"the voice was rejected", func(l *Launch) { l.Voice.Approval = models.ApprovalRejected }, []string{"error rejected voice_file_id"}, "voice file"},
		{"a caller number waits", func(l *Launch) { l.Callers[0].Approval = models.ApprovalPending }, []string{"warning waiting_approval caller_ids"}, "02160000001"},
		{"nothing chosen yet", func(l *Launch) {
			l.List, l.Voice, l.Campaign.ContactListID, l.Facts = models.ContactList{}, models.VoiceFile{}, 0, models.ListFacts{}
		}, nil, ""},
		{"lunch", func(l *Launch) { l.Now = utc("2026-03-02 04:30") }, []string{"info opens_later windows"}, "2026-03-02 14:00"},
		{"never open", func(l *Launch) {
			l.Campaign.Rules.Windows = []models.Window{{Weekday: l.Now.Weekday(), From: 60, To: 60}}
		}, []string{"error never_open windows"}, ""},
		{"empty list", func(l *Launch) { l.Facts = models.ListFacts{} }, []string{"error list_empty contact_list_id"}, ""},
		{"blacklist", func(l *Launch) { l.Facts.Blacklisted = 250 }, []string{"info blacklisted contact_list_id"}, "250 (25.0 %)"},
		{"other campaigns", func(l *Launch) { l.Facts.Elsewhere = 5 }, []string{"warning elsewhere contact_list_id"}, "5 (0.5 %)"},
		{"zones that are known and open", func(l *Launch) {
			l.Campaign.Rules.NumberZone, l.Facts.Zones = true, map[string]int64{"Asia/Shanghai": 1000}
		}, nil, ""},
		{"zone not known", func(l *Launch) {
			l.Campaign.Rules.NumberZone, l.Facts.Zones = true, map[string]int64{"": 30, "Asia/Shanghai": 970}
		}, []string{"info zone_unknown number_zone"}, "30 (3.0 %)"},
		{"numbers elsewhere must wait", func(l *Launch) {
			l.Campaign.Rules.NumberZone, l.Facts.Zones = true, map[string]int64{"America/New_York": 40, "Asia/Shanghai": 960}
		}, []string{"info zone_closed windows"}, "40 (4.0 %)"},
		{"zones matter only where they count", func(l *Launch) {
			l.Campaign.Rules.NumberZone, l.Facts.Zones = false, map[string]int64{"": 30, "America/New_York": 40}
		}, nil, ""},
		{"fewer lines than calls", func(l *Launch) { l.Campaign.MaxConcurrency = 5 }, []string{"warning few_lines max_concurrency"}, "5 calls"},
		{"fewer lines than the ratio needs", func(l *Launch) { l.Campaign.Rules.Ratio = 1.5 }, []string{"warning few_lines trunk_ids"}, "2 agents can need 5 lines"},
		{"a trunk without a limit", func(l *Launch) { l.Trunks[0].Lines, l.Campaign.MaxConcurrency, l.Campaign.Rules.Ratio = 0, 900, 10 }, nil, ""},
		{"a paused trunk", func(l *Launch) { l.Trunks[0].Paused = true }, []string{"warning trunk_paused trunk_ids"}, "t1"},
		{"phones that ring", func(l *Launch) {
			l.Campaign.Rules.Pacing = models.Pacing{Mode: models.PacePredictive, Guarantee: models.GuaranteeHard, AbandonLimit: 0.03, ConnectSeconds: 2}
			l.Agents = []models.Agent{{Reach: models.ReachRing}}
		}, []string{"warning phones_ring pacing.mode"}, ""},
		{"the worst comes first", func(l *Launch) {
			l.Facts.Blacklisted, l.Trunks[0].Paused, l.Voice.Approval = 1, true, models.ApprovalRejected
		}, []string{"error rejected voice_file_id", "warning trunk_paused trunk_ids", "info blacklisted contact_list_id"}, ""},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			l := ready()
			c.change(&l)
			var got []string
			found := Preflight(l)
			for _, f := range found {
				got = append(got, f.Level+" "+f.Code+" "+f.Field)
				if c.name != "a fault is told once" && (f.Text == "" || f.TextZH == "") {
					t.Errorf("%s has no text in both languages: %+v", f.Code, f)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Fatalf("found %v, want %v", got, c.want)
			}
			if c.text != "" && !strings.Contains(found[0].Text, c.text) {
				t.Errorf("%q does not name %q", found[0].Text, c.text)
			}
		})
	}
}
