package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type inboundRoutes struct{ svc InboundRoutes }

// routeSettings is what people set of a route.
type routeSettings struct {
	Name     string             `json:"name"`
	Number   string             `json:"number"`
	Target   models.RouteTarget `json:"target"`
	Zone     string             `json:"zone"`
	Windows  []models.Window    `json:"windows"`
	Holidays []string           `json:"holidays"`
	Closed   models.RouteTarget `json:"closed"`
	Disabled bool               `json:"disabled"`
}

func (s routeSettings) over(r models.InboundRoute) models.InboundRoute {
	r.Name, r.Number, r.Target, r.Zone, r.Windows, r.Holidays, r.Closed, r.Disabled = s.Name, s.Number, s.Target, s.Zone, s.Windows, s.Holidays, s.Closed, s.Disabled
	return r
}

// wholeRoute has empty lists where there is nothing.
func wholeRoute(r models.InboundRoute) models.InboundRoute {
	r.Windows, r.Holidays = append([]models.Window{}, r.Windows...), append([]string{}, r.Holidays...)
	return r
}

func (h inboundRoutes) find(c echo.Context) (models.InboundRoute, error) {
	id, err := pathID(c)
	if err != nil {
		return models.InboundRoute{}, err
	}
	r, err := h.svc.InboundRoute(c.Request().Context(), id)
	return owned(c, r, r.OrganizationID, err)
}

func (h inboundRoutes) list(c echo.Context) error {
	all, err := h.svc.InboundRoutes(c.Request().Context(), who(c).OrganizationID)
	if err != nil {
		return err
	}
	out := make([]models.InboundRoute, 0, len(all))
	for _, r := range all {
		if matches(c, r.Name, r.Number) {
			out = append(out, wholeRoute(r))
		}
	}
	return answerSome(c, out, func(r models.InboundRoute) int64 { return r.ID })
}

func (h inboundRoutes) show(c echo.Context) error {
	r, err := h.find(c)
	if err != nil {
		return err
	}
	return answerVersion(c, http.StatusOK, r.Version, wholeRoute(r))
}

func (h inboundRoutes) create(c echo.Context) error {
	return h.save(c, http.StatusCreated, models.InboundRoute{OrganizationID: who(c).OrganizationID})
}

func (h inboundRoutes) replace(c echo.Context) error {
	r, err := h.find(c)
	if err != nil {
		return err
	}
	if r.Version, err = ifMatch(c); err != nil {
		return err
	}
	return h.save(c, http.StatusOK, r)
}

func (h inboundRoutes) save(c echo.Context, status int, r models.InboundRoute) error {
	var in routeSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	r, err := h.svc.SaveInboundRoute(c.Request().Context(), in.over(r))
	if err != nil {
		return err
	}
	return answerVersion(c, status, r.Version, wholeRoute(r))
}

func (h inboundRoutes) remove(c echo.Context) error {
	r, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteInboundRoute(c.Request().Context(), r.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
