package simulator

import (
	"strconv"
	"strings"
	"time"
)

// applications is what a dialplan may use. Each begins an application with its expanded data; nil = it has ended already.
func applications() map[string]func(*channel, string) work {
	return map[string]func(*channel, string) work{
		"answer":              appAnswer,
		"pre_answer":          appNothing,
		"ring_ready":          appNothing,
		"set":                 appSet,
		"unset":               appUnset,
		"export":              appExport,
		"multiset":            appMultiset,
		"multiunset":          appMultiunset,
		"set_global":          appSetGlobal,
		"log":                 appNothing,
		"info":                appNothing,
		"verbose_events":      appNothing,
		"event":               appEvent,
		"hangup":              appHangup,
		"transfer":            appTransfer,
		"execute_extension":   appTransfer,
		"park":                func(*channel, string) work { return &parked{} },
		"echo":                func(*channel, string) work { return &sleeping{d: endless} },
		"sleep":               appSleep,
		"wait_for_silence":    appNothing,
		"playback":            appPlayback,
		"endless_playback":    appEndless,
		"loop_playback":       appLoop,
		"play_and_get_digits": appPlayAndGetDigits,
		"read":                appRead,
		"ivr":                 appIVR,
		"flush_dtmf":          appFlush,
		"start_dtmf":          appNothing,
		"stop_dtmf":           appNothing,
		"send_dtmf":           appSendDTMF,
		"sched_hangup":        appSchedHangup,
		"sched_transfer":      appSchedTransfer,
		"sched_broadcast":     appSchedBroadcast,
		"sched_cancel":        appSchedCancel,
		"record":              appRecord,
		"record_session":      appRecordSession,
		"stop_record_session": appStopRecord,
		"bridge":              appBridge,
		"eavesdrop":           appEavesdrop,
		"conference":          appConference,
	}
}

func appNothing(*channel, string) work { return nil }

func appAnswer(ch *channel, _ string) work {
	// An outbound leg that runs a dialplan on early media cannot answer itself: only its far end can.
	ch.answerIncoming()
	return nil
}

func appSet(ch *channel, data string) work {
	name, value, ok := strings.Cut(data, "=")
	if ok {
		if value == "_undef_" {
			value = ""
		}
		ch.set(strings.TrimSpace(name), value)
	}
	return nil
}

func appUnset(ch *channel, data string) work {
	ch.set(strings.TrimSpace(data), "")
	return nil
}

func appExport(ch *channel, data string) work {
	data = strings.TrimPrefix(data, "nolocal:")
	name, _, ok := strings.Cut(data, "=")
	if !ok {
		return nil
	}
	appSet(ch, data)
	names := ch.vars.get("export_vars")
	if names != "" {
		names += ","
	}
	ch.set("export_vars", names+strings.TrimSpace(name))
	return nil
}

func appMultiset(ch *channel, data string) work {
	sep := " "
	if rest, ok := strings.CutPrefix(data, "^^"); ok && rest != "" {
		sep, data = rest[:1], rest[1:]
	}
	for part := range strings.SplitSeq(data, sep) {
		appSet(ch, part)
	}
	return nil
}

func appMultiunset(ch *channel, data string) work {
	sep := " "
	if rest, ok := strings.CutPrefix(data, "^^"); ok && rest != "" {
		sep, data = rest[:1], rest[1:]
	}
	for name := range strings.SplitSeq(data, sep) {
		ch.set(strings.TrimSpace(name), "")
	}
	return nil
}

func appSetGlobal(ch *channel, data string) work {
	if name, value, ok := strings.Cut(data, "="); ok {
		ch.s.setGlobal(name, value)
	}
	return nil
}

// appEvent fires CHANNEL_APPLICATION, or a CUSTOM event if a subclass or name says so.
func appEvent(ch *channel, data string) work {
	e := event{kind: evSent, name: origins[evChannelApp].event, channel: ch}
	for part := range strings.SplitSeq(data, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		switch name = strings.TrimSpace(name); name {
		case "Event-Subclass":
			e.subclass = value
			e.name = "CUSTOM"
		case "Event-Name":
			if eventNumber(value) >= 0 {
				e.name = value
			}
		default:
			e.tail = append(e.tail, header{name, value})
		}
	}
	ch.s.fire(e)
	return nil
}

