package simulator

import (
	"slices"
	"strconv"
	"strings"
)

// eavesdropping is a supervisor's leg that hears another one, for as long as that lives.
type eavesdropping struct{ over *channel }

func appEavesdrop(ch *channel, data string) work {
	over := ch.s.channels[strings.TrimSpace(data)]
	if over == nil || over.cause.name != "" {
		ch.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch)
		return nil
	}
	return &eavesdropping{over}
}

func (e *eavesdropping) begin(ch *channel) bool {
	e.over.watchers = append(e.over.watchers, ch)
	ch.s.report.watched(ch, e.over)
	ch.s.fire(event{kind: evBugStart, channel: e.over, lead: []header{{"Media-Bug-Function", "eavesdrop"}, {"Media-Bug-Target", e.over.uuid}}})
	return false
}
func (e *eavesdropping) elapsed(*channel) bool { return true }
func (e *eavesdropping) pressed(ch *channel) bool {
	ch.digits = ch.digits[:0]
	return false
}
func (e *eavesdropping) end(ch *channel, _ ending) {
	e.over.watchers = slices.DeleteFunc(e.over.watchers, func(w *channel) bool { return w == ch })
	ch.s.fire(event{kind: evBugStop, channel: e.over, lead: []header{{"Media-Bug-Function", "eavesdrop"}, {"Media-Bug-Target", e.over.uuid}}})
}
func (e *eavesdropping) pause(*channel)  {}
func (e *eavesdropping) resume(*channel) {}

// unwatch ends the legs that listen to one that is over.
func (ch *channel) unwatch() {
	for _, w := range slices.Clone(ch.watchers) {
		ch.s.after(pollEvery, func() { w.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch) })
	}
}

// conferencing is a member of a conference.
type conferencing struct{ room string }

func appConference(_ *channel, data string) work {
	room, _, _ := strings.Cut(data, "@")
	if room == "" {
		return nil
	}
	return &conferencing{room}
}

func (c *conferencing) begin(ch *channel) bool {
	c.tell(ch, "add-member")
	return false
}
func (c *conferencing) tell(ch *channel, action string) {
	size := 0
	for _, other := range ch.s.channels {
		if f := other.top(); f != nil {
			if w, in := f.work.(*conferencing); in && w.room == c.room && other != ch {
				size++
			}
		}
	}
	if action == "add-member" {
		size++
	}
	ch.s.fire(event{kind: evSent, name: "CUSTOM", subclass: "conference::maintenance", channel: ch, tail: []header{
		{"Conference-Name", c.room}, {"Conference-Size", strconv.Itoa(size)}, {"Conference-Profile-Name", "default"}, {"Action", action},
	}})
}
func (c *conferencing) elapsed(*channel) bool { return true }
func (c *conferencing) pressed(ch *channel) bool {
	ch.digits = ch.digits[:0]
	return false
}
func (c *conferencing) end(ch *channel, _ ending) { c.tell(ch, "del-member") }
func (c *conferencing) pause(*channel)            {}
func (c *conferencing) resume(*channel)           {}
