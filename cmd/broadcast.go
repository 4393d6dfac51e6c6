package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"waihu/config"
	"waihu/controller/campaign"
	"waihu/controller/clock"
	"waihu/controller/results"
	"waihu/models"
	"waihu/models/store"
	"waihu/simulator"
)

type broadcastFlags struct {
	list, column, audio, mode, blacklist, trunk, caller, out, rejects, hours, agentKey, optOutKey string
	concurrency, retries, plays                                                                   int
	simulate                                                                                      bool
	speed                                                                                         float64
	seed                                                                                          uint64
	report                                                                                        string // of the simulated switch; for tests and demonstrations
	test                                                                                          string // number of a single test
	resume                                                                                        int64
}

func newBroadcast(a *app) *cobra.Command {
	var f broadcastFlags
	c := &cobra.Command{
		Use:   "broadcast --list FILE --audio FILE --out FILE",
		Short: a.t("Run one mass call from a number file to a result file", "执行一次群呼：从号码文件到结果文件"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.broadcast(cmd.Context(), f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.list, "list", "", a.t("file with the numbers: CSV, TXT or XLSX", "号码文件：CSV、TXT 或 XLSX"))
	fl.StringVar(&f.column, "column", "", a.t("column of the numbers: heading or place from 1 (default: recognised)", "号码列：表头或序号（默认自动识别）"))
	fl.StringVar(&f.audio, "audio", "", a.t("voice file to play: WAV or MP3", "语音文件：WAV 或 MP3"))
	fl.StringVar(&f.mode, "mode", string(models.ModeVoiceOnly), a.t("voice_only or voice_key", "语音呼叫方式：voice_only 或 voice_key"))
	fl.IntVar(&f.concurrency, "concurrency", -1, a.t("calls at once, 0 to 999, 0 = no limit (default: campaign.max_concurrency)", "最大并发数 0–999，0 不限（默认取配置）"))
	fl.IntVar(&f.retries, "retries", 0, a.t("dials of a number after the first one, 0 to 20", "首次呼叫后的重呼次数 0–20"))
	fl.IntVar(&f.plays, "plays", 0, a.t("how often the voice file is played (default: campaign.play_count)", "语音播放次数（默认取配置）"))
	fl.StringVar(&f.agentKey, "agent-key", "", a.t("key that leads to an agent (default: campaign.agent_key)", "转人工按键（默认取配置）"))
	fl.StringVar(&f.optOutKey, "opt-out-key", "", a.t("key that puts the number on the blacklist (default: campaign.opt_out_key)", "退订按键（默认取配置）"))
	fl.StringVar(&f.blacklist, "blacklist", "", a.t("file with numbers never to be called; they stay on the blacklist", "黑名单文件；其中号码将长期保留在黑名单"))
	fl.StringVar(&f.hours, "hours", "", a.t(`calling hours, like "mon-sun 09:00-20:00" (default: calling.windows)`, `呼叫时段，如 "mon-sun 09:00-20:00"（默认取配置）`))
	fl.StringVar(&f.trunk, "trunk", "", a.t("name of a configured trunk (default: the first)", "中继名称（默认第一个）"))
	fl.StringVar(&f.caller, "caller", "", a.t("number to show, digits only (default: the configured ones)", "去电号码，只含数字（默认取配置）"))
	fl.StringVar(&f.out, "out", "", a.t("file for the results, CSV", "结果文件（CSV）"))
	fl.StringVar(&f.rejects, "rejects", "", a.t("file for the rows that are turned away, with reasons", "被拒行及原因的输出文件"))
	fl.BoolVar(&f.simulate, "simulate", false, a.t("call a simulated town instead of a real switch; needs nothing else", "呼叫模拟的被叫，不需要真实交换机"))
	fl.Float64Var(&f.speed, "speed", 20, a.t("with --simulate: how many seconds pass in a real one", "模拟时的时间倍速"))
	fl.Uint64Var(&f.seed, "seed", 1, a.t("with --simulate: seed of everything random", "模拟时的随机种子"))
	fl.StringVar(&f.report, "report", "", a.t("with --simulate: file for what the simulated switch saw", "模拟交换机的报告文件"))
	fl.StringVar(&f.test, "test", "", a.t("dial this number alone, as the campaign would, and stop (单条测试)", "单条测试：只呼叫此号码，不启动任务"))
	fl.Int64Var(&f.resume, "resume", 0, a.t("id of a campaign that was interrupted or only tested: go on with it (only --out is needed)", "继续被中断或仅测试过的任务（编号），只需 --out"))
	c.MarkFlagsMutuallyExclusive("resume", "list")
	c.MarkFlagsMutuallyExclusive("resume", "simulate")
	return c
}

// broadcast runs one campaign to its end.
func (a *app) broadcast(ctx context.Context, f broadcastFlags) error {
	l, err := a.broadcastConfig(f)
	if err != nil {
		return err
	}
	log := a.quiet(l.Log)
	if !f.simulate {
		if err := l.NeedSwitch(); err != nil {
			return err
		}
		if err := folders(l); err != nil {
			return err
		}
		return a.broadcastOn(ctx, l, f, clock.Real(), log, nil)
	}
	if f.speed <= 0 || f.speed > 1000 {
		return models.NewError(models.Invalid, "--speed", "range", "must be above 0 and at most 1000", "须大于 0 且不超过 1000")
	}
	dir, err := os.MkdirTemp("", "waihu-simulate-")
	if err != nil {
		return fmt.Errorf("make a folder for the simulation: %w", err)
	}
	defer os.RemoveAll(dir)
	sim, err := simulation(l, dir, f.speed, f.seed, opening(l.Config), log)
	if err != nil {
		return err
	}
	sim.l.Database.Driver, sim.l.Database.DSN = store.SQLite, config.Secret(filepath.Join(dir, "waihu.db"))
	stop := running(ctx, log, sim.sw)
	err = a.broadcastOn(ctx, sim.l, f, sim.clock, log, func(until time.Time) { sim.clock.Skip(until.Sub(sim.clock.Now())) })
	stop()
	if f.report != "" {
		err = errors.Join(err, sim.sw.WriteReport(f.report))
	}
	return err
}

// quiet is a logger that does not disturb a progress bar: warnings and worse, unless --log-level asks for more.
func (a *app) quiet(l config.Log) *slog.Logger {
	if a.logLevel == "" && l.Level != "error" {
		l.Level = "warn"
	}
	return a.logger(l)
}

// running runs the simulated switch until the returned function is called.
func running(ctx context.Context, log *slog.Logger, sw *simulator.Simulator) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := sw.Run(ctx); err != nil && ctx.Err() == nil {
			log.Error("simulated switch", "err", err)
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// opening is the next moment within the calling hours, where a simulation begins.
func opening(c config.Config) time.Time {
	now := clock.Real().Now()
	if gate, next := campaign.NewCalendar(c.Rules(), time.LoadLocation).Open("", now); gate != models.GateOpen && !next.IsZero() {
		return next
	}
	return now
}

// broadcastOn runs the campaign on a switch, real or simulated.
func (a *app) broadcastOn(ctx context.Context, l config.Loaded, f broadcastFlags, clk clock.Clock, log *slog.Logger, idle func(time.Time)) error {
	s, err := a.database(ctx, l)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := assemble(l, s, clk, log, idle)
	if err != nil {
		return err
	}
	if err := p.probe(ctx); err != nil {
		return err
	}
	id := f.resume
	if id == 0 {
		job, err := a.prepare(ctx, p, f)
		if err != nil {
			return err
		}
		id = job.ID
	}
	if f.test != "" {
		if err := a.testCall(ctx, p, id, f.test); err != nil || f.simulate {
			return err
		}
		a.say("the campaign was not started: waihu broadcast --resume %d --out %s", "任务未启动；启动：waihu broadcast --resume %d --out %s", id, f.out)
		return nil
	}
	runErr := a.runCampaign(ctx, p, id)
	sum, err := a.writeResults(context.WithoutCancel(ctx), s, id, f.out)
	if err = errors.Join(runErr, err); err != nil {
		return err
	}
	a.summary(sum, f)
	if sum.Open > 0 {
		return fmt.Errorf(a.t("%d numbers have no final outcome: the campaign did not run to its end", "%d 个号码没有最终结果：任务未执行完"), sum.Open)
	}
	return nil
}

func (a *app) writeResults(ctx context.Context, s *store.Store, campaignID int64, path string) (results.Summary, error) {
	file, err := os.Create(path)
	if err != nil {
		return results.Summary{}, models.NewError(models.Invalid, "--out", "unwritable", err.Error(), err.Error())
	}
	sum, err := results.Write(ctx, file, func(each func(models.Result) error) error { return s.Results(ctx, campaignID, each) })
	return sum, errors.Join(err, file.Close())
}

func (a *app) summary(sum results.Summary, f broadcastFlags) {
	a.say("%d numbers, %d dials, %d answered, %d pressed a key", "%d 个号码，%d 次呼叫，%d 个应答，%d 个按键", sum.Rows, sum.Attempts, sum.Answered, sum.Keyed)
	for _, o := range models.Outcomes {
		if n := sum.Outcomes[o]; n > 0 {
			fmt.Fprintf(a.out, "  %-16s %d\n", o, n)
		}
	}
	a.say("results: %s", "结果文件：%s", f.out)
}
