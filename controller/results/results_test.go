package results

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"waihu/models"
)

func sample() []models.Result {
	at := time.Date(2026, 11, 20, 16, 0, 1, 234567000, time.FixedZone("CST", 8*3600))
	return []models.Result{
		{
			Lead: models.Lead{Number: "+8613800138000", State: models.LeadDone, Attempts: 2, LastOutcome: models.OutcomeAnswered},
			Attempt: &models.Attempt{
				ID: "a1", Number: "+8613800138000", Caller: "075512345678", Try: 2, State: models.AttemptEnded, ReservedAt: at,
				Facts: models.Facts{
					AnsweredAt: &at, Outcome: models.OutcomeAnswered, Cause: "NORMAL_CLEARING", SIPStatus: 200, TalkMS: 12345,
					Keys: []models.Key{{Digit: "1", At: at}, {Digit: "2"}, {Digit: "#"}}, SIPPhrase: "=HYPERLINK(\"http://x\")",
				},
			},
			Fields: []string{"＝1+1", "+8613800138000"},
		},
		{
			Lead: models.Lead{Number: "+8613800138001", State: models.LeadDone, Attempts: 1, LastOutcome: models.OutcomeBusy},
			Attempt: &models.Attempt{ID: "a2", Facts: models.Facts{
				Outcome: models.OutcomeBusy, Cause: "@USER_BUSY", SIPStatus: 486, Keys: []models.Key{{Digit: "*"}},
			}},
		},
		{Lead: models.Lead{Number: "+8613800138002", State: models.LeadSkipped, Why: models.GateAgentSkipped}, Fields: []string{"\t=cmd"},
			Skip: &models.Skip{At: at, AgentID: 7, StaffNumber: "8001", AgentName: "Tom", Reason: "=SUM(A1)"}},
		{Lead: models.Lead{Number: "=1+1", State: models.LeadDue}},
	}
}

func each(rs []models.Result) Each {
	return func(f func(models.Result) error) error {
		for _, r := range rs {
			if err := f(r); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestWriteIsTheContract(t *testing.T) {
	var b bytes.Buffer
	sum, err := Write(context.Background(), &b, each(sample()))
	if err != nil {
		t.Fatal(err)
	}
	want := `number,attempts,outcome,cause,sip_status,answered_at,talk_ms,keys
+8613800138000,2,answered,NORMAL_CLEARING,200,2026-11-20T08:00:01.234567Z,12345,12#
+8613800138001,1,busy,'@USER_BUSY,486,,0,*
+8613800138002,0,,,,,0,
'=1+1,0,,,,,0,
`
	if b.String() != want {
		t.Errorf("results:\n%s\nwant:\n%s", b.String(), want)
	}
	if sum.Rows != 4 || sum.Attempts != 3 || sum.Answered != 1 || sum.Keyed != 2 || sum.Skipped != 1 || sum.Open != 1 ||
		sum.TalkMS != 12345 || sum.Outcomes[models.OutcomeBusy] != 1 || sum.Outcomes[models.OutcomeAnswered] != 1 {
		t.Errorf("summary: %+v", sum)
	}
}

func TestExportHasNoFormula(t *testing.T) {
	var b bytes.Buffer
	if _, err := Export(context.Background(), &b, []string{"=姓名", "电话"}, each(sample())); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	if !marked {
		t.Error("no byte order mark: Excel would not read the Chinese")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll() // also checks that all rows are equally wide
	if err != nil || len(rows) != 5 {
		t.Fatalf("read back %d rows: %v", len(rows), err)
	}
	for i, row := range rows {
		for _, cell := range row {
			if r, _ := utf8.DecodeRuneInString(cell); cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", r) {
				t.Errorf("row %d: a spreadsheet would calculate %q", i, cell)
			}
		}
	}
	for _, want := range []string{"'+8613800138000", "'＝1+1", "'=HYPERLINK(\"http://x\")", "1@2026-11-20T08:00:01.234567Z 2@ #@"} {
		if !slices.Contains(rows[1], want) {
			t.Errorf("row 1 lacks %q: %q", want, rows[1])
		}
	}
	for name, want := range map[string]string{"skipped_at": "2026-11-20T08:00:01.234567Z", "skipped_by": "8001 Tom", "skip_reason": "'=SUM(A1)"} {
		if i := slices.Index(rows[0], name); i < 0 || rows[3][i] != want || rows[1][i] != "" {
			t.Errorf("%s: %q, of a number that was not skipped %q", name, rows[3], rows[1])
		}
	}
}

func TestWriteStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	sum, err := Write(ctx, &bytes.Buffer{}, func(f func(models.Result) error) error {
		for ; ; n++ {
			if n == 3 {
				cancel()
			}
			if err := f(sample()[0]); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, context.Canceled) || sum.Rows != 3 {
		t.Errorf("Write after cancel: %d rows, %v", sum.Rows, err)
	}
	gone := errors.New("database gone")
	if _, err := Write(context.Background(), &bytes.Buffer{}, func(func(models.Result) error) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("Write = %v, want the reader's error", err)
	}
}
