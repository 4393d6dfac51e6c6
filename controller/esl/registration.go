package esl

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Registration is a phone that has told the switch where it is.
type Registration struct {
	Profile   string // sofia profile
	User      string
	Domain    string
	Contact   string        // "" <sip:1000@192.0.2.7:5060>
	UserAgent string        // what the phone calls itself
	Status    string        // Registered(UDP)
	Address   string        // host:port that it came from
	Reachable bool          // by the last OPTIONS, and when it is never asked
	Ping      time.Duration // of the last OPTIONS; 0 = never asked
	ExpiresIn time.Duration // until it must register again; negative within the switch's grace
}

// Profile is a sofia profile, a SIP listener of the switch.
type Profile struct {
	Name  string
	URI   string // sip:mod_sofia@192.0.2.2:5060
	State string // RUNNING (3), with the calls in brackets; DOWN
}

// Running reports whether the profile takes calls.
func (p Profile) Running() bool { return strings.HasPrefix(p.State, "RUNNING") }

// Profiles lists the sofia profiles of the switch, without aliases and gateways.
func (c *Client) Profiles(ctx context.Context) ([]Profile, error) {
	text, err := c.ask(ctx, profiles(), nil)
	if err != nil {
		return nil, err
	}
	return parseProfiles(text)
}

// Registrations lists the phones that are registered with a profile, with every running one when profile is "". A models
// not_found error when the switch has no such profile.
func (c *Client) Registrations(ctx context.Context, profile string) ([]Registration, error) {
	if profile != "" {
		m, err := registrations(profile)
		text, err := c.ask(ctx, m, err)
		if err != nil {
			return nil, err
		}
		return parseRegistrations(profile, text)
	}
	list, err := c.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	var out []Registration
	for _, p := range list {
		if !p.Running() {
			continue
		}
		of, err := c.Registrations(ctx, p.Name)
		if err != nil {
			return nil, fmt.Errorf("list phones of profile %s: %w", p.Name, err)
		}
		out = append(out, of...)
	}
	return out, nil
}

func profiles() message { return api(verbSofia, fixed("xmlstatus")) }

func registrations(profile string) (message, error) {
	var p parts
	return p.finish(verbSofia, fixed("xmlstatus"), fixed("profile"), p.take(nameOf("profile", profile)), fixed("reg"))
}

// element is one line of the switch's status pages: <tag>, </tag> or <tag>value</tag>. They look like XML and are none: what
// phones say of themselves (call-id, agent) stands in them as it came, so that one phone could make the page of all unreadable
// to a real parser. A header of SIP has no line ends, so a line is what a phone cannot break out of.
type element struct {
	tag   string
	value string
	end   bool // </tag>
	field bool // <tag>value</tag>
}

// entities are those that the switch writes.
var entities = strings.NewReplacer("&quot;", `"`, "&lt;", "<", "&gt;", ">", "&apos;", "'", "&#39;", "'", "&amp;", "&")

func elementOf(line string) (element, bool) {
	line = strings.TrimSpace(line)
	tag, rest, ok := strings.Cut(strings.TrimPrefix(line, "<"), ">")
	switch {
	case !ok || line[0] != '<' || tag == "" || strings.ContainsAny(tag, " <?!"):
		return element{}, false
	case tag[0] == '/':
		return element{tag: tag[1:], end: true}, rest == ""
	case rest == "":
		return element{tag: tag}, true
	}
	value, ok := strings.CutSuffix(rest, "</"+tag+">")
	return element{tag: tag, value: strings.ToValidUTF8(entities.Replace(value), "\uFFFD"), field: true}, ok
}

// rows are the fields of each <item> within the <list>. A page that does not end as it should is an error: what is missing
// from a part would count as gone.
func rows(text, list, item string) ([][]element, error) {
	out := [][]element{}
	var row []element
	begun, ended, open := false, false, false
	for line := range strings.Lines(text) {
		e, ok := elementOf(line)
		switch {
		case !ok:
		case e.field:
			if open {
				row = append(row, e)
			}
		case e.tag == list:
			begun, ended = begun || !e.end, begun && e.end
		case e.tag == item && e.end:
			if open {
				out = append(out, row)
			}
			row, open = nil, false
		case e.tag == item:
			row, open = nil, begun
		}
	}
	if !ended || open {
		return nil, fmt.Errorf("%.60q is not a whole list of %s", text, list)
	}
	return out, nil
}

// parseRegistrations reads "sofia xmlstatus profile NAME reg".
func parseRegistrations(profile, text string) ([]Registration, error) {
	if strings.HasPrefix(text, "Invalid Profile") {
		return nil, missing("profile", "the switch has no such SIP profile: check its name and start it",
			"交换机中没有该 SIP 配置：请检查名称并启动")
	}
	list, err := rows(text, "registrations", "registration")
	if err != nil {
		return nil, fmt.Errorf("read phones of profile %s: %w", profile, err)
	}
	out := make([]Registration, 0, len(list))
	for _, fields := range list {
		r := Registration{Profile: profile, Reachable: true}
		for _, e := range fields {
			r.take(e)
		}
		if r.User != "" {
			out = append(out, r)
		}
	}
	return out, nil
}

func (r *Registration) take(e element) {
	switch e.tag {
	case "user":
		at := strings.LastIndexByte(e.value, '@')
		if at < 0 {
			at = len(e.value)
		}
		r.User, r.Domain = e.value[:at], strings.TrimPrefix(e.value[at:], "@")
	case "contact":
		r.Contact = e.value
	case "agent":
		r.UserAgent = e.value
	case "status":
		r.Status, _, _ = strings.Cut(e.value, "(unknown)")
		r.Status, _, _ = strings.Cut(r.Status, " exp(")
		r.ExpiresIn = seconds(e.value, "expsecs(")
	case "ping-status":
		r.Reachable = e.value != "Unreachable"
	case "ping-time":
		if ms, err := strconv.ParseFloat(e.value, 64); err == nil && ms > 0 && ms < 1e6 {
			r.Ping = time.Duration(ms * float64(time.Millisecond))
		}
	case "network-ip":
		r.Address = e.value
	case "network-port":
		if r.Address != "" && e.value != "" {
			r.Address += ":" + e.value
		}
	}
}

// seconds is the number, perhaps negative, that follows mark in s.
func seconds(s, mark string) time.Duration {
	_, rest, _ := strings.Cut(s, mark)
	n := leading(strings.TrimPrefix(rest, "-"))
	if strings.HasPrefix(rest, "-") {
		n = -n
	}
	return time.Duration(n) * time.Second
}

// parseProfiles reads "sofia xmlstatus", where profiles, aliases and gateways stand side by side.
func parseProfiles(text string) ([]Profile, error) {
	list, err := rows(text, "profiles", "profile")
	if err != nil {
		return nil, fmt.Errorf("read profiles of the switch: %w", err)
	}
	out := make([]Profile, 0, len(list))
	for _, fields := range list {
		var p Profile
		for _, e := range fields {
			switch e.tag {
			case "name":
				p.Name = e.value
			case "data":
				p.URI = e.value
			case "state":
				p.State = e.value
			}
		}
		if p.Name != "" {
			out = append(out, p)
		}
	}
	return out, nil
}
