package simulator

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

const (
	rule      = "=================================================================================================\n"
	xmlHeader = `<?xml version="1.0" encoding="ISO-8859-1"?>` + "\n"
)

// gatewayNames are the configured gateways; a switch that knows every name has none to list.
func (s *Simulator) gatewayNames() []string {
	names := make([]string, 0, len(s.cfg.Gateways))
	for name := range s.cfg.Gateways {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s *Simulator) gateway(name string) (Gateway, bool) {
	g, ok := s.cfg.Gateways[name]
	return g, ok || len(s.cfg.Gateways) == 0 && name != ""
}

func apiSofia(s *Simulator, arg string) string {
	w := words(arg, 3)
	status := w[0] == "status" || w[0] == "xmlstatus"
	switch {
	case w[0] == "profile":
		return s.sofiaProfile(w)
	case status && w[1] == "gateway":
		return s.sofiaGateway(w[0] == "xmlstatus", w[2])
	case w[0] == "xmlstatus" && w[1] == "profile" && slices.Equal(w[3:], []string{"reg"}):
		return s.registrations(w[2])
	case w[0] == "status" && w[1] == "":
		return s.sofiaStatus()
	case w[0] == "xmlstatus" && w[1] == "":
		return s.sofiaXML()
	default:
		return "-ERR Unknown command!\n"
	}
}

// sofiaGateway tells about one gateway, or in XML about all.
func (s *Simulator) sofiaGateway(asXML bool, name string) string {
	if asXML && name == "" {
		var b strings.Builder
		b.WriteString(xmlHeader + "<gateways>\n")
		for _, name := range s.gatewayNames() {
			b.WriteString(gatewayXML(s.gatewayFields(name)))
		}
		return b.String() + "</gateways>\n"
	}
	if _, ok := s.gateway(name); !ok {
		return "Invalid Gateway!\n"
	}
	if asXML {
		return xmlHeader + gatewayXML(s.gatewayFields(name))
	}
	return gatewayPlain(s.gatewayFields(name))
}

func (s *Simulator) sofiaProfile(w []string) string {
	if w[1] != "internal" && w[1] != "external" {
		return "Invalid Profile [" + w[1] + "]"
	}
	switch w[2] {
	case "rescan":
		return "Reload XML [Success]\n+OK scan complete\n"
	case "gwlist":
		want := len(w) < 4 || w[3] != "down"
		var b strings.Builder
		for _, name := range s.gatewayNames() {
			if w[1] == "external" && s.cfg.Gateways[name].Down != want {
				b.WriteString(name + " ")
			}
		}
		return b.String()
	case "killgw":
		return "-ERR no such gateway.\n"
	default:
		return "-ERR Unknown command!\n"
	}
}

func (s *Simulator) running(profile string) string {
	n := 0
	for _, ch := range s.channels {
		if ch.profile == profile {
			n++
		}
	}
	return "RUNNING (" + strconv.Itoa(n) + ")"
}

func (s *Simulator) sofiaStatus() string {
	var b strings.Builder
	pad := func(v string, n int) string { return strings.Repeat(" ", max(0, n-len(v))) + v }
	line := func(name, kind, data, state string) {
		b.WriteString(pad(name, 25) + "\t" + pad(kind, 7) + "\t" + pad(data, 42) + "\t" + state + "\n")
	}
	line("Name", "Type", "Data", "State")
	b.WriteString(rule)
	line("127.0.0.1", "alias", "internal", "ALIASED")
	line("external", "profile", "sip:mod_sofia@127.0.0.1:5080", s.running("external"))
	for _, name := range s.gatewayNames() {
		line("external::"+name, "gateway", "sip:not-used@127.0.0.1:5070", "NOREG")
	}
	line("internal", "profile", "sip:mod_sofia@127.0.0.1:5060", s.running("internal"))
	b.WriteString(rule + "2 profiles 1 alias\n")
	return b.String()
}

func (s *Simulator) sofiaXML() string {
	var b strings.Builder
	entry := func(tag, name, kind, data, state string) {
		b.WriteString("<" + tag + ">\n<name>" + name + "</name>\n<type>" + kind + "</type>\n<data>" + data + "</data>\n<state>" +
			state + "</state>\n</" + tag + ">\n")
	}
	b.WriteString(xmlHeader + "<profiles>\n")
	entry("alias", "127.0.0.1", "alias", "internal", "ALIASED")
	entry("profile", "external", "profile", "sip:mod_sofia@127.0.0.1:5080", s.running("external"))
	for _, name := range s.gatewayNames() {
		entry("gateway", name, "gateway", "sip:not-used@127.0.0.1:5070", "NOREG")
	}
	b.WriteString("\n")
	entry("profile", "internal", "profile", "sip:mod_sofia@127.0.0.1:5060", s.running("internal"))
	b.WriteString("</profiles>\n")
	return b.String()
}

// field is one line of a gateway's status: its names in the plain and in the XML text.
type field struct{ plain, xml, value string }

func (s *Simulator) gatewayFields(name string) []field {
	g, _ := s.gateway(name)
	status, pingState, freq := "UP", "0/0/0", "0"
	if g.Down {
		status, pingState, freq = "DOWN", "1/0/1", "5"
	}
	up := s.now.Sub(s.started)
	calls := 0
	for _, ch := range s.channels {
		if ch.gateway == name {
			calls++
		}
	}
	return []field{
		{"Name    ", "name", name}, {"Profile ", "profile", "external"}, {"Scheme  ", "scheme", "Digest"},
		{"Realm   ", "realm", "127.0.0.1"}, {"Username", "username", "not-used"}, {"Password", "password", "yes"},
		{"From    ", "from", "<sip:not-used@127.0.0.1:5070>"},
		{"Contact ", "contact", "<sip:gw+" + name + "@127.0.0.1:5080;transport=udp;gw=" + name + ">"},
		{"Exten   ", "exten", "auto_to_user"}, {"To      ", "to", "sip:not-used@127.0.0.1:5070"},
		{"Proxy   ", "proxy", "sip:127.0.0.1:5070"}, {"Context ", "context", "public"}, {"Expires ", "expires", "3600"},
		{"Freq    ", "freq", "3600"}, {"Ping    ", "ping", "0"}, {"PingFreq", "pingfreq", freq},
		{"", "pingmin", "0"}, {"", "pingcount", "0"}, {"", "pingmax", "0"}, {"PingTime", "pingtime", "0.00"},
		{"PingState", "", pingState}, {"", "pinging", "0"}, {"State   ", "state", "NOREG"}, {"Status  ", "status", status},
		{"Uptime  ", "", strconv.FormatInt(int64(up.Seconds()), 10) + "s"},
		{"", "uptime-usec", strconv.FormatInt(up.Microseconds(), 10)}, {"CallsIN ", "calls-in", "0"},
		{"CallsOUT", "calls-out", strconv.Itoa(calls)}, {"FailedCallsIN", "failed-calls-in", "0"},
		{"FailedCallsOUT", "failed-calls-out", "0"},
	}
}

func gatewayPlain(fields []field) string {
	var b strings.Builder
	b.WriteString(rule)
	for _, f := range fields {
		if f.plain != "" {
			b.WriteString(f.plain + "\t" + f.value + "\n")
		}
	}
	return b.String() + rule
}

func gatewayXML(fields []field) string {
	var b bytes.Buffer
	b.WriteString("  <gateway>\n")
	for _, f := range fields {
		if f.xml == "" {
			continue
		}
		b.WriteString("    <" + f.xml + ">")
		_ = xml.EscapeText(&b, []byte(f.value)) // into memory
		b.WriteString("</" + f.xml + ">\n")
	}
	b.WriteString("  </gateway>\n")
	return b.String()
}

func apiSofiaContact(s *Simulator, arg string) string {
	ext, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(arg), "*/"), "@")
	if s.reachable(ext) == "" {
		return "sofia/internal/sip:" + ext + "@127.0.0.1:5090"
	}
	return "error/user_not_registered"
}
