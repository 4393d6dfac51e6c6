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

const idLength = 36 // of a UUID, and of the columns that hold one

// OpenInbound writes a call that came in down, or one that an agent dialled by hand: an open attempt without a lead. It does
// not hold the number: a customer may call in while he is being dialled. It may be repeated. The id is the channel's, which a
// switch that takes the caller's Call-ID for it makes too long: such a call is refused with a *models.Error.
func (s *Store) OpenInbound(ctx context.Context, epoch int64, now time.Time, a models.Attempt) error {
	if a.ID == "" || len(a.ID) > idLength {
		return models.NewError(models.Invalid, "id", "bad_id",
			"The channel's id is no UUID, so the call cannot be recorded; set inbound-use-callid-as-uuid to false in the SIP profile.",
			"通道标识不是 UUID，无法记录该呼叫；请在 SIP profile 中将 inbound-use-callid-as-uuid 设为 false。")
	}
	sent := now
	if a.SentAt != nil {
		sent = *a.SentAt
	}
	return s.write(ctx, "open call "+a.ID, func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		var same int64
		if err := tx.Raw("SELECT COUNT(*) FROM attempts WHERE id = ?", a.ID).Find(&same).Error; err != nil || same == 1 {
			return err
		}
		return tx.Exec("INSERT INTO attempts (id, organization_id, kind, state, number, trunk_id, gateway, dialled, caller, try, epoch, "+
			"reserved_at, sent_at, open_number_key) VALUES (?,?,?,?,?,?,?,?,?,1,?,?,?,?)",
			a.ID, a.OrganizationID, string(a.Kind), string(models.AttemptSent), clip(a.Number, 20), a.TrunkID, clip(a.Gateway, 32), clip(a.Dialled, 64),
			clip(a.Caller, 32), epoch, at(a.ReservedAt), at(sent), "in:"+a.ID).Error
	})
}

// Known reports whether a call is written down, whatever has become of it.
func (s *Store) Known(ctx context.Context, id string) (bool, error) {
	var n int64
	err := s.r.WithContext(ctx).Raw("SELECT COUNT(*) FROM attempts WHERE id = ?", id).Scan(&n).Error
	return n > 0, wrap("look a call up", err)
}

// ListedOn reports whether a number is on the blacklist of an organization, as such or by its beginning.
func (s *Store) ListedOn(ctx context.Context, org int64, number string, now time.Time) (bool, error) {
	found, err := s.blacklisted(s.r.WithContext(ctx), org, []string{number}, now)
	if err != nil {
		return false, fmt.Errorf("look a number of organization %d up on the blacklist: %w", org, err)
	}
	return len(found) > 0, nil
}

// LastAgent is the agent who talked with a number last since a moment (优先客服, S1-46), 0 = nobody.
func (s *Store) LastAgent(ctx context.Context, org int64, number string, since time.Time) (int64, error) {
	var ids []int64
	err := s.r.WithContext(ctx).Raw("SELECT agent_id FROM attempts WHERE number = ? AND sent_at >= ? AND organization_id = ? AND agent_id <> 0 "+
		"ORDER BY sent_at DESC LIMIT 1", number, at(since), org).Find(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, wrap("find the last agent of a number", err)
	}
	return ids[0], nil
}

// AgentOfNumber is the agent of an organization whose staff number or extension a text is, the staff number first; 0 = nobody.
func (s *Store) AgentOfNumber(ctx context.Context, org int64, text string) (int64, error) {
	var ids []int64
	err := s.r.WithContext(ctx).Raw("SELECT a.id FROM agents a LEFT JOIN extensions e ON e.id = a.extension_id "+
		"WHERE a.organization_id = ? AND (a.staff_number = ? OR e.number = ?) ORDER BY CASE WHEN a.staff_number = ? THEN 0 ELSE 1 END, a.id LIMIT 1",
		org, text, text, text).Find(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, wrap(fmt.Sprintf("find the agent of a number in organization %d", org), err)
	}
	return ids[0], nil
}

