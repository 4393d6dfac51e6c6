package imports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"waihu/controller/intake"
	"waihu/models"
)

// atOnce bounds how many imports run side by side: they share the database with the calls.
const atOnce = 2

// uploadsKept is how old an upload that was not imported may grow, in hours.
const uploadsKept = 24

// Run goes on with the imports that an earlier process left, then runs those that Import begins, until ctx ends; what is
// under way then is gone on with after the next start.
func (d *Desk) Run(ctx context.Context) error {
	d.clean()
	left, err := d.left(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.Error("imports of an earlier process not found", "err", err)
	}
	jobs := make(chan int64)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for id := range jobs {
				d.one(ctx, id)
			}
		})
	}
	defer workers.Wait()
	defer close(jobs)
	for {
		var out chan<- int64
		var next int64
		if len(left) > 0 {
			out, next = jobs, left[0]
		}
		select {
		case id := <-d.begin:
			left = append(left, id)
		case out <- next:
			left = left[1:]
		case <-ctx.Done():
			return nil
		}
	}
}

// left finds the lists whose import was begun and not ended.
func (d *Desk) left(ctx context.Context) ([]int64, error) {
	entries, err := os.ReadDir(filepath.Join(d.cfg.Dir, "lists"))
	if err != nil {
		return nil, fmt.Errorf("look for imports: %w", err)
	}
	var ids []int64
	for _, e := range entries {
		id, err := strconv.ParseInt(e.Name(), 10, 64)
		if err != nil {
			continue
		}
		list, err := d.store.ContactList(ctx, id)
		switch {
		case models.IsKind(err, models.NotFound):
			if err := d.Forget(id); err != nil {
				d.log.Warn("files of a deleted list stay", "list", id, "err", err)
			}
		case err != nil:
			return ids, fmt.Errorf("look for imports: %w", err)
		case list.State == models.ListImporting && !d.queued(id):
			d.note(id, Progress{})
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (d *Desk) queued(id int64) bool {
	_, ok := d.Progress(id)
	return ok
}

// clean removes uploads that nobody imported.
func (d *Desk) clean() {
	dir := filepath.Join(d.cfg.Dir, "uploads")
	entries, err := os.ReadDir(dir)
	if err != nil {
		d.log.Warn("old uploads not removed", "err", err)
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && d.cfg.Clock.Now().Sub(info.ModTime()).Hours() > uploadsKept {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				d.log.Warn("old upload not removed", "upload", e.Name(), "err", err)
			}
		}
	}
}

// one runs an import to its end and writes down how it ended. An end of ctx leaves it as it is.
func (d *Desk) one(ctx context.Context, id int64) {
	defer d.done(id)
	err := d.fill(ctx, id)
	if ctx.Err() != nil {
		return
	}
	state := models.ListReady
	if err != nil {
		state = models.ListFailed
		d.log.Error("import failed", "list", id, "err", err)
	}
	if err := d.store.SetListState(ctx, id, state); err != nil {
		d.log.Error("import not written down", "list", id, "err", err)
		return
	}
	d.log.Info("import ended", "list", id, "state", state)
}

// fill reads the file of a list from where it stands.
func (d *Desk) fill(ctx context.Context, id int64) (err error) {
	list, err := d.store.ContactList(ctx, id)
	if err != nil {
		return err
	}
	var j job
	if err := readJSON(filepath.Join(d.listDir(id), jobFile), &j); err != nil {
		return fmt.Errorf("import list %d: %w", id, err)
	}
	file, err := os.Open(filepath.Join(d.listDir(id), contentFile))
	if err != nil {
		return fmt.Errorf("import list %d: %w", id, err)
	}
	defer file.Close()
	out, err := os.OpenFile(filepath.Join(d.listDir(id), rejectsFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the rejects of list %d: %w", id, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	rejects, err := intake.ResumeRejects(out, list.Columns, list.ResumeRow)
	if err != nil {
		return err
	}
	o := d.options(j.Shape)
	o.OrganizationID, o.ListID, o.FromRow = list.OrganizationID, list.ID, list.ResumeRow
	o.Counts = intake.Counts{Rows: list.Rows, Valid: list.Valid, Duplicates: list.Duplicates, Blacklisted: list.Blacklisted,
		Rejected: list.Rejected, ResumeRow: list.ResumeRow, Size: j.Upload.Size}
	_, err = intake.Run(ctx, file, j.Upload.Size, j.Upload.Name, o, d.store, rejects, func(c intake.Counts) {
		d.note(id, Progress{Bytes: c.Bytes, Size: c.Size})
	})
	return errors.Join(err, rejects.Flush())
}
