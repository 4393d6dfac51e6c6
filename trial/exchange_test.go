package trial

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"waihu/simulator"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

const (
	password = "a-long-enough-password"
	gateway  = "pstn"
)

// exchange is a simulated switch that outlives the daemons of a trial, with the folders that it shares with them.
type exchange struct {
	*simulator.Simulator
	dialplan, cdr, sounds string
}

// quick is a town where everything takes tenths of seconds, so that it can be called in real time.
func quick() town.Config {
	span := func(from, to float64) town.Distribution {
		return town.Distribution{Kind: town.Uniform, Min: from, Max: to}
	}
	return town.Config{
		Seed: 1, AnswerProbability: 0.5, BusyProbability: 0.25, RejectProbability: 0.1, UnreachableProbability: 0.15,
		EarlyMediaProbability: 0.2, KeyProbability: 0.3,
		ProgressTime: span(0.01, 0.05), RingTime: span(0.05, 0.3), RefusalTime: span(0.02, 0.3),
		Patience: span(0.1, 0.6), TalkTime: span(0.1, 0.5), KeyDelay: span(0.05, 0.2),
	}
}

func newExchange(t *testing.T, change func(*simulator.Config)) *exchange {
	t.Helper()
	dir := t.TempDir()
	e := &exchange{dialplan: filepath.Join(dir, "dialplan"), cdr: filepath.Join(dir, "cdr"), sounds: filepath.Join(dir, "sounds")}
	for _, d := range []string{e.dialplan, e.cdr, e.sounds} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files, err := script.Dir(e.dialplan, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := simulator.Config{
		Dialplan: files, Password: password, Seed: 1, Town: quick(), CDRDir: e.cdr, SessionsPerSecond: 1000,
		Gateways: map[string]simulator.Gateway{gateway: {}},
	}
	if change != nil {
		change(&c)
	}
	if e.Simulator, err = simulator.New(c); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- e.Run(context.Background()) }()
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("simulated switch: %v", err)
		}
	})
	return e
}

func (e *exchange) dialled() int { return e.Report().Totals.Dialled }
func (e *exchange) busy() int    { return e.Report().Totals.InProgress }
