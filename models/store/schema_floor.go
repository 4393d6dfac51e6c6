package store

import "github.com/go-gormigrate/gormigrate/v2"

// floorSteps are what the floor writes about agents: what became of a call that was to reach one, their states, the legs of
// their calls, recordings.
func floorSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{
		addColumn("0050_attempts_queue_id", &attempt2{}, "QueueID"),
		addColumn("0051_attempts_agent_id", &attempt2{}, "AgentID"),
		addColumn("0052_attempts_queued_at", &attempt2{}, "QueuedAt"),
		addColumn("0053_attempts_bridged_at", &attempt2{}, "BridgedAt"),
		addColumn("0054_attempts_wait_ms", &attempt2{}, "WaitMS"),
		addColumn("0055_attempts_agent_ms", &attempt2{}, "AgentMS"),
		addColumn("0056_attempts_announced", &attempt2{}, "Announced"),
		addColumn("0057_attempts_recording", &attempt2{}, "Recording"),
		addColumn("0058_attempts_abandoned_by", &attempt2{}, "AbandonedBy"),
		createIndex("0059_attempts_agent", "attempts", "attempts_agent", "organization_id, agent_id, reserved_at, id"),
		createTable("0059a_agent_states", driver, &agentState1{}),
		createTable("0059b_agent_sessions", driver, &agentSession1{}),
		createTable("0059c_call_legs", driver, &callLeg1{}),
		createTable("0059d_recordings", driver, &recording1{}),
		createIndex("0059e_recordings_time", "recordings", "recordings_time", "organization_id, started_at, id"),
		createIndex("0059f_recordings_agent", "recordings", "recordings_agent", "agent_id, started_at, id"),
		createIndex("0059g_recordings_number", "recordings", "recordings_number", "number, started_at, id"),
	}
}

type attempt2 struct {
	QueueID     int64  `gorm:"not null;default:0"`
	AgentID     int64  `gorm:"not null;default:0"`
	QueuedAt    stamp  `gorm:"type:datetime(6)"`
	BridgedAt   stamp  `gorm:"type:datetime(6)"`
	WaitMS      int64  `gorm:"column:wait_ms;not null;default:0"`
	AgentMS     int64  `gorm:"column:agent_ms;not null;default:0"`
	Announced   string `gorm:"type:varchar(16);not null;default:''"`
	Recording   string `gorm:"type:varchar(36);not null;default:''"`
	AbandonedBy string `gorm:"type:varchar(16);not null;default:''"`
}

func (attempt2) TableName() string { return "attempts" }

type agentState1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:agent_states_time,priority:1"`
	AgentID        int64  `gorm:"not null;index:agent_states_agent,priority:1"`
	At             stamp  `gorm:"type:datetime(6);not null;index:agent_states_agent,priority:2;index:agent_states_time,priority:2"`
	State          string `gorm:"type:varchar(16);not null"`
	Reason         string `gorm:"type:varchar(64);not null;default:''"`
	Cause          string `gorm:"type:varchar(32);not null;default:''"`
	CallID         string `gorm:"type:varchar(36);not null;default:''"`
	QueueID        int64  `gorm:"not null;default:0"`
}

func (agentState1) TableName() string { return "agent_states" }

type agentSession1 struct {
	AgentID        int64  `gorm:"primaryKey;autoIncrement:false"`
	OrganizationID int64  `gorm:"not null;default:0"`
	State          string `gorm:"type:varchar(16);not null"`
	Reason         string `gorm:"type:varchar(64);not null;default:''"`
	Since          stamp  `gorm:"type:datetime(6)"`
	Queues         string `gorm:"type:text"`
	Leg            string `gorm:"type:varchar(36);not null;default:''"`
	CallID         string `gorm:"type:varchar(36);not null;default:''"`
	UpdatedAt      stamp  `gorm:"type:datetime(6)"`
}

func (agentSession1) TableName() string { return "agent_sessions" }

type callLeg1 struct {
	ID             string `gorm:"type:varchar(36);primaryKey"`
	CallID         string `gorm:"type:varchar(36);not null;index:call_legs_call"`
	OrganizationID int64  `gorm:"not null;default:0"`
	Kind           string `gorm:"type:varchar(16);not null"`
	AgentID        int64  `gorm:"not null;default:0;index:call_legs_agent,priority:1"`
	QueueID        int64  `gorm:"not null;default:0"`
	Number         string `gorm:"type:varchar(32);not null;default:''"`
	StartedAt      stamp  `gorm:"type:datetime(6);index:call_legs_agent,priority:2"`
	AnsweredAt     stamp  `gorm:"type:datetime(6)"`
	EndedAt        stamp  `gorm:"type:datetime(6)"`
	Cause          string `gorm:"type:varchar(64);not null;default:''"`
}

func (callLeg1) TableName() string { return "call_legs" }

type recording1 struct {
	ID             string `gorm:"type:varchar(36);primaryKey"`
	OrganizationID int64  `gorm:"not null"`
	CampaignID     int64  `gorm:"not null;default:0"`
	QueueID        int64  `gorm:"not null;default:0"`
	AgentID        int64  `gorm:"not null;default:0"`
	Number         string `gorm:"type:varchar(20);not null;default:''"`
	StartedAt      stamp  `gorm:"type:datetime(6);not null"`
	DurationMS     int64  `gorm:"column:duration_ms;not null;default:0"`
	TalkMS         int64  `gorm:"column:talk_ms;not null;default:0"`
	Bytes          int64  `gorm:"not null;default:0"`
	Path           string `gorm:"type:varchar(255);not null;default:''"`
	Problem        string `gorm:"type:varchar(16);not null;default:''"`
	DeletedAt      stamp  `gorm:"type:datetime(6)"`
}

func (recording1) TableName() string { return "recordings" }
