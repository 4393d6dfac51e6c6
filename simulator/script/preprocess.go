package script

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const maxIncludeDepth = 100

// preprocessor merges files line by line, as FreeSWITCH does before it parses anything. Working by lines is what makes
// its traps: a line that holds an <include> tag, a <?…?> or an X-PRE-PROCESS is lost whole, whatever else stands on it,
// and a comment around an X-PRE-PROCESS does not switch it off.
type preprocessor struct {
	globals    map[string]string
	out        bytes.Buffer
	complaints []string
	remote     bool // the text came over the network: it may not include files of ours
	comment    bool // inside a <!--# directive that goes over several lines
}

// glob takes in every file that matches, in name order; a relative pattern is looked for in folder.
func (p *preprocessor) glob(folder, pattern string, depth int) {
	if depth > maxIncludeDepth {
		p.complain("includes of %s are more than %d deep", pattern, maxIncludeDepth)
		return
	}
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(folder, pattern)
	}
	files, err := filepath.Glob(pattern)
	if err != nil {
		p.complain("include %s: %v", pattern, err)
		return
	}
	slices.Sort(files)
	for _, f := range files {
		p.file(f, depth)
	}
}

func (p *preprocessor) file(path string, depth int) {
	text, err := os.ReadFile(path)
	if err != nil {
		p.complain("%v", err)
		return
	}
	p.comment = false
	for line := range bytes.Lines(text) {
		if i := bytes.IndexByte(line, 0); i >= 0 {
			line = line[:i]
		}
		p.line(filepath.Dir(path), string(line), depth)
	}
}

func (p *preprocessor) line(folder, raw string, depth int) {
	line := p.expand(raw)
	if strings.Contains(raw, "<include>") || strings.Contains(raw, "</include>") || strings.Contains(raw, "<?") {
		return
	}
	if p.comment {
		_, rest, closed := strings.Cut(line, "-->")
		if !closed {
			return
		}
		p.comment, line = false, rest
	}
	if at := indexFold(line, "x-pre-process"); at >= 0 {
		if at > 0 && line[at-1] == '<' {
			p.directive(folder, line[at:], depth)
		}
		return
	}
	if before, directive, found := strings.Cut(line, "<!--#"); found {
		p.out.WriteString(before)
		p.oldDirective(folder, directive, depth)
		return
	}
	p.out.WriteString(line)
}

// directive reads X-PRE-PROCESS cmd="…" data="…".
func (p *preprocessor) directive(folder, line string, depth int) {
	command, rest, ok := quoted(line, "cmd")
	if !ok {
		return
	}
	data, _, ok := quoted(rest, "data")
	if !ok {
		return
	}
	p.command(folder, command, data, depth)
}

// oldDirective reads <!--#set "x=y"-->, the spelling before X-PRE-PROCESS.
func (p *preprocessor) oldDirective(folder, line string, depth int) {
	text, rest, closed := strings.Cut(line, "-->")
	if closed {
		p.out.WriteString(rest)
	} else {
		p.comment = true
	}
	text, _, _ = strings.Cut(strings.TrimRight(text, "\r\n"), "\n")
	command, data, found := strings.Cut(text, " ")
	if !found {
		return
	}
	if _, inner, ok := strings.Cut(data, `"`); ok {
		if inner, _, ok = strings.Cut(inner, `"`); ok {
			data = inner
		}
	}
	p.command(folder, command, data, depth)
}

func (p *preprocessor) command(folder, command, data string, depth int) {
	switch strings.ToLower(command) {
	case "set":
		name, value, found := strings.Cut(data, "=")
		if found {
			p.globals[strings.TrimRight(name, " ")] = strings.TrimLeft(value, " ")
		}
	case "include":
		if p.remote {
			p.complain("an include of %s in an answer is not followed", data)
			return
		}
		inside := p.comment
		p.glob(folder, data, depth+1)
		p.comment = inside
	case "exec", "exec-set", "stun-set", "env-set":
		p.complain("X-PRE-PROCESS %s is not run here", command)
	default:
		p.complain("X-PRE-PROCESS command %q is unknown", command)
	}
}

// expand replaces $${name}; a name that is not set is dropped without a word.
func (p *preprocessor) expand(line string) string {
	if !strings.Contains(line, "$${") {
		return line
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, "$${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end, next := closing(rest, 0)
		if end == next {
			p.complain("unterminated $${ in %q", strings.TrimSpace(line))
			b.WriteString("$${")
			line = rest
			continue
		}
		b.WriteString(p.globals[rest[:end]])
		line = rest[next:]
	}
}

func (p *preprocessor) complain(format string, args ...any) {
	p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
}

// quoted finds name="value" in s, name in any case, and returns the value and what follows.
func quoted(s, name string) (value, rest string, ok bool) {
	at := indexFold(s, name)
	if at < 0 {
		return "", "", false
	}
	_, s, ok = strings.Cut(s[at:], "=")
	if !ok {
		return "", "", false
	}
	_, s, ok = strings.Cut(s, `"`)
	if !ok {
		return "", "", false
	}
	value, rest, _ = strings.Cut(s, `"`)
	return value, rest, true
}

// indexFold finds an ASCII word in s in any case. (Lower-casing all of s first would move the bytes of some letters.)
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}
