package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waihu/config"
	"waihu/controller"
	"waihu/controller/cdr"
	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/controller/imports"
	"waihu/controller/rehearse/jobs"
	"waihu/controller/voice"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store"
	"waihu/simulator"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

// plant is a daemon put together from a configuration: database, event socket, dialplan, floor.
type plant struct {
	l      config.Loaded
	store  *store.Store
	client *esl.Client
	floor  *controller.Controller
	clock  clock.Clock
	plan   controller.Dialplan // one of the two below
	files  *dialplan.Publisher // nil when switch.publish is xml_curl
	xml    *dialplan.Handler   // answers mod_xml_curl; nil unless switch.publish is xml_curl
	log    *slog.Logger

	measures *prometheus.Registry
	measure  func(method, route string, status int, took time.Duration) // of requests

	accounts *dialplan.Directory // of agents' phones, as files; nil when switch.publish is xml_curl
	phones   *phoneBook
	town     *simulator.Simulator // whose phones register by themselves; nil with a real switch

	imports    *imports.Desk // runs with the web server; nil without one
	rehearsals *jobs.Room    // plays beside it
}

// assemble wires a plant; nothing runs yet. idle may be nil.
func assemble(l config.Loaded, s *store.Store, clk clock.Clock, log *slog.Logger, idle func(time.Time)) (*plant, error) {
	p := &plant{l: l, store: s, clock: clk, log: log}
	p.client = esl.New(esl.Config{Addr: l.Switch.Addr, Password: l.Switch.Password.Reveal(), Logger: log})
	var err error
	if p.plan, err = p.publisher(); err != nil {
		return nil, err
	}
	if err := voice.InstallPrompts(l.SoundsDir); err != nil {
		log.Warn("prompts not put into sounds_dir: staff numbers, places and waits cannot be said", "err", err)
	}
	if err := p.phoneBooks(); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	p.measured()
	p.floor = controller.New(controller.Config{
		Owner: fmt.Sprintf("%s/%d", host, os.Getpid()), Clock: clk, Logger: log, Idle: idle,
		LeaseFor: leaseFor(clk), Floor: floorConfig(l.Config, clk), Records: cdr.Spool(l.Switch.CDRDir), Plan: planSettings(l.Config), Phones: p.phoneSettings(),
	}, s, p.client, p.plan)
	return p, nil
}

// publisher is where the dialplan goes: files and reloadxml, or the handler that mod_xml_curl asks.
func (p *plant) publisher() (controller.Dialplan, error) {
	if p.l.Switch.Publish == "xml_curl" {
		h, err := dialplan.NewHandler(dialplan.HandlerConfig{User: p.l.XMLCurlUser, Password: p.l.XMLCurlPassword.Reveal()})
		if err != nil {
			return nil, fmt.Errorf("make the mod_xml_curl handler: %w", err)
		}
		p.xml = h
		return h, nil
	}
	pub, err := dialplan.NewPublisher(dialplan.Config{Dir: p.l.Switch.DialplanDir}, p.client)
	if err != nil {
		return nil, fmt.Errorf("dialplan folder %s (switch.dialplan_dir, from %s): %w", p.l.Switch.DialplanDir, p.l.Source("switch.dialplan_dir"), err)
	}
	p.files = pub
	return pub, nil
}

// leaseFor is how long the lease of the floor lasts; 0 = the usual time. Where time flies the database has as many writes in a
// second as in a minute of life, and nobody waits for the lease.
func leaseFor(clk clock.Clock) time.Duration {
	if clk.Speed() > 1 {
		return time.Minute
	}
	return 0
}

// floorConfig is the floor's part of the configuration. Patience with the switch and the database is real time: it grows
// with a clock that runs fast.
func floorConfig(c config.Config, clk clock.Clock) floor.Config {
	o := intakeOptions(c)
	f := floor.Defaults()
	speed := time.Duration(max(clk.Speed(), 1))
	f.MaxCalls, f.CPS = c.Switch.MaxCalls, c.Switch.CPS
	f.Region, f.Policy = o.Region, o.Policy
	f.Ahead, f.Grace, f.LostAfter, f.StaleAge = f.Ahead*speed, f.Grace*speed, f.LostAfter*speed, f.StaleAge*speed
	return f
}

func planSettings(c config.Config) controller.PlanSettings {
	return controller.PlanSettings{
		Sound:  func(v models.VoiceFile) string { return path.Join(c.Switch.SoundsDir, v.WavPath) },
		Queue:  dialplan.QueueFlow{Announcement: c.Queue.Announcement, Music: c.Queue.Music, WaitSeconds: c.Queue.WaitSeconds, Apology: c.Queue.Apology},
		Region: c.Numbers.Region, Recordings: c.Switch.RecordingsDir, MissingPrompts: func() []string { return voice.MissingPrompts(c.SoundsDir) },
	}
}

