package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	j := jobs.Job{CampaignID: c.ID, Days: in.Days, Rows: in.Variants, Vary: vary}
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

// vary is the plan dialled in another way.
func vary(p stage.Plan, v models.Variant) stage.Plan {
	if v.Mode == "" || p.Campaign.Mode != models.ModeDirectAgent {
		return p
	}
	r := &p.Campaign.Rules
	r.Ratio = 0
	if v.Mode == string(models.PaceRatio) {
		r.Ratio = v.Ratio
	}
	limit := r.Pacing.AbandonLimit
	if limit == 0 {
		limit = campaign.Newest(r.Pack).Rho
	}
	r.Pacing = models.Pacing{Mode: models.PacingMode(v.Mode), Guarantee: models.GuaranteeKind(v.Guarantee), AbandonLimit: limit,
		ConnectSeconds: r.Pacing.ConnectSeconds, Window: r.Pacing.Window}
	return p
}

// Preflight is what to know before the campaign starts.
func (w work) Preflight(ctx context.Context, c models.Campaign) ([]models.Finding, error) {
	f := findings{}
	for _, check := range []func(context.Context, models.Campaign) error{
		func(_ context.Context, c models.Campaign) error { return complete(c) }, w.CheckCampaign, w.staffed,
	} {
		if err := f.fault(check(ctx, c)); err != nil {
			return nil, err
		}
	}
	for _, part := range []func(context.Context, models.Campaign, *findings) error{w.preApproval, w.preHours, w.preList, w.preAgents} {
		if err := part(ctx, c, &f); err != nil {
			return nil, err
		}
	}
	rank := func(level string) int { return strings.Index("error warning info", level) }
	slices.SortStableFunc(f.all, func(a, b models.Finding) int { return rank(a.Level) - rank(b.Level) })
	return f.all, nil
}

type findings struct{ all []models.Finding }

func (f *findings) add(level, code, field, text, textZH string) {
	f.all = append(f.all, models.Finding{Level: level, Code: code, Field: field, Text: text, TextZH: textZH})
}

// fault takes what a check says; an error that is nobody's fault comes back.
func (f *findings) fault(err error) error {
	var caller *models.Error
	if err == nil || !errors.As(err, &caller) {
		return err
	}
	for _, v := range caller.Fields {
		if !slices.ContainsFunc(f.all, func(have models.Finding) bool { return have.Code == v.Code && have.Field == v.Field }) {
			f.add("error", v.Code, v.Field, v.Text, v.TextZH)
		}
	}
	return nil
}

func (w work) preApproval(ctx context.Context, c models.Campaign, f *findings) error {
	waits := func(a models.Approval, field, what, whatZH string) {
		switch a {
		case models.ApprovalPending:
			f.add("warning", "waiting_approval", field, what+" waits for approval; the campaign starts once it is approved", whatZH+"等待审核，通过后任务才能开始")
		case models.ApprovalRejected:
			f.add("error", "rejected", field, what+" was rejected; choose another one", whatZH+"未通过审核，请更换")
		default:
		}
	}
	if l, err := w.ContactList(ctx, c.ContactListID); err == nil {
		waits(l.Approval, "contact_list_id", "the number file", "被叫文件")
	} else if !models.IsKind(err, models.NotFound) {
		return err
	}
	if v, err := w.VoiceFile(ctx, c.VoiceFileID); err == nil {
		waits(v.Approval, "voice_file_id", "the voice file", "语音文件")
	} else if !models.IsKind(err, models.NotFound) {
		return err
	}
	for _, id := range c.CallerIDs {
		if v, err := w.CallerNumber(ctx, id); err == nil {
			waits(v.Approval, "caller_ids", "the caller number "+v.Number, "去电号码 "+v.Number)
		}
	}
	return nil
}

