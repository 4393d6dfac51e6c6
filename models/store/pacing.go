package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"waihu/models"
)

// openBefore is how long before its answer a call may have been reserved.
const openBefore = time.Hour

// WindowCounts counts what became of a campaign's live answers since a moment, as the abandonment limit has it: those that met
// an agent or were left alone, and of them those that were left alone. Who hung up before the connect limit is in neither.
func (s *Store) WindowCounts(ctx context.Context, campaignID int64, since time.Time) (models.WindowCounts, error) {
	reserved := since.Add(-openBefore)
	if since.IsZero() {
		since, reserved = time.Unix(0, 0), time.Unix(0, 0)
	}
	var n models.WindowCounts
	err := s.r.WithContext(ctx).Raw("SELECT COUNT(CASE WHEN bridged_at IS NOT NULL OR abandoned_by IN ('no_agent', 'overflow') THEN 1 END) AS answered, "+
		"COUNT(CASE WHEN bridged_at IS NULL AND abandoned_by IN ('no_agent', 'overflow') THEN 1 END) AS abandoned "+
		"FROM attempts WHERE campaign_id = ? AND reserved_at >= ? AND answered_at >= ? AND kind = 'campaign'",
		campaignID, at(reserved), at(since)).Find(&n).Error
	return n, wrap(fmt.Sprintf("count the answers of campaign %d", campaignID), err)
}

type pacingSampleRow struct {
	CampaignID   int64 `gorm:"primaryKey;autoIncrement:false"`
	SampledAt    stamp `gorm:"primaryKey"`
	Idle         int
	Busy         int
	Ringing      int
	Waiting      int
	Dialled      int
	Why          string
	Answered     int
	Abandoned    int
	AbandonLimit float64
	Bound        int
	Overdial     int
	Talk         int
	Covered      bool
}

func (pacingSampleRow) TableName() string { return "pacing_samples" }

// SavePacing keeps decisions. It may be repeated: what stands there already is passed over.
func (s *Store) SavePacing(ctx context.Context, samples []models.PacingSample) error {
	if len(samples) == 0 {
		return nil
	}
	rows := make([]pacingSampleRow, 0, len(samples))
	for _, v := range samples {
		rows = append(rows, pacingSampleRow{
			CampaignID: v.CampaignID, SampledAt: at(v.At), Idle: v.Idle, Busy: v.Busy, Ringing: v.Ringing, Waiting: v.Waiting, Dialled: v.Dialled,
			Why: clip(v.Why, 32), Answered: v.Answered, Abandoned: v.Abandoned, AbandonLimit: v.Limit, Bound: v.Bound, Overdial: v.Overdial, Talk: v.Talk, Covered: v.Covered,
		})
	}
	return s.write(ctx, fmt.Sprintf("save %d decisions of pacing", len(samples)), func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(rows).Error
	})
}

// PacingSamples are a campaign's kept decisions since a moment, at most limit of the newest, the oldest first.
func (s *Store) PacingSamples(ctx context.Context, campaignID int64, since time.Time, limit int) ([]models.PacingSample, error) {
	if since.IsZero() {
		since = time.Unix(0, 0)
	}
	var rows []pacingSampleRow
	err := s.r.WithContext(ctx).Where("campaign_id = ? AND sampled_at >= ?", campaignID, at(since)).Order("sampled_at DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the pacing of campaign %d: %w", campaignID, err)
	}
	out := make([]models.PacingSample, len(rows))
	for i, r := range rows {
		out[len(rows)-1-i] = models.PacingSample{
			CampaignID: r.CampaignID, At: r.SampledAt.t, Idle: r.Idle, Busy: r.Busy, Ringing: r.Ringing, Waiting: r.Waiting, Dialled: r.Dialled,
			Why: r.Why, Answered: r.Answered, Abandoned: r.Abandoned, Limit: r.AbandonLimit, Bound: r.Bound, Overdial: r.Overdial, Talk: r.Talk, Covered: r.Covered,
		}
	}
	return out, nil
}

// ForgetPacing deletes the decisions before a moment.
func (s *Store) ForgetPacing(ctx context.Context, before time.Time) error {
	return s.write(ctx, "forget old decisions of pacing", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM pacing_samples WHERE sampled_at < ?", at(before)).Error
	})
}

type pacingLearnedRow struct {
	CampaignID int64 `gorm:"primaryKey;autoIncrement:false"`
	LearnedAt  stamp
	Learned    string
}

func (pacingLearnedRow) TableName() string { return "pacing_learned" }

// SaveLearned keeps what a campaign's pacing learned, for the next day.
func (s *Store) SaveLearned(ctx context.Context, campaignID int64, data []byte, now time.Time) error {
	row := pacingLearnedRow{CampaignID: campaignID, LearnedAt: at(now), Learned: string(data)}
	return s.write(ctx, fmt.Sprintf("save what the pacing of campaign %d learned", campaignID), func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

// Learned is what a campaign's pacing learned, nil = nothing yet.
func (s *Store) Learned(ctx context.Context, campaignID int64) ([]byte, error) {
	var found []string
	err := s.r.WithContext(ctx).Raw("SELECT learned FROM pacing_learned WHERE campaign_id = ?", campaignID).Find(&found).Error
	if err != nil || len(found) == 0 {
		return nil, wrap(fmt.Sprintf("read what the pacing of campaign %d learned", campaignID), err)
	}
	return []byte(found[0]), nil
}
