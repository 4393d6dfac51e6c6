package trial

import (
	"context"
	"database/sql"
	"strings"
	"syscall"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// F-03 and F-20: two daemons share a database. One dials, the other stands by and takes over when the first is stopped for
// longer than its lease; the first, woken, dials no more. Then the second is killed, and the first takes over again.
func TestTwoDaemons(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(testing.TB) store.Config{"sqlite": storetest.SQLiteConfig, "mariadb": storetest.MariaDBConfig} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoDaemons(t, config(t))
		})
	}
}

func twoDaemons(t *testing.T, db store.Config) {
	const n, cps = 300, 10
	x := newExchange(t, nil)
	s := newSite(t, x, db, numbers(1000, n), cps, true)
	first := s.start(t, "broadcast", "--list", s.list, "--audio", s.audio, "--out", s.out, "--log-level", "info")
	eventually(t, 30*time.Second, "dialling", func() bool { return x.dialled() > 10 || first.ended() }, first.said)
	second := s.start(t, "serve")
	eventually(t, 10*time.Second, "the second standing by", func() bool { return strings.Contains(second.said(), "standing by") }, second.said)

	freeze(t, first, db)
	stopped := time.Now()
	asleep := x.dialled()
	eventually(t, 30*time.Second, "the second dialling", func() bool { return x.dialled() > asleep+5 }, second.said)
	took := time.Since(stopped)
	first.signal(syscall.SIGCONT)
	eventually(t, 10*time.Second, "the first standing by", func() bool { return strings.Contains(first.said(), "standing by") }, first.said)

	pass(time.Second)
	killed := x.dialled()
	second.kill()
	eventually(t, 30*time.Second, "the first dialling again", func() bool { return x.dialled() > killed+5 }, first.said)
	if code := first.code(t, 90*time.Second); code != 0 {
		t.Fatalf("exit %d: %s", code, first.said())
	}
	v := audit(t, db, x.Report(), terms{leads: n, dials: 1, exact: true})
	t.Logf("taken over after %s; %s", took.Round(100*time.Millisecond), v)
	b := readBooks(t, db)
	for _, number := range x.Report().Numbers {
		for _, call := range number.Calls {
			at, err := time.Parse("2006-01-02 15:04:05.999999", b.entries[call.UUID].sentAt)
			if err != nil || call.Dialled.Sub(at) > 5*time.Second {
				t.Errorf("call %s was written down at %q and dialled at %s, by a daemon that had lost the floor", call.UUID, b.entries[call.UUID].sentAt, call.Dialled)
			}
		}
	}
	if p := s.campaign(t); p.State != models.CampaignFinished {
		t.Errorf("the campaign is %s", p.State)
	}
}

// freeze stops the child between its writes. A process that is stopped in the middle of one keeps the database's lock, for as
// long as it is stopped: then no other can take the floor, whatever the lease says, and nobody dials.
func freeze(t *testing.T, c *child, config store.Config) {
	t.Helper()
	driver, dsn := "mysql", config.DSN
	if config.Driver == store.SQLite {
		driver, dsn = "sqlite", "file:"+config.DSN
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 100 {
		c.signal(syscall.SIGSTOP)
		if err = touchLease(db); err == nil {
			return
		}
		c.signal(syscall.SIGCONT)
		pass(17 * time.Millisecond)
	}
	t.Fatalf("the database was never free: %v", err)
}

// touchLease tries to write where whoever takes the floor writes, for half a second at most.
func touchLease(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(ctx, `UPDATE leases SET owner = owner WHERE name = 'floor'`)
	return err
}
