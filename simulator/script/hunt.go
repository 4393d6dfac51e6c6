package script

import (
	"context"
	"fmt"
	"strings"
)

const (
	maxActions = 10_000 // of one destination
	maxNesting = 100    // of conditions, as FreeSWITCH
)

// lookup hunts a destination: extension after extension, until one matches that does not say continue="true".
func (p *plan) lookup(ctx context.Context, r Request) ([]Action, error) {
	if r.Context == "" {
		r.Context = "default"
	}
	c := p.contexts[r.Context]
	if c == nil {
		c = p.contexts["global"]
	}
	if c == nil {
		return nil, fmt.Errorf("hunt %s in context %s: %w", r.Destination, r.Context, ErrContext)
	}
	h := hunt{request: r}
	for _, x := range c.start(h.lookup, r.Destination) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("hunt %s in context %s: %w", r.Destination, r.Context, err)
		}
		if h.conditions(x.conditions, false, 0) && !x.goOn {
			break
		}
	}
	if !h.matched {
		return nil, fmt.Errorf("hunt %s in context %s: %w", r.Destination, r.Context, ErrNoRoute)
	}
	return h.actions, nil
}

// start is where hunting begins: at the extension named like the destination if the channel asks for that.
func (c *contextPlan) start(vars func(string) (string, bool), destination string) []*extension {
	if v, ok := vars("auto_hunt"); !ok || !isTrue(v) {
		return c.extensions
	}
	for i, x := range c.extensions {
		if x.name == destination {
			return c.extensions[i:]
		}
	}
	return c.extensions
}

type hunt struct {
	request Request
	own     map[string]*string // variables set by inline actions; nil = unset
	actions []Action
	matched bool
}

// lookup finds a variable, those of inline actions first. Fields of the caller profile are variables too.
func (h *hunt) lookup(name string) (string, bool) {
	if v, ok := h.own[name]; ok {
		if v == nil {
			return "", false
		}
		return *v, true
	}
	if v, ok := h.request.variable(name); ok {
		return v, true
	}
	v := h.request.field(name)
	return v, v != ""
}

// conditions reports whether the extension (or the condition that holds these) goes on.
func (h *hunt) conditions(list []*condition, optional bool, depth int) bool {
	if depth > maxNesting {
		return false
	}
	proceed := false
	for _, c := range list {
		passed, captures := h.passes(c)
		if passed {
			proceed = true
			for _, s := range c.actions {
				h.add(s, captures, false)
			}
		} else {
			// An anti-action counts as a match of the extension.
			proceed = len(c.anti) > 0
			for _, s := range c.anti {
				h.add(s, nil, true)
			}
		}
		if c.ends(passed) {
			break
		}
		if proceed && len(c.nested) > 0 {
			if proceed = h.conditions(c.nested, c.optional, depth+1); !proceed {
				if c.stop == never {
					continue
				}
				break
			}
		}
	}
	return proceed || optional
}

func (c *condition) ends(passed bool) bool {
	switch c.stop {
	case always:
		return true
	case onTrue:
		return passed
	case never:
		return false
	default:
		return !passed
	}
}

// passes reports whether a condition holds, with the captures for $1 of its actions (nil = leave the data alone).
func (h *hunt) passes(c *condition) (bool, []string) {
	passed, failed := 0, 0
	var captures []string
	for _, t := range c.tests {
		ok, found := h.test(t)
		if found != nil {
			captures = found
		}
		if ok {
			passed++
		} else {
			failed++
		}
		if c.rule == anyOf && ok || c.rule == allOf && !ok {
			break
		}
	}
	switch c.rule {
	case allOf:
		return failed == 0, captures
	case exactlyOne:
		return passed == 1, captures
	default:
		return passed > 0, captures
	}
}

func (h *hunt) test(t test) (bool, []string) {
	if t.never {
		return false, nil
	}
	if t.absolute {
		return len(t.when) == 0 || h.inTime(t.when), nil
	}
	value := h.request.field(t.field)
	if strings.Contains(t.field, "$") {
		value = Expand(t.field, h.lookup)
	}
	p := t.pattern
	if p == nil {
		p = compile(Expand(t.source, h.lookup))
	}
	found := p.match(value)
	if found == nil || !p.captures() {
		return found != nil, nil
	}
	return true, found
}

func (h *hunt) add(s step, captures []string, anti bool) {
	h.matched = true
	data := s.data
	if captures != nil {
		data = substitute(data, captures)
	}
	for range s.times {
		if len(h.actions) >= maxActions {
			return
		}
		if s.inline {
			h.run(s.app, data)
		}
		h.actions = append(h.actions, Action{App: s.app, Data: data, Inline: s.inline, Anti: anti})
	}
}

// run keeps what an inline action does to variables, because later conditions see it.
func (h *hunt) run(app, data string) {
	switch app {
	case "set", "export", "unset":
	default:
		return
	}
	if h.own == nil {
		h.own = map[string]*string{}
	}
	name, value, found := strings.Cut(Expand(data, h.lookup), "=")
	if app == "unset" || !found || value == "" || value == "_undef_" {
		h.own[name] = nil
		return
	}
	h.own[strings.TrimPrefix(name, "nolocal:")] = &value
}
