package api

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// problem is the form of every error: a kind, the caller's faults field by field, or a request id to look for in the log.
type problem struct {
	Kind      string              `json:"kind"`
	Fields    []models.FieldError `json:"fields,omitempty"`
	RequestID string              `json:"request_id,omitempty"`
}

func answerError(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		id := c.Response().Header().Get(echo.HeaderXRequestID)
		status, p := describe(err)
		if status == http.StatusInternalServerError {
			log.Error("request failed", "request_id", id, "method", c.Request().Method, "route", c.Path(), "err", err)
			p.RequestID = id
		}
		if c.Request().Method == http.MethodHead {
			err = c.NoContent(status)
		} else {
			err = c.JSON(status, p)
		}
		if err != nil {
			log.Debug("answer not delivered", "request_id", id, "err", err)
		}
	}
}

func describe(err error) (int, problem) {
	var caller *models.Error
	var http4 *echo.HTTPError
	switch {
	case errors.As(err, &caller):
		return statusOf(caller.Kind), problem{Kind: string(caller.Kind), Fields: caller.Fields}
	case errors.As(err, &http4) && http4.Code < http.StatusInternalServerError:
		return http4.Code, problem{Kind: kindOf(http4.Code)}
	default:
		return http.StatusInternalServerError, problem{Kind: "internal"}
	}
}

func statusOf(k models.Kind) int {
	switch k {
	case models.NotFound:
		return http.StatusNotFound
	case models.Conflict:
		return http.StatusConflict
	case models.Forbidden:
		return http.StatusForbidden
	case models.Invalid:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusBadRequest
	}
}

func kindOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return string(models.NotFound)
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	default:
		return string(models.Invalid)
	}
}
