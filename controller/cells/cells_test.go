package cells

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextIsNeverAFormula(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"张三", "张三"},
		{"12", "12"},
		{"a=1", "a=1"},
		{"=1+1", "'=1+1"},
		{"+8613800138000", "'+8613800138000"},
		{"-1", "'-1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'\r=1"},
		{"\n=1", "'\n=1"},
		{"＝1", "'＝1"},
		{"＋1", "'＋1"},
		{"－1", "'－1"},
		{"＠x", "'＠x"},
		{"  =1", "'  =1"},
		{"\u3000＝1", "'\u3000＝1"},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriterReportsAFullDisk(t *testing.T) {
	w, err := NewWriter(full{}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]string{"a"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("Flush = %v, want the destination's error", err)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"=1", "+1", "a,b", "\"q\"", "＝cmd|' /C calc'!A0", " \t=1", "line\nbreak"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.Contains(s, "\r") { // a CSV reader makes one line break of CR LF
			return
		}
		var b bytes.Buffer
		w, err := NewWriter(&b, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write([]string{"1", Text(s)}), w.Flush()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 2 {
			t.Fatalf("%q: %v, %v", s, rows, err)
		}
		got := rows[0][1]
		if strings.TrimPrefix(got, "'") != strings.TrimPrefix(s, "'") {
			t.Fatalf("%q came back as %q", s, got)
		}
		if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(got, " \u3000")); strings.ContainsRune("=+-@\t＝＋－＠", r) {
			t.Fatalf("%q is still a formula: %q", s, got)
		}
	})
}
