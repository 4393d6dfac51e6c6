package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"waihu/controller/number"
	"waihu/models"
)

// checkRun imports anything: it must end, count every row once, refuse only as the caller's fault and store only numbers
// that may be called.
func checkRun(t *testing.T, data []byte) {
	t.Helper()
	sink, c := newMemory(), &collect{}
	counts, err := Run(context.Background(), bytes.NewReader(data), int64(len(data)), "x", Options{BlockRows: 3}, sink, c, nil)
	if err != nil && !models.IsKind(err, models.Invalid) {
		t.Fatalf("an internal error for a bad file: %v", err)
	}
	if counts.Rows != counts.Valid+counts.Duplicates+counts.Blacklisted+counts.Rejected || counts.Valid != int64(len(sink.contacts)) {
		t.Fatalf("counts %+v, %d contacts", counts, len(sink.contacts))
	}
	if err == nil && int64(len(c.rs)) != counts.Rejected+counts.Duplicates {
		t.Fatalf("counts %+v, %d rejects", counts, len(c.rs))
	}
	last := int64(0)
	for _, x := range sink.contacts {
		if x.Row <= last || len(x.Fields) > models.MaxColumns || number.Check(x.Number, "", number.Policy{}) != nil {
			t.Fatalf("contact %+v", x)
		}
		last = x.Row
		for _, f := range x.Fields {
			if !utf8.ValidString(f) || strings.ContainsRune(f, 0) {
				t.Fatalf("contact with bytes that are no text: %q", x.Fields)
			}
		}
	}
}

func FuzzRun(f *testing.F) {
	for _, s := range []string{
		table, "\ufeff" + table, strings.ReplaceAll(table, "\n", "\r\r\n"), strings.ReplaceAll(table, ",", "\t"),
		"手机\n\"13800138000\n13900139000\"\n13700137000", "\xd5\xc5,13800138000\n", "\xff\xfea\x00b\x00", "a;b|c\td,e", "\"", "\"\"\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			return
		}
		checkRun(t, data)
	})
}

// What encoding/csv writes is read as it was, whatever is in the cells.
func FuzzCellsComeBack(f *testing.F) {
	f.Add("a", "b,c", "d\"e")
	f.Add("", "\n", "\"")
	f.Add("x\ny", ";", "13800138000")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		want := []string{a, b, c}
		for _, s := range want {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\ufeff") || len(s) > MaxCell || strings.Count(s, "\n") > 9 {
				return // line breaks of other kinds become LF, and longer cells have tests of their own
			}
		}
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		for range 2 {
			if err := w.Write(want); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		first, _, _ := strings.Cut(buf.String(), "\n")
		if blank(first) {
			return
		}
		src := &text{lines: newLines(&buf, nil, utf8Name, '\n'), sep: ","}
		for range 2 {
			r, err := src.next()
			if err != nil || r.fault != "" || strings.Join(r.fields, "\x00") != strings.Join(want, "\x00") {
				t.Fatalf("%q came back as %q, %s, %v", want, r.fields, r.fault, err)
			}
		}
	})
}

func TestCensusAcrossChunks(t *testing.T) {
	// Characters that lie across the borders of what is read at once must not count as broken.
	for shift := range 4 {
		s := strings.Repeat("x", shift) + strings.Repeat("汉", censusChunk)
		c, err := count(strings.NewReader(s), int64(len(s)))
		if err != nil || c.invalid != 0 || c.multi != censusChunk || c.bytes != int64(len(s)) {
			t.Errorf("shift %d: %+v, %v", shift, c, err)
		}
	}
	if s := "abc\xe6\xb1"; true {
		if c, err := count(strings.NewReader(s), int64(len(s))); err != nil || c.invalid != 2 {
			t.Errorf("cut off at the end: %+v, %v", c, err)
		}
	}
}

// A file of nothing but open quotes must not take quadratic time.
func TestOpenQuotesEverywhere(t *testing.T) {
	var b strings.Builder
	for b.Len() < 1<<20 {
		b.WriteString("\"13800138000,\"\",\"\"x,\"\"\n")
	}
	begin := time.Now()
	counts, _, err := run(t, []byte("手机,x\n"+b.String()), Options{}, newMemory())
	if d := time.Since(begin); err != nil || counts.Rows == 0 || d > 10*time.Second {
		t.Errorf("%+v, %v in %s", counts, err, d)
	}
}
