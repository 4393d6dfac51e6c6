package simulator

import (
	"strings"
	"time"

	"waihu/simulator/town"
)

// setupTime is how long an agent's phone takes to say that it rings, and a full trunk to refuse.
const setupTime = 40 * time.Millisecond

// originate makes a channel, or says why not; done gets the reply, at once or when the far end has answered.
func (s *Simulator) originate(arg string, done func(string)) {
	r, ok := parseOriginate(arg)
	if !ok {
		done(originateUsage)
		return
	}
	ch, refused := s.newChannel(r)
	if refused != "" {
		done("-ERR " + refused + "\n")
		return
	}
	ch.job = done
	if refused = s.route(ch); refused != "" {
		s.report.refused(ch.number, refused)
		ch.cause = cause{}
		ch.state, ch.stateNo, ch.name = "CS_NONE", 0, "N/A"
		ch.profiled = false
		ch.fire(evDestroy)
		ch.enterState("CS_DESTROY", 0)
		s.forget(ch)
		done("-ERR " + refused + "\n")
		return
	}
	ch.start(r)
}

// newChannel checks the request and the core's limits.
func (s *Simulator) newChannel(r request) (*channel, string) {
	ch := &channel{s: s, uuid: r.get("origination_uuid"), direction: "outbound", target: r.target}
	if refused := ch.address(r); refused != "" {
		return nil, refused
	}
	if ch.uuid == "" {
		ch.uuid = s.newUUID()
	}
	if _, taken := s.channels[ch.uuid]; taken || !s.limits.admit(s.now, len(s.channels)) {
		s.report.refused(ch.number, "DESTINATION_OUT_OF_ORDER")
		return nil, "DESTINATION_OUT_OF_ORDER"
	}
	ch.session = s.limits.since
	ch.callUUID = ch.uuid
	ch.state, ch.stateNo, ch.callState, ch.answer = "CS_NONE", 1, "DOWN", "ringing"
	ch.vars = make(variables, 0, 96)
	ch.vars.add("direction", "outbound")
	ch.vars.add("is_outbound", "true")
	ch.vars.add("uuid", ch.uuid)
	ch.vars.add("call_uuid", ch.uuid)
	ch.vars.add("session_id", ch.field("session"))
	s.channels[ch.uuid] = ch
	return ch, ""
}

// address reads what is to be called; a word is the cause why it cannot be.
func (ch *channel) address(r request) string {
	switch {
	case strings.ContainsAny(r.address, ",|"):
		return "CHAN_NOT_IMPLEMENTED" // several targets at once are not simulated
	case r.endpoint == "error":
		return causeOf(r.address).name
	case r.endpoint == "user":
		ext, _, _ := strings.Cut(r.address, "@")
		why := ch.s.reachable(ext)
		if why == "SUBSCRIBER_ABSENT" {
			return why
		}
		ch.s.fire(event{kind: evAPI, tail: []header{
			{"API-Command", "sofia_contact"}, {"API-Command-Argument", "*/" + ext + "@127.0.0.1"},
		}})
		if why != "" {
			return why
		}
		ch.phone(ext, "127.0.0.1:5090")
		ch.presence = ext + "@127.0.0.1"
	case r.endpoint == "sofia":
		return ch.sofia(r.address)
	default:
		return "CHAN_NOT_IMPLEMENTED"
	}
	return ""
}

// sofia reads gateway/NAME/NUMBER or PROFILE/USER@HOST.
func (ch *channel) sofia(address string) string {
	profile, rest, ok := strings.Cut(address, "/")
	if !ok {
		return "INVALID_URL"
	}
	if profile == "gateway" {
		ch.gateway, ch.number, _ = strings.Cut(rest, "/")
		ch.profile, ch.endpoint = "external", "127.0.0.1:5070"
		ch.name = "sofia/external/" + ch.number
		return ""
	}
	user, host, _ := strings.Cut(rest, "@")
	if host == "" {
		host = "127.0.0.1:5090"
	}
	if !strings.Contains(host, ":") {
		host += ":5060"
	}
	ch.phone(user, host)
	ch.profile = profile
	ch.name = "sofia/" + address
	return ""
}

func (ch *channel) phone(user, host string) {
	ch.number, ch.profile, ch.endpoint = user, "internal", host
	ch.name = "sofia/internal/" + user + "@" + host
}

