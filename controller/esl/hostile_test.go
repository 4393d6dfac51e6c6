package esl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// The table of eslgo's faults (design, section 5), and which test shows that they are not ours:
//
//	events out of order, a goroutine per event   TestOrderInBursts, TestHandlerBlocks
//	odd names of variables end the stream        TestDecodeTolerant, FuzzEvent
//	45 µs and 250 allocations an event           TestAllocations, BenchmarkReaders, BenchmarkClients
//	replies swapped between callers              TestRepliesAreTheCallers
//	a late reply is the next command's           TestLateReplyIsNobodys, TestTimeoutOfAStalledSwitch
//	Dial waits for ever, a refusal hangs         TestObstacles, TestContextEndsDial
//	a cut or a silent peer goes unnoticed        TestLossIsNoticedAndMended, TestSilentEvents, TestSilentCommands
//	Close blocks on a pending command            TestEndWithCommandPending, TestCutWithCommandInFlight
//	BuildVars escapes nothing                    TestHostileTexts, TestCheckOfMessages, FuzzCommand
//	JSON events are stubs, origination_uuid lost TestCommandTexts

// Limits of E4, and what a loaded machine may add to them.
const (
	noticedWithin = time.Second
	resyncWithin  = 2 * time.Second
	slack         = time.Second
)

func reset(c *peerConn) {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// Each way to lose the event connection is noticed in time, told once with its reason, and mended: E4, F-04, F-06.
func TestLossIsNoticedAndMended(t *testing.T) {
	half := "Content-Length: 400\nContent-Type: text/event-plain\n\nEvent-Name: CHANNEL_ANS"
	for _, tc := range []struct {
		name  string
		harm  func(*peerConn)
		cause error
	}{
		{"FIN", func(c *peerConn) { _ = c.Close() }, io.EOF},
		{"RST", reset, nil},
		{"half a message, then FIN", func(c *peerConn) { c.say(half); _ = c.Close() }, io.ErrUnexpectedEOF},
		{"half a message, then nothing", func(c *peerConn) { c.say(half) }, ErrSilent},
		{"half a header, then nothing", func(c *peerConn) { c.say(half[:12]) }, ErrSilent},
		{"disconnect-notice", func(c *peerConn) { c.say(disconnected) }, nil},
		{"shutdown event", func(c *peerConn) { c.say(plain("Event-Name: SHUTDOWN")) }, ErrShutdown},
		{"shutdown notice", func(c *peerConn) {
			c.say("Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n")
		}, ErrShutdown},
		{"negative length", func(c *peerConn) { c.say("Content-Length: -1\nContent-Type: text/event-plain\n\n") }, ErrBrokenStream},
		{"two megabytes", func(c *peerConn) { c.say("Content-Length: 2000000\nContent-Type: text/event-plain\n\n") }, ErrBrokenStream},
		{"broken header", func(c *peerConn) { c.say("rubbish\n\n") }, ErrBrokenStream},
		{"wrong content type", func(c *peerConn) { c.say("Content-Length: 2\nContent-Type: text/event-json\n\n{}") }, ErrBrokenStream},
		{"inner length too long", func(c *peerConn) {
			c.say(plain("Event-Name: BACKGROUND_JOB", "Content-Length: 900", "", "+OK"))
		}, ErrBrokenStream},
		{"greeting again", func(c *peerConn) { c.say("Content-Type: auth/request\n\n") }, ErrBrokenStream},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			c, e := start(t, testConfig(p.addr))
			await(t, e.ups, "up")
			victim := await(t, p.event, "subscription")
			began := time.Now()
			tc.harm(victim)
			err := await(t, e.downs, "down")
			noticed := time.Since(began)
			await(t, e.ups, "up again")
			mended := time.Since(began) - noticed
			t.Logf("noticed after %s (%v), up again after %s", noticed, err, mended)
			if noticed > noticedWithin+slack || mended > resyncWithin+slack {
				t.Errorf("noticed after %s, mended after %s", noticed, mended)
			}
			if tc.cause != nil && !errors.Is(err, tc.cause) {
				t.Errorf("cause %v, want %v", err, tc.cause)
			}
			if err := c.Kill(context.Background(), uuidA, "NORMAL_CLEARING"); err != nil {
				t.Errorf("command after the loss: %v", err)
			}
			await(t, p.event, "subscription").say(plain("Event-Name: DTMF", "DTMF-Digit: 5"))
			for ev := await(t, e.events, "event after the loss"); ev.Name != "DTMF"; {
				ev = await(t, e.events, "event after the loss")
			}
			if len(e.downs) != 0 || len(e.ups) != 0 {
				t.Errorf("%d further downs, %d further ups", len(e.downs), len(e.ups))
			}
			if m := c.Metrics(); m.Reconnects != 1 {
				t.Errorf("%d reconnects", m.Reconnects)
			}
		})
	}
}

