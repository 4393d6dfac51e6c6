package simulator

// InboundContext is the dialplan context at which calls from trunks come in, in the bundled configuration.
const InboundContext = "waihu_inbound"

// CallIn lets somebody call a number of ours over a trunk and returns the channel. He does what the town says of his number,
// but for answering: he waits as long as his patience lasts, and talks as long as he talks when he is called.
func (s *Simulator) CallIn(gateway, dialled, caller string) string {
	s.enter()
	defer s.leave()
	ch := &channel{s: s, uuid: s.newUUID(), direction: "inbound", gateway: gateway, number: caller, profile: "external", endpoint: "127.0.0.1:5070"}
	ch.name = "sofia/external/" + caller + "@127.0.0.1"
	if !s.limits.admit(s.now, len(s.channels)) {
		s.report.refused(caller, "DESTINATION_OUT_OF_ORDER")
		return ""
	}
	ch.session, ch.callUUID = s.limits.since, ch.uuid
	ch.state, ch.stateNo, ch.callState, ch.answer = "CS_NEW", 1, "DOWN", "ringing"
	ch.vars = make(variables, 0, 96)
	for _, v := range [][2]string{{"direction", "inbound"}, {"uuid", ch.uuid}, {"call_uuid", ch.uuid}, {"session_id", ch.field("session")},
		{"sip_from_user", caller}, {"sip_to_user", dialled}, {"sofia_profile_name", "external"}} {
		ch.vars.add(v[0], v[1])
	}
	s.channels[ch.uuid] = ch
	s.lines[gateway]++
	nth := s.report.dialled(ch)
	ch.callee = s.town.Call(caller, nth)
	ch.callee.Answer = true
	ch.caller = callerOf(caller, dialled)
	ch.first = ch.caller
	ch.profiled, ch.profileIdx = true, 1
	ch.created, ch.profileAt = s.now, s.now
	ch.networked, ch.begun, ch.hitPlan = true, true, true // nothing is to be flipped
	ch.state, ch.stateNo = "CS_INIT", 2
	ch.fire(evCreate)
	ch.setCallState("RINGING", 2)
	ch.enterState("CS_ROUTING", 2)
	s.after(pollEvery, func() { ch.comeIn(dialled) })
	if ch.callee.HangUpAfter > 0 {
		ch.calleeTimer = s.after(ch.callee.HangUpAfter, func() { ch.hangup(cause{"NORMAL_CLEARING", 16}, byCallee) })
	}
	return ch.uuid
}

func callerOf(number, dialled string) caller {
	return caller{name: number, number: number, origName: number, ani: number, callee: dialled, destination: dialled, context: InboundContext,
		dialplan: "XML", logical: "inbound"}
}

// comeIn runs what the bundled configuration has in its context for calls from outside: a transfer to the number's extension.
func (ch *channel) comeIn(dialled string) {
	if ch.cause.name != "" {
		return
	}
	extension, contextName := "waihu_in_"+dialled, "waihu"
	if !ch.transferProfile(extension, "XML", contextName) {
		return
	}
	ch.enterPlan(extension, "XML", contextName)
	ch.run()
}

// answerIncoming is the 200 that the switch sends when its dialplan answers a call from outside.
func (ch *channel) answerIncoming() {
	s := ch.s
	if ch.direction != "inbound" || !ch.answered.IsZero() || ch.cause.name != "" {
		return
	}
	ch.mediaUp()
	ch.answered, ch.answer = s.now, "answered"
	s.report.answered(ch)
	ch.fire(evAnswer)
	ch.setCallState("ACTIVE", 4)
	ch.set("endpoint_disposition", "ANSWER")
	ch.planKeys()
}
