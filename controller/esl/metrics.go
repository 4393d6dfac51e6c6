package esl

import (
	"sync/atomic"
	"time"
)

// Metrics are the client's figures since New.
type Metrics struct {
	Connected     bool
	Events        uint64        // read
	Queue         int           // read and not handled
	Lag           time.Duration // from reading to handling, of the event in hand or the last one
	MaxLag        time.Duration
	Reconnects    uint64 // sessions after the first
	Commands      uint64 // asked for
	CommandErrors uint64 // of them refused by the switch, timed out, lost or not sent
	Timeouts      uint64 // commands whose reply did not come in time; each cost a command connection
	Wakeups       uint64 // blank lines written
	LastError     error  // why there is no session; nil while there is one
}

type counters struct {
	events, sessions, commands, commandErrors, timeouts, wakeups atomic.Uint64

	lag, maxLag atomic.Int64 // ns
	oldest      atomic.Int64 // when the event in hand was read, ns since 1970; 0 = none in hand
	lastError   atomic.Pointer[error]
}

// delivered notes that an event was handled lag after it was read. Only the delivering goroutine calls it.
func (c *counters) delivered(lag time.Duration) {
	c.oldest.Store(0)
	c.lag.Store(int64(lag))
	if int64(lag) > c.maxLag.Load() {
		c.maxLag.Store(int64(lag))
	}
}

// Metrics gives the figures of this moment.
func (c *Client) Metrics() Metrics {
	m := Metrics{
		Connected:     c.Connected(),
		Events:        c.counts.events.Load(),
		Lag:           time.Duration(c.counts.lag.Load()),
		MaxLag:        time.Duration(c.counts.maxLag.Load()),
		Commands:      c.counts.commands.Load(),
		CommandErrors: c.counts.commandErrors.Load(),
		Timeouts:      c.counts.timeouts.Load(),
		Wakeups:       c.counts.wakeups.Load(),
	}
	if s := c.session.Load(); s != nil {
		m.Queue = s.queue.length()
	}
	if n := c.counts.sessions.Load(); n > 1 {
		m.Reconnects = n - 1
	}
	if at := c.counts.oldest.Load(); at > 0 {
		m.Lag = time.Since(time.Unix(0, at))
		m.MaxLag = max(m.MaxLag, m.Lag)
	}
	if err := c.counts.lastError.Load(); err != nil {
		m.LastError = *err
	}
	return m
}