// route looks at the gateway; a word is the cause why it cannot be used.
func (s *Simulator) route(ch *channel) string {
	if ch.gateway == "" {
		return ""
	}
	g, known := s.cfg.Gateways[ch.gateway]
	switch {
	case len(s.cfg.Gateways) > 0 && !known:
		return "INVALID_GATEWAY"
	case g.Down:
		return "GATEWAY_DOWN"
	}
	s.lines[ch.gateway]++
	return ""
}

// forget takes a channel out of the switch.
func (s *Simulator) forget(ch *channel) {
	ch.gone = true
	delete(s.channels, ch.uuid)
}

// start dials.
func (ch *channel) start(r request) {
	s := ch.s
	number := r.get("origination_caller_id_number")
	if number == "" {
		number = "0000000000"
	}
	name := r.get("origination_caller_id_name")
	ch.caller = caller{
		name: name, number: number, origName: name, calleeName: outboundCall, callee: ch.number, ani: number,
		destination: ch.number, context: "default", logical: "outbound",
	}
	ch.profiled, ch.profileIdx = true, 1
	ch.created, ch.profileAt = s.now, s.now
	ch.fire(evOutgoing)
	ch.state = "CS_INIT"
	ch.fire(evState)
	ch.stateNo = 2
	ch.vars = ch.vars[:0]
	ch.learn(portionBefore)
	for _, v := range r.vars {
		ch.set(v.name, v.value)
	}
	if ch.presence != "" {
		ch.set("dialed_user", ch.number)
		ch.set("dialed_domain", "127.0.0.1")
		ch.set("sip_invite_domain", "127.0.0.1")
		ch.set("presence_id", ch.presence)
	}
	early := r.get("ignore_early_media")
	ch.set("originate_early_media", boolText(early == "" || early == "false"))
	ch.learn(portionAfter)
	ch.fire(evCreate)
	ch.fire(evOriginate)
	ch.enterState("CS_ROUTING", 2)
	ch.enterState("CS_CONSUME_MEDIA", 7)
	limit := wholeSecond(s.now, seconds(r.get("originate_timeout"), 60))
	if limit.After(s.now) {
		ch.timeout = s.at(limit, ch.unanswered)
	}
	ch.putToCallee()
}

// putToCallee asks the town, or the trunk that is full, what becomes of the call.
func (ch *channel) putToCallee() {
	s := ch.s
	if g := s.cfg.Gateways[ch.gateway]; ch.gateway != "" && g.Lines > 0 && s.lines[ch.gateway] > g.Lines {
		s.report.refused(ch.number, "trunk full")
		ch.callee = town.Callee{SIPStatus: 503, Phrase: "Service Unavailable", Cause: "NORMAL_TEMPORARY_FAILURE", Q850: 41, Silent: true}
		ch.calleeTimer = s.after(setupTime, ch.decided)
		return
	}
	if ch.gateway == "" {
		ch.callee = s.picksUp(ch.number)
	} else {
		nth := s.report.dialled(ch)
		ch.callee = s.town.Call(ch.number, nth)
	}
	switch {
	case !ch.callee.Silent && (ch.rings() || ch.callee.Ring > ch.callee.Progress):
		ch.calleeTimer = s.after(ch.callee.Progress, ch.rang)
	case !ch.rings():
		ch.calleeTimer = s.after(ch.callee.Ring, ch.decided)
	}
}

// rings says that the far end never answers nor refuses.
func (ch *channel) rings() bool { return !ch.callee.Answer && ch.callee.SIPStatus == 0 }

// rang is the 180, or the 183.
func (ch *channel) rang() {
	s := ch.s
	ch.heard()
	if ch.callee.Early {
		ch.earlyMedia()
	} else {
		ch.progress = s.now
		ch.fire(evProgress)
		ch.setCallState("RINGING", 2)
	}
	if !ch.rings() && ch.cause.name == "" {
		ch.calleeTimer = s.after(ch.callee.Ring-ch.callee.Progress, ch.decided)
	}
}

func (ch *channel) heard() {
	if ch.networked {
		return
	}
	ch.networked = true
	ch.learn(portionRefusal)
	ch.learn(portionHeard)
	ch.set("sip_to_host", "127.0.0.1")
}

