package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waihu/controller/campaign"
	"waihu/controller/number"
	"waihu/dialplan"
	"waihu/models"
)

// PlanSettings are the parts of the dialplan that do not come from the database.
type PlanSettings struct {
	// Sound gives the path of a voice file as the switch sees it.
	Sound func(models.VoiceFile) string
	// Queue is where the agent key of a campaign leads whose organization has no queue; its QueueID is filled in.
	Queue dialplan.QueueFlow
	// OptOutSound confirms an opt-out, "" = two short tones.
	OptOutSound string
	// Region is where trunks stand: it tells how they want numbers written, "" = CN.
	Region string
	// Recordings is the switch's folder of recordings; messages go below it.
	Recordings string
	// MissingPrompts lists the prompts that the sounds folder lacks; nil = none is.
	MissingPrompts func() []string
}

// noQueue is the queue of campaigns whose organization has none: an id that no row has.
const noQueue = 1<<53 - 1

// publish brings the dialplan of all active campaigns and of camp live. then makes the campaign active; nobody publishes in
// between, who would not know of it yet and take its dialplan away again.
func (c *Controller) publish(ctx context.Context, camp models.Campaign, then func() error) error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	plan, err := c.planOf(ctx, &camp)
	if err != nil {
		return err
	}
	if _, err := c.plan.Publish(ctx, plan); err != nil {
		return fmt.Errorf("publish the dialplan for campaign %d: %w", camp.ID, err)
	}
	return then()
}

