package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"waihu/controller/clock"
	"waihu/models"
)

// Drivers of Config.
const (
	SQLite = "sqlite" // DSN is the path of the file
	MySQL  = "mysql"  // MySQL and MariaDB; DSN as go-sql-driver has it, parameters are completed by Open
)

// Config says which database is used. Logger and Clock may be nil: nothing is logged, the wall clock.
type Config struct {
	Driver string
	DSN    string
	Logger *slog.Logger
	Clock  clock.Clock // for the creation times of definitions only: the ledger gets its times from the caller
}

// Store is an open database. Its methods may be called by several goroutines.
type Store struct {
	d       dialect
	w, r    *gorm.DB // writer and readers; the same pool but on SQLite
	log     *slog.Logger
	clk     clock.Clock
	retried atomic.Int64

	noLoadData atomic.Bool // the server refused LOAD DATA LOCAL
	doubts     doubts
}

// Open connects to the database; it neither creates nor migrates tables. A driver or DSN that cannot be right is a
// *models.Error on "database.driver" or "database.dsn".
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{log: c.Logger, clk: c.Clock}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.clk == nil {
		s.clk = clock.Real()
	}
	var err error
	switch c.Driver {
	case SQLite:
		err = s.openSQLite(c.DSN)
	case MySQL:
		err = s.openMySQL(ctx, c.DSN)
	default:
		return nil, models.NewError(models.Invalid, "database.driver", "unknown_driver",
			fmt.Sprintf("The driver %q is not known; use sqlite or mysql.", c.Driver),
			fmt.Sprintf("不支持的数据库驱动 %q，请使用 sqlite 或 mysql。", c.Driver))
	}
	if err != nil {
		return nil, err
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes all connections; transactions under way are rolled back.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*gorm.DB{s.r, s.w} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		if err != nil {
			errs = append(errs, err)
		}
		if s.r == s.w {
			break
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("close database: %w", errors.Join(errs...))
	}
	return nil
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	pool, err := s.w.DB()
	if err == nil {
		err = pool.PingContext(ctx)
	}
	if err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// Now is the database's clock, in UTC, to the microsecond (SQLite: the millisecond).
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var row struct{ Now stamp }
	if err := s.r.WithContext(ctx).Raw("SELECT " + s.d.now + " AS now").Find(&row).Error; err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return row.Now.t, nil
}

// Driver is SQLite or MySQL.
func (s *Store) Driver() string { return s.d.name }

// Retried counts the transactions that were repeated after a deadlock, a lock timeout or a busy database.
func (s *Store) Retried() int64 { return s.retried.Load() }

const (
	maxTries  = 5
	firstWait = 5 * time.Millisecond
	maxWait   = 250 * time.Millisecond
)

// write runs f in a transaction (READ COMMITTED, on SQLite the only writer) and repeats it, at most maxTries times and
// with growing random pauses, when the database says that it lost a race. f must therefore set its results afresh. An
// error of the connection at the commit is not repeated here: whether it was done is unknown.
func (s *Store) write(ctx context.Context, what string, f func(tx *gorm.DB) error) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = firstWait, maxWait
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := s.w.WithContext(ctx).Transaction(f, s.d.tx)
		if err != nil && !s.d.transient(err) {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(maxTries), backoff.WithNotify(func(error, time.Duration) {
		s.retried.Add(1)
	}))
	return wrap(what, err)
}

// wrap leaves the caller's own mistakes as they are, because their texts are shown to him.
func wrap(what string, err error) error {
	var own *models.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// errRaced asks for a repetition: somebody changed rows between our look and our update.
var errRaced = errors.New("rows changed meanwhile")

// dialect is what differs between the databases.
type dialect struct {
	name      string
	now       string // expression for the time, as a DATETIME(6) or text of the same form
	share     string // suffix that keeps a row from being changed until our commit
	lock      string // suffix that locks rows that will be changed
	rows      int    // rows of one INSERT
	tx        *sql.TxOptions
	transient func(error) bool
}

// gormConfig. Raw queries end in Find and never in gorm's Scan, which writes each statement with its values as text, for
// itself and for the log.
func gormConfig(l *slog.Logger) *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		QueryFields:            true,
		Logger: logger.New(log.New(logLines{l}, "", 0), logger.Config{
			SlowThreshold:             time.Second,
			LogLevel:                  logger.Warn,
			IgnoreRecordNotFoundError: true,
			ParameterizedQueries:      true, // values are personal data
		}),
	}
}

// logLines sends what gorm prints to slog. Errors come to the caller as well, so it is debugging output.
type logLines struct{ l *slog.Logger }

func (w logLines) Write(p []byte) (int, error) {
	w.l.Debug("gorm", "line", string(p))
	return len(p), nil
}

var _ io.Writer = logLines{}
