package simulator

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"waihu/simulator/script"
)

// maxSteps is how many applications a channel may run without any time going by before it is taken for a loop.
const maxSteps = 1000

// frame is an application in progress. Others may run on top of it, sent by a command.
type frame struct {
	app, data, id string
	work          work // nil = it takes no time
	message       *message
}

// work is an application that takes time. Its methods run with the switch's lock; begin and resume arm the channel's
// timer.
type work interface {
	// begin starts; true = it has ended already.
	begin(ch *channel) bool
	// elapsed is called when the timer has run down; true = it has ended.
	elapsed(ch *channel) bool
	// pressed is called when a key waits in ch.digits; true = it has ended.
	pressed(ch *channel) bool
	// end breaks it off.
	end(ch *channel, why ending)
	// pause and resume enclose an application that runs on top.
	pause(ch *channel)
	resume(ch *channel)
}

// ending is why work is broken off.
type ending int

const (
	endHangup ending = iota
	endMove          // a transfer or a bridge
	endBreak         // uuid_break
)

// message is an application or a hang-up that a command sends to a channel.
type message struct {
	app, data, id string
	loops         int
	hangup        string // cause
	loop          int
	headers       []header // of its PRIVATE_COMMAND
	body          string
}

func action(app, data string) script.Action { return script.Action{App: app, Data: data} }

// enterPlan moves the state machine into the dialplan.
func (ch *channel) enterPlan(extension, dialplan, contextName string) {
	ch.enterState("CS_ROUTING", 2)
	if p := &ch.caller; strings.EqualFold(dialplan, "inline") && p.destination == extension {
		p.destination, p.rdnis = p.rdnis, "" // it is no number that anybody dialled
	}
	ch.enterState("CS_EXECUTE", 4)
	ch.hunt(extension, dialplan, contextName)
}

// hunt looks the extension up. A dialplan that is asked over the network is waited for outside the lock.
func (ch *channel) hunt(extension, dialplan, contextName string) {
	if strings.EqualFold(dialplan, "inline") {
		ch.actions = inlineActions(extension)
		return
	}
	ch.hitPlan = true
	src := ch.s.cfg.Dialplan
	if src == nil {
		ch.hangup(cause{"NO_ROUTE_DESTINATION", 3}, bySwitch)
		return
	}
	req := script.Request{
		Context: contextName, Destination: extension, Vars: ch.lookup,
		Caller: map[string]string{
			"caller_id_number": ch.caller.number, "caller_id_name": ch.caller.name, "uuid": ch.uuid,
			"network_addr": "127.0.0.1", "ani": ch.caller.ani, "rdnis": ch.caller.rdnis,
			"source": "src/switch_ivr_originate.c", "dialplan": "XML", "chan_name": ch.name,
		},
	}
	if _, local := src.(*script.Files); local {
		actions, err := src.Lookup(context.Background(), req)
		ch.found(actions, err)
		return
	}
	ch.huntAfar(src, req)
}

func (ch *channel) huntAfar(src script.Source, req script.Request) {
	s := ch.s
	vars := append(variables(nil), ch.vars...)
	req.Vars = func(name string) (string, bool) {
		if i := vars.find(name); i >= 0 {
			return vars[i].value(), true
		}
		v, ok := s.cfg.Globals[name]
		return v, ok
	}
	text := s.format(event{kind: evData, channel: ch})
	hs, _ := headersOf(text[prefix:])
	req.Headers = make(map[string]string, len(hs))
	for _, h := range hs {
		req.Headers[h.name] = h.value
	}
	ch.hunting++
	ticket := ch.hunting
	ch.waitingForPlan = true
	s.serving.Go(func() {
		actions, err := src.Lookup(s.life, req)
		s.enter()
		defer s.leave()
		if ch.gone || ch.hunting != ticket {
			return
		}
		ch.waitingForPlan = false
		ch.found(actions, err)
		ch.run()
	})
}

func (ch *channel) found(actions []script.Action, err error) {
	if err != nil {
		if !errors.Is(err, script.ErrContext) && !errors.Is(err, script.ErrNoRoute) {
			ch.s.cfg.Logger.Warn("dialplan lookup failed", "uuid", ch.uuid, "destination", ch.caller.destination, "err", err)
		}
		ch.hangup(cause{"NO_ROUTE_DESTINATION", 3}, bySwitch)
		return
	}
	ch.actions = append(ch.actions, actions...)
}

