package dialplan

import (
	"fmt"
	"regexp"
	"strings"
)

// router chooses extensions as the switch does: the first whose conditions on the number hold. Nearly all of ours match
// one literal number, so that looking one up does not try thousands of expressions.
type router struct {
	doc      *Document
	literal  map[string]int
	patterns []pattern
}

type pattern struct {
	index  int
	prefix string // what every number that it takes begins with: saves trying the expression
	all    []*regexp.Regexp
}

var (
	literalExpression = regexp.MustCompile(`^\^([A-Za-z0-9_]+)\$$`)
	prefixExpression  = regexp.MustCompile(`^\^([A-Za-z0-9_]*)\[[^|]*\]\??\$$`)
)

func newRouter(d *Document) (*router, error) {
	r := &router{doc: d, literal: map[string]int{}}
	for i, e := range d.Extensions {
		p := pattern{index: i}
		literal := e.literal()
		for _, c := range e.Conditions {
			if literal != "" || c.Field != "destination_number" {
				continue
			}
			re, err := regexp.Compile(c.Expression)
			if err != nil {
				return nil, fmt.Errorf("extension %s: expression %s: %w", e.Name, c.Expression, err)
			}
			p.all = append(p.all, re)
			if m := prefixExpression.FindStringSubmatch(c.Expression); m != nil {
				p.prefix = m[1]
			}
		}
		if literal == "" {
			r.patterns = append(r.patterns, p)
			continue
		}
		if _, taken := r.literal[literal]; !taken {
			r.literal[literal] = i
		}
	}
	return r, nil
}

// literal is the one number that an extension takes, "" when its conditions are not that simple.
func (e Extension) literal() string {
	found := ""
	for i, c := range e.Conditions {
		if c.Field != "destination_number" {
			continue
		}
		m := literalExpression.FindStringSubmatch(c.Expression)
		if m == nil || i > 0 {
			return ""
		}
		found = m[1]
	}
	return found
}

// find gives the extension that takes a number, or nil.
func (r *router) find(number string) *Extension {
	best, found := r.literal[number]
	for _, p := range r.patterns {
		if found && p.index > best {
			break
		}
		if p.takes(number) {
			best, found = p.index, true
			break
		}
	}
	if !found {
		return nil
	}
	return &r.doc.Extensions[best]
}

func (p pattern) takes(number string) bool {
	if !strings.HasPrefix(number, p.prefix) {
		return false
	}
	for _, re := range p.all {
		if !re.MatchString(number) {
			return false
		}
	}
	return true
}
