package esl

import "time"

// Event is what the reader picks out of an event of the switch: the headers that Waihu needs, decoded, and nothing else.
// A zero time means that the switch said 0 or nothing. Events of one channel usually come in order, but not always, and
// may be doubled or lost: nothing may depend on their order.
type Event struct {
	Name     string    // Event-Name, CHANNEL_ANSWER
	Subclass string    // Event-Subclass of CUSTOM, waihu::opted_out
	Core     string    // Core-UUID: changes when the switch restarts
	Seq      int64     // Event-Sequence
	At       time.Time // Event-Date-Timestamp, µs

	UUID    string // Unique-ID
	JobUUID string // Job-UUID of BACKGROUND_JOB
	Body    string // of BACKGROUND_JOB: "+OK uuid" or "-ERR CAUSE", trimmed

	Created       time.Time // Caller-Channel-Created-Time
	Progress      time.Time // Caller-Channel-Progress-Time
	ProgressMedia time.Time // Caller-Channel-Progress-Media-Time
	Answered      time.Time // Caller-Channel-Answered-Time
	HungUp        time.Time // Caller-Channel-Hangup-Time

	Cause        string // Hangup-Cause
	Q850         int    // variable_hangup_cause_q850
	SIPStatus    int    // variable_sip_term_status
	InviteStatus int    // variable_sip_invite_failure_status
	SIPPhrase    string // variable_sip_invite_failure_phrase, else variable_sip_hangup_phrase
	Disposition  string // variable_sip_hangup_disposition
	Step         string // variable_waihu_step
	Digits       string // variable_digits_dialed
	Attempt      string // variable_waihu_attempt

	Digit   string // DTMF-Digit
	BridgeA string // Bridge-A-Unique-ID
	BridgeB string // Bridge-B-Unique-ID
	File    string // Playback-File-Path or Record-File-Path

	Sessions int // Session-Count of HEARTBEAT

	Gateway      string // Gateway of sofia::gateway_state
	GatewayState string // its State: NOREG REGED TRYING FAILED FAIL_WAIT UNREGED DOWN …
	GatewayPing  string // its Ping-Status: UP DOWN INVALID
}
