package simulator

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

const (
	hostname   = "vm"
	switchname = "waihu-simulator"
	version    = "1.10.12-release"
	address4   = "127.0.0.1"
	address6   = "::1"
)

// prefix is the room before an event's text for the two framing headers.
const prefix = 64

// event is what is fired besides the core's and the channel's own headers.
type event struct {
	kind     kind
	name     string // of a sendevent, else the kind's
	subclass string // of CUSTOM
	channel  *channel
	lead     []header // before the channel's headers
	tail     []header // after them
	body     string
	sequence int64 // 0 = the next one
}

// fire formats an event once and hands it to whoever subscribed it.
func (s *Simulator) fire(e event) {
	number := kindEvents[e.kind]
	if e.name != "" {
		number = eventNumber(e.name)
	} else {
		e.name = origins[e.kind].event
	}
	if e.sequence == 0 {
		s.sequence++
		e.sequence = s.sequence
	}
	if number < 0 || s.wanted[number] == 0 {
		return
	}
	text := s.format(e)
	for _, c := range s.conns {
		if c.wants(number, e.subclass) && c.passes(text[prefix:]) {
			s.deliver(c, e.name, c.frame(text))
		}
	}
}

// format writes the event's text behind prefix bytes of room. It is valid until the next call.
func (s *Simulator) format(e event) []byte {
	b := s.scratch[:prefix]
	if e.subclass != "" {
		b = appendHeader(b, "Event-Subclass", e.subclass)
	}
	b = s.appendCore(b, e)
	for _, h := range e.lead {
		b = appendHeader(b, h.name, h.value)
	}
	if e.channel != nil {
		b = e.channel.appendHeaders(b)
		if origins[e.kind].variables || e.kind == evSent {
			b = e.channel.appendVariables(b)
		}
	}
	for _, h := range e.tail {
		b = appendHeader(b, h.name, h.value)
	}
	if e.body != "" {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(e.body)), 10)
		b = append(b, '\n')
	}
	b = append(b, '\n')
	b = append(b, e.body...)
	s.scratch = b
	return b
}

func (s *Simulator) appendCore(b []byte, e event) []byte {
	o := origins[e.kind]
	s.dates.set(s.now)
	b = append(b, "Event-Name: "...)
	b = append(b, e.name...)
	b = append(b, "\nCore-UUID: "...)
	b = append(b, s.core...)
	b = append(b, "\nFreeSWITCH-Hostname: "+hostname+"\nFreeSWITCH-Switchname: "+switchname+
		"\nFreeSWITCH-IPv4: "+address4+"\nFreeSWITCH-IPv6: %3A%3A1\n"...)
	b = append(b, s.dates.text...)
	b = append(b, "Event-Date-Timestamp: "...)
	b = strconv.AppendInt(b, s.now.UnixMicro(), 10)
	b = append(b, "\nEvent-Calling-File: "...)
	b = append(b, o.file...)
	b = append(b, "\nEvent-Calling-Function: "...)
	b = append(b, o.function...)
	b = append(b, "\nEvent-Calling-Line-Number: "...)
	b = append(b, o.line...)
	b = append(b, "\nEvent-Sequence: "...)
	b = strconv.AppendInt(b, e.sequence, 10)
	return append(b, '\n')
}

// dateCache holds the two date headers, which change once a second.
type dateCache struct {
	second int64
	text   []byte
}

