// Package frontend holds the built web application inside the binary.
//
// It owns nothing but the files of frontend/dist. Without a build the folder is empty, and the binary still builds with Go
// alone: api then shows a page that says how to build the interface.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files are the files of the build, with index.html at the top; empty but for .keep when it was never built.
func Files() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist // cannot happen: the name is fixed and valid
	}
	return sub
}
