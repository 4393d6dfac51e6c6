// Package storetest runs tests against real databases: SQLite in a temporary file, and a private MariaDB server that it
// starts itself, one for all tests of a process.
//
// It owns that server, its folder and its port, and removes them at the end. It must not be used outside tests and must
// not touch a server that was there before.
//
// Without mariadbd the MariaDB half of a test is skipped, unless WAIHU_REQUIRE_MARIADB=1.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waihu/models/store"
)

// shared is the server of this process: tests of a package cannot hand it to each other, so it has to be global.
var shared struct {
	once   sync.Once
	server *Server
	err    error
	number atomic.Int64
}

// Main runs a package's tests and removes the MariaDB server afterwards. Without it the server dies with the process all the
// same, but its folder stays until the next run.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		shared.server.Close()
	}
	return code
}

// Each runs f on SQLite and on MariaDB, each with an empty, migrated database of its own.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("mariadb", func(t *testing.T) { f(t, MariaDB(t)) })
}

// SQLite opens a new migrated database in a temporary file.
func SQLite(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, SQLiteConfig(tb), true)
}

// MariaDB opens a new migrated database on the shared server, or skips the test.
func MariaDB(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, MariaDBConfig(tb), true)
}

// SQLiteConfig names a new database file.
func SQLiteConfig(tb testing.TB) store.Config {
	tb.Helper()
	return store.Config{Driver: store.SQLite, DSN: filepath.Join(tb.TempDir(), "waihu.db")}
}

// MariaDBConfig names a new, empty database on the shared server, or skips the test.
func MariaDBConfig(tb testing.TB) store.Config {
	tb.Helper()
	shared.once.Do(func() { shared.server, shared.err = start() })
	if shared.err != nil {
		skip(tb, shared.err)
	}
	return shared.server.Config(tb)
}

// Open opens a database, migrates it if asked to, and closes it at the end of the test.
func Open(tb testing.TB, c store.Config, migrate bool) *store.Store {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if migrate && c.Driver == store.SQLite {
		if err := MigratedFile(ctx, c.DSN); err != nil {
			tb.Fatalf("copy migrated database: %v", err)
		}
	}
	s, err := store.Open(ctx, c)
	if err != nil {
		tb.Fatalf("open %s database: %v", c.Driver, err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close %s database: %v", c.Driver, err)
		}
	})
	if migrate && c.Driver == store.MySQL {
		if err := migrateMariaDB(ctx, c.DSN, s); err != nil {
			tb.Fatalf("copy migrated database: %v", err)
		}
	}
	if migrate { // of a copy there is nothing left to do
		if err := s.Migrate(ctx); err != nil {
			tb.Fatalf("migrate %s database: %v", c.Driver, err)
		}
	}
	return s
}

// StartServer starts a MariaDB server for this test alone, which may stop, kill and restart it; or it skips the test.
func StartServer(tb testing.TB) *Server {
	tb.Helper()
	s, err := start()
	if err != nil {
		skip(tb, err)
	}
	tb.Cleanup(s.Close)
	// A server that is killed before its first orderly end cannot read the files that it has just made.
	s.Stop()
	if err := s.Start(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Config makes an empty database on the server and drops it at the end of the test.
func (s *Server) Config(tb testing.TB) store.Config {
	tb.Helper()
	name := fmt.Sprintf("waihu_%d", shared.number.Add(1))
	if err := s.exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
		tb.Fatalf("create database %s: %v", name, err)
	}
	tb.Cleanup(func() {
		if err := s.exec("DROP DATABASE " + name); err != nil {
			tb.Logf("drop database %s: %v", name, err) // the test may have left the server down
		}
	})
	return store.Config{Driver: store.MySQL, DSN: s.DSN(name)}
}

func skip(tb testing.TB, err error) {
	tb.Helper()
	if !errors.Is(err, errNoServer) || os.Getenv("WAIHU_REQUIRE_MARIADB") == "1" {
		tb.Fatalf("MariaDB for tests: %v", err)
	}
	tb.Skipf("MariaDB half skipped: %v", err)
}
