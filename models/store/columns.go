package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// stampLayout sorts as text like the times it writes, and MySQL takes it for a DATETIME(6).
const stampLayout = "2006-01-02 15:04:05.000000"

// stamp is a time in a column: UTC, to the microsecond, NULL when zero. SQLite keeps it as text of one width, because its
// driver would else write a form that neither sorts nor compares.
type stamp struct{ t time.Time }

func at(t time.Time) stamp { return stamp{t} }

func atp(t *time.Time) stamp {
	if t == nil {
		return stamp{}
	}
	return stamp{*t}
}

func (s stamp) ptr() *time.Time {
	if s.t.IsZero() {
		return nil
	}
	t := s.t
	return &t
}

// Value implements driver.Valuer.
func (s stamp) Value() (driver.Value, error) {
	if s.t.IsZero() {
		return nil, nil //nolint:nilnil // NULL
	}
	return s.t.UTC().Format(stampLayout), nil
}

// Scan implements sql.Scanner.
func (s *stamp) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		s.t = time.Time{}
	case time.Time:
		s.t = v.UTC()
	case string:
		return s.parse(v)
	case []byte:
		return s.parse(string(v))
	default:
		return fmt.Errorf("scan time: unexpected %T", v)
	}
	return nil
}

func (s *stamp) parse(v string) error {
	t, err := time.Parse("2006-01-02 15:04:05.999999", v)
	if err != nil {
		return fmt.Errorf("scan time: %w", err)
	}
	s.t = t
	return nil
}

// GormDataType keeps gorm from treating stamps as relations.
func (stamp) GormDataType() string { return "datetime(6)" }

// text is a value kept as JSON in a text column; NULL and "" are its zero.
type text[T any] struct{ v T }

// Value implements driver.Valuer.
func (j text[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	if err != nil {
		return nil, fmt.Errorf("write column as JSON: %w", err)
	}
	return string(b), nil
}

// Scan implements sql.Scanner.
func (j *text[T]) Scan(v any) error {
	var zero T
	j.v = zero
	var b []byte
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		b = []byte(v)
	case []byte:
		b = v
	default:
		return fmt.Errorf("scan JSON column: unexpected %T", v)
	}
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, &j.v); err != nil {
		return fmt.Errorf("scan JSON column: %w", err)
	}
	return nil
}

// GormDataType keeps gorm from treating the value as a relation.
func (text[T]) GormDataType() string { return "text" }

// clip shortens raw words of the switch to their column: a strange phrase must not keep a call from being closed.
func clip(s string, n int) string {
	if !utf8.ValidString(s) {
		s = toValid(s)
	}
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

func toValid(s string) string { return string([]rune(s)) }
