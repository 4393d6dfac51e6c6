package esl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// do sends one command when its turn has come and waits for the reply. The wait for the turn is bounded by ctx, the
// reply by ctx and Config.CommandTimeout.
func (s *session) do(ctx context.Context, m message) (answer, error) {
	select {
	case s.turn <- struct{}{}:
	case <-s.ctx.Done():
		return answer{}, ErrNotConnected
	case <-ctx.Done():
		return answer{}, fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	return s.inTurn(ctx, m, s.cfg.CommandTimeout)
}

// inTurn runs a command; the caller has the turn and it is given back here, or by redial.
func (s *session) inTurn(ctx context.Context, m message, timeout time.Duration) (answer, error) {
	s.mu.Lock()
	l := s.line
	s.mu.Unlock()
	if l == nil || s.ctx.Err() != nil {
		s.giveBack()
		return answer{}, ErrNotConnected
	}
	a, err := l.run(ctx, m, timeout)
	switch {
	case err == nil:
		s.heard.Store(time.Now().UnixNano())
		s.giveBack()
	case errors.Is(err, ErrNotSent):
		s.giveBack()
	case errors.Is(err, ErrTimeout):
		s.counts.timeouts.Add(1)
		s.drop()
		if !s.spawn(s.redial) {
			s.giveBack()
		}
	default:
		s.giveBack()
		s.fail(err)
	}
	return a, err
}

func (s *session) giveBack() { <-s.turn }

// use makes w the command connection; it reports false, and closes w, when the session is over.
func (s *session) use(w *wire) bool {
	l := newLine(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		_ = w.conn.Close()
		return false
	}
	s.line = l
	s.heard.Store(time.Now().UnixNano())
	s.wg.Go(func() {
		err := l.read()
		s.mu.Lock()
		mine := s.line == l
		s.mu.Unlock()
		if mine {
			s.fail(err)
		}
	})
	return true
}

// drop closes the command connection because a reply may still come on it.
func (s *session) drop() {
	s.mu.Lock()
	l := s.line
	s.line = nil
	s.mu.Unlock()
	if l != nil {
		_ = l.w.conn.Close()
	}
}

// redial makes a new command connection and then gives the turn to the next command. The event connection goes on
// meanwhile: no event is lost by a command that was too slow. If the switch does not take the new connection the session
// is over.
func (s *session) redial() {
	defer s.giveBack()
	w, err := dial(s.ctx, s.cfg, maxReplyBytes)
	if err != nil {
		s.fail(fmt.Errorf("dial the command connection anew: %w", err))
		return
	}
	s.use(w)
}

// probe sends a cheap command when no reply has come for a while. Its failure ends the session at once, because then
// neither connection can be trusted.
func (s *session) probe() {
	tick := time.NewTicker(s.cfg.ProbeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		if time.Since(time.Unix(0, s.heard.Load())) < s.cfg.ProbeEvery {
			continue
		}
		select {
		case s.turn <- struct{}{}:
		default:
			continue // a command in flight tells as much
		}
		if _, err := s.inTurn(s.ctx, epoch(), min(s.cfg.CommandTimeout, probePatience)); err != nil {
			s.fail(fmt.Errorf("%w: probe: %w", ErrSilent, err))
			return
		}
	}
}
