package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type calls struct {
	svc      Lines
	attempts Attempts
}

// visible keeps the calls that somebody may see.
func visible(i Identity, all []Call) []Call {
	out := make([]Call, 0, len(all))
	for _, v := range all {
		if i.reaches(v.OrganizationID) {
			out = append(out, v)
		}
	}
	return out
}

// list answers every call in progress at once: there are never more than the switch bears.
func (h calls) list(c echo.Context) error {
	e := &models.Error{Kind: models.Invalid}
	campaign := queryID(c, e, "campaign_id")
	if err := e.OrNil(); err != nil {
		return err
	}
	all, err := h.svc.Calls(c.Request().Context(), campaign)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(visible(who(c), all), ""))
}

func (h calls) hangUp(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := h.attempts.Attempt(ctx, c.Param("id"))
	if v, err = owned(c, v, v.OrganizationID, err); err != nil {
		return err
	}
	if err := h.svc.HangUp(ctx, v.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
