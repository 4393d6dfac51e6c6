package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type hourKey struct {
	campaign     int64
	hour         time.Time
	outcome, sub string
}

type hourSum struct{ n, talk, ring int64 }

// hourCounts gathers what a transaction adds to the hourly table.
type hourCounts map[hourKey]hourSum

// add counts a campaign attempt in the hour in which it was sent, which is the hour in which a report looks for it.
func (h hourCounts) add(row openRow, f models.Facts, now time.Time) {
	if row.Kind != string(models.KindCampaign) {
		return
	}
	sent := row.SentAt.t
	if sent.IsZero() {
		sent = now
	}
	k := hourKey{row.CampaignID, sent.UTC().Truncate(time.Hour), clip(string(f.Outcome), 32), clip(string(f.Sub), 32)}
	sum := h[k]
	h[k] = hourSum{sum.n + 1, sum.talk + f.TalkMS, sum.ring + f.RingMS}
}

// write adds the counts in the order of their keys, so that two writers lock them in the same order.
func (h hourCounts) write(d dialect, tx *gorm.DB) error {
	if len(h) == 0 {
		return nil
	}
	keys := make([]hourKey, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hourKey) int {
		return cmp.Or(cmp.Compare(a.campaign, b.campaign), a.hour.Compare(b.hour), strings.Compare(a.outcome, b.outcome), strings.Compare(a.sub, b.sub))
	})
	q := multi{width: 7}
	for _, k := range keys {
		q.add(k.campaign, at(k.hour), k.outcome, k.sub, h[k].n, h[k].talk, h[k].ring)
	}
	sql := "INSERT INTO campaign_hours (campaign_id, hour, outcome, sub, n, talk_ms, ring_ms) VALUES " + q.sql() +
		d.onConflict("campaign_id, hour, outcome, sub", func(fresh func(string) string) string {
			return "n = campaign_hours.n + " + fresh("n") + ", talk_ms = campaign_hours.talk_ms + " + fresh("talk_ms") +
				", ring_ms = campaign_hours.ring_ms + " + fresh("ring_ms")
		})
	return tx.Exec(sql, q.args...).Error
}

// CampaignStats lists the hourly counts of a campaign's ended attempts by hour, outcome and sub.
func (s *Store) CampaignStats(ctx context.Context, campaignID int64) ([]models.HourStat, error) {
	var rows []struct {
		CampaignID   int64
		Hour         stamp
		Outcome, Sub string
		N            int64
		TalkMS       int64 `gorm:"column:talk_ms"`
		RingMS       int64 `gorm:"column:ring_ms"`
	}
	err := s.r.WithContext(ctx).Raw("SELECT campaign_id, hour, outcome, sub, n, talk_ms, ring_ms FROM campaign_hours "+
		"WHERE campaign_id = ? ORDER BY hour, outcome, sub", campaignID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read hourly counts of campaign %d: %w", campaignID, err)
	}
	out := make([]models.HourStat, len(rows))
	for i, r := range rows {
		out[i] = models.HourStat{CampaignID: r.CampaignID, Hour: r.Hour.t, Outcome: models.Outcome(r.Outcome),
			Sub: models.Sub(r.Sub), N: r.N, TalkMS: r.TalkMS, RingMS: r.RingMS}
	}
	return out, nil
}
