package dialplan

import (
	"fmt"
	"strconv"
	"strings"

	"waihu/models"
)

// Context is the name of the generated dialplan context in which calls are steered, and InboundContext of that in which calls
// from trunks come in.
const (
	Context        = "waihu"
	InboundContext = "waihu_inbound"
)

// Plan is everything that a published dialplan contains.
type Plan struct {
	Campaigns []CampaignFlow
	Queues    []QueueFlow
	IVRs      []IVR
	Routes    []Route
}

// CampaignFlow is what a callee of one campaign hears. Sound paths are as the switch sees them.
type CampaignFlow struct {
	CampaignID   int64
	Mode         models.CampaignMode
	Sound        string            // 8 kHz WAV
	DurationMS   int64             // of Sound
	PlayCount    int               // S1-34
	ExtraSeconds int               // S1-35: hang up after plays × duration + extra
	KeySeconds   int               // how long a key is waited for after each play
	AgentKey     string            // leads to the queue, "" = none
	OptOutKey    string            // opts out, "" = none
	OptOutSound  string            // sound file that confirms an opt-out, "" = two short tones
	Keys         map[string]string // further keys that count; empty = every key counts
	QueueID      int64             // of AgentKey and direct_agent
	ConnectMS    int               // direct_agent: how long an answered call waits for the bridge, 0 = as the queue says
}

// QueueFlow is what a caller hears who waits for an agent: announcement, music for at most WaitSeconds with a comfort
// announcement now and then, overflow.
type QueueFlow struct {
	QueueID        int64
	Announcement   string // sound file, "" = none
	Music          string // local_stream://moh or a sound file; "" = local_stream://moh
	MusicMS        int64  // length of Music when it is a sound file, which is repeated to fill WaitSeconds; 0 = unknown: played once, then silence
	Comfort        string // sound file that is played after every ComfortSeconds of music, "" = none
	ComfortMS      int64  // its length
	ComfortSeconds int
	WaitSeconds    int
	ConnectMS      int // direct_agent: how long an answered call waits for the bridge, 0 = 2000
	// Overflow is what follows when nobody came, "" = hang_up.
	Overflow        models.OverflowKind
	Apology         string  // what the overflow says first, "" = nothing
	OverflowQueueID int64   // of OverflowQueue
	Outside         Outside // of OverflowNumber
	Messages        string  // of OverflowVoicemail: the folder of messages, as the switch sees it
}

func (q QueueFlow) connectMS() int {
	if q.ConnectMS > 0 {
		return q.ConnectMS
	}
	return connectMS
}

// IVR is an IVR flow; it begins with its first node.
type IVR struct {
	FlowID int64
	Nodes  []IVRNode
}

// IVRNode is a node of a flow, see models.FlowNode. Next, OnFail and the values of Keys are ids of nodes, "" = hang up.
type IVRNode struct {
	ID        string
	Kind      models.FlowNodeKind
	Sound     string
	Invalid   string // played after a wrong or missing input, "" = nothing
	Next      string
	OnFail    string
	Keys      map[string]string
	Tries     int
	Seconds   int
	MinDigits int
	MaxDigits int
	Variable  string
	Result    string
	QueueID   int64
	FlowID    int64   // transfer to a flow, 0 = to Outside
	Outside   Outside // transfer to a number
	Messages  string  // record: the folder of messages
}

// Route is what becomes of calls to one number from outside. They come to the extension waihu_in_<Number> from the context
// waihu_inbound, which belongs to freeswitch-conf.
type Route struct {
	RouteID  int64
	Number   string
	Zone     string
	Windows  []models.Window // empty = always
	Holidays []string        // YYYY-MM-DD
	Open     Target
	Closed   Target
}

// Target is where a route leads: to a flow, to a queue, or to the end after a message.
type Target struct {
	FlowID  int64
	QueueID int64
	Sound   string
}

// Outside is a number that the dialplan itself calls over a trunk. The trunk's limits of lines and calls per second are not
// counted there.
type Outside struct {
	Gateway string // of sofia
	Number  string // digits as the trunk wants them
	Caller  string // number that is shown, "" = the caller's own
}

// The steps (variable waihu_step) that the generated dialplan sets, in the order in which a call may meet them.
// StepPlay and StepKey are followed by a number or a key: play_2, key_5.
const (
	StepPlay          = "play_"                  // voice_only: this play has begun
	StepPlayed        = "played"                 // voice_only: every play was heard to its end
	StepMenu          = "menu"                   // voice_key: playing, or waiting for a key
	StepKey           = "key_"                   // a key that counts was pressed
	StepNoKey         = "no_key"                 // all plays are over, no valid key came
	StepOptedOut      = "opted_out"              // the opt-out key was pressed
	StepConnecting    = models.StepConnecting    // direct_agent: waiting for the bridge
	StepLate          = models.StepLate          // direct_agent: no agent in time, the apology is played
	StepQueueAnnounce = models.StepQueueAnnounce // the queue's announcement is played
	StepQueueWait     = models.StepQueueWait     // music
	StepOverflow      = models.StepOverflow      // waited in vain
	StepOutside       = "outside"                // an outside number is called
	StepOutsideFailed = "outside_failed"         // which did not answer
	StepVoicemail     = "voicemail"              // a message is recorded; voicemail_end when it was finished
	StepBridgeFailed  = models.StepBridgeFailed  // the agent's leg was gone; the call goes back to where it waited
	StepInbound       = "inbound"                // a call from outside, before it is answered; variables waihu_route, waihu_dnis
	StepUnknownNumber = "unknown_number"         // it came to a number without a route
	StepMessage       = "message"                // a route's message before the hang-up
	StepHold          = "hold"                   // put aside by the controller
	StepAfter         = models.StepAfter         // the conversation is over
)

