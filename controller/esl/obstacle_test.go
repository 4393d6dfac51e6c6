package esl

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// obstacles are the ways in which a connection may not come about.
var obstacles = []struct {
	name  string
	kind  ProbeKind
	greet func(net.Conn) bool
	cfg   func(*Config)
}{
	{"silent", ProbeSilent, func(net.Conn) bool { return false }, nil},
	{"closed before the greeting", ProbeSilent, func(c net.Conn) bool { _ = c.Close(); return false }, nil},
	{"acl", ProbeRefused, func(c net.Conn) bool {
		_, _ = io.WriteString(c, "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n")
		return false
	}, nil},
	{"password", ProbePassword, nil, func(c *Config) { c.Password = "wrong" }},
	{"http", ProbeNotFreeSWITCH, func(c net.Conn) bool {
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		return false
	}, nil},
	{"ssh", ProbeNotFreeSWITCH, func(c net.Conn) bool { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n"); return false }, nil},
	{"mysql", ProbeNotFreeSWITCH, func(c net.Conn) bool { _, _ = c.Write([]byte("J\x00\x00\x00\x0a8.0.36\x00\x01")); return false }, nil},
	{"greeting cut", ProbeNotFreeSWITCH, func(c net.Conn) bool { _, _ = io.WriteString(c, "Content-Type: auth/req"); return false }, nil},
	{"another greeting", ProbeNotFreeSWITCH, func(c net.Conn) bool { _, _ = io.WriteString(c, replyText("+OK")); return false }, nil},
}

// Each obstacle has its name, in doctor and in the daemon; those that a person must remove are tried seldom (F-07).
func TestObstacles(t *testing.T) {
	for _, tc := range obstacles {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			p.greeting(tc.greet)
			cfg := testConfig(p.addr)
			cfg.DialTimeout = 300 * time.Millisecond
			if tc.cfg != nil {
				tc.cfg(&cfg)
			}
			began := time.Now()
			var pe *ProbeError
			if err := Probe(context.Background(), cfg); !errors.As(err, &pe) || pe.Kind != tc.kind {
				t.Fatalf("probe: %v", err)
			}
			if d := time.Since(began); d > cfg.DialTimeout+slack {
				t.Errorf("probe took %s", d)
			}
			if !strings.Contains(pe.Error(), p.addr) || !strings.Contains(pe.ZH(), p.addr) || strings.Contains(pe.Error(), cfg.Password) {
				t.Errorf("texts %q %q", pe.Error(), pe.ZH())
			}
			before := p.dialled()
			c, e := start(t, cfg)
			until(t, "the reason in the metrics", func() bool {
				return errors.As(c.Metrics().LastError, &pe) && pe.Kind == tc.kind
			})
			if patient := slow(pe); !patient {
				until(t, "three attempts", func() bool { return p.dialled()-before >= 3 })
			} else if n := p.dialled() - before; n != 1 {
				t.Errorf("%d attempts at once", n)
			}
			if len(e.ups)+len(e.downs) != 0 || c.Connected() {
				t.Error("Up or Down without a session")
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	var pe *ProbeError
	if err := Probe(context.Background(), testConfig(addr)); !errors.As(err, &pe) || pe.Kind != ProbeUnreachable {
		t.Errorf("nothing there: %v", err)
	}
	p := newPeer(t)
	if err := Probe(context.Background(), testConfig(p.addr)); err != nil {
		t.Errorf("good switch: %v", err)
	}
}

// A refusal that a person has removed is noticed by the next slow attempt.
func TestRefusalMended(t *testing.T) {
	p := newPeer(t)
	p.greeting(obstacles[2].greet)
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses.slow = 50 * time.Millisecond
	run(t, c, e)
	until(t, "a few refusals", func() bool { return p.dialled() >= 3 })
	p.greeting(nil)
	await(t, e.ups, "up")
	if err := c.Metrics().LastError; err != nil {
		t.Errorf("still %v", err)
	}
}

// The end of ctx ends a dial that hangs, and Probe too.
func TestContextEndsDial(t *testing.T) {
	p := newPeer(t)
	p.greeting(func(net.Conn) bool { return false })
	cfg := testConfig(p.addr)
	cfg.DialTimeout = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- Probe(ctx, cfg) }()
	go func() { done <- New(cfg).Run(ctx, newEar()) }()
	until(t, "both to be connected", func() bool { return p.dialled() >= 2 })
	cancel()
	for range 2 {
		if err := await(t, done, "the end"); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// However soon after the connection it comes, the end of ctx is not lost: the dial's own deadline must not take its place.
func TestContextEndsDialAtOnce(t *testing.T) {
	p := newPeer(t)
	var cancel atomic.Pointer[context.CancelFunc]
	p.greeting(func(net.Conn) bool { (*cancel.Load())(); return false })
	cfg := testConfig(p.addr)
	cfg.DialTimeout = time.Hour
	for range 500 {
		ctx, end := context.WithCancel(context.Background())
		cancel.Store(&end)
		done := make(chan error, 1)
		go func() { done <- Probe(ctx, cfg) }()
		if err := await(t, done, "the end"); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// A subscription that the switch refuses, or a core that it does not name, is no session.
func TestHalfASession(t *testing.T) {
	for prefix, text := range map[string]string{
		"event ":                     replyText("-ERR no keywords supplied"),
		"api global_getvar core_uui": response("-ERR no reply\n"),
	} {
		p := newPeer(t)
		p.hook(func(c *peerConn, cmd string) (bool, bool) {
			if strings.HasPrefix(cmd, prefix) {
				c.say(text)
				return true, true
			}
			return false, true
		})
		c, e := start(t, testConfig(p.addr))
		var re *ReplyError
		until(t, "the refusal", func() bool { return errors.As(c.Metrics().LastError, &re) })
		if len(e.ups) != 0 {
			t.Errorf("up in spite of %q", text)
		}
	}
}

// Mistakes of the configuration are the caller's, in both languages, before anything is dialled.
func TestConfigMistakes(t *testing.T) {
	for field, cfg := range map[string]Config{
		"addr":      {Addr: "127.0.0.1", Password: "x"},
		"addr ":     {Addr: ":8021", Password: "x"},
		"password":  {Addr: "127.0.0.1:8021"},
		"password ": {Addr: "127.0.0.1:8021", Password: "a\n\napi system id"},
	} {
		for _, err := range []error{Probe(context.Background(), cfg), New(cfg).Run(context.Background(), newEar())} {
			checkFault(t, err, strings.TrimSpace(field))
		}
	}
}

// Two Runs at once would mix two sessions.
func TestRunTwice(t *testing.T) {
	p := newPeer(t)
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	if err := c.Run(context.Background(), e); err == nil {
		t.Error("second Run began")
	}
}
