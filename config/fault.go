package config

import (
	"fmt"
	"sort"
	"strings"

	"waihu/models"
)

// faults gathers what is wrong, with the source of each value.
type faults struct {
	err      models.Error
	warnings []models.FieldError
	source   map[string]string // key → where its value came from
}

// add notes a fault of a key. Both texts take the same arguments.
func (f *faults) add(key, code, text, textZH string, args ...any) {
	f.err.Kind = models.Invalid
	f.err.Fields = append(f.err.Fields, f.field(key, code, text, textZH, args))
}

// warn notes what works but should be changed.
func (f *faults) warn(key, code, text, textZH string, args ...any) {
	f.warnings = append(f.warnings, f.field(key, code, text, textZH, args))
}

func (f *faults) field(key, code, text, textZH string, args []any) models.FieldError {
	fe := models.FieldError{Field: key, Code: code, Text: fmt.Sprintf(text, args...), TextZH: fmt.Sprintf(textZH, args...)}
	base, _, _ := strings.Cut(key, "[")
	if s, ok := f.source[key]; ok {
		fe.Params = map[string]any{"source": s}
	} else if s, ok := f.source[base]; ok {
		fe.Params = map[string]any{"source": s}
	}
	return fe
}

// Line writes a fault as one line: "config.yaml:12: switch.addr: …", in English or Chinese.
func Line(fe models.FieldError, chinese bool) string {
	text := fe.Text
	if chinese && fe.TextZH != "" {
		text = fe.TextZH
	}
	if fe.Field != "" {
		text = fe.Field + ": " + text
	}
	if s, ok := fe.Params["source"].(string); ok && s != fe.Field {
		text = s + ": " + text
	}
	return text
}

// nearest suggests the known name that was probably meant, as an end of a sentence; "" when none is near.
func nearest(name string, known []string) string {
	sort.Strings(known)
	best, dist := "", 4
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < dist {
			best, dist = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": %s?", best)
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// distance counts the letters to insert, delete or change between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(row[j]+1, above+1, cost)
			diagonal = above
		}
	}
	return row[len(b)]
}
