package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type results struct {
	campaigns Campaigns
	svc       Results
	hub       *Hub
}

func (h results) log() *slog.Logger { return h.hub.log }

// resultBody is models.Result as JSON.
type resultBody struct {
	Lead    models.Lead     `json:"lead"`
	Attempt *models.Attempt `json:"attempt"` // null when the number was never dialled
	Skip    *models.Skip    `json:"skip"`    // null unless an agent skipped it, and that is why it is not called
	Fields  []string        `json:"fields"`  // the columns of the number file
}

func resultQuery(c echo.Context, id int64) models.ResultQuery {
	return models.ResultQuery{CampaignID: id, Outcome: models.Outcome(c.QueryParam("outcome")), Sub: models.Sub(c.QueryParam("sub")),
		Key: c.QueryParam("key"), Text: c.QueryParam("q"), Page: models.Page{After: c.QueryParam("after")}}
}

func (h results) list(c echo.Context) error {
	v, err := campaignOf(c, h.campaigns)
	if err != nil {
		return err
	}
	q := resultQuery(c, v.ID)
	if q.Limit, err = pageLimit(c); err != nil {
		return err
	}
	items, next, err := h.svc.ResultPage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	out := make([]resultBody, len(items))
	for i, r := range items {
		out[i] = resultBody(r)
		if r.Fields == nil {
			out[i].Fields = []string{}
		}
	}
	return c.JSON(http.StatusOK, some(out, next))
}

func (h results) csv(c echo.Context) error {
	return h.export(c, "csv", "text/csv; charset=utf-8", h.svc.ExportCSV)
}

func (h results) xlsx(c echo.Context) error {
	return h.export(c, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", h.svc.ExportXLSX)
}

// export streams a file. A fault after its beginning cuts the connection, so that nobody takes half a file for a whole one.
func (h results) export(c echo.Context, ending, kind string, write func(context.Context, io.Writer, models.Campaign, models.ResultQuery) error) error {
	v, err := campaignOf(c, h.campaigns)
	if err != nil {
		return err
	}
	q := resultQuery(c, v.ID)
	ctx := c.Request().Context()
	q.Limit = 1
	if _, _, err := h.svc.ResultPage(ctx, q); err != nil {
		return err // a filter that cannot be, told while it still can be
	}
	attach(c, fmt.Sprintf("campaign-%d-results.%s", v.ID, ending), kind)
	if err := write(ctx, c.Response(), v, q); err != nil {
		h.log().Warn("export cut off", "campaign", v.ID, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
