package dialplan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"waihu/controller/clock"
	"waihu/models"
)

// Switch is what a publisher needs of the event socket. Both functions give the raw text of the answer.
type Switch interface {
	// ReloadXML runs reloadxml. The text "+OK [[error near line 451]: …]" is a failure in spite of its +OK.
	ReloadXML(ctx context.Context) (string, error)
	// LocateContext runs xml_locate dialplan context name NAME. A *models.Error of the kind not_found says that there is
	// none.
	LocateContext(ctx context.Context, name string) (string, error)
}

const reloaded = "+OK [Success]"

// Config says where and how a publisher works. Zero fields take the defaults.
type Config struct {
	Dir      string        // the folder that the switch includes; history is kept in its subfolder "history"
	Keep     int           // revisions kept for History and Rollback, default 20
	Grace    time.Duration // how long the extensions of a superseded revision stay for calls that began under it, default 2 h
	Debounce time.Duration // publishes within this time share one reloadxml, default 200 ms
	Timeout  time.Duration // of one publish with its restore, default 20 s
	Clock    clock.Clock   // default the wall clock
}

// Publisher brings plans to the switch as files. It may be used by several goroutines; one reload runs at a time.
type Publisher struct {
	cfg  Config
	sw   Switch
	past history

	mu   sync.Mutex
	next *batch // publishes that wait for the next reload

	running sync.Mutex // held by the publish that is under way
}

type batch struct {
	plan Plan
	over string // hash of the edited file that may be overwritten
	done chan struct{}
	rev  Revision
	err  error
}

// NewPublisher makes a publisher for a folder, which is created when it is not there. Half-written files of a killed
// predecessor are removed.
func NewPublisher(cfg Config, sw Switch) (*Publisher, error) {
	if cfg.Clock == nil {
		cfg.Clock = clock.Real()
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 20
	}
	orDuration(&cfg.Grace, 2*time.Hour)
	orDuration(&cfg.Debounce, 200*time.Millisecond)
	orDuration(&cfg.Timeout, 20*time.Second)
	if err := ensureDir(cfg.Dir); err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(cfg.Dir, FileName+".*.new"))
	if err != nil {
		return nil, fmt.Errorf("clean dialplan folder: %w", err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return nil, fmt.Errorf("clean dialplan folder: %w", err)
		}
	}
	return &Publisher{cfg: cfg, sw: sw, past: history{filepath.Join(cfg.Dir, "history")}}, nil
}

func orDuration(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}

func (p *Publisher) file() string { return filepath.Join(p.cfg.Dir, FileName) }

// Publish brings a whole plan live and returns when the switch has it, or when the previous revision is restored.
// Publishes that come within Config.Debounce share one reload; the last plan wins, and all of them get its result. A
// publish that has begun is not cancelled by ctx, so that nothing is left half done. Errors that are *models.Error are for
// the operator: a bad plan, a file edited by hand (code drift), a switch that refuses (reload_refused) or does not show the
// revision (not_live).
func (p *Publisher) Publish(ctx context.Context, plan Plan) (Revision, error) {
	return p.publish(ctx, plan, "")
}

// Overwrite is Publish over a file that was edited by hand. Seen is Drift.Seen of the text that the operator looked at: an
// edit made since then still stops the publish. The edited text is kept in the history folder.
func (p *Publisher) Overwrite(ctx context.Context, plan Plan, seen string) (Revision, error) {
	return p.publish(ctx, plan, seen)
}

func (p *Publisher) publish(ctx context.Context, plan Plan, over string) (Revision, error) {
	if err := plan.Validate(); err != nil {
		return Revision{}, err
	}
	p.mu.Lock()
	b, leads := p.next, false
	if b == nil {
		b, leads = &batch{done: make(chan struct{})}, true
		p.next = b
	}
	b.plan = plan
	if over != "" {
		b.over = over
	}
	p.mu.Unlock()
	if leads {
		p.lead(context.WithoutCancel(ctx), b)
	}
	select {
	case <-b.done:
		return b.rev, b.err
	case <-ctx.Done():
		return Revision{}, fmt.Errorf("wait for the dialplan to be published: %w", ctx.Err())
	}
}

func (p *Publisher) lead(ctx context.Context, b *batch) {
	clock.Sleep(nil, p.cfg.Clock, p.cfg.Debounce)
	p.running.Lock()
	defer p.running.Unlock()
	p.mu.Lock()
	p.next = nil
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	b.rev, b.err = p.run(ctx, b)
	close(b.done)
}

