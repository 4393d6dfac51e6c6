package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"waihu/api"
	"waihu/controller"
	"waihu/controller/clock"
)

func newServe(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: a.t("Run the daemon: the floor, the event socket, the web server", "运行守护进程：外呼、事件套接字、网页服务"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context()) },
	}
}

// serve runs until the first signal; then nothing new is dialled and calls may end. A second signal hangs them up.
func (a *app) serve(ctx context.Context) error {
	l, err := a.config()
	if err != nil {
		return err
	}
	if err := errors.Join(l.NeedSwitch(), folders(l)); err != nil {
		return err
	}
	log := a.logger(l.Log)
	s, err := a.database(ctx, l)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := organization(ctx, s, 0); err != nil {
		return err
	}
	if _, err := trunks(ctx, s, l.TrunkModels()); err != nil {
		return err
	}
	p, err := assemble(l, s, clock.Real(), log, nil)
	if err != nil {
		return err
	}
	if err := a.firstAdmin(ctx, s); err != nil {
		return err
	}
	web, err := a.server(ctx, l.HTTP.Addr, p)
	if err != nil {
		return err
	}
	servers, err := a.withMetrics(ctx, web, p)
	if err != nil {
		return err
	}
	stop, err := controller.Housekeeping(ctx, p.chores())
	if err != nil {
		return err
	}
	defer stop()
	a.note("ready: http://%s", "已就绪：http://%s", web.Addr())
	return a.together(ctx, p, servers...)
}

// together runs the floor and the web servers, which stay until the last call has ended.
func (a *app) together(ctx context.Context, p *plant, servers ...*api.Server) error {
	show, hide := context.WithCancel(context.WithoutCancel(ctx))
	defer hide()
	floorCtx, end := context.WithCancel(ctx)
	defer end()
	var wg sync.WaitGroup
	failed := make([]error, len(servers))
	for i, s := range servers {
		wg.Go(func() {
			defer end() // without the web server nobody could see the floor
			failed[i] = s.Run(show)
		})
	}
	again := context.AfterFunc(ctx, func() { p.hangUpOnSecondSignal(show) })
	defer again()
	err := p.withImports(floorCtx, func() error { return p.floor.Run(floorCtx) })
	hide()
	wg.Wait()
	return errors.Join(append(failed, err)...)
}

// hangUpOnSecondSignal waits for one more signal after the first one and then hangs every call up.
func (p *plant) hangUpOnSecondSignal(ctx context.Context) {
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(sig)
	select {
	case <-sig:
		p.log.Warn("second signal: hanging every call up")
		if err := p.floor.HangUpAll(ctx); err != nil {
			p.log.Error("calls not hung up", "err", err)
		}
	case <-ctx.Done():
	}
}

// dialplanHandler is what mod_xml_curl asks; nil when the dialplan is published as files.
func (p *plant) dialplanHandler() http.Handler {
	if p.xml == nil {
		return nil
	}
	return p.xml
}

// Ready says whether the daemon can do its work.
func (p *plant) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := p.store.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if !p.client.Connected() {
		return errors.New("switch: not connected")
	}
	return p.floor.Holds()
}
