package store

import "github.com/go-gormigrate/gormigrate/v2"

// messageSteps are the messages that callers left.
func messageSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{createTable("0100_messages", driver, &message1{})}
}

type message1 struct {
	ID             string `gorm:"type:varchar(64);primaryKey"`
	CallID         string `gorm:"type:varchar(36);not null"`
	OrganizationID int64  `gorm:"not null;index:messages_time,priority:1"`
	QueueID        int64  `gorm:"not null;default:0"`
	FlowID         int64  `gorm:"not null;default:0"`
	Node           string `gorm:"type:varchar(16);not null;default:''"`
	Number         string `gorm:"type:varchar(20);not null;default:''"`
	LeftAt         stamp  `gorm:"type:datetime(6);not null;index:messages_time,priority:2;index:messages_left"`
	DurationMS     int64  `gorm:"column:duration_ms;not null;default:0"`
	Path           string `gorm:"type:varchar(255);not null"`
	HeardAt        stamp  `gorm:"type:datetime(6)"`
	HeardBy        string `gorm:"type:varchar(100);not null;default:''"`
	HandledAt      stamp  `gorm:"type:datetime(6)"`
	HandledBy      string `gorm:"type:varchar(100);not null;default:''"`
	DeletedAt      stamp  `gorm:"type:datetime(6)"`
}

func (message1) TableName() string { return "messages" }
