package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type approvals struct{ svc Approvals }

func (h approvals) list(c echo.Context) error {
	all, err := h.svc.PendingApprovals(c.Request().Context())
	if err != nil {
		return err
	}
	if all == nil {
		all = []models.PendingApproval{}
	}
	return c.JSON(http.StatusOK, listOf[models.PendingApproval]{Items: all})
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
	if err := h.svc.Decide(c.Request().Context(), c.Param("kind"), id, *in.Approve, reason); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
