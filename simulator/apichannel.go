package simulator

import (
	"strings"
)

const noChannel = "-ERR No such channel!\n"

// words are the blank-separated arguments, at least n of them by filling up with "".
func words(arg string, n int) []string {
	w := strings.Fields(arg)
	for len(w) < n {
		w = append(w, "")
	}
	return w
}

func apiKill(s *Simulator, arg string) string {
	w := words(arg, 2)
	if w[0] == "" {
		return "-USAGE: <uuid> [cause]\n"
	}
	ch := s.channels[w[0]]
	if ch == nil {
		return noChannel
	}
	ch.hangup(causeOf(w[1]), bySwitch)
	return "+OK\n"
}

func apiBridge(s *Simulator, arg string) string {
	w := words(arg, 2)
	if w[1] == "" {
		return "-USAGE: <uuid> <other_uuid>\n"
	}
	a, b := s.channels[w[0]], s.channels[w[1]]
	if a == nil || b == nil || a == b || a.cause.name != "" || b.cause.name != "" || !a.talkable() || !b.talkable() {
		return "-ERR Invalid uuid\n"
	}
	a.bridgeTo(b)
	return "+OK " + b.uuid + "\n"
}

// apiTransfer: uuid [-bleg|-both] extension [dialplan [context]].
func apiTransfer(s *Simulator, arg string) string {
	w := splitBlanks(arg)
	if len(w) < 2 {
		return "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n"
	}
	ch := s.channels[w[0]]
	if ch == nil || ch.cause.name != "" {
		return noChannel
	}
	rest := w[1:]
	legs := []*channel{ch}
	if rest[0] == "-both" || rest[0] == "-bleg" {
		if ch.bridge == nil {
			return "-ERR No such channel!\n"
		}
		legs = []*channel{ch.bridge.other(ch)}
		if rest[0] == "-both" {
			legs = append(legs, ch)
		}
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n"
	}
	for _, leg := range legs {
		extension, dialplan, contextName := leg.destination(rest)
		if len(rest) == 1 && dialplan == "inline" {
			dialplan = "XML"
		}
		leg.moveLater(extension, dialplan, contextName)
	}
	return "+OK\n"
}

func apiPark(s *Simulator, arg string) string {
	ch := s.channels[strings.TrimSpace(arg)]
	if ch == nil || ch.cause.name != "" {
		return noChannel
	}
	ch.moveLater("park:", "inline", ch.caller.context)
	return "+OK\n"
}

func apiHold(s *Simulator, arg string) string {
	w := words(arg, 2)
	mode, id := w[0], w[1]
	if id == "" {
		mode, id = "on", w[0]
	}
	ch := s.channels[id]
	if ch == nil || ch.cause.name != "" {
		return "+OK Success\n" // also for a channel that is not there
	}
	on := mode == "on" || mode == "toggle" && !ch.held
	if on == ch.held {
		return "+OK Success\n"
	}
	ch.held = on
	if on {
		ch.lastHold = s.now
		ch.setCallState("HELD", 5)
		ch.fire(evHold)
	} else {
		ch.setCallState("UNHELD", 8)
		ch.setCallState("ACTIVE", 4)
		ch.fire(evUnhold)
	}
	return "+OK Success\n"
}

func apiBroadcast(s *Simulator, arg string) string {
	w := splitBlanks(arg)
	if len(w) < 2 {
		return "-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n"
	}
	ch := s.channels[w[0]]
	if ch == nil || ch.cause.name != "" {
		return "-ERR invalid uuid\n"
	}
	leg := "aleg"
	if len(w) > 2 {
		leg = w[2]
	}
	if leg == "aleg" || leg == "both" {
		ch.broadcast(w[1])
	}
	if ch.bridge != nil && (leg == "bleg" || leg == "both") {
		ch.bridge.other(ch).broadcast(w[1])
	}
	return "+OK Message sent\n"
}

// apiBreak: uuid [all].
func apiBreak(s *Simulator, arg string) string {
	w := words(arg, 2)
	ch := s.channels[w[0]]
	if ch == nil || ch.cause.name != "" {
		return noChannel
	}
	if w[1] == "all" {
		ch.inbox = ch.inbox[:min(1, len(ch.inbox))]
	}
	s.after(pollEvery, ch.broken)
	return "+OK\n"
}

// broken ends what plays; waiting without sound does not end.
func (ch *channel) broken() {
	f := ch.top()
	if f == nil || ch.cause.name != "" {
		return
	}
	switch w := f.work.(type) {
	case *playing:
		w.end(ch, endBreak)
		ch.finishTop()
	case *dictating:
		w.end(ch, endBreak)
		ch.finishTop()
	case *collecting:
		if w.phase != listening {
			w.stopSound(ch, "break")
			w.listen(ch)
		}
	}
}

