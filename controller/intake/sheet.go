package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"waihu/models"
)

// Limits of XLSX files. A workbook is unpacked by a library that keeps what is not a worksheet in memory, so that this
// is bounded by refusing, and worksheets by spilling them to a temporary file.
const (
	maxXLSX        = 48 << 20  // bytes of the file
	maxUnpacked    = 1 << 30   // bytes of everything in it
	maxUnpackedXML = 8 << 20   // bytes of a worksheet or of the shared strings in memory; more goes to a temporary file
	maxOther       = 32 << 20  // bytes of everything that is neither: pictures, styles
	maxRatio       = 150       // unpacked to packed of a part beyond ratioFrom; spreadsheets reach 30
	ratioFrom      = 4 << 20   //
	maxParts       = 2000      //
	maxSheetRows   = 1_048_576 // Excel's own limit
)

// sheet reads the first visible worksheet.
type sheet struct {
	book   *excelize.File
	rows   *excelize.Rows
	raw    *excelize.Rows // the same rows unformatted, opened when a number turns out to be shown shortened
	rawRow int64
	name   string
	column int // of the numbers, -1 while unknown
	n      int64
	packed int64
	others bool // there are more visible worksheets
}

func openSheet(r io.ReaderAt, size int64) (*sheet, error) {
	if err := checkZip(r, size); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpackedXML,
		// Without it a date shows as 11-20-26, which nobody can read safely.
		ShortDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return nil, damaged(err)
	}
	s := &sheet{book: book, column: -1, packed: size}
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		if s.name != "" {
			s.others = true
			break
		}
		s.name = name
	}
	if s.name == "" {
		return nil, closeAfter(book, emptyFile())
	}
	if s.rows, err = book.Rows(s.name); err != nil {
		return nil, closeAfter(book, damaged(err))
	}
	return s, nil
}

// closeAfter removes the temporary files of a workbook that cannot be used.
func closeAfter(book *excelize.File, err error) error {
	return errors.Join(err, book.Close())
}

// checkZip looks at the parts of a workbook before anything is unpacked into memory, and reads worksheets and strings
// through once: the library takes a part that ends too early for the end of the table.
func checkZip(r io.ReaderAt, size int64) error {
	if size > maxXLSX {
		return bomb()
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return damaged(err)
	}
	if len(z.File) > maxParts {
		return bomb()
	}
	var total, other uint64
	workbook := false
	for _, f := range z.File {
		n := f.UncompressedSize64
		total += n
		if !streamed(f.Name) {
			other += n
		}
		if total > maxUnpacked || other > maxOther || n > ratioFrom && n/maxRatio > f.CompressedSize64 {
			return bomb()
		}
		workbook = workbook || strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), "xl/workbook.xml")
	}
	if !workbook {
		return models.NewError(models.Invalid, fieldFile, CodeZip,
			"this is a ZIP archive and no XLSX workbook; unpack it and give the CSV, TXT or XLSX file inside",
			"这是 ZIP 压缩包，不是 XLSX 工作簿；请解压后上传其中的 CSV、TXT 或 XLSX 文件")
	}
	for _, f := range z.File {
		if streamed(f.Name) {
			if err := readThrough(f); err != nil {
				return damaged(err)
			}
		}
	}
	return nil
}

