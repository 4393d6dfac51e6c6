package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	driver "github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"waihu/models"
)

const contactChunk = 1000 // numbers of one look-up; fewer rows are not worth a LOAD DATA

// AppendContacts saves a block of a list's contacts together with the list's counters and ResumeRow, in one transaction,
// and returns the rows that were not saved because the list has their number already, in the order of the block. counters
// are the totals including this block, with such rows still counted as valid: the store moves them to duplicates, and so
// must the caller. Repeating a block, when it is unknown whether it was saved, is harmless.
func (s *Store) AppendContacts(ctx context.Context, listID int64, contacts []models.Contact, counters models.ContactList) (duplicateRows []int64, err error) {
	what := fmt.Sprintf("append %d contacts to list %d", len(contacts), listID)
	err = s.write(ctx, what, func(tx *gorm.DB) error {
		duplicateRows = nil
		var org int64
		res := tx.Raw("SELECT organization_id FROM contact_lists WHERE id = ?"+s.d.lock, listID).Find(&org)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return missing("contact list", "名单", listID)
		}
		saved, err := s.saveContacts(tx, org, listID, contacts)
		if err != nil {
			return err
		}
		if saved < int64(len(contacts)) {
			rest, err := notSaved(tx, listID, contacts, saved)
			if err != nil {
				return err
			}
			if duplicateRows, err = duplicates(tx, listID, rest); err != nil {
				return err
			}
		}
		n := int64(len(duplicateRows))
		return tx.Exec("UPDATE contact_lists SET `rows` = ?, valid = ?, duplicates = ?, blacklisted = ?, rejected = ?, resume_row = ? WHERE id = ?",
			counters.Rows, counters.Valid-n, counters.Duplicates+n, counters.Blacklisted, counters.Rejected, counters.ResumeRow, listID).Error
	})
	if err != nil {
		return nil, err
	}
	return duplicateRows, nil
}

// saveContacts inserts what is new and returns how many rows that were.
func (s *Store) saveContacts(tx *gorm.DB, org, listID int64, contacts []models.Contact) (int64, error) {
	if s.d.name == MySQL && len(contacts) >= contactChunk && !s.noLoadData.Load() {
		n, err := loadContacts(tx, org, listID, contacts)
		if err == nil || !localInfileRefused(err) {
			return n, err
		}
		s.noLoadData.Store(true) // the server does not allow it; it will not change its mind soon
		s.log.Info("LOAD DATA LOCAL is not allowed by the server; imports use INSERT")
	}
	var saved int64
	for chunk := range slices.Chunk(contacts, s.d.rows) {
		q := multi{width: 6}
		for _, c := range chunk {
			q.add(org, listID, c.Row, c.Number, c.Zone, text[[]string]{c.Fields})
		}
		res := tx.Exec(s.d.insertIgnore()+"contacts (organization_id, list_id, `row`, number, zone, fields) VALUES "+q.sql(), q.args...)
		if res.Error != nil {
			return saved, res.Error
		}
		saved += res.RowsAffected
	}
	return saved, nil
}

// notSaved are the contacts of the block that this transaction has not inserted. Nobody else adds to the list meanwhile, so
// what was inserted are its youngest rows; to read them back is much cheaper than to look for every number.
func notSaved(tx *gorm.DB, listID int64, contacts []models.Contact, saved int64) ([]models.Contact, error) {
	if saved == 0 {
		return contacts, nil
	}
	var rows []int64
	if err := tx.Raw("SELECT `row` FROM contacts WHERE list_id = ? ORDER BY id DESC LIMIT ?", listID, saved).Find(&rows).Error; err != nil {
		return nil, err
	}
	inserted := make(map[int64]bool, len(rows))
	for _, r := range rows {
		inserted[r] = true
	}
	return slices.DeleteFunc(slices.Clone(contacts), func(c models.Contact) bool { return inserted[c.Row] }), nil
}

// duplicates finds the rows of the block whose number stands in the list with another row.
func duplicates(tx *gorm.DB, listID int64, contacts []models.Contact) ([]int64, error) {
	var out []int64
	for chunk := range slices.Chunk(contacts, contactChunk) {
		numbers := make([]string, len(chunk))
		for i, c := range chunk {
			numbers[i] = c.Number
		}
		var rows []struct {
			Number string
			Row    int64
		}
		if err := tx.Raw("SELECT number, `row` FROM contacts WHERE list_id = ? AND number IN ?", listID, numbers).Find(&rows).Error; err != nil {
			return nil, err
		}
		stored := make(map[string]int64, len(rows))
		for _, r := range rows {
			stored[r.Number] = r.Row
		}
		for _, c := range chunk {
			if row, ok := stored[c.Number]; !ok || row != c.Row {
				out = append(out, c.Row)
			}
		}
	}
	return out, nil
}

// loadContacts sends the block as the server's bulk format. IGNORE passes over numbers that the list has.
func loadContacts(tx *gorm.DB, org, listID int64, contacts []models.Contact) (int64, error) {
	name := "waihu-" + uuid.NewString()
	driver.RegisterReaderHandler(name, func() io.Reader { return &contactReader{org: org, list: listID, left: contacts} })
	defer driver.DeregisterReaderHandler(name)
	res := tx.Exec("LOAD DATA LOCAL INFILE 'Reader::" + name + "' IGNORE INTO TABLE contacts CHARACTER SET utf8mb4 " +
		"FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (organization_id, list_id, `row`, number, zone, fields)")
	return res.RowsAffected, res.Error
}

// contactReader writes contacts as LOAD DATA reads them, some rows at a time.
type contactReader struct {
	org, list int64
	left      []models.Contact
	buf       []byte
	off       int
}

const readerRows = 200

// Read implements io.Reader.
func (r *contactReader) Read(p []byte) (int, error) {
	if r.off == len(r.buf) {
		if len(r.left) == 0 {
			return 0, io.EOF
		}
		r.buf, r.off = r.buf[:0], 0
		n := min(readerRows, len(r.left))
		for _, c := range r.left[:n] {
			if err := r.line(c); err != nil {
				return 0, err
			}
		}
		r.left = r.left[n:]
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

func (r *contactReader) line(c models.Contact) error {
	fields, err := json.Marshal(c.Fields)
	if err != nil {
		return fmt.Errorf("write row %d as JSON: %w", c.Row, err)
	}
	for i, v := range []int64{r.org, r.list, c.Row} {
		if i > 0 {
			r.buf = append(r.buf, '\t')
		}
		r.buf = strconv.AppendInt(r.buf, v, 10)
	}
	for _, v := range []string{c.Number, c.Zone, string(fields)} {
		r.buf = append(r.buf, '\t')
		r.buf = appendEscaped(r.buf, v)
	}
	r.buf = append(r.buf, '\n')
	return nil
}

// appendEscaped writes a value so that LOAD DATA reads back the same bytes. JSON has escaped control characters already.
func appendEscaped(buf []byte, v string) []byte {
	for i := range len(v) {
		switch c := v[i]; c {
		case '\\':
			buf = append(buf, '\\', '\\')
		case '\t':
			buf = append(buf, '\\', 't')
		case '\n':
			buf = append(buf, '\\', 'n')
		case 0:
			buf = append(buf, '\\', '0')
		default:
			buf = append(buf, c)
		}
	}
	return buf
}
