package simulator

import (
	"slices"
	"strconv"
	"time"

	"waihu/simulator/script"
	"waihu/simulator/town"
)

// channel is one leg. The switch's lock guards it; timers drive it, no goroutine waits for it.
type channel struct {
	s *Simulator

	uuid     string
	name     string // sofia/external/13800000001
	number   string // what the far end was called by
	gateway  string // "" = not through one
	profile  string // sofia profile
	endpoint string // host:port of the far end
	session  int

	state      string // as the state machine runs it, CS_EXECUTE
	stateNo    int    // what it is to be
	callState  string
	answer     string // Answer-State
	cause      cause
	hitPlan    bool
	callUUID   string
	muted      bool // uuid_audio: the far end is not heard
	codec      bool // a codec is set
	networked  bool // the far end has said something
	profiled   bool // a caller profile exists
	direction  string
	presence   string // of a leg made by user/…
	caller     caller
	first      caller // of a call from outside: as it came in
	profileIdx int

	created, progress, media, answered, hungup, bridged, profileAt, lastHold time.Time

	vars variables
	tail []byte // encoded variables of the end: stamps and statistics

	callee      town.Callee
	calleeTimer *timer
	keyTimers   []*timer
	timeout     *timer // originate_timeout
	prompts     int    // prompts that were begun

	job       func(string) // answers the originate that made this channel
	target    target       // what it does once answered
	begun     bool         // it does it
	overtaken bool         // by a command between the answer and the end of the originate, which is called off

	frames         []*frame // applications in progress, the last one is on top
	actions        []script.Action
	running        bool   // run is on the stack
	pending        func() // a transfer that the finished application asked for
	steps          int    // applications since time passed: a limit on loops
	hunting        int    // lookups begun
	waitingForPlan bool   // one is on its way
	stepsAt        time.Time
	appTimer       *timer
	inbox          []message
	inboxTimer     *timer
	hearing        bool   // the first message is being carried out
	digits         []byte // keys not yet consumed
	dialled        []byte // all keys of the call
	lastApp        string
	lastArg        string

	peer       *channel // the other leg of a bridge, also of one that is being built or has ended
	otherType  string
	bridge     *bridge
	bridging   bool   // uuid_bridge is on its way
	limbo      bool   // CS_RESET without anything to do
	moving     *timer // a transfer or bridge that takes hold at the next poll
	tasks      []*task
	recordings []*recording
	watchers   []*channel // that listen to it
	held       bool

	timed bool // the time of the hang-up is told from now on
	gone  bool // no longer a channel of the switch
}

// caller is the caller profile.
type caller struct {
	dialplan    string
	name        string
	number      string
	origName    string
	calleeName  string
	callee      string
	ani         string
	destination string
	source      string // Transfer-Source
	context     string
	rdnis       string
	logical     string
}

const outboundCall = "Outbound Call"

func micros(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, '0')
	}
	return strconv.AppendInt(b, t.UnixMicro(), 10)
}

func boolText(v bool) string {
	if v {
		return "true"
	}
	return "false"
}

// appendHeaders writes the headers every event of a channel has.
func (ch *channel) appendHeaders(b []byte) []byte {
	b = append(b, "Channel-State: "...)
	b = append(b, ch.state...)
	b = append(b, "\nChannel-Call-State: "...)
	b = append(b, ch.callState...)
	b = append(b, "\nChannel-State-Number: "...)
	b = strconv.AppendInt(b, int64(ch.stateNo), 10)
	b = append(b, '\n')
	b = appendHeader(b, "Channel-Name", ch.name)
	b = append(b, "Unique-ID: "...)
	b = append(b, ch.uuid...)
	b = append(b, "\nCall-Direction: "...)
	b = append(b, ch.direction...)
	b = append(b, "\nPresence-Call-Direction: "...)
	b = append(b, ch.direction...)
	b = append(b, "\nChannel-HIT-Dialplan: "...)
	b = append(b, boolText(ch.hitPlan)...)
	if ch.presence != "" {
		b = append(b, "\nChannel-Presence-ID: "...)
		b = appendEscaped(b, ch.presence)
	}
	b = append(b, "\nChannel-Call-UUID: "...)
	b = append(b, ch.callUUID...)
	b = append(b, "\nAnswer-State: "...)
	b = append(b, ch.answer...)
	b = append(b, '\n')
	if ch.cause.name != "" {
		b = append(b, "Hangup-Cause: "...)
		b = append(b, ch.cause.name...)
		b = append(b, '\n')
	}
	if ch.codec {
		b = append(b, "Channel-Read-Codec-Name: PCMA\nChannel-Read-Codec-Rate: 8000\nChannel-Read-Codec-Bit-Rate: 64000\n"+
			"Channel-Write-Codec-Name: PCMA\nChannel-Write-Codec-Rate: 8000\nChannel-Write-Codec-Bit-Rate: 64000\n"...)
	}
	if !ch.profiled {
		return b
	}
	b = ch.appendCaller(b, "Caller-")
	if ch.peer != nil && ch.otherType != "" {
		b = appendHeader(b, "Other-Type", ch.otherType)
		b = ch.peer.appendCaller(b, "Other-Leg-")
	}
	return b
}

