package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// SaveTest saves a single test call (单条测试): a reserved attempt without a lead. a.ID, Number and OrganizationID must be
// set. It is a conflict when the number is being called.
func (s *Store) SaveTest(ctx context.Context, epoch int64, a models.Attempt) error {
	a.Kind, a.LeadID, a.Epoch = models.KindTest, 0, epoch
	err := s.write(ctx, "save test call "+a.ID, func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, true); err != nil {
			return err
		}
		var same int64 // a repetition after a commit whose outcome was unknown
		if err := tx.Raw("SELECT COUNT(*) FROM attempts WHERE id = ? AND kind = 'test'", a.ID).Find(&same).Error; err != nil || same == 1 {
			return err
		}
		q := multi{width: newAttemptWidth}
		addNewAttempt(&q, a, stamp{})
		return tx.Exec(newAttempt+q.sql(), q.args...).Error
	})
	return taken(err, "number", "call in progress", "正在进行的呼叫")
}

// reservedRow is an attempt as MarkSent sees it.
type reservedRow struct {
	ID             string
	OrganizationID int64
	LeadID         int64
	Kind, Number   string
	DayStart       stamp
}

// MarkSent writes down, at the moment before dialling, that attempts are being sent. It checks again that the lease holds,
// the campaign runs (but for tests), the number is not blacklisted and the limits per number are kept. Attempts that do not
// pass are released and come back in refused. Only what comes back in sent may be dialled: attempts that are not reserved
// any more come back in neither. After an error nothing may be dialled.
func (s *Store) MarkSent(ctx context.Context, epoch int64, now time.Time, c models.Campaign, sends []models.Send) (sent []string, refused []models.Refusal, err error) {
	if len(sends) == 0 {
		return nil, nil, nil
	}
	err = s.write(ctx, fmt.Sprintf("mark %d attempts of campaign %d as sent", len(sends), c.ID), func(tx *gorm.DB) error {
		sent, refused = nil, nil
		if err := s.fence(tx, epoch, true); err != nil {
			return err
		}
		running, err := s.runs(tx, c.ID)
		if err != nil {
			return err
		}
		rows, err := s.reservedOf(tx, epoch, sends)
		if err != nil || len(rows) == 0 {
			return err
		}
		refusals, err := s.lastChecks(tx, c, running, now, rows)
		if err != nil {
			return err
		}
		for id, ref := range refusals {
			if err := s.refuse(tx, now, ref); err != nil {
				return fmt.Errorf("release attempt %s: %w", id, err)
			}
			refused = append(refused, ref)
		}
		var set [][]any
		for _, snd := range sends {
			if _, no := refusals[snd.AttemptID]; no || !slices.ContainsFunc(rows, func(r reservedRow) bool { return r.ID == snd.AttemptID }) {
				continue
			}
			set = append(set, []any{snd.AttemptID, string(models.AttemptSent), at(now), snd.TrunkID, snd.Gateway, snd.Dialled, snd.Caller, snd.LookerID})
			sent = append(sent, snd.AttemptID)
		}
		return s.setRows(tx, "attempts", nil, []string{"state", "sent_at", "trunk_id", "gateway", "dialled", "caller", "looker_id"}, set)
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(refused, func(a, b models.Refusal) int { return int(a.LeadID - b.LeadID) })
	return sent, refused, nil
}

// runs says whether the campaign runs, and keeps it so until our commit. A single test need not have a campaign.
func (s *Store) runs(tx *gorm.DB, campaignID int64) (bool, error) {
	if campaignID == 0 {
		return false, nil
	}
	state, err := campaignState(tx, campaignID, s.d.share)
	return state == models.CampaignRunning, err
}

func (s *Store) reservedOf(tx *gorm.DB, epoch int64, sends []models.Send) ([]reservedRow, error) {
	ids := make([]string, len(sends))
	for i, snd := range sends {
		ids[i] = snd.AttemptID
	}
	var rows []reservedRow
	err := tx.Raw("SELECT id, organization_id, lead_id, kind, number, day_start FROM attempts WHERE id IN ? AND state = 'reserved' AND epoch = ?"+s.d.lock,
		ids, epoch).Find(&rows).Error
	return rows, err
}

// lastChecks finds the attempts that must not be dialled after all.
func (s *Store) lastChecks(tx *gorm.DB, c models.Campaign, running bool, now time.Time, rows []reservedRow) (map[string]models.Refusal, error) {
	refusals := map[string]models.Refusal{}
	since := now.Add(-time.Duration(c.Rules.MinGapSeconds) * time.Second)
	numbers := make([]string, len(rows))
	campaign := slices.ContainsFunc(rows, func(r reservedRow) bool { return r.Kind == string(models.KindCampaign) })
	for i, r := range rows {
		numbers[i] = r.Number
		if !r.DayStart.t.IsZero() && r.DayStart.t.Before(since) {
			since = r.DayStart.t
		}
	}
	rules := c.Rules
	if !campaign {
		rules = models.Rules{}
	}
	g, err := s.look(tx, rows[0].OrganizationID, rules, numbers, now, since)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		why, until := g.listed(r.Number)
		if why == models.GateOpen && r.Kind == string(models.KindCampaign) {
			if why, until = g.frequency(r.Number, r.DayStart.t); why == models.GateOpen && !running {
				why, until = models.GateNotRunning, now
			}
		}
		if why != models.GateOpen {
			refusals[r.ID] = models.Refusal{AttemptID: r.ID, LeadID: r.LeadID, Why: why, Until: until}
		}
	}
	return refusals, nil
}

func (s *Store) refuse(tx *gorm.DB, now time.Time, ref models.Refusal) error {
	if err := endReleased(tx, now, []string{ref.AttemptID}); err != nil || ref.LeadID == 0 {
		return err
	}
	return deferLeads(tx, ref.Why, ref.Until, []int64{ref.LeadID})
}

// Skip releases a reserved attempt whose number an agent does not want to call now, and puts its lead off as ref says: until a
// time, or for good. Who skipped it and why stays with the attempt. One that is further on is left alone.
func (s *Store) Skip(ctx context.Context, epoch int64, ref models.Refusal, now time.Time) error {
	return s.write(ctx, "skip attempt "+ref.AttemptID, func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		var rows []reservedRow
		err := tx.Raw("SELECT id, lead_id FROM attempts WHERE id = ? AND state = 'reserved' AND epoch = ?"+s.d.lock, ref.AttemptID, epoch).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := s.refuse(tx, now, ref); err != nil || ref.By == 0 {
			return err
		}
		return tx.Exec("UPDATE attempts SET looker_id = ?, cause = ?, skip_reason = ? WHERE id = ?", ref.By, models.CauseSkipped,
			clip(ref.Reason, models.MaxSkipReason), ref.AttemptID).Error
	})
}

