package results

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"waihu/models"
)

func TestExportXLSX(t *testing.T) {
	rs := append(sample(), models.Result{Lead: models.Lead{Number: "+8613800138009", State: models.LeadDue}, Fields: []string{"=1+1", "王芳"}})
	var file bytes.Buffer
	sum, err := ExportXLSX(t.Context(), &file, []string{"公式", "姓名"}, each(rs))
	if err != nil || sum.Rows != int64(len(rs)) {
		t.Fatalf("%+v %v", sum, err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("results")
	if err != nil || len(rows) != len(rs)+1 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if want := append(exportHeader(), "公式", "姓名"); !slices.Equal(rows[0], want) {
		t.Errorf("heading %v", rows[0])
	}
	for i, r := range rs {
		if rows[i+1][0] != r.Lead.Number {
			t.Errorf("row %d: number %q, want %q", i, rows[i+1][0], r.Lead.Number)
		}
	}
	last := len(rs) + 1
	column, err := excelize.ColumnNumberToName(len(exportHeader()) + 1)
	if err != nil {
		t.Fatal(err)
	}
	cell := column + "" + itoa(last)
	if formula, err := book.GetCellFormula("results", cell); err != nil || formula != "" {
		t.Errorf("a customer's text became the formula %q: %v", formula, err)
	}
	if text, err := book.GetCellValue("results", cell); err != nil || text != "=1+1" {
		t.Errorf("text %q: %v", text, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := ExportXLSX(stopped, &file, nil, each(rs)); err == nil {
		t.Error("goes on after the reader has left")
	}
}

func itoa(n int) string { return number(int64(n)) }