// preHours tells when the campaign may call, and of how many numbers the zone is closed then.
func (w work) preHours(_ context.Context, c models.Campaign, f *findings) error {
	now := w.plant.clock.Now()
	zone, err := time.LoadLocation(c.Rules.Zone)
	if err != nil {
		return nil //nolint:nilerr // the check of the settings has said so
	}
	gate, open := campaign.NewCalendar(c.Rules, time.LoadLocation).Open("", now)
	switch {
	case gate == models.GateOpen:
	case open.IsZero():
		f.add("error", "never_open", "windows", "the hours leave no time to call within a year; add calling hours", "一年内没有可呼叫时段，请添加呼叫时段")
	default:
		at := open.In(zone).Format("2006-01-02 15:04")
		f.add("info", "opens_later", "windows", "outside the calling hours now; calls begin "+at, "当前不在呼叫时段，将于 "+at+" 开始呼叫")
	}
	return nil
}

// preList looks at the numbers.
func (w work) preList(ctx context.Context, c models.Campaign, f *findings) error {
	if c.ContactListID == 0 {
		return nil
	}
	now := w.plant.clock.Now()
	facts, err := w.ListFacts(ctx, c, now)
	if err != nil {
		return err
	}
	share := func(n int64) string {
		return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(max(facts.Numbers, 1)))
	}
	if facts.Numbers == 0 {
		f.add("error", "list_empty", "contact_list_id", "the number file holds no number that can be called", "被叫文件中没有可呼叫的号码")
	}
	if n := facts.Blacklisted; n > 0 {
		f.add("info", "blacklisted", "contact_list_id", share(n)+" numbers are on the blacklist and will not be called", share(n)+" 个号码在黑名单中，不会呼叫")
	}
	if n := facts.Elsewhere; n > 0 {
		f.add("warning", "elsewhere", "contact_list_id", share(n)+" numbers are due in other campaigns too; nobody is in two calls, but may be called by both", share(n)+" 个号码在其他任务中也待呼叫；不会同时呼叫，但可能先后被两个任务呼叫")
	}
	if !c.Rules.NumberZone {
		return nil
	}
	calendar, closed, unknown := campaign.NewCalendar(c.Rules, time.LoadLocation), int64(0), facts.Zones[""]
	for zone, n := range facts.Zones {
		if gate, open := calendar.Open(zone, now); gate != models.GateOpen && open.IsZero() {
			closed += n
		}
	}
	if closed > 0 {
		f.add("warning", "zone_closed", "windows", share(closed)+" numbers are in zones in which the hours never open", share(closed)+" 个号码所在时区没有可呼叫时段")
	}
	if unknown > 0 {
		f.add("info", "zone_unknown", "number_zone", share(unknown)+" numbers have no zone of their own; the campaign's counts for them", share(unknown)+" 个号码无法判断时区，按任务时区处理")
	}
	return nil
}

// preAgents compares agents, lines and the way of dialling.
func (w work) preAgents(ctx context.Context, c models.Campaign, f *findings) error {
	trunks, err := w.trunksOf(ctx, c)
	if models.IsKind(err, models.Invalid) {
		return nil // no trunk is chosen: that was said
	}
	if err != nil {
		return err
	}
	lines, unlimited := 0, false
	for _, t := range trunks {
		lines += t.Lines
		unlimited = unlimited || t.Lines == 0
		if t.Paused {
			f.add("warning", "trunk_paused", "trunk_ids", "trunk "+t.Name+" is paused", "中继 "+t.Name+" 已暂停")
		}
	}
	if most := c.MaxConcurrency; !unlimited && most > lines {
		f.add("warning", "few_lines", "max_concurrency", fmt.Sprintf("%d calls at once are allowed, but the trunks have %d lines", most, lines), fmt.Sprintf("最大并发 %d，但中继只有 %d 线", most, lines))
	}
	if c.Mode != models.ModeDirectAgent || c.QueueID == 0 {
		return nil
	}
	agents, err := w.membersOf(ctx, c)
	if err != nil {
		return err
	}
	if need := len(agents) + int(c.Rules.Ratio*float64(len(agents))); !unlimited && need > lines {
		f.add("warning", "few_lines", "trunk_ids", fmt.Sprintf("%d agents can need %d lines, the trunks have %d", len(agents), need, lines), fmt.Sprintf("%d 名坐席最多需要 %d 线，中继只有 %d 线", len(agents), need, lines))
	}
	doubts, err := w.PacingWarnings(ctx, c)
	for _, v := range doubts {
		f.add("warning", v.Code, v.Field, v.Text, v.TextZH)
	}
	return err
}
