package models

import "time"

// Message is what a caller said after the tone: in a flow, or to the voicemail of a queue (留言).
type Message struct {
	ID             string     `json:"id"` // name of the file: that of the call, with the node of a flow behind it
	CallID         string     `json:"call_id"`
	OrganizationID int64      `json:"-"`
	QueueID        int64      `json:"queue_id"` // of the voicemail, 0 = it was left in a flow
	FlowID         int64      `json:"flow_id"`
	Node           string     `json:"node"`   // of the flow
	Number         string     `json:"number"` // E.164 of the caller, "" = withheld
	LeftAt         time.Time  `json:"left_at"`
	DurationMS     int64      `json:"duration_ms"`
	Path           string     `json:"-"`        // below the recordings folder
	HeardAt        *time.Time `json:"heard_at"` // when somebody listened last
	HeardBy        string     `json:"heard_by"` // log-in
	HandledAt      *time.Time `json:"handled_at"`
	HandledBy      string     `json:"handled_by"`
	DeletedAt      *time.Time `json:"deleted_at"`
}

// MessageFolder is where messages are, below the recordings folder.
const MessageFolder = "messages"

// LeastMessageMS is the length below which nothing was said: the caller hung up at the tone.
const LeastMessageMS = 1000

// States of MessageQuery.
const (
	MessagesOpen    = "open"    // not handled yet
	MessagesHandled = "handled" //
)

// MessageQuery asks for messages, the newest first. Zero fields do not filter.
type MessageQuery struct {
	OrganizationID int64 // always
	QueueID        int64
	FlowID         int64
	Number         string    // E.164, or with a * at its end the beginning of one
	State          string    // MessagesOpen, MessagesHandled
	From, To       time.Time // left at From or later and before To
	Sight          *Sight    // nil = all of the organization; else those of its queues, and of the flows that lead to them
	Page
}
