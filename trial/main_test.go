package trial

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/models/store/storetest"
)

// built is the real binary, built once for all trials that need a process of its own.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// patience is how long the end of a campaign is waited for: it takes seconds, but not on a machine that does much else.
const patience = 4 * time.Minute

func TestMain(m *testing.M) {
	// Trials wait more than they compute. The command line's own -parallel goes before this.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := storetest.Main(m)
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

func program(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "waihu-trial-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "waihu")
		build := exec.Command("go", "build", "-trimpath", "-o", built.path, "waihu")
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build does, so that it is compiled already
		out, err := build.CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// logs shows the daemon's log with WAIHU_TRIAL_LOG=1.
func logs() *slog.Logger {
	var w io.Writer = io.Discard
	if os.Getenv("WAIHU_TRIAL_LOG") != "" {
		w = os.Stderr
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// eventually waits until a condition holds; more says at the end of a vain wait how things stand.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool, more ...func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for !holds() {
		if !clock.Sleep(ctx.Done(), clock.Real(), 10*time.Millisecond) {
			for _, m := range more {
				what += "; " + m()
			}
			t.Fatalf("vain wait of %s for %s", limit, what)
		}
	}
}

// pass lets real time go by: for trials of what must not happen meanwhile.
func pass(d time.Duration) { clock.Sleep(nil, clock.Real(), d) }
