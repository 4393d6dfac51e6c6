package simulator

import (
	"strconv"
	"time"
)

// pollEvery is how soon a busy channel notices a command.
const pollEvery = 20 * time.Millisecond

// how says who ended a channel; the variables sip_* tell it.
type how int

const (
	bySwitch  how = iota // a command, the dialplan, the other leg
	byTimeout            // originate_timeout
	byRefusal            // the far end's 4xx to 6xx
	byCallee             // the far end's BYE
	byMessage            // a message to the channel; who sent it winds up
)

// hangup ends a channel. What it was doing winds up at once, or, if it did not do it itself, at its next poll.
func (ch *channel) hangup(why cause, by how) {
	if ch.cause.name != "" || ch.gone {
		return
	}
	s := ch.s
	ch.cause, ch.hungup = why, s.now
	ch.stateNo, ch.answer = 10, "hangup"
	s.stop(ch.calleeTimer)
	s.stop(ch.timeout)
	s.stop(ch.moving)
	s.stop(ch.inboxTimer)
	for _, t := range ch.keyTimers {
		s.stop(t)
	}
	if ch.bridge != nil {
		ch.set("last_bridge_role", ch.role())
	}
	if ch.peer != nil && ch.peer.cause.name == "" && ch.vars.has("signal_bond") {
		ch.peer.set("last_bridge_hangup_cause", why.name)
	}
	if why.name == "LOSE_RACE" {
		ch.set("call_completed_elsewhere", "true")
	}
	ch.explain(by)
	ch.fire(evHangup)
	switch {
	case by == byTimeout:
		ch.refuse()
		ch.unwind()
	case ch.running, by == byMessage:
		// Whoever runs the application that hangs up winds up once it has ended.
	case by == byCallee:
		ch.set("sip_hangup_disposition", "recv_bye")
		ch.unwind()
	case by == byRefusal:
		ch.unwind()
	default:
		s.after(pollEvery, ch.unwind)
	}
}

func (ch *channel) role() string {
	if ch.bridge.a == ch {
		return "originator"
	}
	return "originatee"
}

// explain sets what the far end's last word was.
func (ch *channel) explain(by how) {
	status := strconv.Itoa(ch.callee.SIPStatus)
	switch by {
	case byRefusal:
		if !ch.networked {
			ch.networked = true
			ch.learn(portionRefusal)
		}
		ch.set("sip_hangup_disposition", "recv_refuse")
		ch.set("sip_invite_failure_status", status)
		ch.set("sip_invite_failure_phrase", ch.callee.Phrase)
		ch.set("sip_term_status", status)
		ch.set("proto_specific_hangup_cause", "sip:"+status)
		ch.set("sip_term_cause", strconv.Itoa(ch.cause.q850))
	case byCallee:
		ch.set("sip_reason", `Q.850;cause=16;text="NORMAL_CLEARING"`)
		ch.set("sip_term_status", "200")
		ch.set("proto_specific_hangup_cause", "sip:200")
		ch.set("sip_term_cause", "16")
	default: // the far end said nothing
	}
}

// refuse answers an originate that came to nothing.
func (ch *channel) refuse() {
	if done := ch.job; done != nil {
		ch.job = nil
		done("-ERR " + ch.cause.name + "\n")
	}
}

// unwind ends what the channel was doing and takes it out of the switch.
func (ch *channel) unwind() {
	if ch.gone {
		return
	}
	s := ch.s
	s.stop(ch.appTimer)
	for len(ch.frames) > 0 {
		ch.breakOff(endHangup)
	}
	ch.leaveBridge()
	ch.enterState("CS_HANGUP", 10)
	ch.timed = true
	ch.stopRecordings()
	ch.unwatch()
	ch.setCallState("HANGUP", 7)
	ch.cancelTasks()
	ch.enterState("CS_REPORTING", 11)
	ch.closeBooks()
	s.cdrs.put(ch)
	s.fire(event{kind: evHangupComplete, channel: ch, lead: []header{{"Hangup-Cause", ch.cause.name}}})
	s.report.ended(ch)
	ch.refuse()
	ch.stateNo = 12
	ch.fire(evDestroy)
	ch.enterState("CS_DESTROY", 12)
	if ch.gateway != "" {
		s.lines[ch.gateway]--
	}
	s.forget(ch)
}

// closeBooks works out the variables of the end: stamps, durations, statistics.
func (ch *channel) closeBooks() {
	b := bookkeeper{b: make([]byte, 0, 3600)}
	digits := string(ch.dialled)
	if digits == "" {
		digits = "none"
	}
	b.text("hangup_cause", ch.cause.name)
	q850 := ch.cause.q850
	if q850 > 127 {
		q850 = 16 // FreeSWITCH's own causes have no number there
	}
	b.number("hangup_cause_q850", int64(q850))
	b.text("digits_dialed", digits)
	b.stamp("start_stamp", ch.created)
	b.stamp("profile_start_stamp", ch.profileAt)
	b.stamp("answer_stamp", ch.answered)
	b.stamp("bridge_stamp", ch.bridged)
	b.stamp("progress_stamp", ch.progress)
	b.stamp("progress_media_stamp", ch.media)
	b.stamp("end_stamp", ch.hungup)
	b.epoch("start", ch.created)
	b.epoch("profile_start", ch.profileAt)
	b.epoch("answer", ch.answered)
	b.epoch("bridge", ch.bridged)
	b.epoch("last_hold", ch.lastHold)
	b.literal("variable_hold_accum_seconds: 0\nvariable_hold_accum_usec: 0\nvariable_hold_accum_ms: 0\n")
	b.epoch("resurrect", time.Time{})
	b.epoch("progress", ch.progress)
	b.epoch("progress_media", ch.media)
	b.epoch("end", ch.hungup)
	b.optional("last_app", ch.lastApp)
	b.optional("last_arg", ch.lastArg)
	id := ch.caller.number
	if ch.caller.name != "" {
		id = `"` + ch.caller.name + `" <` + ch.caller.number + ">"
	}
	b.text("caller_id", id)
	b.spans(ch)
	ch.disposition(&b)
	if ch.codec {
		b.literal(mediaStatistics)
	}
	ch.tail = b.b
}

