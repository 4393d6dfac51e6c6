package simulator

import (
	"strings"
	"time"
)

// dictating is the application record: the caller speaks into a file and nothing else happens until a key of
// playback_terminators, the limit, or his hanging up ends it (mod_dptools, record_function; switch_ivr_record_file). Unlike
// record_session it is no media bug: there is no MEDIA_BUG_START and no Record-Completion-Cause.
type dictating struct {
	path        string
	limit, rest time.Duration // 0 = none
	began       time.Time
	before      time.Duration // recorded before a pause
}

// appRecord: path [limit [silence-threshold [silence-hits]]], the limit in whole seconds of the clock; the switch stops once
// more than that many have gone by. Callers of a simulated town are never silent: the threshold ends nothing.
func appRecord(ch *channel, data string) work {
	w := splitBlanks(data)
	if len(w) == 0 {
		return nil // "No file specified.", and the dialplan goes on
	}
	if !recordable(w[0]) {
		ch.hangup(cause{"DESTINATION_OUT_OF_ORDER", 27}, bySwitch)
		return nil
	}
	d := &dictating{path: w[0]}
	if len(w) > 1 {
		if n := seconds(strings.TrimPrefix(w[1], "+"), 0); n > 0 {
			d.limit = wholeSecond(ch.s.now, n+1).Sub(ch.s.now)
		}
	}
	return d
}

func (d *dictating) begin(ch *channel) bool {
	ch.set("playback_terminator_used", "")
	ch.fire(evRecordStart, header{"Record-File-Path", d.path})
	d.began = ch.s.now
	if d.pressed(ch) {
		return true
	}
	if d.limit > 0 {
		ch.wait(d.limit)
	}
	return false
}

func (d *dictating) elapsed(ch *channel) bool {
	d.stopped(ch)
	return true
}

func (d *dictating) pressed(ch *channel) bool {
	if !ch.terminated() {
		return false
	}
	d.stopped(ch)
	return true
}

func (d *dictating) end(ch *channel, _ ending) { d.stopped(ch) }

func (d *dictating) stopped(ch *channel) {
	ch.recorded(d.path, d.before+ch.s.now.Sub(d.began), false, true)
	ch.fire(evRecordStop, header{"Record-File-Path", d.path})
}

// pause and resume: what runs on top is not recorded, and takes its time in addition.
func (d *dictating) pause(ch *channel) {
	d.before += ch.s.now.Sub(d.began)
	if d.limit > 0 {
		d.rest = ch.left()
	}
}

func (d *dictating) resume(ch *channel) {
	d.began = ch.s.now
	if d.limit > 0 {
		ch.wait(d.rest)
	}
}
