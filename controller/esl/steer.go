package esl

import (
	"context"
	"time"
)

// beep is what an agent hears when a customer is put through: short, and never a file that may be missing.
const beep = "tone_stream://%(200,100,800);loops=2"

// RecordAction is what a recording is told to do.
type RecordAction string

// What a recording may be told. A masked one goes on with silence on both sides.
const (
	RecordStart  RecordAction = "start"
	RecordStop   RecordAction = "stop"
	RecordMask   RecordAction = "mask"
	RecordUnmask RecordAction = "unmask"
)

// RecordFile is a recording as a file of the switch.
type RecordFile struct {
	Folder string // where the switch keeps recordings, absolute
	Path   string // below it, as RecordPath makes it
}

// RecordPath is the path of a recording below the recordings folder: yyyy/mm/dd/<id>.wav, the day of began in its own zone.
func RecordPath(began time.Time, id string) string { return began.Format("2006/01/02/") + id + ".wav" }

// Hold lets the far end of a phone's leg hear music. The switch does not say whether the leg exists: it is CHANNEL_HOLD that
// tells.
func (c *Client) Hold(ctx context.Context, uuid string) error {
	m, err := hold(uuid)
	return c.confirm(ctx, m, err)
}

// Unhold ends Hold; CHANNEL_UNHOLD tells.
func (c *Client) Unhold(ctx context.Context, uuid string) error {
	m, err := unhold(uuid)
	return c.confirm(ctx, m, err)
}

// Mute keeps what the person on a channel says from being heard, by whomever it is bridged to and by who listens, or lets it be
// heard again. It stays from call to call. The switch answers a channel that is gone with its usage: a *ReplyError.
func (c *Client) Mute(ctx context.Context, uuid string, on bool) error {
	m, err := mute(uuid, on)
	return c.confirm(ctx, m, err)
}

// SendDTMF sends keys, 0 to 9, * and #, to the person on a channel. ErrNoChannel when it is gone.
func (c *Client) SendDTMF(ctx context.Context, uuid, digits string) error {
	m, err := sendDTMF(uuid, digits)
	return c.confirm(ctx, m, err)
}

// Conference moves a channel and the one it is bridged to into a conference; room is an id, the call's. ErrNoChannel when the
// channel is gone or not bridged.
func (c *Client) Conference(ctx context.Context, uuid, room string) error {
	m, err := conference(uuid, room, true)
	return c.confirm(ctx, m, err)
}

// JoinConference moves one channel into a conference. Whoever leaves by a Bridge leaves the others there; somebody alone must
// be moved out. ErrNoChannel when the channel is gone.
func (c *Client) JoinConference(ctx context.Context, uuid, room string) error {
	m, err := conference(uuid, room, false)
	return c.confirm(ctx, m, err)
}

// Beep lets an agent hear that a customer is put through; the customer does not hear it. It must follow CHANNEL_BRIDGE,
// because a bridge swallows it. ErrNoChannel when the channel is gone.
func (c *Client) Beep(ctx context.Context, uuid string) error {
	m, err := beepTo(uuid)
	return c.confirm(ctx, m, err)
}

// Record starts or steers the recording of a channel, the customer's: it goes on through bridge, hold and transfer. Set
// VarRecordStereo before it starts. The end is RECORD_STOP; a mask has no event. ErrNoChannel when the channel is gone, a
// *ReplyError too when there is no such recording.
func (c *Client) Record(ctx context.Context, what RecordAction, uuid string, file RecordFile) error {
	m, err := record(what, uuid, file)
	return c.confirm(ctx, m, err)
}

func hold(uuid string) (message, error) {
	var p parts
	return p.finish(verbHold, p.take(idOf("uuid", uuid)))
}

func unhold(uuid string) (message, error) {
	var p parts
	return p.finish(verbHold, fixed("off"), p.take(idOf("uuid", uuid)))
}

func mute(uuid string, on bool) (message, error) {
	var p parts
	id := p.take(idOf("uuid", uuid))
	if !on {
		return p.finish(verbAudio, id, fixed("stop"))
	}
	return p.finish(verbAudio, id, fixed("start"), fixed("read"), fixed("mute"), fixed("-1"))
}

func sendDTMF(uuid, digits string) (message, error) {
	var p parts
	return p.finish(verbSendDTMF, p.take(idOf("uuid", uuid)), p.take(digitsOf("digits", digits)))
}

func conference(uuid, room string, both bool) (message, error) {
	var p parts
	id, name := p.take(idOf("uuid", uuid)), p.take(idOf("room", room))
	to := fixed("conference:" + name.text + "@default")
	if both {
		return p.finish(verbTransfer, id, fixed("-both"), to, fixed("inline"))
	}
	return p.finish(verbTransfer, id, to, fixed("inline"))
}

func beepTo(uuid string) (message, error) {
	var p parts
	return p.finish(verbBroadcast, p.take(idOf("uuid", uuid)), fixed(beep), fixed("aleg"))
}

func record(what RecordAction, uuid string, file RecordFile) (message, error) {
	var p parts
	id, path := p.take(idOf("uuid", uuid)), p.take(recordingOf(file))
	switch what {
	case RecordStart, RecordStop, RecordMask, RecordUnmask:
	default:
		p.take(argument{}, fault("what", "unknown",
			"use start, stop, mask or unmask", "请使用 start、stop、mask 或 unmask"))
	}
	return p.finish(verbRecord, id, fixed(string(what)), path)
}