// MarkServed saves who serves calls while they live, so that a restart knows it. Attempts that have ended are left alone.
func (s *Store) MarkServed(ctx context.Context, epoch int64, served map[string]models.Service) error {
	return s.SaveSeats(ctx, epoch, models.Seats{Served: served})
}

// SaveSeats saves all of it or nothing. It may be repeated, also when it is unknown whether it was done.
func (s *Store) SaveSeats(ctx context.Context, epoch int64, v models.Seats) error {
	if v.Empty() {
		return nil
	}
	what := fmt.Sprintf("save %d calls, %d states, %d sessions and %d legs of agents", len(v.Served), len(v.Changes), len(v.Sessions), len(v.Legs))
	return s.write(ctx, what, func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		if err := s.setServed(tx, epoch, v.Served); err != nil {
			return err
		}
		if err := appendStates(tx, v.Changes); err != nil {
			return err
		}
		if err := s.setSessions(tx, v.Sessions); err != nil {
			return err
		}
		return s.setLegs(tx, v.Legs)
	})
}

func (s *Store) setServed(tx *gorm.DB, epoch int64, served map[string]models.Service) error {
	if len(served) == 0 {
		return nil
	}
	var open []string
	err := tx.Raw("SELECT id FROM attempts WHERE id IN ? AND state NOT IN ('ended', 'released') AND epoch = ? ORDER BY id"+s.d.lock, sortedIDs(served), epoch).Find(&open).Error
	if err != nil {
		return err
	}
	rows := make([][]any, len(open))
	for i, id := range open {
		v := served[id]
		rows[i] = []any{id, v.QueueID, v.AgentID, atp(v.QueuedAt), atp(v.BridgedAt), v.WaitMS, clip(v.Announced, 16), clip(v.Recording, idLength)}
	}
	return s.setRows(tx, "attempts", nil, []string{"queue_id", "agent_id", "queued_at", "bridged_at", "wait_ms", "announced", "recording"}, rows)
}

func sortedIDs[V any](m map[string]V) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids) // rows are locked in one order
	return ids
}

// SaveStateChanges appends to agents' histories. It may be repeated, also when it is unknown whether it was done: what stands
// there already is not written twice.
func (s *Store) SaveStateChanges(ctx context.Context, changes []models.StateChange) error {
	return s.write(ctx, fmt.Sprintf("save %d states of agents", len(changes)), func(tx *gorm.DB) error { return appendStates(tx, changes) })
}

func appendStates(tx *gorm.DB, changes []models.StateChange) error {
	for chunk := range slices.Chunk(changes, setChunk) {
		known, err := statesOf(tx, chunk)
		if err != nil {
			return err
		}
		q := multi{width: 8}
		for _, c := range chunk {
			r := rowOfState(c)
			if known[r.key()] > 0 {
				known[r.key()]--
				continue
			}
			q.add(r.OrganizationID, r.AgentID, r.At, r.State, r.Reason, r.Cause, r.CallID, r.QueueID)
		}
		if q.rows == 0 {
			continue
		}
		if err := tx.Exec("INSERT INTO agent_states (organization_id, agent_id, at, state, reason, cause, call_id, queue_id) VALUES "+q.sql(), q.args...).Error; err != nil {
			return err
		}
	}
	return nil
}

type stateRow struct {
	OrganizationID, AgentID      int64
	At                           stamp
	State, Reason, Cause, CallID string
	QueueID                      int64
}

func rowOfState(c models.StateChange) stateRow {
	return stateRow{OrganizationID: c.OrganizationID, AgentID: c.AgentID, At: at(c.At), State: string(c.State), Reason: clip(c.Reason, 64),
		Cause: clip(c.Cause, 32), CallID: clip(c.CallID, idLength), QueueID: c.QueueID}
}

// key is the row as it can be compared: the database keeps microseconds.
func (r stateRow) key() stateRow {
	r.At.t = r.At.t.UTC().Truncate(time.Microsecond)
	return r
}

