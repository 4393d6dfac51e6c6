package controller

import (
	"context"
	"fmt"
	"time"

	"waihu/controller/floor"
	"waihu/controller/number"
	"waihu/models"
)

// Desk is what agents and queues need of the database.
type Desk interface {
	Extensions(ctx context.Context, org int64) ([]models.Extension, error)
	Agents(ctx context.Context, org int64) ([]models.Agent, error)
	Queues(ctx context.Context, org int64) ([]models.Queue, error)
	QueueMembers(ctx context.Context, queueID int64) ([]models.QueueMember, error)
	AgentSessions(ctx context.Context) ([]models.AgentSession, error)
	OpenLegs(ctx context.Context) ([]models.Leg, error)
	ListedOn(ctx context.Context, org int64, number string, now time.Time) (bool, error)
}

// DeskLedger is what the effects about agents write.
type DeskLedger interface {
	SaveSeats(ctx context.Context, epoch int64, v models.Seats) error
	SaveRecording(ctx context.Context, r models.Recording) error
	SaveFlowSteps(ctx context.Context, steps []models.FlowStep) error
	SaveMessage(ctx context.Context, m models.Message) error
	UnknownMessages(ctx context.Context, ids []string) ([]string, error)
	Known(ctx context.Context, id string) (bool, error)
	OpenInbound(ctx context.Context, epoch int64, now time.Time, a models.Attempt) error
	RouteOwner(ctx context.Context, number string) (int64, error)
	LastAgent(ctx context.Context, org int64, number string, since time.Time) (int64, error)
}

// staff loads who serves.
func (c *Controller) staff(ctx context.Context) (floor.Staff, error) {
	var st floor.Staff
	var err error
	if st.Agents, err = c.store.Agents(ctx, 0); err != nil {
		return st, fmt.Errorf("load agents: %w", err)
	}
	if st.Extensions, err = c.store.Extensions(ctx, 0); err != nil {
		return st, fmt.Errorf("load extensions: %w", err)
	}
	if st.Queues, err = c.store.Queues(ctx, 0); err != nil {
		return st, fmt.Errorf("load queues: %w", err)
	}
	if st.Members, err = c.store.QueueMembers(ctx, 0); err != nil {
		return st, fmt.Errorf("load queue members: %w", err)
	}
	return st, nil
}

// ReloadDesk tells the floor what the database says about agents, extensions and queues now.
func (c *Controller) ReloadDesk(ctx context.Context) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	st, err := c.staff(ctx)
	if err != nil {
		return err
	}
	return s.ask(ctx, func(f *floor.Floor, now time.Time) []floor.Effect { return f.Staff(st, now) })
}

// DeskNow is everything about agents and queues at this moment.
func (c *Controller) DeskNow(ctx context.Context) (models.DeskNow, error) {
	var v models.DeskNow
	s, err := c.on(ctx)
	if err != nil {
		return v, err
	}
	err = s.ask(ctx, func(f *floor.Floor, now time.Time) []floor.Effect {
		v = f.DeskNow(now)
		return nil
	})
	return v, err
}

// command lets the floor carry out what somebody asks for; the floor's refusal is the caller's error.
func (c *Controller) command(ctx context.Context, do func(f *floor.Floor, now time.Time) ([]floor.Effect, error)) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	var refused error
	err = s.ask(ctx, func(f *floor.Floor, now time.Time) []floor.Effect {
		es, err := do(f, now)
		refused = err
		return es
	})
	if err != nil {
		return err
	}
	return refused
}

// SignIn lets an agent take calls of the queues (签入); without any he is signed out.
func (c *Controller) SignIn(ctx context.Context, agentID int64, queueIDs []int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.SignIn(agentID, queueIDs, now) })
}

// SignOut takes an agent off the floor: now, or after the call that he has. A reason says that somebody else did it.
func (c *Controller) SignOut(ctx context.Context, agentID int64, reason string) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.SignOut(agentID, reason, now) })
}

func cause(forced bool) string {
	if forced {
		return "team_leader"
	}
	return "user"
}

// SetBusy takes an agent out of distribution (示忙): now, or after the call that he has.
func (c *Controller) SetBusy(ctx context.Context, agentID int64, reason string, forced bool) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		return f.SetBusy(agentID, reason, cause(forced), now)
	})
}

// SetIdle brings an agent back (示闲), also from wrap-up.
func (c *Controller) SetIdle(ctx context.Context, agentID int64, forced bool) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		return f.SetIdle(agentID, cause(forced), now)
	})
}

// Hold lets the customer hear music while the agent keeps the call.
func (c *Controller) Hold(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.Hold(agentID, now) })
}

