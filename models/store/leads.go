package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type leadRow struct {
	ID, CampaignID, ContactID      int64
	Number, Zone, State            string
	NextAt                         stamp
	Why                            string
	Attempts, Retries, FreeRetries int
	LastOutcome                    string
	OutcomeRuns                    int
	LastAttempt                    string
}

const leadColumns = "id, campaign_id, contact_id, number, zone, state, next_at, why, attempts, retries, free_retries, " +
	"last_outcome, outcome_runs, last_attempt"

func (r leadRow) model() models.Lead {
	return models.Lead{ID: r.ID, CampaignID: r.CampaignID, ContactID: r.ContactID, Number: r.Number, Zone: r.Zone,
		State: models.LeadState(r.State), NextAt: r.NextAt.t, Why: models.Gate(r.Why), Attempts: r.Attempts,
		Retries: r.Retries, FreeRetries: r.FreeRetries, LastOutcome: models.Outcome(r.LastOutcome),
		OutcomeRuns: r.OutcomeRuns, LastAttempt: r.LastAttempt}
}

const prepareChunk = 5000 // contacts a transaction

// PrepareLeads makes a lead, due at now, of each contact of the campaign's list that has none yet, and returns how many it
// made. It works in pieces in the order of the list; after a cut it goes on where it stopped. Contacts that were imported
// since are taken up by another call.
func (s *Store) PrepareLeads(ctx context.Context, campaignID int64, now time.Time) (int64, error) {
	c, err := s.Campaign(ctx, campaignID)
	if err != nil {
		return 0, err
	}
	what := fmt.Sprintf("prepare leads of campaign %d from list %d", campaignID, c.ContactListID)
	var after, made int64
	row := s.w.WithContext(ctx).Raw("SELECT COALESCE(MAX(contact_id), 0) FROM leads WHERE campaign_id = ?", campaignID)
	if err := row.Find(&after).Error; err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	for {
		var next, n int64
		err := s.write(ctx, what, func(tx *gorm.DB) error {
			var err error
			next, n, err = s.prepareChunk(tx, c, after, now)
			return err
		})
		if err != nil {
			return made, err
		}
		made += n
		if next == after {
			return made, nil
		}
		after = next
	}
}

func (s *Store) prepareChunk(tx *gorm.DB, c models.Campaign, after int64, now time.Time) (next, made int64, err error) {
	last := tx.Raw("SELECT COALESCE(MAX(id), ?) FROM (SELECT id FROM contacts WHERE list_id = ? AND id > ? ORDER BY id LIMIT ?) chunk",
		after, c.ContactListID, after, prepareChunk)
	if err := last.Find(&next).Error; err != nil || next == after {
		return after, 0, err
	}
	res := tx.Exec(s.d.insertIgnore()+"leads (campaign_id, contact_id, number, zone, state, next_at) "+
		"SELECT ?, id, number, zone, 'due', ? FROM contacts WHERE list_id = ? AND id > ? AND id <= ? ORDER BY id",
		c.ID, at(now), c.ContactListID, after, next)
	return next, res.RowsAffected, res.Error
}
