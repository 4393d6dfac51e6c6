package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"waihu/models"
)

// book makes a workbook; change may do anything to it before it is saved.
func book(t testing.TB, rows [][]any, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRunReadsWorkbooks(t *testing.T) {
	style := func(f *excelize.File, cell, format string) {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err == nil {
			err = f.SetCellStyle("Sheet1", cell, cell, id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := [][]any{
		{"姓名", "手机", "到期", "金额"},
		{"文本", "13800138000", time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), 12.5},
		{"数字", 13800138001},
		{"科学计数", 13800138002},
		{"两位小数", 13800138003},
		{"千分位", 13800138004},
		{"公式", nil},
		{"小数", 13800138005.5},
		{"截断的文字", "1.38E+10"},
		{},
		{"=1+1", "+86 755 12345678"},
		{"重复", 13800138000},
		{"国家码", 8613800138006},
		{"截断的数字", 1.38e10},
	}
	data := book(t, rows, func(f *excelize.File) {
		style(f, "B4", "0.00E+00")
		style(f, "B14", "0.00E+00")
		style(f, "B5", "0.00")
		style(f, "B6", "#,##0")
		if err := f.SetCellFormula("Sheet1", "B7", "13800138000+7"); err != nil { // never calculated: the file has no value
			t.Fatal(err)
		}
		if _, err := f.NewSheet("备用"); err != nil {
			t.Fatal(err)
		}
	})
	sink := newMemory()
	counts, rejects, err := run(t, data, Options{BlockRows: 3}, sink)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"12:duplicate", "14:number_scientific", "7:column_missing", "8:number_decimal", "9:number_scientific"}
	if got := sorted(rejects.codes()); !slices.Equal(got, want) {
		t.Errorf("rejects %v, want %v", got, want)
	}
	var got []string
	for _, c := range sink.contacts {
		got = append(got, fmt.Sprintf("%d %s", c.Row, c.Number))
	}
	if want := []string{
		"2 +8613800138000", "3 +8613800138001", "4 +8613800138002", "5 +8613800138003", "6 +8613800138004",
		"11 +8675512345678", "13 +8613800138006",
	}; !slices.Equal(got, want) {
		t.Errorf("contacts %q, want %q", got, want)
	}
	if f := sink.contacts[0].Fields; !slices.Equal(f, []string{"文本", "13800138000", "2026-11-20", "12.5"}) {
		t.Errorf("fields %q", f)
	}
	if counts.Rows != 12 || counts.Valid != 7 || counts.ResumeRow != 14 {
		t.Errorf("counts %+v", counts)
	}
	look, err := Preview(bytes.NewReader(data), int64(len(data)), "a.csv", Options{})
	if err != nil || look.Format != "xlsx" || look.Column != 1 || len(look.Warnings) != 1 || look.Warnings[0].Code != "more_sheets" || look.Rows[0][2] != "2026-11-20" {
		t.Errorf("preview %+v, %v", look, err)
	}
}

func TestWorkbookResumes(t *testing.T) {
	rows := [][]any{{"手机"}}
	for i := range 100 {
		rows = append(rows, []any{13900000000 + i})
	}
	data := book(t, rows, nil)
	sink := newMemory()
	sink.fail = 5
	first, _, err := run(t, data, Options{BlockRows: 10}, sink)
	if !errors.Is(err, errSink) || first.ResumeRow != 41 {
		t.Fatalf("cut off at %+v, %v", first, err)
	}
	counts, _, err := run(t, data, Options{BlockRows: 10, FromRow: first.ResumeRow, Counts: first}, sink)
	if err != nil || counts.Valid != 100 || counts.Duplicates != 0 || len(sink.contacts) != 100 {
		t.Errorf("resumed: %+v, %v", counts, err)
	}
}

func TestWorkbookRefused(t *testing.T) {
	good := book(t, [][]any{{"手机"}, {13800138000}}, nil)
	cases := map[string]struct {
		data []byte
		code string
	}{
		"11 columns":    {book(t, [][]any{{"手机", 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}, nil), CodeColumns},
		"empty sheet":   {book(t, nil, nil), CodeEmpty},
		"plain zip":     {zipped(t, map[string]string{"list.csv": "13800138000"}), CodeZip},
		"cut off":       {good[:len(good)-100], CodeXLSX},
		"sheet cut off": {rezipped(t, good, "xl/worksheets/sheet1.xml", func(s string) string { return s[:len(s)/2] + " " }), CodeXLSX},
		"no XML":        {rezipped(t, good, "xl/worksheets/sheet1.xml", func(string) string { return "13800138000" }), CodeXLSX},
		"zip bomb": {rezipped(t, good, "xl/worksheets/sheet1.xml", func(s string) string {
			return strings.Replace(s, "<sheetData>", strings.Repeat(" ", 5<<20)+"<sheetData>", 1)
		}), CodeBomb},
		"picture bomb":   {rezipped(t, good, "xl/media/a.png", func(string) string { return strings.Repeat("\x00", 5<<20) }), CodeBomb},
		"string bomb":    {rezipped(t, good, "xl/sharedStrings.xml", func(string) string { return "<sst>" + strings.Repeat("<si><t>a</t></si>", 1<<19) + "</sst>" }), CodeBomb},
		"too many parts": {zipped(t, many(3000)), CodeBomb},
		"row 4 billion": {rezipped(t, good, "xl/worksheets/sheet1.xml", func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, `r="2"`, `r="2147483647"`), `"A2"`, `"A2147483647"`)
		}), CodeRows},
		"external entity": {rezipped(t, good, "xl/worksheets/sheet1.xml", func(s string) string {
			return `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>`
		}), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			sink := newMemory()
			begin := time.Now()
			_, rejects, err := run(t, c.data, Options{}, sink)
			var e *models.Error
			if c.code == "" { // must only not tell what is in the file
				if len(sink.contacts) > 0 || strings.Contains(fmt.Sprint(rejects.rs, err), "root:") {
					t.Errorf("contacts %v, rejects %v, %v", sink.contacts, rejects.rs, err)
				}
				return
			}
			if !errors.As(err, &e) || e.Fields[0].Code != c.code || e.Fields[0].TextZH == "" {
				t.Errorf("Run = %v, want %s", err, c.code)
			}
			if len(sink.contacts) > 0 {
				t.Errorf("stored %+v of a refused workbook", sink.contacts)
			}
			if d := time.Since(begin); d > 10*time.Second {
				t.Errorf("took %s", d)
			}
		})
	}
}

