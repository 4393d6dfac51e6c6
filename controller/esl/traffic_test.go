package esl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tell asks something on a lane whose answer is the caller's own, given a word of letters, digits and _.
func tell(t testing.TB, k laneKind, word string) message {
	build := func() (message, error) { return globalVar(word) }
	if k == laneUrgent {
		build = func() (message, error) { return broadcast(uuidA, []string{word}) }
	}
	m, err := build()
	if err != nil || m.lane != k {
		t.Errorf("%s: lane %d, %v", word, m.lane, err)
	}
	return m
}

// told is what tell's command was given, as the peer reads it.
func told(cmd string) (word string, ok bool) {
	if word, ok = strings.CutPrefix(cmd, "api global_getvar "); ok {
		return word, word != "core_uuid"
	}
	word, ok = strings.CutPrefix(cmd, "api uuid_broadcast "+uuidA+" ")
	return strings.TrimSuffix(word, " aleg"), ok
}

var laneNames = [lanes]string{"urgent", "steady"}

// 64 callers on each lane, one command in a hundred timing out: every reply is the caller's own, and no event connection is
// lost by it (E3).
func TestRepliesAreTheCallers(t *testing.T) {
	const callers, each = 64, 100
	p := newPeer(t)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		word, ok := told(cmd)
		if !ok {
			return false, true
		}
		if strings.HasPrefix(word, "late_") {
			<-time.After(60 * time.Millisecond) // the peer is what is slow here
		}
		c.say(response("value of " + word))
		return true, true
	})
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	var wrong, lost, late atomic.Int64
	var wg sync.WaitGroup
	for k := range lanes {
		for caller := range callers {
			wg.Go(func() {
				for i := range each {
					n := caller*each + i
					if n%100 == 0 {
						if err := lateCommand(c, tell(t, k, fmt.Sprintf("late_%d_%d", k, n))); !errors.Is(err, ErrTimeout) {
							t.Errorf("late_%d_%d: %v", k, n, err)
						}
						late.Add(1)
						continue
					}
					word := fmt.Sprintf("v_%d_%d", k, n)
					v, err := c.ask(context.Background(), tell(t, k, word), nil)
					switch {
					case err != nil:
						t.Errorf("%s: %v", word, err)
						lost.Add(1)
					case v != "value of "+word:
						wrong.Add(1)
					}
				}
			})
		}
	}
	wg.Wait()
	const all = callers * each
	if wrong.Load() != 0 || lost.Load() != 0 || late.Load() != 2*all/100 {
		t.Errorf("%d wrong, %d lost, %d late", wrong.Load(), lost.Load(), late.Load())
	}
	m := c.Metrics()
	if m.Timeouts != uint64(late.Load()) || m.CommandErrors != m.Timeouts || m.Commands != 2*all || m.Reconnects != 0 {
		t.Errorf("metrics %+v", m)
	}
	for _, l := range []Lane{m.Urgent, m.Steady} {
		if l.Commands != all || l.Timeouts != all/100 || l.Redials != l.Timeouts || l.MaxWait < l.Wait || l.MaxReply == 0 {
			t.Errorf("lane %+v", l)
		}
	}
	if len(e.downs) != 0 {
		t.Errorf("down: %v", <-e.downs)
	}
}

// lateCommand gives up a few milliseconds after its command was sent; a plain deadline might pass while it still waits for
// its turn.
func lateCommand(c *Client, m message) error {
	n := c.session.Load().lanes[m.lane]
	c.counts.lanes[m.lane].commands.Add(1)
	n.turn <- struct{}{}
	_, err := n.inTurn(context.Background(), m, 5*time.Millisecond)
	if err != nil {
		c.counts.commandErrors.Add(1)
	}
	return err
}

