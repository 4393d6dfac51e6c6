package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

type uploads struct{ svc Uploads }

// create takes a number file and answers what it seems to hold. A file that cannot be looked at was taken for nothing.
func (h uploads) create(c echo.Context) error {
	part, err := filePart(c, func(string, string) {})
	if err != nil {
		return err
	}
	defer part.Close()
	org := who(c).OrganizationID
	u, err := h.svc.SaveUpload(c.Request().Context(), org, part.FileName(), part)
	if err != nil {
		return err
	}
	if u.Look, err = h.svc.LookAt(c.Request().Context(), org, u.ID, FileShape{}); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, u)
}

// shapeBody is FileShape as JSON.
type shapeBody struct {
	Encoding  string    `json:"encoding"`
	Delimiter string    `json:"delimiter"`
	Column    columnRef `json:"column"`
}

func (b shapeBody) shape() FileShape {
	return FileShape{Encoding: b.Encoding, Delimiter: b.Delimiter, Column: string(b.Column)}
}

// columnRef is a column by its heading (a string), or by its place from 0 (a number) as Look has it; null and "" are guessed.
type columnRef string

// UnmarshalJSON implements json.Unmarshaler.
func (r *columnRef) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*r = ""
	case string:
		*r = columnRef(v)
	case float64:
		if v >= 0 {
			*r = columnRef(strconv.Itoa(int(v) + 1))
		}
	default:
		return &json.UnmarshalTypeError{Value: "value that is neither text nor number", Field: "column"}
	}
	return nil
}

func (h uploads) preview(c echo.Context) error {
	var in shapeBody
	if err := bind(c, &in); err != nil {
		return err
	}
	look, err := h.svc.LookAt(c.Request().Context(), who(c).OrganizationID, c.Param("id"), in.shape())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, look)
}