func many(n int) map[string]string {
	m := map[string]string{"xl/workbook.xml": "<workbook/>"}
	for i := range n {
		m[fmt.Sprintf("xl/x%d.xml", i)] = ""
	}
	return m
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rezipped changes one part of a workbook, or adds it.
func rezipped(t testing.TB, data []byte, part string, change func(string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{part: ""}
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
	}
	parts[part] = change(parts[part])
	return zipped(t, parts)
}

func FuzzWorkbook(f *testing.F) {
	good := book(f, [][]any{{"姓名", "手机"}, {"a", 13800138000}, {"b", "13900139000"}}, nil)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(rezipped(f, good, "xl/worksheets/sheet1.xml", func(s string) string { return strings.ReplaceAll(s, `r="B2"`, `r="XFD2"`) }))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			return
		}
		checkRun(t, data)
	})
}

// FuzzSheetXML goes behind the check sums of the archive.
func FuzzSheetXML(f *testing.F) {
	good := book(f, [][]any{{"姓名", "手机"}, {"a", 13800138000}}, nil)
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1"><v>13800138000</v></c></row></sheetData></worksheet>`)
	f.Add(`<worksheet><sheetData><row r="9999999"><c r="ZZZ1" t="s"><v>-1</v></c></row></sheetData></worksheet>`)
	f.Add(`<worksheet><sheetData><row><c t="b"><f>A1</f><v>1</v></c><c t="d"><v>x</v></c></row></sheetData></worksheet>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		checkRun(t, rezipped(t, good, "xl/worksheets/sheet1.xml", func(string) string { return sheet }))
	})
}
