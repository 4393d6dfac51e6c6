package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"waihu/controller/clock"
	"waihu/controller/rehearse/stage"
	"waihu/models"
	"waihu/models/store"
)

type rehearseFlags struct {
	models.RehearsalInput
	ways    []string
	workers int
}

func newRehearse(a *app) *cobra.Command {
	var f rehearseFlags
	c := &cobra.Command{
		Use:   "rehearse CAMPAIGN",
		Short: a.t("Play a campaign in virtual time: when it ends, how busy agents are, how many are abandoned; nobody is called", "在虚拟时间内预演任务：何时完成、坐席利用率、呼损率；不会真正呼叫"),
		Long: a.t("Runs the daemon's own floor and pacing against a model of callees, agents and trunks that is learned from the campaign's settings and the last thirty days. CAMPAIGN is its id.",
			"用生产环境的调度与节奏代码，对依据任务设置和最近三十天历史得到的被叫、坐席、中继模型进行演练。CAMPAIGN 为任务编号。"),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return models.NewError(models.Invalid, "CAMPAIGN", "number", "give the id of the campaign, a number", "请填写任务编号（数字）")
			}
			return a.withReady(cmd.Context(), func(ctx context.Context, s *store.Store) error { return a.rehearse(ctx, s, id, f) })
		},
	}
	fl := c.Flags()
	fl.Float64Var(&f.Hours, "hours", rehearsalHours, a.t("hours of work to look at, at most 24", "演练时长（小时），最多 24"))
	fl.IntVar(&f.Days, "days", rehearsalDays, a.t("days to play for each way of dialling, at most 40", "每种方式演练的天数，最多 40"))
	fl.IntVar(&f.Agents, "agents", 0, a.t("agents signed in (default: those of the queue)", "坐席数（默认为接听组现有坐席）"))
	fl.StringVar(&f.Day, "day", "", a.t("replay this day, YYYY-MM-DD, with what was seen on it alone", "重演某天（YYYY-MM-DD），只依据当天数据"))
	fl.StringSliceVar(&f.ways, "compare", []string{"own"}, a.t("ways of dialling: own, progressive, ratio=N, hard, risk, off (predictive with that guarantee)", "对比的方式：own、progressive、ratio=N、hard、risk、off（预测加相应保证）"))
	fl.IntVar(&f.workers, "workers", 2, a.t("days that are played at a time", "同时演练的天数"))
	return c
}

// wayOf reads one way of dialling.
func wayOf(text string) (models.Variant, error) {
	switch name, value, _ := strings.Cut(strings.TrimSpace(text), "="); name {
	case "own":
		return models.Variant{}, nil
	case "progressive":
		return models.Variant{Mode: name}, nil
	case "hard", "risk", "off":
		return models.Variant{Mode: "predictive", Guarantee: name}, nil
	case "ratio":
		if r, err := strconv.ParseFloat(value, 64); err == nil {
			return models.Variant{Mode: name, Ratio: r, Guarantee: "off"}, nil
		}
	}
	return models.Variant{}, models.NewError(models.Invalid, "--compare", "unknown", fmt.Sprintf("%q: use own, progressive, ratio=2, hard, risk or off", text),
		fmt.Sprintf("%q：请使用 own、progressive、ratio=2、hard、risk 或 off", text))
}

func (a *app) rehearse(ctx context.Context, s *store.Store, id int64, f rehearseFlags) error {
	for _, text := range f.ways {
		v, err := wayOf(text)
		if err != nil {
			return err
		}
		f.Variants = append(f.Variants, v)
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return err
	}
	l, err := a.config()
	if err != nil {
		return err
	}
	w := work{web: web{Store: s, plant: &plant{l: l, store: s, clock: clock.Real(), log: a.quiet(l.Log)}}}
	j, err := w.rehearsal(ctx, c, f.RehearsalInput)
	if err != nil {
		return err
	}
	b := j.Basis
	a.say("%q from %s: %d numbers, %d agents; %d calls and %d talks were seen: %.0f %% answered, %.0f s of talk",
		"“%s”自 %s 起：%d 个号码，%d 名坐席；依据 %d 次呼叫和 %d 次通话：接通率 %.0f %%，平均通话 %.0f 秒",
		c.Name, j.Plan.Begin.Local().Format("2006-01-02 15:04"), j.Plan.Numbers, len(j.Plan.Agents), b.Calls, b.Talks, 100*b.Answer, b.TalkSeconds)
	out := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(out, a.t("way\tlist done\tcalls\tanswered\tagents busy\tabandoned\tcontacts/agent hour", "方式\t完成用时\t呼叫数\t接通数\t坐席利用率\t呼损率\t每坐席小时接通"))
	for i, v := range j.Rows {
		forecast, err := stage.Days(ctx, j.Plan.With(v), j.World, j.Days, f.workers, nil)
		if err != nil {
			return err
		}
		ends := span(forecast.Hours, 1, "%.1f h")
		if forecast.Done < 0.5 {
			ends = a.t("not yet: ", "未完成：") + span(forecast.Settled, 1, "%.0f")
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.ways[i], ends, span(forecast.Dialled, 1, "%.0f"), span(forecast.Answered, 1, "%.0f"),
			span(forecast.Utilisation, 100, "%.1f %%"), span(forecast.Abandonment, 100, "%.2f %%"), span(forecast.PerHour, 1, "%.1f"))
	}
	return out.Flush()
}

// span is a median with the bounds of nine days in ten.
func span(s models.Span, scale float64, format string) string {
	text := func(v float64) string { return fmt.Sprintf(format, v*scale) }
	if s.Low == s.High {
		return text(s.Middle)
	}
	return fmt.Sprintf("%s (%s–%s)", text(s.Middle), text(s.Low), text(s.High))
}
