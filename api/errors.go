package api

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// problem is the body of every error (RFC 9457): a stable code, the caller's faults field by field with their parameters in
// both languages, and the request id under which the log has more.
type problem struct {
	Type      string              `json:"type"`
	Title     string              `json:"title"`
	Status    int                 `json:"status"`
	Detail    string              `json:"detail"`
	Code      string              `json:"code"`
	RequestID string              `json:"request_id"`
	Fields    []models.FieldError `json:"fields"`
}

// problemType is the media type of a problem.
const problemType = "application/problem+json"

// fault is a mistake of the caller whose status does not follow from its kind.
type fault struct {
	status int
	err    *models.Error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// refuse makes a fault with one field; texts are whole sentences that name the mend.
func refuse(status int, field, code, text, textZH string) error {
	return &fault{status, models.NewError(models.Invalid, field, code, text, textZH)}
}

func answerError(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		p := describe(err)
		p.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
		if p.Status == http.StatusInternalServerError {
			log.Error("request failed", "request_id", p.RequestID, "method", c.Request().Method, "route", c.Path(), "err", err)
		}
		if c.Request().Method == http.MethodHead {
			err = c.NoContent(p.Status)
		} else {
			c.Response().Header().Set(echo.HeaderContentType, problemType)
			err = c.JSON(p.Status, p)
		}
		if err != nil {
			log.Debug("answer not delivered", "request_id", p.RequestID, "err", err)
		}
	}
}

// describe turns an error into its body; what is not the caller's fault is not told to him.
func describe(err error) problem {
	var own *fault
	var caller *models.Error
	var http4 *echo.HTTPError
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Code: "internal", Fields: []models.FieldError{}}
	switch {
	case errors.As(err, &own):
		p.Status, caller = own.status, own.err
	case errors.As(err, &caller):
		p.Status = statusOf(caller)
	case errors.As(err, &http4) && http4.Code < http.StatusInternalServerError:
		p.Status, p.Code = http4.Code, codeOf(http4.Code)
	default:
		p.Detail = "Something went wrong inside; try again, and give the request id to the administrator if it stays."
	}
	p.Title = http.StatusText(p.Status)
	if caller != nil {
		p.Code, p.Detail = string(caller.Kind), caller.Error()
		if len(caller.Fields) > 0 {
			p.Fields = caller.Fields
		}
		if len(caller.Fields) == 1 && caller.Fields[0].Code != "" {
			p.Code = caller.Fields[0].Code
		}
	}
	if p.Status == http.StatusPreconditionFailed {
		p.Code = "version_conflict"
	}
	return p
}

func statusOf(e *models.Error) int {
	switch e.Kind {
	case models.NotFound:
		return http.StatusNotFound
	case models.Conflict:
		if len(e.Fields) == 1 && e.Fields[0].Field == "version" {
			return http.StatusPreconditionFailed
		}
		return http.StatusConflict
	case models.Forbidden:
		return http.StatusForbidden
	case models.Invalid:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusBadRequest
	}
}

func codeOf(status int) string {
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
