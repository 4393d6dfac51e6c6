package store

import (
	"fmt"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// resultSteps let the results of a campaign be filtered by an index: leads know how their last attempt ended and which keys
// were pressed in it.
func resultSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{
		addColumn("0080_leads_last_sub", &lead2{}, "LastSub"),
		addColumn("0081_leads_last_keys", &lead2{}, "LastKeys"),
		{
			ID:       "0082_leads_last_filled",
			Migrate:  func(tx *gorm.DB) error { return fillLast(tx, driver) },
			Rollback: func(*gorm.DB) error { return nil }, // the columns go with the steps before
		},
		createIndex("0083_leads_result", "leads", "leads_result", "campaign_id, last_outcome, last_sub, last_keys, contact_id"),
	}
}

type lead2 struct {
	LastSub  string `gorm:"type:varchar(32);not null;default:''"`
	LastKeys string `gorm:"type:varchar(16);not null;default:''"`
}

func (lead2) TableName() string { return "leads" }

const fillChunk = 10_000 // leads a statement, so that none holds its locks for long

// fillLast takes what the columns hold from the attempts. Keys stand there as JSON, each as "digit":"9"; their digits are
// joined in the order of keyDigits. Repeated, it writes the same again.
func fillLast(tx *gorm.DB, driver string) error {
	keys := "''"
	for _, d := range keyDigits {
		term := fmt.Sprintf(`CASE WHEN a.`+"`keys`"+` LIKE '%%"digit":"%c"%%' THEN '%c' ELSE '' END`, d, d)
		if driver == MySQL {
			keys = "CONCAT(" + keys + ", " + term + ")"
		} else {
			keys += " || " + term
		}
	}
	set := "UPDATE leads SET last_sub = COALESCE((SELECT a.sub FROM attempts a WHERE a.id = leads.last_attempt), ''), " +
		"last_keys = COALESCE((SELECT " + keys + " FROM attempts a WHERE a.id = leads.last_attempt), '') " +
		"WHERE id > ? AND id <= ? AND last_attempt <> ''"
	var last int64
	if err := tx.Raw("SELECT COALESCE(MAX(id), 0) FROM leads").Find(&last).Error; err != nil {
		return fmt.Errorf("find the last lead: %w", err)
	}
	for after := int64(0); after < last; after += fillChunk {
		if err := tx.Exec(set, after, after+fillChunk).Error; err != nil {
			return fmt.Errorf("fill last results of leads %d to %d: %w", after+1, after+fillChunk, err)
		}
	}
	return nil
}
