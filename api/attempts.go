package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type attempts struct{ svc Attempts }

func (h attempts) list(c echo.Context) error {
	q := models.AttemptQuery{
		OrganizationID: who(c).OrganizationID, Number: c.QueryParam("number"), Outcome: models.Outcome(c.QueryParam("outcome")),
		Kind: models.AttemptKind(c.QueryParam("kind")), Page: models.Page{After: c.QueryParam("after")},
	}
	e := &models.Error{Kind: models.Invalid}
	q.CampaignID, q.LeadID, q.AgentID = queryID(c, e, "campaign_id"), queryID(c, e, "lead_id"), queryID(c, e, "agent_id")
	q.From, q.To = queryTime(c, e, "from"), queryTime(c, e, "to")
	if err := e.OrNil(); err != nil {
		return err
	}
	var err error
	if q.Limit, err = pageLimit(c); err != nil {
		return err
	}
	items, next, err := h.svc.AttemptPage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(items, next))
}

func queryID(c echo.Context, e *models.Error, name string) int64 {
	v := c.QueryParam(name)
	if v == "" {
		return 0
	}
	id, err := strconv.ParseInt(v, 10, 64)
	if err != nil || id <= 0 {
		e.Add(name, "not_an_id", "use the number of an id", "请使用数字编号")
	}
	return id
}

func queryTime(c echo.Context, e *models.Error, name string) time.Time {
	v := c.QueryParam(name)
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		e.Add(name, "not_a_time", "write the time like 2026-11-20T08:00:00Z", "请使用 2026-11-20T08:00:00Z 形式的时间")
	}
	return t
}

func (h attempts) show(c echo.Context) error {
	v, err := h.svc.Attempt(c.Request().Context(), c.Param("id"))
	if v, err = owned(c, v, v.OrganizationID, err); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, v)
}
