package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"waihu/models"
)

// demoFlags are those of `waihu demo`.
type demoFlags struct {
	shell             bool
	addr, dir, report string
	numbers, agents   int
	speed             float64
	seed              uint64
	callers           float64
}

func newDemo(a *app) *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: a.t("Try everything in the browser, on the embedded database and a simulated switch", "在浏览器中试用全部功能，使用内置数据库和模拟交换机"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.numbers < 1 || f.numbers > 1_000_000 {
				return models.NewError(models.Invalid, "--numbers", "range", "use 1 to 1000000", "请填写 1 到 1000000")
			}
			if f.agents < 0 || f.agents > demoTeamMost {
				return models.NewError(models.Invalid, "--agents", "range", fmt.Sprintf("use 0 to %d", demoTeamMost), fmt.Sprintf("请填写 0 到 %d", demoTeamMost))
			}
			if f.shell {
				return a.demo(cmd.Context(), f.dir, f.numbers)
			}
			return a.demoServer(cmd.Context(), f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.addr, "addr", "127.0.0.1:8080", a.t("address of the web application; port 0 picks one", "网页地址；端口 0 表示自动选择"))
	fl.StringVar(&f.dir, "data", filepath.Join("data", "demo"), a.t("folder of the demonstration; a later start goes on with it", "演示数据目录，再次启动时继续使用"))
	fl.IntVar(&f.numbers, "numbers", 500, a.t("numbers in the list of the running campaign", "运行中任务的号码数"))
	fl.IntVar(&f.agents, "agents", 12, a.t("agents who work by themselves, on simulated phones, in a predictive campaign; 0 = none", "自动工作的示例坐席数（模拟话机，预测式外呼任务）；0 表示没有"))
	fl.Float64Var(&f.speed, "speed", 1, a.t("how many seconds pass at the simulated switch in a real one", "模拟交换机的时间倍速"))
	fl.Uint64Var(&f.seed, "seed", 1, a.t("seed of how the simulated callees behave", "模拟被叫行为的随机种子"))
	fl.Float64Var(&f.callers, "callers", 60, a.t("how many seconds of the simulated switch pass between calls that come in, 0 = nobody calls", "两次呼入之间的秒数（模拟时间），0 表示无人呼入"))
	fl.StringVar(&f.report, "report", "", a.t("file for what the simulated switch saw, written at the end and whenever it is not there", "模拟交换机的报告文件：结束时写入，删除后立即重写"))
	fl.BoolVar(&f.shell, "shell", false, a.t("one sample mass call in the shell, with a progress bar", "仅在终端执行一次示例群呼并显示进度条"))
	return c
}

// demo makes a list and a voice file such as a customer would bring, and calls them all.
func (a *app) demo(ctx context.Context, dir string, numbers int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the demonstration (--data): %w", err)
	}
	f := broadcastFlags{
		list: filepath.Join(dir, "numbers.csv"), audio: filepath.Join(dir, "notice.wav"), blacklist: filepath.Join(dir, "blacklist.txt"),
		out: filepath.Join(dir, "results.csv"), rejects: filepath.Join(dir, "rejects.csv"), report: filepath.Join(dir, "switch-report.json"),
		mode: string(models.ModeVoiceKey), agentKey: "1", optOutKey: "9", retries: 1, concurrency: 100, simulate: true, speed: 60, seed: 1,
	}
	for path, write := range map[string]func(io.Writer) error{
		f.list:      func(w io.Writer) error { return sampleList(w, numbers) },
		f.audio:     sampleVoice,
		f.blacklist: func(w io.Writer) error { _, err := io.WriteString(w, sampleNumber(7)+"\n"); return err },
	} {
		if err := writeFile(path, write); err != nil {
			return err
		}
	}
	a.say("%d numbers, one of them on the blacklist; key 1 leads to an agent, key 9 opts out; time runs %gx", "%d 个号码，其中一个在黑名单；按 1 转人工，按 9 退订；时间 %g 倍速", numbers, f.speed)
	if err := a.broadcast(ctx, f); err != nil {
		return err
	}
	a.say("turned away: %s; what the simulated switch saw: %s", "被拒行：%s；模拟交换机的记录：%s", f.rejects, f.report)
	return nil
}