// appendCaller writes the caller profile, as this leg's or as the other leg's.
func (ch *channel) appendCaller(b []byte, prefix string) []byte {
	own := prefix == "Caller-"
	p := ch.caller
	put := func(name, value string) {
		if value != "" {
			b = append(b, prefix...)
			b = appendHeader(b, name, value)
		}
	}
	at := func(name string, t time.Time) {
		b = append(b, prefix...)
		b = append(b, name...)
		b = append(b, ": "...)
		b = micros(b, t)
		b = append(b, '\n')
	}
	put("Direction", ch.direction)
	put("Logical-Direction", p.logical)
	put("Dialplan", p.dialplan)
	put("Caller-ID-Name", p.name)
	put("Caller-ID-Number", p.number)
	put("Orig-Caller-ID-Name", p.origName)
	put("Orig-Caller-ID-Number", p.ani)
	put("Callee-ID-Name", p.calleeName)
	put("Callee-ID-Number", p.callee)
	if ch.networked {
		put("Network-Addr", "127.0.0.1")
	}
	put("ANI", p.ani)
	put("Destination-Number", p.destination)
	put("Unique-ID", ch.uuid)
	put("Source", "src/switch_ivr_originate.c")
	if own {
		put("Transfer-Source", p.source)
	}
	put("Context", p.context)
	put("RDNIS", p.rdnis)
	put("Channel-Name", ch.name)
	if own {
		put("Profile-Index", strconv.Itoa(ch.profileIdx))
	}
	at("Profile-Created-Time", ch.profileAt)
	at("Channel-Created-Time", ch.created)
	at("Channel-Answered-Time", ch.answered)
	at("Channel-Progress-Time", ch.progress)
	at("Channel-Progress-Media-Time", ch.media)
	hungup := ch.hungup
	if !ch.timed {
		hungup = time.Time{}
	}
	at("Channel-Hangup-Time", hungup)
	at("Channel-Transfer-Time", time.Time{})
	at("Channel-Resurrect-Time", time.Time{})
	at("Channel-Bridged-Time", ch.bridged)
	at("Channel-Last-Hold", ch.lastHold)
	put("Channel-Hold-Accum", "0")
	put("Screen-Bit", "true")
	put("Privacy-Hide-Name", "false")
	put("Privacy-Hide-Number", "false")
	return b
}

func (ch *channel) appendVariables(b []byte) []byte {
	for i := range ch.vars {
		b = append(b, ch.vars[i].line...)
	}
	return append(b, ch.tail...)
}

func (ch *channel) fire(k kind, tail ...header) {
	ch.s.fire(event{kind: k, channel: ch, tail: tail})
}

// enterState moves the state machine and says so.
func (ch *channel) enterState(state string, number int) {
	ch.state, ch.stateNo = state, number
	ch.fire(evState)
}

func (ch *channel) setCallState(state string, number int) {
	if ch.callState == state {
		return
	}
	was := ch.callState
	ch.callState = state
	if ch.s.wanted[kindEvents[evCallState]] == 0 {
		ch.s.sequence++
		return
	}
	ch.s.fire(event{kind: evCallState, channel: ch, lead: []header{
		{"Original-Channel-Call-State", was}, {"Channel-Call-State-Number", strconv.Itoa(number)},
	}})
}

// variable is a channel variable with its header line, so that an event only copies it.
type variable struct {
	name string
	line string // variable_NAME: VALUE\n, encoded
	raw  string // the value, if it was given as such
	kept bool   // raw is valid, else the value is the line's
}

func (v variable) value() string {
	if v.kept {
		return v.raw
	}
	return unescape(v.line[len("variable_")+len(v.name)+2 : len(v.line)-1])
}

// variables are in the order in which they were set; a new value goes to the end, as on FreeSWITCH.
type variables []variable

func (v variables) find(name string) int {
	for i := range v {
		if v[i].name == name {
			return i
		}
	}
	return -1
}

func (v variables) get(name string) string {
	if i := v.find(name); i >= 0 {
		return v[i].value()
	}
	return ""
}

func (v variables) has(name string) bool { return v.find(name) >= 0 }

// set gives a variable its value; an empty one removes it.
func (v *variables) set(name, value string) {
	if i := v.find(name); i >= 0 {
		*v = slices.Delete(*v, i, i+1)
	}
	if value == "" || name == "" {
		return
	}
	v.add(name, value)
}

// add is set for a name that is known to be new.
func (v *variables) add(name, value string) {
	line := make([]byte, 0, len("variable_: \n")+len(name)+len(value)+len(value)/4)
	line = append(line, "variable_"...)
	line = appendHeader(line, name, value)
	*v = append(*v, variable{name: name, line: string(line), raw: value, kept: true})
}

// addLine adds a variable whose encoded line is known.
func (v *variables) addLine(name, line string) {
	*v = append(*v, variable{name: name, line: line})
}

func (ch *channel) set(name, value string) { ch.vars.set(name, value) }

// lookup finds what ${name} means: a variable, a field of the caller profile, a global.
func (ch *channel) lookup(name string) (string, bool) {
	if i := ch.vars.find(name); i >= 0 {
		return ch.vars[i].value(), true
	}
	switch name {
	case "destination_number":
		return ch.caller.destination, true
	case "caller_id_number":
		return ch.caller.number, true
	case "caller_id_name":
		return ch.caller.name, true
	case "ani":
		return ch.caller.ani, true
	case "context":
		return ch.caller.context, true
	case "rdnis":
		return ch.caller.rdnis, true
	case "dialplan":
		return ch.caller.dialplan, true
	case "uuid":
		return ch.uuid, true
	case "channel_name":
		return ch.name, true
	}
	v, ok := ch.s.globals[name]
	return v, ok
}

func (ch *channel) expand(text string) string { return script.Expand(text, ch.lookup) }
