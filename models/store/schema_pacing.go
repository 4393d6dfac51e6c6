package store

import "github.com/go-gormigrate/gormigrate/v2"

// pacingSteps are the decisions of pacing, downsampled, what each campaign's pacing learned, and the rules by which each attempt
// was let through; the lines of a trunk that are left to people who dial by hand; who had a
// number called that he looked at, and why one was skipped.
func pacingSteps(driver string) []*gormigrate.Migration {
	return []*gormigrate.Migration{
		createTable("0090_pacing_samples", driver, &pacingSample1{}),
		createTable("0091_pacing_learned", driver, &pacingLearned1{}),
		addColumn("0092_attempts_pack", &attempt3{}, "Pack"),
		addColumn("0093_attempts_pack_version", &attempt3{}, "PackVersion"),
		addColumn("0094_trunks_hand_lines", &trunk2{}, "HandLines"),
		addColumn("0095_pacing_samples_talk", &pacingSample2{}, "Talk"),
		addColumn("0096_pacing_samples_covered", &pacingSample2{}, "Covered"),
		addColumn("0097_trunks_version", &trunk3{}, "Version"),
		addColumn("0098_attempts_looker", &attempt4{}, "LookerID"),
		addColumn("0099_attempts_skip_reason", &attempt5{}, "SkipReason"),
	}
}

// `limit` and such are words of SQL, hence the longer names.
type pacingSample1 struct {
	CampaignID   int64   `gorm:"primaryKey;autoIncrement:false"`
	SampledAt    stamp   `gorm:"type:datetime(6);primaryKey;index:pacing_samples_time"`
	Idle         int     `gorm:"not null"`
	Busy         int     `gorm:"not null"`
	Ringing      int     `gorm:"not null"`
	Waiting      int     `gorm:"not null"`
	Dialled      int     `gorm:"not null"`
	Why          string  `gorm:"type:varchar(32);not null"`
	Answered     int     `gorm:"not null"`
	Abandoned    int     `gorm:"not null"`
	AbandonLimit float64 `gorm:"not null"`
	Bound        int     `gorm:"not null"`
	Overdial     int     `gorm:"not null"`
}

func (pacingSample1) TableName() string { return "pacing_samples" }

type pacingSample2 struct {
	Talk    int  `gorm:"not null;default:0"`
	Covered bool `gorm:"not null;default:false"`
}

func (pacingSample2) TableName() string { return "pacing_samples" }

type pacingLearned1 struct {
	CampaignID int64  `gorm:"primaryKey;autoIncrement:false"`
	LearnedAt  stamp  `gorm:"type:datetime(6);not null"`
	Learned    string `gorm:"type:mediumtext"`
}

func (pacingLearned1) TableName() string { return "pacing_learned" }

type attempt3 struct {
	Pack        string `gorm:"type:varchar(16);not null;default:''"`
	PackVersion string `gorm:"type:varchar(16);not null;default:''"`
}

func (attempt3) TableName() string { return "attempts" }

type trunk2 struct {
	HandLines int `gorm:"not null;default:0"`
}

func (trunk2) TableName() string { return "trunks" }

type trunk3 struct {
	Version int64 `gorm:"not null;default:1"`
}

func (trunk3) TableName() string { return "trunks" }

type attempt4 struct {
	LookerID int64 `gorm:"not null;default:0"`
}

func (attempt4) TableName() string { return "attempts" }

type attempt5 struct {
	SkipReason string `gorm:"type:varchar(64);not null;default:''"`
}

func (attempt5) TableName() string { return "attempts" }
