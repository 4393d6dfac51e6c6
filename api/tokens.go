package api

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type tokens struct {
	svc  Tokens
	auth *auth
}

type newToken struct {
	models.Token
	Secret string `json:"token"` // shown this once
}

func (h tokens) list(c echo.Context) error {
	all, err := h.svc.Tokens(c.Request().Context(), who(c).UserID)
	if err != nil {
		return err
	}
	return answerSome(c, all, func(t models.Token) int64 { return t.ID })
}

func (h tokens) create(c echo.Context) error {
	var in struct {
		Name string `json:"name"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	name, err := nameOf(in.Name)
	if err != nil {
		return err
	}
	i := who(c)
	out := newToken{Token: models.Token{UserID: i.UserID, OrganizationID: i.OrganizationID, Name: name, CreatedAt: h.auth.now().UTC()}, Secret: "waihu_" + rand.Text()}
	if err := h.svc.CreateToken(c.Request().Context(), &out.Token, hashed(out.Secret)); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, out)
}

func (h tokens) remove(c echo.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteToken(c.Request().Context(), who(c).UserID, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// nameOf trims a name and checks that it is one.
func nameOf(raw string) (string, error) {
	name := strings.TrimSpace(raw)
	if n := len([]rune(name)); n == 0 || n > 100 || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return "", models.NewError(models.Invalid, "name", "bad_name", "give a name of 1 to 100 characters on one line", "请填写 1–100 个字符的名称，不含换行")
	}
	return name, nil
}
