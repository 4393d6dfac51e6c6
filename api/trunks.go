package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type trunks struct{ svc Trunks }

type trunkBody struct {
	models.Trunk
	GatewayState string `json:"gateway_state"` // REGED, NOREG, DOWN …; "" = not known
	Ping         int64  `json:"ping"`          // ms, 0 = not known
	InUse        int    `json:"in_use"`        // calls now
}

// list is the trunks with what the switch says of them; without the switch the states are empty.
func (h trunks) list(c echo.Context) error {
	ctx := c.Request().Context()
	i := who(c)
	org := i.OrganizationID
	if i.Role == models.RoleAdmin {
		org = 0 // those of all
	}
	all, err := h.svc.Trunks(ctx, org)
	if err != nil {
		return err
	}
	gateways, err := h.svc.Gateways(ctx, all)
	if err != nil {
		return err
	}
	out := make([]trunkBody, 0, len(all))
	for _, t := range all {
		g := gateways[t.ID]
		out = append(out, trunkBody{t, g.State, g.PingMS, g.InUse})
	}
	return answerSome(c, out, func(t trunkBody) int64 { return t.ID })
}

// trunkSettings is what people set of a trunk; pauses have their own route.
type trunkSettings struct {
	Name         string              `json:"name"`
	Gateway      string              `json:"gateway"`
	DialPrefix   string              `json:"dial_prefix"`
	NumberFormat models.NumberFormat `json:"number_format"`
	Lines        int                 `json:"lines"`
	HandLines    int                 `json:"hand_lines"`
	CPS          float64             `json:"cps"`
	Allow400     bool                `json:"allow_400"`
}

func (s trunkSettings) over(t models.Trunk) models.Trunk {
	t.Name, t.Gateway, t.DialPrefix, t.NumberFormat = s.Name, s.Gateway, s.DialPrefix, s.NumberFormat
	t.Lines, t.HandLines, t.CPS, t.Allow400 = s.Lines, s.HandLines, s.CPS, s.Allow400
	return t
}

func (h trunks) create(c echo.Context) error {
	var in trunkSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	t, err := h.svc.SaveTrunk(c.Request().Context(), in.over(models.Trunk{}))
	if err != nil {
		return err
	}
	return answerVersion(c, http.StatusCreated, t.Version, trunkBody{Trunk: t})
}

func (h trunks) replace(c echo.Context) error {
	var in trunkSettings
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	t, err := h.svc.Trunk(ctx, id)
	if err != nil {
		return err
	}
	if t.Version, err = ifMatch(c); err != nil {
		return err
	}
	if t, err = h.svc.SaveTrunk(ctx, in.over(t)); err != nil {
		return err
	}
	return answerVersion(c, http.StatusOK, t.Version, trunkBody{Trunk: t})
}

func (h trunks) remove(c echo.Context) error {
	return h.by(c, h.svc.DeleteTrunk)
}

func (h trunks) resume(c echo.Context) error {
	return h.by(c, h.svc.ResumeTrunk)
}

// by does something with the trunk of the path and answers nothing.
func (trunks) by(c echo.Context, do func(context.Context, int64) error) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
