package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// VoiceMenus is what IVR flows and inbound routes need of the rest of the program.
type VoiceMenus struct {
	Flows  Flows
	Routes InboundRoutes
}

// Flows are IVR flows. A change is saved, not live: the dialplan has to be published.
type Flows interface {
	Flow(ctx context.Context, id int64) (models.IVRFlow, error)
	Flows(ctx context.Context, org int64) ([]models.IVRFlow, error)
	// CheckFlow says what is wrong with a flow (a *models.Error) and what is only odd.
	CheckFlow(ctx context.Context, f models.IVRFlow) ([]models.FieldError, error)
	// SaveFlow checks a flow and makes or changes it (ID 0: new).
	SaveFlow(ctx context.Context, f models.IVRFlow) (models.IVRFlow, error)
	DeleteFlow(ctx context.Context, id int64) error
}

// InboundRoutes say what becomes of calls from outside. A change is saved, not live.
type InboundRoutes interface {
	InboundRoute(ctx context.Context, id int64) (models.InboundRoute, error)
	InboundRoutes(ctx context.Context, org int64) ([]models.InboundRoute, error)
	// SaveInboundRoute checks a route and makes or changes it (ID 0: new).
	SaveInboundRoute(ctx context.Context, r models.InboundRoute) (models.InboundRoute, error)
	DeleteInboundRoute(ctx context.Context, id int64) error
}

// voiceMenuRoutes: IVR flows and inbound routes.
func voiceMenuRoutes(s *Services) []route {
	f, r := flows{s.VoiceMenus.Flows}, inboundRoutes{s.VoiceMenus.Routes}
	return []route{
		{http.MethodGet, "/flows", member, f.list, plain},
		{http.MethodPost, "/flows", member, f.create, plain},
		{http.MethodPost, "/flows/check", member, f.checkNew, plain},
		{http.MethodGet, "/flows/:id", member, f.show, plain},
		{http.MethodPut, "/flows/:id", member, f.replace, plain},
		{http.MethodDelete, "/flows/:id", member, f.remove, plain},
		{http.MethodPost, "/flows/:id/check", member, f.check, plain},
		{http.MethodGet, "/inbound-routes", member, r.list, plain},
		{http.MethodPost, "/inbound-routes", member, r.create, plain},
		{http.MethodGet, "/inbound-routes/:id", member, r.show, plain},
		{http.MethodPut, "/inbound-routes/:id", member, r.replace, plain},
		{http.MethodDelete, "/inbound-routes/:id", member, r.remove, plain},
	}
}

type flows struct{ svc Flows }

// flowSettings is what people set of a flow.
type flowSettings struct {
	Name  string            `json:"name"`
	Nodes []models.FlowNode `json:"nodes"`
}

// findings is what the check of a flow found.
type findings struct {
	Errors   []models.FieldError `json:"errors"`
	Warnings []models.FieldError `json:"warnings"`
}

func (h flows) find(c echo.Context) (models.IVRFlow, error) {
	id, err := pathID(c)
	if err != nil {
		return models.IVRFlow{}, err
	}
	f, err := h.svc.Flow(c.Request().Context(), id)
	return owned(c, f, f.OrganizationID, err)
}

func (h flows) list(c echo.Context) error {
	all, err := h.svc.Flows(c.Request().Context(), who(c).OrganizationID)
	if err != nil {
		return err
	}
	out := make([]models.IVRFlow, 0, len(all))
	for _, f := range all {
		if matches(c, f.Name) {
			out = append(out, wholeFlow(f))
		}
	}
	return answerSome(c, out, func(f models.IVRFlow) int64 { return f.ID })
}

// wholeFlow has empty lists where there is nothing, so that they read as lists.
func wholeFlow(f models.IVRFlow) models.IVRFlow {
	f.Nodes = append([]models.FlowNode{}, f.Nodes...)
	for i := range f.Nodes {
		f.Nodes[i].Keys = append([]models.FlowKey{}, f.Nodes[i].Keys...)
	}
	return f
}

func (h flows) show(c echo.Context) error {
	f, err := h.find(c)
	if err != nil {
		return err
	}
	return answerVersion(c, http.StatusOK, f.Version, wholeFlow(f))
}

func (h flows) create(c echo.Context) error {
	return h.save(c, http.StatusCreated, models.IVRFlow{OrganizationID: who(c).OrganizationID})
}

func (h flows) replace(c echo.Context) error {
	f, err := h.find(c)
	if err != nil {
		return err
	}
	if f.Version, err = ifMatch(c); err != nil {
		return err
	}
	return h.save(c, http.StatusOK, f)
}

func (h flows) save(c echo.Context, status int, f models.IVRFlow) error {
	var in flowSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	f.Name, f.Nodes = in.Name, in.Nodes
	f, err := h.svc.SaveFlow(c.Request().Context(), f)
	if err != nil {
		return err
	}
	return answerVersion(c, status, f.Version, wholeFlow(f))
}

func (h flows) checkNew(c echo.Context) error {
	return h.judge(c, models.IVRFlow{OrganizationID: who(c).OrganizationID})
}

func (h flows) check(c echo.Context) error {
	f, err := h.find(c)
	if err != nil {
		return err
	}
	return h.judge(c, f)
}

// judge says what is wrong with a flow as it stands in the editor; nothing is saved.
func (h flows) judge(c echo.Context, f models.IVRFlow) error {
	var in flowSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	f.Name, f.Nodes = in.Name, in.Nodes
	out := findings{Errors: []models.FieldError{}, Warnings: []models.FieldError{}}
	warnings, err := h.svc.CheckFlow(c.Request().Context(), f)
	var wrong *models.Error
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	if wrong != nil {
		out.Errors = append(out.Errors, wrong.Fields...)
	}
	out.Warnings = append(out.Warnings, warnings...)
	return c.JSON(http.StatusOK, out)
}

func (h flows) remove(c echo.Context) error {
	f, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteFlow(c.Request().Context(), f.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
