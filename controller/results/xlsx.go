package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"

	"waihu/models"
)

// sheetRows is what a spreadsheet holds at most, with the heading.
const sheetRows = excelize.TotalRows

// ExportXLSX streams the full export as a spreadsheet with the columns of Export. Cells are text or numbers and never
// formulas, so that nothing needs an apostrophe. More rows than a sheet holds go on in a further sheet. The file is put
// together on disk, in the folder for temporary files, and sent at the end.
func ExportXLSX(ctx context.Context, w io.Writer, columns []string, each Each) (sum Summary, err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	x := sheets{book: book, header: append(exportHeader(), columns...)}
	sum.Outcomes = map[models.Outcome]int64{}
	if err := x.next(); err != nil {
		return sum, err
	}
	err = each(func(r models.Result) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := x.write(cellsOf(r, len(columns))); err != nil {
			return err
		}
		sum.add(r)
		return nil
	})
	if err == nil {
		err = x.out.Flush()
	}
	if err == nil {
		err = book.Write(w)
	}
	if err != nil {
		return sum, fmt.Errorf("write results as a spreadsheet after row %d: %w", sum.Rows, err)
	}
	return sum, nil
}

// sheets writes rows, a sheet after the other.
type sheets struct {
	book   *excelize.File
	header []string
	out    *excelize.StreamWriter
	n, row int
}

func (x *sheets) next() error {
	if x.out != nil {
		if err := x.out.Flush(); err != nil {
			return fmt.Errorf("end sheet %d: %w", x.n, err)
		}
	}
	x.n++
	name := "results"
	var err error
	if x.n == 1 {
		err = x.book.SetSheetName("Sheet1", name)
	} else {
		name += " " + strconv.Itoa(x.n)
		_, err = x.book.NewSheet(name)
	}
	if err == nil {
		x.out, err = x.book.NewStreamWriter(name)
	}
	if err != nil {
		return fmt.Errorf("begin sheet %d: %w", x.n, err)
	}
	if err := x.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("begin sheet %d: %w", x.n, err)
	}
	x.row = 0
	head := make([]any, len(x.header))
	for i, h := range x.header {
		head[i] = h
	}
	return x.write(head)
}

func (x *sheets) write(cells []any) error {
	if x.row == sheetRows {
		if err := x.next(); err != nil {
			return err
		}
	}
	x.row++
	return x.out.SetRow("A"+strconv.Itoa(x.row), cells)
}

// plainColumns are those of exportHeader that hold counts, which a spreadsheet may add up.
func plainColumns() map[string]bool {
	return map[string]bool{"attempts": true, "retries": true, "try": true, "q850": true, "sip_status": true, "ring_ms": true, "talk_ms": true}
}

// cellsOf is the row of a result: what full writes, without its apostrophes, and counts as numbers.
func cellsOf(r models.Result, columns int) []any {
	header, counts := exportHeader(), plainColumns()
	texts := fullText(r, func(s string) string { return s })
	out := make([]any, 0, len(header)+columns)
	for i, s := range texts {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && counts[header[i]] {
			out = append(out, n)
			continue
		}
		out = append(out, s)
	}
	for i := range columns {
		if i < len(r.Fields) {
			out = append(out, r.Fields[i])
		}
	}
	return out
}
