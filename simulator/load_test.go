package simulator_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/controller/clock"
	"waihu/simulator"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

// subscription is what the daemon listens to.
const subscription = "event plain CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE " +
	"CHANNEL_PARK CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE DTMF BACKGROUND_JOB HEARTBEAT"

// seen is what came about one call.
type seen struct {
	created, answered, hungUp, completed, jobs, after int
	reply                                             string
}

func (c *seen) over() bool {
	return c.jobs > 0 && (c.completed > 0 || !strings.HasPrefix(c.reply, "+OK") && c.created == 0)
}

// loader is a client that keeps many calls going on one connection. Its reader knows nothing of the simulator's code.
type loader struct {
	conn   net.Conn
	r      *bufio.Reader
	mu     sync.Mutex
	calls  map[string]*seen
	events map[string]int
	bytes  int64
	heard  *sync.Cond // broadcast whenever a call is over or the connection ends
	over   int
	err    error
	done   chan struct{}
}

// reach connects and logs in. Until listen is called replies are read by ask.
func reach(tb testing.TB, addr string) *loader {
	tb.Helper()
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	l := &loader{conn: conn, r: bufio.NewReaderSize(conn, 1<<18), calls: map[string]*seen{}, events: map[string]int{}, done: make(chan struct{})}
	l.heard = sync.NewCond(&l.mu)
	if head, _, err := readFrame(l.r); err != nil || !bytes.Contains(head, []byte("auth/request")) {
		tb.Fatalf("greeting %q, %v", head, err)
	}
	if got := l.ask(tb, "auth ClueCon"); !strings.Contains(got, "+OK accepted") {
		tb.Fatalf("auth: %s", got)
	}
	return l
}

// ask sends a command and returns headers and body of the next frame.
func (l *loader) ask(tb testing.TB, command string) string {
	tb.Helper()
	if err := l.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		tb.Fatal(err)
	}
	defer l.conn.SetDeadline(time.Time{})
	if _, err := io.WriteString(l.conn, command+"\n\n"); err != nil {
		tb.Fatal(err)
	}
	head, body, err := readFrame(l.r)
	if err != nil {
		tb.Fatalf("%s: %v", command, err)
	}
	return string(head) + string(body)
}

// listen subscribes and reads events in a goroutine until the connection ends.
func (l *loader) listen(tb testing.TB) {
	tb.Helper()
	if got := l.ask(tb, subscription); !strings.Contains(got, "+OK event listener enabled plain") {
		tb.Fatal(got)
	}
	go func() {
		defer close(l.done)
		var err error
		for err == nil {
			var head, body []byte
			if head, body, err = readFrame(l.r); err == nil && bytes.Contains(head, []byte("text/event-plain")) {
				l.note(body)
			}
		}
		l.mu.Lock()
		l.err = err
		l.heard.Broadcast()
		l.mu.Unlock()
	}()
}

func readFrame(r *bufio.Reader) (head, body []byte, err error) {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil, nil, err
		}
		if len(line) == 1 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return nil, nil, fmt.Errorf("frame length: %w", err)
			}
		}
		head = append(head, line...)
	}
	body = make([]byte, length)
	_, err = io.ReadFull(r, body)
	return head, body, err
}

func (l *loader) note(event []byte) {
	name := valueOf(event, "Event-Name")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[name]++
	l.bytes += int64(len(event))
	id := valueOf(event, "Unique-ID")
	if name == "BACKGROUND_JOB" {
		id = valueOf(event, "Job-UUID")
	}
	c := l.calls[id]
	if c == nil {
		return
	}
	before := c.over()
	switch name {
	case "BACKGROUND_JOB":
		c.jobs++
		_, body, _ := bytes.Cut(event, []byte("\n\n"))
		c.reply = string(body)
	case "CHANNEL_CREATE":
		c.created++
	case "CHANNEL_ANSWER":
		c.answered++
	case "CHANNEL_HANGUP":
		c.hungUp++
	case "CHANNEL_HANGUP_COMPLETE":
		c.completed++
		if c.hungUp == 0 {
			c.after++
		}
	}
	if !before && c.over() {
		l.over++
		l.heard.Broadcast()
	}
}

// valueOf finds a header in a plain event; ids and names need no decoding.
func valueOf(event []byte, name string) string {
	key := name + ": "
	i := 0
	if !bytes.HasPrefix(event, []byte(key)) {
		if i = bytes.Index(event, []byte("\n"+key)); i < 0 {
			return ""
		}
		i++
	}
	v := event[i+len(key):]
	if end := bytes.IndexByte(v, '\n'); end >= 0 {
		v = v[:end]
	}
	return string(v)
}

// dial originates calls from first to last, at most window at a time.
func (l *loader) dial(first, last, window int, number func(i int) string, extension string) error {
	for i := first; i < last; i++ {
		id := callID(i)
		l.mu.Lock()
		for l.err == nil && len(l.calls)-l.over >= window {
			l.heard.Wait()
		}
		err := l.err
		l.calls[id] = &seen{}
		l.mu.Unlock()
		if err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
		if _, err := fmt.Fprintf(l.conn, "bgapi originate {origination_uuid=%s,originate_timeout=45,ignore_early_media=true,origination_caller_id_number=4008000001,waihu_attempt=%s}sofia/gateway/gw/%s %s XML waihu\nJob-UUID: %s\n\n",
			id, id, number(i), extension, id); err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
	}
	return nil
}

