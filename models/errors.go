package models

import (
	"errors"
	"strings"
)

// Kind sorts the errors that are the caller's to mend.
type Kind string

// The kinds of caller errors.
const (
	Invalid   Kind = "invalid"
	NotFound  Kind = "not_found"
	Conflict  Kind = "conflict"
	Forbidden Kind = "forbidden"
)

// FieldError says which field is wrong and how to mend it, in both languages of the product.
type FieldError struct {
	Field  string         `json:"field"`            // name as in the API, the configuration or the flag
	Code   string         `json:"code"`             // stable identifier for translation, "too_large"
	Text   string         `json:"text"`             // English sentence with the mend
	TextZH string         `json:"text_zh"`          // 中文句子，说明如何改正
	Params map[string]any `json:"params,omitempty"` // values named in the texts
}

// Error is a mistake of the caller: it is shown to him, field by field. Every other error is internal.
type Error struct {
	Kind   Kind
	Fields []FieldError
}

// Error joins the fields' English texts.
func (e *Error) Error() string { return e.join(func(f FieldError) string { return f.Text }) }

// ZH joins the fields' Chinese texts.
func (e *Error) ZH() string { return e.join(func(f FieldError) string { return f.TextZH }) }

func (e *Error) join(text func(FieldError) string) string {
	parts := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		if f.Field == "" {
			parts = append(parts, text(f))
			continue
		}
		parts = append(parts, f.Field+": "+text(f))
	}
	if len(parts) == 0 {
		return string(e.Kind)
	}
	return strings.Join(parts, "; ")
}

// Add appends a fault; texts are whole sentences that name the mend.
func (e *Error) Add(field, code, text, textZH string) {
	e.Fields = append(e.Fields, FieldError{Field: field, Code: code, Text: text, TextZH: textZH})
}

// OrNil returns e as an error, or nil when it has no faults.
func (e *Error) OrNil() error {
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	return e
}

// NewError makes an Error with one fault.
func NewError(kind Kind, field, code, text, textZH string) *Error {
	e := &Error{Kind: kind}
	e.Add(field, code, text, textZH)
	return e
}

// IsKind reports whether err is a caller error of the given kind.
func IsKind(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
