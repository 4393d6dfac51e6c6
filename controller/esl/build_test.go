package esl

import (
	"errors"
	"os"
	"testing"

	"waihu/models"
)

var errDeadline = os.ErrDeadlineExceeded

// good is an Originate that nothing is wrong with.
func good() Originate {
	return Originate{
		UUID: uuidA, Gateway: "pstn", Number: "13800000200", CallerNumber: "075512345678", RingSeconds: 45,
		Extension: "waihu_voice_7", Context: "waihu", CampaignID: 7,
	}
}

// checkFault demands a caller's error for the one field, with texts in both languages.
func checkFault(t *testing.T, err error, field string) {
	t.Helper()
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != field ||
		e.Fields[0].Code == "" || e.Fields[0].Text == "" || e.Fields[0].TextZH == "" {
		t.Errorf("field %s: got %#v", field, err)
	}
}
