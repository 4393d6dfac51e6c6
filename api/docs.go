package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"
)

// The specification is written in parts, one file per group of resources: each holds some of "paths" and "components".
// openapi.yaml holds the head and what all share; whoever adds a resource edits its file, or adds one.
//
//go:embed openapi/*.yaml
var specParts embed.FS

//go:embed docs.html docs.js
var viewer embed.FS

// Specification is the whole OpenAPI document as JSON.
func Specification() ([]byte, error) {
	names, err := fs.Glob(specParts, "openapi/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the parts of the specification: %w", err)
	}
	whole := map[string]any{}
	slices.Sort(names)
	for _, name := range names {
		data, err := specParts.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		part := map[string]any{}
		if err := yaml.Unmarshal(data, &part); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := merge(whole, part, name); err != nil {
			return nil, err
		}
	}
	out, err := json.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("write the specification: %w", err)
	}
	return out, nil
}

// merge puts part into whole; nothing may be said twice.
func merge(whole, part map[string]any, where string) error {
	for key, value := range part {
		have, there := whole[key]
		if !there {
			whole[key] = value
			continue
		}
		into, ok1 := have.(map[string]any)
		from, ok2 := value.(map[string]any)
		if !ok1 || !ok2 {
			return fmt.Errorf("%s in %s is there already", key, where)
		}
		if err := merge(into, from, where+": "+key); err != nil {
			return err
		}
	}
	return nil
}

// mountDocs serves the specification and a page that shows it.
func mountDocs(e *echo.Echo) error {
	spec, err := Specification()
	if err != nil {
		return err
	}
	file := func(name, kind string) echo.HandlerFunc {
		return func(c echo.Context) error {
			data, err := viewer.ReadFile(name)
			if err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			return c.Blob(http.StatusOK, kind, data)
		}
	}
	e.GET("/api/openapi.json", func(c echo.Context) error { return c.JSONBlob(http.StatusOK, spec) })
	e.GET("/api/docs", file("docs.html", echo.MIMETextHTMLCharsetUTF8))
	e.GET("/api/docs.js", file("docs.js", "text/javascript; charset=utf-8"))
	return nil
}
