package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"waihu/models"
)

const (
	mysqlConnections = 16
	mysqlRows        = 1000
	mysqlDial        = 5 * time.Second
	mysqlIO          = 60 * time.Second // longest silence of a statement; shorter limits come with the context
	mysqlConnLife    = 10 * time.Minute
)

// Errors of the server after which a transaction may simply be repeated.
const (
	erLockWait     = 1205
	erDeadlock     = 1213
	erCheckRead    = 1020 // MariaDB: record has changed since last read
	erLocalInfile1 = 1148 // LOAD DATA LOCAL is not allowed (MariaDB, old MySQL)
	erLocalInfile2 = 3948 // the same, MySQL 8
	erLocalInfile3 = 4166 // the same, MariaDB 10.5+
)

// MySQLConfig completes a DSN with the parameters that the store relies on, whatever the DSN says.
func MySQLConfig(dsn string) (*driver.Config, error) {
	c, err := driver.ParseDSN(dsn)
	if err != nil || c.DBName == "" {
		return nil, models.NewError(models.Invalid, "database.dsn", "bad_dsn",
			"The DSN must look like user:password@tcp(127.0.0.1:3306)/waihu; correct it.",
			"DSN 格式应为 user:password@tcp(127.0.0.1:3306)/waihu，请改正。")
	}
	c.ParseTime, c.Loc = true, time.UTC
	c.ClientFoundRows = true   // an update counts the rows it met, as on SQLite
	c.InterpolateParams = true // one round trip a statement instead of three
	c.MultiStatements, c.AllowAllFiles = false, false
	if c.Timeout == 0 {
		c.Timeout = mysqlDial
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = mysqlIO
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = mysqlIO
	}
	c.Collation = "utf8mb4_bin"
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["time_zone"] = "'+00:00'"
	c.Params["sql_mode"] = "'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
	c.Params["innodb_lock_wait_timeout"] = "10"
	c.Logger = &driver.NopLogger{} // broken connections come back as errors
	return c, nil
}

func (s *Store) openMySQL(ctx context.Context, dsn string) error {
	c, err := MySQLConfig(dsn)
	if err != nil {
		return err
	}
	connector, err := driver.NewConnector(c)
	if err != nil {
		return fmt.Errorf("open MySQL database %s at %s: %w", c.DBName, c.Addr, err)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(mysqlConnections)
	pool.SetMaxIdleConns(mysqlConnections)
	pool.SetConnMaxLifetime(mysqlConnLife)
	if err := pool.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("connect to MySQL database %s at %s: %w", c.DBName, c.Addr, err), pool.Close())
	}
	s.w, err = gorm.Open(mysql.New(mysql.Config{Conn: pool, DSNConfig: c}), gormConfig(s.log))
	if err != nil {
		return errors.Join(fmt.Errorf("open MySQL database %s at %s: %w", c.DBName, c.Addr, err), pool.Close())
	}
	s.r = s.w
	s.d = dialect{
		name:      MySQL,
		now:       "UTC_TIMESTAMP(6)",
		share:     " LOCK IN SHARE MODE",
		lock:      " FOR UPDATE",
		rows:      mysqlRows,
		tx:        &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		transient: mysqlTransient,
	}
	return nil
}

func mysqlTransient(err error) bool {
	var e *driver.MySQLError
	if errors.As(err, &e) {
		return e.Number == erLockWait || e.Number == erDeadlock || e.Number == erCheckRead
	}
	return errors.Is(err, errRaced)
}

func localInfileRefused(err error) bool {
	var e *driver.MySQLError
	return errors.As(err, &e) &&
		(e.Number == erLocalInfile1 || e.Number == erLocalInfile2 || e.Number == erLocalInfile3)
}
