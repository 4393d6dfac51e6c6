package simulator

import (
	"strconv"
	"strings"
	"time"
)

func apiSchedHangup(s *Simulator, arg string) string {
	w := words(arg, 3)
	if w[1] == "" {
		return "-USAGE: [+]<time> <uuid> [<cause>]\n"
	}
	ch := s.channels[w[1]]
	if ch == nil {
		return noChannel
	}
	ch.scheduleHangup(w[0], w[2])
	return "+OK\n"
}

func apiSchedTransfer(s *Simulator, arg string) string {
	w := strings.Fields(arg)
	if len(w) < 3 {
		return "-USAGE: [+]<time> <uuid> <extension> [<dialplan>] [<context>]\n"
	}
	ch := s.channels[w[1]]
	if ch == nil {
		return noChannel
	}
	ch.scheduleTransfer(w[0], w[2:])
	return "+OK\n"
}

// apiSchedDel: task id or group, which is a channel's uuid.
func apiSchedDel(s *Simulator, arg string) string {
	arg = strings.TrimSpace(arg)
	if arg == "" {
		return "-USAGE: <task_id>|<group_id>\n"
	}
	n := 0
	if ch := s.channels[arg]; ch != nil {
		n = ch.cancelTasks()
	} else if id, err := strconv.Atoi(arg); err == nil {
		for _, ch := range s.channels {
			for _, t := range ch.tasks {
				if t.id == id {
					s.stop(t.timer)
					ch.dropTask(t)
					n++
					break
				}
			}
		}
	}
	return "+OK Deleted: " + strconv.Itoa(n) + "\n"
}

// apiSendDTMF: uuid keys[@duration].
func apiSendDTMF(s *Simulator, arg string) string {
	w := words(arg, 2)
	if w[1] == "" {
		return "-USAGE: <uuid> <dtmf_data>\n"
	}
	ch := s.channels[w[0]]
	if ch == nil || ch.cause.name != "" {
		return "-ERR Cannot locate session!\n"
	}
	ch.sendDTMF(w[1])
	return "+OK " + ch.uuid + " sent DTMF " + w[1] + ".\n"
}

// apiRecvDTMF lets keys arrive as if the far end had pressed them.
func apiRecvDTMF(s *Simulator, arg string) string {
	w := words(arg, 2)
	if w[1] == "" {
		return "-USAGE: <uuid> <dtmf_data>\n"
	}
	ch := s.channels[w[0]]
	if ch == nil || ch.cause.name != "" {
		return "-ERR Cannot locate session!\n"
	}
	keys, _, _ := strings.Cut(w[1], "@")
	for i, d := range []byte(keys) {
		if isKey(d) {
			ch.keyTimers = append(ch.keyTimers, s.after(pollEvery*time.Duration(i+1), func() { ch.press(d, 2000, "APP") }))
		}
	}
	return "+OK " + ch.uuid + " received DTMF " + w[1] + ".\n"
}

func apiFlushDTMF(s *Simulator, arg string) string {
	ch := s.channels[strings.TrimSpace(arg)]
	if ch == nil {
		return noChannel
	}
	ch.digits = ch.digits[:0]
	return "+OK\n"
}
