package esl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// stallAfter is how long the rest of a begun event may take. The switch writes each event at once, so what is
	// missing after this time is not going to come.
	stallAfter = 700 * time.Millisecond
	// confirmFor is a second look after a deadline has passed: a process that was stopped, or starved, finds its
	// deadlines passed and the data waiting.
	confirmFor = 250 * time.Millisecond
	// probePatience bounds the reply to a probe.
	probePatience = 3 * time.Second
)

// session is one life of the event connection, and of the lanes that go with it: when it is lost, they are too. Its goroutines
// end with it.
type session struct {
	cfg     Config
	lasting time.Duration // a line that lived shorter is not dialled anew
	counts  *counters
	core    string
	events  *wire
	queue   *queue
	lanes   [lanes]*lane

	ctx    context.Context // ends with the session
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	over  bool
	cause error
}

// open connects, subscribes and learns the Core-UUID.
func open(ctx context.Context, c *Client) (*session, error) {
	wires := make([]*wire, 0, 1+lanes)
	for _, limit := range []int{maxEventBytes, maxReplyBytes, maxReplyBytes} {
		w, err := dial(ctx, c.cfg, limit)
		if err != nil {
			for _, w := range wires {
				_ = w.conn.Close()
			}
			return nil, err
		}
		wires = append(wires, w)
	}
	s := &session{cfg: c.cfg, lasting: c.pauses.lasting, counts: &c.counts, events: wires[0], queue: newQueue(c.cfg.QueueSize)}
	for k := range s.lanes {
		s.lanes[k] = &lane{s: s, counts: &c.counts.lanes[k], turn: make(chan struct{}, 1)}
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.spawn(func() {
		<-s.ctx.Done()
		s.fail(context.Cause(ctx))
	})
	for k, n := range s.lanes {
		n.use(wires[1+k])
	}
	if err := s.subscribe(); err != nil {
		s.close(err)
		return nil, err
	}
	a, err := s.lanes[laneSteady].do(ctx, coreUUID())
	if err == nil && (a.text == "" || strings.HasPrefix(a.text, "-ERR")) {
		err = &ReplyError{Command: string(verbGlobalVar), Reply: strings.TrimSpace(a.text)}
	}
	if err != nil {
		err = fmt.Errorf("ask %s for its core uuid: %w", c.cfg.Addr, err)
		s.close(err)
		return nil, err
	}
	s.core = strings.TrimSpace(a.text)
	s.spawn(s.read)
	for _, n := range s.lanes {
		s.spawn(n.probe)
	}
	s.spawn(func() { s.wake(&c.live, c.liveSet) })
	return s, nil
}

// subscribe asks for events; some may come before the reply does.
func (s *session) subscribe() error {
	if err := s.events.conn.SetDeadline(time.Now().Add(s.cfg.CommandTimeout)); err != nil {
		return fmt.Errorf("subscribe to events: %w", err)
	}
	if err := s.events.send(subscribe()); err != nil {
		return fmt.Errorf("subscribe to events: %w", err)
	}
	f, err := s.events.in.next()
	for err == nil && f.kind == kindEvent {
		f, err = s.events.in.next()
	}
	if err != nil {
		return fmt.Errorf("subscribe to events: %w", err)
	}
	if f.kind != kindReply || !strings.HasPrefix(string(f.reply), "+OK") {
		return &ReplyError{Command: "event", Reply: string(f.reply)}
	}
	if err := s.events.conn.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("subscribe to events: %w", err)
	}
	return nil
}

// spawn starts a goroutine of the session, unless the session is over.
func (s *session) spawn(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.wg.Go(f)
	return true
}

// fail ends the session; the first cause counts.
func (s *session) fail(cause error) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	s.over, s.cause = true, cause
	s.cancel() // before the lines are closed: their ends are no losses
	for _, n := range s.lanes {
		if n.line != nil {
			_ = n.line.w.conn.Close()
		}
	}
	s.mu.Unlock()
	_ = s.events.conn.Close()
}

// close ends the session and waits for its goroutines.
func (s *session) close(cause error) {
	s.fail(cause)
	s.wg.Wait()
}

// why is the first cause; nil while the session lives.
func (s *session) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// read turns the stream of the event connection into queued events, in order.
func (s *session) read() {
	p := &patience{conn: s.events.conn, silence: s.cfg.SilenceAfter}
	s.events.in.r = p
	s.events.in.wait = func(begun bool) { p.begun = begun }
	d := newDecoder()
	for {
		f, err := s.events.in.next()
		if err == nil {
			err = s.heed(d, f)
		}
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				what := fmt.Sprintf("no event for %s", s.cfg.SilenceAfter)
				if p.begun {
					what = "half an event and then nothing"
				}
				err = fmt.Errorf("%w: %s: %w", ErrSilent, what, err)
			}
			s.fail(fmt.Errorf("read events: %w", err))
			return
		}
	}
}

func (s *session) heed(d *decoder, f frame) error {
	switch f.kind {
	case kindEvent:
		e, err := d.event(f.body)
		if err != nil {
			return err
		}
		s.counts.events.Add(1)
		if !s.queue.push(e, time.Now(), s.ctx.Done()) {
			return context.Cause(s.ctx)
		}
		if e.Name == "SHUTDOWN" {
			return ErrShutdown
		}
		return nil
	case kindNotice:
		return noticed(f)
	case kindReply, kindResponse:
		return nil
	default:
		return fmt.Errorf("%w: greeting or refusal after the log-in", ErrBrokenStream)
	}
}

// wake writes a blank line every few milliseconds while calls are live: the switch polls the socket for 20 ms before it
// looks at its events, and any input ends the poll (performance: mean delay 10.8 → 2.0 ms).
func (s *session) wake(live *atomic.Bool, set <-chan struct{}) {
	tick := time.NewTicker(s.cfg.WakeEvery)
	defer tick.Stop()
	for {
		if !live.Load() {
			select {
			case <-set:
				continue
			case <-s.ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		err := s.events.conn.SetWriteDeadline(time.Now().Add(s.cfg.CommandTimeout))
		if err == nil {
			_, err = s.events.conn.Write([]byte{'\n'})
		}
		if err != nil {
			s.fail(fmt.Errorf("wake the event connection: %w", err))
			return
		}
		s.counts.wakeups.Add(1)
	}
}

// patience reads with a deadline that depends on whether an event has begun.
type patience struct {
	conn interface {
		Read([]byte) (int, error)
		SetReadDeadline(time.Time) error
	}
	silence time.Duration
	begun   bool
}

// Read reads what is there, waiting as long as it is worth waiting.
func (p *patience) Read(b []byte) (int, error) {
	d := p.silence
	if p.begun {
		d = min(d, stallAfter)
	}
	n, err := p.within(d, b)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		return p.within(confirmFor, b)
	}
	return n, err
}

func (p *patience) within(d time.Duration, b []byte) (int, error) {
	if err := p.conn.SetReadDeadline(time.Now().Add(d)); err != nil {
		return 0, err
	}
	return p.conn.Read(b)
}
