package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

type health struct{ svc Readiness }

type state struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// alive says that the process answers; it asks nobody else, so that a dead database does not get the process restarted.
func (h health) alive(c echo.Context) error { return c.JSON(http.StatusOK, state{Status: "ok"}) }

// ready says whether calls can be made: database, switch and lease.
func (h health) ready(c echo.Context) error {
	if h.svc != nil {
		if err := h.svc.Ready(c.Request().Context()); err != nil {
			return c.JSON(http.StatusServiceUnavailable, state{Status: "not_ready", Reason: err.Error()})
		}
	}
	return c.JSON(http.StatusOK, state{Status: "ok"})
}
