package cmd

import (
	"context"
	"fmt"

	"waihu/controller/clock"
	"waihu/models"
)

// The agents of the demonstration: their staff numbers are their log-ins and extensions too. The last one leads the queue.
var demoAgents = []struct{ number, english, chinese string }{
	{"8001", "Ann", "王芳"}, {"8002", "Ben", "李强"}, {"8003", "Cora", "张敏"}, {"8004", "Dan", "刘洋"}, {"8005", "Eve (leads)", "陈静（班长）"},
}

// staff makes a queue with its agents, their phones and log-ins.
func (d *demoMaker) staff(ctx context.Context, hash string) error {
	q := newQueue(d.l.Config)
	q.OrganizationID, q.Name, q.StaffPattern = d.org, d.app.t("Service one", "客服一组"), "8?"
	if err := d.s.CreateQueue(ctx, &q); err != nil {
		return fmt.Errorf("make the sample queue: %w", err)
	}
	members := make([]models.QueueMember, 0, len(demoAgents))
	leader := models.User{}
	for i, w := range demoAgents {
		leader = models.User{Login: w.number, Role: models.RoleAgent, PasswordHash: hash}
		if i == len(demoAgents)-1 {
			leader.Role = models.RoleTeamLeader
		}
		id, err := d.agent(ctx, w.number, d.app.t(w.english, w.chinese), &leader)
		if err != nil {
			return err
		}
		members = append(members, models.QueueMember{QueueID: q.ID, AgentID: id, Active: true, Priority: 1})
	}
	if err := d.s.SetQueueMembers(ctx, q.ID, members); err != nil {
		return fmt.Errorf("fill the sample queue: %w", err)
	}
	return d.s.SetQueueLeaders(ctx, q.ID, []int64{leader.ID})
}

// agent makes an agent with his phone and log-in.
func (d *demoMaker) agent(ctx context.Context, number, name string, login *models.User) (int64, error) {
	secret, err := sipPassword()
	if err != nil {
		return 0, err
	}
	e := models.Extension{OrganizationID: d.org, Number: number, Name: name, Password: secret, CreatedAt: clock.Real().Now()}
	if err := d.s.CreateExtension(ctx, &e); err != nil {
		return 0, fmt.Errorf("make the phone of a sample agent: %w", err)
	}
	a := models.Agent{OrganizationID: d.org, StaffNumber: number, Name: name, ExtensionID: e.ID, Reach: models.ReachNailedUp, Recording: true}
	if err := d.s.CreateAgent(ctx, &a, login); err != nil {
		return 0, fmt.Errorf("make a sample agent: %w", err)
	}
	return a.ID, nil
}
