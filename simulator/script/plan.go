package script

import (
	"fmt"
	"strconv"
	"strings"
)

// plan is a dialplan section made ready for hunting: expressions compiled once, not at each call.
type plan struct {
	tree     *node // of the whole document, for xml_locate
	contexts map[string]*contextPlan
	faults   []string
}

type contextPlan struct{ extensions []*extension }

type extension struct {
	name       string
	goOn       bool // continue="true"
	conditions []*condition
}

// test is a field and an expression, of a condition or of a <regex> inside one.
type test struct {
	absolute bool // no field: always true
	never    bool // a time that is not read here
	when     []clockTest
	field    string
	source   string
	pattern  *pattern // nil when the expression holds variables
}

type rule int

const (
	single rule = iota
	anyOf
	allOf
	exactlyOne
)

type breakOn int

const (
	onFalse breakOn = iota
	onTrue
	always
	never
)

type condition struct {
	rule          rule
	tests         []test
	stop          breakOn
	actions, anti []step
	nested        []*condition
	optional      bool // require-nested="false"
}

type step struct {
	app, data string
	inline    bool
	times     int
}

// newPlan compiles the dialplan section of a document. Of two contexts with one name the first counts.
func newPlan(tree *node) *plan {
	p := &plan{tree: tree, contexts: map[string]*contextPlan{}}
	section := tree.child("section", "name", "dialplan")
	if section == nil {
		return p
	}
	for _, c := range section.children {
		name, named := c.attr("name")
		if c.name != "context" || !named {
			continue
		}
		if p.contexts[name] != nil {
			p.fault("context %s stands there twice; the first one counts", name)
			continue
		}
		p.contexts[name] = p.context(c)
	}
	return p
}

func (p *plan) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

func (p *plan) context(n *node) *contextPlan {
	c := &contextPlan{}
	for _, x := range n.children {
		if x.name != "extension" {
			continue
		}
		name := x.attrOr("name", "UNKNOWN")
		c.extensions = append(c.extensions, &extension{
			name:       name,
			goOn:       isTrue(x.attrOr("continue", "")),
			conditions: p.conditions(x, name),
		})
	}
	return c
}

func (p *plan) conditions(n *node, extension string) []*condition {
	var list []*condition
	for _, x := range n.children {
		if x.name == "condition" {
			list = append(list, p.condition(x, extension))
		}
	}
	return list
}

func (p *plan) condition(n *node, extension string) *condition {
	c := &condition{stop: breakWord(n.attrOr("break", ""))}
	if word, ok := n.attr("regex"); ok {
		c.rule = ruleWord(word)
		for _, x := range n.children {
			if x.name == "regex" {
				c.tests = append(c.tests, p.test(x, extension))
			}
		}
	} else {
		c.tests = []test{p.test(n, extension)}
	}
	for _, x := range n.children {
		switch x.name {
		case "action":
			c.actions = append(c.actions, newStep(x))
		case "anti-action":
			c.anti = append(c.anti, newStep(x))
		}
	}
	c.nested = p.conditions(n, extension)
	if v, ok := n.attr("require-nested"); ok && !isTrue(v) {
		c.optional = true
	}
	return c
}

func (p *plan) test(n *node, extension string) test {
	t := test{source: n.attrOr("expression", "")}
	if x := n.child("expression", "", ""); x != nil {
		t.source = string(x.text)
	}
	field, named := n.attr("field")
	t.when = clockTests(n)
	t.field, t.absolute = field, !named
	if word := timeOfDay(n); word != "" {
		t.never = !named
		p.fault("extension %s: conditions on %s are not read here", extension, word)
	}
	if !expandable(t.source) {
		t.pattern = compile(t.source)
		if t.pattern.err != nil {
			p.fault("extension %s: %v", extension, t.pattern.err)
		}
	}
	return t
}

func timeOfDay(n *node) string {
	for _, word := range []string{"date-time", "yday", "week", "mweek", "time-of-day", "tz-offset", "dst"} {
		if _, ok := n.attr(word); ok {
			return word
		}
	}
	return ""
}

func newStep(n *node) step {
	s := step{app: n.attrOr("application", ""), data: n.attrOr("data", ""), inline: isTrue(n.attrOr("inline", "")), times: 1}
	if len(n.text) > 0 {
		s.data = string(n.text)
	}
	if loop, ok := n.attr("loop"); ok {
		s.times = min(leadingInt(loop), maxActions)
	}
	return s
}

func ruleWord(s string) rule {
	switch strings.ToLower(s) {
	case "all":
		return allOf
	case "xor":
		return exactlyOne
	default:
		return anyOf
	}
}

func breakWord(s string) breakOn {
	switch strings.ToLower(s) {
	case "on-true":
		return onTrue
	case "always":
		return always
	case "never":
		return never
	default:
		return onFalse
	}
}

// isTrue is what FreeSWITCH takes for yes: a word, or any number but 0.
func isTrue(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "on", "true", "t", "enabled", "active", "allow":
		return true
	}
	n, err := strconv.Atoi(s)
	return err == nil && n != 0
}
