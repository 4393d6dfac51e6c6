package models

import "time"

// CallCard is what an agent's page shows of a call beside what the floor knows (来电资料).
type CallCard struct {
	AttemptID    string      `json:"attempt_id"`
	Kind         AttemptKind `json:"kind"`
	Number       string      `json:"number"` // E.164 of the customer
	CampaignID   int64       `json:"campaign_id"`
	CampaignName string      `json:"campaign_name"` // "" = no campaign
	AnsweredAt   *time.Time  `json:"answered_at"`
	QueuedAt     *time.Time  `json:"queued_at"`
	Keys         []Key       `json:"keys"`
	Columns      []string    `json:"columns"` // headings of the number file
	Fields       []string    `json:"fields"`  // what stands below them for this contact
}

// RecordingQuery asks for recordings, the newest first. Zero fields do not filter.
type RecordingQuery struct {
	OrganizationID int64 // always
	AgentID        int64
	QueueID        int64
	CampaignID     int64
	Number         string    // E.164, or with a * at its end the beginning of one
	From, To       time.Time // started at From or later and before To
	Sight          *Sight    // nil = all of the organization
	Page
}

// Sight is what a team leader may see: his queues, and the agents who are members of them.
type Sight struct {
	Queues []int64
	Agents []int64
}

// AuditQuery asks for what people did to others' calls and data, the newest first. Zero fields do not filter.
type AuditQuery struct {
	OrganizationID int64 // always
	Login          string
	Action         string
	Target         string
	From, To       time.Time // at From or later and before To
	Page
}

// Actions of AuditEntry beside the modes of supervision.
const (
	AuditTakeOver          = "take_over"
	AuditForceDrop         = "force_drop"
	AuditForceBusy         = "force_busy"
	AuditForceIdle         = "force_idle"
	AuditSignOut           = "sign_out"
	AuditTransfer          = "transfer"
	AuditStopSupervising   = "stop_supervising"
	AuditPlayRecording     = "play_recording"
	AuditDownloadRecording = "download_recording"
	AuditDeleteRecording   = "delete_recording"
	AuditPlayMessage       = "play_message"
	AuditDownloadMessage   = "download_message"
	AuditHandleMessage     = "handle_message"
	AuditReopenMessage     = "reopen_message"
	AuditDeleteMessage     = "delete_message"
)

// AgentTimes is how an agent spent a period (坐席工时). Times are milliseconds.
type AgentTimes struct {
	AgentID    int64            `json:"agent_id"`
	SignedInMS int64            `json:"signed_in_ms"` // everything but offline
	IdleMS     int64            `json:"idle_ms"`
	ReservedMS int64            `json:"reserved_ms"`
	RingMS     int64            `json:"ring_ms"`
	TalkMS     int64            `json:"talk_ms"`
	HoldMS     int64            `json:"hold_ms"`
	WrapUpMS   int64            `json:"wrap_up_ms"`
	BusyMS     int64            `json:"busy_ms"`
	Busy       map[string]int64 `json:"busy"`  // by reason
	Calls      int64            `json:"calls"` // whose talk began in the period
}

// Add counts d in a state, with its reason when it is busy.
func (t *AgentTimes) Add(state AgentState, reason string, d time.Duration) {
	ms := d.Milliseconds()
	if ms <= 0 || state == AgentOffline {
		return
	}
	t.SignedInMS += ms
	switch state {
	case AgentOffline: // not there
	case AgentIdle:
		t.IdleMS += ms
	case AgentReserved:
		t.ReservedMS += ms
	case AgentRinging:
		t.RingMS += ms
	case AgentTalking:
		t.TalkMS += ms
	case AgentHold:
		t.HoldMS += ms
	case AgentWrapUp:
		t.WrapUpMS += ms
	case AgentBusy:
		t.BusyMS += ms
		if t.Busy == nil {
			t.Busy = map[string]int64{}
		}
		t.Busy[reason] += ms
	}
}

// TimesOf adds up the changes of one agent, in their order, between from and to. The last change before from says in which
// state the period began; the last one lasts until to.
func TimesOf(agentID int64, changes []StateChange, from, to time.Time) AgentTimes {
	t := AgentTimes{AgentID: agentID, Busy: map[string]int64{}}
	served := map[string]bool{}
	for i, c := range changes {
		end := to
		if i+1 < len(changes) && changes[i+1].At.Before(to) {
			end = changes[i+1].At
		}
		begin := c.At
		if begin.Before(from) {
			begin = from
		} else if c.State == AgentTalking && c.At.Before(to) && !served[c.CallID] {
			served[c.CallID] = true
			t.Calls++
		}
		t.Add(c.State, c.Reason, end.Sub(begin))
	}
	return t
}
