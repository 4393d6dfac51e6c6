package store

import "github.com/go-gormigrate/gormigrate/v2"

// deskSteps are the people and devices that serve calls: extensions, agents, queues, and what was done to others' calls.
func deskSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{
		createTable("0040_extensions", driver, &extension1{}),
		createTable("0041_agents", driver, &agent1{}),
		createTable("0042_queues", driver, &queue1{}),
		createTable("0043_queue_members", driver, &queueMember1{}),
		createTable("0044_queue_leaders", driver, &queueLeader1{}),
		createTable("0045_audit_entries", driver, &auditEntry1{}),
	}
}

type extension1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:extensions_organization"`
	Number         string `gorm:"type:varchar(32);not null;uniqueIndex:extensions_number"`
	Name           string `gorm:"type:varchar(100);not null;default:''"`
	Password       string `gorm:"type:varchar(64);not null"`
	AutoAnswer     bool   `gorm:"not null;default:false"`
	Version        int64  `gorm:"not null;default:1"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (extension1) TableName() string { return "extensions" }

// extension_id and user_id are NULL for none, so that the unique keys hold only between those who have one.
type agent1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:agents_organization"`
	UserID         *int64 `gorm:"uniqueIndex:agents_user"`
	StaffNumber    string `gorm:"type:varchar(32);not null;uniqueIndex:agents_staff_number"`
	Name           string `gorm:"type:varchar(100);not null"`
	ExtensionID    *int64 `gorm:"uniqueIndex:agents_extension"`
	ExternalNumber string `gorm:"type:varchar(20);not null;default:''"`
	Reach          string `gorm:"type:varchar(16);not null"`
	Recording      bool   `gorm:"not null;default:false"`
	Disabled       bool   `gorm:"not null;default:false"`
	Version        int64  `gorm:"not null;default:1"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (agent1) TableName() string { return "agents" }

type queue1 struct {
	ID                  int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID      int64  `gorm:"not null;uniqueIndex:queues_name,priority:1"`
	Name                string `gorm:"type:varchar(100);not null;uniqueIndex:queues_name,priority:2"`
	Strategy            string `gorm:"type:varchar(16);not null"`
	MobileAgents        bool   `gorm:"not null;default:false"`
	AnnounceStaff       bool   `gorm:"not null;default:true"`
	StaffPattern        string `gorm:"type:varchar(8);not null;default:''"`
	StaffDigits         int    `gorm:"not null;default:3"`
	PreferLastAgent     bool   `gorm:"not null;default:false"`
	RingSeconds         int    `gorm:"not null"`
	WrapUpSeconds       int    `gorm:"not null"`
	MaxMissed           int    `gorm:"not null"`
	MusicVoiceID        int64  `gorm:"not null;default:0"`
	AnnouncementVoiceID int64  `gorm:"not null;default:0"`
	ComfortVoiceID      int64  `gorm:"not null;default:0"`
	ComfortSeconds      int    `gorm:"not null;default:0"`
	AnnouncePosition    bool   `gorm:"not null;default:false"`
	AnnounceWait        bool   `gorm:"not null;default:false"`
	MaxWaitSeconds      int    `gorm:"not null"`
	OverflowKind        string `gorm:"type:varchar(16);not null"`
	OverflowQueueID     int64  `gorm:"not null;default:0"`
	OverflowNumber      string `gorm:"type:varchar(20);not null;default:''"`
	OverflowTrunkID     int64  `gorm:"not null;default:0"`
	OverflowVoiceID     int64  `gorm:"not null;default:0"`
	Record              bool   `gorm:"not null;default:false"`
	ServiceLevelSeconds int    `gorm:"not null;default:20"`
	ConnectMS           int    `gorm:"column:connect_ms;not null;default:2000"`
	Version             int64  `gorm:"not null;default:1"`
	CreatedAt           stamp  `gorm:"type:datetime(6);not null"`
}

func (queue1) TableName() string { return "queues" }

type queueMember1 struct {
	QueueID  int64 `gorm:"primaryKey;autoIncrement:false"`
	AgentID  int64 `gorm:"primaryKey;autoIncrement:false;index:queue_members_agent"`
	Active   bool  `gorm:"not null;default:true"`
	Priority int   `gorm:"not null;default:1"`
}

func (queueMember1) TableName() string { return "queue_members" }

type queueLeader1 struct {
	QueueID int64 `gorm:"primaryKey;autoIncrement:false"`
	UserID  int64 `gorm:"primaryKey;autoIncrement:false;index:queue_leaders_user"`
}

func (queueLeader1) TableName() string { return "queue_leaders" }

type auditEntry1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:audit_entries_time,priority:1"`
	UserID         int64  `gorm:"not null"`
	Login          string `gorm:"type:varchar(100);not null;default:''"`
	Action         string `gorm:"type:varchar(32);not null"`
	Target         string `gorm:"type:varchar(64);not null;default:''"`
	Detail         string `gorm:"type:varchar(255);not null;default:''"`
	At             stamp  `gorm:"type:datetime(6);not null;index:audit_entries_time,priority:2"`
}

func (auditEntry1) TableName() string { return "audit_entries" }