// A caller that gives up leaves no reply behind for the next one, and the switch's own time-out does neither.
func TestLateReplyIsNobodys(t *testing.T) {
	p := newPeer(t)
	asked := make(chan *peerConn, 10)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		if strings.HasPrefix(cmd, "api uuid_kill") {
			asked <- c
			return true, true
		}
		return false, true
	})
	cfg := testConfig(p.addr)
	cfg.CommandTimeout = 150 * time.Millisecond
	c, e := start(t, cfg)
	await(t, e.ups, "up")
	impatient, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, ctx := range []context.Context{impatient, context.Background()} {
		done := make(chan error, 1)
		go func() { done <- c.Kill(ctx, uuidA, "NORMAL_CLEARING") }()
		conn := await(t, asked, "the command")
		cancel()
		if err := await(t, done, "the time-out"); !errors.Is(err, ErrTimeout) || errors.Is(err, ErrNotSent) {
			t.Errorf("got %v", err)
		}
		conn.say(response("+OK\n"))
		if at, err := c.Epoch(context.Background()); err != nil || at.Unix() != 1795199499 {
			t.Errorf("the next command got %v, %v", at, err)
		}
	}
	if m := c.Metrics(); m.Timeouts != 2 || m.Reconnects != 0 || len(e.downs) != 0 {
		t.Errorf("%+v", m)
	}
}

// When the switch does not take a new command connection after a time-out, the session is over.
func TestTimeoutOfAStalledSwitch(t *testing.T) {
	p := newPeer(t)
	p.hook(func(_ *peerConn, cmd string) (bool, bool) { return strings.HasPrefix(cmd, "api uuid_kill"), true })
	cfg := testConfig(p.addr)
	cfg.CommandTimeout, cfg.DialTimeout = 100*time.Millisecond, 100*time.Millisecond
	c, e := start(t, cfg)
	await(t, e.ups, "up")
	p.greeting(obstacles[0].greet)
	if err := c.Kill(context.Background(), uuidA, "NORMAL_CLEARING"); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v", err)
	}
	var pe *ProbeError
	if err := await(t, e.downs, "down"); !errors.As(err, &pe) || pe.Kind != ProbeSilent {
		t.Errorf("down: %v", err)
	}
	p.greeting(nil)
	await(t, e.ups, "up again")
}

// 20,000 events in bursts come one by one in the order in which they were sent, and none is missing (E2).
func TestOrderInBursts(t *testing.T) {
	const n = 20000
	p := newPeer(t)
	cfg := testConfig(p.addr)
	cfg.QueueSize = 256
	c, e := start(t, cfg)
	await(t, e.ups, "up")
	conn := await(t, p.event, "subscription")
	go func() {
		for i := 1; i <= n; {
			var b strings.Builder
			for ; i <= n && b.Len() < 100_000; i++ {
				b.WriteString(plain("Event-Name: CHANNEL_ANSWER", fmt.Sprintf("Event-Sequence: %d", i)))
			}
			conn.say(b.String())
		}
	}()
	for i := int64(1); i <= n; i++ {
		if ev := await(t, e.events, "event"); ev.Seq != i {
			t.Fatalf("event %d came as number %d", ev.Seq, i)
		}
	}
	if m := c.Metrics(); m.Events != n {
		t.Errorf("%+v", m)
	}
}

