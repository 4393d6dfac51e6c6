package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/simulator"
	"waihu/simulator/town"
)

// feed collects the events of one connection in the order in which they come.
type feed struct {
	*loader
	names []string
	texts [][]byte
}

func subscribe(t *testing.T, addr, events string) *feed {
	t.Helper()
	f := &feed{loader: reach(t, addr)}
	if got := f.ask(t, "event plain "+events); !strings.Contains(got, "+OK event listener enabled") {
		t.Fatal(got)
	}
	t.Cleanup(func() { f.conn.Close() })
	return f
}

func (f *feed) originate(t *testing.T, i int, number, rest string) {
	t.Helper()
	if _, err := fmt.Fprintf(f.conn, "bgapi originate {origination_uuid=%s,ignore_early_media=true}sofia/gateway/gw/%s %s\nJob-UUID: %s\n\n", callID(i), number, rest, callID(i)); err != nil {
		t.Fatal(err)
	}
}

// until reads until an event with that name has come n times since the beginning.
func (f *feed) until(t *testing.T, name string, n int) {
	t.Helper()
	if err := f.conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for f.count(name) < n {
		head, body, err := readFrame(f.r)
		if err != nil {
			t.Fatalf("waiting for %d %s after %v: %v", n, name, f.names, err)
		}
		if bytes.Contains(head, []byte("text/event-plain")) {
			f.names = append(f.names, valueOf(body, "Event-Name"))
			f.texts = append(f.texts, body)
		}
	}
}

func (f *feed) count(name string) int {
	n := 0
	for _, x := range f.names {
		if x == name {
			n++
		}
	}
	return n
}

func (f *feed) index(name string) int {
	for i, x := range f.names {
		if x == name {
			return i
		}
	}
	return -1
}

const lifeEvents = "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY BACKGROUND_JOB"

func recorded() simulator.Config {
	return simulator.Config{Clock: fast(60), MaxSessions: 1000, SessionsPerSecond: 10_000, Town: town.Config{Recorded: true}}
}

func TestEventFaults(t *testing.T) {
	defer goleak.VerifyNone(t)
	const calls = 20
	always := func(f simulator.Fault) simulator.Faults {
		return simulator.Faults{ByEvent: map[string]simulator.Fault{"CHANNEL_ANSWER": f}}
	}
	tests := []struct {
		name   string
		faults simulator.Faults
		want   int // CHANNEL_ANSWER for all calls
	}{
		{"none", simulator.Faults{}, calls},
		{"drop", always(simulator.Fault{Drop: 1}), 0},
		{"double", always(simulator.Fault{Double: 1}), 2 * calls},
		{"delay", always(simulator.Fault{Delay: 1, DelayBy: 10 * time.Second}), calls}, // calls last 6 s
		{"shuffle", simulator.Faults{Default: simulator.Fault{Shuffle: 0.5}}, calls},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			cfg := recorded()
			cfg.Faults, cfg.Seed = x.faults, 11
			s, stop := begin(t, cfg)
			defer stop()
			f := subscribe(t, s.Addr(), lifeEvents)
			for i := range calls {
				f.originate(t, i, fmt.Sprintf("13800%03d700", i), "&park()")
			}
			f.until(t, "CHANNEL_DESTROY", calls)
			f.until(t, "CHANNEL_ANSWER", x.want)
			if got := f.count("CHANNEL_ANSWER"); got != x.want {
				t.Errorf("%d answers, want %d", got, x.want)
			}
			for _, name := range []string{"CHANNEL_CREATE", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "BACKGROUND_JOB"} {
				if got := f.count(name); got != calls && got > 0 && name != "CHANNEL_HANGUP_COMPLETE" || got > calls {
					t.Errorf("%d %s, want %d", got, name, calls)
				}
			}
			if late := f.index("CHANNEL_ANSWER") > f.index("CHANNEL_DESTROY"); late != (x.name == "delay") && x.want > 0 {
				t.Errorf("the first answer is number %d, the first end number %d", f.index("CHANNEL_ANSWER"), f.index("CHANNEL_DESTROY"))
			}
			if swaps := f.inversions(); (swaps > 0) != (x.name == "shuffle" || x.name == "delay") {
				t.Errorf("%d events came before one with a smaller Event-Sequence", swaps)
			}
			if got := s.Report().Totals; got.Answered != calls || got.Ended != calls {
				t.Errorf("faults of events changed the calls: %+v", got)
			}
		})
	}
}

// inversions counts neighbours out of order; job reports have no place of their own.
func (f *feed) inversions() int {
	n, last := 0, ""
	for _, text := range f.texts {
		if valueOf(text, "Event-Name") == "BACKGROUND_JOB" {
			continue
		}
		sequence := fmt.Sprintf("%012s", valueOf(text, "Event-Sequence"))
		if sequence < last {
			n++
		}
		last = sequence
	}
	return n
}

func TestStallLosesNothing(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, stop := begin(t, recorded())
	defer stop()
	f := subscribe(t, s.Addr(), lifeEvents)
	f.originate(t, 1, "13800000200", "&park()")
	f.until(t, "CHANNEL_ANSWER", 1)
	s.Stall(true)
	f.originate(t, 2, "13800000111", "&park()") // is read only after the stall
	if err := f.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for { // what was on its way may come, but nothing about the second call
		head, body, err := readFrame(f.r)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil || strings.Contains(string(head)+string(body), callID(2)) {
			t.Fatalf("in the stall came %s%s, %v", head, body, err)
		}
	}
	s.Stall(false)
	f.until(t, "CHANNEL_ANSWER", 2)
	if got := s.Report().Totals; got.Dialled != 2 {
		t.Errorf("totals %+v", got)
	}
}

