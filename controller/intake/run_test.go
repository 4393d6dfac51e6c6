package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"waihu/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a Sink with the rule of the database: a number once a list.
type memory struct {
	rows     map[string]int64 // number → row
	contacts []models.Contact
	listed   map[string]models.BlacklistEntry
	last     models.ContactList
	fail     int // the call that fails, from 1
	calls    int
}

func newMemory() *memory { return &memory{rows: map[string]int64{}} }

func (m *memory) Blacklisted(_ context.Context, _ int64, numbers []string, _ time.Time) (map[string]models.BlacklistEntry, error) {
	out := map[string]models.BlacklistEntry{}
	for _, n := range numbers {
		if e, ok := m.listed[n]; ok {
			out[n] = e
		}
	}
	return out, nil
}

var errSink = errors.New("disk full")

func (m *memory) AppendContacts(ctx context.Context, _ int64, cs []models.Contact, c models.ContactList) ([]int64, error) {
	if m.calls++; m.calls == m.fail {
		return nil, errSink
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var dup []int64
	for _, x := range cs {
		if _, ok := m.rows[x.Number]; ok {
			dup = append(dup, x.Row)
			continue
		}
		m.rows[x.Number] = x.Row
		x.Fields = slices.Clone(x.Fields)
		m.contacts = append(m.contacts, x)
	}
	m.last = c
	m.last.Valid -= int64(len(dup))
	m.last.Duplicates += int64(len(dup))
	return dup, nil
}

type collect struct {
	rs      []Rejected
	flushed int
}

func (c *collect) Reject(r Rejected) error {
	r.Fields = slices.Clone(r.Fields)
	c.rs = append(c.rs, r)
	return nil
}

func (c *collect) Flush() error { c.flushed = len(c.rs); return nil }

func (c *collect) codes() []string {
	out := []string{}
	for _, r := range c.rs {
		out = append(out, fmt.Sprintf("%d:%s", r.Row, r.Code))
	}
	return out
}

func totals(l models.ContactList) [6]int64 {
	return [6]int64{l.Rows, l.Valid, l.Duplicates, l.Blacklisted, l.Rejected, l.ResumeRow}
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func run(t *testing.T, data []byte, o Options, sink Sink) (Counts, *collect, error) {
	t.Helper()
	c := &collect{}
	counts, err := Run(context.Background(), bytes.NewReader(data), int64(len(data)), "list.csv", o, sink, c, nil)
	if counts.Rows != counts.Valid+counts.Duplicates+counts.Blacklisted+counts.Rejected {
		t.Errorf("counts do not add up: %+v", counts)
	}
	return counts, c, err
}

func gb(t testing.TB, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func utf16(t *testing.T, s string, e unicode.Endianness) []byte {
	t.Helper()
	b, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const table = "姓名,手机,备注\n张三,13800138000,龙岗\n李四,０７５５-12345678,\"a,\"\"b\"\"\"\n王五,138x,x\n赵六,+86 138 0013 8000,again\n钱七,13900139000,black\n"

func TestRunReadsEveryWriting(t *testing.T) {
	cases := map[string]struct {
		data      []byte
		o         Options
		encoding  string
		delimiter string
	}{
		"utf-8":            {[]byte(table), Options{}, "utf-8", ","},
		"byte order mark":  {[]byte("\ufeff" + table), Options{}, "utf-8", ","},
		"gb18030":          {gb(t, table), Options{}, "gb18030", ","},
		"gbk named":        {gb(t, table), Options{Encoding: "GBK"}, "gbk", ","},
		"utf-16le":         {utf16(t, table, unicode.LittleEndian), Options{}, "utf-16le", ","},
		"utf-16be":         {utf16(t, table, unicode.BigEndian), Options{}, "utf-16be", ","},
		"CRLF":             {[]byte(strings.ReplaceAll(table, "\n", "\r\n")), Options{}, "utf-8", ","},
		"CRCRLF":           {[]byte(strings.ReplaceAll(table, "\n", "\r\r\n")), Options{}, "utf-8", ","},
		"CR":               {[]byte(strings.ReplaceAll(table, "\n", "\r")), Options{}, "utf-8", ","},
		"no last line end": {[]byte(strings.TrimSuffix(table, "\n")), Options{}, "utf-8", ","},
		"semicolons":       {[]byte(strings.ReplaceAll(table, ",", ";")), Options{}, "utf-8", ";"},
		"tabs":             {[]byte(strings.ReplaceAll(table, ",", "\t")), Options{}, "utf-8", "\t"},
		"pipes":            {gb(t, strings.ReplaceAll(table, ",", "|")), Options{}, "gb18030", "|"},
		"wide commas":      {gb(t, strings.ReplaceAll(table, ",", "，")), Options{}, "gb18030", "，"},
		"column by name":   {[]byte(table), Options{Column: "手机"}, "utf-8", ","},
		"column by place":  {[]byte(table), Options{Column: "2", Delimiter: "comma"}, "utf-8", ","},
		"small blocks":     {[]byte(table), Options{BlockRows: 1}, "utf-8", ","},
		"blank lines gone": {[]byte(table + ",,\n\n \n"), Options{}, "utf-8", ","},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			sink := newMemory()
			sink.listed = map[string]models.BlacklistEntry{"+8613900139000": {Reason: "投诉"}}
			counts, rejects, err := run(t, c.data, c.o, sink)
			if err != nil {
				t.Fatal(err)
			}
			if got := rejects.codes(); !slices.Equal(sorted(got), []string{"4:number_letters", "5:duplicate", "6:blacklisted"}) || rejects.flushed != 3 {
				t.Errorf("rejects %v, %d flushed", got, rejects.flushed)
			}
			if len(sink.contacts) != 2 || counts.Rows != 5 || counts.Valid != 2 || counts.ResumeRow != 6 || counts.Bytes != int64(len(c.data)) {
				t.Fatalf("counts %+v, contacts %+v", counts, sink.contacts)
			}
			a, b := sink.contacts[0], sink.contacts[1]
			if a.Number != "+8613800138000" || a.Row != 2 || a.Zone != "Asia/Shanghai" || !slices.Equal(a.Fields, []string{"张三", "13800138000", "龙岗"}) {
				t.Errorf("first contact %+v", a)
			}
			want := "a" + c.delimiter + `"b"`
			if b.Number != "+8675512345678" || b.Row != 3 || len(b.Fields) != 3 || b.Fields[0] != "李四" || b.Fields[2] != want {
				t.Errorf("second contact %+v, want the remark %q", b, want)
			}
			if got := totals(sink.last); got != [6]int64{5, 2, 1, 1, 1, 6} {
				t.Errorf("stored counters %v", got)
			}
			look, err := Preview(bytes.NewReader(c.data), int64(len(c.data)), "list.csv", c.o)
			if err != nil || look.Encoding != c.encoding || look.Delimiter != c.delimiter || !look.Header || look.Column != 1 || look.Columns[0] != "姓名" {
				t.Errorf("preview %+v, %v", look, err)
			}
		})
	}
}

// An import cut off at any block and resumed gives the same contacts, counts and reject file as one that was not.
func TestRunResumes(t *testing.T) {
	var b strings.Builder
	b.WriteString("\ufeff姓名,手机,备注\n")
	for i := range 400 {
		switch i % 10 {
		case 3:
			fmt.Fprintf(&b, "行%d,abc,\"多\n行\"\n", i)
		case 5:
			fmt.Fprintf(&b, "行%d,13800138000,重复\n", i)
		case 7:
			b.WriteString("\n")
		default:
			fmt.Fprintf(&b, "行%d,139%08d,\"=1\n+1\"\n", i, i)
		}
	}
	data := []byte(b.String())
	o := Options{BlockRows: 37}
	whole := newMemory()
	want, wantFile := importTo(t, data, o, whole, filepath.Join(t.TempDir(), "whole.csv"), 0)
	if want.Valid == 0 || want.Duplicates == 0 || want.Rejected == 0 {
		t.Fatalf("the sample lacks something: %+v", want)
	}
	for fail := 1; fail <= whole.calls; fail++ {
		sink := newMemory()
		file := filepath.Join(t.TempDir(), "rejects.csv")
		first, _ := importTo(t, data, o, sink, file, fail)
		again := o
		again.FromRow, again.Counts = first.ResumeRow, first
		got, gotFile := importTo(t, data, again, sink, file, 0)
		if got != want || totals(sink.last) != totals(whole.last) || len(sink.contacts) != len(whole.contacts) {
			t.Errorf("resumed after block %d: %+v, want %+v", fail, got, want)
		}
		if gotFile != wantFile {
			t.Errorf("resumed after block %d: reject file differs:\n%s\nwant\n%s", fail, gotFile, wantFile)
		}
	}
}

// importTo runs an import with a reject file as a command would; call fail of the sink, if not 0, fails.
func importTo(t *testing.T, data []byte, o Options, sink *memory, path string, fail int) (Counts, string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rejects, err := ResumeRejects(file, []string{"姓名", "手机", "备注"}, o.FromRow)
	if err != nil {
		t.Fatal(err)
	}
	sink.calls, sink.fail = 0, fail
	counts, err := Run(context.Background(), bytes.NewReader(data), int64(len(data)), "x", o, sink, rejects, nil)
	if fail == 0 && err != nil || fail > 0 && !errors.Is(err, errSink) {
		t.Fatalf("Run = %v with call %d failing", err, fail)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return counts, string(text)
}

func TestRejectFile(t *testing.T) {
	var b bytes.Buffer
	w, err := NewRejects(&b, []string{"=姓名", "手机"})
	if err != nil {
		t.Fatal(err)
	}
	data := "姓名,手机,备注\n＝1+1,13800138000x," + strings.Repeat("长", 200) + "\n\"=HYPERLINK(\"\"x\"\")\",+8613800138000;,@x\n"
	if _, err := Run(context.Background(), strings.NewReader(data), int64(len(data)), "x", Options{}, newMemory(), w, nil); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || !marked || len(rows) != 3 {
		t.Fatalf("mark %v, %d rows, %v", marked, len(rows), err)
	}
	if !slices.Equal(rows[0], []string{"row", "code", "reason", "原因", "'=姓名", "手机"}) {
		t.Errorf("heading %q", rows[0])
	}
	if got := rows[1]; got[0] != "2" || got[1] != "number_letters" || got[2] == "" || got[3] == "" || got[4] != "'＝1+1" || len(got[6]) > rejectCell+3 {
		t.Errorf("first reject %q", got)
	}
	if got := rows[2]; got[4] != `'=HYPERLINK("x")` || got[5] != "'+8613800138000;" || got[6] != "'@x" {
		t.Errorf("second reject %q", got)
	}
}

func TestResumeRejectsTakesOnlyItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(path, []byte("dear customer,\nall is well\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := ResumeRejects(file, nil, 5); !models.IsKind(err, models.Conflict) {
		t.Errorf("resumed with somebody's letter: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(b), "dear") {
		t.Errorf("the letter is now %q, %v", b, err)
	}
	w, err := ResumeRejects(file, []string{"a"}, 0)
	if err != nil || w.Flush() != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "\ufeffrow,code,reason,原因,a\n" {
		t.Errorf("begun anew: %q, %v", b, err)
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	data := "手机\n" + strings.Repeat("13800138000\n", 1000)
	sink := newMemory()
	counts, err := Run(ctx, strings.NewReader(data), int64(len(data)), "x", Options{BlockRows: 10}, sink, nil, func(c Counts) {
		if c.Rows == 30 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || counts.Rows < 30 || counts.Rows > 60 || counts.ResumeRow != counts.Rows+1 {
		t.Errorf("cancelled at %+v, %v", counts, err)
	}
}

func TestReadNumbers(t *testing.T) {
	data := gb(t, "号码,原因\n13800138000,投诉\n0755-12345678,\n170*,虚商\n+1 202 555 0123,\n4008001234,\n86*,全国\nabc,\n16012345678,新号段\n")
	var got []models.BlacklistEntry
	c := &collect{}
	counts, err := ReadNumbers(context.Background(), bytes.NewReader(data), int64(len(data)), "b.txt", Options{OrganizationID: 7}, func(es []models.BlacklistEntry) error {
		got = append(got, es...)
		return nil
	}, c)
	if err != nil || counts.Rows != 8 || counts.Valid != 6 || counts.Rejected != 2 {
		t.Fatalf("counts %+v, %v, rejects %v", counts, err, c.codes())
	}
	want := []models.BlacklistEntry{
		{OrganizationID: 7, Number: "+8613800138000", Source: "import", Reason: "投诉"},
		{OrganizationID: 7, Number: "+8675512345678", Source: "import"},
		{OrganizationID: 7, Number: "+86170", Prefix: true, Source: "import", Reason: "虚商"},
		{OrganizationID: 7, Number: "+12025550123", Source: "import"},
		{OrganizationID: 7, Number: "+864008001234", Source: "import"},
		{OrganizationID: 7, Number: "+8616012345678", Source: "import", Reason: "新号段"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("entries %+v\nwant %+v", got, want)
	}
	if !slices.Equal(c.codes(), []string{"7:prefix_too_short", "8:number_letters"}) || c.flushed != 2 {
		t.Errorf("rejects %v", c.codes())
	}
}