func appHangup(ch *channel, data string) work {
	ch.hangup(causeOf(data), bySwitch)
	return nil
}

func appTransfer(ch *channel, data string) work {
	words := splitBlanks(data)
	if len(words) == 0 {
		return nil
	}
	extension, dialplan, contextName := ch.destination(words)
	if !ch.move(extension, dialplan, contextName) {
		return nil
	}
	if len(ch.frames) > 0 {
		// Sent by a command while something else was going on: that ends first.
		ch.moving = ch.s.after(0, ch.arrive)
		return nil
	}
	ch.stateNo = 2
	ch.pending = func() { ch.enterPlan(extension, dialplan, contextName) }
	return nil
}

// destination fills up what a transfer left out.
func (ch *channel) destination(words []string) (extension, dialplan, contextName string) {
	extension, dialplan, contextName = words[0], ch.caller.dialplan, ch.caller.context
	if dialplan == "" {
		dialplan = "XML"
	}
	if len(words) > 1 {
		dialplan = words[1]
	}
	if len(words) > 2 {
		contextName = words[2]
	}
	return extension, dialplan, contextName
}

// move lets go of the actions that were left and of the other leg, and takes on the new caller profile.
func (ch *channel) move(extension, dialplan, contextName string) bool {
	ch.actions = nil
	ch.hunting++
	ch.waitingForPlan = false
	return ch.transferProfile(extension, dialplan, contextName)
}

// parked waits for commands.
type parked struct{ limit time.Duration }

func (p *parked) begin(ch *channel) bool {
	if n := seconds(ch.vars.get("park_timeout"), 0); n > 0 {
		p.limit = wholeSecond(ch.s.now, n).Sub(ch.s.now)
		ch.set("park_timeout", "")
	}
	ch.fire(evPark)
	if p.limit > 0 {
		ch.wait(p.limit)
	}
	return false
}

func (p *parked) elapsed(ch *channel) bool {
	ch.hangup(cause{"NORMAL_CLEARING", 16}, bySwitch)
	return false
}

func (p *parked) pressed(ch *channel) bool {
	ch.digits = ch.digits[:0]
	return false
}
func (p *parked) end(ch *channel, _ ending) { ch.fire(evUnpark) }
func (p *parked) pause(ch *channel)         { p.limit = ch.left() }
func (p *parked) resume(ch *channel) {
	if p.limit > 0 {
		ch.wait(p.limit)
	}
}

// sleeping is the application sleep.
type sleeping struct{ d, rest time.Duration }

func appSleep(_ *channel, data string) work {
	ms, err := strconv.Atoi(strings.TrimSpace(data))
	if err != nil || ms < 0 {
		return nil
	}
	return &sleeping{d: time.Duration(ms) * time.Millisecond}
}

func (p *sleeping) begin(ch *channel) bool {
	if p.d != endless {
		ch.wait(p.d)
	}
	return false
}
func (p *sleeping) elapsed(*channel) bool { return true }
func (p *sleeping) pressed(ch *channel) bool {
	if ch.vars.get("sleep_eat_digits") == "true" {
		ch.digits = ch.digits[:0]
	}
	return false
}
func (p *sleeping) end(*channel, ending) {}
func (p *sleeping) pause(ch *channel)    { p.rest = ch.left() }
func (p *sleeping) resume(ch *channel) {
	if p.d != endless {
		ch.wait(p.rest)
	}
}

// onAnswer puts what execute_on_answer names before the dialplan.
func (ch *channel) onAnswer() {
	for _, v := range ch.vars {
		if !strings.HasPrefix(v.name, "execute_on_answer") {
			continue
		}
		app, data, ok := strings.Cut(v.value(), "::")
		if !ok {
			app, data, _ = strings.Cut(v.value(), " ")
		}
		ch.actions = append(ch.actions, action(app, data))
	}
}
