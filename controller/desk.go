package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"waihu/controller/campaign"
	"waihu/controller/floor"
	"waihu/controller/number"
	"waihu/models"
)

// startable are the states from which a campaign may be started.
var startable = []models.CampaignState{
	models.CampaignDraft, models.CampaignWaiting, models.CampaignReady, models.CampaignPaused, models.CampaignStopped,
}

// StartCampaign checks a campaign, brings its dialplan live, makes its leads and lets it dial. A campaign whose files wait for
// the administrator is set to 等待审核 and refused (S1-36). Errors of the caller are *models.Error.
func (c *Controller) StartCampaign(ctx context.Context, id int64) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	camp, err := c.store.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if !slices.Contains(startable, camp.State) {
		return models.NewError(models.Conflict, "state", "not_startable",
			fmt.Sprintf("campaign %d is %s; only a campaign that is not running or finished can be started", id, camp.State),
			fmt.Sprintf("任务 %d 当前状态为 %s；只有未运行且未完成的任务才能启动", id, camp.State))
	}
	if err := campaign.Check(camp, c.cfg.Floor.Zones); err != nil {
		return err
	}
	if err := c.approved(ctx, camp); err != nil {
		return err
	}
	callers, err := c.callers(ctx, camp)
	if err != nil {
		return err
	}
	return c.publish(ctx, camp, func() error {
		if _, err := c.store.PrepareLeads(ctx, id, c.cfg.Clock.Now()); err != nil {
			return fmt.Errorf("prepare leads of campaign %d: %w", id, err)
		}
		return c.setRunning(ctx, s, camp, callers)
	})
}

func (c *Controller) setRunning(ctx context.Context, s *session, camp models.Campaign, callers []string) error {
	pace, err := c.paceInput(ctx, camp)
	if err != nil {
		return err
	}
	if err := c.store.SetCampaignState(ctx, camp.ID, startable, models.CampaignRunning, "", c.cfg.Clock.Now()); err != nil {
		return err
	}
	camp.State = models.CampaignRunning
	c.log.Info("campaign started", "campaign", camp.ID, "mode", camp.Mode)
	return s.ask(ctx, func(f *floor.Floor, now time.Time) []floor.Effect {
		return append(f.Start(camp, callers), pace(f, now)...)
	})
}

// approved refuses what the administrator has not approved (审核) and lists that are not ready.
func (c *Controller) approved(ctx context.Context, camp models.Campaign) error {
	list, err := c.store.ContactList(ctx, camp.ContactListID)
	if err != nil {
		return fmt.Errorf("contact list of campaign %d: %w", camp.ID, err)
	}
	if list.State != models.ListReady {
		return models.NewError(models.Conflict, "contact_list_id", "not_ready", "the list is not imported to its end; wait for it or import it again",
			"被叫文件尚未导入完成，请等待或重新导入")
	}
	e := &models.Error{Kind: models.Conflict}
	pending := func(field string, a models.Approval) {
		if a != models.ApprovalApproved {
			e.Add(field, "waiting_approval", "not approved ("+string(a)+"); an administrator has to approve it first", "未通过审核（"+string(a)+"），请先由管理员审核")
		}
	}
	pending("contact_list_id", list.Approval)
	if camp.VoiceFileID != 0 {
		voice, err := c.store.VoiceFile(ctx, camp.VoiceFileID)
		if err != nil {
			return fmt.Errorf("voice file of campaign %d: %w", camp.ID, err)
		}
		pending("voice_file_id", voice.Approval)
	}
	if e.OrNil() == nil {
		return nil
	}
	waiting := []models.CampaignState{models.CampaignDraft, models.CampaignReady}
	if err := c.store.SetCampaignState(ctx, camp.ID, waiting, models.CampaignWaiting, string(models.GateApproval), c.cfg.Clock.Now()); err != nil && !models.IsKind(err, models.Conflict) {
		return err
	}
	return e
}

// callers are the numbers that the campaign may show: its own, approved, and 400 numbers only on trunks that take them.
func (c *Controller) callers(ctx context.Context, camp models.Campaign) ([]string, error) {
	allow400, err := c.allow400(ctx, camp)
	if err != nil {
		return nil, err
	}
	var numbers []string
	for _, id := range camp.CallerIDs {
		v, err := c.store.CallerNumber(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("caller number %d of campaign %d: %w", id, camp.ID, err)
		}
		if v.Approval == models.ApprovalApproved && (allow400 || !strings.HasPrefix(v.Number, "400")) {
			numbers = append(numbers, v.Number)
		}
	}
	if len(numbers) == 0 && camp.State != models.CampaignStopping {
		return nil, models.NewError(models.Conflict, "caller_ids", "no_caller_number",
			"no caller number may be shown: choose an approved one; 400 numbers need a trunk that allows them",
			"没有可用的去电号码：请选择已审核的号码；400 号码需要中继允许")
	}
	return numbers, nil
}