// wait blocks until n calls are over or patience is at its end.
func (l *loader) wait(n int, patience time.Duration) error {
	late := time.AfterFunc(patience, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.err = errors.Join(l.err, errors.New("waited too long"))
		l.heard.Broadcast()
	})
	defer late.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.err == nil && l.over < n {
		l.heard.Wait()
	}
	if l.over < n {
		return fmt.Errorf("%d of %d calls are over: %w", l.over, n, l.err)
	}
	return nil
}

func (l *loader) close() {
	l.conn.Close()
	<-l.done
}

func callID(i int) string { return fmt.Sprintf("0193f0aa-0000-7000-8000-%012d", i) }

// begin starts a switch with the recommended dialplan; stop ends it and reports its error.
func begin(tb testing.TB, cfg simulator.Config) (s *simulator.Simulator, stop func()) {
	tb.Helper()
	plan, err := script.Dir("script/testdata/recommended", map[string]string{"sounds_dir": "/sounds"})
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Dialplan = plan
	cfg.SoundDir = func(string) (time.Duration, bool) { return 3 * time.Second, true }
	if s, err = simulator.New(cfg); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("run: %v", err)
		}
	}
}

func fast(speed float64) clock.Clock {
	return clock.NewVirtual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), speed)
}

// Twenty thousand calls of every sort, sixty times as fast as life: each number is dialled once, each call ends once,
// nothing is left.
func TestSoak(t *testing.T) {
	defer goleak.VerifyNone(t)
	calls := 20_000
	if testing.Short() {
		calls = 2_000
	}
	people, err := town.New(town.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, stop := begin(t, simulator.Config{Clock: fast(60), MaxSessions: 5000, SessionsPerSecond: 1_000_000, Town: town.Config{Seed: 1}})
	defer stop()
	l := reach(t, s.Addr())
	defer l.close()
	l.listen(t)
	number := func(i int) string { return fmt.Sprintf("138%08d", i) } // every suffix of the recordings is among them
	if err := l.dial(0, calls, 3000, number, "waihu_menu_7"); err != nil {
		t.Fatal(err)
	}
	if err := l.wait(calls, 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	report := s.Report()
	if r := report.Totals; r.Dialled != calls || r.Ended != calls || r.InProgress != 0 || r.Refused != 0 {
		t.Errorf("totals %+v, want %d dialled and ended", r, calls)
	}
	answered := 0
	for i := range calls {
		c, n := l.calls[callID(i)], report.Numbers[number(i)]
		if c.created != 1 || c.hungUp != 1 || c.completed != 1 || c.jobs != 1 || c.after != 0 || c.answered != n.Answered {
			t.Fatalf("call %d: %+v, the number saw %+v", i, c, n)
		}
		if n.Dialled != 1 || len(n.Calls) != 1 || n.Calls[0].UUID != callID(i) || n.Calls[0].Ended.IsZero() {
			t.Fatalf("call %d: the number saw %+v", i, n)
		}
		if ok := strings.HasPrefix(c.reply, "+OK "+callID(i)); ok != (n.Answered == 1) {
			t.Fatalf("call %d: answered %d times, job says %q", i, n.Answered, c.reply)
		}
		answered += n.Answered
		checkCallee(t, people.Call(number(i), 1), number(i), n.Calls[0])
	}
	if share := float64(answered) / float64(calls); share < 0.3 || share > 0.55 {
		t.Errorf("%.2f of the calls were answered", share)
	}
	if left := showChannels(t, s.Addr()); left != "\n0 total.\n" {
		t.Errorf("channels left: %q", left)
	}
	t.Logf("%d calls, %d answered, peak %d, outcomes %v", calls, answered, report.Totals.PeakCalls, report.Totals.Outcomes)
}

// checkCallee compares a call with what its callee was to do. Times are the switch's own: speed and load must not bend them.
func checkCallee(t *testing.T, want town.Callee, number string, got simulator.CallReport) {
	t.Helper()
	rang := got.Ended.Sub(got.Dialled)
	if !want.Answer {
		if want.SIPStatus != 0 && want.Ring < 44*time.Second && (rang != want.Ring || got.Cause != want.Cause) {
			t.Fatalf("%s was refused after %v with %s, want %+v", number, rang, got.Cause, want)
		}
		if want.SIPStatus == 0 && (got.Cause != "NO_ANSWER" || rang < 44*time.Second || rang > 46*time.Second) {
			t.Fatalf("%s rang %v and ended with %s, want the originate_timeout", number, rang, got.Cause)
		}
		return
	}
	talked := got.Ended.Sub(got.Answered)
	if rang := got.Answered.Sub(got.Dialled); want.Ring < 44*time.Second && (rang != want.Ring || want.HangUpAfter > 0 && talked > want.HangUpAfter) {
		t.Fatalf("%s answered after %v and stayed %v, want %+v", number, rang, talked, want)
	}
	// The menu plays 3 s and waits 3 s; until then a key at the first prompt must have come.
	if len(want.Keys) == 1 && want.Keys[0].Prompt == 1 && want.Keys[0].After < 6*time.Second && want.Keys[0].After < talked-50*time.Millisecond && got.Keys != want.Keys[0].Digit {
		t.Fatalf("%s pressed %q, want %+v", number, got.Keys, want)
	}
	if len(want.Keys) == 0 && got.Keys != "" {
		t.Fatalf("%s pressed %q, want none", number, got.Keys)
	}
}

func showChannels(tb testing.TB, addr string) string {
	tb.Helper()
	l := reach(tb, addr)
	defer l.conn.Close()
	_, body, _ := strings.Cut(l.ask(tb, "api show channels count"), "Content-Length: 10\n")
	return body
}
