package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type callerNumbers struct{ svc CallerNumbers }

func (h callerNumbers) list(c echo.Context) error {
	all, err := h.svc.CallerNumbers(c.Request().Context(), who(c).OrganizationID)
	if err != nil {
		return err
	}
	return answerSome(c, all, func(v models.CallerNumber) int64 { return v.ID })
}

func (h callerNumbers) create(c echo.Context) error {
	var in struct {
		Number string `json:"number"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	i := who(c)
	v, err := h.svc.AddCaller(c.Request().Context(), i.OrganizationID, i.Login, in.Number)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, v)
}

func (h callerNumbers) remove(c echo.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v, err := h.svc.CallerNumber(ctx, id)
	if v, err = owned(c, v, v.OrganizationID, err); err != nil {
		return err
	}
	if err := h.svc.DeleteCallerNumber(ctx, v.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