// run is one publish: check, write, reload, verify, and back again if that fails.
func (p *Publisher) run(ctx context.Context, b *batch) (Revision, error) {
	before, err := p.current()
	if err != nil {
		return Revision{}, err
	}
	if err := p.guardDrift(before, b.over); err != nil {
		return Revision{}, err
	}
	past, err := p.past.list()
	if err != nil {
		return Revision{}, err
	}
	now := p.cfg.Clock.Now()
	kept, err := stillNeeded(past, p.cfg.Grace, now)
	if err != nil {
		return Revision{}, err
	}
	rev, err := render(b.plan, kept)
	if err != nil {
		return Revision{}, err
	}
	data := rev.Files[FileName]
	if !bytes.Equal(before, data) {
		if err := replaceFile(p.file(), data); err != nil {
			return Revision{}, err
		}
	}
	if err := p.goLive(ctx, rev.Stamp); err != nil {
		return Revision{}, p.restore(ctx, before, rev, err)
	}
	return rev, p.record(b.plan, rev, past, now)
}

// current is the text of the live file; nil when there is none.
func (p *Publisher) current() ([]byte, error) {
	data, err := os.ReadFile(p.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read live dialplan: %w", err)
	}
	return data, nil
}

// goLive reloads, unless the switch has the revision already, and demands proof.
func (p *Publisher) goLive(ctx context.Context, stamp string) error {
	if live, err := p.Live(ctx); err != nil || live == stamp {
		return err
	}
	text, err := p.sw.ReloadXML(ctx)
	if err != nil {
		return fmt.Errorf("reload the switch's XML: %w", err)
	}
	if strings.TrimRight(text, "\n") != reloaded {
		return models.NewError(models.Conflict, "switch", "reload_refused",
			fmt.Sprintf("The switch did not take its configuration: %q. The line is that of the merged file (freeswitch.xml.fsxml in its log folder); mend that file, then publish again. The old dialplan stays.", strings.TrimSpace(text)),
			fmt.Sprintf("交换机拒绝加载配置：%q。行号指合并后的文件（日志目录下的 freeswitch.xml.fsxml）；请修正后重新发布。旧的拨号方案仍然有效。", strings.TrimSpace(text)))
	}
	live, err := p.Live(ctx)
	if err != nil {
		return err
	}
	if live != stamp {
		return models.NewError(models.Conflict, "switch", "not_live",
			fmt.Sprintf("The switch reloaded but shows revision %q instead of %q: it does not include this folder (install freeswitch-conf), or another file has the context %q.", live, stamp, Context),
			fmt.Sprintf("交换机已重新加载，但版本是 %q 而不是 %q：交换机没有包含该目录（请安装 freeswitch-conf），或有其他文件定义了 %q。", live, stamp, Context))
	}
	return nil
}

// restore puts the previous text back and reloads it. The cause stays the error; what goes wrong on the way is added.
func (p *Publisher) restore(ctx context.Context, before []byte, rev Revision, cause error) error {
	cause = fmt.Errorf("publish dialplan %s: %w", rev.Stamp, cause)
	var err error
	if before == nil {
		err = os.Remove(p.file())
	} else {
		err = replaceFile(p.file(), before)
	}
	if err != nil {
		return errors.Join(cause, fmt.Errorf("restore the previous dialplan: %w", err))
	}
	// The time of the publish may be used up by a switch that does not answer; going back has its own.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.Timeout)
	defer cancel()
	if _, err := p.sw.ReloadXML(ctx); err != nil {
		return errors.Join(cause, fmt.Errorf("reload the restored dialplan: %w", err))
	}
	return cause
}

func (p *Publisher) record(plan Plan, rev Revision, past []Published, now time.Time) error {
	alone, err := Render(plan)
	if err != nil {
		return err
	}
	entry := Published{Seq: 1, Stamp: rev.Stamp, PlanStamp: alone.Stamp, At: now.UTC(), Plan: plan, File: string(rev.Files[FileName])}
	if len(past) > 0 {
		entry.Seq = past[0].Seq + 1
		if past[0].Stamp == rev.Stamp && past[0].PlanStamp == alone.Stamp {
			return nil
		}
	}
	if entry.Kept, err = added(alone.Files[FileName], rev.Files[FileName]); err != nil {
		return err
	}
	if err := p.past.add(entry); err != nil {
		return err
	}
	return p.past.prune(slices.Insert(past, 0, entry), p.cfg.Keep, p.cfg.Grace, now)
}

// added names the extensions that the second text has and the first has not. Both were rendered by us.
func added(a, b []byte) ([]string, error) {
	from, err := Read(a)
	if err != nil {
		return nil, err
	}
	to, err := Read(b)
	if err != nil {
		return nil, err
	}
	have := from.byName()
	var names []string
	for _, e := range to.Extensions {
		if _, there := have[e.Name]; !there {
			names = append(names, e.Name)
		}
	}
	return names, nil
}

// Live asks the switch for the stamp that it has loaded; "" when it has none of our dialplans.
func (p *Publisher) Live(ctx context.Context) (string, error) {
	text, err := p.sw.LocateContext(ctx, Context)
	if models.IsKind(err, models.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask the switch for its dialplan: %w", err)
	}
	return Stamp(text), nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
