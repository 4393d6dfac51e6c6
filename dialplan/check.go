package dialplan

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check proves of a dialplan file what must hold of everything that is published, and returns its stamp: it is well
// formed, one element stands on a line, nothing in it is an order to the preprocessor, only our own variables are
// expanded, every transfer has a target, no call goes in circles without somebody's doing, no call is left without an
// end, and the stamp is the hash of the text. The error names each fault.
func Check(data []byte) (string, error) {
	if err := checkLines(data); err != nil {
		return "", err
	}
	d, err := Read(data)
	if err != nil {
		return "", err
	}
	c := checker{doc: d}
	if c.router, err = newRouter(d); err != nil {
		return "", err
	}
	c.names()
	c.expansions()
	c.targets()
	c.circles()
	if !genuine(data) {
		c.fault("the stamp %q is not that of the text: the file was changed after it was generated", Stamp(string(data)))
	}
	if err := errors.Join(c.faults...); err != nil {
		return "", err
	}
	return Stamp(string(data)), nil
}

// lineRules are what the preprocessor, which works by lines before any XML is read, makes of a line.
var lineRules = []struct {
	fault  string
	breaks func(line string) bool
}{
	{"a control character", func(l string) bool { return strings.IndexFunc(l, unicode.IsControl) >= 0 }},
	{"an order to the preprocessor", regexp.MustCompile(`PRE-PROCESS|<!--#`).MatchString},
	{"a $${variable}, which is expanded when the file is loaded", regexp.MustCompile(`\$\$\{`).MatchString},
	{"<? makes the preprocessor drop the line", regexp.MustCompile(`<\?`).MatchString},
	{"more than one element on a line", regexp.MustCompile(`<[A-Za-z].*<[A-Za-z]`).MatchString},
	{"the preprocessor drops what stands beside <include>", regexp.MustCompile(`.</?include>|</?include>.`).MatchString},
	{"a comment must have its own line", func(l string) bool {
		return strings.Contains(l, "<!--") && (!strings.HasPrefix(l, "<!--") || strings.Index(l, "-->") != len(l)-3)
	}},
}

func checkLines(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("the dialplan is not UTF-8")
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := strings.Trim(string(line), " ")
		for _, rule := range lineRules {
			if rule.breaks(text) {
				return fmt.Errorf("dialplan line %d: %s", i+1, rule.fault)
			}
		}
	}
	return nil
}

type checker struct {
	doc    *Document
	router *router
	faults []error
}

func (c *checker) fault(format string, args ...any) {
	if len(c.faults) < 20 {
		c.faults = append(c.faults, fmt.Errorf(format, args...))
	}
}

func (c *checker) names() {
	if c.doc.Context != Context {
		c.fault("the context is named %q, not %q", c.doc.Context, Context)
	}
	seen := map[string]bool{}
	for _, e := range c.doc.Extensions {
		if seen[e.Name] {
			c.fault("extension %s stands twice; FreeSWITCH would take the first", e.Name)
		}
		seen[e.Name] = true
		if len(e.Conditions) == 0 || e.Conditions[0].Field != "destination_number" {
			c.fault("extension %s: its first condition must be the number, else it would take every call", e.Name)
		}
		if !ends(e) {
			c.fault("extension %s does not end in a transfer, hangup or park: a call in it would be left without an end of its own", e.Name)
		}
	}
	for _, name := range []string{ExtensionRevision, ExtensionAfter, ExtensionHold, ExtensionAgent} {
		if !seen[name] {
			c.fault("extension %s is missing", name)
		}
	}
}

// ends reports whether every way out of the extension leads away: the last condition on both sides, unless it always holds,
// and each that ends the extension when it holds.
func ends(e Extension) bool {
	for _, c := range e.Conditions {
		if c.Break == breakOnTrue && !leads(c.Actions) {
			return false
		}
	}
	if len(e.Conditions) == 0 {
		return false
	}
	end := last(e.Conditions)
	if !leads(end.Actions) {
		return false
	}
	return len(e.Conditions) == 1 || end.always() || leads(end.Else)
}

// always reports whether a condition asks for nothing.
func (c Condition) always() bool { return c.Field == "" && c.When == When{} }

func leads(actions []Action) bool {
	if len(actions) == 0 {
		return false
	}
	app := last(actions).App
	return app == "transfer" || app == "hangup" || app == "park"
}

// apps are the applications that Waihu uses. Another one hangs the call up when its module is not loaded, or runs a
// shell.
var apps = []string{
	"answer", "bridge", "event", "flush_dtmf", "hangup", "park", "play_and_get_digits", "playback", "record_session", "sched_cancel",
	"sched_hangup", "set", "sleep", "stop_record_session", "transfer", "unset",
}

// outside is all that may be called: no endpoint but a gateway, no options, one number.
var outside = regexp.MustCompile(`^sofia/gateway/[A-Za-z0-9_-]{1,32}/\+?[0-9]{1,32}$`)

var expansion = regexp.MustCompile(`\$\{([^}]*)(\}|$)`)

