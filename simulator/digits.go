package simulator

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// collecting is play_and_get_digits and read: prompt, wait, judge, perhaps again.
type collecting struct {
	least, most, tries int
	timeout, between   time.Duration
	terminators        string
	prompt, invalid    string
	variable           string
	valid              *regexp.Regexp
	judge              bool   // an answer that does not match is asked for again
	onFail             string // transfer_on_failure

	phase   phase
	got     []byte
	promptL time.Duration
	began   time.Time
	rest    time.Duration
}

type phase int

const (
	prompting phase = iota
	listening
	sorry // the invalid sound
)

// appPlayAndGetDigits: min max tries timeout terminators file invalid-file variable regexp [digit-timeout [transfer-on-failure]].
func appPlayAndGetDigits(ch *channel, data string) work {
	w := splitBlanks(data)
	if len(w) < 9 {
		return nil
	}
	re, err := regexp.Compile(w[8])
	if err != nil {
		re = regexp.MustCompile(`^$`)
	}
	c := &collecting{
		least: seconds(w[0], 0), most: min(max(seconds(w[1], 1), 1), 128), tries: max(seconds(w[2], 1), 1),
		timeout: milliseconds(w[3]), terminators: w[4], prompt: w[5], invalid: w[6], variable: w[7], valid: re, judge: true,
	}
	c.between = c.timeout
	if len(w) > 9 && seconds(w[9], 0) > 0 {
		c.between = milliseconds(w[9])
	}
	if len(w) > 10 {
		c.onFail = strings.Join(w[10:], " ")
	}
	return c
}

// appRead: min max file variable timeout terminators [digit-timeout].
func appRead(_ *channel, data string) work {
	w := splitBlanks(data)
	if len(w) < 6 {
		return nil
	}
	c := &collecting{
		least: seconds(w[0], 0), most: min(max(seconds(w[1], 1), 1), 128), tries: 1,
		prompt: w[2], variable: w[3], timeout: milliseconds(w[4]), terminators: w[5],
		valid: regexp.MustCompile(``),
	}
	c.between = c.timeout
	if len(w) > 6 {
		c.between = milliseconds(w[6])
	}
	return c
}

func milliseconds(s string) time.Duration {
	return time.Duration(seconds(s, 0)) * time.Millisecond
}

func (c *collecting) begin(ch *channel) bool {
	return c.ask(ch)
}

// ask plays the prompt of the next try.
func (c *collecting) ask(ch *channel) bool {
	c.tries--
	c.got = c.got[:0]
	ch.set("read_result", "")
	ch.set(c.variable, "")
	if c.take(ch) {
		return c.decide(ch)
	}
	ch.prompts++
	ch.promptBegins()
	if len(c.got) > 0 || !c.play(ch, c.prompt, prompting) {
		return c.listen(ch)
	}
	return false
}

// play starts a sound; false = there is none.
func (c *collecting) play(ch *channel, file string, p phase) bool {
	d, ok := ch.s.soundLength(file)
	if !ok || file == "" {
		return false
	}
	c.phase, c.promptL, c.began = p, d, ch.s.now
	ch.fire(evPlaybackStart, playbackHeaders(file)...)
	if d != endless {
		ch.wait(takes(d))
	}
	return true
}

func (c *collecting) file() string {
	if c.phase == sorry {
		return c.invalid
	}
	return c.prompt
}

func (c *collecting) stopSound(ch *channel, status string) {
	if c.phase != listening {
		stopPlayback(ch, c.file(), ch.s.now.Sub(c.began), c.promptL, status)
	}
}

// listen waits for the first or the next digit.
func (c *collecting) listen(ch *channel) bool {
	c.phase = listening
	d := c.timeout
	if len(c.got) > 0 {
		d = c.between
	}
	ch.wait(d)
	return false
}

// take reads waiting keys; true = the answer is complete.
func (c *collecting) take(ch *channel) bool {
	for len(ch.digits) > 0 {
		d := ch.digits[0]
		ch.digits = ch.digits[1:]
		if c.terminators != "none" && strings.IndexByte(c.terminators, d) >= 0 {
			ch.set("read_terminator_used", string(d))
			return true
		}
		c.got = append(c.got, d)
		if len(c.got) == c.most {
			return true
		}
	}
	return false
}

func (c *collecting) pressed(ch *channel) bool {
	if c.phase == sorry {
		return false // heard to its end; the key waits for the next prompt
	}
	complete := c.take(ch)
	c.stopSound(ch, "break")
	if complete {
		return c.decide(ch)
	}
	return c.listen(ch)
}

