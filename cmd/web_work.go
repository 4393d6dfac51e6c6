package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"waihu/api"
	"waihu/controller/campaign"
	"waihu/controller/clock"
	"waihu/controller/floor"
	"waihu/controller/imports"
	"waihu/controller/number"
	"waihu/controller/rehearse/jobs"
	"waihu/controller/results"
	"waihu/models"
)

// Patience with the floor: a page shows without it what it can, a command says that it cannot be done.
const (
	floorPatience = time.Second
	startPatience = 10 * time.Minute // leads of a long list are made
)

// work is what the API's resources of the work get of the daemon.
type work struct {
	web
	desk *imports.Desk
}

// work wires campaigns, lists, results and live data. The desk of imports runs with the plant.
func (w web) work() (api.Work, error) {
	l := w.plant.l
	desk, err := imports.New(imports.Config{Dir: filepath.Join(l.DataDir, "imports"), MaxBytes: l.Import.MaxBytes,
		Options: intakeOptions(l.Config), Clock: clock.Real(), Logger: w.plant.log}, w.Store)
	if err != nil {
		return api.Work{}, err
	}
	w.plant.imports, w.plant.rehearsals = desk, jobs.New(clock.Real())
	v := work{w, desk}
	hub := api.NewHub(clock.Real(), w.plant.log)
	hub.Shown = w.plant.clock.Now
	return api.Work{Campaigns: v, Counts: v, Settings: v, Floor: v, Lines: v, Lists: v, Uploads: v, Results: v, Attempts: v, Pacing: v, Rehearsals: v,
		Hub: hub}, nil
}

// Defaults are the settings of a new campaign as they are configured.
func (w work) Defaults() models.Campaign {
	c := w.plant.l.NewCampaign(models.ModeVoiceKey)
	c.Rules.Pacing = campaign.Newest(c.Rules.Pack).Pacing()
	c.TrunkIDs, c.CallerIDs, c.Keys = []int64{}, []int64{}, map[string]string{}
	return c
}

// DialledToday counts since midnight in the zone of calling.zone.
func (w work) DialledToday(ctx context.Context, org int64) (models.DayCount, error) {
	zone, err := time.LoadLocation(w.plant.l.Calling.Zone)
	if err != nil {
		return models.DayCount{}, fmt.Errorf("load the zone of calling.zone: %w", err)
	}
	y, m, d := w.plant.clock.Now().In(zone).Date()
	return w.CountsSince(ctx, org, time.Date(y, m, d, 0, 0, 0, 0, zone))
}

// CheckCampaign checks the settings, and that what they name is the organization's. What is not chosen yet is left for the
// start.
func (w work) CheckCampaign(ctx context.Context, c models.Campaign) error {
	if err := campaign.Check(c, time.LoadLocation); err != nil {
		return err
	}
	if err := bounded(c); err != nil {
		return err
	}
	e := &models.Error{Kind: models.Invalid}
	must := func(field string, id, org int64, err error) error {
		if models.IsKind(err, models.NotFound) || err == nil && org != c.OrganizationID && org != 0 {
			e.Add(field, "not_found", fmt.Sprintf("there is nothing with the id %d; choose another one", id), fmt.Sprintf("编号 %d 不存在，请重新选择", id))
			return nil
		}
		return err
	}
	for _, one := range []struct {
		field string
		id    int64
		owner func(id int64) (org int64, err error)
	}{
		{"contact_list_id", c.ContactListID, func(id int64) (int64, error) { v, err := w.ContactList(ctx, id); return v.OrganizationID, err }},
		{"voice_file_id", c.VoiceFileID, func(id int64) (int64, error) { v, err := w.VoiceFile(ctx, id); return v.OrganizationID, err }},
		{"queue_id", c.QueueID, func(id int64) (int64, error) { v, err := w.Queue(ctx, id); return v.OrganizationID, err }},
	} {
		if one.id == 0 {
			continue
		}
		org, err := one.owner(one.id)
		if err := must(one.field, one.id, org, err); err != nil {
			return err
		}
	}
	for _, id := range c.CallerIDs {
		v, err := w.CallerNumber(ctx, id)
		if err := must("caller_ids", id, v.OrganizationID, err); err != nil {
			return err
		}
	}
	for _, id := range c.TrunkIDs {
		v, err := w.Trunk(ctx, id)
		if err := must("trunk_ids", id, v.OrganizationID, err); err != nil {
			return err
		}
	}
	return e.OrNil()
}

