package simulator

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Phone is an agent's phone that registers with the switch.
type Phone struct {
	Extension string
	Domain    string
	Ping      time.Duration // of the OPTIONS that the switch sends; 0 = 8 ms
}

// phone is a registration.
type phone struct {
	Phone
	since time.Time
}

// Register lets phones register, or register anew. Extensions that never did can be called all the same, unless
// Config.Users says otherwise.
func (s *Simulator) Register(phones ...Phone) {
	s.enter()
	defer s.leave()
	for _, p := range phones {
		if p.Ping == 0 {
			p.Ping = 8 * time.Millisecond
		}
		if have, known := s.phones[p.Extension]; known && have.Phone == p {
			continue
		}
		if s.phones == nil {
			s.phones = map[string]phone{}
		}
		s.phones[p.Extension] = phone{p, s.now}
		delete(s.away, p.Extension)
		s.tell("sofia::register", p, "Registered(UDP)")
	}
}

// Unregister takes a phone off: calls to it fail with USER_NOT_REGISTERED; one that is in progress goes on.
func (s *Simulator) Unregister(extension string) {
	s.enter()
	defer s.leave()
	p, known := s.phones[extension]
	if s.away == nil {
		s.away = map[string]bool{}
	}
	s.away[extension] = true
	if known {
		delete(s.phones, extension)
		s.tell("sofia::unregister", p.Phone, "Unregistered(UDP)")
	}
}

// contact is where a phone is, as SIP writes it.
func (p Phone) contact() string { return `"" <sip:` + p.Extension + "@" + address4 + ":5090>" }

const phoneAgent = "Waihu simulated phone"

func (s *Simulator) tell(subclass string, p Phone, status string) {
	s.fire(event{kind: evSent, name: "CUSTOM", subclass: subclass, tail: []header{
		{"profile-name", AgentProfile}, {"from-user", p.Extension}, {"from-host", p.Domain}, {"contact", p.contact()},
		{"call-id", p.Extension + "-1@" + address4}, {"rpid", "unknown"}, {"status", status}, {"expires", "3600"}, {"to-user", p.Extension},
		{"to-host", p.Domain}, {"network-ip", address4}, {"network-port", "5090"}, {"username", p.Extension}, {"realm", p.Domain}, {"user-agent", phoneAgent},
	}})
}

// AgentProfile is the sofia profile at which agents' phones register.
const AgentProfile = "waihu_agents"

// registrations is "sofia xmlstatus profile NAME reg".
func (s *Simulator) registrations(profile string) string {
	if profile != "internal" && profile != "external" && profile != AgentProfile {
		return "Invalid Profile!\n"
	}
	var b bytes.Buffer
	b.WriteString(xmlHeader + "<profile>\n<registrations>\n")
	for _, ext := range slices.Sorted(maps.Keys(s.phones)) {
		if profile != AgentProfile {
			break
		}
		p := s.phones[ext]
		left := 3600 - int(s.now.Sub(p.since).Seconds())%3000
		b.WriteString("    <registration>\n")
		for _, f := range [][2]string{
			{"call-id", ext + "-1@" + address4}, {"user", ext + "@" + p.Domain}, {"contact", p.contact()}, {"agent", phoneAgent},
			{"status", fmt.Sprintf("Registered(UDP)(unknown) exp(%s) expsecs(%d)", s.now.Add(time.Duration(left)*time.Second).Format("2006-01-02 15:04:05"), left)},
			{"ping-status", "Reachable"}, {"ping-time", strconv.FormatFloat(float64(p.Ping.Microseconds())/1000, 'f', 2, 64)}, {"host", hostname},
			{"network-ip", address4}, {"network-port", "5090"}, {"sip-auth-user", ext}, {"sip-auth-realm", p.Domain}, {"mwi-account", ext + "@" + p.Domain},
		} {
			b.WriteString("        <" + f[0] + ">")
			b.WriteString(quoted.Replace(f[1]))
			b.WriteString("</" + f[0] + ">\n")
		}
		b.WriteString("    </registration>\n")
	}
	b.WriteString("</registrations>\n</profile>\n")
	return b.String()
}

// quoted writes what the switch escapes in these pages, the way it does.
var quoted = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// reachable says why a phone cannot be called, "" = it can.
func (s *Simulator) reachable(ext string) string {
	registered, known := s.cfg.Users[ext]
	switch {
	case s.cfg.Users != nil && !known:
		return "SUBSCRIBER_ABSENT"
	case s.cfg.Users != nil && !registered, s.away[ext]:
		return "USER_NOT_REGISTERED"
	default:
		return ""
	}
}

// eavesdropping is a supervisor's leg that hears another one, for as long as that lives.
type eavesdropping struct{ over *channel }

func appEavesdrop(ch *channel, data string) work {
	over := ch.s.channels[strings.TrimSpace(data)]
	if over == nil || over.cause.name != "" {
		ch.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch)
		return nil
	}
	return &eavesdropping{over}
}

func (e *eavesdropping) begin(ch *channel) bool {
	e.over.watchers = append(e.over.watchers, ch)
	ch.s.report.watched(ch, e.over)
	ch.s.fire(event{kind: evBugStart, channel: e.over, lead: []header{{"Media-Bug-Function", "eavesdrop"}, {"Media-Bug-Target", e.over.uuid}}})
	return false
}
func (e *eavesdropping) elapsed(*channel) bool { return true }
func (e *eavesdropping) pressed(ch *channel) bool {
	ch.digits = ch.digits[:0]
	return false
}
func (e *eavesdropping) end(ch *channel, _ ending) {
	e.over.watchers = slices.DeleteFunc(e.over.watchers, func(w *channel) bool { return w == ch })
	ch.s.fire(event{kind: evBugStop, channel: e.over, lead: []header{{"Media-Bug-Function", "eavesdrop"}, {"Media-Bug-Target", e.over.uuid}}})
}
func (e *eavesdropping) pause(*channel)  {}
func (e *eavesdropping) resume(*channel) {}

// unwatch ends the legs that listen to one that is over.
func (ch *channel) unwatch() {
	for _, w := range slices.Clone(ch.watchers) {
		ch.s.after(pollEvery, func() { w.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch) })
	}
}

// conferencing is a member of a conference.
type conferencing struct{ room string }

func appConference(_ *channel, data string) work {
	room, _, _ := strings.Cut(data, "@")
	if room == "" {
		return nil
	}
	return &conferencing{room}
}

func (c *conferencing) begin(ch *channel) bool {
	c.tell(ch, "add-member")
	return false
}
func (c *conferencing) tell(ch *channel, action string) {
	size := 0
	for _, other := range ch.s.channels {
		if f := other.top(); f != nil {
			if w, in := f.work.(*conferencing); in && w.room == c.room && other != ch {
				size++
			}
		}
	}
	if action == "add-member" {
		size++
	}
	ch.s.fire(event{kind: evSent, name: "CUSTOM", subclass: "conference::maintenance", channel: ch, tail: []header{
		{"Conference-Name", c.room}, {"Conference-Size", strconv.Itoa(size)}, {"Conference-Profile-Name", "default"}, {"Action", action},
	}})
}
func (c *conferencing) elapsed(*channel) bool { return true }
func (c *conferencing) pressed(ch *channel) bool {
	ch.digits = ch.digits[:0]
	return false
}
func (c *conferencing) end(ch *channel, _ ending) { c.tell(ch, "del-member") }
func (c *conferencing) pause(*channel)            {}
func (c *conferencing) resume(*channel)           {}
