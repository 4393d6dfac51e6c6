package controller

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"waihu/controller/clock"
	"waihu/models"
)

// Chores are what is done by the calendar, apart from calls: calling hours are checked at each call, never by cron, which
// skips jobs in the hour that summer time takes away.
type Chores struct {
	CDRDir string        // the switch's call records
	Keep   time.Duration // how long they are kept, default 7 days

	Recordings     OldRecordings // nil: none are deleted
	RecordingsDir  string        // as we see it
	KeepRecordings time.Duration // how long; 0 = for ever
	Messages       OldMessages   // nil: none are deleted; they are kept as long as recordings, in their folder

	Pacing     OldPacing // nil: nothing is forgotten
	KeepPacing time.Duration

	Clock  clock.Clock // default the wall clock
	Logger *slog.Logger
}

// OldRecordings are the recordings whose time is over.
type OldRecordings interface {
	OldRecordings(ctx context.Context, before time.Time, limit int) ([]models.Recording, error)
	RecordingDeleted(ctx context.Context, id string, now time.Time) error
}

// OldMessages are the callers' messages whose time is over.
type OldMessages interface {
	OldMessages(ctx context.Context, before time.Time, limit int) ([]models.Message, error)
	MessageDeleted(ctx context.Context, id string, now time.Time) error
}

// OldPacing are decisions of pacing whose time is over.
type OldPacing interface {
	ForgetPacing(ctx context.Context, before time.Time) error
}

// LeastKeep is the floor of the retention of recordings: a setting that was mistyped must not delete what is asked for.
const LeastKeep = 30 * 24 * time.Hour

// Housekeeping runs the chores until the returned function is called, which waits for the one under way.
func Housekeeping(ctx context.Context, c Chores) (stop func(), err error) {
	if c.Keep <= 0 {
		c.Keep = 7 * 24 * time.Hour
	}
	if c.Clock == nil {
		c.Clock = clock.Real()
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	silent := cron.DiscardLogger
	runner := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(silent), cron.WithChain(cron.Recover(silent), cron.SkipIfStillRunning(silent)))
	if _, err := runner.AddFunc("@hourly", func() { c.sweep(ctx) }); err != nil {
		return nil, fmt.Errorf("plan the chores: %w", err)
	}
	runner.Start()
	return func() { <-runner.Stop().Done() }, nil
}

// sweep removes call records that no open attempt can still need.
func (c Chores) sweep(ctx context.Context) {
	removed, err := c.removeRecords(ctx)
	if err != nil {
		c.Logger.Error("old call records not removed", "dir", c.CDRDir, "err", err)
	}
	if removed > 0 {
		c.Logger.Info("old call records removed", "files", removed)
	}
	if removed, err = c.removeRecordings(ctx); err != nil {
		c.Logger.Error("old recordings not deleted", "dir", c.RecordingsDir, "err", err)
	}
	if removed > 0 {
		c.Logger.Info("old recordings deleted", "files", removed)
	}
	if c.Pacing == nil || c.KeepPacing <= 0 {
		return
	}
	if err := c.Pacing.ForgetPacing(ctx, c.Clock.Now().Add(-c.KeepPacing)); err != nil {
		c.Logger.Error("old decisions of pacing not deleted", "err", err)
	}
}

// sweepRecordings is how many recordings are read at a time.
const sweepRecordings = 100

// removeRecordings deletes recordings and messages whose time is over: first the file, then the row says so. A file that is gone
// already is no fault.
func (c Chores) removeRecordings(ctx context.Context) (removed int, err error) {
	if c.KeepRecordings <= 0 || c.Recordings == nil && c.Messages == nil {
		return 0, nil
	}
	dir, err := os.OpenRoot(c.RecordingsDir)
	if err != nil {
		return 0, fmt.Errorf("open the folder of recordings: %w", err)
	}
	defer dir.Close()
	before := c.Clock.Now().Add(-max(c.KeepRecordings, LeastKeep))
	for _, kind := range c.kinds() {
		for ctx.Err() == nil {
			old, err := kind.old(ctx, before)
			if err != nil {
				return removed, err
			}
			for id, path := range old {
				if err := dir.Remove(filepath.FromSlash(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return removed, fmt.Errorf("remove recording %s: %w", id, err)
				}
				if err := kind.gone(ctx, id, c.Clock.Now()); err != nil {
					return removed, err
				}
				removed++
			}
			if len(old) == 0 {
				break
			}
		}
	}
	return removed, nil
}

// oldFiles are files of one kind whose time is over, their paths by id.
type oldFiles struct {
	old  func(ctx context.Context, before time.Time) (map[string]string, error)
	gone func(ctx context.Context, id string, now time.Time) error
}

func (c Chores) kinds() []oldFiles {
	var out []oldFiles
	if c.Recordings != nil {
		out = append(out, oldFiles{func(ctx context.Context, before time.Time) (map[string]string, error) {
			all, err := c.Recordings.OldRecordings(ctx, before, sweepRecordings)
			return pathsOf(all, func(r models.Recording) (string, string) { return r.ID, r.Path }), err
		}, c.Recordings.RecordingDeleted})
	}
	if c.Messages != nil {
		out = append(out, oldFiles{func(ctx context.Context, before time.Time) (map[string]string, error) {
			all, err := c.Messages.OldMessages(ctx, before, sweepRecordings)
			return pathsOf(all, func(m models.Message) (string, string) { return m.ID, m.Path }), err
		}, c.Messages.MessageDeleted})
	}
	return out
}

func pathsOf[T any](all []T, of func(T) (id, path string)) map[string]string {
	out := make(map[string]string, len(all))
	for _, v := range all {
		id, path := of(v)
		out[id] = path
	}
	return out
}

func (c Chores) removeRecords(ctx context.Context) (removed int, err error) {
	entries, err := os.ReadDir(c.CDRDir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("list call records: %w", err)
	}
	before := c.Clock.Now().Add(-c.Keep)
	for _, e := range entries {
		if ctx.Err() != nil {
			return removed, nil
		}
		info, err := e.Info()
		if err != nil || !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".cdr.json") || info.ModTime().After(before) {
			continue
		}
		if err := os.Remove(filepath.Join(c.CDRDir, e.Name())); err != nil {
			return removed, fmt.Errorf("remove call record %s: %w", e.Name(), err)
		}
		removed++
	}
	return removed, nil
}
