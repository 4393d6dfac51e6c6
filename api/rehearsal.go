package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// Rehearsals play campaigns before anybody is called.
type Rehearsals interface {
	// Preflight is what to know before the campaign starts, the worst first.
	Preflight(ctx context.Context, c models.Campaign) ([]models.Finding, error)
	// StartRehearsal begins to play; the answer is how it stands at first.
	StartRehearsal(ctx context.Context, c models.Campaign, in models.RehearsalInput) (models.Rehearsal, error)
	Rehearsal(id string) (models.Rehearsal, error)
	StopRehearsal(id string) error
}

type rehearsals struct {
	svc       Rehearsals
	campaigns Campaigns
}

func (h rehearsals) preflight(c echo.Context) error {
	v, err := campaignOf(c, h.campaigns)
	if err != nil {
		return err
	}
	all, err := h.svc.Preflight(c.Request().Context(), v)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(all, ""))
}

func (h rehearsals) start(c echo.Context) error {
	v, err := campaignOf(c, h.campaigns)
	if err != nil {
		return err
	}
	var in models.RehearsalInput
	if err := bind(c, &in); err != nil {
		return err
	}
	r, err := h.svc.StartRehearsal(c.Request().Context(), v, in)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, r)
}

// find reads a rehearsal of the campaign of the path.
func (h rehearsals) find(c echo.Context) (models.Rehearsal, error) {
	v, err := campaignOf(c, h.campaigns)
	if err != nil {
		return models.Rehearsal{}, err
	}
	r, err := h.svc.Rehearsal(c.Param("rehearsal"))
	if err == nil && r.CampaignID != v.ID {
		err = models.NewError(models.NotFound, "rehearsal", "not_found", "there is no such rehearsal of this campaign", "该任务没有此预演")
	}
	return r, err
}

func (h rehearsals) show(c echo.Context) error {
	r, err := h.find(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, r)
}

func (h rehearsals) stop(c echo.Context) error {
	r, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.StopRehearsal(r.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