func apiRecord(s *Simulator, arg string) string {
	w := words(arg, 3)
	ch := s.channels[w[0]]
	if w[1] == "" {
		return "-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]\n"
	}
	if ch == nil || ch.cause.name != "" {
		return "-ERR Cannot locate session!\n"
	}
	switch w[1] {
	case "start":
		limit := ""
		if len(w) > 3 {
			limit = w[3]
		}
		if !ch.record(w[2], seconds(limit, 0)) {
			return "-ERR Cannot record session!\n"
		}
	case "stop":
		if !ch.stopRecording(w[2]) {
			return "-ERR Cannot stop record session!\n"
		}
	case "mask", "unmask":
		if !ch.recording(w[2]) {
			return "-ERR Cannot " + w[1] + " recording session!\n"
		}
	default:
		return "-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]\n"
	}
	return "+OK Success\n"
}

func apiGetvar(s *Simulator, arg string) string {
	w := words(arg, 2)
	if w[1] == "" {
		return "-USAGE: <uuid> <var>\n"
	}
	ch := s.channels[w[0]]
	if ch == nil {
		return noChannel
	}
	if v, ok := ch.lookup(w[1]); ok && v != "" {
		return v
	}
	return "_undef_"
}

func apiSetvar(s *Simulator, arg string) string {
	id, rest, _ := strings.Cut(arg, " ")
	name, value, _ := strings.Cut(rest, " ")
	if name == "" {
		return "-USAGE: <uuid> <var> [value]\n"
	}
	ch := s.channels[id]
	if ch == nil {
		return noChannel
	}
	ch.set(name, value)
	return "+OK\n"
}

func apiSetvarMulti(s *Simulator, arg string) string {
	id, rest, _ := strings.Cut(arg, " ")
	if rest == "" {
		return "-USAGE: <uuid> <var>=<value>;<var>=<value>...\n"
	}
	ch := s.channels[id]
	if ch == nil {
		return noChannel
	}
	for part := range strings.SplitSeq(rest, ";") {
		if name, value, ok := strings.Cut(part, "="); ok {
			ch.set(strings.TrimSpace(name), value)
		}
	}
	return "+OK\n"
}

func apiDump(s *Simulator, arg string) string {
	w := words(arg, 2)
	if w[0] == "" {
		return "-USAGE: <uuid> [format]\n"
	}
	ch := s.channels[w[0]]
	if ch == nil {
		return noChannel
	}
	s.sequence++
	text := s.format(event{kind: evData, name: "CHANNEL_DATA", channel: ch, sequence: s.sequence})[prefix:]
	switch w[1] {
	case "json":
		return string(toJSON(text))
	case "xml":
		return string(toXML(text)) + "\n"
	default:
		return string(text)
	}
}

func apiExists(s *Simulator, arg string) string {
	return boolText(s.channels[strings.TrimSpace(arg)] != nil)
}

func apiAnswer(s *Simulator, arg string) string {
	if s.channels[strings.TrimSpace(arg)] == nil {
		return "-ERROR\n"
	}
	return "+OK\n"
}

func apiMedia(s *Simulator, arg string) string {
	w := strings.Fields(arg)
	if len(w) == 0 || s.channels[w[len(w)-1]] == nil {
		return "-ERR Operation failed\n"
	}
	return "+OK Success\n"
}

func apiAudio(s *Simulator, arg string) string {
	const usage = "-USAGE: <uuid> [start [read|write] [mute|level <level>]|stop]\n"
	w := words(arg, 2)
	w = append(w, "", "", "")[:max(len(w), 5)]
	ch := s.channels[w[0]]
	switch {
	case ch == nil:
		return usage
	case w[1] == "stop":
		ch.muted = false
	case w[1] == "start" && (w[2] == "read" || w[2] == "write") && (w[3] == "mute" || w[3] == "level") && w[4] != "":
		if w[2] == "read" && w[3] == "mute" {
			ch.muted = w[4] != "0"
		}
	default:
		return usage
	}
	return "+OK\n"
}

func apiDisplace(s *Simulator, arg string) string {
	w := words(arg, 3)
	if s.channels[w[0]] == nil {
		return "-ERR Cannot locate session!\n"
	}
	return "+OK Success\n"
}

func apiBuglist(s *Simulator, arg string) string {
	ch := s.channels[strings.TrimSpace(arg)]
	if ch == nil {
		return noChannel
	}
	var b strings.Builder
	b.WriteString("<media-bugs>\n")
	for _, r := range ch.recordings {
		b.WriteString(" <media-bug>\n  <function>session_record</function>\n  <target>" + r.path +
			"</target>\n  <thread-locked>0</thread-locked>\n </media-bug>\n")
	}
	b.WriteString("</media-bugs>\n")
	return b.String()
}

// apiHupall: [cause [variable value]].
func apiHupall(s *Simulator, arg string) string {
	w := words(arg, 3)
	c := cause{"MANAGER_REQUEST", 503}
	if w[0] != "" {
		c = causeOf(w[0])
	}
	all := make([]*channel, 0, len(s.channels))
	for _, ch := range s.sorted() {
		if w[1] == "" || ch.vars.get(w[1]) == w[2] {
			all = append(all, ch)
		}
	}
	for _, ch := range all {
		ch.hangup(c, bySwitch)
	}
	if w[1] != "" {
		return "+OK hangup all channels matching [" + w[1] + "]=[" + w[2] + "] with cause: " + c.name + "\n"
	}
	return "+OK hangup all channels with cause " + c.name + "\n"
}
