package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type filters struct{ svc Filters }

func (h filters) list(c echo.Context) error {
	all, err := h.svc.Filters(c.Request().Context(), who(c).UserID)
	if err != nil {
		return err
	}
	return answerSome(c, all, func(f models.Filter) int64 { return f.ID })
}

func (h filters) create(c echo.Context) error {
	var in struct {
		Page  string `json:"page"`
		Name  string `json:"name"`
		Query string `json:"query"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	name, err := nameOf(in.Name)
	if err != nil {
		return err
	}
	if in.Page == "" || len(in.Page) > 64 || len(in.Query) > 2000 {
		return models.NewError(models.Invalid, "query", "too_long", "name the page and keep the filter under 2000 characters", "请指定页面，筛选条件不超过 2000 个字符")
	}
	f := models.Filter{UserID: who(c).UserID, Page: in.Page, Name: name, Query: in.Query}
	if err := h.svc.CreateFilter(c.Request().Context(), &f); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, f)
}

func (h filters) remove(c echo.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteFilter(c.Request().Context(), who(c).UserID, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