func (c *collecting) elapsed(ch *channel) bool {
	switch c.phase {
	case prompting:
		c.stopSound(ch, "done")
		return c.listen(ch)
	case listening:
		return c.decide(ch)
	default:
		c.stopSound(ch, "done")
		return c.next(ch)
	}
}

// decide judges what was pressed.
func (c *collecting) decide(ch *channel) bool {
	c.phase = listening
	answer := string(c.got)
	long := len(answer) >= c.least && answer != ""
	result := "failure"
	switch {
	case long:
		result = "success"
	case answer == "":
		result = "timeout"
	}
	if c.judge && result == "timeout" {
		result = "failure"
	}
	ch.set("read_result", result)
	m := c.valid.FindString(answer)
	if long && (!c.judge || m != "") {
		ch.set(c.variable, answer)
		return true
	}
	if c.judge && answer != "" {
		ch.set(c.variable+"_invalid", answer)
	}
	if c.judge && c.play(ch, c.invalid, sorry) {
		return false
	}
	return c.next(ch)
}

// next tries again, or gives up.
func (c *collecting) next(ch *channel) bool {
	if c.tries > 0 {
		return c.ask(ch)
	}
	if c.onFail != "" {
		words := splitBlanks(c.onFail)
		extension, dialplan, contextName := ch.destination(words)
		if ch.move(extension, dialplan, contextName) {
			ch.pending = func() { ch.hunt(extension, dialplan, contextName) }
		}
	}
	return true
}

func (c *collecting) end(ch *channel, _ ending) { c.stopSound(ch, "done") }

func (c *collecting) pause(ch *channel) { c.rest = ch.left() }

func (c *collecting) resume(ch *channel) {
	if c.phase == listening || c.promptL != endless {
		ch.wait(c.rest)
	}
}

// appIVR is not simulated beyond its first level: XML menus live in ivr.conf, which a simulated switch does not have.
func appIVR(ch *channel, data string) work {
	ch.s.cfg.Logger.Warn("the simulator has no ivr.conf: menu skipped", "uuid", ch.uuid, "menu", data)
	return nil
}

func appFlush(ch *channel, _ string) work {
	ch.digits = ch.digits[:0]
	return nil
}

func appSendDTMF(ch *channel, data string) work {
	ch.sendDTMF(data)
	return nil
}

// press is a key of the far end, or of a command, arriving.
func (ch *channel) press(digit byte, samples int, source string) {
	if ch.cause.name != "" || ch.gone {
		return
	}
	ch.dialled = append(ch.dialled, digit)
	if source == "RTP" {
		ch.set("last_dtmf_duration", strconv.Itoa(samples/8))
	}
	ch.fire(evDTMF, header{"DTMF-Digit", string(digit)}, header{"DTMF-Duration", strconv.Itoa(samples)},
		header{"DTMF-Source", source})
	ch.s.report.key(ch, digit)
	if ch.bridge != nil && len(ch.frames) == 0 {
		return // passes through to the other leg
	}
	ch.digits = append(ch.digits, digit)
	if f := ch.top(); f != nil && f.work.pressed(ch) {
		ch.finishTop()
	}
}

// sendDTMF sends keys to the far end. The town echoes media, so they come back as keys of its own.
func (ch *channel) sendDTMF(keys string) {
	keys, duration, _ := strings.Cut(keys, "@")
	samples := 2080
	if ms := seconds(duration, 0); ms > 0 {
		samples = 8 * ms
	}
	each := time.Duration(samples/8) * time.Millisecond
	for i, d := range []byte(keys) {
		if isKey(d) {
			ch.keyTimers = append(ch.keyTimers, ch.s.after(time.Duration(i+1)*each, func() { ch.press(d, samples, "RTP") }))
		}
	}
}

func isKey(d byte) bool {
	return d >= '0' && d <= '9' || d == '*' || d == '#' || d >= 'A' && d <= 'D' || d >= 'a' && d <= 'd'
}

// planKeys arranges the keys that the callee presses some time after the answer.
func (ch *channel) planKeys() {
	for _, k := range ch.callee.Keys {
		if k.Prompt == 0 {
			ch.plan(k.Digit, k.After)
		}
	}
}

// promptBegins arranges the keys that belong to this prompt.
func (ch *channel) promptBegins() {
	for _, k := range ch.callee.Keys {
		if k.Prompt == ch.prompts {
			ch.plan(k.Digit, k.After)
		}
	}
}

func (ch *channel) plan(digit string, in time.Duration) {
	if digit != "" && ch.cause.name == "" {
		ch.keyTimers = append(ch.keyTimers, ch.s.after(in, func() { ch.press(digit[0], 2080, "RTP") }))
	}
}