func streamed(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, `\`, "/"))
	return strings.HasPrefix(name, "xl/worksheets/sheet") && path.Ext(name) == ".xml" || name == "xl/sharedstrings.xml"
}

// readThrough checks length and check sum of a part, and that its XML is not cut off.
func readThrough(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("open part %s: %w", f.Name, err)
	}
	var tail lastBytes
	_, err = io.Copy(&tail, io.LimitReader(in, maxUnpacked))
	if closeErr := in.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("unpack part %s: %w", f.Name, err)
	}
	if end := bytes.TrimRight(tail.b, " \r\n\t\x00"); len(end) == 0 || end[len(end)-1] != '>' {
		return fmt.Errorf("part %s is cut off", f.Name)
	}
	return nil
}

// lastBytes keeps the end of what is written to it.
type lastBytes struct{ b []byte }

func (l *lastBytes) Write(p []byte) (int, error) {
	keep := p[max(0, len(p)-64):]
	l.b = append(l.b, keep...)
	if len(l.b) > 64 {
		l.b = append(l.b[:0], l.b[len(l.b)-64:]...)
	}
	return len(p), nil
}

func (s *sheet) bytes() int64 { return 0 }

func (s *sheet) close() error {
	for _, rows := range []*excelize.Rows{s.rows, s.raw} {
		if rows == nil {
			continue
		}
		if err := rows.Close(); err != nil {
			return fmt.Errorf("close worksheet: %w", err)
		}
	}
	if err := s.book.Close(); err != nil {
		return fmt.Errorf("close workbook: %w", err)
	}
	return nil
}

func (s *sheet) next() (row, error) {
	for s.rows.Next() {
		s.n++
		if s.n > maxSheetRows {
			return row{}, tooManyRows()
		}
		fields, err := s.rows.Columns()
		if err != nil {
			return row{}, damaged(err)
		}
		for len(fields) > 0 && fields[len(fields)-1] == "" {
			fields = fields[:len(fields)-1]
		}
		if len(fields) == 0 {
			continue
		}
		for i, f := range fields {
			fields[i] = strings.ToValidUTF8(f, "\uFFFD")
		}
		out := row{line: s.n, last: s.n, fields: fields}
		if err := s.unshorten(&out); err != nil {
			return row{}, err
		}
		return out, nil
	}
	if err := s.rows.Error(); err != nil {
		return row{}, damaged(err)
	}
	return row{}, io.EOF
}

// unshorten looks behind a number that the cell's format shows as 1.38E+10 or 13800138000.00: the cell still has every
// digit, and whole numbers below 2^53 are exact. What is not certain is left as it is and will be rejected.
func (s *sheet) unshorten(r *row) error {
	if s.column < 0 || s.column >= len(r.fields) || !strings.ContainsAny(r.fields[s.column], ".,Ee") {
		return nil
	}
	if s.raw == nil {
		raw, err := s.book.Rows(s.name)
		if err != nil {
			return damaged(err)
		}
		s.raw = raw
	}
	for s.rawRow < r.line && s.raw.Next() {
		s.rawRow++
		fields, err := s.raw.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return damaged(err)
		}
		if s.rawRow == r.line && s.column < len(fields) {
			if exact, ok := whole(fields[s.column], r.fields[s.column]); ok {
				r.fields[s.column] = exact
			}
		}
	}
	return nil
}

// shownDigits is how many digits a spreadsheet at most leaves of a number that it shows with an exponent by itself.
const shownDigits = 6

// whole writes a spreadsheet's number with all its digits; false if it has a fraction or is too large to be exact. A
// number that is shown with an exponent and has no more digits than are shown may have lost the rest long ago, on
// its way through a CSV file: 1.38E+10 read back is 13800000000, which is somebody else's number.
func whole(raw, shown string) (string, bool) {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f >= 1<<53 {
		return "", false
	}
	exact := strconv.FormatInt(int64(f), 10)
	if strings.ContainsAny(raw+shown, "Ee") && len(strings.TrimRight(exact, "0")) <= shownDigits {
		return "", false
	}
	return exact, true
}

func bomb() error {
	return models.NewError(models.Invalid, fieldFile, CodeBomb,
		"the workbook is too large or unpacks to far more than a list of numbers needs; save the sheet with the numbers as CSV",
		"工作簿过大，或解压后远超号码名单所需的大小；请把号码所在工作表另存为 CSV")
}

// damaged wraps what the library says: the workbook is the caller's, and so is the fault.
func damaged(err error) error {
	return models.NewError(models.Invalid, fieldFile, CodeXLSX,
		fmt.Sprintf("the XLSX workbook cannot be read (%v); open it, remove any password and save it again, or save it as CSV", err),
		fmt.Sprintf("无法读取该 XLSX 工作簿（%v）；请打开后去除密码并重新保存，或另存为 CSV", err))
}
