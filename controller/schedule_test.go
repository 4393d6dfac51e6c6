package controller

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"waihu/controller/clock"
)

func TestOldCallRecordsAreSwept(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{"a_1.cdr.json": 8 * 24 * time.Hour, "a_2.cdr.json": time.Hour, "notes.txt": 99 * 24 * time.Hour} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	c := Chores{CDRDir: dir, Keep: 7 * 24 * time.Hour, Clock: clock.NewVirtual(now, 1)}
	if n, err := c.removeRecords(context.Background()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	for name, want := range map[string]bool{"a_1.cdr.json": false, "a_2.cdr.json": true, "notes.txt": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s is there: %v", name, err == nil)
		}
	}
	c.CDRDir = filepath.Join(dir, "nowhere")
	if n, err := c.removeRecords(context.Background()); n != 0 || err != nil {
		t.Fatal("a missing folder is no error", err)
	}
}