func endReleased(tx *gorm.DB, now time.Time, ids []string) error {
	return tx.Exec("UPDATE attempts SET state = 'released', sent_at = NULL, ended_at = ?, open_lead_key = NULL, open_number_key = NULL WHERE id IN ? AND state IN ('reserved', 'sent')",
		at(now), ids).Error
}

// MarkAnswered notes when attempts were answered, so that a restart knows it. Attempts that are further on are left alone.
func (s *Store) MarkAnswered(ctx context.Context, epoch int64, answered map[string]time.Time) error {
	if len(answered) == 0 {
		return nil
	}
	ids := make([]string, 0, len(answered))
	for id := range answered {
		ids = append(ids, id)
	}
	slices.Sort(ids) // rows are locked in one order
	return s.write(ctx, fmt.Sprintf("mark %d attempts as answered", len(ids)), func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		var open []string
		err := tx.Raw("SELECT id FROM attempts WHERE id IN ? AND state IN ('sent', 'ringing') AND epoch = ? ORDER BY id"+s.d.lock, ids, epoch).Find(&open).Error
		if err != nil {
			return err
		}
		rows := make([][]any, len(open))
		for i, id := range open {
			rows[i] = []any{id, string(models.AttemptAnswered), at(answered[id])}
		}
		return s.setRows(tx, "attempts", nil, []string{"state", "answered_at"}, rows)
	})
}

// Release takes back attempts that were reserved and not sent; their leads are due again, in their old place. Attempts
// that are further on are left alone.
func (s *Store) Release(ctx context.Context, epoch int64, attemptIDs []string, now time.Time) error {
	return s.takeBack(ctx, epoch, attemptIDs, now, []string{string(models.AttemptReserved)})
}

// Unsend takes back attempts that may be written down as sent although the caller knows for certain that the switch never
// heard of them: the commit failed, or the command was not handed over. Attempts that are further on are left alone.
func (s *Store) Unsend(ctx context.Context, epoch int64, attemptIDs []string, now time.Time) error {
	return s.takeBack(ctx, epoch, attemptIDs, now, []string{string(models.AttemptReserved), string(models.AttemptSent)})
}

func (s *Store) takeBack(ctx context.Context, epoch int64, attemptIDs []string, now time.Time, states []string) error {
	if len(attemptIDs) == 0 {
		return nil
	}
	return s.write(ctx, fmt.Sprintf("release %d attempts", len(attemptIDs)), func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		return s.release(tx, epoch, attemptIDs, now, states)
	})
}

func (s *Store) release(tx *gorm.DB, epoch int64, attemptIDs []string, now time.Time, states []string) error {
	if len(attemptIDs) == 0 {
		return nil
	}
	var rows []reservedRow
	err := tx.Raw("SELECT id, lead_id FROM attempts WHERE id IN ? AND state IN ? AND epoch = ?"+s.d.lock, attemptIDs, states, epoch).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	ids, leads := make([]string, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		ids[i], leads[i] = r.ID, r.LeadID
	}
	if err := endReleased(tx, now, ids); err != nil {
		return err
	}
	return tx.Exec("UPDATE leads SET state = 'due' WHERE id IN ? AND state = 'reserved'", leads).Error
}