func (d *dateCache) set(now time.Time) {
	if d.second == now.Unix() && d.text != nil {
		return
	}
	d.second = now.Unix()
	d.text = d.text[:0]
	d.text = appendHeader(d.text, "Event-Date-Local", now.UTC().Format(time.DateTime))
	d.text = appendHeader(d.text, "Event-Date-GMT", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
}

// frame puts the two framing headers before text, in the room left there, or formats it anew for other formats.
func (c *conn) frame(text []byte) []byte {
	if c.format == "json" {
		body := toJSON(text[prefix:])
		return append([]byte("Content-Length: "+strconv.Itoa(len(body))+"\nContent-Type: text/event-json\n\n"), body...)
	}
	kind := "plain"
	if c.format == "xml" {
		kind = "xml"
		text = append(make([]byte, prefix), toXML(text[prefix:])...)
	}
	var room [prefix]byte
	b := append(room[:0], "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(text)-prefix), 10)
	b = append(b, "\nContent-Type: text/event-"...)
	b = append(b, kind...)
	b = append(b, "\n\n"...)
	start := prefix - len(b)
	copy(text[start:], b)
	return text[start:]
}

// headersOf splits a plain event; values are decoded.
func headersOf(text []byte) (hs []header, body string) {
	head, rest, _ := bytes.Cut(text, []byte("\n\n"))
	for line := range strings.SplitSeq(string(head), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		hs = append(hs, header{name, unescape(value)})
	}
	return hs, string(rest)
}

func toJSON(text []byte) []byte {
	hs, body := headersOf(text)
	if body != "" {
		hs = append(hs, header{"_body", body})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, h := range hs {
		b.WriteByte("{,"[min(i, 1)])
		writeJSON(enc, &b, h.name)
		b.WriteByte(':')
		if list, ok := strings.CutPrefix(h.value, "ARRAY::"); ok {
			for j, v := range strings.Split(list, "|:") {
				b.WriteByte("[,"[min(j, 1)])
				writeJSON(enc, &b, v)
			}
			b.WriteByte(']')
			continue
		}
		writeJSON(enc, &b, h.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func writeJSON(enc *json.Encoder, b *bytes.Buffer, v string) {
	_ = enc.Encode(v) // a string into memory
	b.Truncate(b.Len() - 1)
}

func toXML(text []byte) []byte {
	var b bytes.Buffer
	hs, body := headersOf(text)
	b.WriteString("<event>\n  <headers>\n")
	for _, h := range hs {
		b.WriteString("    <" + h.name + ">")
		b.Write(appendEscaped(nil, h.value))
		b.WriteString("</" + h.name + ">\n")
	}
	b.WriteString("  </headers>\n")
	if body != "" {
		b.WriteString("  <body>")
		b.Write(appendEscaped(nil, body))
		b.WriteString("</body>\n")
	}
	b.WriteString("</event>")
	return b.Bytes()
}

// heartbeatEvery is FreeSWITCH's default.
const heartbeatEvery = 20 * time.Second

// heartbeat fires HEARTBEAT and arranges the next one: not more than five in a real second, however fast the clock.
func (s *Simulator) heartbeat() {
	every := max(heartbeatEvery, time.Duration(s.cfg.Clock.Speed()*float64(200*time.Millisecond)))
	s.at(s.cfg.Clock.Now().Add(every), s.heartbeat)
	up := s.now.Sub(s.started)
	itoa := strconv.Itoa
	s.limits.roll(s.now)
	s.fire(event{kind: evHeartbeat, tail: []header{
		{"Event-Info", "System Ready"},
		{"Up-Time", upTime(up)},
		{"FreeSWITCH-Version", "1.10.12-release+git~20240802T210227Z~a88d069d6f~64bit"},
		{"Uptime-msec", strconv.FormatInt(up.Milliseconds(), 10)},
		{"Session-Count", itoa(len(s.channels))},
		{"Max-Sessions", itoa(s.limits.maxSessions)},
		{"Session-Per-Sec", itoa(s.limits.perSecond)},
		{"Session-Per-Sec-Last", itoa(s.limits.inSecond)},
		{"Session-Per-Sec-Max", itoa(s.limits.peakPerSecond)},
		{"Session-Per-Sec-FiveMin", itoa(s.limits.peakPerSecond)},
		{"Session-Since-Startup", itoa(s.limits.since)},
		{"Session-Peak-Max", itoa(s.limits.peak)},
		{"Session-Peak-FiveMin", itoa(s.limits.peak)},
		{"Idle-CPU", "98.000000"},
	}})
}

func upTime(up time.Duration) string {
	us := up.Microseconds()
	days := us / 86_400_000_000
	plural := func(n int64, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return strconv.FormatInt(n, 10) + " " + unit + "s"
	}
	return strings.Join([]string{
		plural(days/365, "year"), plural(days%365, "day"), plural(us/3_600_000_000%24, "hour"),
		plural(us/60_000_000%60, "minute"), plural(us/1_000_000%60, "second"),
		plural(us/1000%1000, "millisecond"), plural(us%1000, "microsecond"),
	}, ", ")
}
