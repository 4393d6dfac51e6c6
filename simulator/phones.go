package simulator

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"waihu/simulator/town"
)

// Phone is an agent's phone that registers with the switch, and what it does when it is called.
type Phone struct {
	Extension string
	Domain    string
	Ping      time.Duration // of the OPTIONS that the switch sends; 0 = 8 ms

	Ring     time.Duration // how long it rings before it answers or refuses; 0 = half a second, a refusal at once
	Refuses  int           // SIP status that it answers calls with: 486 is busy, 603 declined; 0 = it takes them
	Unheeded bool          // nobody answers it: it rings until the switch gives up

	// Expires is when it has left the network without a word: it does not renew its registration. The switch forgets it a
	// minute and up to half a minute later, and says sofia::expire; until then a call to it fails with
	// NORMAL_TEMPORARY_FAILURE. 0 = it renews.
	Expires time.Duration
}

// phone is a registration.
type phone struct {
	Phone
	since time.Time
	lapse *timer
}

// Register lets phones register, or register anew with another behaviour. Extensions that never did can be called all the
// same, unless Config.Users says otherwise: they answer.
func (s *Simulator) Register(phones ...Phone) {
	s.enter()
	defer s.leave()
	for _, p := range phones {
		if p.Ping == 0 {
			p.Ping = 8 * time.Millisecond
		}
		have, known := s.phones[p.Extension]
		if known && have.Phone == p {
			continue
		}
		s.stop(have.lapse)
		if s.phones == nil {
			s.phones = map[string]phone{}
		}
		s.phones[p.Extension] = phone{Phone: p, since: s.now}
		s.awaitLapse(p.Extension)
		delete(s.away, p.Extension)
		s.tell("sofia::register", p, "Registered(UDP)")
	}
}

// Unregister takes a phone off: calls to it fail with USER_NOT_REGISTERED; one that is in progress goes on.
func (s *Simulator) Unregister(extension string) {
	s.enter()
	defer s.leave()
	p, known := s.phones[extension]
	s.stop(p.lapse)
	s.forgetPhone(extension)
	if known {
		s.tell("sofia::unregister", p.Phone, "Unregistered(UDP)")
	}
}

func (s *Simulator) forgetPhone(extension string) {
	if s.away == nil {
		s.away = map[string]bool{}
	}
	s.away[extension] = true
	delete(s.phones, extension)
}

// What the switch adds to the time of a registration that is not renewed before it forgets it: a grace, and the time until
// it looks again. Of 10 s it forgot one 86 s after it was made.
const (
	expiryGrace = time.Minute
	expirySweep = 30 * time.Second
)

// awaitLapse lets the switch forget a registration that will not be renewed.
func (s *Simulator) awaitLapse(extension string) {
	p := s.phones[extension]
	if p.Expires <= 0 {
		return
	}
	due := p.since.Add(p.Expires + expiryGrace).Truncate(expirySweep).Add(expirySweep)
	p.lapse = s.at(due, func() {
		s.forgetPhone(extension)
		s.fire(event{kind: evSent, name: "CUSTOM", subclass: "sofia::expire", tail: []header{
			{"profile-name", AgentProfile}, {"call-id", extension + "-1@" + address4}, {"user", extension}, {"username", extension}, {"host", p.Domain},
			{"contact", p.contact()}, {"expires", strconv.FormatInt(p.since.Add(p.Expires+expiryGrace).Unix(), 10)}, {"user-agent", phoneAgent},
			{"realm", p.Domain}, {"network-ip", address4}, {"network-port", "5090"},
		}})
	})
	s.phones[extension] = p
}

// picksUp is what a phone does with a call. One that never registered answers.
func (s *Simulator) picksUp(extension string) town.Callee {
	p := s.phones[extension]
	ring := p.Ring
	if ring == 0 {
		ring = 500 * time.Millisecond
	}
	switch {
	case p.Expires > 0 && !s.now.Before(p.since.Add(p.Expires)):
		c := town.Refusal(503) // the network says that nobody is at the address
		c.Ring = pollEvery
		return c
	case p.Refuses != 0:
		c := town.Refusal(p.Refuses)
		c.Ring = pollEvery
		if p.Ring > 0 {
			c.Silent, c.Progress, c.Ring = false, setupTime, setupTime+p.Ring
		}
		return c
	case p.Unheeded:
		return town.Callee{Progress: setupTime}
	default:
		return town.Callee{Answer: true, Progress: setupTime, Ring: setupTime + ring}
	}
}

// contact is where a phone is, as SIP writes it.
func (p Phone) contact() string { return `"" <sip:` + p.Extension + "@" + address4 + ":5090>" }

// lasts is for how many seconds it registers.
func (p Phone) lasts() int {
	if p.Expires > 0 {
		return max(int(p.Expires.Seconds()), 1)
	}
	return 3600
}

const phoneAgent = "Waihu simulated phone"

func (s *Simulator) tell(subclass string, p Phone, status string) {
	s.fire(event{kind: evSent, name: "CUSTOM", subclass: subclass, tail: []header{
		{"profile-name", AgentProfile}, {"from-user", p.Extension}, {"from-host", p.Domain}, {"contact", p.contact()},
		{"call-id", p.Extension + "-1@" + address4}, {"rpid", "unknown"}, {"status", status}, {"expires", strconv.Itoa(p.lasts())}, {"to-user", p.Extension},
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
		if p.Expires > 0 {
			left = p.lasts() - int(s.now.Sub(p.since).Seconds())
		}
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
