package store

import (
	"context"
	"fmt"
	"time"

	"waihu/models"
)

// History sums an organization's hourly counts from a time on, until another; zero = without bound. It reads the table of hours, not the attempts, so that it is
// quick whatever was dialled.
func (s *Store) History(ctx context.Context, org int64, since, until time.Time) (models.History, error) {
	h := models.History{Failed: map[models.Outcome]int64{}}
	var rows []struct {
		Hour         stamp
		Outcome, Sub string
		N            int64
		TalkMS       int64 `gorm:"column:talk_ms"`
		RingMS       int64 `gorm:"column:ring_ms"`
	}
	if since.IsZero() {
		since = time.Unix(0, 0) // a zero stamp is NULL
	}
	if until.IsZero() {
		until = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	err := s.r.WithContext(ctx).Raw("SELECT h.hour, h.outcome, h.sub, SUM(h.n) AS n, SUM(h.talk_ms) AS talk_ms, SUM(h.ring_ms) AS ring_ms "+
		"FROM campaign_hours h JOIN campaigns c ON c.id = h.campaign_id WHERE c.organization_id = ? AND h.hour >= ? AND h.hour < ? "+
		"GROUP BY h.hour, h.outcome, h.sub ORDER BY h.hour", org, at(since), at(until)).Find(&rows).Error
	if err != nil {
		return h, fmt.Errorf("sum the hours of organization %d: %w", org, err)
	}
	for _, r := range rows {
		if n := len(h.Hours); n == 0 || !h.Hours[n-1].Hour.Equal(r.Hour.t) {
			h.Hours = append(h.Hours, models.HistoryHour{Hour: r.Hour.t})
		}
		hour := &h.Hours[len(h.Hours)-1]
		hour.Calls += r.N
		if models.Outcome(r.Outcome) != models.OutcomeAnswered {
			h.Failed[models.Outcome(r.Outcome)] += r.N
			continue
		}
		hour.Answered += r.N
		hour.RingSeconds += float64(r.RingMS) / 1000
		switch models.Sub(r.Sub) {
		case models.SubAgent:
			h.Talks += r.N
			h.TalkSeconds += float64(r.TalkMS) / 1000
			h.Queued += r.N
		case models.SubAbandoned, models.SubOverflow, models.SubEarlyHangup:
			h.Queued += r.N
		default:
			h.Listened += r.N
			h.ListenSeconds += float64(r.TalkMS) / 1000
		}
	}
	return h, nil
}