// probe tries the event socket once, so that a switch that cannot be had is told, with the mend, before anything is stored.
func (p *plant) probe(ctx context.Context) error {
	err := esl.Probe(ctx, esl.Config{Addr: p.l.Switch.Addr, Password: p.l.Switch.Password.Reveal(), Logger: p.log})
	var probe *esl.ProbeError
	if errors.As(err, &probe) {
		return models.NewError(models.Conflict, "switch.addr", string(probe.Kind), probe.Error(), probe.ZH())
	}
	return err
}

// gateways refuses a campaign whose trunks the switch does not know; one that is down is only told, it may come up.
func (a *app) gateways(ctx context.Context, p *plant, c models.Campaign) error {
	for _, id := range c.TrunkIDs {
		t, err := p.store.Trunk(ctx, id)
		if err != nil {
			return err
		}
		g, err := p.client.GatewayStatus(ctx, t.Gateway)
		if models.IsKind(err, models.NotFound) {
			return models.NewError(models.Conflict, "trunks", "unknown_gateway",
				fmt.Sprintf("the switch has no gateway %q (trunk %s): add it to the sip profile, or correct trunks[].gateway", t.Gateway, t.Name),
				fmt.Sprintf("交换机上没有网关 %q（中继 %s）：请在 SIP profile 中添加，或修改 trunks[].gateway", t.Gateway, t.Name))
		}
		if err != nil {
			return fmt.Errorf("ask the switch for gateway %s: %w", t.Gateway, err)
		}
		if !g.Up() {
			a.note("gateway %s (trunk %s) is down; calls begin when it is up", "网关 %s（中继 %s）不可用，恢复后开始呼叫", t.Gateway, t.Name)
		}
	}
	return nil
}

// trunks brings the configured trunks into the database: new ones are made, known ones take over the configured limits.
func trunks(ctx context.Context, s *store.Store, want []models.Trunk) ([]models.Trunk, error) {
	for i, t := range want {
		have, err := s.TrunkByName(ctx, t.Name)
		switch {
		case models.IsKind(err, models.NotFound):
			err = s.CreateTrunk(ctx, &want[i])
		case err == nil:
			t.ID, t.Paused, t.PausedReason, t.PausedUntil, t.Version = have.ID, have.Paused, have.PausedReason, have.PausedUntil, have.Version
			err = s.UpdateTrunk(ctx, &t)
			want[i] = t
		}
		if err != nil {
			return nil, fmt.Errorf("take over trunk %s from the configuration: %w", t.Name, err)
		}
	}
	return want, nil
}

// simulated is a configuration and a clock for a switch in software that lives in this process.
type simulated struct {
	l     config.Loaded
	sw    *simulator.Simulator
	clock *clock.Virtual
}

// simulation sets up a simulated switch below dir, at speed, beginning at the next opening of the calling hours.
func simulation(l config.Loaded, dir string, speed float64, seed uint64, start time.Time, log *slog.Logger) (*simulated, error) {
	l.DataDir, l.SoundsDir = dir, path.Join(dir, "sounds")
	l.Switch.SoundsDir, l.Switch.DialplanDir = l.SoundsDir, path.Join(dir, "dialplan")
	l.Switch.DirectoryDir, l.Phones.Profile = path.Join(dir, "directory"), simulator.AgentProfile
	l.Switch.RecordingsDir, l.Switch.CDRDir, l.Switch.Publish = path.Join(dir, "recordings"), path.Join(dir, "cdr"), "files"
	if err := folders(l); err != nil {
		return nil, err
	}
	files, err := script.Dir(l.Switch.DialplanDir, nil)
	if err != nil {
		return nil, fmt.Errorf("open the dialplan folder of the simulated switch: %w", err)
	}
	callees := town.Default()
	callees.Seed = seed
	clk := clock.NewVirtual(start, speed)
	sw, err := simulator.New(simulator.Config{
		Dialplan: files, Clock: clk, Seed: seed, Town: callees, Recordings: true, Logger: log, Password: "simulated", CDRDir: l.Switch.CDRDir,
		MaxSessions: max(simulator.DefaultMaxSessions, l.Switch.MaxCalls+10), SessionsPerSecond: max(simulator.DefaultSessionsPerSecond, int(l.Switch.CPS)+2),
	})
	if err != nil {
		return nil, fmt.Errorf("start the simulated switch: %w", err)
	}
	l.Switch.Addr, l.Switch.Password = sw.Addr(), "simulated"
	return &simulated{l: l, sw: sw, clock: clk}, nil
}
