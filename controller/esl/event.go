package esl

import (
	"strings"
	"time"
)

// Subclasses of CUSTOM events that are subscribed to.
const (
	SubclassOptedOut     = "waihu::opted_out"        // the callee pressed the opt-out key
	SubclassStep         = "waihu::step"             // a step of the dialplan or of a flow: Step, Key and Queue say which
	SubclassGateway      = "sofia::gateway_state"    // Gateway, GatewayState, Ping
	SubclassRegister     = "sofia::register"         // a phone has registered, or done so again: User, Domain, Contact, UserAgent
	SubclassUnregister   = "sofia::unregister"       // it has taken itself off
	SubclassExpire       = "sofia::expire"           // its registration has run out
	SubclassReachability = "sofia::sip_user_state"   // Ping of a phone that is asked by OPTIONS has changed
	SubclassConference   = "conference::maintenance" // Conference, Action, UUID
)

// Event is what the reader picks out of an event of the switch: the headers that Waihu needs, decoded, and nothing else.
// A zero time means that the switch said 0 or nothing. Events of one channel usually come in order, but not always, and
// may be doubled or lost: nothing may depend on their order.
type Event struct {
	Name     string    // Event-Name, CHANNEL_ANSWER
	Subclass string    // Event-Subclass of CUSTOM
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

	Direction   string // Call-Direction: inbound | outbound, as the switch sees it
	Caller      string // of an inbound call: Caller-ANI
	Destination string // of an inbound call: Caller-Destination-Number, at first what was dialled, then where the dialplan is
	Context     string // of an inbound call: Caller-Context

	Cause        string // Hangup-Cause
	Q850         int    // variable_hangup_cause_q850
	SIPStatus    int    // variable_sip_term_status
	InviteStatus int    // variable_sip_invite_failure_status
	SIPPhrase    string // variable_sip_invite_failure_phrase, else variable_sip_hangup_phrase
	Disposition  string // variable_sip_hangup_disposition
	Step         string // variable_waihu_step
	Digits       string // variable_digits_dialed
	Attempt      string // variable_waihu_attempt
	Call         string // variable_waihu_call: the attempt that a leg is for
	Agent        int64  // variable_waihu_agent
	Queue        int64  // variable_waihu_queue
	Flow         int64  // variable_waihu_flow: the IVR flow in which the call is, or was
	Node         string // variable_waihu_node, of that flow
	Value        string // variable_waihu_value: key, digits or result that was given there
	Leg          string // variable_waihu_leg
	Key          string // variable_waihu_key

	Digit    string // DTMF-Digit
	BridgeA  string // Bridge-A-Unique-ID
	BridgeB  string // Bridge-B-Unique-ID
	OtherLeg string // Other-Leg-Unique-ID; "" for CHANNEL_UNBRIDGE, where it may be the next partner already
	File     string // Playback-File-Path or Record-File-Path
	RecordMS int64  // variable_record_ms of RECORD_STOP, ms

	Sessions int // Session-Count of HEARTBEAT

	Gateway      string // Gateway of sofia::gateway_state
	GatewayState string // its State: NOREG REGED TRYING FAILED FAIL_WAIT UNREGED DOWN …
	Ping         string // Ping-Status of a gateway: UP DOWN INVALID; of a phone: REACHABLE UNREACHABLE; see Reachable

	Profile   string // profile-name, where a phone is registered
	User      string // from-user, or user of sofia::expire
	Domain    string // from-host, or host of sofia::expire
	Contact   string // where the phone is, "" <sip:1000@192.0.2.7:5060>
	UserAgent string // what the phone calls itself

	Conference string // Conference-Name
	Action     string // of conference::maintenance: add-member del-member conference-destroy …
}

// Reachable reports whether a phone answers its OPTIONS, of sofia::sip_user_state. The event writes UNREACHABLE where the list of
// registrations has Unreachable.
func (e Event) Reachable() bool { return !strings.EqualFold(e.Ping, "unreachable") }