func (c *Controller) allow400(ctx context.Context, camp models.Campaign) (bool, error) {
	trunks, err := c.store.Trunks(ctx, camp.OrganizationID)
	if err != nil {
		return false, fmt.Errorf("trunks of campaign %d: %w", camp.ID, err)
	}
	found := false
	for _, t := range trunks {
		if slices.Contains(camp.TrunkIDs, t.ID) {
			found = true
			if !t.Allow400 {
				return false, nil
			}
		}
	}
	if !found {
		return false, models.NewError(models.Conflict, "trunk_ids", "no_trunk", "choose a trunk", "请选择中继")
	}
	return true, nil
}

// PauseCampaign stops dialling for a campaign; calls in progress go on.
func (c *Controller) PauseCampaign(ctx context.Context, id int64, reason string) error {
	return c.halt(ctx, id, []models.CampaignState{models.CampaignRunning}, models.CampaignPaused, reason,
		func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Pause(id) })
}

// ResumeCampaign lets a paused campaign dial again, after the same checks as at its start.
func (c *Controller) ResumeCampaign(ctx context.Context, id int64) error {
	return c.StartCampaign(ctx, id)
}

// StopCampaign ends a campaign: calls in progress run to their end, or with cut are hung up now.
func (c *Controller) StopCampaign(ctx context.Context, id int64, cut bool, reason string) error {
	return c.halt(ctx, id, []models.CampaignState{models.CampaignRunning, models.CampaignPaused, models.CampaignStopping}, models.CampaignStopping, reason,
		func(f *floor.Floor, _ time.Time) []floor.Effect {
			f.Reason(id, reason)
			return f.Stop(id, cut)
		})
}

func (c *Controller) halt(ctx context.Context, id int64, from []models.CampaignState, to models.CampaignState, reason string, in input) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	if err := c.store.SetCampaignState(ctx, id, from, to, reason, c.cfg.Clock.Now()); err != nil {
		return err
	}
	return s.ask(ctx, in)
}

// HangUpAll hangs every call up: the second signal of a shutdown.
func (c *Controller) HangUpAll(ctx context.Context) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	return s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect {
		var es []floor.Effect
		for _, id := range f.Calls() {
			es = append(es, floor.Kill{AttemptID: id, Cause: "MANAGER_REQUEST"})
		}
		return es
	})
}

// TestCall dials one number outside the list (单条测试, S1-37) as the campaign would, and returns the attempt's id. The list, the
// campaign's state and its statistics stay as they are; hours and day limits do not apply, the blacklist does.
func (c *Controller) TestCall(ctx context.Context, campaignID int64, raw, region string, policy number.Policy) (string, error) {
	s, err := c.on(ctx)
	if err != nil {
		return "", err
	}
	camp, err := c.store.Campaign(ctx, campaignID)
	if err != nil {
		return "", err
	}
	n, bad := number.Normalise(raw, region, policy)
	if bad != nil {
		return "", bad.Err("number")
	}
	callers, err := c.callers(ctx, camp)
	if err != nil {
		return "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an attempt id: %w", err)
	}
	a := models.Attempt{
		ID: id.String(), OrganizationID: camp.OrganizationID, CampaignID: camp.ID, Kind: models.KindTest,
		State: models.AttemptReserved, Number: n.E164, Try: 1, Epoch: s.epoch, ReservedAt: c.cfg.Clock.Now(),
	}
	if err := c.publish(ctx, camp, func() error { return c.store.SaveTest(ctx, s.epoch, a) }); err != nil {
		return "", err
	}
	gate := models.GateOpen
	err = s.ask(ctx, func(f *floor.Floor, now time.Time) []floor.Effect {
		var es []floor.Effect
		es, gate = f.Test(camp, models.Reserved{Attempt: a}, callers[0], now)
		return es
	})
	if err != nil {
		return "", err
	}
	if gate != models.GateOpen {
		return "", models.NewError(models.Conflict, "number", string(gate), "the test call cannot be placed now: "+string(gate)+"; try again later",
			"暂时无法进行测试呼叫（"+string(gate)+"），请稍后再试")
	}
	return a.ID, nil
}

// View is a copy of what the floor looks like.
func (c *Controller) View(ctx context.Context) (floor.View, error) {
	s, err := c.on(ctx)
	if err != nil {
		return floor.View{}, err
	}
	var v floor.View
	err = s.ask(ctx, func(f *floor.Floor, now time.Time) []floor.Effect {
		v = f.View(now)
		return nil
	})
	return v, err
}

// errNoFloor is returned by callers that do not want to wait.
var errNoFloor = errors.New("this process does not hold the floor")

// Holds reports whether this process holds the floor now.
func (c *Controller) Holds() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return errNoFloor
	}
	return nil
}