func (c *checker) expansions() {
	for _, e := range c.doc.Extensions {
		for i, cond := range e.Conditions {
			if !cond.sound(i) {
				c.fault("extension %s: condition on %q is not one of ours", e.Name, cond.Field)
			}
		}
	}
	c.doc.eachAction(func(e *Extension, a Action) {
		if !slices.Contains(apps, a.App) {
			c.fault("extension %s: application %q is not one of ours", e.Name, a.App)
		}
		if a.App == "bridge" && !outside.MatchString(a.Data) {
			c.fault("extension %s: bridge to %q is not a number over a gateway", e.Name, a.Data)
		}
		for _, m := range expansion.FindAllStringSubmatch(a.Data, -1) {
			if !ours(a.App, m[1]) {
				c.fault("extension %s: %s would expand ${%s}, which is not one of our variables", e.Name, a.App, m[1])
			}
		}
	})
}

// fields are what conditions behind the first one may look at.
var fields = []string{"destination_number", "${last_bridge_to}", "${" + backVariable + "}", "${" + keyVariable + "}"}

var timeRange = regexp.MustCompile(`^([0-9]{1,4}(-[0-9]{1,4})?)?$`)

// sound reports whether condition i of an extension is one of ours.
func (c Condition) sound(i int) bool {
	if c.Field == "" {
		w := c.When
		for _, v := range []string{w.Year, w.Month, w.Day, w.Weekday, w.MinuteOfDay} {
			if !timeRange.MatchString(v) {
				return false
			}
		}
		return i > 0 && c.Expression == "" && (c.Break == "" || c.Break == breakOnTrue) && len(c.Else) == 0
	}
	return (i == 0 && c.Field == "destination_number" || i > 0 && slices.Contains(fields, c.Field)) &&
		c.When == When{} && c.Break == "" && c.Expression != "" && !strings.Contains(c.Expression, "${")
}

// ours reports whether an application may expand a variable.
func ours(app, variable string) bool {
	return variable == keyVariable || variable == backVariable || variable == channelVariable && strings.HasSuffix(app, "record_session")
}

// edge is a way from one extension to another. An edge with input is taken only because a callee pressed a key or the
// controller bridged.
type edge struct {
	to    string
	input bool
}

// edges lists where an action may lead: a transfer, with our variables replaced by all that they may hold.
func (c *checker) edges(a Action) []edge {
	if target, ok := strings.CutPrefix(a.Data, "transfer_after_bridge="); ok && a.App == "set" {
		return []edge{{strings.TrimSuffix(target, ":XML:"+Context), true}}
	}
	if a.App != "transfer" {
		return nil
	}
	target := strings.TrimSuffix(a.Data, " XML "+Context)
	if before, ok := strings.CutSuffix(target, "${"+keyVariable+"}"); ok {
		out := []edge{{before, false}}
		for _, k := range allKeys {
			out = append(out, edge{before + string(k), true})
		}
		return out
	}
	if target == "${"+backVariable+"}" {
		var out []edge
		for _, back := range c.doc.setOf(backVariable) {
			out = append(out, edge{back, false})
		}
		return out
	}
	return []edge{{target, false}}
}

func (c *checker) targets() {
	c.doc.eachAction(func(e *Extension, a Action) {
		if a.App == "transfer" && !strings.HasSuffix(a.Data, " XML "+Context) {
			c.fault("extension %s transfers out of the context: %q", e.Name, a.Data)
			return
		}
		for _, to := range c.edges(a) {
			if c.router.find(to.to) != nil || c.cannotCome(e, to) {
				continue
			}
			c.fault("extension %s leads to %q, which does not exist: the call would be cut off", e.Name, to.to)
		}
	})
}

// cannotCome reports whether an edge belongs to a key that play_and_get_digits in the same extension does not let through.
func (c *checker) cannotCome(e *Extension, to edge) bool {
	if !to.input || strings.HasPrefix(to.to, ExtensionAfter) {
		return false
	}
	key := to.to[len(to.to)-1:]
	for _, cond := range e.Conditions {
		for _, a := range cond.Actions {
			if a.App != "play_and_get_digits" {
				continue
			}
			fields := strings.Fields(a.Data)
			if len(fields) != 10 {
				return false
			}
			re, err := regexp.Compile(fields[8])
			return err == nil && !re.MatchString(key)
		}
	}
	return false
}

// ahead lists the extensions to which calls go from e without anybody's doing. What follows digits that were given is the
// Else of the question whether there are none.
func (c *checker) ahead(e Extension) []string {
	var next []string
	for _, cond := range e.Conditions {
		actions := slices.Clone(cond.Actions)
		if cond.Field != "${"+keyVariable+"}" || cond.Expression != "^$" {
			actions = append(actions, cond.Else...)
		}
		for _, a := range actions {
			for _, to := range c.edges(a) {
				if found := c.router.find(to.to); found != nil && !to.input {
					next = append(next, found.Name)
				}
			}
		}
	}
	return next
}

// circles looks for ways back to an extension that need nobody's doing.
func (c *checker) circles() {
	next := map[string][]string{}
	for _, e := range c.doc.Extensions {
		next[e.Name] = c.ahead(e)
	}
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(name string) bool
	visit = func(name string) bool {
		switch state[name] {
		case open:
			return false
		case done:
			return true
		}
		state[name] = open
		for _, to := range next[name] {
			if !visit(to) {
				return false
			}
		}
		state[name] = done
		return true
	}
	for _, e := range c.doc.Extensions {
		if !visit(e.Name) {
			c.fault("calls would go in circles through extension %s without anybody's doing", e.Name)
			return
		}
	}
}
