package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type legRow struct {
	ID, CallID                     string
	OrganizationID                 int64
	Kind                           string
	AgentID, QueueID               int64
	Number                         string
	StartedAt, AnsweredAt, EndedAt stamp
	Cause                          string
}

const legColumns = "id, call_id, organization_id, kind, agent_id, queue_id, number, started_at, answered_at, ended_at, cause"

func legsOf(rows []legRow) []models.Leg {
	out := make([]models.Leg, len(rows))
	for i, r := range rows {
		out[i] = models.Leg{ID: r.ID, CallID: r.CallID, OrganizationID: r.OrganizationID, Kind: models.LegKind(r.Kind), AgentID: r.AgentID,
			QueueID: r.QueueID, Number: r.Number, StartedAt: r.StartedAt.t, AnsweredAt: r.AnsweredAt.ptr(), EndedAt: r.EndedAt.ptr(), Cause: r.Cause}
	}
	return out
}

// SaveLegs writes legs, each at its beginning and at its end, which may come in one batch. What was known of a leg's times
// stays when a later word does not have it, so a leg that has ended does not open again.
func (s *Store) SaveLegs(ctx context.Context, legs []models.Leg) error {
	return s.write(ctx, fmt.Sprintf("save %d legs", len(legs)), func(tx *gorm.DB) error { return s.setLegs(tx, legs) })
}

func (s *Store) setLegs(tx *gorm.DB, legs []models.Leg) error {
	sorted := slices.Clone(legs) // rows are locked in one order
	slices.SortStableFunc(sorted, func(a, b models.Leg) int { return cmp.Compare(a.ID, b.ID) })
	for chunk := range slices.Chunk(sorted, setChunk) {
		q := multi{width: 11}
		for _, l := range chunk {
			q.add(clip(l.ID, idLength), clip(l.CallID, idLength), l.OrganizationID, string(l.Kind), l.AgentID, l.QueueID, clip(l.Number, 32), at(l.StartedAt),
				atp(l.AnsweredAt), atp(l.EndedAt), clip(l.Cause, 64))
		}
		if err := tx.Exec("INSERT INTO call_legs ("+legColumns+") VALUES "+q.sql()+s.d.onConflict("id", legAgain), q.args...).Error; err != nil {
			return err
		}
	}
	return nil
}

func legAgain(fresh func(string) string) string {
	return "kind = " + fresh("kind") + ", agent_id = " + fresh("agent_id") + ", queue_id = " + fresh("queue_id") + ", number = " + fresh("number") +
		", answered_at = COALESCE(" + fresh("answered_at") + ", call_legs.answered_at)" +
		", cause = CASE WHEN " + fresh("ended_at") + " IS NULL THEN call_legs.cause ELSE " + fresh("cause") + " END" +
		", ended_at = COALESCE(" + fresh("ended_at") + ", call_legs.ended_at)"
}

// Legs are the legs of a call in the order in which they began.
func (s *Store) Legs(ctx context.Context, callID string) ([]models.Leg, error) {
	var rows []legRow
	err := s.r.WithContext(ctx).Raw("SELECT "+legColumns+" FROM call_legs WHERE call_id = ? ORDER BY started_at, id", callID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the legs of call %s: %w", callID, err)
	}
	return legsOf(rows), nil
}

// OpenLegs are the legs without an end whose call is open, for a restart, in the order in which they began. It reads by the
// open calls, so what it costs does not grow with the history.
func (s *Store) OpenLegs(ctx context.Context) ([]models.Leg, error) {
	var rows []legRow
	err := s.r.WithContext(ctx).Raw("SELECT " + legColumns + " FROM call_legs WHERE ended_at IS NULL AND call_id IN " +
		"(SELECT id FROM attempts WHERE open_number_key > '') ORDER BY started_at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read open legs: %w", err)
	}
	return legsOf(rows), nil
}

// hasLegs says whether an attempt that ends may have legs beside its own: a mass call that nobody was to serve has none.
func hasLegs(row openRow, f models.Facts) bool {
	return f.QueueID != 0 || f.AgentID != 0 || row.Kind == string(models.KindInbound) || row.Kind == string(models.KindManual)
}

// endLegs ends what is still open of calls that have ended: the process that began such a leg died in the middle of the call.
// A later word about a leg's own end stands.
func endLegs(tx *gorm.DB, calls []string, now time.Time) error {
	if len(calls) == 0 {
		return nil
	}
	var open []string
	if err := tx.Raw("SELECT id FROM call_legs WHERE call_id IN ? AND ended_at IS NULL ORDER BY id", calls).Find(&open).Error; err != nil || len(open) == 0 {
		return err
	}
	return tx.Exec("UPDATE call_legs SET ended_at = ? WHERE id IN ? AND ended_at IS NULL", at(now), open).Error
}
