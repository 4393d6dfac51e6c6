package imports

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/controller/clock"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cutting is a database that ends the process in the middle of an import.
type cutting struct {
	*store.Store
	after int // blocks
	cut   func()
}

func (c *cutting) AppendContacts(ctx context.Context, listID int64, contacts []models.Contact, counters models.ContactList) ([]int64, error) {
	if c.after--; c.after < 0 {
		c.cut()
		return nil, ctx.Err()
	}
	return c.Store.AppendContacts(ctx, listID, contacts, counters)
}

func desk(t *testing.T, dir string, s Store, most int64) *Desk {
	t.Helper()
	d, err := New(Config{Dir: dir, MaxBytes: most, Clock: clock.Real()}, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// running runs a desk until the returned function is called.
func running(t *testing.T, d *Desk) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// file is a number file of n rows, with a duplicate, an emergency number and a number that is none.
func file(n int) string {
	var b strings.Builder
	b.WriteString("姓名,手机\n")
	for i := range n {
		fmt.Fprintf(&b, "客户%d,138%08d\n", i, i)
	}
	b.WriteString("重复,13800000000\n报警,110\n写错,1380013800O\n")
	return b.String()
}

func organization(t *testing.T, s *store.Store, name string) int64 {
	t.Helper()
	o := models.Organization{Name: name}
	if err := s.CreateOrganization(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func await(t *testing.T, s *store.Store, id int64, want models.ListState) models.ContactList {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		l, err := s.ContactList(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if l.State == want {
			return l
		}
		if !clock.Sleep(ctx.Done(), clock.Real(), 5*time.Millisecond) {
			t.Fatalf("list stays %s: %+v", l.State, l)
		}
	}
}

func rejects(t *testing.T, d *Desk, id int64) []string {
	t.Helper()
	r, err := d.Rejects(id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

func TestImport(t *testing.T) {
	s := storetest.SQLite(t)
	org, dir := organization(t, s, "a"), t.TempDir()
	d := desk(t, dir, s, 1<<20)
	defer running(t, d)()
	u, err := d.Save(org, "../../客户.csv", strings.NewReader(file(50)))
	if err != nil || u.Name != "客户.csv" {
		t.Fatalf("%+v %v", u, err)
	}
	look, err := d.Look(org, u.ID, Shape{})
	if err != nil || look.Column != 1 || len(look.Rows) != 20 || look.Encoding != "utf-8" {
		t.Fatalf("%+v %v", look, err)
	}
	for what, id := range map[string]string{"of nobody": "4f6b8a52-1d0e-4c7f-9b1a-0123456789ab", "a path": "../lists/1", "none": ""} {
		if _, err := d.Look(org, id, Shape{}); !models.IsKind(err, models.NotFound) {
			t.Errorf("upload %s: %v", what, err)
		}
	}
	if _, err := d.Look(org+1, u.ID, Shape{}); !models.IsKind(err, models.NotFound) {
		t.Errorf("another organization looks at it: %v", err)
	}
	list, err := d.Import(t.Context(), org, "wang", u.ID, "十一月", Shape{})
	if err != nil || list.State != models.ListImporting || list.Name != "十一月" {
		t.Fatalf("%+v %v", list, err)
	}
	got := await(t, s, list.ID, models.ListReady)
	if got.Rows != 53 || got.Valid != 50 || got.Duplicates != 1 || got.Rejected != 2 || got.Approval != models.ApprovalPending || got.UploadedBy != "wang" {
		t.Errorf("%+v", got)
	}
	if lines := rejects(t, d, list.ID); len(lines) != 4 {
		t.Errorf("rejects: %q", lines)
	}
	if _, err := d.Import(t.Context(), org, "wang", u.ID, "", Shape{}); !models.IsKind(err, models.NotFound) {
		t.Errorf("an upload is used twice: %v", err)
	}
	if err := d.Forget(list.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Rejects(list.ID); !models.IsKind(err, models.NotFound) {
		t.Errorf("rejects of a forgotten list: %v", err)
	}
}

func TestImportGoesOnAfterARestart(t *testing.T) {
	s := storetest.SQLite(t)
	org, dir := organization(t, s, "a"), t.TempDir()
	ctx, cut := context.WithCancel(t.Context())
	first := desk(t, dir, &cutting{Store: s, after: 1, cut: cut}, 1<<20)
	u, err := first.Save(org, "n.csv", strings.NewReader(file(12_000)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := first.Import(ctx, org, "wang", u.ID, "", Shape{})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Run(ctx); err != nil {
		t.Fatal(err)
	}
	half, err := s.ContactList(t.Context(), list.ID)
	if err != nil || half.State != models.ListImporting || half.Valid != 5000 {
		t.Fatalf("the cut left %+v %v", half, err)
	}
	second := desk(t, dir, s, 1<<20)
	defer running(t, second)()
	got := await(t, s, list.ID, models.ListReady)
	if got.Rows != 12_003 || got.Valid != 12_000 || got.Duplicates != 1 || got.Rejected != 2 {
		t.Errorf("%+v", got)
	}
	if lines := rejects(t, second, list.ID); len(lines) != 4 {
		t.Errorf("rejects: %q", lines)
	}
}

func TestImportRefuses(t *testing.T) {
	s := storetest.SQLite(t)
	org, dir := organization(t, s, "a"), t.TempDir()
	d := desk(t, dir, s, 100)
	if _, err := d.Save(org, "big.csv", strings.NewReader(file(50))); !models.IsKind(err, models.Invalid) {
		t.Errorf("too large: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "uploads")); err != nil || len(left) != 0 {
		t.Errorf("a refused upload leaves %v %v", left, err)
	}
	u, err := d.Save(org, "words.csv", strings.NewReader("姓名,城市\n王芳,深圳\n李伟,广州\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Import(t.Context(), org, "wang", u.ID, "", Shape{}); !models.IsKind(err, models.Invalid) {
		t.Errorf("a file without numbers: %v", err)
	}
	if lists, err := s.ContactLists(t.Context(), org); err != nil || len(lists) != 0 {
		t.Errorf("refused imports leave lists %v %v", lists, err)
	}
}

func TestImportThatCannotGoOnFails(t *testing.T) {
	s := storetest.SQLite(t)
	org, dir := organization(t, s, "a"), t.TempDir()
	d := desk(t, dir, s, 1<<20)
	u, err := d.Save(org, "n.csv", strings.NewReader(file(10)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.Import(t.Context(), org, "wang", u.ID, "", Shape{})
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := d.Progress(list.ID); !ok || p.Size != u.Size {
		t.Errorf("progress before it runs: %+v %v", p, ok)
	}
	if err := os.Remove(filepath.Join(d.listDir(list.ID), contentFile)); err != nil {
		t.Fatal(err)
	}
	defer running(t, d)()
	await(t, s, list.ID, models.ListFailed)
}

func TestPlainName(t *testing.T) {
	for raw, want := range map[string]string{
		"": "numbers", ".": "numbers", "/": "numbers", "a.csv": "a.csv", "../../etc/passwd": "passwd", "名单\n十一月.csv": "名单十一月.csv", "a\xff.csv": "a.csv",
		strings.Repeat("长", 300) + ".csv": strings.Repeat("长", 196) + ".csv",
	} {
		if got := plainName(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
