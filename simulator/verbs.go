package simulator

import (
	"crypto/subtle"
	"strconv"
	"strings"
)

const goodbye = "Content-Type: text/disconnect-notice\nContent-Length: 67\n\n" +
	"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"

func (c *conn) reply(text string, more ...header) {
	c.out = append(c.out, "Content-Type: command/reply\nReply-Text: "...)
	c.out = append(c.out, text...)
	c.out = append(c.out, '\n')
	for _, h := range more {
		c.out = append(c.out, h.name+": "+h.value+"\n"...)
	}
	c.out = append(c.out, '\n')
}

func (c *conn) respond(body string) {
	if body == "" {
		body = "-ERR no reply\n"
	}
	c.out = append(c.out, "Content-Type: api/response\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(c.out, "\n\n"...)
	c.out = append(c.out, body...)
}

// do carries out a command. A channel means that the connection takes no other before it is closed. The lock is held.
func (c *conn) do(cmd command) <-chan struct{} {
	verb, rest, spaced := strings.Cut(cmd.line, " ")
	verb = strings.ToLower(verb)
	switch {
	case verb == "exit":
		c.reply("+OK bye")
		c.out = append(c.out, goodbye...)
		c.finish()
	case !c.authorised:
		c.authenticate(verb, rest)
	case verb == "api" && spaced:
		return c.api(rest)
	case verb == "bgapi" && spaced:
		c.bgapi(rest, cmd)
	default:
		c.minor(verb, rest, cmd)
	}
	return nil
}

func (c *conn) authenticate(verb, password string) {
	if verb != "auth" {
		c.reply("-ERR command not found")
		return
	}
	if subtle.ConstantTimeCompare([]byte(password), []byte(c.s.cfg.Password)) == 1 {
		c.authorised = true
		c.reply("+OK accepted")
		return
	}
	c.reply("-ERR invalid")
	c.out = append(c.out, goodbye...)
	c.finish()
}

func (c *conn) minor(verb, rest string, cmd command) {
	switch verb {
	case "event":
		c.subscribe(rest)
	case "nixevent":
		c.nix(rest)
	case "noevents":
		if !c.listening {
			c.reply("-ERR not listening for events")
			return
		}
		c.unsubscribe()
		c.reply("+OK no longer listening for events")
	case "filter":
		c.filter(rest)
	case "sendmsg":
		c.sendmsg(rest, cmd)
	case "sendevent":
		c.sendevent(rest, cmd)
	case "log":
		c.logging = true
		level := logLevel(rest)
		c.reply("+OK log level " + level + " [" + level + "]")
	case "nolog":
		if !c.logging {
			c.reply("-ERR not loging")
			return
		}
		c.logging = false
		c.reply("+OK no longer logging")
	case "linger", "nolinger":
		c.reply("-ERR not controlling a session")
	case "divert_events":
		c.reply("-ERR not controlling a session.")
	default:
		c.reply("-ERR command not found")
	}
}

func logLevel(s string) string {
	names := []string{"CONSOLE", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"}
	for i, n := range names {
		if strings.EqualFold(s, n) {
			return strconv.Itoa(i)
		}
	}
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 0 && n < len(names) {
		return strconv.Itoa(n)
	}
	return "7"
}

// api runs a command whose reply the connection waits for; events that happen meanwhile follow the reply.
func (c *conn) api(line string) <-chan struct{} {
	c.blocked = true
	done := make(chan struct{})
	finished := false
	c.s.run(line, func(body string) {
		finished = true
		c.respond(body)
		c.out = append(c.out, c.waiting...)
		c.blocked, c.waiting = false, c.waiting[:0]
		c.wake()
		close(done)
	})
	if finished {
		return nil
	}
	return done
}

// bgapi answers at once; the result comes as BACKGROUND_JOB.
func (c *conn) bgapi(line string, cmd command) {
	job := cmd.get("Job-UUID")
	if job == "" {
		job = c.s.newUUID()
	}
	c.reply("+OK Job-UUID: "+job, header{"Job-UUID", job})
	name, arg, _ := strings.Cut(line, " ")
	c.s.run(line, func(body string) {
		tail := []header{{"Job-UUID", job}, {"Job-Command", name}}
		if arg != "" {
			tail = append(tail, header{"Job-Command-Arg", arg})
		}
		c.s.fire(event{kind: evJob, tail: tail, body: body})
	})
}

// sendevent fires an event of the client's.
func (c *conn) sendevent(name string, cmd command) {
	id := c.s.newUUID()
	c.reply("+OK " + id)
	name = strings.TrimSpace(name)
	subclass := cmd.get("Event-Subclass")
	if subclass != "" {
		name = "CUSTOM"
	}
	var tail []header
	for _, h := range cmd.headers {
		if !strings.EqualFold(h.name, "Event-Subclass") && !strings.EqualFold(h.name, "Event-Name") &&
			!strings.EqualFold(h.name, "Content-Length") {
			tail = append(tail, h)
		}
	}
	tail = append(tail, header{"Event-UUID", id})
	c.s.fire(event{kind: evSent, name: name, subclass: subclass, tail: tail, body: cmd.body})
}

// sendmsg executes an application on a channel, or hangs it up.
func (c *conn) sendmsg(id string, cmd command) {
	id = strings.TrimSpace(id)
	ch := c.s.channels[id]
	if ch == nil {
		c.reply("-ERR invalid session id [" + id + "]")
		return
	}
	c.reply("+OK")
	m := message{id: cmd.get("Event-UUID"), loops: 1, headers: append([]header{{"Command", "sendmsg " + id}}, cmd.headers...)}
	m.body = cmd.body
	switch strings.ToLower(cmd.get("call-command")) {
	case "execute":
		m.app, m.data = cmd.get("execute-app-name"), cmd.get("execute-app-arg")
		if cmd.body != "" && m.data == "" {
			m.data = cmd.body
		}
		if n, err := strconv.Atoi(cmd.get("loops")); err == nil && n > 1 {
			m.loops = min(n, 1000)
		}
	case "hangup":
		m.hangup = causeOf(cmd.get("hangup-cause")).name
	}
	ch.tell(m, pollEvery)
}
