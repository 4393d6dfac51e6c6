package api

import (
	"context"
	"io"
	"time"

	"waihu/models"
)

// DeskWork is what the pages of agents and those who lead them need of the rest of the program.
type DeskWork struct {
	Roster      Roster
	State       DeskState
	Presence    Presence
	Numbers     Numbers
	InCall      InCall
	Consult     Consultation
	Supervision Supervision
	Cards       Cards
	Times       Times
	Recordings  Recordings
	Messages    Messages
	Audit       AuditTrail
}

// Roster is who serves customers and where, as it is saved.
type Roster interface {
	Agents(ctx context.Context, org int64) ([]models.Agent, error)                 // 0 = of all organizations
	Queues(ctx context.Context, org int64) ([]models.Queue, error)                 // 0 = of all organizations
	QueueMembers(ctx context.Context, queueID int64) ([]models.QueueMember, error) // 0 = of all queues
	QueueLeaders(ctx context.Context, queueID int64) ([]models.QueueLeader, error) // 0 = of all queues
}

// DeskState is everything about agents and queues at this moment; an error says that the floor is not here or does not answer.
type DeskState interface {
	DeskNow(ctx context.Context) (models.DeskNow, error)
}

// Presence is whether an agent takes calls.
type Presence interface {
	// SignIn replaces the set of queues.
	SignIn(ctx context.Context, agentID int64, queueIDs []int64) error
	SignOut(ctx context.Context, agentID int64, reason string) error
	SetBusy(ctx context.Context, agentID int64, reason string, forced bool) error
	SetIdle(ctx context.Context, agentID int64, forced bool) error
}

// Numbers are those at which agents look before they are called.
type Numbers interface {
	FetchNumber(ctx context.Context, agentID int64) error
	// CallNumber has it called. seen is the attempt that the agent's page showed: another number is not called; "" = it is not said.
	CallNumber(ctx context.Context, agentID int64, seen string) error
	// SkipNumber puts it off; 0 = it is not called any more. The reason may be "".
	SkipNumber(ctx context.Context, agentID int64, seen string, off time.Duration, reason string) error
	GiveBackNumber(ctx context.Context, agentID int64, seen string) error
}

// InCall is what an agent does in a call.
type InCall interface {
	Hold(ctx context.Context, agentID int64) error
	Unhold(ctx context.Context, agentID int64) error
	Mute(ctx context.Context, agentID int64, on bool) error
	EndCall(ctx context.Context, agentID int64) error
	Transfer(ctx context.Context, agentID int64, to models.Target) error
	SendDTMF(ctx context.Context, agentID int64, digits string) error
	// RecordCall is told start, stop, pause or resume.
	RecordCall(ctx context.Context, agentID int64, what string) error
}

// Consultation is a question to a third party while the customer waits.
type Consultation interface {
	Consult(ctx context.Context, agentID int64, with models.Target) error
	CompleteTransfer(ctx context.Context, agentID int64) error
	CancelConsult(ctx context.Context, agentID int64) error
	ThreeWay(ctx context.Context, agentID int64) error
}

// Supervision is what a team leader does to a call; he hears it on the phone of the supervisor agent.
type Supervision interface {
	Supervise(ctx context.Context, supervisorAgentID, agentID int64, mode models.SuperviseMode) error
	StopSupervising(ctx context.Context, supervisorAgentID int64) error
	TakeOver(ctx context.Context, supervisorAgentID, agentID int64) error
	ForceDrop(ctx context.Context, agentID int64) error
}

// Cards are what is known of a call: its customer, its legs, and its steps in flows.
type Cards interface {
	CallCard(ctx context.Context, attemptID string) (models.CallCard, error)
	Legs(ctx context.Context, callID string) ([]models.Leg, error)
	FlowSteps(ctx context.Context, callID string) ([]models.FlowStep, error)
	Flows(ctx context.Context, org int64) ([]models.IVRFlow, error)
}

// Times are how agents spent a period.
type Times interface {
	// AgentTimes are those of an organization's agents, 0 = of all its agents; the period ends now at the latest.
	AgentTimes(ctx context.Context, org, agentID int64, from, to time.Time) ([]models.AgentTimes, error)
	// Today is when the day began in the zone of the configuration.
	Today() (time.Time, error)
}

// Recordings are the calls that were recorded.
type Recordings interface {
	// RecordingPage takes the number of the query as somebody wrote it, or the beginning of one.
	RecordingPage(ctx context.Context, q models.RecordingQuery) (items []models.Recording, next string, err error)
	Recording(ctx context.Context, id string) (models.Recording, error)
	// RecordingSound opens the switch's WAV file.
	RecordingSound(ctx context.Context, r models.Recording) (io.ReadSeekCloser, error)
	// DeleteRecording removes the file and marks the row.
	DeleteRecording(ctx context.Context, r models.Recording) error
}

// Messages are what callers said after the tone.
type Messages interface {
	// MessagePage takes the number of the query as somebody wrote it, or the beginning of one.
	MessagePage(ctx context.Context, q models.MessageQuery) (items []models.Message, next string, err error)
	Message(ctx context.Context, id string) (models.Message, error)
	// LeadsTo reports whether a flow leads to one of the queues.
	LeadsTo(ctx context.Context, flowID int64, queues []int64) (bool, error)
	MessageSound(ctx context.Context, m models.Message) (io.ReadSeekCloser, error)
	MessageHeard(ctx context.Context, id, login string) error
	// HandleMessage marks a message as handled; login "" = it is open again.
	HandleMessage(ctx context.Context, id, login string) error
	DeleteMessage(ctx context.Context, m models.Message) error
}

// AuditTrail is the memory of what people did to others' calls and data.
type AuditTrail interface {
	AddAudit(ctx context.Context, e *models.AuditEntry) error
	AuditPage(ctx context.Context, q models.AuditQuery) (items []models.AuditEntry, next string, err error)
}
