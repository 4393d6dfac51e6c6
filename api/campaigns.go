package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type campaigns struct {
	svc      Campaigns
	settings Settings
	floor    Floor
	counts   Counts
}

// find reads the campaign of the path, if it is one of the organization.
func (h campaigns) find(c echo.Context) (models.Campaign, error) { return campaignOf(c, h.svc) }

func campaignOf(c echo.Context, svc Campaigns) (models.Campaign, error) {
	id, err := pathID(c)
	if err != nil {
		return models.Campaign{}, err
	}
	v, err := svc.Campaign(c.Request().Context(), id)
	return owned(c, v, v.OrganizationID, err)
}

func (h campaigns) list(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	items, next, err := h.svc.CampaignPage(c.Request().Context(), models.CampaignQuery{
		OrganizationID: who(c).OrganizationID, State: models.CampaignState(c.QueryParam("state")), Text: c.QueryParam("q"),
		Page: models.Page{After: c.QueryParam("after"), Limit: limit},
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(items, next))
}

func (h campaigns) defaults(c echo.Context) error {
	return c.JSON(http.StatusOK, h.settings.Defaults())
}

func (h campaigns) show(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	return answerCampaign(c, http.StatusOK, v)
}

// answerCampaign gives the version as the ETag, which If-Match takes.
func answerCampaign(c echo.Context, status int, v models.Campaign) error {
	c.Response().Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(v.Version)))
	return c.JSON(status, v)
}

// create makes a draft; what the body leaves out is as the defaults have it.
func (h campaigns) create(c echo.Context) error {
	in, err := bindOver(c, h.settings.Defaults())
	if err != nil {
		return err
	}
	v := settingsOf(in, models.Campaign{OrganizationID: who(c).OrganizationID, State: models.CampaignDraft})
	ctx := c.Request().Context()
	if err := h.settings.CheckCampaign(ctx, v); err != nil {
		return err
	}
	if err := h.svc.CreateCampaign(ctx, &v); err != nil {
		return err
	}
	return answerCampaign(c, http.StatusCreated, v)
}

// bindOver reads a campaign; what the body leaves out is as in base. Lists and maps are replaced as a whole, where a plain
// decoding would mix them.
func bindOver(c echo.Context, base models.Campaign) (models.Campaign, error) {
	in := base
	in.Keys, in.TrunkIDs, in.CallerIDs = nil, nil, nil
	in.Rules.Windows, in.Rules.Holidays, in.Rules.RetryRules = nil, nil, nil
	if err := bind(c, &in); err != nil {
		return in, err
	}
	if in.Keys == nil {
		in.Keys = base.Keys
	}
	in.TrunkIDs, in.CallerIDs = orElse(in.TrunkIDs, base.TrunkIDs), orElse(in.CallerIDs, base.CallerIDs)
	in.Rules.Windows, in.Rules.Holidays = orElse(in.Rules.Windows, base.Rules.Windows), orElse(in.Rules.Holidays, base.Rules.Holidays)
	in.Rules.RetryRules = orElse(in.Rules.RetryRules, base.Rules.RetryRules)
	return in, nil
}

func orElse[T any](have, other []T) []T {
	if have == nil {
		return other
	}
	return have
}

// settingsOf takes what people may set from in, and all else from have.
func settingsOf(in, have models.Campaign) models.Campaign {
	in.ID, in.OrganizationID, in.State, in.StateReason = have.ID, have.OrganizationID, have.State, have.StateReason
	in.Version, in.CreatedAt, in.UpdatedAt = have.Version, have.CreatedAt, have.UpdatedAt
	in.StartedAt, in.FinishedAt = have.StartedAt, have.FinishedAt
	return in
}

// before are the states in which a campaign has not called yet.
func before(s models.CampaignState) bool {
	return slices.Contains([]models.CampaignState{models.CampaignDraft, models.CampaignWaiting, models.CampaignReady}, s)
}

func (h campaigns) replace(c echo.Context) error {
	have, err := h.find(c)
	if err != nil {
		return err
	}
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	in, err := bindOver(c, have)
	if err != nil {
		return err
	}
	if err := changeable(have, in); err != nil {
		return err
	}
	v := settingsOf(in, have)
	v.Version = version
	ctx := c.Request().Context()
	if err := h.settings.CheckCampaign(ctx, v); err != nil {
		return err
	}
	if err := h.svc.UpdateCampaign(ctx, &v); err != nil {
		return err
	}
	return answerCampaign(c, http.StatusOK, v)
}

