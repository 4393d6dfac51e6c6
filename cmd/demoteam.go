package cmd

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"waihu/controller/clock"
	"waihu/models"
)

const (
	demoTeamFirst = 8101 // staff number of the first of the team that works by itself
	demoTeamMost  = 99
	demoTeamFrom  = 2_000_000 // first number of its list, beside those of the other lists
	demoTeamList  = 300       // numbers an agent: about two hours' work
)

func demoTeamNumber(i int) string { return fmt.Sprint(demoTeamFirst + i) }

// team makes agents who work by themselves, on simulated phones, and the predictive campaign that they work for.
func (d *demoMaker) team(ctx context.Context, dir, hash string) (int64, error) {
	q := newQueue(d.l.Config)
	q.OrganizationID, q.Name, q.AnnounceStaff = d.org, d.app.t("Sales", "销售组"), false
	if err := d.s.CreateQueue(ctx, &q); err != nil {
		return 0, fmt.Errorf("make the queue of the sample team: %w", err)
	}
	var members []models.QueueMember
	for i := range d.f.agents {
		number := demoTeamNumber(i)
		a, err := d.agent(ctx, number, fmt.Sprintf(d.app.t("Sales %d", "销售 %d"), i+1), &models.User{Login: number, Role: models.RoleAgent, PasswordHash: hash})
		if err != nil {
			return 0, err
		}
		members = append(members, models.QueueMember{QueueID: q.ID, AgentID: a, Active: true, Priority: 1})
	}
	if err := d.s.SetQueueMembers(ctx, q.ID, members); err != nil {
		return 0, fmt.Errorf("fill the queue of the sample team: %w", err)
	}
	list := func(w io.Writer) error { return sampleRows(w, demoTeamFrom, demoTeamList*d.f.agents) }
	if err := writeFile(filepath.Join(dir, "winter.csv"), list); err != nil {
		return 0, err
	}
	p, err := assemble(d.l, d.s, clock.Real(), d.log, nil)
	if err != nil {
		return 0, err
	}
	c, err := d.campaign(ctx, p, d.flags(dir, "winter.csv", "notice.wav"), "Winter tours (predictive)", "冬季旅游回访（预测式）")
	if err != nil {
		return 0, err
	}
	c.Mode, c.QueueID, c.VoiceFileID, c.AgentKey, c.OptOutKey, c.MaxConcurrency = models.ModeDirectAgent, q.ID, 0, "", "", 0
	c.RingSeconds = 30
	c.Rules.Pacing = models.Pacing{Mode: models.PacePredictive, Guarantee: models.GuaranteeRisk, AbandonLimit: 0.03, ConnectSeconds: 2}
	return c.ID, d.s.UpdateCampaign(ctx, &c)
}

// teamWorks signs the team in, those of a former start too.
func (p *plant) teamWorks(ctx context.Context, org int64) error {
	agents, err := p.store.Agents(ctx, org)
	if err != nil {
		return fmt.Errorf("find the sample team: %w", err)
	}
	team := map[int64]bool{}
	for _, a := range agents {
		n, err := strconv.Atoi(a.StaffNumber)
		team[a.ID] = err == nil && n >= demoTeamFirst && n < demoTeamFirst+demoTeamMost
	}
	queues, err := p.store.Queues(ctx, org)
	if err != nil {
		return fmt.Errorf("find the queue of the sample team: %w", err)
	}
	for _, q := range queues {
		members, err := p.store.QueueMembers(ctx, q.ID)
		if err != nil {
			return fmt.Errorf("find the members of %s: %w", q.Name, err)
		}
		for _, m := range members {
			if !team[m.AgentID] || !m.Active {
				continue
			}
			if err := p.floor.SignIn(ctx, m.AgentID, []int64{q.ID}); err != nil {
				return fmt.Errorf("sign the sample team in: %w", err)
			}
		}
	}
	return nil
}
