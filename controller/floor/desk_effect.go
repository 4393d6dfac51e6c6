package floor

import "waihu/models"

// Effects about agents. Commands to the switch are carried out in their order, at once, and never wait for the database.

// Ring calls a phone. The answer is Floor.HeardLeg.
type Ring struct {
	LegID       string
	CallID      string // "" for a nailed-up leg
	AgentID     int64
	Extension   string // "" = Number over Trunk
	Number      string // E.164
	Trunk       models.Trunk
	Caller      string // shown on the phone
	RingSeconds int
	AutoAnswer  bool
	Confirm     bool // the called person accepts by pressing 1 (mobile agents)
}

// Watch calls a team leader's phone and lets it hear another leg. The answer is Floor.HeardLeg.
type Watch struct {
	LegID      string
	Extension  string
	Over       string // the leg that is listened to
	Mode       models.SuperviseMode
	AutoAnswer bool
}

// WatchAgain lets a leg that listens hear another one, or in another mode.
type WatchAgain struct {
	LegID string
	Over  string
	Mode  models.SuperviseMode
}

// Bridge joins a customer, or the leg of one who consults, with a leg, in this order. The answer is Floor.Bridged.
type Bridge struct{ Customer, Leg string }

// HangUpLeg ends a leg.
type HangUpLeg struct{ LegID, Cause string }

// ParkLeg sends a leg to its parking place.
type ParkLeg struct{ LegID string }

// Place is where a channel can be sent.
type Place int

// The places.
const (
	PlaceHold Place = iota + 1
	PlaceQueue
)

// Move sends a customer to a place of the dialplan.
type Move struct {
	ChannelID string
	To        Place
	QueueID   int64
}

// Join makes a conference: the leg and whom it hears come in together, then the customer.
type Join struct {
	Leg, Customer string
	Room          string
}

// Announce tells the customer the staff number.
type Announce struct{ CallID, StaffNumber string }

// SayPlace tells a waiting customer how many are before him and how long it may take; -1 = not said.
type SayPlace struct {
	CallID  string
	Ahead   int
	Minutes int // 0 = less than one
}

// SendDigits sends keys to the customer's side.
type SendDigits struct{ CallID, Digits string }

// Recording commands.
const (
	RecordStart  = "start"
	RecordStop   = "stop"
	RecordPause  = "pause"
	RecordResume = "resume"
)

// Record steers the recording of a call. Path is below the recordings folder.
type Record struct{ CallID, What, Path string }

// SaveSeat writes an agent's change of state down; without a Change only the session is saved.
type SaveSeat struct {
	Change  models.StateChange // of no state = none
	Session models.AgentSession
}

// SaveLeg writes a leg down, at its beginning and at its end.
type SaveLeg struct{ Leg models.Leg }

// Mute keeps what is said at a phone from being heard, or lets it be heard again.
type Mute struct {
	LegID string
	On    bool
}

// MarkServed saves who serves a call while it lives.
type MarkServed struct {
	AttemptID string
	Service   models.Service
}

// SaveRecording writes a recording down once its call is over.
type SaveRecording struct{ Recording models.Recording }

// SaveStep notes a step that a call took in an IVR flow. The floor has no use for it; the loop passes it on.
type SaveStep struct{ Step models.FlowStep }

// SaveMessage writes down what a caller said after the tone. The floor has no use for it; the loop passes it on.
type SaveMessage struct{ Message models.Message }

// OpenInbound writes a call that came in down, and asks whose it is, whether its number is blacklisted and who talked with it
// last. The answer is Floor.Known.
type OpenInbound struct{ Attempt models.Attempt }

func (Ring) effect()          {}
func (Watch) effect()         {}
func (WatchAgain) effect()    {}
func (Bridge) effect()        {}
func (HangUpLeg) effect()     {}
func (ParkLeg) effect()       {}
func (Move) effect()          {}
func (Join) effect()          {}
func (Announce) effect()      {}
func (SayPlace) effect()      {}
func (SendDigits) effect()    {}
func (Record) effect()        {}
func (Mute) effect()          {}
func (SaveSeat) effect()      {}
func (SaveLeg) effect()       {}
func (MarkServed) effect()    {}
func (SaveRecording) effect() {}
func (SaveStep) effect()      {}
func (SaveMessage) effect()   {}
func (OpenInbound) effect()   {}