// inlineActions reads app:data,app:data.
func inlineActions(text string) []script.Action {
	var out []script.Action
	sep := ","
	if rest, ok := strings.CutPrefix(text, "m:"); ok && len(rest) > 1 {
		sep, text = rest[:1], rest[2:]
	}
	for part := range strings.SplitSeq(text, sep) {
		app, data, _ := strings.Cut(part, ":")
		out = append(out, action(strings.TrimSpace(app), data))
	}
	return out
}

// run lets the channel do one action after the other until one takes time or nothing is left.
func (ch *channel) run() {
	if ch.running || ch.gone {
		return
	}
	ch.running = true
	for ch.idle() {
		if next := ch.pending; next != nil {
			ch.pending = nil
			next()
			continue
		}
		if len(ch.actions) == 0 {
			ch.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch)
			break
		}
		next := ch.actions[0]
		ch.actions = ch.actions[1:]
		if ch.tooFast() {
			ch.hangup(cause{"EXCHANGE_ROUTING_ERROR", 25}, bySwitch)
			break
		}
		ch.execute(next.App, ch.expand(next.Data), nil)
	}
	ch.running = false
	if ch.cause.name != "" {
		ch.unwind()
	}
}

// idle says that the channel has nothing to do but its dialplan.
func (ch *channel) idle() bool {
	return ch.cause.name == "" && len(ch.frames) == 0 && ch.bridge == nil && !ch.bridging && !ch.limbo && !ch.waitingForPlan
}

func (ch *channel) tooFast() bool {
	if !ch.stepsAt.Equal(ch.s.now) {
		ch.stepsAt, ch.steps = ch.s.now, 0
	}
	ch.steps++
	return ch.steps > maxSteps
}

// execute begins an application.
func (ch *channel) execute(app, data string, m *message) {
	start, known := ch.s.apps[app]
	if !known {
		by := bySwitch
		if m != nil {
			by = byMessage
		}
		ch.hangup(cause{"DESTINATION_OUT_OF_ORDER", 27}, by)
		return
	}
	s := ch.s
	ch.set("current_application_data", data)
	ch.set("current_application", app)
	ch.set("current_application_response", "")
	f := &frame{app: app, data: data, message: m}
	ch.lastApp, ch.lastArg = app, data
	if m != nil {
		f.id = m.id
	}
	if f.id == "" {
		f.id = s.newUUID()
	}
	ch.fireApplication(evExecute, f)
	f.work = start(ch, data)
	if f.work == nil {
		ch.complete(f)
		if m != nil {
			ch.messageDone(m)
		}
		return
	}
	ch.push(f)
}

// push puts an application on top and begins it.
func (ch *channel) push(f *frame) {
	if n := len(ch.frames); n > 0 {
		ch.frames[n-1].work.pause(ch)
	}
	ch.s.stop(ch.appTimer)
	ch.frames = append(ch.frames, f)
	if f.work.begin(ch) {
		ch.finishTop()
	}
}

func (ch *channel) fireApplication(k kind, f *frame) {
	if ch.s.wanted[kindEvents[k]] == 0 {
		ch.s.sequence++
		return
	}
	tail := []header{{"Application", f.app}}
	if f.data != "" {
		tail = append(tail, header{"Application-Data", f.data})
	}
	if k == evExecuteComplete {
		response := ch.vars.get("current_application_response")
		if response == "" {
			response = "_none_"
		}
		tail = append(tail, header{"Application-Response", response})
	}
	ch.fire(k, append(tail, header{"Application-UUID", f.id})...)
}

func (ch *channel) complete(f *frame) {
	if _, state := f.work.(*parkedState); !state {
		ch.fireApplication(evExecuteComplete, f)
	}
}

func (ch *channel) respond(text string) { ch.set("current_application_response", text) }

func (ch *channel) top() *frame {
	if len(ch.frames) == 0 {
		return nil
	}
	return ch.frames[len(ch.frames)-1]
}

// finishTop ends the application on top, which has done its work, and lets what is below it go on.
func (ch *channel) finishTop() {
	f := ch.top()
	ch.frames = ch.frames[:len(ch.frames)-1]
	ch.s.stop(ch.appTimer)
	ch.complete(f)
	if f.message != nil {
		ch.messageDone(f.message)
	}
	ch.goOn()
}

// goOn resumes the application below, or the dialplan.
func (ch *channel) goOn() {
	if ch.cause.name != "" || ch.gone {
		return
	}
	if below := ch.top(); below != nil {
		below.work.resume(ch)
		return
	}
	ch.run()
}

