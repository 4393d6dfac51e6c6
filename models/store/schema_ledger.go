package store

type campaign1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:campaigns_organization"`
	Name           string `gorm:"type:varchar(255);not null"`
	Mode           string `gorm:"type:varchar(32);not null"`
	State          string `gorm:"type:varchar(32);not null;index:campaigns_state"`
	StateReason    string `gorm:"type:varchar(255);not null;default:''"`
	ContactListID  int64  `gorm:"not null;default:0;index:campaigns_list"`
	VoiceFileID    int64  `gorm:"not null;default:0;index:campaigns_voice"`
	QueueID        int64  `gorm:"not null;default:0"`
	Purpose        string `gorm:"type:varchar(64);not null;default:''"`
	MaxConcurrency int    `gorm:"not null;default:0"`
	RingSeconds    int    `gorm:"not null"`
	PlayCount      int    `gorm:"not null"`
	ExtraSeconds   int    `gorm:"not null;default:0"`
	AgentKey       string `gorm:"type:varchar(8);not null;default:''"`
	OptOutKey      string `gorm:"type:varchar(8);not null;default:''"`
	KeySeconds     int    `gorm:"not null;default:0"`
	Rules          string `gorm:"type:text"`
	TrunkIDs       string `gorm:"column:trunk_ids;type:text"`
	CallerIDs      string `gorm:"column:caller_ids;type:text"`
	Keys           string `gorm:"type:text"`
	Version        int64  `gorm:"not null;default:1"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
	UpdatedAt      stamp  `gorm:"type:datetime(6);not null"`
	StartedAt      stamp  `gorm:"type:datetime(6)"`
	FinishedAt     stamp  `gorm:"type:datetime(6)"`
}

func (campaign1) TableName() string { return "campaigns" }

// leads_due serves the claim in its order and, with last_outcome behind the id, the counts of progress without the rows.
type lead1 struct {
	ID          int64  `gorm:"primaryKey;autoIncrement;index:leads_due,priority:4"`
	CampaignID  int64  `gorm:"not null;index:leads_due,priority:1;uniqueIndex:leads_contact,priority:1;uniqueIndex:leads_number,priority:1"`
	ContactID   int64  `gorm:"not null;uniqueIndex:leads_contact,priority:2"`
	Number      string `gorm:"type:varchar(20);not null;uniqueIndex:leads_number,priority:2"`
	Zone        string `gorm:"type:varchar(40);not null;default:''"`
	State       string `gorm:"type:varchar(16);not null;default:'';index:leads_due,priority:2"`
	NextAt      stamp  `gorm:"type:datetime(6);index:leads_due,priority:3"`
	Why         string `gorm:"type:varchar(32);not null;default:''"`
	Attempts    int    `gorm:"not null;default:0"`
	Retries     int    `gorm:"not null;default:0"`
	FreeRetries int    `gorm:"not null;default:0"`
	LastOutcome string `gorm:"type:varchar(32);not null;default:'';index:leads_due,priority:5"`
	OutcomeRuns int    `gorm:"not null;default:0"`
	LastAttempt string `gorm:"type:varchar(36);not null;default:''"`
}

func (lead1) TableName() string { return "leads" }

// The open keys are NULL once an attempt has ended: their unique indexes hold "no lead and no number twice at a time", and
// hold exactly the open attempts, which a restart looks for.
type attempt1 struct {
	ID             string `gorm:"type:char(36);primaryKey;index:attempts_campaign,priority:2"`
	OrganizationID int64  `gorm:"not null;default:0"`
	CampaignID     int64  `gorm:"not null;default:0;index:attempts_campaign,priority:1"`
	LeadID         int64  `gorm:"not null;default:0"`
	Kind           string `gorm:"type:varchar(16);not null;default:''"`
	State          string `gorm:"type:varchar(16);not null;default:''"`
	Number         string `gorm:"type:varchar(20);not null;default:'';index:attempts_number,priority:1"`
	TrunkID        int64  `gorm:"not null;default:0"`
	Gateway        string `gorm:"type:varchar(32);not null;default:''"`
	Dialled        string `gorm:"type:varchar(64);not null;default:''"`
	Caller         string `gorm:"type:varchar(32);not null;default:''"`
	Try            int    `gorm:"not null;default:0"`
	Epoch          int64  `gorm:"not null;default:0"`
	DayStart       stamp  `gorm:"type:datetime(6)"`
	ReservedAt     stamp  `gorm:"type:datetime(6)"`
	SentAt         stamp  `gorm:"type:datetime(6);index:attempts_number,priority:2"`
	CreatedAt      stamp  `gorm:"type:datetime(6)"`
	ProgressAt     stamp  `gorm:"type:datetime(6)"`
	AnsweredAt     stamp  `gorm:"type:datetime(6)"`
	HungUpAt       stamp  `gorm:"type:datetime(6)"`
	EndedAt        stamp  `gorm:"type:datetime(6)"`
	Outcome        string `gorm:"type:varchar(32);not null;default:''"`
	Sub            string `gorm:"type:varchar(32);not null;default:''"`
	Placed         bool   `gorm:"not null;default:false"`
	Cause          string `gorm:"type:varchar(64);not null;default:''"`
	Q850           int    `gorm:"column:q850;not null;default:0"`
	SIPStatus      int    `gorm:"column:sip_status;not null;default:0"`
	SIPPhrase      string `gorm:"column:sip_phrase;type:varchar(128);not null;default:''"`
	Disposition    string `gorm:"type:varchar(64);not null;default:''"`
	WhoHungUp      string `gorm:"type:varchar(16);not null;default:''"`
	Step           string `gorm:"type:varchar(64);not null;default:''"`
	Keys           string `gorm:"type:text"`
	TalkMS         int64  `gorm:"column:talk_ms;not null;default:0"`
	RingMS         int64  `gorm:"column:ring_ms;not null;default:0"`
	Node           string `gorm:"type:varchar(64);not null;default:''"`
	FromCDR        bool   `gorm:"column:from_cdr;not null;default:false"`
	OpenLeadKey    *int64 `gorm:"uniqueIndex:attempts_open_lead"`
	OpenNumberKey  string `gorm:"type:varchar(48);default:null;uniqueIndex:attempts_open_number"`
}

func (attempt1) TableName() string { return "attempts" }

type campaignHour1 struct {
	CampaignID int64  `gorm:"primaryKey;autoIncrement:false"`
	Hour       stamp  `gorm:"type:datetime(6);primaryKey"`
	Outcome    string `gorm:"type:varchar(32);primaryKey"`
	Sub        string `gorm:"type:varchar(32);primaryKey"`
	N          int64  `gorm:"not null;default:0"`
	TalkMS     int64  `gorm:"column:talk_ms;not null;default:0"`
	RingMS     int64  `gorm:"column:ring_ms;not null;default:0"`
}

func (campaignHour1) TableName() string { return "campaign_hours" }

type lease1 struct {
	Name      string `gorm:"type:varchar(32);primaryKey"`
	Owner     string `gorm:"type:varchar(128);not null"`
	Epoch     int64  `gorm:"not null"`
	ExpiresAt stamp  `gorm:"type:datetime(6);not null"`
}

func (lease1) TableName() string { return "leases" }
