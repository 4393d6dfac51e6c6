package simulator

import (
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

func action(app, data string) script.Action { return script.Action{App: app, Data: data} }

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
	return ch.begun && ch.cause.name == "" && len(ch.frames) == 0 && ch.bridge == nil && !ch.bridging && !ch.limbo && !ch.waitingForPlan
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
	switch f.work.(type) {
	case *parkedState, *confirming: // no application began
	default:
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
		ch.inbox = ch.inbox[1:]
		ch.listen()
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
