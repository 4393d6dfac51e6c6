package controller

import (
	"context"
	"fmt"
	"slices"

	"waihu/dialplan"
	"waihu/models"
)

// PlanSettings are the parts of the dialplan that do not come from a campaign.
type PlanSettings struct {
	// Sound gives the path of a voice file as the switch sees it.
	Sound func(models.VoiceFile) string
	// Queue is the skeleton of a queue until queues have settings of their own; its QueueID is filled in.
	Queue dialplan.QueueFlow
	// OptOutSound confirms an opt-out, "" = two short tones.
	OptOutSound string
}

// defaultQueue is where the agent key of a campaign without a queue leads.
const defaultQueue = 1

// publish brings the dialplan of all active campaigns and of camp live.
func (c *Controller) publish(ctx context.Context, camp models.Campaign) error {
	plan, err := c.planOf(ctx, &camp)
	if err != nil {
		return err
	}
	if _, err := c.plan.Publish(ctx, plan); err != nil {
		return fmt.Errorf("publish the dialplan for campaign %d: %w", camp.ID, err)
	}
	return nil
}

// planOf is the dialplan of all active campaigns, and of one more if it is given.
func (c *Controller) planOf(ctx context.Context, more *models.Campaign) (dialplan.Plan, error) {
	active, err := c.store.ActiveCampaigns(ctx)
	if err != nil {
		return dialplan.Plan{}, fmt.Errorf("load campaigns for the dialplan: %w", err)
	}
	if more != nil && !slices.ContainsFunc(active, func(v models.Campaign) bool { return v.ID == more.ID }) {
		active = append(active, *more)
	}
	return PlanFor(ctx, active, c.store, c.cfg.Plan)
}

// PlanFor makes the dialplan that campaigns need.
func PlanFor(ctx context.Context, campaigns []models.Campaign, defs Definitions, set PlanSettings) (dialplan.Plan, error) {
	var p dialplan.Plan
	for _, v := range campaigns {
		flow := dialplan.CampaignFlow{
			CampaignID: v.ID, Mode: v.Mode, PlayCount: v.PlayCount, ExtraSeconds: v.ExtraSeconds, KeySeconds: v.KeySeconds,
			AgentKey: v.AgentKey, OptOutKey: v.OptOutKey, OptOutSound: set.OptOutSound, Keys: v.Keys, QueueID: v.QueueID,
		}
		if v.VoiceFileID != 0 {
			voice, err := defs.VoiceFile(ctx, v.VoiceFileID)
			if err != nil {
				return p, fmt.Errorf("voice file of campaign %d: %w", v.ID, err)
			}
			flow.Sound, flow.DurationMS = set.Sound(voice), voice.DurationMS
		}
		if flow.QueueID == 0 && (v.AgentKey != "" || v.Mode == models.ModeDirectAgent) {
			flow.QueueID = defaultQueue
		}
		p.Campaigns = append(p.Campaigns, flow)
		if flow.QueueID != 0 && !slices.ContainsFunc(p.Queues, func(q dialplan.QueueFlow) bool { return q.QueueID == flow.QueueID }) {
			q := set.Queue
			q.QueueID = flow.QueueID
			p.Queues = append(p.Queues, q)
		}
	}
	return p, nil
}
