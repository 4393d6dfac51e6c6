package dialplan

import (
	"fmt"
	"regexp"

	"waihu/models"
)

// Limits of a queue.
const (
	minComfortSeconds = 5
	maxConnectMS      = 60_000
)

var (
	gatewayName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	dialled     = regexp.MustCompile(`^\+?[0-9]{1,32}$`)
	folder      = regexp.MustCompile(`^(/[\p{L}\p{N}._+-]+)+$`)
)

func (v *faults) queue(q QueueFlow) {
	v.id(queueField(q, "id"), q.QueueID)
	v.number(queueField(q, "wait_seconds"), int64(q.WaitSeconds), minWaitSeconds, maxWaitSeconds)
	v.number(queueField(q, "connect_ms"), int64(q.ConnectMS), 0, maxConnectMS)
	for name, sound := range map[string]string{"announcement": q.Announcement, "apology": q.Apology, "comfort": q.Comfort} {
		if sound != "" {
			v.sound(queueField(q, name), sound)
		}
	}
	if q.Comfort != "" {
		v.number(queueField(q, "comfort_seconds"), int64(q.ComfortSeconds), minComfortSeconds, maxWaitSeconds)
		v.number(queueField(q, "comfort_ms"), q.ComfortMS, 0, maxDurationMS)
	}
	v.music(q)
	switch q.Overflow {
	case "", models.OverflowHangUp, models.OverflowQueue:
	case models.OverflowNumber:
		v.outside(queueField(q, "overflow"), q.Outside)
	case models.OverflowVoicemail:
		v.folder(queueField(q, "messages"), q.Messages)
	default:
		v.add(queueField(q, "overflow"), "unknown", "The overflow is unknown; choose hang_up, queue, number or voicemail.", "溢出方式不正确，请选择挂断、转其他接听组、转号码或语音留言。")
	}
}

func (v *faults) music(q QueueFlow) {
	if q.Music == "" || musicName.MatchString(q.Music) {
		return
	}
	v.sound(queueField(q, "music"), q.Music)
	if q.MusicMS < 0 || q.MusicMS > 0 && int64(q.WaitSeconds)*1000/q.MusicMS >= maxRepeats {
		v.add(queueField(q, "music_ms"), "out_of_range",
			fmt.Sprintf("The music would have to be repeated more than %d times to fill the wait; choose a longer file.", maxRepeats),
			fmt.Sprintf("音乐需要重复超过 %d 次才能填满等待时间，请选择更长的文件。", maxRepeats))
	}
}

func (v *faults) outside(field string, o Outside) {
	if !gatewayName.MatchString(o.Gateway) || o.Gateway == "loopback" {
		v.add(field+".gateway", "bad_gateway", "The gateway's name is not one; choose a trunk.", "网关名称无效，请选择中继。")
	}
	if !dialled.MatchString(o.Number) {
		v.add(field+".number", "bad_number", "The number must be digits; correct it.", "号码只能由数字组成，请修改。")
	}
	if o.Caller != "" && !dialled.MatchString(o.Caller) {
		v.add(field+".caller", "bad_number", "The shown number must be digits; correct it.", "去电号码只能由数字组成，请修改。")
	}
}

func (v *faults) folder(field, path string) {
	if !folder.MatchString(path) {
		v.add(field, "bad_path", "The folder of recordings must be an absolute path of letters, digits and . _ - +; change switch.recordings_dir.",
			"录音目录必须是绝对路径，只能包含文字、数字和 . _ - +；请修改 switch.recordings_dir。")
	}
}

// overflows refuses a queue that overflows into one that is not there, or in the end into itself: callers would wait for ever.
func (v *faults) overflows(queues []QueueFlow) {
	next := map[int64]int64{}
	for _, q := range queues {
		next[q.QueueID] = 0
	}
	for _, q := range queues {
		if q.Overflow != models.OverflowQueue {
			continue
		}
		if _, ok := next[q.OverflowQueueID]; !ok {
			v.add(queueField(q, "overflow_queue_id"), "missing", fmt.Sprintf("Queue %d overflows into queue %d, which is not there; choose another.", q.QueueID, q.OverflowQueueID),
				fmt.Sprintf("接听组 %d 溢出到不存在的接听组 %d，请重新选择。", q.QueueID, q.OverflowQueueID))
			continue
		}
		next[q.QueueID] = q.OverflowQueueID
	}
	for _, q := range queues {
		at, steps := next[q.QueueID], 0
		for at != 0 && at != q.QueueID && steps <= len(queues) {
			at, steps = next[at], steps+1
		}
		if at == q.QueueID {
			v.add(queueField(q, "overflow_queue_id"), "circle", fmt.Sprintf("The overflow of queue %d comes back to itself; let one of them end otherwise.", q.QueueID),
				fmt.Sprintf("接听组 %d 的溢出最终回到自身，请修改其中一个的溢出方式。", q.QueueID))
		}
	}
}
