package store

import (
	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// webSteps are what the web application keeps: log-ins, tokens, saved filters, reasons of rejections.
func webSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{
		createTable("0015_sessions", driver, &session1{}),
		createTable("0016_api_tokens", driver, &apiToken1{}),
		createTable("0017_saved_filters", driver, &savedFilter1{}),
		addColumn("0018_contact_lists_reason", &contactList2{}, "Reason"),
		addColumn("0019_caller_numbers_reason", &callerNumber2{}, "Reason"),
	}
}

// addColumn is a step of one ALTER TABLE. A column that is already there was made by a run that died before it could note
// the step.
func addColumn(id string, frozen any, field string) *gormigrate.Migration {
	return &gormigrate.Migration{
		ID: id,
		Migrate: func(tx *gorm.DB) error {
			if tx.Migrator().HasColumn(frozen, field) {
				return nil
			}
			return wrap("add column of step "+id, tx.Migrator().AddColumn(frozen, field))
		},
		Rollback: func(tx *gorm.DB) error {
			// Not by the migrator: on SQLite it makes the table anew, and its indexes are gone.
			stmt := &gorm.Statement{DB: tx}
			if err := stmt.Parse(frozen); err != nil {
				return wrap("read the column of step "+id, err)
			}
			return wrap("drop column of step "+id, tx.Exec("ALTER TABLE "+stmt.Table+" DROP COLUMN "+stmt.Schema.LookUpField(field).DBName).Error)
		},
	}
}

type session1 struct {
	TokenHash string `gorm:"type:varchar(64);primaryKey"`
	Data      []byte `gorm:"type:blob;not null"`
	ExpiresAt stamp  `gorm:"type:datetime(6);not null;index:sessions_expires"`
}

func (session1) TableName() string { return "sessions" }

type apiToken1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null"`
	UserID         int64  `gorm:"not null;index:api_tokens_user"`
	Name           string `gorm:"type:varchar(100);not null"`
	TokenHash      string `gorm:"type:varchar(64);not null;uniqueIndex:api_tokens_hash"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
	LastUsedAt     stamp  `gorm:"type:datetime(6)"`
}

func (apiToken1) TableName() string { return "api_tokens" }

type savedFilter1 struct {
	ID     int64  `gorm:"primaryKey;autoIncrement"`
	UserID int64  `gorm:"not null;uniqueIndex:saved_filters_name,priority:1"`
	Page   string `gorm:"type:varchar(64);not null;uniqueIndex:saved_filters_name,priority:2"`
	Name   string `gorm:"type:varchar(100);not null;uniqueIndex:saved_filters_name,priority:3"`
	Query  string `gorm:"type:text"`
}

func (savedFilter1) TableName() string { return "saved_filters" }

type contactList2 struct {
	Reason string `gorm:"type:varchar(255);not null;default:''"`
}

func (contactList2) TableName() string { return "contact_lists" }

type callerNumber2 struct {
	Reason string `gorm:"type:varchar(255);not null;default:''"`
}

func (callerNumber2) TableName() string { return "caller_numbers" }
