package esl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// laneKind is which of the command connections a command goes over.
type laneKind int

// The lanes. The switch answers the commands of one connection one after the other, each connection in a thread of its own: so
// what a person on the line waits for must not stand behind a list of a thousand channels or two hundred calls to be placed.
const (
	laneUrgent laneKind = iota // bridge, move, hang up, play, and whether a leg is there
	laneSteady                 // everything else
	lanes
)

// lane says where a command belongs. Urgent are those that the switch carries out at once and somebody listens to; starting a
// recording is not, it opens a file.
func (v verb) lane() laneKind {
	switch v {
	case verbKill, verbTransfer, verbBridge, verbBroadcast, verbBreak, verbHold, verbAudio, verbSendDTMF, verbExists:
		return laneUrgent
	default:
		return laneSteady
	}
}

// lane is a command connection with the right to use it. When the connection is lost, or a command on it has timed out, the
// lane dials a new one by itself; the events and the other lane go on meanwhile. Only when the switch does not take the new
// connection, or throws it out at once, the session is over.
type lane struct {
	s      *session
	counts *laneCounters
	turn   chan struct{} // holds one token: the right to have a command in flight, or to dial
	first  atomic.Int64  // bridges that wait for their turn
	heard  atomic.Int64  // when the last reply came, ns since 1970
	line   *line         // guarded by session.mu; nil while a new one is dialled
}

// errAgain says that the line was gone before the command went: it waits for the next line.
var errAgain = errors.New("line gone before the command was sent")

// do sends one command when its turn has come and waits for the reply. The wait for the turn is bounded by ctx, the
// reply by ctx and Config.CommandTimeout. Turns come in the order of asking, but a bridge goes before everything: twenty phones
// that were rung for nothing may be hung up a few milliseconds later.
func (n *lane) do(ctx context.Context, m message) (answer, error) {
	if err := m.check(); err != nil {
		return answer{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	asked := time.Now()
	for {
		if err := n.wait(ctx, m.name == string(verbBridge)); err != nil {
			return answer{}, err
		}
		begun := time.Now()
		a, err := n.inTurn(ctx, m, n.s.cfg.CommandTimeout)
		if errors.Is(err, errAgain) {
			continue
		}
		n.counts.took(begun.Sub(asked), time.Since(begun))
		return a, err
	}
}

// wait takes the turn. Whoever gets it while a bridge waits goes to the end of the queue.
func (n *lane) wait(ctx context.Context, first bool) error {
	if first {
		n.first.Add(1)
		defer n.first.Add(-1)
	}
	for {
		select {
		case n.turn <- struct{}{}:
		case <-n.s.ctx.Done():
			return ErrNotConnected
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
		}
		if first || n.first.Load() == 0 {
			return nil
		}
		n.giveBack()
		runtime.Gosched() // the bridge may be about to queue
	}
}

// inTurn runs a command; the caller has the turn and it is given back here, or by redial.
func (n *lane) inTurn(ctx context.Context, m message, timeout time.Duration) (answer, error) {
	n.s.mu.Lock()
	l := n.line
	n.s.mu.Unlock()
	if l == nil || n.s.ctx.Err() != nil {
		n.giveBack()
		return answer{}, ErrNotConnected
	}
	a, err := l.run(ctx, m, timeout)
	switch {
	case err == nil:
		n.heard.Store(time.Now().UnixNano())
		n.giveBack()
	case errors.Is(err, ErrNotSent) && ctx.Err() != nil:
		n.giveBack()
	case errors.Is(err, ErrNotSent):
		n.lost(l, err)
		err = errAgain
	case errors.Is(err, ErrTimeout):
		n.counts.timeouts.Add(1)
		n.renew(l)
	default:
		n.lost(l, err)
	}
	return a, err
}

func (n *lane) giveBack() { <-n.turn }

// lost takes leave of a line that ended by itself; the caller has the turn. A line that did not last for a moment is not dialled
// again and again: the session ends, and what dials it anew is patient.
func (n *lane) lost(l *line, err error) {
	if n.s.ctx.Err() != nil || errors.Is(err, ErrShutdown) || time.Since(l.since) < n.s.lasting {
		n.giveBack()
		n.s.fail(err)
		return
	}
	n.s.cfg.Logger.Warn("command connection lost, dialled anew", "addr", n.s.cfg.Addr, "error", err)
	n.renew(l)
}

// renew closes a line, because it has ended or a reply may still come on it, and dials a new one. The turn goes with it.
func (n *lane) renew(l *line) {
	n.s.mu.Lock()
	n.line = nil
	n.s.mu.Unlock()
	_ = l.w.conn.Close()
	if !n.s.spawn(n.redial) {
		n.giveBack()
	}
}

// redial makes a new command connection and then gives the turn to the next command. If the switch does not take it the
// session is over.
func (n *lane) redial() {
	defer n.giveBack()
	n.counts.redials.Add(1)
	w, err := dial(n.s.ctx, n.s.cfg, maxReplyBytes)
	if err != nil {
		n.s.fail(fmt.Errorf("dial a command connection anew: %w", err))
		return
	}
	n.use(w)
}

// use makes w the lane's line; it reports false, and closes w, when the session is over.
func (n *lane) use(w *wire) bool {
	l := newLine(w)
	n.s.mu.Lock()
	defer n.s.mu.Unlock()
	if n.s.over {
		_ = w.conn.Close()
		return false
	}
	n.line = l
	n.heard.Store(time.Now().UnixNano())
	n.s.wg.Go(func() { n.ended(l, l.read()) })
	return true
}

// ended follows the end of a line. A command in flight sees to it by itself; without one the turn is there to be taken.
func (n *lane) ended(l *line, err error) {
	select {
	case n.turn <- struct{}{}:
	case <-n.s.ctx.Done():
		return
	}
	n.s.mu.Lock()
	mine := n.line == l
	n.s.mu.Unlock()
	if !mine {
		n.giveBack()
		return
	}
	n.lost(l, err)
}

// probe sends a cheap command when no reply has come for a while. Its time-out ends the session at once, because then no
// connection can be trusted.
func (n *lane) probe() {
	tick := time.NewTicker(n.s.cfg.ProbeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-n.s.ctx.Done():
			return
		}
		if time.Since(time.Unix(0, n.heard.Load())) < n.s.cfg.ProbeEvery {
			continue
		}
		select {
		case n.turn <- struct{}{}:
		default:
			continue // a command in flight tells as much
		}
		if _, err := n.inTurn(n.s.ctx, epoch(), min(n.s.cfg.CommandTimeout, probePatience)); errors.Is(err, ErrTimeout) {
			n.s.fail(fmt.Errorf("%w: probe: %w", ErrSilent, err))
			return
		}
	}
}
