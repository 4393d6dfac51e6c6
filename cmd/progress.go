package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"waihu/controller/clock"
	"waihu/models"
)

// lookEvery is how often progress is looked at; a look that took long is followed by a longer pause.
const lookEvery = 250 * time.Millisecond

// runCampaign starts the floor, runs the campaign to its end and shows how far it is. When ctx ends, dialling stops and calls in
// progress are let to their end.
func (a *app) runCampaign(ctx context.Context, p *plant, id int64) error {
	hold, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	var floorErr error
	wg.Go(func() { floorErr = p.floor.Run(hold) })
	defer wg.Wait()
	defer stop()
	if err := p.awaitSwitch(ctx); err != nil {
		return err
	}
	if err := a.begin(ctx, p, id); err != nil {
		return err
	}
	err := a.watch(ctx, p, id)
	if ctx.Err() == nil {
		return err
	}
	a.note("stopping: no new calls, those in progress go on to their end; go on later with --resume %d", "正在停止：不再发起新呼叫，等待通话结束；之后可用 --resume %d 继续", id)
	pause, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(ctx.Err(), p.floor.PauseCampaign(pause, id, "interrupted"), floorErr)
}

// begin starts a campaign, unless it runs already because an earlier process was killed.
func (a *app) begin(ctx context.Context, p *plant, id int64) error {
	c, err := p.store.Campaign(ctx, id)
	if err == nil {
		err = a.gateways(ctx, p, c)
	}
	if err != nil || c.State == models.CampaignRunning || c.State == models.CampaignFinished {
		return err
	}
	return p.floor.StartCampaign(ctx, id)
}

// awaitSwitch waits a moment for the event socket, so that a wrong address or password is told at once.
func (p *plant) awaitSwitch(ctx context.Context) error {
	for range 50 {
		if p.client.Connected() {
			return nil
		}
		if !clock.Sleep(ctx.Done(), clock.Real(), 100*time.Millisecond) {
			return ctx.Err()
		}
	}
	if err := p.probe(ctx); err != nil {
		return err
	}
	return models.NewError(models.Conflict, "switch.addr", "not_ready", "the switch answers but events did not come; try again, or run waihu doctor",
		"交换机有应答但未收到事件，请重试或执行 waihu doctor")
}

// watch shows the progress until the campaign has ended.
func (a *app) watch(ctx context.Context, p *plant, id int64) error {
	b := a.bar()
	defer b.close()
	for {
		began := clock.Real().Now()
		c, err := p.store.Campaign(ctx, id)
		if err != nil {
			return err
		}
		done, err := p.store.Progress(ctx, id)
		if err != nil {
			return err
		}
		b.show(a.lineOf(ctx, p, id), done)
		if c.State == models.CampaignFinished || c.State == models.CampaignStopped {
			return nil
		}
		took := clock.Real().Now().Sub(began)
		if !clock.Sleep(ctx.Done(), clock.Real(), max(lookEvery, 10*took)) {
			return ctx.Err()
		}
	}
}

// lineOf says what is going on: calls in progress, and why nothing is dialled if nothing is.
func (a *app) lineOf(ctx context.Context, p *plant, id int64) string {
	v, err := p.floor.View(ctx)
	if err != nil {
		return ""
	}
	c := v.Campaigns[id]
	line := fmt.Sprintf(a.t("%d in progress", "通话中 %d"), c.InFlight)
	if c.InFlight == 0 && c.Why != models.GateOpen && c.Why != models.GateFinished {
		line = fmt.Sprintf(a.t("waiting: %s", "等待：%s"), a.gate(c.Why))
		if !c.Until.IsZero() {
			line += " → " + c.Until.Local().Format("01-02 15:04")
		}
	}
	return line
}

// bar shows progress on a terminal as a bar, elsewhere as a line now and then.
type bar struct {
	a    *app
	p    *progressbar.ProgressBar
	last int64
}

func (a *app) bar() *bar {
	b := &bar{a: a, last: -1}
	if f, ok := a.err.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		b.p = progressbar.NewOptions64(1, progressbar.OptionSetWriter(f), progressbar.OptionShowCount(), progressbar.OptionSetWidth(30),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionUseANSICodes(true), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return b
}

func (b *bar) show(line string, p models.Progress) {
	done, all := p.Done+p.Skipped, max(p.Leads, 1)
	if b.p != nil {
		b.p.ChangeMax64(all)
		b.p.Describe(line)
		if err := b.p.Set64(done); err != nil {
			b.p = nil // a terminal that went away; the campaign goes on
		}
		return
	}
	if tenth := done * 10 / all; tenth != b.last {
		b.last = tenth
		b.a.note("%d of %d numbers done, %s", "已完成 %d / %d，%s", done, p.Leads, line)
	}
}

func (b *bar) close() {
	if b.p != nil {
		fmt.Fprintln(b.a.err)
	}
}
