// Package results writes the results of a campaign as CSV: the short file that `waihu broadcast --out` promises, and
// the full export with every raw fact.
//
// It owns the columns and how a cell is written. It must not know where results come from: they are handed in one by
// one and never collected, so that an export of any size takes the same memory.
package results

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"waihu/controller/cells"
	"waihu/models"
)

// Timestamp is how instants are written: RFC 3339, UTC, to the microsecond that the switch gives.
const Timestamp = "2006-01-02T15:04:05.000000Z"

// Header returns the columns of Write, in their order. Other programs read them: they never change.
func Header() []string {
	return []string{"number", "attempts", "outcome", "cause", "sip_status", "answered_at", "talk_ms", "keys"}
}

// Summary counts what was written.
type Summary struct {
	Rows     int64                    // one per number
	Attempts int64                    // dials placed
	Answered int64                    // numbers answered
	Keyed    int64                    // numbers that pressed a key
	TalkMS   int64                    // in all
	Open     int64                    // numbers without a final outcome
	Skipped  int64                    // numbers that will not be called; they have no outcome either
	Outcomes map[models.Outcome]int64 // of numbers that are done
}

// Each hands over results one after the other until its function returns an error, which it then returns.
type Each func(func(models.Result) error) error

// Write streams the results of one campaign to w, one row per number, with exactly the columns of Header. The number is
// plain E.164 (+ and digits, which no spreadsheet can take for more than a number) so that programs can read it back;
// cells that hold words of the switch are formula-safe. On an error, or when ctx ends, the rows so far have been written.
func Write(ctx context.Context, w io.Writer, each Each) (Summary, error) {
	return stream(ctx, w, false, Header(), each, func(cs []string, r models.Result) []string {
		return append(cs, short(r)...)
	})
}

func stream(ctx context.Context, w io.Writer, mark bool, header []string, each Each, line func([]string, models.Result) []string) (Summary, error) {
	sum := Summary{Outcomes: map[models.Outcome]int64{}}
	out, err := cells.NewWriter(w, mark)
	if err != nil {
		return sum, fmt.Errorf("start results: %w", err)
	}
	if err := out.Write(header); err != nil {
		return sum, fmt.Errorf("write results header: %w", err)
	}
	cs := make([]string, 0, len(header))
	err = each(func(r models.Result) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		cs = line(cs[:0], r)
		if err := out.Write(cs); err != nil {
			return err
		}
		sum.add(r)
		return nil
	})
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		return sum, fmt.Errorf("write results after row %d: %w", sum.Rows, err)
	}
	return sum, nil
}

func (s *Summary) add(r models.Result) {
	s.Rows++
	s.Attempts += int64(r.Lead.Attempts)
	switch r.Lead.State {
	case models.LeadSkipped:
		s.Skipped++
	case models.LeadDone:
		s.Outcomes[r.Lead.LastOutcome]++
	default:
		s.Open++
	}
	if r.Attempt == nil {
		return
	}
	s.TalkMS += r.Attempt.TalkMS
	if r.Attempt.Outcome == models.OutcomeAnswered {
		s.Answered++
	}
	if len(r.Attempt.Keys) > 0 {
		s.Keyed++
	}
}

// short is the row of Write. A number never dialled has empty cells where facts would stand.
func short(r models.Result) []string {
	a := r.Attempt
	if a == nil {
		a = &models.Attempt{}
	}
	return []string{
		plainNumber(r.Lead.Number),
		strconv.Itoa(r.Lead.Attempts),
		string(r.Lead.LastOutcome),
		cells.Text(a.Cause),
		number(int64(a.SIPStatus)),
		timestamp(a.AnsweredAt),
		strconv.FormatInt(a.TalkMS, 10),
		keys(a.Keys),
	}
}

// plainNumber keeps E.164 as it is and makes everything else text: only + and digits may begin with a plus.
func plainNumber(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 && (i > 0 || s[i] != '+') {
			return cells.Text(s)
		}
	}
	return s
}

// keys are digits, * and #; anything else is made safe like text.
func keys(ks []models.Key) string { return cells.Text(models.Digits(ks)) }

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func timestamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(Timestamp)
}
