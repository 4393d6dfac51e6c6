package store

import (
	"context"
	"fmt"
	"time"

	"waihu/models"
)

type historyRow struct {
	ID, OrganizationID, AgentID int64
	At                          stamp
	State, Reason, Cause        string
	CallID                      string
	QueueID                     int64
}

const stateColumns = "s.id, s.organization_id, s.agent_id, s.at, s.state, s.reason, s.cause, s.call_id, s.queue_id"

func historyOf(rows []historyRow) []models.StateChange {
	out := make([]models.StateChange, len(rows))
	for i, r := range rows {
		out[i] = models.StateChange{ID: r.ID, OrganizationID: r.OrganizationID, AgentID: r.AgentID, At: r.At.t, State: models.AgentState(r.State),
			Reason: r.Reason, Cause: r.Cause, CallID: r.CallID, QueueID: r.QueueID}
	}
	return out
}

// StateChanges lists the changes of an agent (0 = of all agents of the organization) from a moment to before another, by
// agent and time. Before them stands each agent's last change before from: the state in which the period began.
func (s *Store) StateChanges(ctx context.Context, org, agentID int64, from, to time.Time) ([]models.StateChange, error) {
	const statesQuery = "SELECT " + stateColumns + " FROM agent_states s JOIN (SELECT a.id AS agent_id, " +
		"(SELECT x.at FROM agent_states x WHERE x.agent_id = a.id AND x.at < ? ORDER BY x.at DESC, x.id DESC LIMIT 1) AS since " +
		"FROM agents a WHERE a.organization_id = ?) l ON l.agent_id = s.agent_id " +
		"WHERE s.at < ? AND s.at >= COALESCE(l.since, ?) AND (s.agent_id = ? OR ? = 0) ORDER BY s.agent_id, s.at, s.id"
	var rows []historyRow
	err := s.r.WithContext(ctx).Raw(statesQuery, at(from), org, at(to), at(from), agentID, agentID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read states of agents of organization %d: %w", org, err)
	}
	return historyOf(rows), nil
}

// AgentTimes adds up how agents of an organization (0 = all of them) spent a period, by agent. Those who were not there are
// left out.
func (s *Store) AgentTimes(ctx context.Context, org, agentID int64, from, to time.Time) ([]models.AgentTimes, error) {
	changes, err := s.StateChanges(ctx, org, agentID, from, to)
	if err != nil {
		return nil, err
	}
	var out []models.AgentTimes
	for begin, i := 0, 0; i < len(changes); i++ {
		if i+1 < len(changes) && changes[i+1].AgentID == changes[i].AgentID {
			continue
		}
		if t := models.TimesOf(changes[i].AgentID, changes[begin:i+1], from, to); t.SignedInMS > 0 {
			out = append(out, t)
		}
		begin = i + 1
	}
	return out, nil
}

// CallCard reads what is known of a call's customer: campaign, and the row of the number file.
func (s *Store) CallCard(ctx context.Context, attemptID string) (models.CallCard, error) {
	const cardQuery = "SELECT a.id, a.kind, a.number, a.campaign_id, COALESCE(c.name, '') AS campaign_name, a.answered_at, a.queued_at, a.`keys`, " +
		"k.fields, f.columns FROM attempts a LEFT JOIN campaigns c ON c.id = a.campaign_id LEFT JOIN leads l ON l.id = a.lead_id " +
		"LEFT JOIN contacts k ON k.id = l.contact_id LEFT JOIN contact_lists f ON f.id = k.list_id WHERE a.id = ?"
	var rows []struct {
		ID, Kind, Number     string
		CampaignID           int64
		CampaignName         string
		AnsweredAt, QueuedAt stamp
		Keys                 text[[]models.Key]
		Fields, Columns      text[[]string]
	}
	if err := s.r.WithContext(ctx).Raw(cardQuery, attemptID).Find(&rows).Error; err != nil {
		return models.CallCard{}, fmt.Errorf("read the customer of attempt %s: %w", attemptID, err)
	}
	if len(rows) == 0 {
		return models.CallCard{}, missing("attempt", "呼叫尝试", attemptID)
	}
	r := rows[0]
	v := models.CallCard{AttemptID: r.ID, Kind: models.AttemptKind(r.Kind), Number: r.Number, CampaignID: r.CampaignID, CampaignName: r.CampaignName,
		AnsweredAt: r.AnsweredAt.ptr(), QueuedAt: r.QueuedAt.ptr(), Keys: r.Keys.v, Columns: r.Columns.v, Fields: r.Fields.v}
	if v.Keys == nil {
		v.Keys = []models.Key{}
	}
	if v.Columns == nil || v.Fields == nil {
		v.Columns, v.Fields = []string{}, []string{}
	}
	return v, nil
}
