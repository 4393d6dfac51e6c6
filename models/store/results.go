package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

// Progress counts a campaign's leads by state, and those that are done by their last outcome.
func (s *Store) Progress(ctx context.Context, campaignID int64) (models.Progress, error) {
	p := models.Progress{Outcomes: map[models.Outcome]int64{}}
	var rows []struct {
		State, LastOutcome string
		N                  int64
	}
	err := s.r.WithContext(ctx).Raw("SELECT state, last_outcome, COUNT(*) AS n FROM leads WHERE campaign_id = ? GROUP BY state, last_outcome",
		campaignID).Find(&rows).Error
	if err != nil {
		return p, fmt.Errorf("count leads of campaign %d: %w", campaignID, err)
	}
	for _, r := range rows {
		p.Leads += r.N
		switch models.LeadState(r.State) {
		case models.LeadDue:
			p.Due += r.N
		case models.LeadReserved:
			p.Reserved += r.N
		case models.LeadDone:
			p.Done += r.N
			p.Outcomes[models.Outcome(r.LastOutcome)] += r.N
		case models.LeadSkipped:
			p.Skipped += r.N
		}
	}
	return p, nil
}

const resultBlock = 1000

// Results calls each for every lead of a campaign in the order of the list, with its last finished attempt and the columns
// of its contact. It holds one block in memory and no transaction, so calls go on meanwhile. An error of each ends it and
// comes back as it is.
func (s *Store) Results(ctx context.Context, campaignID int64, each func(models.Result) error) error {
	var after int64
	for {
		block, err := s.resultBlock(ctx, campaignID, after)
		if err != nil {
			return fmt.Errorf("read results of campaign %d after contact %d: %w", campaignID, after, err)
		}
		for _, r := range block {
			if err := each(r); err != nil {
				return err
			}
			after = r.Lead.ContactID
		}
		if len(block) < resultBlock {
			return nil
		}
	}
}

func (s *Store) resultBlock(ctx context.Context, campaignID, after int64) ([]models.Result, error) {
	db := s.r.WithContext(ctx)
	var leads []leadRow
	err := db.Raw("SELECT "+leadColumns+" FROM leads WHERE campaign_id = ? AND contact_id > ? ORDER BY contact_id LIMIT ?",
		campaignID, after, resultBlock).Find(&leads).Error
	if err != nil || len(leads) == 0 {
		return nil, err
	}
	return resultsOf(db, leads)
}

// resultsOf adds to leads their last attempts and the columns of their contacts.
func resultsOf(db *gorm.DB, leads []leadRow) ([]models.Result, error) {
	var attemptIDs []string
	contactIDs := make([]int64, len(leads))
	for i, l := range leads {
		contactIDs[i] = l.ContactID
		if l.LastAttempt != "" {
			attemptIDs = append(attemptIDs, l.LastAttempt)
		}
	}
	attempts := map[string]models.Attempt{}
	if len(attemptIDs) > 0 {
		var rows []attemptRow
		if err := db.Raw("SELECT "+attemptColumns+" FROM attempts WHERE id IN ?", attemptIDs).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			attempts[r.ID] = r.model()
		}
	}
	fields, err := fieldsOf(db, contactIDs)
	if err != nil {
		return nil, err
	}
	skips, err := lastSkips(db, leads)
	if err != nil {
		return nil, err
	}
	out := make([]models.Result, len(leads))
	for i, l := range leads {
		out[i] = models.Result{Lead: l.model(), Skip: skips[l.ID], Fields: fields[l.ContactID]}
		if a, ok := attempts[l.LastAttempt]; ok {
			out[i].Attempt = &a
		}
	}
	return out, nil
}

func fieldsOf(db *gorm.DB, contactIDs []int64) (map[int64][]string, error) {
	var rows []struct {
		ID     int64
		Fields text[[]string]
	}
	err := db.Raw("SELECT id, fields FROM contacts WHERE id IN ?", contactIDs).Find(&rows).Error
	fields := make(map[int64][]string, len(rows))
	for _, r := range rows {
		fields[r.ID] = r.Fields.v
	}
	return fields, err
}

const lastAttempts = 10