// bounded says what is too long to be kept.
func bounded(c models.Campaign) error {
	e := &models.Error{Kind: models.Invalid}
	most := func(field string, n, limit int) {
		if n > limit {
			e.Add(field, "too_long", fmt.Sprintf("use at most %d", limit), fmt.Sprintf("最多 %d", limit))
		}
	}
	most("name", utf8.RuneCountInString(c.Name), 100)
	most("purpose", utf8.RuneCountInString(c.Purpose), 64)
	most("rules.pack", len(c.Rules.Pack), 16)
	most("trunk_ids", len(c.TrunkIDs), 100)
	most("caller_ids", len(c.CallerIDs), 1000)
	most("rules.windows", len(c.Rules.Windows), 200)
	most("rules.holidays", len(c.Rules.Holidays), 400)
	most("rules.retry_rules", len(c.Rules.RetryRules), 50)
	for _, text := range c.Keys {
		most("keys", utf8.RuneCountInString(text), 100)
	}
	return e.OrNil()
}

// complete says what a campaign lacks to call.
func complete(c models.Campaign) error {
	e := &models.Error{Kind: models.Invalid}
	lacks := func(missing bool, field, text, textZH string) {
		if missing {
			e.Add(field, "required", text, textZH)
		}
	}
	lacks(c.ContactListID == 0, "contact_list_id", "choose a number file", "请选择被叫文件")
	lacks(c.VoiceFileID == 0 && c.Mode != models.ModeDirectAgent, "voice_file_id", "choose a voice file", "请选择语音文件")
	lacks(c.QueueID == 0 && c.Mode == models.ModeDirectAgent, "queue_id", "choose the queue whose agents get the calls", "请选择接听组")
	lacks(len(c.TrunkIDs) == 0, "trunk_ids", "choose a trunk", "请选择中继")
	lacks(len(c.CallerIDs) == 0, "caller_ids", "choose a caller number", "请选择去电号码")
	return e.OrNil()
}