// statesOf counts the rows from the chunk's earliest moment on that stand there already. The first one of the chunk tells
// whether it is worth reading the others, because a chunk is written whole or not at all.
func statesOf(tx *gorm.DB, chunk []models.StateChange) (map[stateRow]int, error) {
	first := rowOfState(chunk[0])
	var rows []stateRow
	err := tx.Raw("SELECT agent_id FROM agent_states WHERE agent_id = ? AND at = ? AND state = ? AND cause = ? AND call_id = ? LIMIT 1",
		first.AgentID, first.At, first.State, first.Cause, first.CallID).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var agents []int64
	from, to := chunk[0].At, chunk[0].At
	for _, c := range chunk {
		agents = append(agents, c.AgentID)
		if c.At.Before(from) {
			from = c.At
		}
		if c.At.After(to) {
			to = c.At
		}
	}
	err = tx.Raw("SELECT organization_id, agent_id, at, state, reason, cause, call_id, queue_id FROM agent_states WHERE agent_id IN ? AND at >= ? AND at <= ?",
		agents, at(from), at(to)).Find(&rows).Error
	known := make(map[stateRow]int, len(rows))
	for _, r := range rows {
		known[r.key()]++
	}
	return known, err
}

type agentSessionRow struct {
	AgentID, OrganizationID int64
	State, Reason           string
	Since                   stamp
	Queues                  text[[]int64]
	Leg, CallID             string
}

// SaveAgentSessions writes what a restart has to know of agents, one row for each; of two words about an agent the later
// one stands.
func (s *Store) SaveAgentSessions(ctx context.Context, epoch int64, sessions []models.AgentSession) error {
	return s.SaveSeats(ctx, epoch, models.Seats{Sessions: sessions})
}

func (s *Store) setSessions(tx *gorm.DB, sessions []models.AgentSession) error {
	sorted := slices.Clone(sessions) // rows are locked in one order
	slices.SortStableFunc(sorted, func(a, b models.AgentSession) int { return cmp.Compare(a.AgentID, b.AgentID) })
	now := at(s.clk.Now().UTC())
	for chunk := range slices.Chunk(sorted, setChunk) {
		q := multi{width: 9}
		for _, v := range chunk {
			q.add(v.AgentID, v.OrganizationID, string(v.State), clip(v.Reason, 64), at(v.Since), text[[]int64]{v.Queues}, clip(v.Leg, idLength), clip(v.CallID, idLength), now)
		}
		err := tx.Exec("INSERT INTO agent_sessions (agent_id, organization_id, state, reason, since, queues, leg, call_id, updated_at) VALUES "+q.sql()+
			s.d.upsert("agent_id", "organization_id", "state", "reason", "since", "queues", "leg", "call_id", "updated_at"), q.args...).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// upsert turns an INSERT into an update of the named columns of the row with the same key.
func (d dialect) upsert(key string, columns ...string) string {
	return d.onConflict(key, func(fresh func(string) string) string {
		out := ""
		for i, c := range columns {
			if i > 0 {
				out += ", "
			}
			out += c + " = " + fresh(c)
		}
		return out
	})
}

// AgentSessions are the sessions of all agents who were signed in when they were saved last.
func (s *Store) AgentSessions(ctx context.Context) ([]models.AgentSession, error) {
	var rows []agentSessionRow
	err := s.r.WithContext(ctx).Raw("SELECT agent_id, organization_id, state, reason, since, queues, leg, call_id FROM agent_sessions " +
		"WHERE state NOT IN ('', 'offline') ORDER BY agent_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read agents' sessions: %w", err)
	}
	out := make([]models.AgentSession, len(rows))
	for i, r := range rows {
		out[i] = models.AgentSession{AgentID: r.AgentID, OrganizationID: r.OrganizationID, State: models.AgentState(r.State), Reason: r.Reason,
			Since: r.Since.t, Queues: r.Queues.v, Leg: r.Leg, CallID: r.CallID}
	}
	return out, nil
}
