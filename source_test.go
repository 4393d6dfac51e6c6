package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goFiles parses every Go file below dir that is not a test.
func goFiles(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	set := token.NewFileSet()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != dir && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"node_modules", "testdata", "data", "tools"}, d.Name())) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") {
			f, err := parser.ParseFile(set, p, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			files[filepath.ToSlash(p)] = f
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no Go files below %s", dir)
	}
	return files
}

// constants collects the names of package-level and local constants.
func constants(files map[string]*ast.File) map[string]bool {
	names := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if g, ok := n.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					for _, name := range s.(*ast.ValueSpec).Names {
						names[name.Name] = true
					}
				}
			}
			return true
		})
	}
	return names
}

func constant(e ast.Expr, consts map[string]bool) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return consts[e.Name]
	case *ast.BinaryExpr:
		return constant(e.X, consts) && constant(e.Y, consts)
	case *ast.ParenExpr:
		return constant(e.X, consts)
	case *ast.CallExpr:
		return fixedText(e)
	case *ast.SelectorExpr: // x.d.lock, a word of the dialect
		owner, ok := e.X.(*ast.SelectorExpr)
		return ok && owner.Sel.Name == "d"
	default:
		return false
	}
}

// fixedText recognises the two sorts of calls that give text out of the source: x.d.word(), a word of the database's
// dialect, and q.sql(), placeholders for the values beside them.
func fixedText(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if sel.Sel.Name == "sql" && len(call.Args) == 0 {
		return true
	}
	owner, ok := sel.X.(*ast.SelectorExpr)
	return ok && owner.Sel.Name == "d"
}

// TestSQLIsConstant (R-SQL-2): what gorm takes for SQL is written in the source. The functions named here put their text
// together from constants and placeholders; whoever adds one reads it with that in mind and adds it to the list.
func TestSQLIsConstant(t *testing.T) {
	reviewed := map[string]bool{}
	for _, name := range reviewedSQL {
		reviewed[name] = false
	}
	takesSQL := []string{"Order", "Where", "Raw", "Select", "Group", "Having", "Joins", "Table", "Pluck", "Exec", "Not"}
	files := goFiles(t, "models/store")
	consts := constants(files)
	calls := 0
	for name, f := range files {
		if strings.Contains(name, "storetest/") {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			where := path.Base(name) + " " + fn.Name.Name
			ast.Inspect(fn, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains(takesSQL, sel.Sel.Name) {
					return true
				}
				calls++
				if constant(call.Args[0], consts) {
					return true
				}
				if _, ok := reviewed[where]; !ok {
					t.Errorf("%s: the SQL of %s is not a constant", where, sel.Sel.Name)
				}
				reviewed[where] = true
				return true
			})
		}
	}
	if calls < 20 {
		t.Errorf("only %d calls seen: does this test still look at the right place?", calls)
	}
	for name, seen := range reviewed {
		if !seen {
			t.Errorf("%s is on the list and needs no review any more: take it off", name)
		}
	}
}

// TestOnlyVoiceStartsPrograms (R-CMD-2): os/exec is ffmpeg's, and there is no shell.
func TestOnlyVoiceStartsPrograms(t *testing.T) {
	for name, f := range goFiles(t, ".") {
		starts := slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"os/exec"` })
		if !starts {
			continue
		}
		if !strings.HasPrefix(name, "controller/voice/") && !strings.HasPrefix(name, "models/store/storetest/") {
			t.Errorf("%s imports os/exec", name)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && slices.Contains([]string{`"sh"`, `"bash"`, `"-c"`, `"/bin/sh"`, `"cmd.exe"`}, lit.Value) {
				t.Errorf("%s has %s beside os/exec", name, lit.Value)
			}
			return true
		})
	}
}

// TestNoPathsOfAMachine: what is committed must not depend on where somebody worked.
func TestNoPathsOfAMachine(t *testing.T) {
	bad := [][]byte{[]byte("/wo" + "rk/"), []byte("/ro" + "ot/"), []byte("../sha" + "red"), []byte("/ho" + "me/")}
	skip := []string{".git", ".lint-cache", "node_modules", "data", "dist", "testdata"}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skip, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 || !info.Mode().IsRegular() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, b := range bad {
			if i := bytes.Index(data, b); i >= 0 {
				t.Errorf("%s:%d names %q", p, 1+bytes.Count(data[:i], []byte("\n")), b)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestComputingPackages: the packages that `make test` computes without the race detector start goroutines nowhere but in the
// functions named here, each with its test, which `make test` runs under the detector as well.
func TestComputingPackages(t *testing.T) {
	tested := map[string]string{
		"controller/rehearse/contest/play.go work":   "TestTheTableIsTheSameAgain",
		"controller/rehearse/stage/forecast.go Days": "TestDaysAreTheSameAgain",
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^COMPUTES := (.*)$`).FindSubmatch(makefile)
	if m == nil {
		t.Fatal("the Makefile names no packages that only compute")
	}
	for _, dir := range strings.Fields(string(m[1])) {
		for name, f := range goFiles(t, path.Clean(dir)) {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || !startsGoroutine(fn) {
					continue
				}
				if where := name + " " + fn.Name.Name; tested[where] == "" {
					t.Errorf("%s starts a goroutine, and make test does not run it with the race detector", where)
				} else {
					delete(tested, where)
				}
			}
		}
	}
	if !bytes.Contains(makefile, []byte(`-race -vet=off -run 'TheSameAgain$$' ./controller/rehearse/contest ./controller/rehearse/stage`)) {
		t.Error("make test runs the tests of these goroutines no more under the race detector")
	}
	for where := range tested {
		t.Errorf("%s is on the list and starts no goroutine any more: take it off", where)
	}
}

func startsGoroutine(fn *ast.FuncDecl) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr: // sync.WaitGroup.Go
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
				found = true
			}
		}
		return true
	})
	return found
}

// TestNamedTestsExist: the documents name tests as proof, so those tests must be there.
func TestNamedTestsExist(t *testing.T) {
	have := map[string]bool{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, "_test.go") {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(data, -1) {
			have[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, doc := range []string{"docs/requirements.md", "CONTRIBUTING.md", "docs/decisions.md"} {
		data, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`").FindAllSubmatch(data, -1) {
			name := string(m[1])
			named++
			if !have[name] && name != "TestCall" { // a method of the daemon
				t.Errorf("%s names %s, which does not exist", doc, name)
			}
		}
	}
	if named < 40 {
		t.Errorf("only %d tests are named: does this test still look at the right place?", named)
	}
}

// TestLinksOfTheDocuments: every relative link of the Markdown files leads somewhere.
func TestLinksOfTheDocuments(t *testing.T) {
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	docs = append(docs, "README.md", "README.zh.md", "CONTRIBUTING.md", "freeswitch-conf/README.md")
	for _, doc := range docs {
		data, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllSubmatch(data, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), string(m[1]))); err != nil {
				t.Errorf("%s: the link %s leads nowhere", doc, m[1])
			}
		}
	}
}
