package simulator

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// endless is the length of what plays until something else happens.
const endless = time.Duration(math.MaxInt64)

// playing is one playback. It says START and STOP, takes as long as its file, and ends with a key if one of the
// terminators is pressed.
type playing struct {
	path    string
	length  time.Duration
	limit   time.Duration // playback_timeout_sec
	loops   int           // further passes; each has its own START and STOP
	began   time.Time
	rest    time.Duration
	played  time.Duration // before a pause
	endless bool
}

func appPlayback(ch *channel, data string) work {
	if data == "" {
		return nil
	}
	return newPlaying(ch, data)
}

func appEndless(ch *channel, data string) work {
	w := newPlaying(ch, data)
	if p, ok := w.(*playing); ok {
		p.endless = true
	}
	return w
}

func appLoop(ch *channel, data string) work {
	count, file, ok := strings.Cut(data, " ")
	n := 0
	if ok && strings.HasPrefix(count, "+") {
		n, _ = strconv.Atoi(count[1:]) // 0 = once
	} else {
		file = data
	}
	w := newPlaying(ch, strings.TrimSpace(file))
	if p, ok := w.(*playing); ok {
		p.loops = min(max(n-1, 0), 10_000)
	}
	return w
}

// newPlaying finds the file; without it there is no playback at all.
func newPlaying(ch *channel, path string) work {
	d, ok := ch.s.soundLength(path)
	if !ok {
		ch.respond("FILE NOT FOUND")
		return nil
	}
	p := &playing{path: path, length: d, limit: endless}
	if n := seconds(ch.vars.get("playback_timeout_sec"), 0); n >= 2 {
		p.limit = time.Duration(n) * time.Second
	}
	return p
}

// soundLength is how long something plays.
func (s *Simulator) soundLength(path string) (time.Duration, bool) {
	if _, rest, ok := strings.Cut(path, "}"); ok && strings.HasPrefix(path, "{") {
		path = rest
	}
	kind, rest, ok := strings.Cut(path, "://")
	if !ok {
		return s.cfg.SoundDir(path)
	}
	switch kind {
	case "silence_stream":
		ms, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(ms)
		if err != nil || n < 0 {
			return endless, true
		}
		return time.Duration(n) * time.Millisecond, true
	case "tone_stream":
		return toneLength(rest), true
	case "local_stream":
		return endless, true
	case "file_string":
		var sum time.Duration
		for part := range strings.SplitSeq(rest, "!") {
			d, ok := s.soundLength(part)
			if !ok {
				continue
			}
			if d == endless {
				return endless, true
			}
			sum += d
		}
		return sum, sum > 0
	default:
		return 0, false
	}
}

// toneLength adds up %(on,off,frequencies) of a tone script; loops=N repeats it, L=-1 or loops=-1 never ends.
func toneLength(text string) time.Duration {
	var sum time.Duration
	loops := 1
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if v, ok := strings.CutPrefix(part, "loops="); ok {
			loops, _ = strconv.Atoi(v)
		}
		if v, ok := strings.CutPrefix(part, "L="); ok {
			loops, _ = strconv.Atoi(v)
		}
		for {
			_, rest, ok := strings.Cut(part, "%(")
			if !ok {
				break
			}
			inner, after, _ := strings.Cut(rest, ")")
			fields := strings.Split(inner, ",")
			for _, f := range fields[:min(2, len(fields))] {
				ms, _ := strconv.Atoi(strings.TrimSpace(f)) // no number adds nothing
				sum += time.Duration(max(ms, 0)) * time.Millisecond
			}
			part = after
		}
	}
	if loops < 0 {
		return endless
	}
	return sum * time.Duration(max(loops, 1))
}

// takes is how long a sound of length d is heard to take on a real switch: its first packet leaves at once.
func takes(d time.Duration) time.Duration {
	if d == endless || d < 3*pollEvery {
		return d
	}
	return d - pollEvery
}

