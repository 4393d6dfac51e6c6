package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// roster is agents, queues and who is a member of what, as saved.
type roster struct {
	agents  []models.Agent
	queues  []models.Queue
	members []models.QueueMember
}

// readRoster reads that of an organization, 0 = of all.
func readRoster(ctx context.Context, s Roster, org int64) (roster, error) {
	var r roster
	var err error
	if r.agents, err = s.Agents(ctx, org); err != nil {
		return r, err
	}
	if r.queues, err = s.Queues(ctx, org); err != nil {
		return r, err
	}
	r.members, err = s.QueueMembers(ctx, 0)
	return r, err
}

// agent finds an agent of an organization.
func (r roster) agent(org, id int64) (models.Agent, bool) {
	i := slices.IndexFunc(r.agents, func(a models.Agent) bool { return a.ID == id && a.OrganizationID == org })
	if i < 0 {
		return models.Agent{}, false
	}
	return r.agents[i], true
}

// ofUser finds the agent of a log-in.
func (r roster) ofUser(user int64) (models.Agent, bool) {
	i := slices.IndexFunc(r.agents, func(a models.Agent) bool { return a.UserID == user && !a.Disabled })
	if i < 0 {
		return models.Agent{}, false
	}
	return r.agents[i], true
}

// queue finds a queue of an organization.
func (r roster) queue(org, id int64) (models.Queue, bool) {
	i := slices.IndexFunc(r.queues, func(q models.Queue) bool { return q.ID == id && q.OrganizationID == org })
	if i < 0 {
		return models.Queue{}, false
	}
	return r.queues[i], true
}

// memberships are those of an agent that are in use.
func (r roster) memberships(agentID int64) []models.QueueMember {
	var out []models.QueueMember
	for _, m := range r.members {
		if m.AgentID == agentID && m.Active {
			out = append(out, m)
		}
	}
	return out
}

// sight is what somebody may see and steer: all of his organization, or as a team leader his queues and their members.
type sight struct {
	org    int64
	all    bool
	queues map[int64]bool
	agents map[int64]bool
}

func sightOf(ctx context.Context, s Roster, i Identity, r roster) (sight, error) {
	v := sight{org: i.OrganizationID, all: i.Role != models.RoleTeamLeader, queues: map[int64]bool{}, agents: map[int64]bool{}}
	if v.all {
		return v, nil
	}
	leaders, err := s.QueueLeaders(ctx, 0)
	if err != nil {
		return v, err
	}
	for _, l := range leaders {
		if l.UserID == i.UserID {
			v.queues[l.QueueID] = true
		}
	}
	for _, m := range r.members {
		if v.queues[m.QueueID] {
			v.agents[m.AgentID] = true
		}
	}
	return v, nil
}

func (v sight) agent(a models.Agent) bool {
	return a.OrganizationID == v.org && (v.all || v.agents[a.ID])
}

func (v sight) queue(q models.Queue) bool {
	return q.OrganizationID == v.org && (v.all || v.queues[q.ID])
}

// bound is the sight as queries of the store have it.
func (v sight) bound() *models.Sight {
	if v.all {
		return nil
	}
	b := &models.Sight{Queues: []int64{}, Agents: []int64{}}
	for id := range v.queues {
		b.Queues = append(b.Queues, id)
	}
	for id := range v.agents {
		b.Agents = append(b.Agents, id)
	}
	slices.Sort(b.Queues)
	slices.Sort(b.Agents)
	return b
}

// recording reports whether somebody may hear it.
func (v sight) recording(r models.Recording) bool {
	return r.OrganizationID == v.org && (v.all || v.queues[r.QueueID] || v.agents[r.AgentID])
}

// seen reads who is there and what of it the log-in behind a request may see.
func seen(c echo.Context, s Roster) (roster, sight, error) {
	ctx, i := c.Request().Context(), who(c)
	r, err := readRoster(ctx, s, i.OrganizationID)
	if err != nil {
		return r, sight{}, err
	}
	v, err := sightOf(ctx, s, i, r)
	return r, v, err
}

func noSuch(field string) error {
	return models.NewError(models.NotFound, field, "not_found", "there is nothing with this id; check it", "编号不存在，请检查")
}

func noAgent() error {
	return models.NewError(models.Forbidden, "", "no_agent", "no agent belongs to your log-in; ask your administrator to make one", "您的账户没有对应的坐席，请联系管理员")
}
