package store

import "github.com/go-gormigrate/gormigrate/v2"

// approvalSteps are the log-in of whoever uploaded what is to be approved.
func approvalSteps() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		addColumn("0101_voice_files_uploaded_by", &voiceFile2{}, "UploadedBy"),
		addColumn("0102_contact_lists_uploaded_by", &contactList3{}, "UploadedBy"),
		addColumn("0103_caller_numbers_uploaded_by", &callerNumber3{}, "UploadedBy"),
	}
}

type voiceFile2 struct {
	UploadedBy string `gorm:"type:varchar(100);not null;default:''"`
}

func (voiceFile2) TableName() string { return "voice_files" }

type contactList3 struct {
	UploadedBy string `gorm:"type:varchar(100);not null;default:''"`
}

func (contactList3) TableName() string { return "contact_lists" }

type callerNumber3 struct {
	UploadedBy string `gorm:"type:varchar(100);not null;default:''"`
}

func (callerNumber3) TableName() string { return "caller_numbers" }
