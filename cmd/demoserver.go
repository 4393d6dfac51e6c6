package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waihu/config"
	"waihu/controller"
	"waihu/controller/clock"
	"waihu/models"
	"waihu/models/store"
	"waihu/simulator"
)

// demoEnv gives the password of the demonstration's log-ins.
const demoEnv = "WAIHU_DEMO_PASSWORD"

// demoServer runs the daemon on the embedded database and a simulated switch, with a company that has work to do. A folder
// that a former demonstration left is gone on with.
func (a *app) demoServer(ctx context.Context, f demoFlags) (err error) {
	l, err := a.demoConfig(f)
	if err != nil {
		return err
	}
	log := a.quiet(l.Log)
	sim, err := simulation(l, l.DataDir, f.speed, f.seed, clock.Real().Now(), log)
	if err != nil {
		return err
	}
	if f.report != "" {
		stop := witness(sim.sw, f.report, log)
		defer func() { stop(); err = errors.Join(err, sim.sw.WriteSnapshot(f.report)) }()
	}
	s, err := a.database(ctx, sim.l)
	if err != nil {
		return errors.Join(err, sim.sw.Close())
	}
	defer s.Close()
	stop := running(ctx, log, sim.sw)
	defer stop()
	scene, err := a.demoScene(ctx, sim.l, s, f, log)
	if err != nil {
		return err
	}
	p, err := assemble(sim.l, s, sim.clock, log, nil)
	if err != nil {
		return err
	}
	p.town = sim.sw
	if err := p.tellDirectory(ctx); err != nil {
		return err
	}
	return a.demoServe(ctx, p, scene, time.Duration(f.callers*float64(time.Second)))
}

// witness writes the report whenever its file is not there, so that who watches a demonstration can ask for it by deleting it.
func witness(sw *simulator.Simulator, path string, log *slog.Logger) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for clock.Sleep(ended, clock.Real(), 50*time.Millisecond) {
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err := sw.WriteSnapshot(path); err != nil {
				log.Warn("report of the simulated switch not written", "path", path, "err", err)
			}
		}
	}()
	return func() { close(ended); <-done }
}

// demoConfig is the configuration with what makes it a demonstration: nothing real is dialled, at any hour.
func (a *app) demoConfig(f demoFlags) (config.Loaded, error) {
	if f.callers < 0 || f.callers > 86400 {
		return config.Loaded{}, models.NewError(models.Invalid, "--callers", "range", "must be from 0 to 86400", "须在 0 到 86400 之间")
	}
	if f.speed <= 0 || f.speed > 1000 {
		return config.Loaded{}, models.NewError(models.Invalid, "--speed", "range", "must be above 0 and at most 1000", "须大于 0 且不超过 1000")
	}
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return config.Loaded{}, fmt.Errorf("find the folder of the demonstration (--data): %w", err)
	}
	set := a.set
	defer func() { a.set = set }()
	a.set = append([]string{
		"http.addr=" + f.addr, "data_dir=" + dir, "database.driver=sqlite", "database.dsn=" + filepath.Join(dir, "waihu.db"),
		"calling.pack=none", "switch.publish=files",
	}, set...)
	l, err := a.config()
	if err != nil {
		return l, err
	}
	l.Trunks = []config.Trunk{{Name: "main", Gateway: "carrier-a", Lines: 200}, {Name: "backup", Gateway: "carrier-b", Lines: 30, CPS: 5}}
	l.Callers = []string{simulatedCaller}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return l, fmt.Errorf("make the folder of the demonstration (--data): %w", err)
	}
	return l, nil
}

// demoServe serves until the first signal; then the calls in progress are hung up, as nobody real is on the line.
func (a *app) demoServe(ctx context.Context, p *plant, scene scene, callers time.Duration) error {
	web, err := a.server(ctx, p.l.HTTP.Addr, p)
	if err != nil {
		return err
	}
	stop, err := controller.Housekeeping(ctx, p.chores())
	if err != nil {
		return err
	}
	defer stop()
	work, end := context.WithCancel(ctx)
	defer end()
	begun := make(chan error, 1)
	go func() {
		err := a.demoBegin(work, p, scene, web.Addr())
		if err != nil {
			end() // a demonstration that does not begin is of no use
		}
		begun <- err
		if err == nil {
			p.callers(work, callers)
		}
	}()
	ended := make(chan struct{})
	hung := context.AfterFunc(work, func() { p.hangUpUntil(context.WithoutCancel(ctx), ended) })
	err = a.together(work, p, web)
	close(ended)
	hung()
	end()
	if started := <-begun; started != nil && !errors.Is(started, context.Canceled) {
		err = errors.Join(err, started)
	}
	return err
}

// demoBegin starts the campaign of a new scene and says where everything is.
func (a *app) demoBegin(ctx context.Context, p *plant, scene scene, addr string) error {
	if err := p.awaitSwitch(ctx); err != nil {
		return err
	}
	if err := p.teamWorks(ctx, scene.org); err != nil {
		return err
	}
	for _, id := range scene.start {
		if err := p.floor.StartCampaign(ctx, id); err != nil {
			return fmt.Errorf("start a campaign of the demonstration: %w", err)
		}
	}
	first, last := demoAgents[0].number, demoAgents[len(demoAgents)-1].number
	a.say("log in as %s (platform administrator), %s (enterprise), %s (team leader) or %s and following (agents), password %s",
		"登录账户：%s（平台管理员）、%s（企业）、%s（班长）或 %s 起（坐席），密码 %s", demoAdmin, demoUser, last, first, scene.password)
	a.say("ready: http://%s", "ready: http://%s", addr)
	return nil
}

// hangUpUntil hangs calls up until done; one that was being dialled at the first time is caught by a later one.
func (p *plant) hangUpUntil(ctx context.Context, done <-chan struct{}) {
	for {
		if err := p.floor.HangUpAll(ctx); err != nil {
			p.log.Warn("calls not hung up", "err", err)
			return
		}
		if !clock.Sleep(done, clock.Real(), 500*time.Millisecond) {
			return
		}
	}
}

// demoPassword is that of the environment, that of the former start, or a new one, which is kept for the next start.
func demoPassword(dir string) (string, error) {
	if given := os.Getenv(demoEnv); given != "" {
		return given, nil
	}
	path := filepath.Join(dir, "demo-password")
	switch kept, err := os.ReadFile(path); {
	case err == nil && len(strings.TrimSpace(string(kept))) > 0:
		return strings.TrimSpace(string(kept)), nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("read the password of the demonstration: %w", err)
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the password of the demonstration: %w", err)
	}
	return password, nil
}

// demoScene makes the company of the demonstration, unless a former start has.
func (a *app) demoScene(ctx context.Context, l config.Loaded, s *store.Store, f demoFlags, log *slog.Logger) (scene, error) {
	password, err := demoPassword(l.DataDir)
	if err != nil {
		return scene{}, err
	}
	d := demoMaker{app: &app{out: io.Discard, err: io.Discard, chinese: a.chinese}, l: l, s: s, f: f, log: log, told: a}
	made := scene{password: password}
	all, err := s.Organizations(ctx)
	if err != nil {
		return made, err
	}
	if len(all) == 0 {
		a.note("making the sample company and yesterday's campaign …", "正在生成示例企业和历史任务……")
		if made.start, err = d.company(ctx, password); err != nil {
			return made, err
		}
	}
	if made.org, err = organization(ctx, s, d.org); err != nil {
		return made, err
	}
	return made, d.accounts(ctx, made.org, password, len(all) > 0)
}
