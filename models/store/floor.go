package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// OpenInbound writes a call that came in down, or one that an agent dialled by hand: an open attempt without a lead. It does
// not hold the number: a customer may call in while he is being dialled. It may be repeated.
func (s *Store) OpenInbound(ctx context.Context, epoch int64, now time.Time, a models.Attempt) error {
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
			a.ID, a.OrganizationID, string(a.Kind), string(models.AttemptSent), clip(a.Number, 20), a.TrunkID, a.Gateway, clip(a.Dialled, 64),
			clip(a.Caller, 32), epoch, at(a.ReservedAt), at(now), "in:"+a.ID).Error
	})
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

// MarkServed saves who serves calls while they live, so that a restart knows it. Attempts that have ended are left alone.
func (s *Store) MarkServed(ctx context.Context, epoch int64, served map[string]models.Service) error {
	ids := sortedIDs(served)
	return s.write(ctx, fmt.Sprintf("save who serves %d calls", len(ids)), func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		var open []string
		err := tx.Raw("SELECT id FROM attempts WHERE id IN ? AND state NOT IN ('ended', 'released') AND epoch = ? ORDER BY id"+s.d.lock, ids, epoch).Find(&open).Error
		if err != nil {
			return err
		}
		rows := make([][]any, len(open))
		for i, id := range open {
			v := served[id]
			rows[i] = []any{id, v.QueueID, v.AgentID, atp(v.QueuedAt), atp(v.BridgedAt), clip(v.Announced, 16)}
		}
		return s.setRows(tx, "attempts", nil, []string{"queue_id", "agent_id", "queued_at", "bridged_at", "announced"}, rows)
	})
}

func sortedIDs[V any](m map[string]V) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids) // rows are locked in one order
	return ids
}

// SaveStateChanges appends to agents' histories.
func (s *Store) SaveStateChanges(ctx context.Context, changes []models.StateChange) error {
	for chunk := range slices.Chunk(changes, setChunk) {
		err := s.write(ctx, fmt.Sprintf("save %d states of agents", len(chunk)), func(tx *gorm.DB) error {
			q := multi{width: 8}
			for _, c := range chunk {
				q.add(c.OrganizationID, c.AgentID, at(c.At), string(c.State), clip(c.Reason, 64), clip(c.Cause, 32), c.CallID, c.QueueID)
			}
			return tx.Exec("INSERT INTO agent_states (organization_id, agent_id, at, state, reason, cause, call_id, queue_id) VALUES "+q.sql(), q.args...).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type agentSessionRow struct {
	AgentID, OrganizationID int64
	State, Reason           string
	Since                   stamp
	Queues                  text[[]int64]
	Leg, CallID             string
}

// SaveAgentSessions writes what a restart has to know of agents, one row for each.
func (s *Store) SaveAgentSessions(ctx context.Context, epoch int64, sessions []models.AgentSession) error {
	return s.write(ctx, fmt.Sprintf("save %d sessions of agents", len(sessions)), func(tx *gorm.DB) error {
		if err := s.fence(tx, epoch, false); err != nil {
			return err
		}
		slices.SortFunc(sessions, func(a, b models.AgentSession) int { return int(a.AgentID - b.AgentID) })
		for chunk := range slices.Chunk(sessions, setChunk) {
			q := multi{width: 9}
			for _, v := range chunk {
				q.add(v.AgentID, v.OrganizationID, string(v.State), clip(v.Reason, 64), at(v.Since), text[[]int64]{v.Queues}, v.Leg, v.CallID, at(s.clk.Now().UTC()))
			}
			err := tx.Exec("INSERT INTO agent_sessions (agent_id, organization_id, state, reason, since, queues, leg, call_id, updated_at) VALUES "+q.sql()+
				s.d.upsert("agent_id", "organization_id", "state", "reason", "since", "queues", "leg", "call_id", "updated_at"), q.args...).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
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

// SaveLegs writes legs, each at its beginning and at its end.
func (s *Store) SaveLegs(ctx context.Context, legs []models.Leg) error {
	slices.SortFunc(legs, func(a, b models.Leg) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	for chunk := range slices.Chunk(legs, setChunk) {
		err := s.write(ctx, fmt.Sprintf("save %d legs", len(chunk)), func(tx *gorm.DB) error {
			q := multi{width: 11}
			for _, l := range chunk {
				q.add(l.ID, l.CallID, l.OrganizationID, string(l.Kind), l.AgentID, l.QueueID, clip(l.Number, 32), at(l.StartedAt), atp(l.AnsweredAt), atp(l.EndedAt), clip(l.Cause, 64))
			}
			return tx.Exec("INSERT INTO call_legs (id, call_id, organization_id, kind, agent_id, queue_id, number, started_at, answered_at, ended_at, cause) VALUES "+
				q.sql()+s.d.upsert("id", "kind", "answered_at", "ended_at", "cause"), q.args...).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SaveRecording writes a recording, or what has become of it.
func (s *Store) SaveRecording(ctx context.Context, r models.Recording) error {
	return s.write(ctx, "save recording "+r.ID, func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO recordings (id, organization_id, campaign_id, queue_id, agent_id, number, started_at, duration_ms, talk_ms, bytes, path, problem, deleted_at) "+
			"VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"+s.d.upsert("id", "queue_id", "agent_id", "duration_ms", "talk_ms", "bytes", "problem", "deleted_at"),
			r.ID, r.OrganizationID, r.CampaignID, r.QueueID, r.AgentID, clip(r.Number, 20), at(r.StartedAt), r.DurationMS, r.TalkMS, r.Bytes, clip(r.Path, 255),
			clip(r.Problem, 16), atp(r.DeletedAt)).Error
	})
}