func (p *playing) begin(ch *channel) bool {
	// Keys pressed before are taken as pressed now: one that terminates ends it at once.
	ch.fire(evPlaybackStart, playbackHeaders(p.path)...)
	p.began, p.played = ch.s.now, 0
	if p.pressed(ch) {
		return true
	}
	p.arm(ch, min(takes(p.length), takes(p.limit)))
	return false
}

func (p *playing) arm(ch *channel, d time.Duration) {
	p.rest = d
	if d != endless {
		ch.wait(d)
	}
}

func (p *playing) elapsed(ch *channel) bool {
	p.stopped(ch, "done")
	if p.limit < p.length {
		ch.respond("PLAYBACK ERROR")
		return true
	}
	ch.respond("FILE PLAYED")
	if p.endless || p.loops > 0 {
		p.loops--
		p.again(ch)
		return false
	}
	return true
}

// again plays the next pass.
func (p *playing) again(ch *channel) {
	if p.length < time.Millisecond {
		p.length = time.Millisecond
	}
	ch.respond("")
	if !p.begin(ch) {
		return
	}
	ch.finishTop()
}

// pressed looks whether a waiting key is a terminator; other keys are consumed.
func (p *playing) pressed(ch *channel) bool {
	if !ch.terminated() {
		return false
	}
	p.stopped(ch, "break")
	ch.respond("FILE PLAYED")
	return true
}

// terminated takes the keys that wait up to the first that playback_terminators names; true = there was one.
func (ch *channel) terminated() bool {
	terminators := ch.vars.get("playback_terminators")
	if terminators == "" {
		terminators = "*"
	}
	for len(ch.digits) > 0 {
		d := ch.digits[0]
		ch.digits = ch.digits[1:]
		if terminators == "any" || terminators != "none" && strings.IndexByte(terminators, d) >= 0 {
			ch.set("playback_terminator_used", string(d))
			return true
		}
	}
	return false
}

func (p *playing) end(ch *channel, why ending) {
	switch why {
	case endBreak:
		p.stopped(ch, "break")
		ch.respond("FILE PLAYED")
	case endMove:
		p.stopped(ch, "done")
		ch.respond("PLAYBACK ERROR")
	default:
		p.stopped(ch, "done")
		ch.respond("FILE PLAYED")
	}
}

// pause and resume: what runs on top takes its time in addition.
func (p *playing) pause(ch *channel) {
	if p.rest != endless {
		p.rest = ch.left()
	}
	p.played += ch.s.now.Sub(p.began)
}

func (p *playing) resume(ch *channel) {
	p.began = ch.s.now
	p.arm(ch, p.rest)
}

func (p *playing) stopped(ch *channel, status string) {
	stopPlayback(ch, p.path, p.played+ch.s.now.Sub(p.began), p.length, status)
}

// stopPlayback sets the variables of a playback's end and says STOP. playback_ms is the position of the read-ahead, as on
// FreeSWITCH: always the whole length of a short file.
func stopPlayback(ch *channel, path string, played, length time.Duration, status string) {
	ahead := played
	if length != endless {
		ahead = min((played/(2048*time.Millisecond)+1)*2048*time.Millisecond, length)
		if played >= takes(length) {
			played, ahead = length, length
		}
	}
	ms := ahead.Milliseconds()
	ch.set("playback_last_offset_pos", strconv.FormatInt(played.Milliseconds()*8, 10))
	ch.set("playback_seconds", strconv.FormatInt(ms/1000, 10))
	ch.set("playback_ms", strconv.FormatInt(ms, 10))
	ch.set("playback_samples", strconv.FormatInt(ms*8, 10))
	ch.fire(evPlaybackStop, append(playbackHeaders(path), header{"Playback-Status", status})...)
}

func playbackHeaders(path string) []header {
	hs := []header{{"Playback-File-Path", path}}
	if kind, _, ok := strings.Cut(path, "://"); ok && (kind == "local_stream" || kind == "tone_stream") {
		hs = append(hs, header{"Playback-File-Type", kind})
	}
	return hs
}
