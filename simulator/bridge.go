package simulator

import (
	"strconv"
	"strings"
	"time"
)

// joinAfter is how long uuid_bridge takes after the legs let go of what they did.
const joinAfter = 40 * time.Millisecond

// bridge joins two legs; a is the one that was named first.
type bridge struct{ a, b *channel }

func (br *bridge) other(ch *channel) *channel {
	if br.a == ch {
		return br.b
	}
	return br.a
}

// bridgeTo is uuid_bridge: the reply comes long before the bridge stands, and either leg may be gone by then.
func (ch *channel) bridgeTo(b *channel) {
	s := ch.s
	s.report.bridged(ch, b)
	ch.overtaken, b.overtaken = !ch.begun, !b.begun
	ch.dropActionsOf(b)
	ch.flip() // if it was the second leg of a bridge before
	ch.attach(b, "originatee")
	b.attach(ch, "originator")
	ch.set("uuid_bridge", b.uuid)
	for _, leg := range []*channel{ch, b} {
		leg.set("original_destination_number", leg.caller.destination)
		leg.set("original_caller_id_name", leg.caller.name)
		leg.set("original_caller_id_number", leg.caller.number)
	}
	b.caller.name, b.caller.number = ch.caller.name, ch.caller.number
	b.hitPlan = false
	ch.bridging, b.bridging = true, true
	s.after(pollEvery, func() {
		ch.letGo()
		b.letGo()
		s.after(joinAfter, func() { unite(ch, b) })
	})
}

// dropActionsOf forgets what the second leg would have done next: it belongs to the first one from now on.
func (ch *channel) dropActionsOf(b *channel) {
	b.actions, b.pending = nil, nil
	b.hunting++
	b.waitingForPlan = false
}

// attach notes the other leg in a new caller profile.
func (ch *channel) attach(other *channel, as string) {
	s := ch.s
	ch.newProfile(strconv.FormatInt(s.now.Unix(), 10) + ":" + s.newUUID() + ":uuid_br:" + other.uuid)
	ch.peer, ch.otherType = other, as
	ch.caller.logical = "inbound"
	ch.stateNo = 8
	ch.set("bridge_channel", other.name)
	ch.set("bridge_uuid", other.uuid)
	ch.set("signal_bond", other.uuid)
}

// letGo ends what a leg does before it is bridged.
func (ch *channel) letGo() {
	if ch.gone || ch.cause.name != "" {
		return
	}
	if ch.bridge != nil {
		ch.leaveBridge()
	}
	ch.limbo = false
	for len(ch.frames) > 0 {
		ch.breakOff(endMove)
	}
	ch.enterState("CS_HIBERNATE", 8)
	ch.enterState("CS_RESET", 9)
	ch.enterState("CS_SOFT_EXECUTE", 3)
}

// unite makes the bridge, if both legs are still there.
func unite(a, b *channel) {
	if a.bridge != nil || b.bridge != nil { // another uuid_bridge came in between
		a.letGo()
		b.letGo()
	}
	aGone, bGone := a.gone || a.cause.name != "", b.gone || b.cause.name != ""
	a.bridging, b.bridging = false, false
	switch {
	case aGone && bGone:
		return
	case aGone:
		// Nobody tells the second leg: it stays in CS_RESET, silent, until somebody kills or transfers it.
		b.limbo = true
		b.state, b.stateNo = "CS_RESET", 9
		return
	case bGone:
		a.orphaned()
		return
	}
	s := a.s
	a.limbo, b.limbo = false, false
	a.bridge = &bridge{a, b}
	b.bridge = a.bridge
	a.set("uuid_bridge", "")
	a.fireBridgeApp(b)
	b.fireBridgeApp(a)
	a.bridged, b.bridged = s.now, s.now
	b.callUUID = a.uuid
	b.set("call_uuid", a.uuid)
	a.fireBridge(evBridge, a.bridge)
	b.enterState("CS_EXCHANGE_MEDIA", 5)
	for _, leg := range []*channel{a, b} {
		other := leg.bridge.other(leg)
		leg.set("bridge_to", other.uuid)
		leg.set("last_bridge_to", other.uuid)
		leg.tellCallee(other)
		leg.talk()
	}
}

// tellCallee shows a leg whom it speaks with: the first leg sees the second one's callee, the second the first one's caller.
func (ch *channel) tellCallee(other *channel) {
	name, number := other.caller.name, other.caller.number
	if ch.bridge.a == ch {
		name, number = other.caller.calleeName, other.caller.callee
	}
	if name == "" {
		name = number
	}
	ch.set("last_sent_callee_id_name", name)
	ch.set("last_sent_callee_id_number", number)
	ch.s.fire(event{kind: evCallSent, channel: ch, lead: []header{
		{"Direction", "SEND"}, {"Sent-Callee-ID-Name", name}, {"Sent-Callee-ID-Number", number}, {"Bridged-To", other.uuid},
	}})
}

// talk makes a callee who speaks with somebody hang up when he has said it all.
func (ch *channel) talk() {
	if ch.callee.Talk > 0 {
		ch.s.stop(ch.calleeTimer)
		ch.calleeTimer = ch.s.after(ch.callee.Talk, func() { ch.hangup(cause{"NORMAL_CLEARING", 16}, byCallee) })
	}
}