// Steps of IVR flows: ivr_<kind> when a node begins (variables waihu_flow and waihu_node), and what came of it (waihu_value).
// Each fires EventStep, so that steps and keys are known with their time also when the caller hangs up.
const (
	StepIVR       = "ivr_"          // + kind of the node
	StepIVRKey    = "ivr_key"       // menu: value is the key
	StepIVRNoKey  = "ivr_no_input"  // menu, collect, rate: no valid input after all tries
	StepIVRDigits = "ivr_collected" // collect: value is the digits
	StepIVRRated  = "ivr_rated"     // rate: value is 1 to 5
	StepIVRRecEnd = "ivr_record_end"
	StepIVREnd    = "ivr_end" // the flow is over
)

// Names of flows and routes.
const (
	flowVariable   = "waihu_flow"
	nodeVariable   = "waihu_node"
	valueVariable  = "waihu_value"
	ratingVariable = "waihu_rating"    // 1 to 5
	resultVariable = "waihu_result"    // of set_result
	inputVariable  = "waihu_input_"    // + name of collect
	routeVariable  = "waihu_route"     // id of the route by which a call came
	dnisVariable   = "waihu_dnis"      // the number that was called
	zoneVariable   = "timezone"        // in which the switch reads wday and the like
	inboundPrefix  = "waihu_in_"       // + number: the extension of a route
	unknownNumber  = "waihu_in_nobody" // takes calls to all other numbers
	flowEnd        = "waihu_flow_end"  // where a node without a next one leads
)

// EventOptedOut is the subclass of the CUSTOM event that an opt-out fires.
const EventOptedOut = "waihu::opted_out"

// EventStep is the subclass of the CUSTOM event that tells the controller at once where a call has come to: it carries the
// channel's variables, among them waihu_step and waihu_queue. It is fired where the controller has to act on it, or where the
// moment counts: a call begins to wait, waited in vain, leaves a flow's step.
const EventStep = "waihu::step"

// QueueVariable holds the id of the queue in which a call waits, or waited.
const QueueVariable = "waihu_queue"

// The extensions that every published dialplan has.
const (
	ExtensionRevision = "waihu_revision" // the stamp
	ExtensionAfter    = "waihu_after"    // where customers go when a bridge ends
	ExtensionHold     = "waihu_hold"     // where the controller puts customers aside
	ExtensionAgent    = "waihu_agent"    // where agents' legs are parked
)

// Entry is the extension at which a campaign's calls start once they are answered.
func Entry(campaignID int64, mode models.CampaignMode) string {
	switch mode {
	case models.ModeVoiceKey:
		return fmt.Sprintf("waihu_menu_%d", campaignID)
	case models.ModeDirectAgent:
		return fmt.Sprintf("waihu_connect_%d", campaignID)
	default:
		return fmt.Sprintf("waihu_voice_%d", campaignID)
	}
}

// OverflowEntry is the extension of callers who waited in vain: the controller may send a caller there before his time.
func OverflowEntry(queueID int64) string { return fmt.Sprintf("waihu_overflow_%d", queueID) }

// FlowEntry is the extension at which an IVR flow begins.
func FlowEntry(flowID int64) string { return fmt.Sprintf("waihu_flow_%d", flowID) }

// InboundEntry is the extension to which a call from outside comes.
func InboundEntry(number string) string { return inboundPrefix + number }

// QueueEntry is the extension at which callers begin to wait in a queue.
func QueueEntry(queueID int64) string { return fmt.Sprintf("waihu_queue_%d", queueID) }

// WaitsIn tells from the extension at which a call is whether it waits in a queue, and in which.
func WaitsIn(extension string) (queueID int64, ok bool) {
	for _, prefix := range []string{"waihu_queue_", "waihu_wait_"} {
		if rest, is := strings.CutPrefix(extension, prefix); is {
			id, err := strconv.ParseInt(rest, 10, 64)
			return id, err == nil
		}
	}
	return 0, false
}

// TimerSeconds is the time from the start of the playback to the hang-up as the user chose it (S1-35): plays × duration,
// rounded up to whole seconds, plus the extra seconds.
func TimerSeconds(plays int, durationMS int64, extraSeconds int) int {
	return int((int64(plays)*durationMS+999)/1000) + extraSeconds
}
