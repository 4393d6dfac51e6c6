package cmd

import (
	"context"
	"fmt"

	"github.com/alexedwards/argon2id"

	"waihu/controller/clock"
	"waihu/models"
)

// The agents of the demonstration: their staff numbers are their log-ins and extensions too. The last one leads the queue.
var demoAgents = []struct{ number, english, chinese string }{
	{"8001", "Ann", "王芳"}, {"8002", "Ben", "李强"}, {"8003", "Cora", "张敏"}, {"8004", "Dan", "刘洋"}, {"8005", "Eve (leads)", "陈静（班长）"},
}

// staff makes a queue with its agents, their phones and log-ins.
func (d *demoMaker) staff(ctx context.Context, password string) error {
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return fmt.Errorf("hash the password of the sample agents: %w", err)
	}
	q := newQueue(d.l.Config)
	q.OrganizationID, q.Name, q.StaffPattern = d.org, d.app.t("Service one", "客服一组"), "8?"
	if err := d.s.CreateQueue(ctx, &q); err != nil {
		return fmt.Errorf("make the sample queue: %w", err)
	}
	members := make([]models.QueueMember, 0, len(demoAgents))
	leader := models.User{}
	for _, w := range demoAgents {
		e := models.Extension{OrganizationID: d.org, Number: w.number, Name: d.app.t(w.english, w.chinese), CreatedAt: clock.Real().Now()}
		if e.Password, err = sipPassword(); err != nil {
			return err
		}
		if err := d.s.CreateExtension(ctx, &e); err != nil {
			return fmt.Errorf("make the phone of a sample agent: %w", err)
		}
		a := models.Agent{OrganizationID: d.org, StaffNumber: w.number, Name: e.Name, ExtensionID: e.ID, Reach: models.ReachNailedUp, Recording: true}
		leader = models.User{Login: w.number, Role: models.RoleAgent, PasswordHash: hash}
		if len(members) == len(demoAgents)-1 {
			leader.Role = models.RoleTeamLeader
		}
		if err := d.s.CreateAgent(ctx, &a, &leader); err != nil {
			return fmt.Errorf("make a sample agent: %w", err)
		}
		members = append(members, models.QueueMember{QueueID: q.ID, AgentID: a.ID, Active: true, Priority: 1})
	}
	if err := d.s.SetQueueMembers(ctx, q.ID, members); err != nil {
		return fmt.Errorf("fill the sample queue: %w", err)
	}
	return d.s.SetQueueLeaders(ctx, q.ID, []int64{leader.ID})
}
