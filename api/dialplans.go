package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

type dialplans struct{ svc Dialplan }

type liveStamp struct {
	Live string `json:"live"`
}

func (h dialplans) show(c echo.Context) error {
	s, err := h.svc.DialplanState(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s)
}

func (h dialplans) revisions(c echo.Context) error {
	all, err := h.svc.DialplanRevisions(c.Request().Context())
	if err != nil {
		return err
	}
	if all == nil {
		all = []DialplanRevision{}
	}
	return c.JSON(http.StatusOK, listOf[DialplanRevision]{Items: all})
}

func (h dialplans) diff(c echo.Context) error {
	changes, err := h.svc.DialplanDiff(c.Request().Context(), c.Param("stamp"), c.QueryParam("to"))
	if err != nil {
		return err
	}
	if changes == nil {
		changes = []DialplanChange{}
	}
	return c.JSON(http.StatusOK, listOf[DialplanChange]{Items: changes})
}

// drift shows what was edited by hand.
func (h dialplans) drift(c echo.Context) error {
	d, err := h.svc.DialplanDrift(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, d)
}

// publish brings live what the campaigns need. ?over= names a text edited by hand that may be overwritten.
func (h dialplans) publish(c echo.Context) error {
	stamp, err := h.svc.PublishDialplan(c.Request().Context(), c.QueryParam("over"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, liveStamp{stamp})
}

func (h dialplans) rollback(c echo.Context) error {
	var in struct {
		Stamp string `json:"stamp"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	stamp, err := h.svc.RollbackDialplan(c.Request().Context(), in.Stamp)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, liveStamp{stamp})
}
