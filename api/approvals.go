package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type approvals struct{ svc Approvals }

// pendingBody is what waits, with whether somebody else has to approve it.
type pendingBody struct {
	models.PendingApproval
	Own bool `json:"own"`
}

func (h approvals) list(c echo.Context) error {
	all, err := h.svc.PendingApprovals(c.Request().Context())
	if err != nil {
		return err
	}
	out, login, two := make([]pendingBody, len(all)), who(c).Login, h.svc.FourEyes()
	for i, p := range all {
		out[i] = pendingBody{p, two && p.UploadedBy == login}
	}
	return c.JSON(http.StatusOK, listOf[pendingBody]{Items: out})
}

// decide approves, or rejects with a reason that the uploader reads.
func (h approvals) decide(c echo.Context) error {
	var in struct {
		Approve *bool  `json:"approve"`
		Reason  string `json:"reason"`
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	reason := strings.TrimSpace(in.Reason)
	e := &models.Error{Kind: models.Invalid}
	if in.Approve == nil {
		e.Add("approve", "required", "say true or false", "请填写 true 或 false")
	} else if !*in.Approve && reason == "" {
		e.Add("reason", "required", "give the reason, so that it can be mended", "请填写拒绝原因，以便对方修改")
	}
	if len([]rune(reason)) > 200 {
		e.Add("reason", "too_long", "use at most 200 characters", "不超过 200 个字符")
	}
	if err := e.OrNil(); err != nil {
		return err
	}
	d := models.Decision{Kind: c.Param("kind"), ID: id, Approval: models.ApprovalRejected, Reason: reason, By: who(c).Login}
	if *in.Approve {
		d.Approval, d.Reason = models.ApprovalApproved, ""
	}
	if err := h.svc.Decide(c.Request().Context(), d); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
