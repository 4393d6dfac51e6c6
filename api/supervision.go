package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// watch streams the agents and queues that the log-in may see.
func (h deskHandlers) watch(c echo.Context) error { return h.s.Hub.serve(c, h.board(who(c))) }

// steered is the agent of the path, if the log-in may steer him.
func (h deskHandlers) steered(c echo.Context) (models.Agent, roster, error) {
	id, err := pathID(c)
	if err != nil {
		return models.Agent{}, roster{}, err
	}
	r, v, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return models.Agent{}, r, err
	}
	a, ok := r.agent(v.org, id)
	if !ok || !v.agent(a) {
		return a, r, noSuch("id")
	}
	return a, r, nil
}

// note writes down who did what to whom. It is written after the deed: what was refused did not happen.
func (h deskHandlers) note(c echo.Context, action, target, detail string) error {
	i := who(c)
	return h.s.Desk.Audit.AddAudit(c.Request().Context(), &models.AuditEntry{
		OrganizationID: i.OrganizationID, UserID: i.UserID, Login: i.Login, Action: action, Target: target, Detail: detail, At: h.s.Hub.shown().UTC(),
	})
}

// steer does something to the agent of the path and writes it down.
func (h deskHandlers) steer(c echo.Context, action, detail string, do func(ctx context.Context, a models.Agent, r roster) error) error {
	a, r, err := h.steered(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), a, r); err != nil {
		return err
	}
	if err := h.note(c, action, fmt.Sprintf("agent:%d", a.ID), detail); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// superviseBody says how and on whose phone; without a phone it is that of the log-in's own agent.
type superviseBody struct {
	Mode              models.SuperviseMode `json:"mode"`
	SupervisorAgentID int64                `json:"supervisor_agent_id"`
}

// phone is the agent on whose phone the log-in listens: his own, or for those who steer the whole organization any.
func (h deskHandlers) phone(c echo.Context, r roster, id int64) (int64, error) {
	i := who(c)
	own, ok := r.ofUser(i.UserID)
	switch {
	case id == 0 && ok:
		return own.ID, nil
	case id == 0:
		return 0, models.NewError(models.Invalid, "supervisor_agent_id", "required", "your log-in has no phone of its own: choose the agent on whose phone you want to listen", "您的账户没有自己的话机，请选择用哪个坐席的话机监听")
	}
	a, there := r.agent(i.OrganizationID, id)
	if !there || a.Disabled || i.Role == models.RoleTeamLeader && (!ok || a.ID != own.ID) {
		return 0, noSuch("supervisor_agent_id")
	}
	return a.ID, nil
}

func (h deskHandlers) supervise(c echo.Context) error {
	var in superviseBody
	if err := bind(c, &in); err != nil {
		return err
	}
	if !slices.Contains([]models.SuperviseMode{models.SuperviseListen, models.SuperviseWhisper, models.SuperviseBarge}, in.Mode) {
		return models.NewError(models.Invalid, "mode", "not_allowed", "use listen, whisper or barge", "可用 listen、whisper、barge")
	}
	return h.steer(c, string(in.Mode), "", func(ctx context.Context, a models.Agent, r roster) error {
		phone, err := h.otherPhone(c, r, in.SupervisorAgentID, a.ID)
		if err != nil {
			return err
		}
		return h.s.Desk.Supervision.Supervise(ctx, phone, a.ID, in.Mode)
	})
}

// otherPhone is the phone of the log-in, which cannot be that of the agent whose call it is about.
func (h deskHandlers) otherPhone(c echo.Context, r roster, id, agentID int64) (int64, error) {
	phone, err := h.phone(c, r, id)
	if err == nil && phone == agentID {
		err = models.NewError(models.Invalid, "supervisor_agent_id", "own_call", "this is the phone that is in the call; choose another one", "这是正在通话的话机，请另选")
	}
	return phone, err
}

func (h deskHandlers) stopSupervising(c echo.Context) error {
	var in superviseBody
	if err := bind(c, &in); err != nil {
		return err
	}
	return h.steer(c, models.AuditStopSupervising, "", func(ctx context.Context, _ models.Agent, r roster) error {
		phone, err := h.phone(c, r, in.SupervisorAgentID)
		if err != nil {
			return err
		}
		return h.s.Desk.Supervision.StopSupervising(ctx, phone)
	})
}

func (h deskHandlers) takeOver(c echo.Context) error {
	var in superviseBody
	if err := bind(c, &in); err != nil {
		return err
	}
	return h.steer(c, models.AuditTakeOver, "", func(ctx context.Context, a models.Agent, r roster) error {
		phone, err := h.otherPhone(c, r, in.SupervisorAgentID, a.ID)
		if err != nil {
			return err
		}
		return h.s.Desk.Supervision.TakeOver(ctx, phone, a.ID)
	})
}

func (h deskHandlers) drop(c echo.Context) error {
	return h.steer(c, models.AuditForceDrop, "", func(ctx context.Context, a models.Agent, _ roster) error {
		return h.s.Desk.Supervision.ForceDrop(ctx, a.ID)
	})
}

func (h deskHandlers) forceTransfer(c echo.Context) error {
	t, err := h.targetOf(c)
	if err != nil {
		return err
	}
	detail := string(t.Kind)
	if t.Kind != models.TargetExternal {
		detail = fmt.Sprintf("%s:%d", t.Kind, t.ID)
	}
	return h.steer(c, models.AuditTransfer, detail, func(ctx context.Context, a models.Agent, _ roster) error {
		if t.Kind == models.TargetAgent && t.ID == a.ID {
			return models.NewError(models.Invalid, "target", "bad_target", "the call is with this agent; choose another one", "通话已在该坐席处，请另选")
		}
		return h.s.Desk.InCall.Transfer(ctx, a.ID, t)
	})
}

func (h deskHandlers) forceBusy(c echo.Context) error {
	reason, err := reasonOf(c, models.BusyForced)
	if err != nil {
		return err
	}
	return h.steer(c, models.AuditForceBusy, reason, func(ctx context.Context, a models.Agent, _ roster) error {
		return h.s.Desk.Presence.SetBusy(ctx, a.ID, reason, true)
	})
}

func (h deskHandlers) forceIdle(c echo.Context) error {
	return h.steer(c, models.AuditForceIdle, "", func(ctx context.Context, a models.Agent, _ roster) error {
		return h.s.Desk.Presence.SetIdle(ctx, a.ID, true)
	})
}

func (h deskHandlers) forceOut(c echo.Context) error {
	return h.steer(c, models.AuditSignOut, "", func(ctx context.Context, a models.Agent, _ roster) error {
		return h.s.Desk.Presence.SignOut(ctx, a.ID, models.OfflineForced)
	})
}
