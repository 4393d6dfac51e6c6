package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// longestTimes is the longest period of a report of agents' times.
const longestTimes = 31 * 24 * time.Hour

// audit lists what people did to others' calls and data.
func (h deskHandlers) audit(c echo.Context) error {
	q := models.AuditQuery{
		OrganizationID: who(c).OrganizationID, Login: c.QueryParam("login"), Action: c.QueryParam("action"), Target: c.QueryParam("target"),
		Page: models.Page{After: c.QueryParam("after")},
	}
	e := &models.Error{Kind: models.Invalid}
	q.From, q.To = queryTime(c, e, "from"), queryTime(c, e, "to")
	if err := e.OrNil(); err != nil {
		return err
	}
	var err error
	if q.Limit, err = pageLimit(c); err != nil {
		return err
	}
	items, next, err := h.s.Desk.Audit.AuditPage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(items, next))
}

// timesBody is an agent's times with who he is.
type timesBody struct {
	models.AgentTimes
	StaffNumber string `json:"staff_number"`
	Name        string `json:"name"`
}

// times reports how the agents that the log-in may see spent a period, today if none is given.
func (h deskHandlers) times(c echo.Context) error {
	e := &models.Error{Kind: models.Invalid}
	id, from, to := queryID(c, e, "agent_id"), queryTime(c, e, "from"), queryTime(c, e, "to")
	if err := e.OrNil(); err != nil {
		return err
	}
	now := h.s.Hub.shown()
	if to.IsZero() || to.After(now) {
		to = now
	}
	var err error
	if from.IsZero() {
		if from, err = h.s.Desk.Times.Today(); err != nil {
			return err
		}
	}
	if !from.Before(to) || to.Sub(from) > longestTimes {
		return models.NewError(models.Invalid, "from", "out_of_range", "choose a period of at most 31 days that ends after it begins", "请选择不超过 31 天且结束晚于开始的时段")
	}
	r, v, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return err
	}
	all, err := h.s.Desk.Times.AgentTimes(c.Request().Context(), v.org, id, from, to)
	if err != nil {
		return err
	}
	out := []timesBody{}
	for _, t := range all {
		if a, ok := r.agent(v.org, t.AgentID); ok && v.agent(a) {
			out = append(out, timesBody{t, a.StaffNumber, a.Name})
		}
	}
	return c.JSON(http.StatusOK, some(out, ""))
}
