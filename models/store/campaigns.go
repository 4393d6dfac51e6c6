package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type campaignRow struct {
	ID, OrganizationID                     int64
	Name, Mode, State, StateReason         string
	ContactListID, VoiceFileID, QueueID    int64
	Purpose                                string
	MaxConcurrency, RingSeconds, PlayCount int
	ExtraSeconds                           int
	AgentKey, OptOutKey                    string
	KeySeconds                             int
	Rules                                  text[models.Rules]
	TrunkIDs                               text[[]int64] `gorm:"column:trunk_ids"`
	CallerIDs                              text[[]int64] `gorm:"column:caller_ids"`
	Keys                                   text[map[string]string]
	Version                                int64
	CreatedAt                              stamp `gorm:"autoCreateTime:false"`
	UpdatedAt                              stamp `gorm:"autoUpdateTime:false"`
	StartedAt, FinishedAt                  stamp
}

func (campaignRow) TableName() string      { return "campaigns" }
func (campaignRow) what() (string, string) { return "campaign", "任务" }
func (r campaignRow) model() models.Campaign {
	return models.Campaign{
		ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, Mode: models.CampaignMode(r.Mode),
		State: models.CampaignState(r.State), StateReason: r.StateReason, ContactListID: r.ContactListID,
		VoiceFileID: r.VoiceFileID, QueueID: r.QueueID, Purpose: r.Purpose, MaxConcurrency: r.MaxConcurrency,
		RingSeconds: r.RingSeconds, PlayCount: r.PlayCount, ExtraSeconds: r.ExtraSeconds, AgentKey: r.AgentKey,
		OptOutKey: r.OptOutKey, KeySeconds: r.KeySeconds, Rules: r.Rules.v, TrunkIDs: r.TrunkIDs.v,
		CallerIDs: r.CallerIDs.v, Keys: r.Keys.v, Version: r.Version, CreatedAt: r.CreatedAt.t, UpdatedAt: r.UpdatedAt.t,
		StartedAt: r.StartedAt.ptr(), FinishedAt: r.FinishedAt.ptr(),
	}
}

func rowOfCampaign(c models.Campaign) *campaignRow {
	return &campaignRow{
		ID: c.ID, OrganizationID: c.OrganizationID, Name: c.Name, Mode: string(c.Mode), State: string(c.State),
		StateReason: c.StateReason, ContactListID: c.ContactListID, VoiceFileID: c.VoiceFileID, QueueID: c.QueueID,
		Purpose: c.Purpose, MaxConcurrency: c.MaxConcurrency, RingSeconds: c.RingSeconds, PlayCount: c.PlayCount,
		ExtraSeconds: c.ExtraSeconds, AgentKey: c.AgentKey, OptOutKey: c.OptOutKey, KeySeconds: c.KeySeconds,
		Rules: text[models.Rules]{c.Rules}, TrunkIDs: text[[]int64]{c.TrunkIDs}, CallerIDs: text[[]int64]{c.CallerIDs},
		Keys: text[map[string]string]{c.Keys}, Version: c.Version, CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt),
		StartedAt: atp(c.StartedAt), FinishedAt: atp(c.FinishedAt),
	}
}

// CreateCampaign saves c and fills in ID, Version, CreatedAt and UpdatedAt; an empty state becomes draft.
func (s *Store) CreateCampaign(ctx context.Context, c *models.Campaign) error {
	if c.State == "" {
		c.State = models.CampaignDraft
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.clk.Now().UTC()
	}
	c.UpdatedAt, c.Version = c.CreatedAt, 1
	r := rowOfCampaign(*c)
	r.ID = 0
	if err := insert[models.Campaign](ctx, s, r, "name"); err != nil {
		return err
	}
	c.ID = r.ID
	return nil
}

// Campaign reads one campaign.
func (s *Store) Campaign(ctx context.Context, id int64) (models.Campaign, error) {
	return first[models.Campaign, campaignRow](ctx, s, id, "id = ?", id)
}