// Republish brings what is saved live: the dialplan of the active campaigns, of queues, flows and routes.
// over names a text edited by hand that may be overwritten, "" = none.
func (c *Controller) Republish(ctx context.Context, over string) (dialplan.Revision, error) {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	plan, err := c.planOf(ctx, nil)
	if err != nil {
		return dialplan.Revision{}, err
	}
	if over != "" {
		return c.plan.Overwrite(ctx, plan, over)
	}
	return c.plan.Publish(ctx, plan)
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

// PlanFor makes the dialplan: what campaigns need, and all queues, IVR flows and inbound routes, whether or not a campaign runs.
func PlanFor(ctx context.Context, campaigns []models.Campaign, defs Planned, set PlanSettings) (dialplan.Plan, error) {
	b := planner{ctx: ctx, defs: defs, set: set}
	queues, err := defs.Queues(ctx, 0)
	if err != nil {
		return b.plan, fmt.Errorf("load queues for the dialplan: %w", err)
	}
	if b.trunks, err = defs.Trunks(ctx, 0); err != nil {
		return b.plan, fmt.Errorf("load trunks for the dialplan: %w", err)
	}
	if err := b.prompts(queues); err != nil {
		return b.plan, err
	}
	for _, q := range queues {
		flow, err := b.queue(q)
		if err != nil {
			return b.plan, fmt.Errorf("dialplan of queue %d (%s): %w", q.ID, q.Name, err)
		}
		b.plan.Queues = append(b.plan.Queues, flow)
	}
	if err := b.voiceMenus(); err != nil {
		return b.plan, err
	}
	for _, v := range campaigns {
		if err := b.campaign(v, queues); err != nil {
			return b.plan, fmt.Errorf("dialplan of campaign %d: %w", v.ID, err)
		}
	}
	return b.plan, nil
}

type planner struct {
	ctx    context.Context
	defs   Planned
	set    PlanSettings
	trunks []models.Trunk
	plan   dialplan.Plan
}

// sound is the path of a voice file and its length in ms; nothing for id 0.
func (b *planner) sound(id int64) (string, int64, error) {
	if id == 0 {
		return "", 0, nil
	}
	v, err := b.defs.VoiceFile(b.ctx, id)
	if err != nil {
		return "", 0, fmt.Errorf("voice file %d: %w", id, err)
	}
	return b.set.Sound(v), v.DurationMS, nil
}

func (b *planner) campaign(v models.Campaign, queues []models.Queue) error {
	flow := dialplan.CampaignFlow{
		CampaignID: v.ID, Mode: v.Mode, PlayCount: v.PlayCount, ExtraSeconds: v.ExtraSeconds, KeySeconds: v.KeySeconds,
		AgentKey: v.AgentKey, OptOutKey: v.OptOutKey, OptOutSound: b.set.OptOutSound, Keys: v.Keys, QueueID: v.QueueID,
		ConnectMS: int(campaign.ConnectLimit(v).Milliseconds()),
	}
	var err error
	if flow.Sound, flow.DurationMS, err = b.sound(v.VoiceFileID); err != nil {
		return err
	}
	if flow.QueueID == 0 && (v.AgentKey != "" || v.Mode == models.ModeDirectAgent) {
		flow.QueueID = b.queueOf(v.OrganizationID, queues)
	}
	b.plan.Campaigns = append(b.plan.Campaigns, flow)
	return nil
}

// queueOf is an organization's first queue, or the configured skeleton.
func (b *planner) queueOf(org int64, queues []models.Queue) int64 {
	for _, q := range queues {
		if q.OrganizationID == org {
			return q.ID
		}
	}
	if !slices.ContainsFunc(b.plan.Queues, func(q dialplan.QueueFlow) bool { return q.QueueID == noQueue }) {
		q := b.set.Queue
		q.QueueID = noQueue
		b.plan.Queues = append(b.plan.Queues, q)
	}
	return noQueue
}

func (b *planner) queue(q models.Queue) (dialplan.QueueFlow, error) {
	flow := dialplan.QueueFlow{
		QueueID: q.ID, Music: b.set.Queue.Music, WaitSeconds: q.MaxWaitSeconds, ConnectMS: q.ConnectMS, ComfortSeconds: q.ComfortSeconds, Overflow: q.Overflow.Kind,
	}
	sounds := []struct {
		id   int64
		path *string
		ms   *int64
	}{
		{q.AnnouncementVoiceID, &flow.Announcement, nil}, {q.MusicVoiceID, &flow.Music, &flow.MusicMS},
		{q.ComfortVoiceID, &flow.Comfort, &flow.ComfortMS}, {q.Overflow.VoiceFileID, &flow.Apology, nil},
	}
	for _, v := range sounds {
		file, ms, err := b.sound(v.id)
		if err != nil {
			return flow, err
		}
		if file == "" {
			continue
		}
		if *v.path = file; v.ms != nil {
			*v.ms = ms
		}
	}
	if flow.Comfort == "" {
		flow.ComfortSeconds = 0
	}
	var err error
	switch q.Overflow.Kind {
	case models.OverflowHangUp:
	case models.OverflowQueue:
		flow.OverflowQueueID = q.Overflow.QueueID
	case models.OverflowNumber:
		flow.Outside, err = b.outside(q.OrganizationID, q.Overflow.TrunkID, q.Overflow.Number)
	case models.OverflowVoicemail:
		flow.Messages = b.messages()
	}
	return flow, err
}

// messages is the folder of what callers leave.
func (b *planner) messages() string { return strings.TrimSuffix(b.set.Recordings, "/") + "/messages" }

// outside is how a trunk dials a number. The organization's first approved caller number is shown; carriers refuse those
// that are not theirs.
func (b *planner) outside(org, trunk int64, e164 string) (dialplan.Outside, error) {
	i := slices.IndexFunc(b.trunks, func(t models.Trunk) bool { return t.ID == trunk })
	if i < 0 {
		return dialplan.Outside{}, models.NewError(models.Invalid, "trunk_id", "unknown", "The trunk is not there any more; choose another.", "中继已不存在，请重新选择。")
	}
	t := b.trunks[i]
	out := dialplan.Outside{Gateway: t.Gateway, Number: number.Dial(e164, t.NumberFormat, b.set.Region, t.DialPrefix)}
	callers, err := b.defs.CallerNumbers(b.ctx, org)
	if err != nil {
		return out, fmt.Errorf("load caller numbers of organization %d: %w", org, err)
	}
	for _, c := range callers {
		if c.Approval == models.ApprovalApproved && (t.Allow400 || !strings.HasPrefix(c.Number, "400")) {
			out.Caller = c.Number
			break
		}
	}
	return out, nil
}

// prompts refuses to publish a queue that says numbers when the sounds for them are not there: the caller would hear nothing.
func (b *planner) prompts(queues []models.Queue) error {
	if b.set.MissingPrompts == nil {
		return nil
	}
	i := slices.IndexFunc(queues, func(q models.Queue) bool { return q.AnnounceStaff || q.AnnouncePosition || q.AnnounceWait })
	if i < 0 {
		return nil
	}
	missing := b.set.MissingPrompts()
	if len(missing) == 0 {
		return nil
	}
	list := strings.Join(missing[:min(len(missing), 5)], ", ")
	return models.NewError(models.Conflict, "prompts", "prompts_missing",
		fmt.Sprintf("Queue %s says numbers, but these sounds are missing in sounds_dir/prompts: %s. Start the daemon anew: it puts its own there.", queues[i].Name, list),
		fmt.Sprintf("接听组 %s 需要播报数字，但 sounds_dir/prompts 中缺少：%s。请重启守护进程，它会补上自带的语音。", queues[i].Name, list))
}
