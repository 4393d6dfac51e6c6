package script

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Texts of the switch.
const (
	replyReloaded = "+OK [Success]\n"
	replyNothing  = "can't find anything\n"
)

// Lines around the merged files. They are part of the document that FreeSWITCH counts error lines in.
const (
	documentHead = "<document type=\"freeswitch/xml\">\n<section name=\"dialplan\">\n"
	documentTail = "</section>\n</document>\n"
)

// Files is a dialplan in a folder.
type Files struct {
	folder  string
	mu      sync.Mutex // guards globals and orders reloads
	globals map[string]string
	plan    atomic.Pointer[plan]
	lost    atomic.Pointer[[]string] // complaints of the preprocessor
}

// Dir reads all *.xml of a folder in name order, as FreeSWITCH reads its dialplan folder: of a context that stands in two
// files the first one counts. Globals are the $${names} that exist beforehand (sounds_dir, …). It fails when the folder
// cannot be read or its XML is not well-formed.
func Dir(path string, globals map[string]string) (*Files, error) {
	if _, err := os.ReadDir(path); err != nil {
		return nil, fmt.Errorf("read dialplan folder: %w", err)
	}
	f := &Files{folder: path, globals: maps.Clone(globals)}
	if f.globals == nil {
		f.globals = map[string]string{}
	}
	if err := f.read(); err != nil {
		return nil, fmt.Errorf("read dialplan folder %s: %w", path, err)
	}
	return f, nil
}

func (f *Files) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := preprocessor{globals: f.globals}
	p.out.WriteString(documentHead)
	p.glob(f.folder, "*.xml", 0)
	p.out.WriteString(documentTail)
	f.lost.Store(&p.complaints)
	tree, err := parse(p.out.String())
	if err != nil {
		return err
	}
	f.plan.Store(newPlan(tree))
	return nil
}

// Lookup hunts for the actions of a destination.
func (f *Files) Lookup(ctx context.Context, r Request) ([]Action, error) {
	return f.plan.Load().lookup(ctx, r)
}

// Reload reads the folder anew. FreeSWITCH says +OK in any case; after an error the old dialplan stays.
func (f *Files) Reload() string {
	if err := f.read(); err != nil {
		return "+OK [" + err.Error() + "]\n"
	}
	return replyReloaded
}

// Locate serialises the first element of a section with that tag whose attribute key has that value.
func (f *Files) Locate(section, tag, key, value string) string {
	return locate(f.plan.Load().tree, section, tag, key, value)
}

func locate(tree *node, section, tag, key, value string) string {
	found := tree.child("section", "name", section)
	if tag != "" && key != "" && value != "" {
		found = found.child(tag, key, value)
	}
	if found == nil {
		return replyNothing
	}
	return render(found)
}

// Complaints says what a real switch would pass over in silence or only log: files that could not be read, expressions
// that do not compile, contexts that are there twice.
func (f *Files) Complaints() []string {
	lost := *f.lost.Load()
	return append(lost[:len(lost):len(lost)], f.plan.Load().faults...)
}

// Globals returns a copy of the $${names} as they stand after the last reload; they are channel variables too.
func (f *Files) Globals() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.globals)
}

// Folder is the folder's absolute path, for messages.
func (f *Files) Folder() string {
	if p, err := filepath.Abs(f.folder); err == nil {
		return p
	}
	return f.folder
}
