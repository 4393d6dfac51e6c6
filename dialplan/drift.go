package dialplan

import (
	"context"
	"fmt"
	"path/filepath"

	"waihu/models"
)

// Drift says whether the live file was edited by hand since it was generated.
type Drift struct {
	Edited  bool
	Seen    string   // names the edited text for Overwrite
	Changes []Change // against the last published revision, when both can be read
	Fault   string   // why the edited text cannot be read or would not pass, "" if it would
}

// Drift looks for edits by hand. A file that is missing is not an edit: the next publish writes it.
func (p *Publisher) Drift() (Drift, error) {
	data, err := p.current()
	if err != nil || data == nil || genuine(data) {
		return Drift{}, err
	}
	d := Drift{Edited: true, Seen: hashOf(data)}
	if err := checkLines(data); err != nil {
		d.Fault = err.Error()
	}
	past, err := p.past.list()
	if err != nil {
		return Drift{}, err
	}
	if len(past) == 0 {
		return d, nil
	}
	if d.Changes, err = Diff([]byte(past[0].File), data); err != nil && d.Fault == "" {
		d.Fault = err.Error()
	}
	return d, nil
}

// guardDrift stops a publish over an edited file unless exactly that text may be overwritten, and then keeps a copy.
func (p *Publisher) guardDrift(before []byte, over string) error {
	if before == nil || genuine(before) {
		return nil
	}
	seen := hashOf(before)
	if over != seen {
		return models.NewError(models.Conflict, "dialplan", "drift",
			FileName+" was edited by hand; look at the difference, carry the change into the campaign's settings, then publish with overwrite.",
			FileName+" 被手工修改过；请查看差异，把改动写入任务设置，然后选择覆盖发布。")
	}
	copyTo := filepath.Join(p.past.dir, "edited-"+seen[:12]+".txt")
	if err := ensureDir(p.past.dir); err != nil {
		return err
	}
	if err := replaceFile(copyTo, before); err != nil {
		return fmt.Errorf("keep the edited dialplan: %w", err)
	}
	return nil
}

// Status compares what is saved, what was published and what the switch has.
type Status struct {
	Saved     string // stamp of the plan that was asked about
	Published string // stamp of the last published plan, comparable with Saved; "" = never published
	File      string // stamp of the last published file, which may hold more than its plan
	Live      string // stamp on the switch, comparable with File
	Pending   bool   // saved ≠ live: the yellow bar (S2-03)
	Drift     bool   // the file was edited by hand
}

// Status says whether a saved plan is live.
func (p *Publisher) Status(ctx context.Context, saved Plan) (Status, error) {
	rev, err := Render(saved)
	if err != nil {
		return Status{}, err
	}
	s := Status{Saved: rev.Stamp}
	past, err := p.past.list()
	if err != nil {
		return Status{}, err
	}
	if len(past) > 0 {
		s.Published, s.File = past[0].PlanStamp, past[0].Stamp
	}
	drift, err := p.Drift()
	if err != nil {
		return Status{}, err
	}
	s.Drift = drift.Edited
	if s.Live, err = p.Live(ctx); err != nil {
		return Status{}, err
	}
	s.Pending = s.Saved != s.Published || s.Live != s.File
	return s, nil
}

// Pending reports whether a saved plan is not what the switch has.
func (p *Publisher) Pending(ctx context.Context, saved Plan) (bool, error) {
	s, err := p.Status(ctx, saved)
	return s.Pending, err
}

// History lists the published revisions that are kept, the newest first.
func (p *Publisher) History() ([]Published, error) { return p.past.list() }

// Diff compares two published revisions.
func (p *Publisher) Diff(from, to string) ([]Change, error) {
	a, err := p.revision(from)
	if err != nil {
		return nil, err
	}
	b, err := p.revision(to)
	if err != nil {
		return nil, err
	}
	return Diff([]byte(a.File), []byte(b.File))
}

// Rollback publishes the plan of an earlier revision again.
func (p *Publisher) Rollback(ctx context.Context, stamp string) (Revision, error) {
	old, err := p.revision(stamp)
	if err != nil {
		return Revision{}, err
	}
	return p.Publish(ctx, old.Plan)
}

func (p *Publisher) revision(stamp string) (Published, error) {
	past, err := p.past.list()
	if err != nil {
		return Published{}, err
	}
	for _, r := range past {
		if r.Stamp == stamp {
			return r, nil
		}
	}
	return Published{}, noSuchRevision(stamp)
}