func (ch *channel) fireBridgeApp(other *channel) {
	ch.state, ch.stateNo = "CS_SOFT_EXECUTE", 3
	ch.s.fire(event{kind: evExecuteBridge, channel: ch, tail: []header{
		{"Application", "uuid_bridge"}, {"Application-Data", other.uuid},
	}})
}

func (ch *channel) fireBridge(k kind, br *bridge) {
	ch.s.fire(event{kind: k, channel: br.a, lead: []header{
		{"Bridge-A-Unique-ID", br.a.uuid}, {"Bridge-B-Unique-ID", br.b.uuid},
	}})
}

// orphaned is the first leg of a bridge whose second one went away before it stood.
func (ch *channel) orphaned() {
	if ch.vars.get("uuid_bridge_continue_on_cancel") != "true" {
		ch.hangup(cause{"DESTINATION_OUT_OF_ORDER", 27}, bySwitch)
		return
	}
	ch.set("uuid_bridge", "")
	if ch.transferAfterBridge() {
		return
	}
	ch.enterState("CS_EXECUTE", 4)
	ch.run()
}

func (ch *channel) transferAfterBridge() bool {
	to := ch.vars.get("transfer_after_bridge")
	if to == "" {
		return false
	}
	words := strings.Split(to, ":")
	extension, dialplan, contextName := ch.destination(words)
	ch.set("transfer_after_bridge", "")
	ch.moveNow(extension, dialplan, contextName)
	return true
}

// leaveBridge ends the bridge that ch is in, because ch hangs up or goes elsewhere, and lets the other leg go on.
func (ch *channel) leaveBridge() {
	br := ch.bridge
	if br == nil {
		return
	}
	other := br.other(ch)
	ch.bridge, other.bridge = nil, nil
	for _, leg := range []*channel{ch, other} {
		leg.set("bridge_to", "")
	}
	if other.cause.name == "" {
		other.set("last_bridge_hangup_cause", ch.cause.name)
	}
	br.b.callUUID = br.b.uuid
	br.b.set("call_uuid", br.b.uuid)
	parks := other.cause.name == "" && other.vars.get("park_after_bridge") == "true"
	if parks && other == br.b {
		other.parkAgain()
	}
	if other.cause.name == "" {
		other.set("bridge_hangup_cause", ch.cause.name)
	} else {
		br.a.set("bridge_hangup_cause", br.a.cause.name)
	}
	if ch.cause.name == "" && !parks && !other.vars.has("transfer_after_bridge") {
		ch.set("bridge_hangup_cause", "NORMAL_CLEARING") // the other leg will be hung up
	}
	br.a.fireBridge(evUnbridge, br)
	if ch.cause.name != "" {
		ch.lastTransfer()
	}
	switch {
	case !parks:
		other.afterBridge(other == br.a)
	case other == br.a:
		other.parkAgain()
	}
}

// afterBridge says what a leg does when the other one has left.
func (ch *channel) afterBridge(first bool) {
	switch {
	case ch.cause.name != "" || ch.gone || ch.bridging:
	case ch.transferAfterBridge():
	case !first || ch.vars.get("hangup_after_bridge") == "true":
		ch.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch)
	default:
		ch.enterState("CS_EXECUTE", 4)
		ch.run()
	}
}

// lastTransfer is a quirk: a leg that hangs up in a bridge still takes on the caller profile of transfer_after_bridge, and
// its last events carry it.
func (ch *channel) lastTransfer() {
	to := ch.vars.get("transfer_after_bridge")
	if to == "" {
		return
	}
	extension, dialplan, contextName := ch.destination(strings.Split(to, ":"))
	ch.set("transfer_after_bridge", "")
	ch.transferProfile(extension, dialplan, contextName)
}

// parkAgain parks a leg in the state machine; unlike the application it costs no forward.
func (ch *channel) parkAgain() {
	ch.state, ch.stateNo = "CS_PARK", 6
	ch.push(&frame{app: "park", work: &parkedState{}})
}

// parkedState is parked without an application: no EXECUTE_COMPLETE follows.
type parkedState struct{ parked }

// moveNow is a transfer that takes hold at once.
func (ch *channel) moveNow(extension, dialplan, contextName string) {
	if !ch.move(extension, dialplan, contextName) {
		return
	}
	ch.enterPlan(extension, dialplan, contextName)
	ch.run()
}

// detach forgets the other leg.
func (ch *channel) detach() {
	if ch.bridging {
		return
	}
	if ch.bridge != nil {
		ch.bridge.other(ch).set("signal_bond", "")
	}
	ch.peer, ch.otherType = nil, ""
	ch.set("signal_bond", "")
}

// moveLater is uuid_transfer: the reply is out before the channel notices.
func (ch *channel) moveLater(extension, dialplan, contextName string) {
	if ch.answered.IsZero() && ch.job != nil {
		ch.target = target{extension: extension, dialplan: dialplan, context: contextName}
		return
	}
	if !ch.move(extension, dialplan, contextName) {
		return
	}
	ch.stateNo = 2
	ch.pending = func() { ch.enterPlan(extension, dialplan, contextName) }
	ch.s.stop(ch.moving)
	ch.moving = ch.s.after(pollEvery, ch.arrive)
}

// arrive lets go of everything and enters the new extension.
func (ch *channel) arrive() {
	if ch.cause.name != "" || ch.gone {
		return
	}
	ch.limbo = false
	for len(ch.frames) > 0 {
		ch.breakOff(endMove)
	}
	ch.leaveBridge()
	ch.run()
}
