package esl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// answer is what the switch said to one command, copied out of the reader's buffer.
type answer struct {
	kind kind
	text string // Reply-Text, or the body of an api response
	job  string
}

// line is a command connection. One goroutine reads it all the time, so that its end is noticed when no command is in
// flight too. Its user sees to it that run is never called twice at once.
type line struct {
	w       *wire
	since   time.Time // when it was dialled
	answers chan answer
	waiting atomic.Bool   // a command is in flight
	gone    chan struct{} // closed when the reader has ended
	err     error         // why; read it after gone only
}

func newLine(w *wire) *line {
	return &line{w: w, since: time.Now(), answers: make(chan answer, 1), gone: make(chan struct{})}
}

// read hands each reply to the command in flight until the connection ends. A reply that nobody waits for is an error:
// from there on replies and commands would not match.
func (l *line) read() error {
	defer close(l.gone)
	for {
		f, err := l.w.in.next()
		if err == nil {
			err = l.take(f)
		}
		if err != nil {
			l.err = fmt.Errorf("read commands' replies: %w", err)
			_ = l.w.conn.Close()
			return l.err
		}
	}
}

func (l *line) take(f frame) error {
	switch f.kind {
	case kindReply, kindResponse:
		if !l.waiting.CompareAndSwap(true, false) {
			return fmt.Errorf("%w: a reply that no command waits for", ErrBrokenStream)
		}
		a := answer{kind: f.kind, text: string(f.reply), job: string(f.job)}
		if f.kind == kindResponse {
			a.text = string(f.body)
		}
		l.answers <- a
		return nil
	case kindNotice:
		return noticed(f)
	case kindEvent:
		return nil // not subscribed to, yet harmless
	default:
		return fmt.Errorf("%w: greeting or refusal after the log-in", ErrBrokenStream)
	}
}

// noticed is the error for a text/disconnect-notice.
func noticed(f frame) error {
	first, _, _ := strings.Cut(strings.TrimSpace(string(f.body)), "\n")
	if strings.Contains(first, "shut down") {
		return fmt.Errorf("%w: %.80s", ErrShutdown, first)
	}
	return fmt.Errorf("disconnected by the switch: %.80s", first)
}

// run sends one command and waits for its reply. After any error but ErrNotSent the line is no longer to be used: a late
// reply would be taken for the next command's.
func (l *line) run(ctx context.Context, m message, timeout time.Duration) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	select {
	case <-l.gone:
		return answer{}, fmt.Errorf("%w: %w", ErrNotSent, l.err)
	default:
	}
	if err := l.w.conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return answer{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	l.waiting.Store(true)
	if err := l.w.send(m); err != nil {
		l.waiting.Store(false)
		if errors.Is(err, ErrNotSent) {
			return answer{}, err
		}
		return answer{}, fmt.Errorf("%w: %w", ErrLost, err)
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case a := <-l.answers:
		return a, m.accept(a)
	case <-l.gone:
		return answer{}, fmt.Errorf("%w: %w", ErrLost, l.err)
	case <-ctx.Done():
		return answer{}, fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
	case <-timer.C:
		return answer{}, fmt.Errorf("%w: %s", ErrTimeout, timeout)
	}
}

// accept refuses a reply that cannot be this command's.
func (m message) accept(a answer) error {
	if a.kind != m.want && !strings.HasPrefix(a.text, "-ERR") {
		return fmt.Errorf("%w: %w: another kind of reply than the command has", ErrLost, ErrBrokenStream)
	}
	if m.job != "" && a.job != m.job && !strings.HasPrefix(a.text, "-ERR") {
		return fmt.Errorf("%w: %w: reply for another job", ErrLost, ErrBrokenStream)
	}
	return nil
}
