package dialplan

import (
	"fmt"
	"strconv"
	"strings"

	"waihu/models"
)

// queueSkeleton is a plain sequence (announcement, music for a time, overflow) because that is the one timer which a
// bridge ends by itself: tasks of the scheduler survive it and tear conversations apart. Who comes back from a bridge that
// failed waits on without hearing the announcement again. What the controller has said meanwhile with uuid_broadcast (place,
// expected wait) is added to the music's time: the switch lets a caller wait that much longer than WaitSeconds.
func queueSkeleton(q QueueFlow) []Extension {
	name := QueueEntry(q.QueueID)
	wait := fmt.Sprintf("waihu_wait_%d", q.QueueID)
	overflow := OverflowEntry(q.QueueID)
	entry := append([]Action{act("answer", "")}, waiting(wait)...)
	entry = append(entry, set(QueueVariable, strconv.FormatInt(q.QueueID, 10)), step(StepQueueAnnounce), told())
	if q.Announcement != "" {
		entry = append(entry, playback(q.Announcement))
	}
	entry = append(entry, transfer(wait))

	waits := append(waiting(wait), set(QueueVariable, strconv.FormatInt(q.QueueID, 10)), step(StepQueueWait), told())
	waits = append(waits, whileWaiting(q)...)
	return []Extension{
		extension(name, literal(name), entry...),
		extension(wait, literal(wait), append(waits, transfer(overflow))...),
		extension(overflow, literal(overflow), overflowing(q)...),
	}
}

// whileWaiting is the music, interrupted by the comfort announcement. The pieces are unrolled: the switch has no loop that
// keeps a timer. With a comfort announcement the music of a file begins anew after it; a local_stream goes on.
func whileWaiting(q QueueFlow) []Action {
	if q.Comfort == "" {
		return play(q, q.WaitSeconds)
	}
	var actions []Action
	said := int((q.ComfortMS + 999) / 1000)
	for rest := q.WaitSeconds; rest > 0; {
		piece := q.ComfortSeconds
		if rest-piece-said < minWaitSeconds {
			piece = max(rest, minWaitSeconds)
		}
		actions = append(actions, play(q, piece)...)
		if rest -= piece; rest > 0 {
			actions = append(actions, playback(q.Comfort))
			rest -= said
		}
	}
	return actions
}

// play is music for some seconds.
func play(q QueueFlow, seconds int) []Action {
	return []Action{
		set("playback_timeout_sec", strconv.Itoa(seconds)),
		playback(music(q.Music, q.MusicMS, seconds)),
		act("unset", "playback_timeout_sec"),
	}
}

// music fills a wait within one playback, because playback_timeout_sec counts per playback: endless_playback would start
// again after the time-out, for ever. A file is repeated; the silence at the end fills the time when the music is missing
// (a stock switch has none), for without it the caller would come to the overflow at once.
func music(source string, lengthMS int64, seconds int) string {
	if source == "" {
		source = defaultMOH
	}
	times := 1
	if lengthMS > 0 {
		times = int(int64(seconds)*1000/lengthMS) + 1
	}
	return "file_string://" + strings.Repeat(source+"!", times) + "silence_stream://" + strconv.Itoa(seconds*1000)
}

// overflowing is what becomes of a caller who waited in vain. The apology comes first, whatever follows.
func overflowing(q QueueFlow) []Action {
	actions := []Action{act("unset", "playback_timeout_sec"), step(StepOverflow), told()}
	if q.Apology != "" {
		actions = append(actions, playback(q.Apology))
	}
	switch q.Overflow {
	case models.OverflowQueue:
		return append(actions, transfer(QueueEntry(q.OverflowQueueID)))
	case models.OverflowNumber:
		return append(actions, callOutside(q.Outside)...)
	case models.OverflowVoicemail:
		return append(actions, takeMessage(StepVoicemail, q.Messages+"/${"+channelVariable+"}.wav", maxMessageSeconds, "")...)
	default:
		return append(actions, hangUp())
	}
}

// callOutside connects the caller with a number over a trunk, without the controller. transfer_after_bridge must go: the
// conversation is not one with an agent.
func callOutside(o Outside) []Action {
	actions := []Action{
		act("unset", "transfer_after_bridge"),
		set("hangup_after_bridge", "true"),
		set("continue_on_fail", "true"),
		set("call_timeout", strconv.Itoa(outsideSeconds)),
		set("transfer_ringback", ringBack),
	}
	if o.Caller != "" {
		actions = append(actions, set("effective_caller_id_number", o.Caller))
	}
	return append(actions, step(StepOutside), told(), act("bridge", "sofia/gateway/"+o.Gateway+"/"+o.Number), step(StepOutsideFailed), told(), hangUp())
}

// takeMessage records what the caller says after a tone, until he hangs up, presses # or the time is over; then it goes on to
// next, "" = the end. The file is named after the channel. The timer is a playback of silence, which the key ends; a recording
// that was not stopped ends with the call.
func takeMessage(name, file string, seconds int, next string) []Action {
	actions := []Action{
		set("playback_terminators", "#"),
		step(name),
		told(),
		playback(recordTone),
		set("RECORD_MIN_SEC", strconv.Itoa(models.LeastMessageMS/1000)), // the switch keeps no file of who hangs up at the tone
		act("record_session", file),
		act("unset", "RECORD_MIN_SEC"),
		playback("silence_stream://" + strconv.Itoa(seconds*1000)),
		act("stop_record_session", file),
		set("playback_terminators", "none"),
		step(name + "_end"),
		told(),
	}
	if next == "" {
		return append(actions, hangUp())
	}
	return append(actions, transfer(next))
}
