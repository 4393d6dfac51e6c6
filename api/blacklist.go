package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type blacklist struct{ svc Blacklist }

// list finds entries by the beginning of a number, or a part of it.
func (h blacklist) list(c echo.Context) error {
	limit, after, err := page(c)
	if err != nil {
		return err
	}
	found, err := h.svc.FindBlacklist(c.Request().Context(), who(c).OrganizationID, c.QueryParam("q"), after, limit)
	if err != nil {
		return err
	}
	return answerPage(c, found, limit, func(e models.BlacklistEntry) string { return strconv.FormatInt(e.ID, 10) })
}

func (h blacklist) create(c echo.Context) error {
	var in struct {
		Number    string     `json:"number"` // 170* is a prefix
		Prefix    bool       `json:"prefix"`
		Source    string     `json:"source"`
		Reason    string     `json:"reason"`
		ExpiresAt *time.Time `json:"expires_at"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	switch in.Source {
	case "":
		in.Source = "manual"
	case "manual", "complaint", "regulator":
	default:
		return models.NewError(models.Invalid, "source", "unknown_source", "choose manual, complaint or regulator", "请选择 manual、complaint 或 regulator")
	}
	i := who(c)
	e, err := h.svc.Forbid(c.Request().Context(), models.BlacklistEntry{OrganizationID: i.OrganizationID, Number: in.Number, Prefix: in.Prefix,
		Source: in.Source, Reason: in.Reason, ExpiresAt: in.ExpiresAt, CreatedBy: i.Login})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, e)
}

// remove takes an entry off; one for everybody is the administrator's.
func (h blacklist) remove(c echo.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	e, err := h.svc.BlacklistEntry(ctx, id)
	if e, err = owned(c, e, e.OrganizationID, err); err != nil {
		return err
	}
	if err := h.svc.RemoveBlacklist(ctx, e.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

type takenNumbers struct {
	Added  int64 `json:"added"` // entries that were new
	Counts any   `json:"counts"`
}

// take imports a file of numbers.
func (h blacklist) take(c echo.Context) error {
	part, err := filePart(c, func(string, string) {})
	if err != nil {
		return err
	}
	defer part.Close()
	i := who(c)
	added, counts, err := h.svc.ImportBlacklist(c.Request().Context(), i.OrganizationID, i.Login, part.FileName(), part)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, takenNumbers{added, counts})
}