// changeable refuses what a campaign that has called cannot be given any more.
func changeable(have, in models.Campaign) error {
	switch {
	case have.State == models.CampaignRunning, have.State == models.CampaignStopping, have.State == models.CampaignFinished:
		return models.NewError(models.Conflict, "state", "not_changeable",
			fmt.Sprintf("the campaign is %s; pause it before you change it, or copy it", have.State),
			fmt.Sprintf("任务当前状态为 %s；请先暂停再修改，或复制任务", have.State))
	case in.ContactListID != have.ContactListID && !before(have.State):
		return models.NewError(models.Conflict, "contact_list_id", "list_in_use",
			"the campaign has called this list already; copy the campaign and choose another list there", "任务已呼叫过该名单；请复制任务后更换名单")
	}
	return nil
}

func (h campaigns) remove(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteDraft(c.Request().Context(), v.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// copy makes a draft with the same settings; a name may be given.
func (h campaigns) copy(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	in := struct {
		Name string `json:"name"`
	}{v.Name + " (2)"}
	if err := bindSome(c, &in); err != nil {
		return err
	}
	v = settingsOf(v, models.Campaign{OrganizationID: v.OrganizationID, State: models.CampaignDraft})
	if v.Name, err = nameOf(in.Name); err != nil {
		return err
	}
	if err := h.svc.CreateCampaign(c.Request().Context(), &v); err != nil {
		return err
	}
	return answerCampaign(c, http.StatusCreated, v)
}

// bindSome is bind for a body that may be left out.
func bindSome(c echo.Context, into any) error {
	if c.Request().ContentLength == 0 {
		return nil
	}
	return bind(c, into)
}

// act carries out a command about the campaign of the path and answers the campaign as it is then. It is not broken off when
// the browser leaves: leads of a long list are made meanwhile.
func (h campaigns) act(c echo.Context, do func(ctx context.Context, v models.Campaign) error) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	if c.Request().Header.Get("If-Match") != "" {
		version, err := ifMatch(c)
		if err != nil {
			return err
		}
		if version != v.Version {
			return models.NewError(models.Conflict, "version", "version_conflict", "the campaign was changed meanwhile; load it again", "任务已被修改，请重新加载")
		}
	}
	ctx := context.WithoutCancel(c.Request().Context())
	if err := do(ctx, v); err != nil {
		return err
	}
	if v, err = h.svc.Campaign(ctx, v.ID); err != nil {
		return err
	}
	return answerCampaign(c, http.StatusOK, v)
}

func (h campaigns) start(c echo.Context) error {
	return h.act(c, func(ctx context.Context, v models.Campaign) error { return h.floor.StartCampaign(ctx, v.ID) })
}

func (h campaigns) resume(c echo.Context) error {
	return h.act(c, func(ctx context.Context, v models.Campaign) error { return h.floor.ResumeCampaign(ctx, v.ID) })
}

func (h campaigns) pause(c echo.Context) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := bindSome(c, &in); err != nil {
		return err
	}
	return h.act(c, func(ctx context.Context, v models.Campaign) error { return h.floor.PauseCampaign(ctx, v.ID, in.Reason) })
}

func (h campaigns) stop(c echo.Context) error {
	var in struct {
		Cut    bool   `json:"cut"`
		Reason string `json:"reason"`
	}
	if err := bindSome(c, &in); err != nil {
		return err
	}
	return h.act(c, func(ctx context.Context, v models.Campaign) error {
		return h.floor.StopCampaign(ctx, v.ID, in.Cut, in.Reason)
	})
}

type testBody struct {
	AttemptID string `json:"attempt_id"`
}

// test dials one number outside the list (单条测试).
func (h campaigns) test(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	var in struct {
		Number string `json:"number"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	id, err := h.floor.DialTest(c.Request().Context(), v.ID, in.Number)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, testBody{id})
}

type statsBody struct {
	Hours []models.HourStat `json:"hours"`
}

func (h campaigns) stats(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	hours, err := h.counts.CampaignStats(c.Request().Context(), v.ID)
	if err != nil {
		return err
	}
	if hours == nil {
		hours = []models.HourStat{}
	}
	return c.JSON(http.StatusOK, statsBody{hours})
}
