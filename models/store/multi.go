package store

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// multi gathers the rows of a VALUES list.
type multi struct {
	width int
	rows  int
	args  []any
}

func (m *multi) add(values ...any) {
	m.args = append(m.args, values...)
	m.rows++
}

func (m *multi) sql() string {
	one := "(?" + strings.Repeat(",?", m.width-1) + ")"
	return one + strings.Repeat(","+one, m.rows-1)
}

// onConflict turns an INSERT into an update of the row with the same key. set writes the assignments; fresh names the
// value that was to be inserted.
func (d dialect) onConflict(key string, set func(fresh func(column string) string) string) string {
	if d.name == MySQL {
		return " ON DUPLICATE KEY UPDATE " + set(func(c string) string { return "VALUES(" + c + ")" })
	}
	return " ON CONFLICT (" + key + ") DO UPDATE SET " + set(func(c string) string { return "excluded." + c })
}

// insertIgnore is the beginning of an INSERT that passes over rows whose key is taken.
func (d dialect) insertIgnore() string {
	if d.name == MySQL {
		return "INSERT IGNORE INTO "
	}
	return "INSERT OR IGNORE INTO "
}

const setChunk = 200 // rows of one statement in setRows

// setRows gives many rows, known by id and locked by the caller, each its own values. ident are further columns that never
// change; each row has the values of id, ident, columns. MySQL saves round trips by an INSERT that always meets its row;
// SQLite has none to save.
func (s *Store) setRows(tx *gorm.DB, table string, ident, columns []string, rows [][]any) error {
	if s.d.name == SQLite {
		sql := "UPDATE " + table + " SET `" + strings.Join(columns, "` = ?, `") + "` = ? WHERE id = ?"
		args := make([]any, 0, len(columns)+1)
		for _, r := range rows {
			args = append(append(args[:0], r[1+len(ident):]...), r[0])
			if err := tx.Exec(sql, args...).Error; err != nil {
				return err
			}
		}
		return nil
	}
	all := append(append([]string{"id"}, ident...), columns...)
	head := "INSERT INTO " + table + " (`" + strings.Join(all, "`,`") + "`) VALUES "
	tail := s.d.onConflict("id", func(fresh func(string) string) string {
		set := make([]string, len(columns))
		for i, c := range columns {
			set[i] = "`" + c + "` = " + fresh("`"+c+"`")
		}
		return strings.Join(set, ", ")
	})
	for chunk := range slices.Chunk(rows, setChunk) {
		q := multi{width: len(all)}
		for _, r := range chunk {
			q.add(r...)
		}
		if err := tx.Exec(head+q.sql()+tail, q.args...).Error; err != nil {
			return err
		}
	}
	return nil
}
