package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// Bounds of what people type at a desk.
const (
	maxReason = 64
	maxDigits = 32
	maxNumber = 32
)

// act does something with the log-in's own agent.
func (h deskHandlers) act(do func(ctx context.Context, agentID int64) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, _, err := h.me(c)
		if err != nil {
			return err
		}
		if err := do(c.Request().Context(), a.ID); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// signIn replaces the queues whose calls the agent takes.
func (h deskHandlers) signIn(c echo.Context) error {
	var in struct {
		QueueIDs []int64 `json:"queue_ids"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	a, r, err := h.me(c)
	if err != nil {
		return err
	}
	slices.Sort(in.QueueIDs)
	in.QueueIDs = slices.Compact(in.QueueIDs)
	mine := r.memberships(a.ID)
	for _, id := range in.QueueIDs {
		if !slices.ContainsFunc(mine, func(m models.QueueMember) bool { return m.QueueID == id }) {
			return models.NewError(models.Invalid, "queue_ids", "not_a_member", "you are not a member of this queue; ask your team leader", "您不是该接听组的成员，请联系班长")
		}
	}
	if err := h.s.Desk.Presence.SignIn(c.Request().Context(), a.ID, in.QueueIDs); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h deskHandlers) signOut(ctx context.Context, id int64) error {
	return h.s.Desk.Presence.SignOut(ctx, id, "")
}

func (h deskHandlers) idle(ctx context.Context, id int64) error {
	return h.s.Desk.Presence.SetIdle(ctx, id, false)
}

// reasonOf reads the body {reason}; usual is for none.
func reasonOf(c echo.Context, usual string) (string, error) {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := bind(c, &in); err != nil {
		return "", err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if in.Reason == "" {
		in.Reason = usual
	}
	if in.Reason == "" || utf8.RuneCountInString(in.Reason) > maxReason {
		return "", models.NewError(models.Invalid, "reason", "bad_reason", "choose a reason of at most 64 characters", "请选择原因（最多 64 个字符）")
	}
	return in.Reason, nil
}

func (h deskHandlers) busy(c echo.Context) error {
	reason, err := reasonOf(c, "")
	if err != nil {
		return err
	}
	return h.act(func(ctx context.Context, id int64) error { return h.s.Desk.Presence.SetBusy(ctx, id, reason, false) })(c)
}

// targetOf reads the body {target}: an agent or a queue of the organization, or a number.
func (h deskHandlers) targetOf(c echo.Context) (models.Target, error) {
	var in struct {
		Target models.Target `json:"target"`
	}
	if err := bind(c, &in); err != nil {
		return in.Target, err
	}
	i := who(c)
	r, err := readRoster(c.Request().Context(), h.s.Desk.Roster, i.OrganizationID)
	if err != nil {
		return in.Target, err
	}
	t := in.Target
	t.Number = strings.TrimSpace(t.Number)
	bad := func(text, textZH string) (models.Target, error) {
		return t, models.NewError(models.Invalid, "target", "bad_target", text, textZH)
	}
	switch t.Kind {
	case models.TargetAgent:
		if a, ok := r.agent(i.OrganizationID, t.ID); !ok || a.Disabled {
			return bad("this agent is not there; choose another one", "该坐席不存在，请另选")
		}
	case models.TargetQueue:
		if _, ok := r.queue(i.OrganizationID, t.ID); !ok {
			return bad("this queue is not there; choose another one", "该接听组不存在，请另选")
		}
	case models.TargetExternal:
		if t.Number == "" || len(t.Number) > maxNumber {
			return bad("type the number to be called", "请输入要呼叫的号码")
		}
	default:
		return bad("choose an agent, a queue or a number", "请选择坐席、接听组或号码")
	}
	return t, nil
}

// to gives the log-in's call, or a question, to a target.
func (h deskHandlers) to(do func(ctx context.Context, agentID int64, t models.Target) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		t, err := h.targetOf(c)
		if err != nil {
			return err
		}
		return h.act(func(ctx context.Context, id int64) error {
			if t.Kind == models.TargetAgent && t.ID == id {
				return models.NewError(models.Invalid, "target", "bad_target", "that is yourself; choose another agent", "不能选择自己，请选择其他坐席")
			}
			return do(ctx, id, t)
		})(c)
	}
}

func (h deskHandlers) dtmf(c echo.Context) error {
	var in struct {
		Digits string `json:"digits"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	if in.Digits == "" || len(in.Digits) > maxDigits || strings.Trim(in.Digits, "0123456789*#") != "" {
		return models.NewError(models.Invalid, "digits", "bad_digits", "send 1 to 32 of 0-9 * #", "请发送 1 到 32 个按键：0-9 * #")
	}
	return h.act(func(ctx context.Context, id int64) error { return h.s.Desk.InCall.SendDTMF(ctx, id, in.Digits) })(c)
}

func (h deskHandlers) record(c echo.Context) error {
	var in struct {
		What string `json:"what"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	a, _, err := h.me(c)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains([]string{"start", "stop", "pause", "resume"}, in.What):
		return models.NewError(models.Invalid, "what", "not_allowed", "use start, stop, pause or resume", "可用 start、stop、pause、resume")
	case in.What == "start" && !a.Recording:
		return models.NewError(models.Forbidden, "what", "recording_not_allowed", "the administrator has not allowed recordings of your calls", "管理员未开通您的录音权限")
	}
	if err := h.s.Desk.InCall.RecordCall(c.Request().Context(), a.ID, in.What); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h deskHandlers) transfer(ctx context.Context, id int64, t models.Target) error {
	return h.s.Desk.InCall.Transfer(ctx, id, t)
}

func (h deskHandlers) consult(ctx context.Context, id int64, t models.Target) error {
	return h.s.Desk.Consult.Consult(ctx, id, t)
}

func (h deskHandlers) hold(ctx context.Context, id int64) error { return h.s.Desk.InCall.Hold(ctx, id) }

func (h deskHandlers) mute(ctx context.Context, id int64) error {
	return h.s.Desk.InCall.Mute(ctx, id, true)
}

func (h deskHandlers) unmute(ctx context.Context, id int64) error {
	return h.s.Desk.InCall.Mute(ctx, id, false)
}

func (h deskHandlers) unhold(ctx context.Context, id int64) error {
	return h.s.Desk.InCall.Unhold(ctx, id)
}

func (h deskHandlers) hangUp(ctx context.Context, id int64) error {
	return h.s.Desk.InCall.EndCall(ctx, id)
}

func (h deskHandlers) completeTransfer(ctx context.Context, id int64) error {
	return h.s.Desk.Consult.CompleteTransfer(ctx, id)
}

func (h deskHandlers) cancelConsult(ctx context.Context, id int64) error {
	return h.s.Desk.Consult.CancelConsult(ctx, id)
}

func (h deskHandlers) threeWay(ctx context.Context, id int64) error {
	return h.s.Desk.Consult.ThreeWay(ctx, id)
}
