package simulator

import (
	"strconv"
	"time"
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

// hear acts on the first message, once the channel does what it was made for.
func (ch *channel) hear() {
	if len(ch.inbox) == 0 || ch.hearing || ch.cause.name != "" || !ch.begun || ch.waitingForPlan {
		return
	}
	m := ch.inbox[0]
	if m.app == "" {
		ch.messageDone(&m)
		return
	}
	ch.hearing = true
	m.loop++
	ch.inbox[0].loop = m.loop
	ch.set("current_loop", strconv.Itoa(m.loop))
	ch.set("total_loops", strconv.Itoa(m.loop+m.loops-1))
	ch.execute(m.app, m.data, &m)
	if ch.cause.name != "" && !ch.gone {
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
	if m.loops > 0 {
		ch.inbox[0] = *m
	} else {
		ch.inbox = ch.inbox[1:]
	}
	ch.listen()
}

// listen takes the next message.
func (ch *channel) listen() {
	ch.hearing = false
	if len(ch.inbox) > 0 && ch.cause.name == "" {
		ch.s.stop(ch.inboxTimer)
		ch.inboxTimer = ch.s.after(0, ch.hear)
	}
}
