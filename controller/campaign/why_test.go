package campaign

import (
	"testing"
	"time"

	"waihu/models"
)

func TestExplain(t *testing.T) {
	now := utc("2026-03-02 02:00") // Monday, 10:00 in Shanghai
	hourAgo, soon := now.Add(-time.Hour), now.Add(time.Hour)
	running := models.Campaign{ID: 1, State: models.CampaignRunning, Rules: cn()}
	limited := running
	limited.Rules.PerNumberDay, limited.Rules.MinGapSeconds = 1, 1800
	dialled := []models.Attempt{{SentAt: &hourAgo, Kind: models.KindCampaign}}
	justNow := now.Add(-time.Minute)
	tests := []struct {
		name  string
		w     models.Whereabouts
		lead  models.Lead
		camp  models.Campaign
		now   time.Time
		want  models.Gate
		until time.Time
	}{
		{"due", models.Whereabouts{}, models.Lead{State: models.LeadDue}, running, now, models.GateOpen, time.Time{}},
		{"done", models.Whereabouts{}, models.Lead{State: models.LeadDone}, running, now, models.GateFinal, time.Time{}},
		{"blacklisted", models.Whereabouts{Blacklist: []models.BlacklistEntry{{}}}, models.Lead{State: models.LeadDue}, running, now, models.GateBlacklist, time.Time{}},
		{"blacklisted until", models.Whereabouts{Blacklist: []models.BlacklistEntry{{ExpiresAt: &soon}}}, models.Lead{State: models.LeadDue}, running, now, models.GateBlacklist, soon},
		{"entry has run out", models.Whereabouts{Blacklist: []models.BlacklistEntry{{ExpiresAt: &hourAgo}}}, models.Lead{State: models.LeadDue}, running, now, models.GateOpen, time.Time{}},
		{"in a call", models.Whereabouts{Open: []models.Attempt{{}}}, models.Lead{State: models.LeadReserved}, running, now, models.GateInCall, time.Time{}},
		{"skipped", models.Whereabouts{}, models.Lead{State: models.LeadSkipped, Why: models.GateNotAllowed}, running, now, models.GateNotAllowed, time.Time{}},
		{"paused", models.Whereabouts{}, models.Lead{State: models.LeadDue}, models.Campaign{State: models.CampaignPaused}, now, models.GateNotRunning, time.Time{}},
		{"not approved", models.Whereabouts{}, models.Lead{State: models.LeadDue}, models.Campaign{State: models.CampaignWaiting}, now, models.GateApproval, time.Time{}},
		{"retry later", models.Whereabouts{}, models.Lead{State: models.LeadDue, NextAt: soon}, running, now, models.GateRetryDelay, soon},
		{"at lunch", models.Whereabouts{}, models.Lead{State: models.LeadDue}, running, utc("2026-03-02 04:30"), models.GateWindow, utc("2026-03-02 06:00")},
		{"often enough today", models.Whereabouts{Last: dialled}, models.Lead{State: models.LeadDue}, limited, now, models.GateDayLimit, utc("2026-03-02 16:00")},
		{"a minute ago", models.Whereabouts{Last: []models.Attempt{{SentAt: &justNow, Kind: models.KindCampaign}}}, models.Lead{State: models.LeadDue}, limited, now, models.GateMinGap, justNow.Add(30 * time.Minute)},
		{"a test does not count", models.Whereabouts{Last: []models.Attempt{{SentAt: &justNow, Kind: models.KindTest}}}, models.Lead{State: models.LeadDue}, limited, now, models.GateOpen, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.lead.CampaignID, tt.camp.ID = 1, 1
			tt.w.Leads, tt.w.Campaigns = []models.Lead{tt.lead}, map[int64]models.Campaign{1: tt.camp}
			got := Explain(tt.w, time.LoadLocation, tt.now)
			if len(got) != 1 || got[0].Why != tt.want || !got[0].Until.Equal(tt.until) {
				t.Fatalf("%+v", got)
			}
		})
	}
}
