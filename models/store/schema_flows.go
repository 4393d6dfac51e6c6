package store

import "github.com/go-gormigrate/gormigrate/v2"

// flowSteps are IVR flows, inbound routes, what they refer to, and the steps that calls took.
func flowSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{
		createTable("0060_ivr_flows", driver, &ivrFlow1{}),
		createTable("0061_inbound_routes", driver, &inboundRoute1{}),
		createTable("0062_flow_references", driver, &flowReference1{}),
		createTable("0063_flow_steps", driver, &flowStep1{}),
	}
}

type ivrFlow1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;uniqueIndex:ivr_flows_name,priority:1"`
	Name           string `gorm:"type:varchar(100);not null;uniqueIndex:ivr_flows_name,priority:2"`
	Nodes          string `gorm:"type:mediumtext"`
	Version        int64  `gorm:"not null;default:1"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (ivrFlow1) TableName() string { return "ivr_flows" }

type inboundRoute1 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement"`
	OrganizationID int64  `gorm:"not null;index:inbound_routes_organization"`
	Name           string `gorm:"type:varchar(100);not null"`
	Number         string `gorm:"type:varchar(20);not null;uniqueIndex:inbound_routes_number"`
	Target         string `gorm:"type:text"`
	Closed         string `gorm:"type:text"`
	Zone           string `gorm:"type:varchar(40);not null"`
	Windows        string `gorm:"type:text"`
	Holidays       string `gorm:"type:text"`
	Disabled       bool   `gorm:"not null;default:false"`
	Version        int64  `gorm:"not null;default:1"`
	CreatedAt      stamp  `gorm:"type:datetime(6);not null"`
}

func (inboundRoute1) TableName() string { return "inbound_routes" }

// A flow or route (owner) names a voice_file, queue, trunk or flow (kind).
type flowReference1 struct {
	Owner    string `gorm:"type:varchar(8);primaryKey"`
	OwnerID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind     string `gorm:"type:varchar(16);primaryKey;index:flow_references_target,priority:1"`
	TargetID int64  `gorm:"primaryKey;autoIncrement:false;index:flow_references_target,priority:2"`
}

func (flowReference1) TableName() string { return "flow_references" }

type flowStep1 struct {
	ID     int64  `gorm:"primaryKey;autoIncrement"`
	CallID string `gorm:"type:varchar(36);not null;index:flow_steps_call"`
	At     stamp  `gorm:"type:datetime(6);not null"`
	FlowID int64  `gorm:"not null"`
	Node   string `gorm:"type:varchar(16);not null"`
	Step   string `gorm:"type:varchar(32);not null"`
	Value  string `gorm:"type:varchar(64);not null;default:''"`
}

func (flowStep1) TableName() string { return "flow_steps" }