// A handler that blocks fills the queue and no more: no goroutine and no memory grows, the rest stays with the switch, and
// nothing is lost when it goes on (F-10).
func TestHandlerBlocks(t *testing.T) {
	const n, size = 5000, 100
	p := newPeer(t)
	cfg := testConfig(p.addr)
	cfg.QueueSize = size
	c, e := New(cfg), newEar()
	gate := make(chan struct{})
	e.slow = func(Event) { <-gate }
	run(t, c, e)
	await(t, e.ups, "up")
	conn := await(t, p.event, "subscription")
	before := runtime.NumGoroutine()
	go func() {
		for i := range n {
			conn.say(plain("Event-Name: DTMF", fmt.Sprintf("Event-Sequence: %d", i)))
		}
	}()
	until(t, "a full queue", func() bool { return c.Metrics().Queue == size })
	until(t, "a lag", func() bool { return c.Metrics().Lag > 30*time.Millisecond })
	if err := c.Kill(context.Background(), uuidA, "NORMAL_CLEARING"); err != nil {
		t.Errorf("a command while the handler blocks: %v", err)
	}
	if m, now := c.Metrics(), runtime.NumGoroutine(); m.Queue > size || m.Events > size+1 || now > before+5 {
		t.Errorf("queue %d, read %d, %d goroutines instead of %d", m.Queue, m.Events, now, before)
	}
	close(gate)
	for i := range n {
		if ev := await(t, e.events, "event"); ev.Seq != int64(i) {
			t.Fatalf("event %d came as number %d", ev.Seq, i)
		}
	}
	until(t, "an empty queue", func() bool { return c.Metrics().Queue == 0 })
	if m := c.Metrics(); m.MaxLag < 30*time.Millisecond || m.Reconnects != 0 {
		t.Errorf("%+v", m)
	}
}

// What was read before a loss is told before Down; a blocked handler does not keep commands from failing at once.
func TestEventsBeforeDown(t *testing.T) {
	p := newPeer(t)
	c, e := New(testConfig(p.addr)), newEar()
	gate := make(chan struct{})
	var order []string
	h := handlerFunc{
		event: func(ev Event) { <-gate; order = append(order, ev.Digit) },
		up:    func(string) { e.ups <- "" },
		down:  func(err error) { order = append(order, "down"); e.downs <- err },
	}
	run(t, c, h)
	await(t, e.ups, "up")
	conn := await(t, p.event, "subscription")
	for i := range 5 {
		conn.say(plain("Event-Name: DTMF", fmt.Sprintf("DTMF-Digit: %d", i)))
	}
	until(t, "five events read", func() bool { return c.Metrics().Events == 5 })
	_ = conn.Close()
	until(t, "the loss", func() bool { return !c.Connected() })
	if err := c.Kill(context.Background(), uuidA, "NORMAL_CLEARING"); !errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	close(gate)
	await(t, e.downs, "down")
	if got := strings.Join(order, " "); got != "0 1 2 3 4 down" {
		t.Errorf("order %s", got)
	}
}

type handlerFunc struct {
	event func(Event)
	up    func(string)
	down  func(error)
}

func (h handlerFunc) Event(e Event)  { h.event(e) }
func (h handlerFunc) Up(core string) { h.up(core) }
func (h handlerFunc) Down(err error) { h.down(err) }

// 100 cuts under load: each is told once, commands fail as one of the three known ways, and events go on (F-04).
func TestManyCuts(t *testing.T) {
	const cuts = 100
	p := newPeer(t)
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses = pauses{first: time.Millisecond, longest: 10 * time.Millisecond}
	run(t, c, e)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	var done atomic.Int64
	for range 8 {
		wg.Go(func() {
			for ctx.Err() == nil {
				err := c.Kill(ctx, uuidA, "NORMAL_CLEARING")
				switch {
				case err == nil:
					done.Add(1)
				case errors.Is(err, ErrNotSent), errors.Is(err, ErrLost), errors.Is(err, ErrTimeout):
					<-time.After(time.Millisecond)
				default:
					t.Errorf("got %v", err)
				}
			}
		})
	}
	for i := range cuts {
		await(t, e.ups, "up")
		conn := await(t, p.event, "subscription")
		conn.say(plain("Event-Name: DTMF", fmt.Sprintf("Event-Sequence: %d", i)))
		if ev := await(t, e.events, "event"); ev.Seq != int64(i) {
			t.Fatalf("event %d in session %d", ev.Seq, i)
		}
		before := done.Load()
		until(t, "commands in this session", func() bool { return done.Load() > before })
		p.cut()
		await(t, e.downs, "down")
	}
	if n := len(e.downs); n != 0 {
		t.Errorf("%d further downs", n)
	}
}