// Unhold brings the customer back to the agent.
func (c *Controller) Unhold(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.Unhold(agentID, now) })
}

// Mute keeps the agent from being heard, or lets him be heard again.
func (c *Controller) Mute(ctx context.Context, agentID int64, on bool) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.Mute(agentID, on, now) })
}

// EndCall hangs the agent's call up, or lets him out of a conference.
func (c *Controller) EndCall(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.EndCall(agentID, now) })
}

// ForceDrop hangs an agent's call up (强拆).
func (c *Controller) ForceDrop(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.ForceDrop(agentID, now) })
}

// Transfer gives the customer to somebody else without asking first.
func (c *Controller) Transfer(ctx context.Context, agentID int64, to models.Target) error {
	if err := c.allowed(ctx, agentID, &to); err != nil {
		return err
	}
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.Transfer(agentID, to, now) })
}

// Consult puts the customer aside and calls somebody else.
func (c *Controller) Consult(ctx context.Context, agentID int64, to models.Target) error {
	if err := c.allowed(ctx, agentID, &to); err != nil {
		return err
	}
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.Consult(agentID, to, now) })
}

// CompleteTransfer gives the customer to the one who is consulted.
func (c *Controller) CompleteTransfer(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.CompleteTransfer(agentID, now) })
}

// CancelConsult ends a consultation and brings the customer back.
func (c *Controller) CancelConsult(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.CancelConsult(agentID, now) })
}

// ThreeWay brings the customer to agent and third party (三方).
func (c *Controller) ThreeWay(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.ThreeWay(agentID, now) })
}

// SendDTMF sends keys to the customer's side: 1 to 32 of 0-9 * #.
func (c *Controller) SendDTMF(ctx context.Context, agentID int64, digits string) error {
	if len(digits) == 0 || len(digits) > 32 || !only(digits, "0123456789*#") {
		return models.NewError(models.Invalid, "digits", "bad_format", "use 1 to 32 of the keys 0-9 * #", "请输入 1 到 32 个按键：0-9 * #")
	}
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.SendDTMF(agentID, digits, now) })
}

func only(s, chars string) bool {
	for _, r := range s {
		found := false
		for _, c := range chars {
			found = found || c == r
		}
		if !found {
			return false
		}
	}
	return true
}

// RecordCall starts, stops, pauses or resumes the recording of an agent's call.
func (c *Controller) RecordCall(ctx context.Context, agentID int64, what string) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.RecordCall(agentID, what, now) })
}

// Supervise lets a team leader listen to an agent (监听), whisper to him (耳语) or barge in (强插).
func (c *Controller) Supervise(ctx context.Context, supervisorAgentID, agentID int64, mode models.SuperviseMode) error {
	switch mode {
	case models.SuperviseListen, models.SuperviseWhisper, models.SuperviseBarge:
	default:
		return models.NewError(models.Invalid, "mode", "unknown", "use listen, whisper or barge", "请使用 listen、whisper 或 barge")
	}
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		return f.Supervise(supervisorAgentID, agentID, mode, now)
	})
}

// StopSupervising ends a team leader's listening.
func (c *Controller) StopSupervising(ctx context.Context, supervisorAgentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		return f.StopSupervising(supervisorAgentID, now)
	})
}

// TakeOver gives an agent's customer to the team leader who listens (拦截).
func (c *Controller) TakeOver(ctx context.Context, supervisorAgentID, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		return f.TakeOver(supervisorAgentID, agentID, now)
	})
}

// allowed checks an outside number before anybody calls it: as strictly as the numbers of a list, and the blacklist.
func (c *Controller) allowed(ctx context.Context, agentID int64, to *models.Target) error {
	if to.Kind != models.TargetExternal {
		return nil
	}
	n, bad := number.Normalise(to.Number, c.cfg.Floor.Region, c.cfg.Floor.Policy)
	if bad != nil {
		return bad.Err("target.number")
	}
	org := int64(0)
	agents, err := c.store.Agents(ctx, 0)
	if err != nil {
		return fmt.Errorf("load agents: %w", err)
	}
	for _, a := range agents {
		if a.ID == agentID {
			org = a.OrganizationID
		}
	}
	listed, err := c.store.ListedOn(ctx, org, n.E164, c.cfg.Clock.Now())
	if err != nil {
		return fmt.Errorf("look a number up on the blacklist: %w", err)
	}
	if listed {
		return models.NewError(models.Conflict, "target.number", "blacklisted", "this number is on the blacklist and is not called; choose another one", "该号码在黑名单中，不能呼叫，请更换")
	}
	to.Number = n.E164
	return nil
}
