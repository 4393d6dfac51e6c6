package esl

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkLanes is how long a bridge takes, from the call to its reply, over loopback: alone; with calls being placed and lists
// being read on the other lane; and what it would take if it had to queue with them. The peer needs for a call what a real switch
// was seen to need, 1 to 2 ms, and 50 ms for a list of channels.
func BenchmarkLanes(b *testing.B) {
	const callers = 8
	p := newPeer(b)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		switch {
		case strings.HasPrefix(cmd, "bgapi"):
			<-time.After(1500 * time.Microsecond)
		case cmd == "api show channels as json":
			<-time.After(50 * time.Millisecond)
			c.say(response(`{"row_count":0}`))
			return true, true
		}
		return false, true
	})
	c, e := start(b, testConfig(p.addr))
	await(b, e.ups, "up")
	urgent, err := bridge(uuidA, uuidB)
	if err != nil {
		b.Fatal(err)
	}
	queued := urgent
	queued.lane, queued.name = laneSteady, "as any other" // a bridge by its name would go first there too
	var alone, busy, shared []float64
	measure := func(m message, n int) (took []float64) {
		for range n {
			began := time.Now()
			if err := c.confirm(context.Background(), m, nil); err != nil {
				b.Fatal(err)
			}
			took = append(took, float64(time.Since(began).Microseconds()))
		}
		return took
	}
	for b.Loop() {
		alone = append(alone, measure(urgent, 500)...)
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				for ctx.Err() == nil {
					if i == 0 {
						_, _ = c.Channels(ctx)
						continue
					}
					_ = c.Originate(context.Background(), good())
				}
			})
		}
		until(b, "load on the steady lane", func() bool { return c.Metrics().Steady.Wait > time.Millisecond })
		busy = append(busy, measure(urgent, 500)...)
		shared = append(shared, measure(queued, 20)...)
		cancel()
		wg.Wait()
	}
	for name, took := range map[string][]float64{"alone": alone, "beside": busy, "queued": shared} {
		slices.Sort(took)
		b.ReportMetric(took[len(took)/2], name+"-p50-µs")
		b.ReportMetric(took[len(took)*99/100], name+"-p99-µs")
	}
	b.ReportMetric(0, "ns/op")
}