func TestCutKeepsCalls(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, stop := begin(t, recorded())
	defer stop()
	f := subscribe(t, s.Addr(), lifeEvents)
	f.originate(t, 1, "13800000200", "&park()")
	f.until(t, "CHANNEL_ANSWER", 1)
	s.Cut()
	if err := f.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := readFrame(f.r); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("the connection was not cut")
			}
			break
		}
	}
	if got := showChannels(t, s.Addr()); got != "\n1 total.\n" {
		t.Errorf("after the cut: %q", got)
	}
	again := subscribe(t, s.Addr(), lifeEvents)
	if got := again.ask(t, "api uuid_kill "+callID(1)); !strings.Contains(got, "+OK") {
		t.Fatal(got)
	}
	again.until(t, "CHANNEL_DESTROY", 1)
}

func TestRestartForgetsCalls(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, stop := begin(t, recorded())
	defer stop()
	f := subscribe(t, s.Addr(), lifeEvents)
	f.originate(t, 1, "13800000200", "&park()")
	f.until(t, "CHANNEL_ANSWER", 1)
	core := valueOf(f.texts[0], "Core-UUID")
	s.Restart(false)
	if _, err := io.Copy(io.Discard, f.conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("the connection did not end: %v", err)
	}
	if got := showChannels(t, s.Addr()); got != "\n0 total.\n" {
		t.Errorf("after the restart: %q", got)
	}
	again := subscribe(t, s.Addr(), lifeEvents)
	again.originate(t, 1, "13800000200", "&park()") // the identifier is free again
	again.until(t, "CHANNEL_ANSWER", 1)
	if got := valueOf(again.texts[0], "Core-UUID"); got == core || got == "" {
		t.Errorf("Core-UUID %q, before %q", got, core)
	}
	n := s.Report().Numbers["13800000200"]
	if n.Dialled != 2 || n.InProgress != 1 || !n.Calls[0].Lost || n.Calls[1].Lost {
		t.Errorf("the number saw %+v", n)
	}
}

func TestRefusals(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, stop := begin(t, recorded())
	defer stop()
	s.RefuseNext(simulator.RefuseRude)
	conn := dialTo(t, s.Addr())
	text, err := io.ReadAll(conn)
	if want := "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v; want %q and the end", text, err, want)
	}
	s.RefuseNext(simulator.RefuseSilent)
	silent := dialTo(t, s.Addr())
	if err := silent.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := silent.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent peer sent %d bytes, %v", n, err)
	}
	reach(t, s.Addr()).conn.Close() // the next one is welcome
}

func dialTo(t *testing.T, addr string) net.Conn {
	t.Helper()
	var d net.Dialer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestLimits(t *testing.T) {
	defer goleak.VerifyNone(t)
	tests := []struct {
		name   string
		number string // 111 answers without any time going by, 200 after half a second
		change func(*simulator.Config)
		calls  int
		want   map[string]int // beginnings of the jobs' replies
	}{
		{"sessions", "13800000111", func(c *simulator.Config) { c.MaxSessions, c.Clock = 3, fast(0.001) }, 5, map[string]int{"+OK": 3, "-ERR DESTINATION_OUT_OF_ORDER": 2}},
		{"sessions per second", "13800000111", func(c *simulator.Config) { c.SessionsPerSecond, c.Clock = 4, fast(0.001) }, 7, map[string]int{"+OK": 4, "-ERR DESTINATION_OUT_OF_ORDER": 3}},
		{"lines of the trunk", "13800000200", func(c *simulator.Config) { c.Gateways = map[string]simulator.Gateway{"gw": {Lines: 2}} }, 5, map[string]int{"+OK": 2, "-ERR NORMAL_TEMPORARY_FAILURE": 3}},
		{"trunk down", "13800000200", func(c *simulator.Config) { c.Gateways = map[string]simulator.Gateway{"gw": {Down: true}} }, 2, map[string]int{"-ERR GATEWAY_DOWN": 2}},
		{"no such trunk", "13800000200", func(c *simulator.Config) { c.Gateways = map[string]simulator.Gateway{"other": {}} }, 2, map[string]int{"-ERR INVALID_GATEWAY": 2}},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			cfg := recorded()
			x.change(&cfg)
			s, stop := begin(t, cfg)
			defer stop()
			f := subscribe(t, s.Addr(), "CHANNEL_CREATE BACKGROUND_JOB")
			var all strings.Builder
			for i := range x.calls {
				fmt.Fprintf(&all, "bgapi originate {origination_uuid=%s}sofia/gateway/gw/%s &park()\nJob-UUID: %s\n\n", callID(i), x.number, callID(i))
			}
			if _, err := io.WriteString(f.conn, all.String()); err != nil {
				t.Fatal(err)
			}
			f.until(t, "BACKGROUND_JOB", x.calls)
			got := map[string]int{}
			for i, name := range f.names {
				if name != "BACKGROUND_JOB" {
					continue
				}
				_, body, _ := bytes.Cut(f.texts[i], []byte("\n\n"))
				for want := range x.want {
					if strings.HasPrefix(string(body), want) {
						got[want]++
					}
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(x.want) {
				t.Errorf("replies %v, want %v", got, x.want)
			}
		})
	}
}
