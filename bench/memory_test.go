package bench

import (
	"context"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"waihu/controller/esl"
	"waihu/models/store/storetest"
)

// BenchmarkMemory is the daemon's resident memory while 1,000 callees listen.
func BenchmarkMemory(b *testing.B) {
	const calls = 1000
	for b.Loop() {
		t := startTown(b)
		daemon := t.broadcast(settings{database: storetest.SQLiteConfig(b), voice: 20 * time.Second, numbers: callees(calls, "200", "299")})
		eye := watch(b, t.addr)
		deadline := time.Now().Add(time.Minute)
		for eye.channels(b) < calls {
			if time.Now().After(deadline) {
				b.Fatalf("%d of %d calls in progress\n%s", eye.channels(b), calls, daemon.text.String())
			}
			time.Sleep(50 * time.Millisecond)
		}
		rss := float64(daemon.memory("VmRSS")) / 1024
		still := eye.channels(b)
		daemon.wait(3 * time.Minute)
		t.stop()
		if still < calls {
			b.Fatalf("%d of %d calls in progress after memory was read", still, calls)
		}
		report("S4", "resident memory of the daemon at 1,000 calls in progress, SQLite", true, "", "%.0f MB", rss)
	}
}

// eye looks at the switch from beside the daemon.
type eye struct{ *esl.Client }

func watch(b *testing.B, addr string) eye {
	b.Helper()
	e := eye{esl.New(esl.Config{Addr: addr, Password: password, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})}
	ctx, cancel := context.WithCancel(context.Background())
	up, over := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(over)
		_ = e.Run(ctx, onlyUp{up})
	}()
	b.Cleanup(func() { cancel(); <-over })
	select {
	case <-up:
	case <-time.After(time.Minute):
		b.Fatal("no connection to the switch")
	}
	return e
}

func (e eye) channels(b *testing.B) int {
	b.Helper()
	list, err := e.Channels(context.Background())
	if err != nil && os.IsTimeout(err) {
		return 0
	}
	must(b, err)
	return len(list)
}

type onlyUp struct{ up chan struct{} }

func (h onlyUp) Up(string) {
	select {
	case h.up <- struct{}{}:
	default:
	}
}
func (onlyUp) Down(error)      {}
func (onlyUp) Event(esl.Event) {}
