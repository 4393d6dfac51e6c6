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

// lookEvery is how often progress is looked at; a look that took long is followed by a longer pause, but not longer than
// lookMost: the process may have slept, or waited for the floor.
const (
	lookEvery = 250 * time.Millisecond
	lookMost  = 5 * time.Second
)

// withFloor runs f while the floor runs and the switch is connected; then the floor is let to its end.
func (p *plant) withFloor(ctx context.Context, f func(context.Context) error) error {
	hold, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var wg sync.WaitGroup
	var floorErr error
	wg.Go(func() { floorErr = p.floor.Run(hold) })
	err := p.awaitSwitch(ctx)
	if err == nil {
		err = f(ctx)
	}
	stop()
	wg.Wait()
	return errors.Join(err, floorErr)
}

// runCampaign runs a campaign to its end and shows how far it is. When ctx ends, dialling stops and calls in progress are let
// to their end.
func (a *app) runCampaign(ctx context.Context, p *plant, id int64) error {
	return p.withFloor(ctx, func(ctx context.Context) error {
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
		return errors.Join(ctx.Err(), p.floor.PauseCampaign(pause, id, "interrupted"))
	})
}

// testCall dials one number outside the list (单条测试) and says how it ended. The campaign is not started by it.
func (a *app) testCall(ctx context.Context, p *plant, id int64, raw string) error {
	return p.withFloor(ctx, func(ctx context.Context) error {
		o := intakeOptions(p.l.Config)
		attempt, err := p.floor.TestCall(ctx, id, raw, o.Region, o.Policy)
		if err != nil {
			return err
		}
		for {
			v, err := p.store.Attempt(ctx, attempt)
			switch {
			case err != nil:
				return err
			case v.State == models.AttemptReleased:
				return models.NewError(models.Conflict, "--test", "not_dialled", "the number was not dialled: it is on the blacklist, or the switch went away", "号码未呼叫：在黑名单中，或交换机断开")
			case v.State == models.AttemptEnded:
				a.say("test call to %s: %s, %s, %.1f s, keys %q", "测试呼叫 %s：%s，%s，%.1f 秒，按键 %q", v.Number, v.Outcome, v.Cause, float64(v.TalkMS)/1000, models.Digits(v.Keys))
				return nil
			}
			if !clock.Sleep(ctx.Done(), clock.Real(), lookEvery) {
				return ctx.Err()
			}
		}
	})
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

// awaitSwitch waits for the event socket. When it does not answer, a wrong address or password is told after five seconds;
// when it does, the floor may still be waiting for the lease of a process that was killed, which ends after a quarter of a
// minute.
func (p *plant) awaitSwitch(ctx context.Context) error {
	for i := range 300 {
		if p.client.Connected() {
			return nil
		}
		if i == 50 {
			if err := p.probe(ctx); err != nil {
				return err
			}
		}
		if !clock.Sleep(ctx.Done(), clock.Real(), 100*time.Millisecond) {
			return ctx.Err()
		}
	}
	return models.NewError(models.Conflict, "switch.addr", "not_ready", "the switch answers but the floor did not begin: another waihu holds it, or events did not come; stop the other one, or run waihu doctor",
		"交换机有应答但未能开始：可能另一个 waihu 正在运行，或未收到事件；请停止另一个，或执行 waihu doctor")
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
		if !clock.Sleep(ctx.Done(), clock.Real(), min(max(lookEvery, 10*took), lookMost)) {
			return ctx.Err()
		}
	}
}

// lineOf says what is going on: calls in progress, and why nothing is dialled if nothing is.
func (a *app) lineOf(ctx context.Context, p *plant, id int64) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	v, err := p.floor.View(ctx)
	if err != nil {
		return a.gate(models.GateNoLease)
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
