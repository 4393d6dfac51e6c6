//go:build unix

package simulator_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"waihu/simulator"
	"waihu/simulator/town"
)

// BenchmarkCalls is whole calls: originate, ring, answer, dialplan with playback, hang-up, with the daemon's events.
// calls/cpu-s counts the processor time of the loading client too.
func BenchmarkCalls(b *testing.B) {
	s, stop := begin(b, simulator.Config{Clock: fast(60), MaxSessions: 100_000, SessionsPerSecond: 1_000_000, Town: town.Config{Recorded: true}})
	defer stop()
	l := reach(b, s.Addr())
	defer l.close()
	l.listen(b)
	number := func(i int) string { return fmt.Sprintf("138%05d700", i%100_000) }
	b.ReportAllocs()
	began := cpuTime()
	b.ResetTimer()
	if err := l.dial(0, b.N, 500, number, "waihu_voice_7"); err != nil {
		b.Fatal(err)
	}
	if err := l.wait(b.N, 5*time.Minute); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	cpu := cpuTime() - began
	events := 0
	for _, n := range l.events {
		events += n
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64(b.N)/cpu.Seconds(), "calls/cpu-s")
	b.ReportMetric(float64(events)/float64(b.N), "events/call")
	b.ReportMetric(float64(l.bytes)/float64(max(events, 1)), "bytes/event")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkHeld is what 5,000 calls in progress cost in memory, and how soon a command is answered beside them.
func BenchmarkHeld(b *testing.B) {
	const calls = 5000
	s, stop := begin(b, simulator.Config{Clock: fast(1), MaxSessions: calls + 1, SessionsPerSecond: 1_000_000, Town: town.Config{Recorded: true}})
	defer stop()
	l := reach(b, s.Addr())
	defer l.close()
	l.listen(b)
	control := reach(b, s.Addr())
	defer control.conn.Close()
	before := heap()
	if err := l.dial(0, calls, calls+1, func(i int) string { return fmt.Sprintf("138%05d200", i) }, "waihu_agent"); err != nil {
		b.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); l.count("CHANNEL_PARK") < calls; {
		if time.Now().After(deadline) {
			b.Fatalf("only %d channels are parked", l.count("CHANNEL_PARK"))
		}
		control.ask(b, "api status")
	}
	held := heap() - before
	b.ResetTimer()
	for i := range b.N {
		control.ask(b, "api uuid_getvar "+callID(i%calls)+" waihu_attempt")
	}
	b.ReportMetric(float64(held)/calls, "bytes/call")
}

func (l *loader) count(event string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[event]
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
