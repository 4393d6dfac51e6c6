package store

import (
	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// pageSteps are the indexes whose order is that of the pages of call records. The time before the id gives the keyset; the
// id behind it is part of the key on SQLite only if it is named.
func pageSteps() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		createIndex("0030_attempts_time", "attempts", "attempts_time", "organization_id, reserved_at, id"),
		createIndex("0031_attempts_outcome", "attempts", "attempts_outcome", "organization_id, outcome, reserved_at, id"),
		createIndex("0032_attempts_campaign_time", "attempts", "attempts_campaign_time", "campaign_id, reserved_at, id"),
		createIndex("0033_attempts_campaign_outcome", "attempts", "attempts_campaign_outcome", "campaign_id, outcome, reserved_at, id"),
		createIndex("0034_attempts_lead", "attempts", "attempts_lead", "lead_id, reserved_at, id"),
	}
}

// createIndex is a step of one CREATE INDEX. An index that is already there was made by a run that died before it could
// note the step.
func createIndex(id, table, name, columns string) *gormigrate.Migration {
	return &gormigrate.Migration{
		ID: id,
		Migrate: func(tx *gorm.DB) error {
			if tx.Migrator().HasIndex(table, name) {
				return nil
			}
			return wrap("create index of step "+id, tx.Exec("CREATE INDEX "+name+" ON "+table+" ("+columns+")").Error)
		},
		Rollback: func(tx *gorm.DB) error {
			return wrap("drop index of step "+id, tx.Migrator().DropIndex(table, name))
		},
	}
}
