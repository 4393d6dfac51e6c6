package esl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// wire is one connection that has logged in.
type wire struct {
	conn net.Conn
	in   *frames
}

// dial connects and logs in within timeout. Every failure but the end of ctx is a *ProbeError. The switch greets first, so
// a silent peer, a refusal and a stranger are told apart before the password is shown to anybody.
func dial(ctx context.Context, c Config, limit int) (*wire, error) {
	d := net.Dialer{Timeout: c.DialTimeout}
	conn, err := d.DialContext(ctx, "tcp", c.Addr)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &ProbeError{Kind: ProbeUnreachable, Addr: c.Addr, Err: err}
	}
	w := &wire{conn: conn, in: newFrames(conn, limit)}
	if err = conn.SetDeadline(time.Now().Add(c.DialTimeout)); err != nil {
		_ = conn.Close()
		return nil, w.obstacle(c.Addr, err)
	}
	// Only now: set the other way round, the deadline would take the place of a ctx that has ended meanwhile.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err = w.login(c)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return w, nil
}

// login waits for the greeting and shows the password, both before the connection's deadline, which it takes away.
func (w *wire) login(c Config) error {
	f, err := w.in.next()
	if err != nil {
		return w.obstacle(c.Addr, err)
	}
	switch f.kind {
	case kindGreeting:
	case kindRejection:
		return &ProbeError{Kind: ProbeRefused, Addr: c.Addr}
	default:
		return &ProbeError{Kind: ProbeNotFreeSWITCH, Addr: c.Addr, Err: errors.New("no greeting")}
	}
	if err := w.send(authenticate(c.Password)); err != nil {
		return w.obstacle(c.Addr, err)
	}
	if f, err = w.in.next(); err != nil {
		return w.obstacle(c.Addr, err)
	}
	switch reply := string(f.reply); {
	case f.kind == kindRejection:
		return &ProbeError{Kind: ProbeRefused, Addr: c.Addr}
	case f.kind != kindReply:
		return &ProbeError{Kind: ProbeNotFreeSWITCH, Addr: c.Addr, Err: errors.New("no reply to the log-in")}
	case strings.HasPrefix(reply, "+OK"):
		if err := w.conn.SetDeadline(time.Time{}); err != nil {
			return w.obstacle(c.Addr, err)
		}
		return nil
	default:
		return &ProbeError{Kind: ProbePassword, Addr: c.Addr, Err: fmt.Errorf("%.80q", reply)}
	}
}

// obstacle names what went wrong while logging in. Bytes that came and made no message betray a stranger.
func (w *wire) obstacle(addr string, err error) error {
	kind := ProbeSilent
	if errors.Is(err, ErrBrokenStream) || errors.Is(err, os.ErrDeadlineExceeded) && w.in.end > w.in.at {
		kind = ProbeNotFreeSWITCH
	}
	return &ProbeError{Kind: kind, Addr: addr, Err: err}
}

// send writes one command, after the last look at it; it is an ErrNotSent when not a byte went. Deadlines are the
// caller's.
func (w *wire) send(m message) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	n, err := w.conn.Write([]byte(m.wire))
	if err != nil && n == 0 {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return err
}
