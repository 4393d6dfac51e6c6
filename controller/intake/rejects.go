package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"waihu/controller/cells"
	"waihu/models"
)

// Bounds of what the reject file repeats of a row.
const (
	rejectColumns = 12
	rejectCell    = 300 // bytes
)

// Rejects writes a reject file: CSV, UTF-8 with byte order mark, columns row, code, reason, 原因, and the row as it
// stood in the file. It is formula-safe.
type Rejects struct{ out *cells.Writer }

// NewRejects starts a reject file on w. columns are the headings of the number file.
func NewRejects(w io.Writer, columns []string) (*Rejects, error) {
	out, err := cells.NewWriter(w, true)
	if err != nil {
		return nil, fmt.Errorf("start reject file: %w", err)
	}
	head := []string{"row", "code", "reason", "原因"}
	for _, c := range columns {
		head = append(head, cells.Text(c))
	}
	if err := out.Write(head); err != nil {
		return nil, fmt.Errorf("start reject file: %w", err)
	}
	return &Rejects{out: out}, nil
}

// Reject writes one row.
func (r *Rejects) Reject(x Rejected) error {
	line := make([]string, 0, 4+rejectColumns)
	line = append(line, strconv.FormatInt(x.Row, 10), x.Code, cells.Text(x.Text), cells.Text(x.TextZH))
	for i, f := range x.Fields {
		if i == rejectColumns {
			line = append(line, "…")
			break
		}
		line = append(line, cells.Text(shorten(f)))
	}
	return r.out.Write(line)
}

// Flush hands what was written to the file.
func (r *Rejects) Flush() error { return r.out.Flush() }

// shorten cuts a cell at a character.
func shorten(s string) string {
	if len(s) <= rejectCell {
		return s
	}
	cut := rejectCell
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}

// ResumeRejects goes on with the reject file of an import that was cut off: what stands in file beyond row is removed,
// because those rows are read again. With row 0 the file is begun anew; else a file that is no reject file gives a
// *models.Error and is left alone.
func ResumeRejects(file *os.File, columns []string, row int64) (*Rejects, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("resume reject file: %w", err)
	}
	keep, err := keepUpTo(file, row)
	if err != nil {
		return nil, fmt.Errorf("resume reject file of %d bytes at row %d: %w", info.Size(), row, err)
	}
	if err := file.Truncate(keep); err != nil {
		return nil, fmt.Errorf("cut reject file at byte %d: %w", keep, err)
	}
	if _, err := file.Seek(keep, io.SeekStart); err != nil {
		return nil, fmt.Errorf("resume reject file at byte %d: %w", keep, err)
	}
	if keep == 0 {
		return NewRejects(file, columns)
	}
	out, err := cells.NewWriter(file, false)
	if err != nil {
		return nil, fmt.Errorf("resume reject file: %w", err)
	}
	return &Rejects{out: out}, nil
}

// keepUpTo is the length of the file up to and including the last line of a row that is not beyond row. Blocks are written
// one after the other, so that the first line beyond it ends what is kept.
func keepUpTo(file io.ReadSeeker, row int64) (int64, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if row == 0 {
		return 0, nil
	}
	in := bufio.NewReaderSize(file, 1<<16)
	keep := int64(0)
	for first := true; ; first = false {
		record, err := readRecord(in)
		if errors.Is(err, io.EOF) { // a half-written last line is dropped, too
			return keep, nil
		}
		if err != nil {
			return 0, err
		}
		if first && !bytes.HasPrefix(record, []byte("\ufeffrow,code,")) {
			return 0, models.NewError(models.Conflict, "rejects", "not_a_reject_file",
				"the file is not the reject file of this import; name the file that the import began with, or a new one",
				"该文件不是本次导入的拒绝文件；请指定导入开始时使用的文件，或新的文件名")
		}
		if !first {
			fields, err := csv.NewReader(bytes.NewReader(record)).Read()
			if err != nil {
				return keep, nil
			}
			if n, err := strconv.ParseInt(fields[0], 10, 64); err != nil || n > row {
				return keep, nil
			}
		}
		keep += int64(len(record))
	}
}

// readRecord reads one record of our own making: its quotes are balanced.
func readRecord(in *bufio.Reader) ([]byte, error) {
	var record []byte
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		record = append(record, line...)
		if bytes.Count(record, []byte{'"'})%2 == 0 {
			return record, nil
		}
	}
}
