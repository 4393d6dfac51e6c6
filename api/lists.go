package api

import (
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type lists struct {
	svc Lists
	up  Uploads
}

// listBody is a list with how far its import is.
type listBody struct {
	models.ContactList
	Progress *ImportProgress `json:"progress,omitempty"`
}

func (h lists) body(l models.ContactList) listBody {
	b := listBody{ContactList: l}
	if p, ok := h.up.ImportProgress(l.ID); ok {
		b.Progress = &p
	}
	if b.Columns == nil {
		b.Columns = []string{}
	}
	return b
}

func (h lists) list(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	items, next, err := h.svc.ContactListPage(c.Request().Context(), models.ListQuery{
		OrganizationID: who(c).OrganizationID, Text: c.QueryParam("q"), Page: models.Page{After: c.QueryParam("after"), Limit: limit},
	})
	if err != nil {
		return err
	}
	out := make([]listBody, len(items))
	for i, l := range items {
		out[i] = h.body(l)
	}
	return c.JSON(http.StatusOK, some(out, next))
}

// create imports an upload in the background: the answer is the list as it begins.
func (h lists) create(c echo.Context) error {
	var in struct {
		UploadID string `json:"upload_id"`
		Name     string `json:"name"`
		shapeBody
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	if in.Name != "" {
		name, err := nameOf(in.Name)
		if err != nil {
			return err
		}
		in.Name = name
	}
	i := who(c)
	l, err := h.up.ImportList(c.Request().Context(), i.OrganizationID, i.Login, in.UploadID, in.Name, in.shape())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, h.body(l))
}

func (h lists) find(c echo.Context) (models.ContactList, error) {
	id, err := pathID(c)
	if err != nil {
		return models.ContactList{}, err
	}
	l, err := h.svc.ContactList(c.Request().Context(), id)
	return owned(c, l, l.OrganizationID, err)
}

func (h lists) show(c echo.Context) error {
	l, err := h.find(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, h.body(l))
}

func (h lists) remove(c echo.Context) error {
	l, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteList(c.Request().Context(), l.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h lists) rejects(c echo.Context) error {
	l, err := h.find(c)
	if err != nil {
		return err
	}
	file, err := h.up.Rejects(c.Request().Context(), l.ID)
	if err != nil {
		return err
	}
	defer file.Close()
	attach(c, fmt.Sprintf("rejects-%d.csv", l.ID), "text/csv; charset=utf-8")
	if _, err := io.Copy(c.Response(), file); err != nil {
		return fmt.Errorf("send the rejects of list %d: %w", l.ID, err)
	}
	return nil
}

func (h lists) contacts(c echo.Context) error {
	l, err := h.find(c)
	if err != nil {
		return err
	}
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	items, next, err := h.svc.ContactPage(c.Request().Context(), l.ID, models.Page{After: c.QueryParam("after"), Limit: limit})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(items, next))
}

// attach begins an answer that browsers keep as a file; names are ours and plain.
func attach(c echo.Context, name, kind string) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Response().WriteHeader(http.StatusOK)
}
