package esl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"waihu/controller/clock"
)

// Config says where the switch is and how patient to be. Zero values are replaced by the defaults named.
type Config struct {
	Addr           string        // host:port of mod_event_socket
	Password       string        // of event_socket.conf.xml
	DialTimeout    time.Duration // connect, greeting and log-in together; 5 s
	CommandTimeout time.Duration // from sending a command to its reply; 5 s
	ProbeEvery     time.Duration // a cheap command after so long without a reply; 2 s
	SilenceAfter   time.Duration // no event for so long is a loss, HEARTBEAT comes every 20 s; 45 s
	WakeEvery      time.Duration // between blank lines while calls are live; 2 ms
	QueueSize      int           // events read and not yet handled; 16,384
	Logger         *slog.Logger  // slog.Default()
}

// DefaultPassword is the one FreeSWITCH is shipped with; whoever finds it in use should say so.
const DefaultPassword = "ClueCon"

// pauses are the waits between attempts to connect, each give or take a fifth.
type pauses struct {
	first, longest time.Duration
	slow           time.Duration // after obstacles that a person must remove
	lasting        time.Duration // a command connection that lived shorter is lost with the session
}

// usualPauses keep the time from the switch's return to the new subscription below two seconds.
func usualPauses() pauses {
	return pauses{first: 100 * time.Millisecond, longest: time.Second, slow: 10 * time.Second, lasting: time.Second}
}

func (c Config) withDefaults() Config {
	c.DialTimeout = or(c.DialTimeout, 5*time.Second)
	c.CommandTimeout = or(c.CommandTimeout, 5*time.Second)
	c.ProbeEvery = or(c.ProbeEvery, 2*time.Second)
	c.SilenceAfter = or(c.SilenceAfter, 45*time.Second)
	c.WakeEvery = or(c.WakeEvery, 2*time.Millisecond)
	if c.QueueSize <= 0 {
		c.QueueSize = 16384
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func or(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// check finds what no switch could be reached with. The password goes into a command as it is, so it is looked at here.
func (c Config) check() error {
	if host, port, err := net.SplitHostPort(c.Addr); err != nil || host == "" || port == "" {
		return fault("addr", "bad_address",
			"write host:port of the event socket, such as 127.0.0.1:8021",
			"请写成事件套接字的 主机:端口，例如 127.0.0.1:8021")
	}
	if c.Password == "" {
		return fault("password", "empty",
			"set the event-socket password of event_socket.conf.xml",
			"请填写 event_socket.conf.xml 中的事件套接字密码")
	}
	for i := 0; i < len(c.Password); i++ {
		if c.Password[i] <= 0x20 || c.Password[i] == 0x7f {
			return fault("password", "bad_password",
				"take blanks, line breaks and control characters out of the password, here and in event_socket.conf.xml",
				"请去掉密码中的空格、换行和控制字符，并同步修改 event_socket.conf.xml")
		}
	}
	return nil
}

// Handler hears what the switch says. Client.Run calls it from one goroutine, in order: Up, events, Down, Up … Nothing
// is read ahead of more than Config.QueueSize events, so a handler that blocks holds the stream up.
type Handler interface {
	Event(Event)
	// Up follows each connection, when all connections stand and events are subscribed to. Whatever happened before may
	// have been missed; core differs from the last one when the switch was restarted.
	Up(core string)
	// Down follows each Up but the last, when the events were lost, and says why. It is not called when Run ends
	// because its context does.
	Down(err error)
}

// Client is the daemon's side of the event socket. Its methods may be called from any goroutine.
type Client struct {
	cfg     Config
	running atomic.Bool
	session atomic.Pointer[session]
	live    atomic.Bool
	liveSet chan struct{}
	counts  counters
	pauses  pauses
}

// New makes a client that does nothing before Run.
func New(c Config) *Client {
	return &Client{cfg: c.withDefaults(), liveSet: make(chan struct{}, 1), pauses: usualPauses()}
}

// Run connects, tells h and connects again after each loss until ctx ends; then it returns nil and none of its goroutines
// is left. It returns an error only for a Config that cannot work (a *models.Error) and when it runs already.
func (c *Client) Run(ctx context.Context, h Handler) error {
	if err := c.cfg.check(); err != nil {
		return err
	}
	if !c.running.CompareAndSwap(false, true) {
		return errors.New("run event-socket client: it runs already")
	}
	defer c.running.Store(false)
	wait := &backoff.ExponentialBackOff{
		InitialInterval: c.pauses.first, RandomizationFactor: 0.2, Multiplier: 2, MaxInterval: c.pauses.longest,
	}
	said := ""
	for ctx.Err() == nil {
		began := time.Now()
		err := c.once(ctx, h, &said)
		if ctx.Err() != nil {
			return nil
		}
		c.counts.lastError.Store(&err)
		if text := err.Error(); text != said {
			c.cfg.Logger.Warn("no event socket", "addr", c.cfg.Addr, "error", text)
			said = text
		}
		if time.Since(began) > c.pauses.longest {
			wait.Reset() // it held for a while; a switch that throws us out each time is not hammered
		}
		d := wait.NextBackOff()
		if slow(err) {
			d = c.pauses.slow
		}
		clock.Sleep(ctx.Done(), clock.Real(), d)
	}
	return nil
}

// once lives one session from connection to loss and returns why it was lost or did not come about.
func (c *Client) once(ctx context.Context, h Handler, said *string) error {
	s, err := open(ctx, c)
	if err != nil {
		return err
	}
	c.counts.sessions.Add(1)
	c.counts.lastError.Store(nil)
	c.session.Store(s)
	c.cfg.Logger.Info("event socket connected", "addr", c.cfg.Addr, "core", s.core)
	*said = ""
	h.Up(s.core)
	c.deliver(ctx, s, h)
	c.session.Store(nil)
	s.close(context.Cause(ctx))
	err = s.why()
	if ctx.Err() == nil {
		h.Down(err)
	}
	return err
}

// deliver hands on events until the session is over and all that was read before is told.
func (c *Client) deliver(ctx context.Context, s *session, h Handler) {
	var batch []queued
	for ctx.Err() == nil {
		batch = s.queue.take(batch)
		for i := range batch {
			c.counts.oldest.Store(batch[i].at.UnixNano())
			h.Event(batch[i].event)
			s.queue.done()
			c.counts.delivered(time.Since(batch[i].at))
			if ctx.Err() != nil {
				return
			}
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-s.queue.filled:
		case <-s.ctx.Done():
			s.wg.Wait() // the reader's last push
			if s.queue.length() == 0 {
				return
			}
		}
	}
}

// Connected reports whether the event connection stands and events are subscribed to.
func (c *Client) Connected() bool {
	s := c.session.Load()
	return s != nil && s.ctx.Err() == nil
}

// SetLive says whether calls are in progress. While they are, the switch is woken every Config.WakeEvery, so that its
// events come within 2 ms on average instead of 11.
func (c *Client) SetLive(live bool) {
	if c.live.Swap(live) != live {
		signal(c.liveSet)
	}
}

// Probe tries once to connect and log in within c.DialTimeout. It returns nil, a *ProbeError that says what hinders it, a
// *models.Error for a Config that cannot work, or the end of ctx.
func Probe(ctx context.Context, c Config) error {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return err
	}
	w, err := dial(ctx, c, maxReplyBytes)
	if err != nil {
		return err
	}
	if err := w.conn.Close(); err != nil {
		return fmt.Errorf("close probe of %s: %w", c.Addr, err)
	}
	return nil
}
