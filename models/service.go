package models

import "time"

// Service is what became of a call that was to reach an agent. It is part of Facts.
type Service struct {
	QueueID     int64      `json:"queue_id"`
	AgentID     int64      `json:"agent_id"`  // the last one who talked
	QueuedAt    *time.Time `json:"queued_at"` // began to wait (switch clock)
	BridgedAt   *time.Time `json:"bridged_at"`
	WaitMS      int64      `json:"wait_ms"`      // queued to bridged, or to its end
	AgentMS     int64      `json:"agent_ms"`     // talked with agents, holds included
	Announced   string     `json:"announced"`    // staff number that the customer heard (S1-45)
	Recording   string     `json:"recording"`    // id of the recording, "" = none
	AbandonedBy string     `json:"abandoned_by"` // why nobody served it: no_agent, early_hangup, overflow
}

// Seats is what has come to pass between agents and their calls. It is saved as one, so that a process that dies leaves no
// half of it: who talks with whom stands in the attempts and in the sessions alike.
type Seats struct {
	Served   map[string]Service // by attempt
	Changes  []StateChange
	Sessions []AgentSession
	Legs     []Leg
}

// Empty reports whether there is nothing to save.
func (s Seats) Empty() bool {
	return len(s.Served) == 0 && len(s.Changes) == 0 && len(s.Sessions) == 0 && len(s.Legs) == 0
}

// Recording is a file of the switch with one call, left the customer, right what he heard (录音).
type Recording struct {
	ID             string     `json:"id"` // the attempt's
	OrganizationID int64      `json:"organization_id"`
	CampaignID     int64      `json:"campaign_id"`
	QueueID        int64      `json:"queue_id"`
	AgentID        int64      `json:"agent_id"`
	Number         string     `json:"number"` // E.164 of the customer
	StartedAt      time.Time  `json:"started_at"`
	DurationMS     int64      `json:"duration_ms"`
	TalkMS         int64      `json:"talk_ms"`
	Bytes          int64      `json:"bytes"`
	Path           string     `json:"-"`       // below the recordings folder: yyyy/mm/dd/<id>.wav
	Problem        string     `json:"problem"` // "", missing, short
	DeletedAt      *time.Time `json:"deleted_at"`
}

// AuditEntry is something that a person did to others' calls or data (审计).
type AuditEntry struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	UserID         int64     `json:"user_id"`
	Login          string    `json:"login"`
	Action         string    `json:"action"` // listen, whisper, barge, take_over, force_drop, force_busy, force_idle, sign_out, transfer, play_recording, download_recording, show_password
	Target         string    `json:"target"` // agent:12, call:…, recording:…, extension:3
	Detail         string    `json:"detail"`
	At             time.Time `json:"at"`
}

// SuperviseMode is how a team leader joins a call.
type SuperviseMode string

// The modes of supervision.
const (
	SuperviseListen  SuperviseMode = "listen"  // 监听
	SuperviseWhisper SuperviseMode = "whisper" // 耳语: only the agent hears it
	SuperviseBarge   SuperviseMode = "barge"   // 强插
)

// TargetKind is where a call can be transferred.
type TargetKind string

// The kinds of targets.
const (
	TargetAgent    TargetKind = "agent"
	TargetQueue    TargetKind = "queue"
	TargetExternal TargetKind = "external"
)

// Target is where a call is transferred, or who is consulted.
type Target struct {
	Kind   TargetKind `json:"kind"`
	ID     int64      `json:"id"`     // of agent and queue
	Number string     `json:"number"` // of external, as typed
}

// PhoneState is what is known of an extension's registration.
type PhoneState struct {
	Registered bool      `json:"registered"`
	PingMS     float64   `json:"ping_ms"` // 0 = not measured (yet)
	Contact    string    `json:"contact"`
	UserAgent  string    `json:"user_agent"`
	Since      time.Time `json:"since"`
}

// Words of AgentNow.Consult.
const (
	ConsultRinging  = "ringing"
	ConsultTalking  = "talking"
	ConsultThreeWay = "three_way"
	ConsultAsked    = "asked"  // he is the one who is consulted
	ConsultJoined   = "joined" // and the customer is there too
)

// AgentNow is an agent on the floor at this moment.
type AgentNow struct {
	AgentID     int64         `json:"agent_id"`
	State       AgentState    `json:"state"`
	Reason      string        `json:"reason"`
	Since       time.Time     `json:"since"`
	Queues      []int64       `json:"queues"` // signed in
	Phone       PhoneState    `json:"phone"`
	Leg         bool          `json:"leg"`     // a nailed-up leg is up
	CallID      string        `json:"call_id"` // "" = none
	Number      string        `json:"number"`  // the customer's
	CampaignID  int64         `json:"campaign_id"`
	QueueID     int64         `json:"queue_id"` // of the call
	TalkSince   *time.Time    `json:"talk_since"`
	Held        bool          `json:"held"`
	Muted       bool          `json:"muted"`        // the agent is not heard
	Recording   string        `json:"recording"`    // "", on, paused
	Consult     string        `json:"consult"`      // "" = nobody is consulted, else one of the words below
	ConsultWith string        `json:"consult_with"` // staff number and name, or the outside number
	Supervisor  int64         `json:"supervisor"`   // agent who listens, 0 = nobody
	Supervising SuperviseMode `json:"supervising"`
	Calls       int           `json:"calls"` // served since sign-in
	Missed      int           `json:"missed"`
	Preview     *PreviewNow   `json:"preview"`   // the number that he looks at is that of CallID; nil = none
	CanFetch    bool          `json:"can_fetch"` // a campaign of his queues gives out numbers on request
	Fetching    bool          `json:"fetching"`  // he has asked for one
	LookWhy     Gate          `json:"look_why"`  // what became of the last number that he looked at, or asked for
}

// PreviewNow is a number that is kept for an agent before it is called.
type PreviewNow struct {
	Fetched bool        `json:"fetched"` // he asked for it
	Called  bool        `json:"called"`  // he has said that it is to be called, or time has
	Dialled bool        `json:"dialled"` // the call is on its way, and nobody has answered it
	Why     Gate        `json:"why"`     // what its call waits for
	Until   *time.Time  `json:"until"`   // how long he may look at it
	Then    PreviewThen `json:"then"`
}

// QueueNow is a queue on the floor at this moment. Counts are since midnight in the organization's zone, or since the
// daemon took the floor if that is later.
type QueueNow struct {
	QueueID      int64              `json:"queue_id"`
	Waiting      int                `json:"waiting"`
	LongestSince *time.Time         `json:"longest_since"` // since when the first one waits
	Agents       map[AgentState]int `json:"agents"`        // members who are signed in
	Offered      int64              `json:"offered"`       // calls that came to the queue
	Answered     int64              `json:"answered"`
	Abandoned    int64              `json:"abandoned"`
	InTime       int64              `json:"in_time"` // answered within the service level
}

// DeskNow is everything about agents and queues at one moment. Version grows with each change.
type DeskNow struct {
	Version int64      `json:"version"`
	At      time.Time  `json:"at"`
	Agents  []AgentNow `json:"agents"`
	Queues  []QueueNow `json:"queues"`
}
