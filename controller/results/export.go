package results

import (
	"context"
	"io"
	"strconv"
	"strings"

	"waihu/controller/cells"
	"waihu/models"
)

// Export streams the full export: every raw fact of each number's last attempt, then the columns of the number file.
// It is made for spreadsheets: byte order mark, and every cell of outside text, numbers included, written as text
// (R-CSV-1). columns are the headings of the number file. Errors are those of Write.
func Export(ctx context.Context, w io.Writer, columns []string, each Each) (Summary, error) {
	header := append(exportHeader(), make([]string, 0, len(columns))...)
	for _, c := range columns {
		header = append(header, cells.Text(c))
	}
	return stream(ctx, w, true, header, each, func(cs []string, r models.Result) []string {
		cs = append(cs, full(r)...)
		for i := range columns {
			if i < len(r.Fields) {
				cs = append(cs, cells.Text(r.Fields[i]))
				continue
			}
			cs = append(cs, "")
		}
		return cs
	})
}

func exportHeader() []string {
	return []string{
		"number", "zone", "lead_state", "why", "attempts", "retries", "outcome", "attempt_id", "try", "state", "attempt_outcome", "sub",
		"cause", "q850", "sip_status", "sip_phrase", "disposition", "who_hung_up", "step", "placed", "from_cdr",
		"gateway", "dialled", "caller", "node", "reserved_at", "sent_at", "created_at", "progress_at", "answered_at",
		"hung_up_at", "ended_at", "ring_ms", "talk_ms", "keys", "key_times",
		"skipped_at", "skipped_by", "skip_reason",
	}
}

func full(r models.Result) []string { return fullText(r, cells.Text) }

// fullText is the row of a result; text makes words from outside safe for the form of the file.
func fullText(r models.Result, text func(string) string) []string {
	a := r.Attempt
	lead := []string{
		text(r.Lead.Number), text(r.Lead.Zone), string(r.Lead.State), string(r.Lead.Why),
		strconv.Itoa(r.Lead.Attempts), strconv.Itoa(r.Lead.Retries), string(r.Lead.LastOutcome),
	}
	if a == nil {
		lead = append(lead, make([]string, len(exportHeader())-len(lead)-skipCells)...)
		return append(lead, skipText(r.Skip, text)...)
	}
	lead = append(lead,
		a.ID, strconv.Itoa(a.Try), string(a.State), string(a.Outcome), string(a.Sub),
		text(a.Cause), number(int64(a.Q850)), number(int64(a.SIPStatus)), text(a.SIPPhrase),
		text(a.Disposition), string(a.WhoHungUp), text(a.Step), strconv.FormatBool(a.Placed), strconv.FormatBool(a.FromCDR),
		text(a.Gateway), text(a.Dialled), text(a.Caller), text(a.Node),
		timestamp(&a.ReservedAt), timestamp(a.SentAt), timestamp(a.CreatedAt), timestamp(a.ProgressAt), timestamp(a.AnsweredAt),
		timestamp(a.HungUpAt), timestamp(a.EndedAt), strconv.FormatInt(a.RingMS, 10), strconv.FormatInt(a.TalkMS, 10),
		text(models.Digits(a.Keys)), text(keyTimes(a.Keys)),
	)
	return append(lead, skipText(r.Skip, text)...)
}

const skipCells = 3

// skipText says when an agent skipped the number, which one, and the reason he gave.
func skipText(s *models.Skip, text func(string) string) []string {
	if s == nil {
		return make([]string, skipCells)
	}
	return []string{timestamp(&s.At), text(strings.TrimSpace(s.StaffNumber + " " + s.AgentName)), text(s.Reason)}
}

// keyTimes writes "1@2026-11-20T08:00:00.123456Z 2@" — a key without a time is one known only from the digits dialled.
func keyTimes(ks []models.Key) string {
	var b strings.Builder
	for i, k := range ks {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(k.Digit)
		b.WriteByte('@')
		b.WriteString(timestamp(&k.At))
	}
	return b.String()
}
