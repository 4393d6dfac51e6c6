package store

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"waihu/models"
)

// SQLite has one writer at a time; a pool of one connection makes our writers queue in order instead of polling the lock.
const sqliteReaders = 4

// The driver looks for each parameter of a statement among all of them, so many short statements are quicker than one long.
const sqliteRows = 40

// A busy database is one that another process writes to; ours queue.
const sqliteBusy, sqliteLocked = 5, 6

func (s *Store) openSQLite(path string) error {
	if path == "" || strings.Contains(path, ":memory:") {
		return models.NewError(models.Invalid, "database.dsn", "need_file",
			"SQLite needs the path of a file; name one, for example data/waihu.db.",
			"SQLite 需要一个文件路径，请填写，例如 data/waihu.db。")
	}
	var err error
	if s.w, err = gorm.Open(sqlite.Open(sqliteDSN(path, false)), gormConfig(s.log)); err != nil {
		return fmt.Errorf("open SQLite database %s: %w", path, err)
	}
	if err := limit(s.w, 1); err != nil {
		return err
	}
	if s.r, err = gorm.Open(sqlite.Open(sqliteDSN(path, true)), gormConfig(s.log)); err != nil {
		return fmt.Errorf("open SQLite database %s for reading: %w", path, err)
	}
	if err := limit(s.r, sqliteReaders); err != nil {
		return err
	}
	s.d = dialect{
		name:      SQLite,
		now:       "strftime('%Y-%m-%d %H:%M:%f000','now')",
		rows:      sqliteRows,
		transient: sqliteTransient,
	}
	return nil
}

func limit(db *gorm.DB, n int) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("open connection pool: %w", err)
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return nil
}

func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-16000)",
	}}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

func sqliteTransient(err error) bool {
	var e *gosqlite.Error
	if errors.As(err, &e) {
		code := e.Code() & 0xff // extended codes carry the primary one in the low byte
		return code == sqliteBusy || code == sqliteLocked
	}
	return errors.Is(err, errRaced)
}
