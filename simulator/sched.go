package simulator

import (
	"strconv"
	"strings"
	"time"
)

// task is something that a channel is to do at a whole second.
type task struct {
	id    int
	desc  string
	due   time.Time
	timer *timer
}

// schedule arranges a task. It survives transfers and bridges; only the channel's end or sched_cancel takes it away.
func (ch *channel) schedule(when, desc string, do func()) {
	s := ch.s
	due, ok := s.taskTime(when)
	if !ok {
		return
	}
	s.nextTask++
	t := &task{id: s.nextTask, desc: desc, due: due}
	lead := func() []header {
		return []header{
			{"Task-ID", strconv.Itoa(t.id)}, {"Task-Desc", desc}, {"Task-Group", ch.uuid},
			{"Task-Runtime", strconv.FormatInt(due.Unix(), 10)},
		}
	}
	t.timer = s.at(due, func() {
		s.fire(event{kind: evExecSchedule, tail: lead()})
		ch.dropTask(t)
		do()
		s.fire(event{kind: evDelSchedule, tail: lead()})
	})
	ch.tasks = append(ch.tasks, t)
	s.fire(event{kind: evAddSchedule, tail: lead()})
}

// taskTime reads +seconds, @epoch or epoch. The scheduler counts whole epoch seconds.
func (s *Simulator) taskTime(when string) (time.Time, bool) {
	if n, ok := strings.CutPrefix(when, "+"); ok {
		sec, err := strconv.Atoi(n)
		if err != nil || sec < 0 {
			return time.Time{}, false
		}
		return wholeSecond(s.now, sec), true
	}
	epoch, err := strconv.ParseInt(strings.TrimPrefix(when, "@"), 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	due := time.Unix(epoch, 0)
	if due.Before(s.now) {
		due = s.now
	}
	return due, true
}

func (ch *channel) dropTask(t *task) {
	for i, one := range ch.tasks {
		if one == t {
			ch.tasks = append(ch.tasks[:i:i], ch.tasks[i+1:]...)
			return
		}
	}
}

func (ch *channel) cancelTasks() int {
	n := len(ch.tasks)
	for _, t := range ch.tasks {
		ch.s.stop(t.timer)
	}
	ch.tasks = nil
	return n
}

func (ch *channel) scheduleHangup(when, why string) {
	c := cause{"ALLOTTED_TIMEOUT", 16}
	if why != "" {
		c = causeOf(why)
	}
	ch.schedule(when, "sch_hangup", func() { ch.hangup(c, bySwitch) })
}

// appSchedHangup: [+]time [cause [bleg]].
func appSchedHangup(ch *channel, data string) work {
	w := splitBlanks(data)
	if len(w) == 0 {
		return nil
	}
	w = append(w, "")
	ch.scheduleHangup(w[0], w[1])
	return nil
}

// appSchedTransfer: [+]time extension [dialplan [context]].
func appSchedTransfer(ch *channel, data string) work {
	w := splitBlanks(data)
	if len(w) < 2 {
		return nil
	}
	ch.scheduleTransfer(w[0], w[1:])
	ch.set("last_sched_id", strconv.Itoa(ch.s.nextTask))
	return nil
}

func (ch *channel) scheduleTransfer(when string, words []string) {
	ch.schedule(when, "switch_ivr_schedule_transfer", func() {
		if ch.cause.name == "" {
			extension, dialplan, contextName := ch.destination(words)
			ch.moveLater(extension, dialplan, contextName)
		}
	})
}

// appSchedBroadcast: [+]time file [aleg|bleg|both].
func appSchedBroadcast(ch *channel, data string) work {
	w := splitBlanks(data)
	if len(w) < 2 {
		return nil
	}
	ch.schedule(w[0], "switch_ivr_schedule_broadcast", func() { ch.broadcast(w[1]) })
	return nil
}

// broadcast plays a file, or runs app::arg, on top of what the channel does.
func (ch *channel) broadcast(what string) {
	m := message{app: "playback", data: what, loops: 1}
	if app, arg, ok := strings.Cut(what, "::"); ok {
		m.app, m.data = app, arg
	}
	m.headers = []header{
		{"call-command", "execute"}, {"execute-app-name", m.app}, {"execute-app-arg", m.data}, {"lead-frames", "5"},
		{"event-lock", "true"},
	}
	ch.tell(m, broadcastAfter)
}

// broadcastAfter is how long a broadcast took to be heard, every time.
const broadcastAfter = 200 * time.Millisecond

func appSchedCancel(ch *channel, _ string) work {
	ch.cancelTasks()
	return nil
}
