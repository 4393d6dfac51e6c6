package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

type system struct{ svc System }

// checks is what `waihu doctor` finds, now.
func (h system) checks(c echo.Context) error {
	all, err := h.svc.Checks(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, listOf[Check]{Items: all})
}

// why says why a number is not called.
func (h system) why(c echo.Context) error {
	f, err := h.svc.Why(c.Request().Context(), who(c).OrganizationID, c.QueryParam("number"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, f)
}
