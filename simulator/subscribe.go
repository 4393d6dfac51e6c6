package simulator

import (
	"regexp"
	"strings"
)

// filter is a condition on a header: with filters, only events that meet one come.
type filter struct {
	header, value string
	negative      bool
	pattern       *regexp.Regexp
}

func (c *conn) wants(number int, subclass string) bool {
	if !c.events[number] {
		return false
	}
	return number != 0 || c.all || c.custom[""] || c.custom[subclass]
}

func (c *conn) want(number int, yes bool) {
	if c.events[number] == yes {
		return
	}
	c.events[number] = yes
	if yes {
		c.s.wanted[number]++
	} else {
		c.s.wanted[number]--
	}
}

func (c *conn) unsubscribe() {
	for i := range c.events {
		c.want(i, false)
	}
	c.listening, c.all = false, false
	clear(c.custom)
}

// subscribe is "event plain NAME …"; what follows CUSTOM is subclasses.
func (c *conn) subscribe(rest string) {
	words := strings.Fields(rest)
	format := "plain"
	if len(words) > 0 {
		switch f := strings.ToLower(words[0]); f {
		case "plain", "json", "xml":
			format = f
			words = words[1:]
		}
	}
	known, custom := 0, false
	for _, w := range words {
		upper := strings.ToUpper(w)
		switch number := eventNumber(upper); {
		case custom:
			c.custom[w] = true
			known++
		case upper == "ALL":
			c.all = true
			for i := range c.events {
				c.want(i, true)
			}
			known++
		case number < 0:
		default:
			known++
			custom = upper == "CUSTOM"
			c.want(number, true)
		}
	}
	if custom && len(c.custom) == 0 {
		c.custom[""] = true
	}
	if known == 0 {
		c.reply("-ERR no keywords supplied")
		return
	}
	c.listening, c.format = true, format
	c.reply("+OK event listener enabled " + format)
}

func (c *conn) nix(rest string) {
	custom := false
	for _, w := range strings.Fields(rest) {
		upper := strings.ToUpper(w)
		switch number := eventNumber(upper); {
		case custom:
			delete(c.custom, w)
		case upper == "ALL":
			c.unsubscribe()
		case upper == "CUSTOM" && strings.Contains(rest, " "):
			custom = true
		case number >= 0:
			c.want(number, false)
		}
	}
	c.reply("+OK events nixed")
}

func (c *conn) filter(rest string) {
	words := strings.Fields(rest)
	if len(words) == 0 {
		c.reply("-ERR invalid syntax")
		return
	}
	if strings.EqualFold(words[0], "delete") {
		c.unfilter(words[1:])
		return
	}
	if len(words) < 2 {
		c.reply("-ERR invalid syntax")
		return
	}
	name, value := words[0], strings.Join(words[1:], " ")
	f := filter{header: name, value: value}
	f.value, f.negative = strings.CutPrefix(strings.TrimPrefix(f.value, "+"), "-")
	if p, ok := strings.CutPrefix(f.value, "/"); ok {
		re, err := regexp.Compile(strings.TrimSuffix(p, "/"))
		if err != nil {
			c.reply("-ERR invalid syntax")
			return
		}
		f.pattern = re
	}
	c.filters = append(c.filters, f)
	c.reply("+OK filter added. [" + name + "]=[" + value + "]")
}

func (c *conn) unfilter(words []string) {
	if len(words) == 0 {
		c.reply("-ERR invalid syntax")
		return
	}
	name, value := words[0], strings.Join(words[1:], " ")
	kept := c.filters[:0]
	for _, f := range c.filters {
		all := name == "all"
		if !all && (!strings.EqualFold(f.header, name) || value != "" && f.value != value) {
			kept = append(kept, f)
		}
	}
	c.filters = kept
	c.reply("+OK filter deleted. [" + name + "][" + value + "]")
}

// passes looks whether an event meets the filters.
func (c *conn) passes(text []byte) bool {
	if len(c.filters) == 0 {
		return true
	}
	hs, _ := headersOf(text)
	send := false
	for _, f := range c.filters {
		for _, h := range hs {
			if !strings.EqualFold(h.name, f.header) {
				continue
			}
			met := strings.EqualFold(h.value, f.value)
			if f.pattern != nil {
				met = f.pattern.MatchString(h.value)
			}
			if met && f.negative {
				return false
			}
			send = send || met
			break
		}
	}
	return send
}
