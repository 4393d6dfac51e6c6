package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

type sessions struct{ *auth }

type loginBody struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

type sessionBody struct {
	User sessionUser `json:"user"`
}

type sessionUser struct {
	ID             int64  `json:"id"`
	Login          string `json:"login"`
	Role           string `json:"role"`
	OrganizationID int64  `json:"organization_id"`
}

func bodyOf(i Identity) sessionBody {
	return sessionBody{sessionUser{ID: i.UserID, Login: i.Login, Role: string(i.Role), OrganizationID: i.OrganizationID}}
}

// create logs in. The session's token is new, so that nobody can plant one.
func (h sessions) create(c echo.Context) error {
	var in loginBody
	if err := bind(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	u, err := h.check(ctx, in.Login, in.Password, c.RealIP())
	var f *fault
	if errors.As(err, &f) && f.status == http.StatusTooManyRequests {
		c.Response().Header().Set("Retry-After", fmt.Sprint(f.err.Fields[0].Params["seconds"]))
	}
	if err != nil {
		return err
	}
	if _, err := h.svc.Sessions.DeleteExpiredSessions(ctx, h.now()); err != nil {
		return err
	}
	if err := h.auth.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("begin a session of account %d: %w", u.ID, err)
	}
	h.auth.sessions.Put(ctx, "user", u.ID)
	h.auth.sessions.Put(ctx, "seal", seal(u))
	return c.JSON(http.StatusOK, bodyOf(h.identity(u)))
}

func (h sessions) show(c echo.Context) error { return c.JSON(http.StatusOK, bodyOf(who(c))) }

func (h sessions) remove(c echo.Context) error {
	if err := h.auth.sessions.Destroy(c.Request().Context()); err != nil {
		return fmt.Errorf("end a session of account %d: %w", who(c).UserID, err)
	}
	return c.NoContent(http.StatusNoContent)
}
