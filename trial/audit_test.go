package trial

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/simulator"
)

// entry is a row of the ledger as plain SQL gives it: the audit does not trust the store's own reading.
type entry struct {
	id, kind, state, number, dialled, outcome, cause, keys string
	lead                                                   int64
	sent, answered, open, placed                           bool
	sentAt, ended                                          string
}

type lead struct {
	id                     int64
	number, state, outcome string
	attempts               int
}

// books is the whole ledger.
type books struct {
	entries map[string]entry
	leads   []lead
}

func readBooks(t *testing.T, c store.Config) books {
	t.Helper()
	driver, dsn := "mysql", c.DSN
	if c.Driver == store.SQLite {
		driver, dsn = "sqlite", "file:"+c.DSN+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b := books{entries: map[string]entry{}}
	scan(t, db, `SELECT a.id, a.kind, a.state, a.number, a.dialled, a.outcome, a.cause, COALESCE(a.keys, ''), a.lead_id, a.sent_at IS NOT NULL,
		a.answered_at IS NOT NULL, a.open_lead_key IS NOT NULL OR a.open_number_key IS NOT NULL, a.placed, COALESCE(a.sent_at, ''), COALESCE(a.ended_at, '')
		FROM attempts AS a`, func(rows *sql.Rows) error {
		var e entry
		err := rows.Scan(&e.id, &e.kind, &e.state, &e.number, &e.dialled, &e.outcome, &e.cause, &e.keys, &e.lead, &e.sent, &e.answered, &e.open, &e.placed, &e.sentAt, &e.ended)
		var pressed []models.Key
		if e.keys != "" && err == nil {
			err = json.Unmarshal([]byte(e.keys), &pressed)
		}
		e.keys = models.Digits(pressed)
		b.entries[e.id] = e
		return err
	})
	scan(t, db, `SELECT id, number, state, last_outcome, attempts FROM leads`, func(rows *sql.Rows) error {
		var l lead
		err := rows.Scan(&l.id, &l.number, &l.state, &l.outcome, &l.attempts)
		b.leads = append(b.leads, l)
		return err
	})
	return b
}

func scan(t *testing.T, db *sql.DB, query string, each func(*sql.Rows) error) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// terms are what an audit holds the ledger against.
type terms struct {
	leads   int             // of the list
	dials   int             // most dials of a number
	again   map[string]bool // outcomes that may be followed by another dial
	skipped map[string]bool // numbers, E.164, that must not have been dialled
	within  time.Duration   // a call that has ended must be closed so soon, 0 = not asked
	exact   bool            // the switch kept records: no call is lost, and keys agree too
}

// verdict is what an audit counted.
type verdict struct{ attempts, channels, lost, released, answered int }

func (v verdict) String() string {
	return fmt.Sprintf("%d attempts closed, %d channels, %d lost, %d given back undialled, %d answered", v.attempts, v.channels, v.lost, v.released, v.answered)
}

// audit holds the ledger of a finished campaign against what the switch saw (I1, I2, I6).
func audit(t *testing.T, c store.Config, saw simulator.Report, want terms) verdict {
	t.Helper()
	b := readBooks(t, c)
	var v verdict
	sent := map[string]int{}
	for id, e := range b.entries {
		switch models.AttemptState(e.state) {
		case models.AttemptEnded:
			v.attempts++
			if e.placed {
				sent[e.number]++
			}
		case models.AttemptReleased:
			v.released++
		default:
			t.Errorf("attempt %s of %s is still %s", id, e.number, e.state)
		}
		if e.open {
			t.Errorf("attempt %s of %s is %s and still holds its lead or number", id, e.number, e.state)
		}
		if e.cause == models.CauseLost || e.cause == models.CauseSwitchRestart {
			v.lost++
		}
	}
	channels := map[string]simulator.CallReport{}
	for number, n := range saw.Numbers {
		if n.MaxAtOnce > 1 {
			t.Errorf("%s was in %d calls at once", number, n.MaxAtOnce)
		}
		if n.Dialled > want.dials {
			t.Errorf("%s was dialled %d times, at most %d are allowed", number, n.Dialled, want.dials)
		}
		for i, call := range n.Calls {
			channels[call.UUID] = call
			v.channels++
			auditCall(t, b, number, call, i == len(n.Calls)-1, want)
		}
	}
	auditLeads(t, b, sent, want)
	for id, e := range b.entries {
		_, dialled := channels[id]
		unknown := e.cause == models.CauseLost || e.cause == models.CauseSwitchRestart
		if models.AttemptState(e.state) == models.AttemptEnded && e.placed && !dialled && !unknown {
			t.Errorf("attempt %s of %s has the outcome %s, %s, and the switch never dialled it", id, e.number, e.outcome, e.cause)
		}
		if e.answered {
			v.answered++
		}
	}
	return v
}

// auditCall holds one call of the switch against its attempt.
func auditCall(t *testing.T, b books, number string, call simulator.CallReport, last bool, want terms) {
	t.Helper()
	e, ok := b.entries[call.UUID]
	switch {
	case !ok:
		t.Errorf("call %s to %s has no attempt", call.UUID, number)
		return
	case e.dialled != number:
		t.Errorf("call %s went to %s, its attempt says %s", call.UUID, number, e.dialled)
	case models.AttemptState(e.state) != models.AttemptEnded:
		t.Errorf("call %s to %s was placed, its attempt is %s", call.UUID, number, e.state)
	case !last && !want.again[e.outcome]:
		t.Errorf("%s was dialled again after %s (%s)", number, e.outcome, e.cause)
	}
	if want.skipped[e.number] {
		t.Errorf("%s was dialled, it must not be", e.number)
	}
	closed, err := time.Parse("2006-01-02 15:04:05.999999", e.ended)
	if err != nil || closed.Before(call.Ended.Truncate(time.Microsecond)) || call.Ended.IsZero() {
		t.Errorf("call %s to %s was closed at %q, it was dialled at %s and ended at %s", call.UUID, number, e.ended, call.Dialled, call.Ended)
	}
	if late := closed.Sub(call.Ended); want.within > 0 && late > want.within {
		t.Errorf("call %s to %s was closed %s after its end", call.UUID, number, late)
	}
	if e.cause == models.CauseLost {
		if want.exact {
			t.Errorf("call %s to %s is lost, though the switch kept a record of it", call.UUID, number)
		}
		return
	}
	if e.cause == models.CauseSwitchRestart || call.Lost {
		return
	}
	if e.cause != call.Cause || e.answered == call.Answered.IsZero() || (want.exact && e.keys != call.Keys) {
		t.Errorf("call %s to %s: the ledger says %s, %s, answered %v, keys %q; the switch saw %s, answered %v, keys %q",
			call.UUID, number, e.outcome, e.cause, e.answered, e.keys, call.Cause, !call.Answered.IsZero(), call.Keys)
	}
}

func auditLeads(t *testing.T, b books, sent map[string]int, want terms) {
	t.Helper()
	if len(b.leads) != want.leads {
		t.Errorf("%d leads of a list of %d", len(b.leads), want.leads)
	}
	for _, l := range b.leads {
		switch models.LeadState(l.state) {
		case models.LeadDone:
			if l.attempts < 1 || l.attempts > want.dials || l.attempts != sent[l.number] {
				t.Errorf("lead %s is done (%s) with %d dials, %d in the ledger, at most %d are allowed", l.number, l.outcome, l.attempts, sent[l.number], want.dials)
			}
		case models.LeadSkipped:
			if !want.skipped[l.number] || sent[l.number] > 0 {
				t.Errorf("lead %s is skipped, with %d dials", l.number, sent[l.number])
			}
		default:
			t.Errorf("lead %s is %s at the end of the campaign", l.number, l.state)
		}
	}
}
