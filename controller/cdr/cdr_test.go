package cdr

import (
	"os"
	"path/filepath"
	"testing"
)

// The records are a real FreeSWITCH's, with the variables that matter.
func TestRecordsOfARealSwitch(t *testing.T) {
	tests := []struct {
		id, cause, step, disposition, digits string
		q850, status                         int
		answered                             bool
	}{
		{"ec218712-962c-4405-84e8-0a0a5eb826ef", "NORMAL_CLEARING", "connecting", "send_bye", "none", 16, 0, true},
		{"39ceeef0-69a6-4332-a93e-eac5da413bd0", "NO_ANSWER", "", "send_cancel", "none", 19, 487, false},
	}
	for _, tt := range tests {
		rec, ok, err := Spool("testdata")(tt.id)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", tt.id, ok, err)
		}
		e := rec.End
		if e.Cause != tt.cause || e.Step != tt.step || e.Disposition != tt.disposition || e.Digits != tt.digits || e.Q850 != tt.q850 || e.SIPStatus != tt.status {
			t.Errorf("%s: %+v", tt.id, e)
		}
		if rec.Times.Answered.IsZero() == tt.answered || rec.Times.Created.IsZero() || rec.Times.HungUp.Before(rec.Times.Created) || rec.Node == "" {
			t.Errorf("%s: %+v", tt.id, rec)
		}
	}
}

// A call from outside that left a message while no daemon ran.
func TestRecordOfACallThatCameIn(t *testing.T) {
	rec, ok, err := Spool("testdata")("db8fc0b3-961a-4aed-aabb-396008a03579")
	if err != nil || !ok || rec.Came == nil {
		t.Fatalf("%v %v %+v", ok, err, rec)
	}
	if c := *rec.Came; c.Dialled != "075588880001" || c.Caller != "13900001111" || rec.Flow != 1 || rec.Queue != 0 || rec.End.Step != "ivr_record" {
		t.Errorf("%+v, %+v", c, rec)
	}
	if rec, _, err = Spool("testdata")("ec218712-962c-4405-84e8-0a0a5eb826ef"); err != nil || rec.Came != nil {
		t.Errorf("one of ours came in: %v, %v", rec.Came, err)
	}
}

func TestNoRecordYet(t *testing.T) {
	dir := t.TempDir()
	id := "39ceeef0-69a6-4332-a93e-eac5da413bd0"
	for name, text := range map[string]string{"nothing": "", "half a record": `{"core-uuid":"x","variables":{"uu`, "no end": `{"variables":{}}`} {
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, "a_"+id+".cdr.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok, err := Spool(dir)(id); ok || err != nil {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	if _, ok, err := Spool(filepath.Join(dir, "missing"))(id); ok || err != nil {
		t.Error("a missing folder has no records and is no error:", err)
	}
	if _, _, err := Spool(dir)("../../etc/passwd"); err == nil {
		t.Error("an id that is no UUID must not become a path")
	}
}
