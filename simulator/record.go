package simulator

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recording is a file that a switch would write. The simulator says so, and writes tones if Config.Recordings wants it.
type recording struct {
	path  string
	began time.Time
	limit *timer
	least time.Duration // of a shorter one no file is kept
}

func (ch *channel) record(path string, limit int) bool {
	if !recordable(path) || ch.recording(path) {
		return false
	}
	r := &recording{path: path, began: ch.s.now, least: time.Duration(seconds(ch.vars.get("RECORD_MIN_SEC"), 0)) * time.Second}
	ch.recordings = append(ch.recordings, r)
	ch.fire(evRecordStart, header{"Record-File-Path", path})
	ch.fireBug(evBugStart, path)
	if limit > 0 {
		r.limit = ch.s.at(wholeSecond(ch.s.now, limit), func() { ch.stopRecording(path) })
	}
	return true
}

// recordable says whether the switch has a format for a file: its ending tells.
func recordable(path string) bool {
	return slices.Contains([]string{".wav", ".mp3", ".raw", ".ul", ".al"}, strings.ToLower(filepath.Ext(path)))
}

func (ch *channel) recording(path string) bool {
	return slices.ContainsFunc(ch.recordings, func(r *recording) bool { return r.path == path })
}

func (ch *channel) fireBug(k kind, path string) {
	ch.s.fire(event{kind: k, channel: ch, lead: []header{
		{"Media-Bug-Function", "session_record"}, {"Media-Bug-Target", path},
	}})
}

// stopRecording ends one recording, or all; false = there is none.
func (ch *channel) stopRecording(path string) bool {
	found := false
	kept := ch.recordings[:0:0]
	for _, r := range ch.recordings {
		if path != "all" && r.path != path {
			kept = append(kept, r)
			continue
		}
		found = true
		ch.s.stop(r.limit)
		d := ch.s.now.Sub(r.began)
		ch.set("record_file_size", strconv.FormatInt(44+d.Milliseconds()*16, 10))
		why := "success-silence"
		ch.recorded(r.path, d, ch.vars.get("RECORD_STEREO") == "true", d >= r.least)
		if d < r.least {
			why = "input-too-short"
			ch.set("RECORD_DISCARDED", "true")
		}
		ch.set("record_completion_cause", why)
		ch.fire(evRecordStop, header{"Record-File-Path", r.path}, header{"Record-Completion-Cause", why})
		ch.fireBug(evBugStop, r.path)
	}
	ch.recordings = kept
	return found
}

// recorded says how long a file has become, and writes it if it is kept and that is wanted.
func (ch *channel) recorded(path string, d time.Duration, stereo, kept bool) {
	ms := d.Milliseconds()
	ch.set("record_samples", strconv.FormatInt(ms*8, 10))
	ch.set("record_seconds", strconv.FormatInt(ms/1000, 10))
	ch.set("record_ms", strconv.FormatInt(ms, 10))
	if !ch.s.cfg.Recordings || !kept {
		return
	}
	if err := writeTones(path, d, stereo); err != nil {
		ch.s.cfg.Logger.Warn("recording not written", "path", path, "err", err)
	}
}

func (ch *channel) stopRecordings() {
	if len(ch.recordings) > 0 {
		ch.stopRecording("all")
	}
}

// appRecordSession: path [+limit]. The call goes on meanwhile.
func appRecordSession(ch *channel, data string) work {
	path, limit, _ := strings.Cut(data, " ")
	if path != "" && !ch.record(path, seconds(strings.TrimPrefix(limit, "+"), 0)) {
		ch.s.cfg.Logger.Warn("cannot record", "uuid", ch.uuid, "path", path)
	}
	return nil
}

func appStopRecord(ch *channel, data string) work {
	ch.stopRecording(strings.TrimSpace(data))
	return nil
}