// A switch that is away is dialled until it is back, and then served within two seconds.
func TestSwitchAwayAndBack(t *testing.T) {
	p := newPeer(t)
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	p.down()
	await(t, e.downs, "down")
	until(t, "three attempts or more", func() bool {
		var pe *ProbeError
		return errors.As(c.Metrics().LastError, &pe) && pe.Kind == ProbeUnreachable
	})
	if c.Connected() {
		t.Error("connected to nothing")
	}
	if err := c.Kill(context.Background(), uuidA, "NORMAL_CLEARING"); !errors.Is(err, ErrNotSent) {
		t.Errorf("command to nothing: %v", err)
	}
	p.core = "11111111-2222-4333-8444-555555555555"
	p.up()
	began := time.Now()
	if core := await(t, e.ups, "up again"); core != p.core {
		t.Errorf("core %q, want the new one", core)
	}
	if d := time.Since(began); d > resyncWithin+slack {
		t.Errorf("up again after %s", d)
	}
	if len(e.downs) != 0 {
		t.Error("down told twice")
	}
}

// A command in flight when a connection that has just been dialled is cut fails as lost, never as not sent: the switch may have
// it (I6). The session ends, and the next one waits a little.
func TestCutWithCommandInFlight(t *testing.T) {
	p := newPeer(t)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		return strings.HasPrefix(cmd, "bgapi"), !strings.HasPrefix(cmd, "bgapi")
	})
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses.lasting = time.Hour
	run(t, c, e)
	await(t, e.ups, "up")
	began := time.Now()
	err := c.Originate(context.Background(), good())
	if !errors.Is(err, ErrLost) || errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	await(t, e.downs, "down")
	if d := time.Since(began); d > noticedWithin+slack {
		t.Errorf("noticed after %s", d)
	}
	await(t, e.ups, "up again")
}

// Run ends at once though a command waits for its reply, and the command ends with it.
func TestEndWithCommandPending(t *testing.T) {
	p := newPeer(t)
	asked := make(chan struct{})
	p.hook(func(_ *peerConn, cmd string) (bool, bool) {
		if strings.HasPrefix(cmd, "bgapi") {
			close(asked)
			return true, true
		}
		return false, true
	})
	cfg := testConfig(p.addr)
	cfg.CommandTimeout = time.Hour
	c, e := New(cfg), newEar()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended, failed := make(chan error, 1), make(chan error, 1)
	go func() { ended <- c.Run(ctx, e) }()
	await(t, e.ups, "up")
	go func() { failed <- c.Originate(context.Background(), good()) }()
	await(t, asked, "the command")
	waiting := make(chan error, 1)
	go func() { waiting <- c.Kill(context.Background(), uuidA, "NORMAL_CLEARING") }()
	cancel()
	if err := await(t, ended, "Run to end"); err != nil {
		t.Errorf("Run: %v", err)
	}
	if err := await(t, failed, "the command to end"); !errors.Is(err, ErrLost) || errors.Is(err, ErrNotSent) {
		t.Errorf("pending: %v", err)
	}
	if err := await(t, waiting, "the waiting command to end"); !errors.Is(err, ErrNotSent) {
		t.Errorf("waiting: %v", err)
	}
	if len(e.downs) != 0 {
		t.Error("Down though nothing was lost")
	}
}