// Whereabouts gathers what is known about a number (E.164) in an organization. Blacklist entries that have run out are
// among them; rows that an import turned away are not kept.
func (s *Store) Whereabouts(ctx context.Context, org int64, number string) (models.Whereabouts, error) {
	w := models.Whereabouts{Number: number, Campaigns: map[int64]models.Campaign{}}
	fail := func(err error) (models.Whereabouts, error) {
		return w, fmt.Errorf("look for number of organization %d: %w", org, err)
	}
	db := s.r.WithContext(ctx)
	var leads []leadRow
	err := db.Raw("SELECT "+leadColumns+" FROM leads WHERE number = ? AND campaign_id IN (SELECT id FROM campaigns WHERE organization_id = ?) ORDER BY id",
		number, org).Find(&leads).Error
	if err != nil {
		return fail(err)
	}
	for _, l := range leads {
		w.Leads = append(w.Leads, l.model())
		if w.Campaigns[l.CampaignID], err = s.Campaign(ctx, l.CampaignID); err != nil {
			return fail(err)
		}
	}
	var open, last []attemptRow
	if err := db.Raw("SELECT "+attemptColumns+" FROM attempts WHERE open_number_key = ?", numberKey(org, number)).Find(&open).Error; err != nil {
		return fail(err)
	}
	err = db.Raw("SELECT "+attemptColumns+" FROM attempts WHERE number = ? AND organization_id = ? AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT ?",
		number, org, lastAttempts).Find(&last).Error
	if err != nil {
		return fail(err)
	}
	w.Open, w.Last = attemptsOf(open), attemptsOf(last)
	if w.Skips, err = skipsOf(db, org, number); err != nil {
		return fail(err)
	}
	var entries []blacklistRow
	err = db.Raw("SELECT "+blacklistColumns+" FROM blacklist_entries WHERE organization_id IN (0, ?) AND "+
		"(number = ? OR (prefix AND number IN ?)) ORDER BY id", org, number, beginnings([]string{number})).Find(&entries).Error
	if err != nil {
		return fail(err)
	}
	for _, e := range entries {
		w.Blacklist = append(w.Blacklist, e.model())
	}
	return w, nil
}

type skipRow struct {
	LeadID                        int64
	EndedAt                       stamp
	CampaignID, LookerID          int64
	StaffNumber, Name, SkipReason string
}

func (r skipRow) model() models.Skip {
	return models.Skip{At: r.EndedAt.t, CampaignID: r.CampaignID, AgentID: r.LookerID, StaffNumber: r.StaffNumber, AgentName: r.Name, Reason: r.SkipReason}
}

const skipped = "SELECT a.lead_id, a.ended_at, a.campaign_id, a.looker_id, COALESCE(g.staff_number, '') AS staff_number, COALESCE(g.name, '') AS name, a.skip_reason " +
	"FROM attempts a LEFT JOIN agents g ON g.id = a.looker_id WHERE a.sent_at IS NULL AND a.state = 'released' AND a.cause = ? AND "

// lastSkips are by lead, for those leads that wait or are done with because an agent skipped them.
func lastSkips(db *gorm.DB, leads []leadRow) (map[int64]*models.Skip, error) {
	var ids []int64
	var numbers []string // which the index knows
	for _, l := range leads {
		if models.Gate(l.Why) == models.GateAgentSkipped {
			ids, numbers = append(ids, l.ID), append(numbers, l.Number)
		}
	}
	last := make(map[int64]*models.Skip, len(ids))
	if len(ids) == 0 {
		return last, nil
	}
	var rows []skipRow
	err := db.Raw(skipped+"a.number IN ? AND a.lead_id IN ? ORDER BY a.ended_at, a.id", models.CauseSkipped, numbers, ids).Find(&rows).Error
	for _, r := range rows {
		v := r.model()
		last[r.LeadID] = &v
	}
	return last, err
}

func skipsOf(db *gorm.DB, org int64, number string) ([]models.Skip, error) {
	var rows []skipRow
	err := db.Raw(skipped+"a.number = ? AND a.organization_id = ? ORDER BY a.ended_at DESC, a.id DESC LIMIT ?", models.CauseSkipped, number, org, lastAttempts).Find(&rows).Error
	out := make([]models.Skip, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out, err
}
