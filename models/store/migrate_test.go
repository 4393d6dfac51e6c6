package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// bare runs f on an empty database, with a connection of database/sql beside the store.
func bare(t *testing.T, f func(t *testing.T, s *store.Store, db *sql.DB)) {
	for _, tt := range []struct {
		name, driver string
		config       func(testing.TB) store.Config
	}{{"sqlite", "sqlite", storetest.SQLiteConfig}, {"mariadb", "mysql", storetest.MariaDBConfig}} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.config(t)
			db, err := sql.Open(tt.driver, c.DSN)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			f(t, storetest.Open(t, c, false), db)
		})
	}
}

func applied(t *testing.T, s *store.Store) (n, all int) {
	t.Helper()
	steps, err := s.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range steps {
		if m.Applied {
			n++
		}
	}
	return n, len(steps)
}

func TestMigrateUpAndDown(t *testing.T) {
	bare(t, func(t *testing.T, s *store.Store, _ *sql.DB) {
		if n, all := applied(t, s); n != 0 || all == 0 {
			t.Fatalf("%d of %d steps on an empty database", n, all)
		}
		for range 2 { // the second time nothing is left to do
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		n, all := applied(t, s)
		if n != all {
			t.Fatalf("%d of %d steps", n, all)
		}
		for i := n; i > 0; i-- {
			if err := s.MigrateDown(t.Context()); err != nil {
				t.Fatalf("down from step %d: %v", i, err)
			}
			if left, _ := applied(t, s); left != i-1 {
				t.Fatalf("%d steps left after down from %d", left, i)
			}
		}
		if err := s.MigrateDown(t.Context()); !models.IsKind(err, models.Conflict) {
			t.Errorf("down with nothing left: %v", err)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatalf("up again: %v", err)
		}
		if _, ok, err := s.AcquireLease(t.Context(), "a", 1); !ok || err != nil {
			t.Errorf("lease after up, down, up: %v %v", ok, err)
		}
	})
}

func TestMigrateRefusesNewerSchema(t *testing.T) {
	bare(t, func(t *testing.T, s *store.Store, db *sql.DB) {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("INSERT INTO migrations (id) VALUES ('9999_from_the_future')"); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"up": s.Migrate(t.Context()), "down": s.MigrateDown(t.Context())} {
			if !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "9999_from_the_future") {
				t.Errorf("%s on a newer schema: %v", name, err)
			}
		}
		steps, err := s.Migrations(t.Context())
		if err != nil || !steps[len(steps)-1].Unknown {
			t.Errorf("steps %+v, %v", steps, err)
		}
	})
}

// A process that dies between a CREATE TABLE and its note leaves the table; the next run goes on from there.
func TestMigrateAfterACrash(t *testing.T) {
	bare(t, func(t *testing.T, s *store.Store, db *sql.DB) {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("DELETE FROM migrations WHERE id >= '0010'"); err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		var leases int
		if err := db.QueryRow("SELECT COUNT(*) FROM leases").Scan(&leases); err != nil || leases != 1 {
			t.Errorf("%d leases, %v", leases, err)
		}
	})
}

// The promises hold by unique keys, not by care: the database itself refuses what the code never does.
func TestUniqueKeys(t *testing.T) {
	bare(t, func(t *testing.T, s *store.Store, db *sql.DB) {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		attempt := func(id int, lead, number string) error {
			_, err := db.Exec(fmt.Sprintf("INSERT INTO attempts (id, open_lead_key, open_number_key) VALUES ('%036d', %s, %s)", id, lead, number))
			return err
		}
		if err := attempt(1, "7", "'1:+8613800000001'"); err != nil {
			t.Fatal(err)
		}
		if attempt(2, "7", "'1:+8613800000002'") == nil {
			t.Error("a lead in two open attempts")
		}
		if attempt(3, "8", "'1:+8613800000001'") == nil {
			t.Error("a number in two open attempts")
		}
		for i := range 2 {
			if err := attempt(10+i, "NULL", "NULL"); err != nil {
				t.Errorf("ended attempts: %v", err)
			}
		}
		lead := func(contact, number string) error {
			_, err := db.Exec("INSERT INTO leads (campaign_id, contact_id, number) VALUES (1, " + contact + ", '" + number + "')")
			return err
		}
		if err := lead("1", "+8613800000001"); err != nil {
			t.Fatal(err)
		}
		if lead("1", "+8613800000002") == nil || lead("2", "+8613800000001") == nil {
			t.Error("a contact or a number is twice in a campaign")
		}
	})
}

// A path is a path, whatever characters it has.
func TestSQLitePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "数据 100%41?#&=.db")
	s := storetest.Open(t, store.Config{Driver: store.SQLite, DSN: path}, true)
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if _, ok, err := s.AcquireLease(t.Context(), "a", time.Hour); !ok || err != nil {
		t.Errorf("lease: %v %v", ok, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []store.Config{
		{}, {Driver: "postgres", DSN: "x"}, {Driver: store.SQLite}, {Driver: store.SQLite, DSN: ":memory:"},
		{Driver: store.MySQL, DSN: "no dsn"}, {Driver: store.MySQL, DSN: "root@tcp(127.0.0.1:1)/"},
	} {
		s, err := store.Open(t.Context(), c)
		if !models.IsKind(err, models.Invalid) {
			t.Errorf("open %+v: %v, %v", c, s, err)
		}
	}
	for _, c := range []store.Config{
		{Driver: store.SQLite, DSN: t.TempDir() + "/no/such/folder/x.db"},
		{Driver: store.MySQL, DSN: "root@tcp(127.0.0.1:1)/waihu"},
	} {
		if s, err := store.Open(t.Context(), c); err == nil || models.IsKind(err, models.Invalid) {
			t.Errorf("open %+v: %v, %v", c, s, err)
		}
	}
}