// disposition says that it was us who ended the call.
func (ch *channel) disposition(b *bookkeeper) {
	switch {
	case ch.vars.has("sip_hangup_disposition"):
	case !ch.answered.IsZero():
		b.text("sip_hangup_disposition", "send_bye")
	default:
		b.text("sip_hangup_disposition", "send_cancel")
		b.text("sip_invite_failure_status", "487")
		b.text("sip_invite_failure_phrase", "CANCEL")
	}
}

// bookkeeper writes encoded variables.
type bookkeeper struct{ b []byte }

func (k *bookkeeper) literal(lines string) { k.b = append(k.b, lines...) }

func (k *bookkeeper) text(name, value string) {
	k.b = append(k.b, "variable_"...)
	k.b = appendHeader(k.b, name, value)
}

func (k *bookkeeper) optional(name, value string) {
	if value != "" {
		k.text(name, value)
	}
}

func (k *bookkeeper) number(name string, n int64) {
	k.b = append(k.b, "variable_"...)
	k.b = append(k.b, name...)
	k.b = append(k.b, ": "...)
	k.b = strconv.AppendInt(k.b, n, 10)
	k.b = append(k.b, '\n')
}

func (k *bookkeeper) stamp(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	k.b = append(k.b, "variable_"...)
	k.b = append(k.b, name...)
	k.b = append(k.b, ": "...)
	k.b = t.UTC().AppendFormat(k.b, "2006-01-02%2015%3A04%3A05")
	k.b = append(k.b, '\n')
}

// epoch writes a time in whole seconds and in microseconds; 0 = never.
func (k *bookkeeper) epoch(name string, t time.Time) {
	var us int64
	if !t.IsZero() {
		us = t.UnixMicro()
	}
	k.number(name+"_epoch", us/1_000_000)
	k.number(name+"_uepoch", us)
}

// spans writes the durations: in whole seconds the difference of whole epoch seconds, so 27 ms may be 1.
func (k *bookkeeper) spans(ch *channel) {
	spans := [...]struct {
		name     string
		from, to time.Time
	}{
		{"duration", ch.created, ch.hungup},
		{"bill", ch.answered, ch.hungup},
		{"progress", ch.created, ch.progress},
		{"answer", ch.created, ch.answered},
		{"wait", ch.created, ch.bridged},
		{"progress_media", ch.created, ch.media},
		{"flow_bill", ch.created, ch.hungup},
	}
	if ch.answered.IsZero() {
		spans[6].from = time.Time{}
		spans[2].to = time.Time{}
	}
	for _, unit := range []struct {
		us     int64
		suffix string
	}{{1_000_000, "sec"}, {1000, "msec"}, {1, "usec"}} {
		for _, span := range spans {
			var n int64
			switch {
			case span.from.IsZero() || span.to.IsZero():
			case unit.us == 1_000_000:
				n = span.to.Unix() - span.from.Unix()
			default:
				n = span.to.Sub(span.from).Microseconds() / unit.us
			}
			name := span.name + unit.suffix
			if span.name == "duration" {
				name = map[int64]string{1_000_000: "duration", 1000: "mduration", 1: "uduration"}[unit.us]
			}
			k.number(name, n)
		}
	}
}

const mediaStatistics = `variable_rtp_audio_in_raw_bytes: 33540
variable_rtp_audio_in_media_bytes: 33540
variable_rtp_audio_in_packet_count: 195
variable_rtp_audio_in_media_packet_count: 195
variable_rtp_audio_in_skip_packet_count: 33
variable_rtp_audio_in_jitter_packet_count: 0
variable_rtp_audio_in_dtmf_packet_count: 0
variable_rtp_audio_in_cng_packet_count: 0
variable_rtp_audio_in_flush_packet_count: 0
variable_rtp_audio_in_largest_jb_size: 0
variable_rtp_audio_in_jitter_min_variance: 0.50
variable_rtp_audio_in_jitter_max_variance: 318.00
variable_rtp_audio_in_jitter_loss_rate: 0.00
variable_rtp_audio_in_jitter_burst_rate: 0.00
variable_rtp_audio_in_mean_interval: 20.00
variable_rtp_audio_in_flaw_total: 0
variable_rtp_audio_in_quality_percentage: 100.00
variable_rtp_audio_in_mos: 4.50
variable_rtp_audio_out_raw_bytes: 34400
variable_rtp_audio_out_media_bytes: 34400
variable_rtp_audio_out_packet_count: 200
variable_rtp_audio_out_media_packet_count: 200
variable_rtp_audio_out_skip_packet_count: 0
variable_rtp_audio_out_dtmf_packet_count: 0
variable_rtp_audio_out_cng_packet_count: 0
variable_rtp_audio_rtcp_packet_count: 0
variable_rtp_audio_rtcp_octet_count: 0
`
