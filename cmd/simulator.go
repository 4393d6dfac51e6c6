package cmd

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waihu/controller/clock"
	"waihu/models"
	"waihu/simulator"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

// curlTimeout is what freeswitch-conf sets for mod_xml_curl.
const curlTimeout = 2 * time.Second

type simulatorFlags struct {
	addr, password, dialplan, credentials, report, cdr, sounds string
	speed                                                      float64
	seed                                                       uint64
	sessions, perSecond                                        int
	recorded                                                   bool
}

func newSimulator(a *app) *cobra.Command {
	var f simulatorFlags
	c := &cobra.Command{
		Use:   "simulator",
		Short: a.t("Run a FreeSWITCH in software, with a town of callees, until it is interrupted", "运行软件模拟的 FreeSWITCH 与被叫，直到中断"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.simulate(cmd.Context(), f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.addr, "esl", "127.0.0.1:8021", a.t("address of the event socket", "事件套接字地址"))
	fl.StringVar(&f.password, "password", simulator.DefaultPassword, a.t("password of the event socket", "事件套接字密码"))
	fl.StringVar(&f.dialplan, "dialplan", "", a.t("folder of the dialplan's XML files, or the URL that mod_xml_curl would ask", "拨号方案目录，或 mod_xml_curl 的 URL"))
	fl.StringVar(&f.credentials, "credentials", "", a.t("file with user:password for that URL", "该 URL 的凭据文件（user:password）"))
	fl.StringVar(&f.report, "report", "", a.t("file for the report at the end: what each number saw", "结束时的报告文件"))
	fl.StringVar(&f.cdr, "cdr", "", a.t("folder for call records, as mod_json_cdr writes them", "话单目录"))
	fl.StringVar(&f.sounds, "sounds", "", a.t("value of the switch's sounds_dir", "交换机的 sounds_dir"))
	fl.Float64Var(&f.speed, "speed", 1, a.t("how many seconds pass in a real one", "时间倍速"))
	fl.Uint64Var(&f.seed, "seed", 1, a.t("seed of everything random", "随机种子"))
	fl.IntVar(&f.sessions, "max-sessions", simulator.DefaultMaxSessions, a.t("calls at once", "最大同时呼叫数"))
	fl.IntVar(&f.perSecond, "sessions-per-second", simulator.DefaultSessionsPerSecond, a.t("calls per second", "每秒呼叫数"))
	fl.BoolVar(&f.recorded, "recorded", false, a.t("let every ordinary number answer after 1 s and hang up after 5 s", "普通号码一律 1 秒应答、5 秒挂断"))
	return c
}

func (a *app) simulate(ctx context.Context, f simulatorFlags) error {
	source, err := dialplanSource(f)
	if err != nil {
		return err
	}
	if f.speed <= 0 || f.speed > 1000 {
		return models.NewError(models.Invalid, "--speed", "range", "must be above 0 and at most 1000", "须大于 0 且不超过 1000")
	}
	var clk clock.Clock = clock.Real()
	if f.speed != 1 {
		clk = clock.NewVirtual(time.Now(), f.speed)
	}
	l, err := a.config()
	if err != nil {
		return err
	}
	callees := town.Default()
	callees.Seed, callees.Recorded = f.seed, f.recorded
	globals := map[string]string{"disable_system_api_commands": "true", "disable_system_app_commands": "true"}
	if f.sounds != "" {
		globals["sounds_dir"] = f.sounds
	}
	s, err := simulator.New(simulator.Config{
		Addr: f.addr, Password: f.password, Dialplan: source, Clock: clk, Seed: f.seed, Town: callees, Globals: globals,
		MaxSessions: f.sessions, SessionsPerSecond: f.perSecond, CDRDir: f.cdr, Logger: a.logger(l.Log),
	})
	if err != nil {
		return fmt.Errorf("start the simulated switch on %s (--esl): %w", f.addr, err)
	}
	a.note("simulated switch: event socket %s, stop with Ctrl-C", "模拟交换机：事件套接字 %s，Ctrl-C 停止", s.Addr())
	runErr := s.Run(ctx)
	if f.report != "" {
		if err := s.WriteReport(f.report); err != nil {
			return fmt.Errorf("write the report %s: %w", f.report, err)
		}
	}
	t := s.Report().Totals
	a.say("%d calls dialled, %d answered, %d refused, %d at once at most", "共呼叫 %d，应答 %d，拒绝 %d，最多同时 %d", t.Dialled, t.Answered, t.Refused, t.PeakCalls)
	return runErr
}

// dialplanSource reads --dialplan: nothing, a folder, or a URL.
func dialplanSource(f simulatorFlags) (script.Source, error) {
	switch {
	case f.dialplan == "":
		return nil, nil // the simulator takes nil for "no dialplan"
	case strings.HasPrefix(f.dialplan, "http://"), strings.HasPrefix(f.dialplan, "https://"):
		if _, err := url.Parse(f.dialplan); err != nil {
			return nil, models.NewError(models.Invalid, "--dialplan", "url", err.Error(), err.Error())
		}
		user, password := "", ""
		if f.credentials != "" {
			data, err := os.ReadFile(f.credentials)
			if err != nil {
				return nil, fmt.Errorf("read --credentials: %w", err)
			}
			user, password, _ = strings.Cut(strings.TrimSpace(string(data)), ":")
		}
		return script.Curl(f.dialplan, user, password, curlTimeout, nil), nil
	default:
		files, err := script.Dir(f.dialplan, nil)
		if err != nil {
			return nil, models.NewError(models.Invalid, "--dialplan", "dialplan",
				fmt.Sprintf("%v: name a folder with the XML files of `waihu dialplan export`", err),
				fmt.Sprintf("%v：请指定 waihu dialplan export 导出的目录", err))
		}
		return files, nil
	}
}
