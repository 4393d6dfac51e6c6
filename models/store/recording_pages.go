package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

func recordingsOf(rows []recordingRow) []models.Recording {
	out := make([]models.Recording, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out
}

// RecordingPage lists recordings, the newest first, and the cursor of the next part ("" at the end).
func (s *Store) RecordingPage(ctx context.Context, q models.RecordingQuery) ([]models.Recording, string, error) {
	f, err := recordingFilter(q)
	if err != nil {
		return nil, "", err
	}
	n := pageLimit(q.Page)
	var rows []recordingRow
	err = s.r.WithContext(ctx).Raw("SELECT "+recordingColumns+" FROM recordings WHERE "+f.sql()+" ORDER BY started_at DESC, id DESC LIMIT ?",
		append(f.args, n+1)...).Find(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("read a page of recordings of organization %d: %w", q.OrganizationID, err)
	}
	items := recordingsOf(rows[:min(len(rows), n)])
	if len(rows) <= n {
		return items, "", nil
	}
	last := items[n-1]
	return items, timeCursor(last.StartedAt, last.ID), nil
}

func recordingFilter(q models.RecordingQuery) (filter, error) {
	var f filter
	f.add("organization_id = ?", q.OrganizationID)
	for _, c := range []struct {
		on   bool
		cond string
		arg  any
	}{
		{q.AgentID != 0, "agent_id = ?", q.AgentID},
		{q.QueueID != 0, "queue_id = ?", q.QueueID},
		{q.CampaignID != 0, "campaign_id = ?", q.CampaignID},
		{!q.From.IsZero(), "started_at >= ?", at(q.From)},
		{!q.To.IsZero(), "started_at < ?", at(q.To)},
	} {
		if c.on {
			f.add(c.cond, c.arg)
		}
	}
	if start, prefix := strings.CutSuffix(q.Number, "*"); prefix {
		f.add("number >= ? AND number < ?", start, start+":")
	} else if q.Number != "" {
		f.add("number = ?", q.Number)
	}
	f.within(q.Sight)
	if q.After == "" {
		return f, nil
	}
	err := f.after("started_at", q.After)
	return f, err
}

// OldRecordings lists at most limit recordings that began before a moment and whose files are kept, the oldest first.
func (s *Store) OldRecordings(ctx context.Context, before time.Time, limit int) ([]models.Recording, error) {
	var rows []recordingRow
	err := s.r.WithContext(ctx).Raw("SELECT "+recordingColumns+" FROM recordings WHERE started_at < ? AND deleted_at IS NULL ORDER BY started_at, id LIMIT ?",
		at(before), limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list recordings from before %s: %w", before.Format(time.RFC3339), err)
	}
	return recordingsOf(rows), nil
}

// RecordingDeleted notes that a recording's file is gone; the row stays and says so.
func (s *Store) RecordingDeleted(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, "mark recording "+id+" as deleted", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE recordings SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", at(now), id).Error
	})
}

// AuditPage lists what people did, the newest first, and the cursor of the next part.
func (s *Store) AuditPage(ctx context.Context, q models.AuditQuery) ([]models.AuditEntry, string, error) {
	var f filter
	f.add("organization_id = ?", q.OrganizationID)
	for cond, v := range map[string]string{"login = ?": q.Login, "action = ?": q.Action, "target = ?": q.Target} {
		if v != "" {
			f.add(cond, v)
		}
	}
	if !q.From.IsZero() {
		f.add("at >= ?", at(q.From))
	}
	if !q.To.IsZero() {
		f.add("at < ?", at(q.To))
	}
	return newest[models.AuditEntry, auditRow](ctx, s, f, q.Page, func(e models.AuditEntry) int64 { return e.ID })
}

func (auditRow) what() (string, string) { return "audit entry", "审计记录" }
func (r auditRow) model() models.AuditEntry {
	return models.AuditEntry{ID: r.ID, OrganizationID: r.OrganizationID, UserID: r.UserID, Login: r.Login, Action: r.Action,
		Target: r.Target, Detail: r.Detail, At: r.At.t}
}
