package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// endColumns are what the end of an attempt writes, in the order of endValues.
var endColumns = [...]string{"state", "created_at", "progress_at", "answered_at", "hung_up_at", "ended_at", "outcome", "sub",
	"placed", "cause", "q850", "sip_status", "sip_phrase", "disposition", "who_hung_up", "step", "keys", "talk_ms", "ring_ms",
	"node", "from_cdr", "queue_id", "agent_id", "queued_at", "bridged_at", "wait_ms", "agent_ms", "announced", "recording", "abandoned_by",
	"open_lead_key", "open_number_key"}

func endValues(id string, f models.Facts, now time.Time) []any {
	ended := atp(f.EndedAt)
	if f.EndedAt == nil {
		ended = at(now)
	}
	return []any{id, string(models.AttemptEnded), atp(f.CreatedAt), atp(f.ProgressAt), atp(f.AnsweredAt), atp(f.HungUpAt), ended,
		clip(string(f.Outcome), 32), clip(string(f.Sub), 32), f.Placed, clip(f.Cause, 64), f.Q850, f.SIPStatus,
		clip(f.SIPPhrase, 128), clip(f.Disposition, 64), clip(string(f.WhoHungUp), 16), clip(f.Step, 64),
		text[[]models.Key]{f.Keys}, f.TalkMS, f.RingMS, clip(f.Node, 64), f.FromCDR, f.QueueID, f.AgentID, atp(f.QueuedAt), atp(f.BridgedAt), f.WaitMS, f.AgentMS,
		clip(f.Announced, 16), clip(f.Recording, 36), clip(f.AbandonedBy, 16), nil, nil}
}

// openRow is an attempt that is about to end.
type openRow struct {
	ID             string
	CampaignID     int64
	LeadID         int64
	Kind           string
	SentAt         stamp
	OrganizationID int64
}

// Finish closes attempts: their facts, the new standing of their leads, the campaign's hourly counts and entries of the
// blacklist, all in one transaction. It may be repeated, also when it is unknown whether it was done: an attempt that has
// ended or was released is left alone, and so are its lead and the counts. Only the epoch must be that of the lease, which
// may have run out, so that no result is lost.
func (s *Store) Finish(ctx context.Context, epoch int64, now time.Time, fs []models.Finish) error {
	if len(fs) == 0 {
		return nil
	}
	return s.write(ctx, fmt.Sprintf("finish %d attempts, the first %s", len(fs), fs[0].AttemptID), func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		open, err := s.openOf(tx, epoch, fs)
		if err != nil || len(open) == 0 {
			return err
		}
		var ends [][]any
		var withLegs []string
		var leads []models.LeadAfter
		last := map[int64]models.Finish{}
		var listed []models.BlacklistEntry
		hours := hourCounts{}
		for _, f := range fs {
			row, ok := open[f.AttemptID]
			if !ok {
				continue
			}
			delete(open, f.AttemptID) // the same attempt twice in one call
			ends = append(ends, endValues(f.AttemptID, f.Facts, now))
			hours.add(row, f.Facts, now)
			if hasLegs(row, f.Facts) {
				withLegs = append(withLegs, f.AttemptID)
			}
			if f.Lead != nil && f.Lead.ID == row.LeadID {
				leads = append(leads, *f.Lead)
				last[row.LeadID] = f
			}
			if f.Blacklist != nil {
				listed = append(listed, *f.Blacklist)
			}
		}
		if err := s.setRows(tx, "attempts", nil, endColumns[:], ends); err != nil {
			return err
		}
		if err := endLegs(tx, withLegs, now); err != nil {
			return err
		}
		if err := s.setLeads(tx, leads, last); err != nil {
			return err
		}
		if err := hours.write(s.d, tx); err != nil {
			return err
		}
		_, err = s.addBlacklist(tx, listed, now)
		return err
	})
}

func (s *Store) openOf(tx *gorm.DB, epoch int64, fs []models.Finish) (map[string]openRow, error) {
	ids := make([]string, len(fs))
	for i, f := range fs {
		ids[i] = f.AttemptID
	}
	var rows []openRow
	err := tx.Raw("SELECT id, campaign_id, lead_id, kind, sent_at, organization_id FROM attempts "+
		"WHERE id IN ? AND state NOT IN ('ended', 'released') AND epoch = ? ORDER BY id"+s.d.lock, ids, epoch).Find(&rows).Error
	open := make(map[string]openRow, len(rows))
	for _, r := range rows {
		open[r.ID] = r
	}
	return open, err
}

func (s *Store) setLeads(tx *gorm.DB, leads []models.LeadAfter, last map[int64]models.Finish) error {
	if len(leads) == 0 {
		return nil
	}
	ids := make([]int64, len(leads))
	for i, l := range leads {
		ids[i] = l.ID
	}
	var rows []leadRow
	err := tx.Raw("SELECT id, campaign_id, contact_id, number, next_at FROM leads WHERE id IN ? AND state = 'reserved' ORDER BY id"+s.d.lock, ids).Find(&rows).Error
	if err != nil {
		return err
	}
	is := make(map[int64]leadRow, len(rows))
	for _, r := range rows {
		is[r.ID] = r
	}
	var set [][]any
	for _, l := range leads {
		r, ok := is[l.ID]
		if !ok {
			continue
		}
		next := at(l.NextAt)
		if l.NextAt.IsZero() {
			next = r.NextAt
		}
		set = append(set, []any{l.ID, r.CampaignID, r.ContactID, r.Number, string(l.State), next, string(l.Why), l.Attempts,
			l.Retries, l.FreeRetries, string(l.LastOutcome), l.OutcomeRuns, last[l.ID].AttemptID,
			clip(string(last[l.ID].Facts.Sub), 32), keySet(last[l.ID].Facts.Keys)})
	}
	return s.setRows(tx, "leads", []string{"campaign_id", "contact_id", "number"}, []string{"state", "next_at", "why", "attempts",
		"retries", "free_retries", "last_outcome", "outcome_runs", "last_attempt", "last_sub", "last_keys"}, set)
}

// keyDigits are the keys of a telephone in the order in which last_keys has them.
const keyDigits = "0123456789*#"

// keySet is which keys were pressed, each once and in order, so that a lead's keys are few different values in an index.
func keySet(keys []models.Key) string {
	pressed := models.Digits(keys)
	return strings.Map(func(d rune) rune {
		if strings.ContainsRune(pressed, d) {
			return d
		}
		return -1
	}, keyDigits)
}
