package api

import (
	"context"
	"strconv"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// wallCampaign is a campaign on the wallboard.
type wallCampaign struct {
	ID       int64                `json:"id"`
	Name     string               `json:"name"`
	State    models.CampaignState `json:"state"`
	QueueID  int64                `json:"queue_id"`
	InFlight int                  `json:"in_flight"`
	Dialled  int64                `json:"dialled"` // since it came onto the floor
	Answered int64                `json:"answered"`
	Talking  int                  `json:"talking"` // agents who talk to its callees
	Why      models.Gate          `json:"why"`
}

// wallState is what belongs to no queue and no campaign.
type wallState struct {
	Floor     bool                      `json:"floor"`
	Agents    map[models.AgentState]int `json:"agents"` // each agent once
	Queues    []int64                   `json:"queues"`
	Campaigns []int64                   `json:"campaigns"`
}

// wallboard streams queues and campaigns for a big screen. It is read each time: campaigns change without the agents.
func (h deskHandlers) wallboard(c echo.Context) error {
	i := who(c)
	topic := "wallboard " + strconv.FormatInt(i.OrganizationID, 10) + " " + strconv.FormatInt(i.UserID, 10)
	return h.s.Hub.serve(c, feed{topic: topic, every: wallEvery, snapshot: whole("queue", "campaign"),
		read: func(ctx context.Context) ([]part, error) { return h.wall(ctx, i) }})
}

func (h deskHandlers) wall(ctx context.Context, i Identity) ([]part, error) {
	now, err := h.sampler.read(ctx)
	if err != nil {
		return nil, err
	}
	v, err := sightOf(ctx, h.s.Desk.Roster, i, now.roster)
	if err != nil {
		return nil, err
	}
	state := wallState{Floor: now.floor, Agents: map[models.AgentState]int{}, Queues: []int64{}, Campaigns: []int64{}}
	talking := map[int64]int{}
	for _, a := range now.roster.agents {
		if a.Disabled || !v.agent(a) {
			continue
		}
		n := now.agent(a.ID)
		state.Agents[n.State]++
		if n.CampaignID != 0 && (n.State == models.AgentTalking || n.State == models.AgentHold) {
			talking[n.CampaignID]++
		}
	}
	var parts []part
	for _, q := range now.roster.queues {
		if v.queue(q) {
			state.Queues = append(state.Queues, q.ID)
			parts = append(parts, part{"queue", strconv.FormatInt(q.ID, 10), boardQueue{q.ID, q.Name, q.ServiceLevelSeconds, now.queue(q.ID)}})
		}
	}
	running, err := h.running(ctx, i.OrganizationID)
	if err != nil {
		return nil, err
	}
	floor := h.s.Lines.Now(ctx)
	for _, c := range running {
		if !v.all && !v.queues[c.QueueID] {
			continue
		}
		n := nowOf(floor, c)
		state.Campaigns = append(state.Campaigns, c.ID)
		parts = append(parts, part{"campaign", strconv.FormatInt(c.ID, 10), wallCampaign{
			ID: c.ID, Name: c.Name, State: c.State, QueueID: c.QueueID, InFlight: n.InFlight, Dialled: n.Dialled, Answered: n.Answered + int64(n.Up),
			Talking: talking[c.ID], Why: n.Why,
		}})
	}
	return append(parts, part{"state", "", state}), nil
}

// running are the campaigns that dial or pause, the newest first.
func (h deskHandlers) running(ctx context.Context, org int64) ([]models.Campaign, error) {
	var out []models.Campaign
	for _, state := range []models.CampaignState{models.CampaignRunning, models.CampaignPaused, models.CampaignStopping} {
		some, _, err := h.s.Campaigns.CampaignPage(ctx, models.CampaignQuery{OrganizationID: org, State: state, Page: models.Page{Limit: eventItems}})
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}
