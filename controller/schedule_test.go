package controller

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/models"
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

// shelf is recordings by id, marked when they are deleted.
type shelf map[string]*models.Recording

func (s shelf) OldRecordings(_ context.Context, before time.Time, limit int) ([]models.Recording, error) {
	var old []models.Recording
	for _, r := range s {
		if r.DeletedAt == nil && r.StartedAt.Before(before) && len(old) < min(limit, 2) {
			old = append(old, *r)
		}
	}
	return old, nil
}

func (s shelf) RecordingDeleted(_ context.Context, id string, now time.Time) error {
	s[id].DeletedAt = &now
	return nil
}

func TestOldRecordingsAreDeleted(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		keep time.Duration
		gone []string
	}{
		"sixty days": {60 * day, []string{"100", "61"}}, "less than the floor": {day, []string{"100", "61", "31"}}, "for ever": {0, nil},
	} {
		dir, books := t.TempDir(), shelf{}
		for _, age := range []int{100, 61, 31, 29} {
			id := strconv.Itoa(age)
			books[id] = &models.Recording{ID: id, Path: id + ".wav", StartedAt: now.Add(-time.Duration(age) * day)}
			if age == 61 {
				continue // its file is gone already
			}
			if err := os.WriteFile(filepath.Join(dir, id+".wav"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		chores := Chores{Recordings: books, RecordingsDir: dir, KeepRecordings: c.keep, Clock: clock.NewVirtual(now, 1)}
		if n, err := chores.removeRecordings(t.Context()); n != len(c.gone) || err != nil {
			t.Errorf("%s: %d deleted, %v", name, n, err)
		}
		for id, r := range books {
			_, err := os.Stat(filepath.Join(dir, r.Path))
			gone := slices.Contains(c.gone, id)
			if gone != (r.DeletedAt != nil) || gone && !os.IsNotExist(err) || !gone && id != "61" && err != nil {
				t.Errorf("%s: recording of %s days: deleted %v, file %v", name, id, r.DeletedAt, err)
			}
		}
	}
	books := shelf{"x": {ID: "x", Path: "../outside.wav"}}
	chores := Chores{Recordings: books, RecordingsDir: t.TempDir(), KeepRecordings: LeastKeep, Clock: clock.NewVirtual(now, 1)}
	if _, err := chores.removeRecordings(t.Context()); err == nil {
		t.Error("a path that leads out of the folder was followed")
	}
}

// left is a shelf of messages.
type left map[string]*models.Message

func (l left) OldMessages(_ context.Context, before time.Time, limit int) ([]models.Message, error) {
	var out []models.Message
	for _, m := range l {
		if m.DeletedAt == nil && m.LeftAt.Before(before) && len(out) < limit {
			out = append(out, *m)
		}
	}
	return out, nil
}

func (l left) MessageDeleted(_ context.Context, id string, now time.Time) error {
	l[id].DeletedAt = &now
	return nil
}

// Messages are kept as long as recordings.
func TestOldMessagesAreDeleted(t *testing.T) {
	now, dir := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), t.TempDir()
	books := left{"old": {ID: "old", Path: "messages/old.wav", LeftAt: now.AddDate(0, 0, -61)}, "new": {ID: "new", Path: "messages/new.wav", LeftAt: now.AddDate(0, 0, -59)}}
	if err := os.Mkdir(filepath.Join(dir, models.MessageFolder), 0o750); err != nil {
		t.Fatal(err)
	}
	for _, m := range books {
		if err := os.WriteFile(filepath.Join(dir, m.Path), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	chores := Chores{Messages: books, RecordingsDir: dir, KeepRecordings: 60 * 24 * time.Hour, Clock: clock.NewVirtual(now, 1)}
	if n, err := chores.removeRecordings(t.Context()); n != 1 || err != nil {
		t.Errorf("%d deleted, %v", n, err)
	}
	for id, m := range books {
		if _, err := os.Stat(filepath.Join(dir, m.Path)); (id == "old") != os.IsNotExist(err) || (id == "old") != (m.DeletedAt != nil) {
			t.Errorf("message %s: deleted %v, file %v", id, m.DeletedAt, err)
		}
	}
}