func (ch *channel) earlyMedia() {
	ch.learn(portionMedia)
	ch.set("endpoint_disposition", "EARLY MEDIA")
	ch.answer = "early"
	ch.media = ch.s.now
	ch.fire(evProgressMedia)
	ch.setCallState("EARLY", 3)
	ch.mediaUp()
	if ch.vars.get("originate_early_media") == "true" {
		ch.proceed()
	}
}

// mediaUp sets the codecs.
func (ch *channel) mediaUp() {
	if ch.codec {
		return
	}
	ch.codec = true
	ch.learn(portionCodec)
	ch.fire(evCodecRead, header{"channel-read-codec-name", "PCMA"}, header{"channel-read-codec-rate", "8000"},
		header{"channel-read-codec-bit-rate", "64000"})
	ch.fire(evCodecWrite, header{"Channel-Write-Codec-Name", "PCMA"}, header{"Channel-Write-Codec-Rate", "8000"},
		header{"Channel-Write-codec-bit-rate", "64000"})
}

// decided is the far end's final answer.
func (ch *channel) decided() {
	if ch.callee.Answer {
		ch.answeredBy()
		return
	}
	ch.hangup(cause{ch.callee.Cause, ch.callee.Q850}, byRefusal)
}

func (ch *channel) unanswered() { ch.hangup(cause{"NO_ANSWER", 19}, byTimeout) }

// answeredBy is the 200.
func (ch *channel) answeredBy() {
	s := ch.s
	ch.heard()
	if !ch.vars.has("switch_r_sdp") {
		ch.learn(portionMedia)
	}
	ch.mediaUp()
	ch.answered = s.now
	ch.answer = "answered"
	s.report.answered(ch)
	ch.fire(evAnswer)
	ch.setCallState("ACTIVE", 4)
	ch.set("endpoint_disposition", "ANSWER")
	if ch.callee.HangUpAfter > 0 {
		ch.calleeTimer = s.after(ch.callee.HangUpAfter, func() { ch.hangup(cause{"NORMAL_CLEARING", 16}, byCallee) })
	}
	if !ch.mustConfirm() {
		s.stop(ch.timeout)
		if late := s.now.Sub(ch.created) % pollEvery; late > 0 {
			s.after(pollEvery-late, ch.proceed)
		} else {
			ch.proceed()
		}
	}
	ch.planKeys()
}

// talkable reports whether a leg can be bridged: it has answered.
func (ch *channel) talkable() bool { return ch.begun || !ch.answered.IsZero() }

// proceed answers the originate and lets the channel do what it was made for. The originate looks for the answer each pollEvery after
// the channel was made: one that a command has taken away meanwhile is called off, and stays where the command put it.
func (ch *channel) proceed() {
	done := ch.job
	if done == nil {
		return
	}
	ch.job, ch.begun = nil, true
	if ch.overtaken {
		done("-ERR ORIGINATOR_CANCEL\n")
		return
	}
	ch.s.report.bridgeable(ch)
	if ch.presence != "" {
		ch.set("user_context", "default")
		ch.set("effective_caller_id_name", "Agent "+ch.number)
		ch.set("effective_caller_id_number", ch.number)
	}
	t := ch.target
	if t.app != "" {
		ch.flip()
		done("+OK " + ch.uuid + "\n")
		ch.enterState("CS_EXECUTE", 4)
		ch.onAnswer()
		ch.actions = append(ch.actions, action(t.app, t.data))
		ch.run()
		ch.hear()
		return
	}
	ch.transferProfile(t.extension, t.dialplan, t.context)
	ch.flip()
	done("+OK " + ch.uuid + "\n")
	ch.onAnswer()
	ch.enterPlan(t.extension, t.dialplan, t.context)
	ch.run()
	ch.hear()
}

// flip exchanges caller and callee, as FreeSWITCH does with an outbound leg that goes into a dialplan.
func (ch *channel) flip() {
	if ch.hitPlan {
		return
	}
	ch.hitPlan = true
	p := &ch.caller
	ch.set("pre_transfer_caller_id_name", p.name)
	ch.set("pre_transfer_caller_id_number", p.number)
	ch.set("channel_cid_flipped", "yes")
	p.name, p.calleeName = p.calleeName, p.name
	p.number, p.callee = p.callee, p.number
	ch.s.fire(event{kind: evCallUpdate, channel: ch, lead: []header{{"Direction", "RECV"}}})
}
