// Package cells writes the CSV files that people open in a spreadsheet: results, exports and rejected rows.
//
// It owns one rule, R-CSV-1: text that came from outside can never become a formula. It knows nothing of what the
// cells mean; the caller says which cells are text and which are written by this program itself.
package cells

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// bom makes Excel read the file as UTF-8.
const bom = "\ufeff"

// Text makes outside text safe for a spreadsheet: what begins like a formula gets a leading apostrophe, also behind
// spaces, which spreadsheets skip.
func Text(s string) string {
	trimmed := strings.TrimLeft(s, " \u00a0\u3000\ufeff")
	r, _ := utf8.DecodeRuneInString(trimmed)
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return "'" + s
	default:
		return s
	}
}

// Writer writes rows of CSV. Write and Flush return the first error of the destination.
type Writer struct {
	buf *bufio.Writer
	csv *csv.Writer
}

// NewWriter starts a CSV file on w, with a byte order mark for Excel if mark is set. Lines end with LF.
func NewWriter(w io.Writer, mark bool) (*Writer, error) {
	buf := bufio.NewWriterSize(w, 1<<16)
	if mark {
		if _, err := buf.WriteString(bom); err != nil {
			return nil, fmt.Errorf("write byte order mark: %w", err)
		}
	}
	return &Writer{buf: buf, csv: csv.NewWriter(buf)}, nil
}

// Write writes one row as it stands: the caller has passed every cell of outside text through Text.
func (w *Writer) Write(row []string) error {
	if err := w.csv.Write(row); err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	return nil
}

// Flush hands everything to the destination.
func (w *Writer) Flush() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("flush rows: %w", err)
	}
	if err := w.buf.Flush(); err != nil {
		return fmt.Errorf("flush rows: %w", err)
	}
	return nil
}
