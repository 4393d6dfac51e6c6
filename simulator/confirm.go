package simulator

import "time"

// confirming is group_confirm_key: who was called hears group_confirm_file again and again, and the originate has succeeded
// only when he has pressed the key. The ringing time goes on meanwhile unless group_confirm_cancel_timeout is true; when it
// is up, NO_ANSWER (switch_ivr_originate.c, collect_thread_run). The key "exec", which runs an application, is not simulated.
type confirming struct {
	key, file string
	wait      time.Duration // for the key once the file has ended
	got       []byte
	sound     bool // the file plays, since began
	began     time.Time
	length    time.Duration
	rest      time.Duration
}

// mustConfirm begins to ask for the key if one is wanted.
func (ch *channel) mustConfirm() bool {
	key := ch.vars.get("group_confirm_key")
	if key == "" || key == "exec" || ch.job == nil {
		return false
	}
	if ch.vars.get("group_confirm_cancel_timeout") == "true" {
		ch.s.stop(ch.timeout)
	}
	wait := milliseconds(ch.vars.get("group_confirm_read_timeout"))
	if wait == 0 {
		wait = 5 * time.Second
	}
	ch.push(&frame{work: &confirming{key: key, file: ch.vars.get("group_confirm_file"), wait: wait}})
	return true
}

func (c *confirming) begin(ch *channel) bool {
	c.got = c.got[:0]
	ch.prompts++
	ch.promptBegins()
	d, there := ch.s.soundLength(c.file)
	if c.file == "" || !there {
		return c.listen(ch)
	}
	c.sound, c.began, c.length = true, ch.s.now, d
	ch.fire(evPlaybackStart, playbackHeaders(c.file)...)
	if d != endless {
		ch.wait(takes(d))
	}
	return false
}

func (c *confirming) listen(ch *channel) bool {
	ch.wait(c.wait)
	return false
}

func (c *confirming) silence(ch *channel, status string) {
	if c.sound {
		c.sound = false
		stopPlayback(ch, c.file, ch.s.now.Sub(c.began), c.length, status)
	}
}

func (c *confirming) elapsed(ch *channel) bool {
	if c.sound {
		c.silence(ch, "done")
		return c.listen(ch)
	}
	return c.begin(ch)
}

func (c *confirming) pressed(ch *channel) bool {
	c.got = append(c.got, ch.digits...)
	ch.digits = ch.digits[:0]
	c.silence(ch, "break")
	switch {
	case len(c.got) < len(c.key):
		return c.listen(ch)
	case string(c.got[:len(c.key)]) != c.key:
		return c.begin(ch)
	}
	ch.set("group_dial_status", "winner")
	ch.s.stop(ch.timeout)
	ch.s.after(pollEvery, func() {
		if ch.cause.name == "" && !ch.gone {
			ch.proceed()
		}
	})
	return true
}

func (c *confirming) end(ch *channel, _ ending) { c.silence(ch, "done") }

func (c *confirming) pause(ch *channel) { c.rest = ch.left() }

func (c *confirming) resume(ch *channel) { ch.wait(c.rest) }
