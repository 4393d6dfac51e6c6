package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type messageRow struct {
	ID, CallID                      string
	OrganizationID, QueueID, FlowID int64
	Node, Number                    string
	LeftAt                          stamp
	DurationMS                      int64 `gorm:"column:duration_ms"`
	Path                            string
	HeardAt                         stamp
	HeardBy                         string
	HandledAt                       stamp
	HandledBy                       string
	DeletedAt                       stamp
}

const messageColumns = "id, call_id, organization_id, queue_id, flow_id, node, number, left_at, duration_ms, path, heard_at, heard_by, handled_at, handled_by, deleted_at"

func (r messageRow) model() models.Message {
	return models.Message{ID: r.ID, CallID: r.CallID, OrganizationID: r.OrganizationID, QueueID: r.QueueID, FlowID: r.FlowID, Node: r.Node, Number: r.Number,
		LeftAt: r.LeftAt.t, DurationMS: r.DurationMS, Path: r.Path, HeardAt: r.HeardAt.ptr(), HeardBy: r.HeardBy, HandledAt: r.HandledAt.ptr(), HandledBy: r.HandledBy,
		DeletedAt: r.DeletedAt.ptr()}
}

func messagesOf(rows []messageRow) []models.Message {
	out := make([]models.Message, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out
}

// SaveMessage writes a message down, or how long it has become. Whose it is and who called says the call's attempt; in which flow
// it was left say the steps of the call, where they are known.
func (s *Store) SaveMessage(ctx context.Context, m models.Message) error {
	return s.write(ctx, "save message "+m.ID, func(tx *gorm.DB) error {
		var calls []struct {
			OrganizationID int64
			Number         string
			QueueID        int64
		}
		if err := tx.Raw("SELECT organization_id, number, queue_id FROM attempts WHERE id = ?", m.CallID).Find(&calls).Error; err != nil {
			return err
		}
		if len(calls) == 0 {
			return missing("call", "通话", m.CallID)
		}
		if m.Node != "" {
			var flows []int64
			if err := tx.Raw("SELECT flow_id FROM flow_steps WHERE call_id = ? AND node = ? ORDER BY id DESC LIMIT 1", m.CallID, m.Node).Find(&flows).Error; err != nil {
				return err
			}
			m.FlowID = append(flows, m.FlowID)[0]
		}
		if m.Node == "" && m.QueueID == 0 {
			m.QueueID = calls[0].QueueID
		}
		return tx.Exec("INSERT INTO messages (id, call_id, organization_id, queue_id, flow_id, node, number, left_at, duration_ms, path) VALUES (?,?,?,?,?,?,?,?,?,?)"+
			s.d.onConflict("id", func(fresh func(string) string) string { return "duration_ms = " + fresh("duration_ms") }),
			clip(m.ID, 64), m.CallID, calls[0].OrganizationID, m.QueueID, m.FlowID, clip(m.Node, 16), clip(calls[0].Number, 20), at(m.LeftAt), m.DurationMS, clip(m.Path, 255)).Error
	})
}

// UnknownMessages are those of ids that have no row.
func (s *Store) UnknownMessages(ctx context.Context, ids []string) ([]string, error) {
	var unknown []string
	for some := range slices.Chunk(ids, 500) {
		var known []string
		if err := s.r.WithContext(ctx).Raw("SELECT id FROM messages WHERE id IN ?", some).Find(&known).Error; err != nil {
			return nil, fmt.Errorf("look %d messages up: %w", len(some), err)
		}
		for _, id := range some {
			if !slices.Contains(known, id) {
				unknown = append(unknown, id)
			}
		}
	}
	return unknown, nil
}

// Message reads one message; one that was deleted is there too, with the time.
func (s *Store) Message(ctx context.Context, id string) (models.Message, error) {
	var rows []messageRow
	err := s.r.WithContext(ctx).Raw("SELECT "+messageColumns+" FROM messages WHERE id = ?", id).Find(&rows).Error
	if err != nil {
		return models.Message{}, fmt.Errorf("read message %s: %w", id, err)
	}
	if len(rows) == 0 {
		return models.Message{}, missing("message", "留言", id)
	}
	return rows[0].model(), nil
}

// MessagePage lists messages, the newest first, and the cursor of the next part ("" at the end).
func (s *Store) MessagePage(ctx context.Context, q models.MessageQuery) ([]models.Message, string, error) {
	f, err := messageFilter(q)
	if err != nil {
		return nil, "", err
	}
	n := pageLimit(q.Page)
	var rows []messageRow
	err = s.r.WithContext(ctx).Raw("SELECT "+messageColumns+" FROM messages WHERE "+f.sql()+" ORDER BY left_at DESC, id DESC LIMIT ?",
		append(f.args, n+1)...).Find(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("read a page of messages of organization %d: %w", q.OrganizationID, err)
	}
	items := messagesOf(rows[:min(len(rows), n)])
	if len(rows) <= n {
		return items, "", nil
	}
	last := items[n-1]
	return items, timeCursor(last.LeftAt, last.ID), nil
}

func messageFilter(q models.MessageQuery) (filter, error) {
	var f filter
	f.add("organization_id = ?", q.OrganizationID)
	for _, c := range []struct {
		on   bool
		cond string
		args []any
	}{
		{q.QueueID != 0, "queue_id = ?", []any{q.QueueID}},
		{q.FlowID != 0, "flow_id = ?", []any{q.FlowID}},
		{q.State == models.MessagesOpen, "handled_at IS NULL AND deleted_at IS NULL", nil},
		{q.State == models.MessagesHandled, "handled_at IS NOT NULL", nil},
		{!q.From.IsZero(), "left_at >= ?", []any{at(q.From)}},
		{!q.To.IsZero(), "left_at < ?", []any{at(q.To)}},
	} {
		if c.on {
			f.add(c.cond, c.args...)
		}
	}
	if start, prefix := strings.CutSuffix(q.Number, "*"); prefix {
		f.add("number >= ? AND number < ?", start, start+":")
	} else if q.Number != "" {
		f.add("number = ?", q.Number)
	}
	if q.Sight != nil {
		mine := append([]int64{-1}, q.Sight.Queues...) // an empty IN is no SQL; no id is negative
		f.add("(queue_id IN ? OR flow_id IN (SELECT owner_id FROM flow_references WHERE owner = 'flow' AND kind = 'queue' AND target_id IN ?))", mine, mine)
	}
	if q.After == "" {
		return f, nil
	}
	err := f.after("left_at", q.After)
	return f, err
}

// LeadsTo reports whether a flow leads to one of the queues.
func (s *Store) LeadsTo(ctx context.Context, flowID int64, queues []int64) (bool, error) {
	var n int64
	err := s.r.WithContext(ctx).Raw("SELECT COUNT(*) FROM flow_references WHERE owner = 'flow' AND owner_id = ? AND kind = 'queue' AND target_id IN ?",
		flowID, append([]int64{-1}, queues...)).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("read where flow %d leads: %w", flowID, err)
	}
	return n > 0, nil
}

