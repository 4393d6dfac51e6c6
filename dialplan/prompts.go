package dialplan

import (
	"path"
	"strconv"
	"strings"
)

// Prompts are the sounds of which sentences with numbers in them are put together: staff numbers, places in a queue, minutes.
// The controller has them said with uuid_broadcast; the switch's own "say" would be silent where a sound is missing.
type Prompts struct {
	Dir string // as the switch sees it, absolute
}

// The prompts apart from 0.wav to 9.wav and 10.wav (十).
const (
	promptTwo         = "two"          // 两
	promptStaffBefore = "staff_before" // 工号
	promptStaffAfter  = "staff_after"  // 为您服务
	promptAheadBefore = "ahead_before" // 您前面还有
	promptAheadAfter  = "ahead_after"  // 位客户在等待
	promptNext        = "next"         // 您是下一位
	promptWaitBefore  = "wait_before"  // 预计还需等待
	promptWaitAfter   = "wait_after"   // 分钟
	promptWaitShort   = "wait_short"   // 预计等待时间不到一分钟
	promptConfirm     = "confirm"      // 请按一接听来电
)

// mostSaid is the largest number that is said; a larger one is said as this.
const mostSaid = 99

// PromptNames lists the file names of all prompts, .wav at 8 kHz.
func PromptNames() []string {
	names := []string{promptTwo, promptStaffBefore, promptStaffAfter, promptAheadBefore, promptAheadAfter, promptNext, promptWaitBefore, promptWaitAfter, promptWaitShort, promptConfirm}
	for n := range 11 {
		names = append(names, strconv.Itoa(n))
	}
	for i := range names {
		names[i] += ".wav"
	}
	return names
}

// Staff is “工号 8001 为您服务”, digit by digit; nil when the number has no digit.
func (p Prompts) Staff(number string) []string {
	names := []string{promptStaffBefore}
	for _, r := range number {
		if r >= '0' && r <= '9' {
			names = append(names, string(r))
		}
	}
	if len(names) == 1 {
		return nil
	}
	return p.files(append(names, promptStaffAfter)...)
}

// Confirm asks an agent on an outside phone to press 1 (移动客服).
func (p Prompts) Confirm() string { return p.files(promptConfirm)[0] }

// Ahead is “您前面还有 N 位客户在等待”, or “您是下一位” when nobody is.
func (p Prompts) Ahead(n int) []string {
	if n <= 0 {
		return p.files(promptNext)
	}
	return p.files(append(append([]string{promptAheadBefore}, count(n)...), promptAheadAfter)...)
}

// Wait is “预计还需等待 N 分钟”, or “预计等待时间不到一分钟” below one minute.
func (p Prompts) Wait(minutes int) []string {
	if minutes <= 0 {
		return p.files(promptWaitShort)
	}
	return p.files(append(append([]string{promptWaitBefore}, count(minutes)...), promptWaitAfter)...)
}

// count says how many, as Chinese counts: 两, 十, 十二, 二十, 二十三.
func count(n int) []string {
	n = min(n, mostSaid)
	if n == 2 {
		return []string{promptTwo}
	}
	var names []string
	if n >= 20 {
		names = append(names, strconv.Itoa(n/10))
	}
	if n >= 10 {
		names = append(names, "10")
	}
	if n < 10 || n%10 != 0 {
		names = append(names, strconv.Itoa(n%10))
	}
	return names
}

func (p Prompts) files(names ...string) []string {
	for i, n := range names {
		names[i] = path.Join(p.Dir, n+".wav")
	}
	return names
}

// FileString makes one playback of sound files that are heard one after another.
func FileString(files []string) string { return "file_string://" + strings.Join(files, "!") }
