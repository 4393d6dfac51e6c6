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
	Urgent        Lane   // bridge, move, hang up, play, exists
	Steady        Lane   // all other commands
	Wakeups       uint64 // blank lines written
	LastError     error  // why there is no session; nil while there is one
}

// Lane is the figures of one command connection and those that followed it.
type Lane struct {
	Commands uint64
	Timeouts uint64
	Redials  uint64        // connections after the first of each session
	Wait     time.Duration // of the last command for its turn
	MaxWait  time.Duration
	Reply    time.Duration // from the turn to the reply, of the last command
	MaxReply time.Duration
}

type laneCounters struct {
	commands, timeouts, redials    atomic.Uint64
	wait, maxWait, reply, maxReply atomic.Int64 // ns
}

// took notes a command that had its turn.
func (c *laneCounters) took(wait, reply time.Duration) {
	c.wait.Store(int64(wait))
	c.reply.Store(int64(reply))
	atMost(&c.maxWait, int64(wait))
	atMost(&c.maxReply, int64(reply))
}

// atMost raises m to n.
func atMost(m *atomic.Int64, n int64) {
	for old := m.Load(); n > old && !m.CompareAndSwap(old, n); old = m.Load() {
	}
}

func (c *laneCounters) figures() Lane {
	return Lane{
		Commands: c.commands.Load(), Timeouts: c.timeouts.Load(), Redials: c.redials.Load(),
		Wait: time.Duration(c.wait.Load()), MaxWait: time.Duration(c.maxWait.Load()),
		Reply: time.Duration(c.reply.Load()), MaxReply: time.Duration(c.maxReply.Load()),
	}
}

type counters struct {
	events, sessions, commandErrors, wakeups atomic.Uint64

	lanes [lanes]laneCounters

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
		CommandErrors: c.counts.commandErrors.Load(),
		Urgent:        c.counts.lanes[laneUrgent].figures(),
		Steady:        c.counts.lanes[laneSteady].figures(),
		Wakeups:       c.counts.wakeups.Load(),
	}
	m.Commands = m.Urgent.Commands + m.Steady.Commands
	m.Timeouts = m.Urgent.Timeouts + m.Steady.Timeouts
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
