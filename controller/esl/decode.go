package esl

import (
	"bytes"
	"fmt"
	"time"
)

// decoder turns the body of a text/event-plain message into an Event. It keeps the few words that come again and again,
// so that a usual event costs no more allocations than it has ids.
type decoder struct {
	words   map[string]string
	core    string // the last one, in nearly every event the same
	scratch []byte
}

// maxWords bounds the store of words; a switch says some fifty different ones.
const (
	maxWords   = 512
	maxWordLen = 64
)

func newDecoder() *decoder { return &decoder{words: make(map[string]string, 64)} }

// raw is the part of the headers that needs the whole event before it can be judged.
type raw struct {
	invitePhrase, hangupPhrase string
	length                     []byte // inner Content-Length
}

// event decodes b. Only a wrong inner length is an error: unknown, odd or broken header lines are passed over, since any
// variable of a call travels as a header and a person may have named it.
func (d *decoder) event(b []byte) (Event, error) {
	var e Event
	var r raw
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		line := b
		if i >= 0 {
			line, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		if len(line) == 0 || line[0] == '\r' {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			continue
		}
		if line[0] == 'v' {
			d.variable(&e, &r, line[:colon], line)
			continue
		}
		d.header(&e, &r, line[:colon], line)
	}
	e.SIPPhrase = r.invitePhrase
	if e.SIPPhrase == "" {
		e.SIPPhrase = r.hangupPhrase
	}
	if r.length != nil {
		return e, d.inner(&e, r.length, b)
	}
	return e, nil
}

// inner takes the second level of framing: an event that carries a body states its length as the last header.
func (d *decoder) inner(e *Event, length, rest []byte) error {
	n, ok := number(length)
	if !ok || n > int64(len(rest)) {
		return fmt.Errorf("%w: %s states a body of %.20q bytes and has %d", ErrBrokenStream, e.Name, length, len(rest))
	}
	if e.Name == "BACKGROUND_JOB" {
		e.Body = string(bytes.TrimSpace(rest[:n]))
	}
	return nil
}

// header takes in a header that is no variable; line is the whole line.
func (d *decoder) header(e *Event, r *raw, name, line []byte) {
	v := value(line, len(name))
	switch string(name) {
	case "Event-Name":
		e.Name = d.word(v)
	case "Event-Subclass":
		e.Subclass = d.word(v)
	case "Core-UUID":
		if string(v) != d.core {
			d.core = d.text(v)
		}
		e.Core = d.core
	case "Event-Sequence":
		e.Seq, _ = number(v)
	case "Event-Date-Timestamp":
		e.At = micros(v)
	case "Unique-ID":
		e.UUID = d.text(v)
	case "Job-UUID":
		e.JobUUID = d.text(v)
	case "Hangup-Cause":
		e.Cause = d.word(v)
	case "Call-Direction":
		if e.Direction = "outbound"; string(v) != e.Direction {
			e.Direction = d.word(v)
		}
	case "Content-Length":
		r.length = v
	default:
		d.rare(e, name, v)
	}
}

// rare goes on where header ends; short switches are found through faster than a long one, and stay readable.
func (d *decoder) rare(e *Event, name, v []byte) {
	if len(name) > 7 && string(name[:7]) == "Caller-" {
		d.caller(e, name, v)
		return
	}
	switch string(name) {
	case "DTMF-Digit":
		e.Digit = d.word(v)
	case "Bridge-A-Unique-ID":
		e.BridgeA = d.text(v)
	case "Bridge-B-Unique-ID":
		e.BridgeB = d.text(v)
	case "Playback-File-Path", "Record-File-Path":
		e.File = d.text(v)
	case "Other-Leg-Unique-ID":
		if e.Name != "CHANNEL_UNBRIDGE" {
			e.OtherLeg = d.same(v, e.BridgeB)
		}
	case "Session-Count":
		e.Sessions = small(v)
	default:
		if e.Name == "CUSTOM" {
			d.custom(e, name, v)
		}
	}
}

// caller takes in the times of a channel and whom an inbound one is about.
func (d *decoder) caller(e *Event, name, v []byte) {
	switch string(name) {
	case "Caller-Channel-Created-Time":
		e.Created = micros(v)
	case "Caller-Channel-Progress-Time":
		e.Progress = micros(v)
	case "Caller-Channel-Progress-Media-Time":
		e.ProgressMedia = micros(v)
	case "Caller-Channel-Answered-Time":
		e.Answered = micros(v)
	case "Caller-Channel-Hangup-Time":
		e.HungUp = micros(v)
	case "Caller-ANI", "Caller-Destination-Number", "Caller-Context":
		d.inbound(e, name, v)
	}
}

// inbound keeps what an inbound call is about. Of our own calls it is known, and would cost an allocation each.
func (d *decoder) inbound(e *Event, name, v []byte) {
	if e.Direction != "inbound" {
		return
	}
	switch name[len("Caller-")] {
	case 'A':
		e.Caller = d.text(v)
	case 'D':
		e.Destination = d.text(v)
	case 'C':
		e.Context = d.word(v)
	}
}