// staffed refuses a campaign whose answers go straight to agents of a queue that has none.
func (w work) staffed(ctx context.Context, c models.Campaign) error {
	if c.Mode != models.ModeDirectAgent || c.QueueID == 0 {
		return nil
	}
	members, err := w.QueueMembers(ctx, c.QueueID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(members, func(m models.QueueMember) bool { return m.Active }) {
		return nil
	}
	return models.NewError(models.Conflict, "queue_id", "queue_empty",
		"the queue has no member in use, and this campaign's calls go straight to its agents; add members first", "该接听组没有启用的成员，而本任务的来电直接转坐席；请先添加成员")
}

// floor is the floor, if it is here now: a browser is not kept waiting for another process to give it up.
func (w work) floor() error {
	if w.plant.floor.Holds() == nil {
		return nil
	}
	return models.NewError(models.Conflict, "", string(models.GateNoLease), "this process does not dial now: another one does, or it has just started; try again in a few seconds",
		"本进程当前不负责外呼（另一进程正在运行或刚刚启动），请稍后再试")
}

// StartCampaign starts a campaign that has all it needs.
func (w work) StartCampaign(ctx context.Context, id int64) error {
	c, err := w.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if err := errors.Join(complete(c), w.staffed(ctx, c)); err != nil {
		return err
	}
	return w.command(ctx, startPatience, func(ctx context.Context) error { return w.plant.floor.StartCampaign(ctx, id) })
}

func (w work) command(ctx context.Context, patience time.Duration, do func(context.Context) error) error {
	if err := w.floor(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return do(ctx)
}

// ResumeCampaign lets a paused campaign go on.
func (w work) ResumeCampaign(ctx context.Context, id int64) error {
	return w.command(ctx, startPatience, func(ctx context.Context) error { return w.plant.floor.ResumeCampaign(ctx, id) })
}

// PauseCampaign stops dialling; calls in progress go on.
func (w work) PauseCampaign(ctx context.Context, id int64, reason string) error {
	return w.command(ctx, 10*floorPatience, func(ctx context.Context) error { return w.plant.floor.PauseCampaign(ctx, id, reason) })
}

// StopCampaign ends a campaign.
func (w work) StopCampaign(ctx context.Context, id int64, cut bool, reason string) error {
	return w.command(ctx, 10*floorPatience, func(ctx context.Context) error { return w.plant.floor.StopCampaign(ctx, id, cut, reason) })
}

// DialTest dials one number outside the list.
func (w work) DialTest(ctx context.Context, id int64, raw string) (string, error) {
	c, err := w.Campaign(ctx, id)
	if err != nil {
		return "", err
	}
	if err := complete(c); err != nil {
		return "", err
	}
	o, attempt := intakeOptions(w.plant.l.Config), ""
	err = w.command(ctx, 30*floorPatience, func(ctx context.Context) error {
		var err error
		attempt, err = w.plant.floor.TestCall(ctx, id, raw, o.Region, o.Policy)
		return err
	})
	return attempt, err
}

// Now is the floor at this moment, empty when it is not here.
func (w work) Now(ctx context.Context) api.FloorNow {
	now := api.FloorNow{Campaigns: map[int64]api.CampaignNow{}, Connected: w.plant.client.Connected()}
	if w.plant.floor.Holds() != nil {
		return now
	}
	ctx, cancel := context.WithTimeout(ctx, floorPatience)
	defer cancel()
	v, err := w.plant.floor.View(ctx)
	if err != nil {
		w.plant.log.Debug("floor not seen", "err", err)
		return now
	}
	now.Calls = v.Calls
	for id, c := range v.Campaigns {
		n := api.CampaignNow{InFlight: c.InFlight, Up: c.Up, Held: c.Held, Why: c.Why, Dialled: c.Counts.Dialled, Answered: c.Counts.Answered, Ended: c.Counts.Ended,
			Done: c.Counts.Done, Skipped: c.Counts.Skipped}
		if !c.Until.IsZero() {
			n.Until = &c.Until
		}
		now.Campaigns[id] = n
	}
	return now
}

// Version is the version of the switch, "" when it does not answer soon.
func (w work) Version(ctx context.Context) string {
	if !w.plant.client.Connected() {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, floorPatience)
	defer cancel()
	s, err := w.plant.client.Status(ctx)
	if err != nil {
		w.plant.log.Debug("switch not asked for its version", "err", err)
	}
	return s.Version
}

// Calls are the calls in progress; without a floor there are none.
func (w work) Calls(ctx context.Context, campaignID int64) ([]api.Call, error) {
	out := []api.Call{}
	if w.plant.floor.Holds() != nil {
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, floorPatience)
	defer cancel()
	calls, err := w.plant.floor.Calls(ctx, campaignID)
	for _, v := range calls {
		out = append(out, callOf(v))
	}
	return out, err
}

func callOf(v floor.CallView) api.Call {
	return api.Call{AttemptID: v.AttemptID, OrganizationID: v.OrganizationID, CampaignID: v.CampaignID, Kind: v.Kind,
		Number: v.Number, TrunkID: v.TrunkID, Trunk: v.Gateway, State: v.State, Since: v.Since.UTC()}
}

// HangUp ends one call.
func (w work) HangUp(ctx context.Context, attemptID string) error {
	return w.command(ctx, 10*floorPatience, func(ctx context.Context) error { return w.plant.floor.HangUp(ctx, attemptID) })
}

// AttemptPage reads the number of the query as people write it: the staff number or extension of an agent asks for that agent's
// calls (S1-52), what is no number is the beginning of one.
func (w work) AttemptPage(ctx context.Context, q models.AttemptQuery) ([]models.Attempt, string, error) {
	q.Number = strings.TrimSpace(q.Number)
	if q.Number != "" && q.AgentID == 0 {
		agent, err := w.Store.AgentOfNumber(ctx, q.OrganizationID, q.Number)
		if err != nil {
			return nil, "", err
		}
		if agent != 0 {
			q.AgentID, q.Number = agent, ""
		}
	}
	q.Number = wanted(q.Number, w.plant.l.Numbers.Region)
	return w.Store.AttemptPage(ctx, q)
}

// wanted is a number in E.164, or with a * at its end the beginning of one.
func wanted(raw, region string) string {
	if raw == "" || strings.HasPrefix(raw, "+") && len(raw) < 9 {
		return raw + strings.Repeat("*", min(len(raw), 1))
	}
	if n, bad := number.Normalise(raw, region, number.Policy{Countries: []string{number.AnyCountry}, Unlisted: true}); bad == nil {
		return n.E164
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, raw)
	if !strings.HasPrefix(raw, "+") && (region == "" || region == number.HomeRegion) {
		digits = "86" + strings.TrimPrefix(digits, "0")
	}
	return "+" + digits + "*"
}

// ExportCSV streams results as CSV.
func (w work) ExportCSV(ctx context.Context, out io.Writer, c models.Campaign, q models.ResultQuery) error {
	return w.export(ctx, out, c, q, results.Export)
}

// ExportXLSX streams results as a spreadsheet.
func (w work) ExportXLSX(ctx context.Context, out io.Writer, c models.Campaign, q models.ResultQuery) error {
	return w.export(ctx, out, c, q, results.ExportXLSX)
}

func (w work) export(ctx context.Context, out io.Writer, c models.Campaign, q models.ResultQuery,
	write func(context.Context, io.Writer, []string, results.Each) (results.Summary, error),
) error {
	var columns []string
	if c.ContactListID != 0 {
		list, err := w.ContactList(ctx, c.ContactListID)
		if err != nil {
			return err
		}
		columns = slices.Clone(list.Columns)
	}
	_, err := write(ctx, out, columns, func(each func(models.Result) error) error { return w.ResultsWhere(ctx, q, each) })
	return err
}
