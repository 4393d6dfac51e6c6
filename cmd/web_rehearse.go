package cmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waihu/controller/campaign"
	"waihu/controller/rehearse/jobs"
	"waihu/controller/rehearse/stage"
	"waihu/models"
)

// What a rehearsal takes when nothing else is asked for.
const (
	rehearsalHours = 8.0
	rehearsalDays  = 10
	learnFrom      = 30 * 24 * time.Hour
)

// StartRehearsal plays the campaign beside the daemon's work.
func (w work) StartRehearsal(ctx context.Context, c models.Campaign, in models.RehearsalInput) (models.Rehearsal, error) {
	j, err := w.rehearsal(ctx, c, in)
	if err != nil {
		return models.Rehearsal{}, err
	}
	return w.plant.rehearsals.Start(j)
}

// Rehearsal is how far one is.
func (w work) Rehearsal(id string) (models.Rehearsal, error) { return w.plant.rehearsals.Find(id) }

// StopRehearsal ends one early.
func (w work) StopRehearsal(id string) error { return w.plant.rehearsals.Stop(id) }

// rehearsal makes a job of the campaign's own settings and of what was seen of its organization's calls.
func (w work) rehearsal(ctx context.Context, c models.Campaign, in models.RehearsalInput) (jobs.Job, error) {
	j := jobs.Job{CampaignID: c.ID, Days: in.Days, Rows: in.Variants}
	if j.Days == 0 {
		j.Days = rehearsalDays
	}
	if len(j.Rows) == 0 {
		j.Rows = []models.Variant{{}}
	}
	if in.Hours == 0 {
		in.Hours = rehearsalHours
	}
	zone, err := time.LoadLocation(c.Rules.Zone)
	if err != nil {
		return j, models.NewError(models.Invalid, "rules.zone", "zone", "choose a time zone for the campaign's hours", "请为任务选择时区")
	}
	begin, since, until, err := w.rehearsalDay(in.Day, zone)
	if err != nil {
		return j, err
	}
	if _, open := campaign.NewCalendar(c.Rules, time.LoadLocation).Open("", begin); !open.IsZero() && open.After(begin) {
		begin = open
	}
	p := stage.Plan{Campaign: c, Limits: floorConfig(w.plant.l.Config, w.plant.clock), Begin: begin, Length: time.Duration(in.Hours * float64(time.Hour))}
	p.Limits.Zones = nil
	if p.Trunks, err = w.trunksOf(ctx, c); err != nil {
		return j, err
	}
	if p.Queue, p.Agents, err = w.agentsOf(ctx, c, in.Agents); err != nil {
		return j, err
	}
	if p.Numbers, err = w.numbersOf(ctx, c); err != nil {
		return j, err
	}
	history, err := w.History(ctx, c.OrganizationID, since, until)
	if err != nil {
		return j, err
	}
	learnt := stage.Learn(history, zone)
	j.Plan, j.World, j.Basis = p, learnt.World, learnt.Basis
	return j, j.Check()
}

// rehearsalDay is when the play begins and of which time the world is learned: from now, of the last thirty days; or of the
// day that is replayed alone.
func (w work) rehearsalDay(day string, zone *time.Location) (begin, since, until time.Time, err error) {
	now := w.plant.clock.Now()
	if day == "" {
		return now, now.Add(-learnFrom), time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil || at.After(now) {
		return begin, since, until, models.NewError(models.Invalid, "day", "bad_day", "give a day that has been, as 2026-11-20", "请填写已过去的日期，如 2026-11-20")
	}
	return at.Add(9 * time.Hour), at, at.AddDate(0, 0, 1), nil
}

func (w work) trunksOf(ctx context.Context, c models.Campaign) ([]models.Trunk, error) {
	all, err := w.Trunks(ctx, c.OrganizationID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(t models.Trunk) bool { return !slices.Contains(c.TrunkIDs, t.ID) })
	if len(all) == 0 {
		return nil, models.NewError(models.Invalid, "trunk_ids", "required", "choose a trunk for the campaign first", "请先为任务选择中继")
	}
	return all, nil
}

// agentsOf are the agents of the campaign's queue who may serve, or as many as are asked for, like them.
func (w work) agentsOf(ctx context.Context, c models.Campaign, want int) (q models.Queue, agents []models.Agent, err error) {
	if c.QueueID == 0 {
		return q, nil, nil
	}
	if q, err = w.Queue(ctx, c.QueueID); err != nil {
		return q, nil, err
	}
	if agents, err = w.membersOf(ctx, c); err != nil {
		return q, nil, err
	}
	switch {
	case want < 0 || want > 500:
		return q, nil, models.NewError(models.Invalid, "agents", "range", "use 1 to 500 agents", "坐席数须为 1 至 500")
	case want == 0 || want < len(agents):
		if want > 0 {
			agents = agents[:want]
		}
		return q, agents, nil
	}
	like := models.Agent{Reach: models.ReachNailedUp}
	if len(agents) > 0 {
		like = agents[0]
	}
	for i := len(agents); i < want; i++ {
		a := like
		a.ID, a.StaffNumber = int64(1_000_000_000+i), fmt.Sprintf("x%d", i)
		agents = append(agents, a)
	}
	return q, agents, nil
}

// membersOf are the agents of the campaign's queue who are in use.
func (w work) membersOf(ctx context.Context, c models.Campaign) ([]models.Agent, error) {
	members, err := w.QueueMembers(ctx, c.QueueID)
	if err != nil {
		return nil, err
	}
	all, err := w.Agents(ctx, c.OrganizationID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a models.Agent) bool {
		return a.Disabled || !slices.ContainsFunc(members, func(m models.QueueMember) bool { return m.AgentID == a.ID && m.Active })
	}), nil
}

// numbersOf are those that are still to be called, or all of the list while the campaign has not begun.
func (w work) numbersOf(ctx context.Context, c models.Campaign) (int, error) {
	p, err := w.Progress(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	if p.Leads > 0 {
		return int(p.Due + p.Reserved), nil
	}
	l, err := w.ContactList(ctx, c.ContactListID)
	if models.IsKind(err, models.NotFound) {
		return 0, models.NewError(models.Invalid, "contact_list_id", "required", "choose a number file for the campaign first", "请先为任务选择被叫文件")
	}
	return int(l.Valid), err
}