// custom takes in the headers of the CUSTOM events of gateways, phones and conferences.
func (d *decoder) custom(e *Event, name, v []byte) {
	switch string(name) {
	case "Gateway":
		e.Gateway = d.word(v)
	case "State":
		e.GatewayState = d.word(v)
	case "Ping-Status":
		e.Ping = d.word(v)
	case "profile-name":
		e.Profile = d.word(v)
	case "from-user", "user":
		e.User = d.text(v)
	case "from-host", "host":
		e.Domain = d.word(v)
	case "contact", "sip_contact": // the latter of sofia::sip_user_state
		e.Contact = d.text(v)
	case "user-agent":
		e.UserAgent = d.text(v)
	case "Conference-Name":
		e.Conference = d.text(v)
	case "Action":
		e.Action = d.word(v)
	}
}

// variable takes in a channel variable that we asked for.
func (d *decoder) variable(e *Event, r *raw, name, line []byte) {
	switch string(name) {
	case "variable_hangup_cause_q850":
		e.Q850 = small(value(line, len(name)))
	case "variable_sip_term_status":
		e.SIPStatus = small(value(line, len(name)))
	case "variable_sip_invite_failure_status":
		e.InviteStatus = small(value(line, len(name)))
	case "variable_sip_invite_failure_phrase":
		r.invitePhrase = d.text(value(line, len(name)))
	case "variable_sip_hangup_phrase":
		r.hangupPhrase = d.text(value(line, len(name)))
	case "variable_sip_hangup_disposition":
		e.Disposition = d.word(value(line, len(name)))
	case "variable_digits_dialed":
		e.Digits = d.text(value(line, len(name)))
	case "variable_record_ms":
		e.RecordMS = id(value(line, len(name)))
	default:
		if len(name) > 15 && string(name[:15]) == "variable_waihu_" {
			d.ours(e, name, value(line, len(name)))
		}
	}
}

// ours takes in the variables that we, or our dialplan, gave a channel.
func (d *decoder) ours(e *Event, name, v []byte) {
	switch string(name) {
	case "variable_waihu_step":
		e.Step = d.word(v)
	case "variable_waihu_attempt":
		e.Attempt = d.same(v, e.UUID)
	case "variable_waihu_call":
		e.Call = d.text(v)
	case "variable_waihu_agent":
		e.Agent = id(v)
	case "variable_waihu_queue":
		e.Queue = id(v)
	case "variable_waihu_flow":
		e.Flow = id(v)
	case "variable_waihu_node":
		e.Node = d.word(v)
	case "variable_waihu_value":
		e.Value = d.text(v)
	case "variable_waihu_leg":
		e.Leg = d.word(v)
	case "variable_waihu_key":
		e.Key = d.word(v)
	}
}

// value is what follows "Name:", without the blank and a carriage return.
func value(line []byte, colon int) []byte {
	v := line[colon+1:]
	if len(v) > 0 && v[0] == ' ' {
		v = v[1:]
	}
	if n := len(v); n > 0 && v[n-1] == '\r' {
		v = v[:n-1]
	}
	return v
}

// last is the last element of a variable that was pushed to several times, which comes as "ARRAY::a|:b".
func last(v []byte) []byte {
	if len(v) > 7 && v[0] == 'A' && string(v[:7]) == "ARRAY::" {
		v = v[7:]
		if i := bytes.LastIndex(v, []byte("|:")); i >= 0 {
			v = v[i+2:]
		}
	}
	return v
}

// same decodes a value that is likely to be a text in hand, and gives that text then.
func (d *decoder) same(v []byte, as string) string {
	if string(v) == as {
		return as
	}
	return d.text(v)
}

// text decodes a value that is different in every call.
func (d *decoder) text(v []byte) string { return string(d.unescape(v)) }

// word decodes a value that comes again and again, and gives the same string each time.
func (d *decoder) word(v []byte) string {
	v = d.unescape(v)
	if w, ok := d.words[string(v)]; ok {
		return w
	}
	w := string(v)
	if len(w) <= maxWordLen && len(d.words) < maxWords {
		d.words[w] = w
	}
	return w
}

// unescape decodes a value: %XX, and leaves what is no escape as it stands: the switch does not escape a percent sign that hex
// digits already follow, and other programs send events too. The result is v or the scratch buffer.
func (d *decoder) unescape(v []byte) []byte {
	i := bytes.IndexByte(v, '%')
	if i < 0 {
		return last(v)
	}
	out := append(d.scratch[:0], v[:i]...)
	for ; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) {
			hi, lo := unhex(v[i+1]), unhex(v[i+2])
			if hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	d.scratch = out
	return last(out)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	default:
		return -1
	}
}

// micros reads microseconds since 1970; 0 and nonsense are the zero time.
func micros(v []byte) time.Time {
	n, ok := number(v)
	if !ok || n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// small reads a number of at most nine digits; anything else is 0.
func small(v []byte) int {
	if len(v) > 9 {
		return 0
	}
	n, _ := number(v)
	return int(n)
}

// id reads a number of a row; anything else is 0.
func id(v []byte) int64 {
	n, _ := number(v)
	return n
}