// breakOff ends the application on top before its time; what is below is not resumed.
func (ch *channel) breakOff(why ending) {
	f := ch.top()
	ch.frames = ch.frames[:len(ch.frames)-1]
	ch.s.stop(ch.appTimer)
	f.work.end(ch, why)
	ch.complete(f)
	if f.message != nil {
		ch.forgetLoops()
		ch.private(*f.message)
	}
}

// wait arms the timer of the application on top.
func (ch *channel) wait(d time.Duration) {
	ch.s.stop(ch.appTimer)
	ch.appTimer = ch.s.after(d, func() {
		if f := ch.top(); f != nil && ch.cause.name == "" && f.work.elapsed(ch) {
			ch.finishTop()
		}
	})
}

// left is how long the timer has yet to run.
func (ch *channel) left() time.Duration {
	if ch.appTimer == nil || ch.appTimer.index < 0 {
		return 0
	}
	return max(0, ch.appTimer.due.Sub(ch.s.now))
}

// tell sends a message; the channel sees it at a poll.
func (ch *channel) tell(m message, in time.Duration) {
	if ch.cause.name != "" {
		return
	}
	if m.hangup != "" {
		ch.s.after(in, func() { ch.told(m) })
		return
	}
	ch.inbox = append(ch.inbox, m)
	if len(ch.inbox) == 1 {
		ch.inboxTimer = ch.s.after(in, ch.hear)
	}
}

// hear acts on the first message.
func (ch *channel) hear() {
	if len(ch.inbox) == 0 || ch.cause.name != "" {
		return
	}
	m := ch.inbox[0]
	if m.app == "" {
		ch.messageDone(&m)
		return
	}
	m.loop++
	ch.inbox[0].loop = m.loop
	ch.set("current_loop", strconv.Itoa(m.loop))
	ch.set("total_loops", strconv.Itoa(m.loop+m.loops-1))
	ch.execute(m.app, m.data, &m)
	if ch.cause.name != "" {
		ch.private(m)
		ch.forgetLoops()
		ch.unwind()
	}
}

// told hangs up because a message says so.
func (ch *channel) told(m message) {
	if ch.cause.name != "" || ch.gone {
		return
	}
	ch.hangup(causeOf(m.hangup), byMessage)
	ch.private(m)
	ch.unwind()
}

// private says that a message has been dealt with.
func (ch *channel) private(m message) {
	ch.s.fire(event{kind: evPrivate, channel: ch, tail: m.headers, body: m.body})
}

func (ch *channel) forgetLoops() {
	ch.set("current_loop", "")
	ch.set("total_loops", "")
}

// messageDone repeats a message or takes the next one.
func (ch *channel) messageDone(m *message) {
	m.loops--
	ch.forgetLoops()
	if m.loops <= 0 || m.app == "" {
		ch.private(*m)
	}
	if len(ch.inbox) > 0 {
		if m.loops > 0 {
			ch.inbox[0] = *m
		} else {
			ch.inbox = ch.inbox[1:]
		}
	}
	if len(ch.inbox) > 0 && ch.cause.name == "" {
		ch.inboxTimer = ch.s.after(0, ch.hear)
	}
}

// transferProfile makes the caller profile of a channel that enters another extension.
func (ch *channel) transferProfile(extension, dialplan, contextName string) bool {
	s := ch.s
	left := 70
	if v := ch.vars.get("max_forwards"); v != "" {
		n, _ := strconv.Atoi(v) // anything else counts as used up, as on FreeSWITCH
		left = n - 1
	}
	if left <= 0 {
		ch.hangup(cause{"EXCHANGE_ROUTING_ERROR", 25}, bySwitch)
		return false
	}
	source := strconv.FormatInt(s.now.Unix(), 10) + ":" + s.newUUID() + ":bl_xfer:" + extension + "/" + contextName + "/" + dialplan
	ch.set("max_forwards", strconv.Itoa(left))
	ch.newProfile(source)
	ch.detach()
	p := &ch.caller
	p.dialplan, p.context = dialplan, contextName
	p.rdnis, p.destination = p.destination, extension
	p.logical = "inbound"
	if ch.profileIdx == 2 {
		p.logical = "outbound"
	}
	return true
}

// newProfile begins another caller profile and notes where it came from.
func (ch *channel) newProfile(source string) {
	ch.profileIdx++
	ch.profileAt = ch.s.now
	history := source
	switch old := ch.vars.get("transfer_history"); {
	case old == "":
	case strings.HasPrefix(old, "ARRAY::"):
		history = old + "|:" + source
	default:
		history = "ARRAY::" + old + "|:" + source
	}
	ch.set("transfer_history", history)
	ch.set("transfer_source", source)
	ch.caller.source = source
	ch.bridged = time.Time{}
}
