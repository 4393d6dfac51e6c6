package store

import (
	"slices"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// steps are the schema's history. A released step is never changed; the structs in schema_*.go are frozen with it and have
// nothing to do with the structs that queries use.
func steps(driver string) []*gormigrate.Migration {
	table := func(id string, frozen any) *gormigrate.Migration { return createTable(id, driver, frozen) }
	return slices.Concat([]*gormigrate.Migration{
		table("0001_organizations", &organization1{}),
		table("0002_users", &user1{}),
		table("0003_trunks", &trunk1{}),
		table("0004_caller_numbers", &callerNumber1{}),
		table("0005_voice_files", &voiceFile1{}),
		table("0006_contact_lists", &contactList1{}),
		table("0007_contacts", &contact1{}),
		table("0008_blacklist_entries", &blacklistEntry1{}),
		table("0009_campaigns", &campaign1{}),
		table("0010_leads", &lead1{}),
		table("0011_attempts", &attempt1{}),
		table("0012_campaign_hours", &campaignHour1{}),
		table("0013_leases", &lease1{}),
		{
			ID: "0014_floor_lease",
			Migrate: func(tx *gorm.DB) error {
				return tx.Exec("INSERT INTO leases (name, owner, epoch, expires_at) " +
					"SELECT 'floor', '', 0, '2000-01-01 00:00:00.000000' FROM (SELECT 1 AS one) o " +
					"WHERE NOT EXISTS (SELECT 1 FROM leases WHERE name = 'floor')").Error
			},
			Rollback: func(tx *gorm.DB) error { return tx.Exec("DELETE FROM leases WHERE name = 'floor'").Error },
		},
	}, webSteps(driver), pageSteps(), deskSteps(driver), floorSteps(driver), flowSteps(driver), resultSteps(driver), pacingSteps(driver), messageSteps(driver), approvalSteps())
}

type organization1 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement"`
	ParentID  int64  `gorm:"not null;default:0"`
	Name      string `gorm:"type:varchar(100);not null;uniqueIndex:organizations_name"`
	CreatedAt stamp  `gorm:"type:datetime(6);not null"`
}

func (organization1) TableName() string { return "organizations" }

type user1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:users_organization"`
	Login          string `gorm:"type:varchar(100);not null;uniqueIndex:users_login"`
	PasswordHash   string `gorm:"type:varchar(255);not null"`
	Role           string `gorm:"type:varchar(32);not null"`
	Disabled       bool   `gorm:"not null;default:false"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (user1) TableName() string { return "users" }

type trunk1 struct {
	ID             int64   `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64   `gorm:"not null;index:trunks_organization"`
	Name           string  `gorm:"type:varchar(32);not null;uniqueIndex:trunks_name"`
	Gateway        string  `gorm:"type:varchar(32);not null"`
	DialPrefix     string  `gorm:"type:varchar(32);not null;default:''"`
	NumberFormat   string  `gorm:"type:varchar(16);not null"`
	Lines          int     `gorm:"not null;default:0"`
	CPS            float64 `gorm:"type:double;not null;default:0"`
	Allow400       bool    `gorm:"column:allow_400;not null;default:false"`
	Paused         bool    `gorm:"not null;default:false"`
	PausedReason   string  `gorm:"type:varchar(255);not null;default:''"`
	PausedUntil    stamp   `gorm:"type:datetime(6)"`
}

func (trunk1) TableName() string { return "trunks" }

type callerNumber1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;uniqueIndex:caller_numbers_number,priority:1"`
	Number         string `gorm:"type:varchar(32);not null;uniqueIndex:caller_numbers_number,priority:2"`
	Kind           string `gorm:"type:varchar(16);not null"`
	Approval       string `gorm:"type:varchar(16);not null"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (callerNumber1) TableName() string { return "caller_numbers" }

type voiceFile1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:voice_files_organization"`
	Name           string `gorm:"type:varchar(255);not null"`
	OriginalName   string `gorm:"type:varchar(255);not null;default:''"`
	OriginalPath   string `gorm:"type:varchar(255);not null;default:''"`
	WavPath        string `gorm:"type:varchar(255);not null;default:''"`
	SHA256         string `gorm:"column:sha256;type:varchar(64);not null;default:''"`
	Format         string `gorm:"type:varchar(16);not null;default:''"`
	DurationMS     int64  `gorm:"not null;default:0"`
	Approval       string `gorm:"type:varchar(16);not null"`
	Reason         string `gorm:"type:varchar(255);not null;default:''"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (voiceFile1) TableName() string { return "voice_files" }

type contactList1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:contact_lists_organization"`
	Name           string `gorm:"type:varchar(255);not null"`
	FileName       string `gorm:"type:varchar(255);not null;default:''"`
	FileSHA256     string `gorm:"column:file_sha256;type:varchar(64);not null;default:''"`
	Columns        string `gorm:"type:text"`
	NumberColumn   int    `gorm:"not null;default:0"`
	State          string `gorm:"type:varchar(16);not null"`
	Approval       string `gorm:"type:varchar(16);not null"`
	Rows           int64  `gorm:"not null;default:0"`
	Valid          int64  `gorm:"not null;default:0"`
	Duplicates     int64  `gorm:"not null;default:0"`
	Blacklisted    int64  `gorm:"not null;default:0"`
	Rejected       int64  `gorm:"not null;default:0"`
	ResumeRow      int64  `gorm:"not null;default:0"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (contactList1) TableName() string { return "contact_lists" }

// The index on list_id alone carries the id behind it, which is the order in which leads are made and exported.
type contact1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null"`
	ListID         int64  `gorm:"not null;index:contacts_list;uniqueIndex:contacts_number,priority:1"`
	Row            int64  `gorm:"not null"`
	Number         string `gorm:"type:varchar(20);not null;uniqueIndex:contacts_number,priority:2"`
	Zone           string `gorm:"type:varchar(40);not null;default:''"`
	Fields         string `gorm:"type:text"`
}

func (contact1) TableName() string { return "contacts" }

type blacklistEntry1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;uniqueIndex:blacklist_number,priority:2"`
	Number         string `gorm:"type:varchar(20);not null;uniqueIndex:blacklist_number,priority:1"`
	Prefix         bool   `gorm:"not null;default:false;uniqueIndex:blacklist_number,priority:3"`
	Source         string `gorm:"type:varchar(32);not null;default:''"`
	Reason         string `gorm:"type:varchar(255);not null;default:''"`
	Evidence       string `gorm:"type:varchar(64);not null;default:''"`
	ExpiresAt      stamp  `gorm:"type:datetime(6)"`
	CreatedBy      string `gorm:"type:varchar(100);not null;default:''"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (blacklistEntry1) TableName() string { return "blacklist_entries" }
