package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"waihu/models/store"
)

// templates are the migrated databases that this process has made once, for all further ones to be copied from: the steps
// one by one take a second and more. That the steps do what they should is tested by models/store itself.
var templates struct {
	mu     sync.Mutex
	sqlite []byte      // the file
	mysql  []statement // what makes the tables and the rows that the steps leave in them
}

type statement struct {
	sql  string
	args []any
}

// MigratedFile makes a new SQLite database at path, migrated. It leaves a file that is there alone.
func MigratedFile(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	templates.mu.Lock()
	defer templates.mu.Unlock()
	if templates.sqlite == nil {
		file, err := migratedSQLite(ctx)
		if err != nil {
			return fmt.Errorf("make a template of SQLite: %w", err)
		}
		templates.sqlite = file
	}
	return os.WriteFile(path, templates.sqlite, 0o600)
}

func migratedSQLite(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "waihu-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "waihu.db")
	s, err := store.Open(ctx, store.Config{Driver: store.SQLite, DSN: path})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Migrate(ctx), s.Close()); err != nil { // the last connection that goes leaves all in the one file
		return nil, err
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return nil, errors.New("its write-ahead log is still there")
	}
	return os.ReadFile(path)
}

// migrateMariaDB gives an empty database all tables: the first one of the process by s's own steps, the others by the
// statements that the server then says they come to. It leaves a database with tables alone.
func migrateMariaDB(ctx context.Context, dsn string, s *store.Store) error {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if there, err := rowsOf(ctx, db, "SHOW TABLES"); err != nil || len(there) > 0 {
		return err
	}
	templates.mu.Lock()
	defer templates.mu.Unlock()
	if templates.mysql == nil {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		templates.mysql, err = readTemplate(ctx, db)
		return err
	}
	for _, st := range templates.mysql {
		if _, err := db.ExecContext(ctx, st.sql, st.args...); err != nil {
			return err
		}
	}
	return nil
}

func readTemplate(ctx context.Context, db *sql.DB) ([]statement, error) {
	names, err := rowsOf(ctx, db, "SHOW TABLES")
	if err != nil {
		return nil, err
	}
	out := []statement{{sql: "SET foreign_key_checks = 0"}} // tables come by their names, not by what refers to what
	for _, name := range names {
		table := fmt.Sprintf("`%s`", name[0])
		made, err := rowsOf(ctx, db, "SHOW CREATE TABLE "+table)
		if err != nil {
			return nil, err
		}
		out = append(out, statement{sql: string(made[0][1].([]byte))})
		rows, err := rowsOf(ctx, db, "SELECT * FROM "+table)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			out = append(out, statement{"INSERT INTO " + table + " VALUES (?" + strings.Repeat(", ?", len(row)-1) + ")", row})
		}
	}
	return out, nil
}

// rowsOf is what a query gives, as text ([]byte, or nil for NULL).
func rowsOf(ctx context.Context, db *sql.DB, query string) ([][]any, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
