package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"waihu/controller/rehearse/contest"
	"waihu/models"
)

type paceTableFlags struct {
	out, only string
	days      float64
	workers   int
}

// Most of what --days may be.
const paceTableDaysMost = 100

func newPaceTable(a *app) *cobra.Command {
	var f paceTableFlags
	c := &cobra.Command{
		Use:   "table",
		Short: a.t("Play every policy in every model town and write the table of docs/pacing.md", "在全部模型场景中运行各拨号策略，写出 docs/pacing.md 的表格"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.paceTable(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.out, "out", "", a.t("write to this file instead of standard output", "写入此文件，而非标准输出"))
	c.Flags().StringVar(&f.only, "only", "", a.t("only towns whose group and name hold this: \"changing\", \"10 agents, 0.3\"", "仅运行组名或名称含此文字的场景，如 \"changing\"、\"10 agents, 0.3\""))
	c.Flags().Float64Var(&f.days, "days", 1, a.t("play so many times as many days, 0.05 to 100", "运行天数的倍数，0.05 至 100"))
	c.Flags().IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), a.t("days that are played at once", "同时运行的天数"))
	return c
}

func (a *app) paceTable(ctx context.Context, f paceTableFlags) (err error) {
	e := &models.Error{Kind: models.Invalid}
	if !(f.days >= 0.05 && f.days <= paceTableDaysMost) {
		e.Add("--days", "out_of_range", fmt.Sprintf("%g times the days; choose 0.05 to %d.", f.days, paceTableDaysMost), fmt.Sprintf("%g 倍天数不可用；请填 0.05 至 %d。", f.days, paceTableDaysMost))
	}
	if f.workers < 1 {
		e.Add("--workers", "too_few", "at least one day must be played at a time.", "至少同时运行一天。")
	}
	if err := e.OrNil(); err != nil {
		return err
	}
	out := a.out
	if f.out != "" {
		file, bad := os.OpenFile(f.out, os.O_CREATE|os.O_WRONLY, 0o644)
		if bad != nil {
			return models.NewError(models.Invalid, "--out", "cannot_write", fmt.Sprintf("cannot write %s (%v); name a file in a folder that exists", f.out, bad),
				fmt.Sprintf("无法写入 %s（%v），请指定已存在目录中的文件", f.out, bad))
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = &rewritten{file: file}
	}
	begun := time.Now()
	o := contest.Hold(contest.Settings{Seed: 1, Scale: f.days, Only: f.only, Workers: f.workers, Stop: ctx.Done(), Done: func(left int) {
		if left%25 == 0 {
			a.note("waihu: %d cells to begin after %s", "waihu：已用 %[2]s，剩余 %[1]d 格", left, time.Since(begun).Round(time.Second))
		}
	}})
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(o.Columns) == 0 {
		return models.NewError(models.Invalid, "--only", "unknown", fmt.Sprintf("no town's group or name holds %q; try \"steady\", \"changing\" or \"other\"", f.only),
			fmt.Sprintf("没有组名或名称含 %q 的场景；可用 \"steady\"、\"changing\" 或 \"other\"", f.only))
	}
	took := fmt.Sprintf("This run took %s on %d of %d cores.", time.Since(begun).Round(time.Second), f.workers, runtime.NumCPU())
	return o.Write(out, took)
}

// rewritten is a file whose old content goes when the new one comes, not minutes before.
type rewritten struct {
	file  *os.File
	begun bool
}

func (r *rewritten) Write(text []byte) (int, error) {
	if !r.begun {
		if err := r.file.Truncate(0); err != nil {
			return 0, fmt.Errorf("empty %s: %w", r.file.Name(), err)
		}
		r.begun = true
	}
	return r.file.Write(text)
}
