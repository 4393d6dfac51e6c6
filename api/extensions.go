package api

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type extensions struct {
	svc    Extensions
	agents Agents
	audit  Audit
	auth   *auth
}

type extensionBody struct {
	models.Extension
	Phone   models.PhoneState `json:"phone"`
	AgentID int64             `json:"agent_id"` // who is bound to it, 0 = nobody
}

// extensionSettings is what people set of an extension.
type extensionSettings struct {
	Number     string `json:"number"`
	Name       string `json:"name"`
	AutoAnswer bool   `json:"auto_answer"`
}

func (s extensionSettings) over(e models.Extension) models.Extension {
	e.Number, e.Name, e.AutoAnswer = s.Number, s.Name, s.AutoAnswer
	return e
}

func (h extensions) find(c echo.Context) (models.Extension, error) {
	id, err := pathID(c)
	if err != nil {
		return models.Extension{}, err
	}
	v, err := h.svc.Extension(c.Request().Context(), id)
	return owned(c, v, v.OrganizationID, err)
}

// around gives what an extension's answer shows beside it.
func (h extensions) around(c echo.Context) (func(models.Extension) extensionBody, error) {
	ctx := c.Request().Context()
	phones, err := h.agents.Phones(ctx)
	if err != nil {
		return nil, err
	}
	agents, err := h.agents.Agents(ctx, 0)
	if err != nil {
		return nil, err
	}
	bound := make(map[int64]int64, len(agents))
	for _, a := range agents {
		bound[a.ExtensionID] = a.ID
	}
	return func(e models.Extension) extensionBody { return extensionBody{e, phones[e.Number], bound[e.ID]} }, nil
}

func (h extensions) list(c echo.Context) error {
	all, err := h.svc.Extensions(c.Request().Context(), who(c).OrganizationID)
	if err != nil {
		return err
	}
	body, err := h.around(c)
	if err != nil {
		return err
	}
	out := make([]extensionBody, 0, len(all))
	for _, e := range all {
		if matches(c, e.Number, e.Name) {
			out = append(out, body(e))
		}
	}
	return answerSome(c, out, func(e extensionBody) int64 { return e.ID })
}

// answer gives the version as the ETag, which If-Match takes.
func (h extensions) answer(c echo.Context, status int, e models.Extension) error {
	body, err := h.around(c)
	if err != nil {
		return err
	}
	return answerVersion(c, status, e.Version, body(e))
}

func answerVersion(c echo.Context, status int, version int64, body any) error {
	c.Response().Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(version)))
	return c.JSON(status, body)
}

func (h extensions) show(c echo.Context) error {
	e, err := h.find(c)
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, e)
}

func (h extensions) create(c echo.Context) error {
	var in extensionSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	e, err := h.svc.SaveExtension(c.Request().Context(), in.over(models.Extension{OrganizationID: who(c).OrganizationID}))
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusCreated, e)
}

func (h extensions) replace(c echo.Context) error {
	e, err := h.find(c)
	if err != nil {
		return err
	}
	var in extensionSettings
	if e.Version, err = ifMatch(c); err != nil {
		return err
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	if e, err = h.svc.SaveExtension(c.Request().Context(), in.over(e)); err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, e)
}

func (h extensions) remove(c echo.Context) error {
	e, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteExtension(c.Request().Context(), e.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// renew makes another password; phones that have the old one are refused at their next registration.
func (h extensions) renew(c echo.Context) error {
	e, err := h.find(c)
	if err != nil {
		return err
	}
	if e, err = h.svc.RenewPassword(c.Request().Context(), e); err != nil {
		return err
	}
	if err := h.note(c, "renew_password", e); err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, e)
}

// sheet shows the settings with the password; who saw them is noted first.
func (h extensions) sheet(c echo.Context) error {
	e, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.note(c, "show_password", e); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, h.svc.Sheet(e))
}

func (h extensions) note(c echo.Context, action string, e models.Extension) error {
	i := who(c)
	return h.audit.AddAudit(c.Request().Context(), &models.AuditEntry{OrganizationID: e.OrganizationID, UserID: i.UserID,
		Login: i.Login, Action: action, Target: fmt.Sprintf("extension:%d", e.ID), Detail: e.Number, At: h.auth.now()})
}

// directory says which phones' accounts the switch does not have yet.
func (h extensions) directory(svc Directory) echo.HandlerFunc {
	return func(c echo.Context) error {
		org := who(c).OrganizationID
		if who(c).Role == models.RoleAdmin {
			org = 0
		}
		s, err := svc.DirectoryState(c.Request().Context(), org)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, s)
	}
}

// publish brings the accounts to the switch.
func (h extensions) publish(svc Directory) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := svc.PublishDirectory(c.Request().Context()); err != nil {
			return err
		}
		return h.directory(svc)(c)
	}
}