// MessageHeard notes who listened to a message last.
func (s *Store) MessageHeard(ctx context.Context, id, login string, now time.Time) error {
	return s.write(ctx, "note who heard message "+id, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE messages SET heard_at = ?, heard_by = ? WHERE id = ?", at(now), clip(login, 100), id).Error
	})
}

// HandleMessage marks a message as handled by somebody; login "" = it is open again.
func (s *Store) HandleMessage(ctx context.Context, id, login string, now time.Time) error {
	when := &now
	if login == "" {
		when = nil
	}
	return s.write(ctx, "mark message "+id+" as handled", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE messages SET handled_at = ?, handled_by = ? WHERE id = ?", atp(when), clip(login, 100), id).Error
	})
}

// OldMessages lists at most limit messages from before a moment whose files are kept, the oldest first.
func (s *Store) OldMessages(ctx context.Context, before time.Time, limit int) ([]models.Message, error) {
	var rows []messageRow
	err := s.r.WithContext(ctx).Raw("SELECT "+messageColumns+" FROM messages WHERE left_at < ? AND deleted_at IS NULL ORDER BY left_at, id LIMIT ?",
		at(before), limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list messages from before %s: %w", before.Format(time.RFC3339), err)
	}
	return messagesOf(rows), nil
}

// MessageDeleted notes that a message's file is gone; the row stays and says so.
func (s *Store) MessageDeleted(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, "mark message "+id+" as deleted", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE messages SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", at(now), id).Error
	})
}
