package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"waihu/models"
)

type attemptRow struct {
	ID                                                   string
	OrganizationID, CampaignID, LeadID                   int64
	Kind, State, Number                                  string
	TrunkID                                              int64
	Gateway, Dialled, Caller                             string
	Try                                                  int
	Epoch                                                int64
	ReservedAt, SentAt                                   stamp
	CreatedAt, ProgressAt, AnsweredAt, HungUpAt, EndedAt stamp
	Outcome, Sub                                         string
	Placed                                               bool
	Cause                                                string
	Q850                                                 int    `gorm:"column:q850"`
	SIPStatus                                            int    `gorm:"column:sip_status"`
	SIPPhrase                                            string `gorm:"column:sip_phrase"`
	Disposition, WhoHungUp, Step                         string
	Keys                                                 text[[]models.Key]
	TalkMS                                               int64 `gorm:"column:talk_ms"`
	RingMS                                               int64 `gorm:"column:ring_ms"`
	Node                                                 string
	FromCDR                                              bool `gorm:"column:from_cdr"`
	QueueID, AgentID                                     int64
	QueuedAt, BridgedAt                                  stamp
	WaitMS                                               int64 `gorm:"column:wait_ms"`
	AgentMS                                              int64 `gorm:"column:agent_ms"`
	Announced, Recording, AbandonedBy                    string
	Pack, PackVersion                                    string
	LookerID                                             int64
}

const attemptColumns = "id, organization_id, campaign_id, lead_id, kind, state, number, trunk_id, gateway, dialled, caller, try, " +
	"epoch, reserved_at, sent_at, created_at, progress_at, answered_at, hung_up_at, ended_at, outcome, sub, placed, cause, " +
	"q850, sip_status, sip_phrase, disposition, who_hung_up, step, `keys`, talk_ms, ring_ms, node, from_cdr, " +
	"queue_id, agent_id, queued_at, bridged_at, wait_ms, agent_ms, announced, recording, abandoned_by, pack, pack_version, looker_id"

func (r attemptRow) model() models.Attempt {
	return models.Attempt{
		ID: r.ID, OrganizationID: r.OrganizationID, CampaignID: r.CampaignID, LeadID: r.LeadID,
		Kind: models.AttemptKind(r.Kind), State: models.AttemptState(r.State), Number: r.Number, TrunkID: r.TrunkID,
		Gateway: r.Gateway, Dialled: r.Dialled, Caller: r.Caller, Try: r.Try, Epoch: r.Epoch, ReservedAt: r.ReservedAt.t,
		SentAt: r.SentAt.ptr(), LookerID: r.LookerID, Pack: r.Pack, PackVersion: r.PackVersion,
		Facts: models.Facts{
			CreatedAt: r.CreatedAt.ptr(), ProgressAt: r.ProgressAt.ptr(), AnsweredAt: r.AnsweredAt.ptr(),
			HungUpAt: r.HungUpAt.ptr(), EndedAt: r.EndedAt.ptr(), Outcome: models.Outcome(r.Outcome), Sub: models.Sub(r.Sub),
			Placed: r.Placed, Cause: r.Cause, Q850: r.Q850, SIPStatus: r.SIPStatus, SIPPhrase: r.SIPPhrase,
			Disposition: r.Disposition, WhoHungUp: models.WhoHungUp(r.WhoHungUp), Step: r.Step, Keys: r.Keys.v,
			TalkMS: r.TalkMS, RingMS: r.RingMS, Node: r.Node, FromCDR: r.FromCDR,
			Service: models.Service{QueueID: r.QueueID, AgentID: r.AgentID, QueuedAt: r.QueuedAt.ptr(), BridgedAt: r.BridgedAt.ptr(), WaitMS: r.WaitMS,
				AgentMS: r.AgentMS, Announced: r.Announced, Recording: r.Recording, AbandonedBy: r.AbandonedBy},
		},
	}
}

func attemptsOf(rows []attemptRow) []models.Attempt {
	out := make([]models.Attempt, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out
}

const adoptChunk = 500

// Adopt makes every open attempt, tests too, the business of this epoch and returns them with their leads (as they are
// now; zero for a test), the oldest first. It is the first thing that a new owner of the floor does, and what finds out
// what was saved after a transaction of unknown fate. The open ones are found by a comparison and
// sorted here: SQLite would read the whole table for IS NOT NULL, and for the order.
func (s *Store) Adopt(ctx context.Context, epoch int64) ([]models.Reserved, error) {
	var out []models.Reserved
	err := s.write(ctx, fmt.Sprintf("adopt open attempts for epoch %d", epoch), func(tx *gorm.DB) error {
		out = nil
		if err := s.fence(tx, epoch, true); err != nil {
			return err
		}
		if err := tx.Exec("UPDATE attempts SET epoch = ? WHERE open_number_key > '' AND epoch <> ?", epoch, epoch).Error; err != nil {
			return err
		}
		var rows []attemptRow
		if err := tx.Raw("SELECT " + attemptColumns + " FROM attempts WHERE open_number_key > ''").Find(&rows).Error; err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b attemptRow) int { return cmp.Compare(a.ID, b.ID) })
		leads, err := leadsOf(tx, rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out = append(out, models.Reserved{Attempt: r.model(), Lead: leads[r.LeadID]})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func leadsOf(tx *gorm.DB, rows []attemptRow) (map[int64]models.Lead, error) {
	leads := make(map[int64]models.Lead, len(rows))
	for chunk := range slices.Chunk(rows, adoptChunk) {
		var ids []int64
		for _, r := range chunk {
			ids = append(ids, r.LeadID)
		}
		var found []leadRow
		if err := tx.Raw("SELECT "+leadColumns+" FROM leads WHERE id IN ?", ids).Find(&found).Error; err != nil {
			return nil, err
		}
		for _, l := range found {
			leads[l.ID] = l.model()
		}
	}
	return leads, nil
}

// Attempts lists a campaign's attempts in the order in which they were reserved, at most limit behind the id after.
func (s *Store) Attempts(ctx context.Context, campaignID int64, after string, limit int) ([]models.Attempt, error) {
	var rows []attemptRow
	err := s.r.WithContext(ctx).Raw("SELECT "+attemptColumns+" FROM attempts WHERE campaign_id = ? AND id > ? ORDER BY id LIMIT ?",
		campaignID, after, limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list attempts of campaign %d after %q: %w", campaignID, after, err)
	}
	return attemptsOf(rows), nil
}

// Attempt reads one attempt.
func (s *Store) Attempt(ctx context.Context, id string) (models.Attempt, error) {
	var rows []attemptRow
	err := s.r.WithContext(ctx).Raw("SELECT "+attemptColumns+" FROM attempts WHERE id = ?", id).Find(&rows).Error
	if err != nil {
		return models.Attempt{}, fmt.Errorf("read attempt %s: %w", id, err)
	}
	if len(rows) == 0 {
		return models.Attempt{}, missing("attempt", "呼叫尝试", id)
	}
	return rows[0].model(), nil
}