// Campaigns lists an organization's campaigns by id.
func (s *Store) Campaigns(ctx context.Context, org int64) ([]models.Campaign, error) {
	return list[models.Campaign, campaignRow](ctx, s, "organization_id = ?", org)
}

// ActiveCampaigns lists the campaigns of all organizations that run, stop, or still have attempts in progress.
func (s *Store) ActiveCampaigns(ctx context.Context) ([]models.Campaign, error) {
	return list[models.Campaign, campaignRow](ctx, s,
		"state IN ('running', 'stopping') OR id IN (SELECT campaign_id FROM attempts WHERE open_number_key > '')")
}

// UpdateCampaign writes the settings (not the state) of a campaign whose version is still c.Version, and raises c.Version
// and c.UpdatedAt. Somebody else's change in between is a conflict.
func (s *Store) UpdateCampaign(ctx context.Context, c *models.Campaign) error {
	r := rowOfCampaign(*c)
	r.Version++
	r.UpdatedAt = at(s.clk.Now().UTC())
	err := s.write(ctx, fmt.Sprintf("update campaign %d", c.ID), func(tx *gorm.DB) error {
		res := tx.Model(r).Where("id = ? AND version = ?", c.ID, c.Version).Select("name", "mode", "contact_list_id",
			"voice_file_id", "queue_id", "purpose", "max_concurrency", "ring_seconds", "play_count", "extra_seconds",
			"agent_key", "opt_out_key", "key_seconds", "rules", "trunk_ids", "caller_ids", "keys", "version",
			"updated_at").Updates(r)
		if res.Error != nil || res.RowsAffected == 1 {
			return res.Error
		}
		if _, err := campaignState(tx, c.ID, ""); err != nil {
			return err
		}
		return models.NewError(models.Conflict, "version", "changed_meanwhile",
			fmt.Sprintf("Campaign %d was changed by somebody else; load it again.", c.ID),
			fmt.Sprintf("任务 %d 已被他人修改，请重新加载。", c.ID))
	})
	if err == nil {
		c.Version, c.UpdatedAt = r.Version, r.UpdatedAt.t
	}
	return err
}

// SetCampaignState moves a campaign from one of the states to another, with a reason (a Gate or a person's words). It is a
// conflict when the campaign is in none of them. The first start and the last end are noted at now.
func (s *Store) SetCampaignState(ctx context.Context, id int64, from []models.CampaignState, to models.CampaignState, reason string, now time.Time) error {
	started, finished := stamp{}, stamp{}
	switch to {
	case models.CampaignRunning:
		started = at(now)
	case models.CampaignFinished, models.CampaignStopped:
		finished = at(now)
	case models.CampaignDraft, models.CampaignWaiting, models.CampaignReady, models.CampaignPaused, models.CampaignStopping:
	}
	return s.write(ctx, fmt.Sprintf("set campaign %d to %s", id, to), func(tx *gorm.DB) error {
		res := tx.Exec("UPDATE campaigns SET state = ?, state_reason = ?, updated_at = ?, "+
			"started_at = COALESCE(started_at, ?), finished_at = ? WHERE id = ? AND state IN ?",
			to, clip(reason, 255), at(now), started, finished, id, from)
		if res.Error != nil || res.RowsAffected == 1 {
			return res.Error
		}
		is, err := campaignState(tx, id, "")
		if err != nil {
			return err
		}
		return models.NewError(models.Conflict, "state", "wrong_state",
			fmt.Sprintf("Campaign %d is %s; it cannot become %s from there.", id, is, to),
			fmt.Sprintf("任务 %d 当前状态为 %s，不能变为 %s。", id, is, to))
	})
}

// campaignState reads the state with a lock suffix that keeps it until our commit.
func campaignState(tx *gorm.DB, id int64, lock string) (models.CampaignState, error) {
	var state string
	res := tx.Raw("SELECT state FROM campaigns WHERE id = ?"+lock, id).Find(&state)
	if res.Error != nil {
		return "", fmt.Errorf("read state of campaign %d: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return "", missing("campaign", "任务", id)
	}
	return models.CampaignState(state), nil
}