// A reply for another job means that replies and commands do not match any more.
func TestWrongJob(t *testing.T) {
	p := newPeer(t)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		if !strings.HasPrefix(cmd, "bgapi") {
			return false, true
		}
		c.say("Content-Type: command/reply\nReply-Text: +OK Job-UUID: " + uuidB + "\nJob-UUID: " + uuidB + "\n\n")
		return true, true
	})
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses.lasting = time.Hour
	run(t, c, e)
	await(t, e.ups, "up")
	if err := c.Originate(context.Background(), good()); !errors.Is(err, ErrBrokenStream) || errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if err := await(t, e.downs, "down"); !errors.Is(err, ErrBrokenStream) {
		t.Errorf("down: %v", err)
	}
}

// Silence on the event connection, though commands are answered, ends the session (F-05).
func TestSilentEvents(t *testing.T) {
	p := newPeer(t)
	cfg := testConfig(p.addr)
	cfg.SilenceAfter = 300 * time.Millisecond
	c, e := start(t, cfg)
	await(t, e.ups, "up")
	conn := await(t, p.event, "subscription")
	for range 6 {
		conn.say(plain("Event-Name: HEARTBEAT", "Session-Count: 3"))
		if ev := await(t, e.events, "heartbeat"); ev.Sessions != 3 {
			t.Fatalf("%+v", ev)
		}
	}
	began := time.Now()
	if err := await(t, e.downs, "down"); !errors.Is(err, ErrSilent) {
		t.Errorf("cause %v", err)
	}
	if d := time.Since(began); d < cfg.SilenceAfter/2 || d > cfg.SilenceAfter+confirmFor+slack {
		t.Errorf("noticed after %s", d)
	}
	await(t, e.ups, "up again")
	_ = c
}

// A switch that answers nothing any more, with all connections standing, is noticed by the probe.
func TestSilentCommands(t *testing.T) {
	p := newPeer(t)
	cfg := testConfig(p.addr)
	cfg.ProbeEvery, cfg.CommandTimeout = 50*time.Millisecond, 200*time.Millisecond
	stalled := make(chan struct{})
	p.hook(func(_ *peerConn, cmd string) (bool, bool) {
		select {
		case <-stalled:
			return true, true
		default:
			return false, true
		}
	})
	_, e := start(t, cfg)
	await(t, e.ups, "up")
	until(t, "probes", func() bool { return strings.HasSuffix(strings.Join(p.said(), "\n"), "api strepoch") })
	began := time.Now()
	close(stalled)
	if err := await(t, e.downs, "down"); !errors.Is(err, ErrSilent) {
		t.Errorf("cause %v", err)
	}
	if d := time.Since(began); d > noticedWithin+slack {
		t.Errorf("noticed after %s", d)
	}
}

// A deadline that passed while the process was stopped is no silence when the data is there.
func TestPatienceLooksTwice(t *testing.T) {
	for _, tc := range []struct {
		second error
		want   error
	}{{nil, nil}, {context.DeadlineExceeded, context.DeadlineExceeded}} {
		f := &late{second: tc.second}
		n, err := (&patience{conn: f, silence: time.Minute}).Read(make([]byte, 8))
		if (tc.want == nil) != (err == nil) || err == nil && n != 5 {
			t.Errorf("%d %v", n, err)
		}
		if f.reads != 2 {
			t.Errorf("%d reads", f.reads)
		}
	}
}

type late struct {
	reads  int
	second error
}

func (l *late) SetReadDeadline(time.Time) error { return nil }
func (l *late) Read(b []byte) (int, error) {
	l.reads++
	if l.reads == 1 {
		return 0, fmt.Errorf("read: %w", errDeadline)
	}
	if l.second != nil {
		return 0, l.second
	}
	return copy(b, "hello"), nil
}
