package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/controller/intake"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// BenchmarkImport takes a file in as `waihu import` does: numbers checked, duplicates found, the blacklist of a thousand
// applied. Beside it the rows that were stored are loaded bare into the same table of the same database: on MariaDB by
// LOAD DATA INFILE from the server's disk, on SQLite by one statement of a hundred rows after the other, 5,000 a
// transaction (D1).
func BenchmarkImport(b *testing.B) {
	const rows, rounds = 200_000, 5
	file := numberFile(rows)
	type side struct {
		name, anchor string
		config       func(testing.TB) store.Config
		bare         func(b *testing.B, c store.Config, list int64, contacts []models.Contact) time.Duration
		ours, theirs []float64
	}
	sides := []*side{
		{name: "MariaDB", anchor: "LOAD DATA INFILE", config: storetest.MariaDBConfig, bare: loadData},
		{name: "SQLite", anchor: "bare INSERT of 100 rows", config: storetest.SQLiteConfig, bare: insertRows},
	}
	for b.Loop() {
		for _, d := range sides {
			b.Run(d.name, func(b *testing.B) {
				c := d.config(b)
				s := storetest.Open(b, c, true)
				org := models.Organization{Name: "bench"}
				must(b, s.CreateOrganization(b.Context(), &org))
				_, err := s.AddBlacklist(b.Context(), blacklisted(org.ID))
				must(b, err)
				for range rounds {
					stored, took := takeIn(b, s, org.ID, file, rows)
					d.ours = append(d.ours, float64(len(stored))/took.Seconds())
					d.theirs = append(d.theirs, float64(len(stored))/d.bare(b, c, newList(b, s, org.ID), stored).Seconds())
				}
				b.ReportMetric(median(d.ours), "rows/s")
				b.ReportMetric(median(d.theirs), "bare-rows/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
	for _, d := range sides {
		if len(d.ours) > 0 {
			ratio, goal := median(d.ours)/median(d.theirs), ""
			if d.name == "MariaDB" {
				goal = "≥ 0.60"
			}
			report("D1", "import, rows/s ÷ "+d.anchor+", "+d.name, ratio >= 0.60, goal, "%.2f (%.0f / %.0f)", ratio, median(d.ours), median(d.theirs))
		}
	}
}

// BenchmarkImportMemory imports a file of a thousand and one of a million rows, each in a process of its own, and compares
// the most that they had resident (D1).
func BenchmarkImportMemory(b *testing.B) {
	most := func(rows int) float64 {
		dir := b.TempDir()
		must(b, os.WriteFile(filepath.Join(dir, "list.csv"), numberFile(rows), 0o600))
		c := run(b, dir, nil, "--set", "data_dir="+filepath.Join(dir, "data"), "import", "list.csv")
		peak := 0 // the child's own: rusage would count what this process had when it forked
		for end := time.Now().Add(3 * time.Minute); len(c.done) == 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			peak = max(peak, c.memory("VmHWM"))
		}
		c.wait(time.Second)
		return float64(peak) / 1024
	}
	for b.Loop() {
		small, large := most(1000), most(1_000_000)
		report("D1", "memory growth while importing 1,000,000 rows, SQLite", large-small <= 64, "≤ 64 MB", "%.0f MB (%.0f to %.0f)", large-small, small, large)
	}
}

// numberFile has four columns; one row of a hundred repeats the number before it.
func numberFile(rows int) []byte {
	var f bytes.Buffer
	f.WriteString("姓名,手机,城市,备注\n")
	for i := range rows {
		n := i
		if i%100 == 99 {
			n--
		}
		fmt.Fprintf(&f, "客户%d,138%08d,深圳,备注%d\n", i, n, i)
	}
	return f.Bytes()
}

// blacklisted are a thousand numbers, half of which are in the file.
func blacklisted(org int64) []models.BlacklistEntry {
	var out []models.BlacklistEntry
	for i := range 1000 {
		n := fmt.Sprintf("+86138%08d", i*200)
		if i%2 == 1 {
			n = fmt.Sprintf("+86139%08d", i)
		}
		out = append(out, models.BlacklistEntry{OrganizationID: org, Number: n, Source: "import", CreatedBy: "bench", CreatedAt: time.Now()})
	}
	return out
}

func newList(b *testing.B, s *store.Store, org int64) int64 {
	b.Helper()
	l := models.ContactList{OrganizationID: org, Name: "bench", Columns: []string{"姓名", "手机", "城市", "备注"}, NumberColumn: 1, State: models.ListImporting, Approval: models.ApprovalPending}
	must(b, s.CreateContactList(b.Context(), &l))
	return l.ID
}

// keeper passes contacts on to the store and remembers them for the anchor.
type keeper struct {
	*store.Store
	kept []models.Contact
	in   time.Duration
}

func (k *keeper) AppendContacts(ctx context.Context, list int64, cs []models.Contact, counters models.ContactList) ([]int64, error) {
	dup, err := k.Store.AppendContacts(ctx, list, cs, counters)
	began := time.Now()
	twice := make(map[int64]bool, len(dup))
	for _, r := range dup {
		twice[r] = true
	}
	for _, c := range cs {
		if !twice[c.Row] {
			k.kept = append(k.kept, c)
		}
	}
	k.in += time.Since(began) // the benchmark's own bookkeeping
	return dup, err
}

func takeIn(b *testing.B, s *store.Store, org int64, file []byte, rows int) ([]models.Contact, time.Duration) {
	b.Helper()
	k := &keeper{Store: s, kept: make([]models.Contact, 0, rows)}
	began := time.Now()
	counts, err := intake.Run(b.Context(), bytes.NewReader(file), int64(len(file)), "list.csv",
		intake.Options{OrganizationID: org, ListID: newList(b, s, org), Now: began}, k, nil, nil)
	took := time.Since(began) - k.in
	must(b, err)
	if counts.Rows != int64(rows) || counts.Valid != int64(len(k.kept)) || counts.Duplicates == 0 || counts.Blacklisted == 0 || counts.Rejected != 0 {
		b.Fatalf("%+v, %d kept", counts, len(k.kept))
	}
	return k.kept, took
}

func fieldsOf(b *testing.B, c models.Contact) string {
	b.Helper()
	text, err := json.Marshal(c.Fields)
	must(b, err)
	return string(text)
}

func loadData(b *testing.B, c store.Config, list int64, contacts []models.Contact) time.Duration {
	b.Helper()
	path := filepath.Join(b.TempDir(), "rows.txt")
	var text bytes.Buffer
	for _, v := range contacts {
		fmt.Fprintf(&text, "%d\t%d\t%d\t%s\t%s\t%s\n", v.OrganizationID, list, v.Row, v.Number, v.Zone, fieldsOf(b, v))
	}
	must(b, os.WriteFile(path, text.Bytes(), 0o644))
	return timed(b, "mysql", c.DSN, func(db *sql.DB) error {
		_, err := db.ExecContext(b.Context(), "LOAD DATA INFILE '"+path+"' INTO TABLE contacts CHARACTER SET utf8mb4 (organization_id, list_id, `row`, number, zone, fields)")
		return err
	})
}

func insertRows(b *testing.B, c store.Config, list int64, contacts []models.Contact) time.Duration {
	b.Helper()
	const perStatement, perTransaction = 100, 5000
	var args []any
	for _, v := range contacts {
		args = append(args, v.OrganizationID, list, v.Row, v.Number, v.Zone, fieldsOf(b, v))
	}
	insert := func(n int) string {
		return "INSERT INTO contacts (organization_id, list_id, `row`, number, zone, fields) VALUES " + strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?),", n), ",")
	}
	dsn := "file:" + c.DSN + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)"
	return timed(b, "sqlite", dsn, func(db *sql.DB) error {
		for len(args) > 0 {
			tx, err := db.BeginTx(b.Context(), nil)
			if err != nil {
				return err
			}
			for i := 0; i < perTransaction && len(args) > 0; i += perStatement {
				n := min(perStatement, len(args)/6)
				if _, err := tx.ExecContext(b.Context(), insert(n), args[:6*n]...); err != nil {
					return err
				}
				args = args[6*n:]
			}
			if err := tx.Commit(); err != nil {
				return err
			}
		}
		return nil
	})
}

func timed(b *testing.B, driver, dsn string, f func(*sql.DB) error) time.Duration {
	b.Helper()
	db, err := sql.Open(driver, dsn)
	must(b, err)
	defer db.Close()
	must(b, db.PingContext(b.Context()))
	began := time.Now()
	must(b, f(db))
	return time.Since(began)
}
