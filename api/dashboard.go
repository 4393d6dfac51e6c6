package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type dashboard struct{ s *Services }

// dashCampaigns is how many campaigns the dashboard shows: those on the floor and the newest.
const dashCampaigns = 10

type dashCampaign struct {
	ID       int64                `json:"id"`
	Name     string               `json:"name"`
	State    models.CampaignState `json:"state"`
	Progress models.Progress      `json:"progress"`
	Why      models.Gate          `json:"why"`
}

type switchBody struct {
	Connected bool   `json:"connected"`
	Core      string `json:"core"`
}

type dashBody struct {
	Campaigns []dashCampaign `json:"campaigns"`
	CallsNow  int            `json:"calls_now"`
	Dialled   int64          `json:"dialled_today"`
	Answered  int64          `json:"answered_today"`
	Switch    switchBody     `json:"switch"`
	Pending   int            `json:"approvals_pending"` // 0 for who does not approve
}

func (h dashboard) show(c echo.Context) error {
	ctx, i := c.Request().Context(), who(c)
	floor := h.s.Lines.Now(ctx)
	day, err := h.s.Counts.DialledToday(ctx, i.OrganizationID)
	if err != nil {
		return err
	}
	body := dashBody{Campaigns: []dashCampaign{}, CallsNow: floor.Calls, Dialled: day.Dialled, Answered: day.Answered, Switch: switchBody{floor.Connected, h.s.Lines.Version(ctx)}}
	if body.Campaigns, err = h.campaigns(c, floor); err != nil {
		return err
	}
	if i.Role == models.RoleAdmin {
		waiting, err := h.s.Approvals.PendingApprovals(ctx)
		if err != nil {
			return err
		}
		body.Pending = len(waiting)
	}
	return c.JSON(http.StatusOK, body)
}

// campaigns are those that run, then those that can, the newest first.
func (h dashboard) campaigns(c echo.Context, floor FloorNow) ([]dashCampaign, error) {
	ctx := c.Request().Context()
	out := []dashCampaign{}
	for _, state := range []models.CampaignState{models.CampaignRunning, models.CampaignStopping, models.CampaignPaused, models.CampaignWaiting, models.CampaignReady, models.CampaignFinished} {
		found, _, err := h.s.Campaigns.CampaignPage(ctx, models.CampaignQuery{OrganizationID: who(c).OrganizationID, State: state, Page: models.Page{Limit: dashCampaigns}})
		if err != nil {
			return nil, err
		}
		for _, v := range found[:min(len(found), dashCampaigns-len(out))] {
			progress, err := h.s.Counts.Progress(ctx, v.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, dashCampaign{v.ID, v.Name, v.State, progress, nowOf(floor, v).Why})
		}
	}
	return out, nil
}
