package esl

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// deadline bounds every wait of these tests; it is generous because the machine is shared, nothing waits for it to pass.
const deadline = 20 * time.Second

const testPassword = "s3cret"

// peer is a switch of the tests: by default it does what FreeSWITCH does, and hooks make it misbehave. It listens on a
// free port of the loopback.
type peer struct {
	t        testing.TB
	listener net.Listener
	addr     string
	core     string

	mu       sync.Mutex
	greet    func(net.Conn) bool                        // false: the connection is left as the hook left it
	onLine   func(c *peerConn, cmd string) (bool, bool) // handled, keep the connection
	conns    map[*peerConn]bool
	commands []string
	accepted int
	wg       sync.WaitGroup

	blanks atomic.Int64
	event  chan *peerConn // each connection that subscribed
}

type peerConn struct {
	net.Conn
	p          *peer
	subscribed bool
	wmu        sync.Mutex
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{
		t: t, listener: l, addr: l.Addr().String(), core: "b0a1a2ad-14a4-4777-938d-1476dfdd7aa3",
		conns: map[*peerConn]bool{}, event: make(chan *peerConn, 1000),
	}
	p.wg.Go(func() { p.accept(l) })
	t.Cleanup(p.stop)
	return p
}

func (p *peer) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		c := &peerConn{Conn: conn, p: p}
		p.mu.Lock()
		p.conns[c] = true
		p.accepted++
		greet := p.greet
		p.mu.Unlock()
		p.wg.Go(func() { c.serve(greet) })
	}
}

func (p *peer) stop() {
	_ = p.listener.Close()
	p.cut()
	p.wg.Wait()
}

// down ends the peer as a switch that is gone; up brings it back on the same port.
func (p *peer) down() {
	_ = p.listener.Close()
	p.cut()
}

func (p *peer) up() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.wg.Go(func() { p.accept(l) })
}

// cut closes all connections.
func (p *peer) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *peer) hook(f func(c *peerConn, cmd string) (handled, keep bool)) {
	p.mu.Lock()
	p.onLine = f
	p.mu.Unlock()
}

func (p *peer) greeting(f func(net.Conn) bool) {
	p.mu.Lock()
	p.greet = f
	p.mu.Unlock()
}

func (p *peer) dialled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

func (p *peer) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.commands...)
}

func (c *peerConn) say(text string) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	_, _ = io.WriteString(c, text)
}

func (c *peerConn) serve(greet func(net.Conn) bool) {
	defer func() {
		c.p.mu.Lock()
		delete(c.p.conns, c)
		c.p.mu.Unlock()
		_ = c.Close()
	}()
	if greet != nil && !greet(c.Conn) {
		_, _ = io.Copy(io.Discard, c)
		return
	}
	if greet == nil {
		c.say("Content-Type: auth/request\n\n")
	}
	r := bufio.NewReader(c)
	for {
		cmd, err := c.command(r)
		if err != nil {
			return
		}
		c.p.mu.Lock()
		c.p.commands = append(c.p.commands, cmd)
		hook := c.p.onLine
		c.p.mu.Unlock()
		if hook != nil {
			if handled, keep := hook(c, cmd); handled {
				if !keep {
					return
				}
				continue
			}
		}
		if !c.obey(cmd) {
			return
		}
	}
}

// command reads up to a blank line; blank lines before it are counted.
func (c *peerConn) command(r *bufio.Reader) (string, error) {
	var lines []string
	for {
		s, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		s = strings.TrimRight(s, "\r\n")
		switch {
		case s != "":
			lines = append(lines, s)
		case len(lines) == 0:
			c.p.blanks.Add(1)
		default:
			return strings.Join(lines, "\n"), nil
		}
	}
}

const disconnected = "Content-Type: text/disconnect-notice\nContent-Length: 67\n\n" +
	"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"

func replyText(text string) string {
	return "Content-Type: command/reply\nReply-Text: " + text + "\n\n"
}

func response(body string) string {
	return fmt.Sprintf("Content-Type: api/response\nContent-Length: %d\n\n%s", len(body), body)
}

// obey answers as FreeSWITCH 1.10.12 was recorded to.
func (c *peerConn) obey(cmd string) bool {
	first, rest, _ := strings.Cut(cmd, "\n")
	words := strings.Fields(first)
	switch {
	case words[0] == "auth" && len(words) == 2 && words[1] == testPassword:
		c.say(replyText("+OK accepted"))
	case words[0] == "auth":
		c.say(replyText("-ERR invalid") + disconnected)
		return false
	case words[0] == "event":
		c.say(replyText("+OK event listener enabled plain"))
		c.p.mu.Lock()
		c.subscribed = true
		c.p.mu.Unlock()
		c.p.event <- c
	case words[0] == "bgapi":
		job := strings.TrimPrefix(rest, "Job-UUID: ")
		c.say("Content-Type: command/reply\nReply-Text: +OK Job-UUID: " + job + "\nJob-UUID: " + job + "\n\n")
	case first == "api global_getvar core_uuid":
		c.say(response(c.p.core))
	case first == "api strepoch":
		c.say(response("1795199499"))
	case strings.HasPrefix(first, "api uuid_exists "):
		c.say(response("true"))
	case strings.HasPrefix(first, "api uuid_"):
		c.say(response("+OK\n"))
	default:
		c.say(response("-ERR no reply\n"))
	}
	return true
}

// plain makes the wire form of an event out of header lines.
func plain(lines ...string) string {
	body := strings.Join(lines, "\n") + "\n\n"
	return fmt.Sprintf("Content-Length: %d\nContent-Type: text/event-plain\n\n%s", len(body), body)
}

// ear is a Handler that tells the test what it hears.
type ear struct {
	ups    chan string
	downs  chan error
	events chan Event
	slow   func(Event)
}

func newEar() *ear {
	return &ear{ups: make(chan string, 1000), downs: make(chan error, 1000), events: make(chan Event, 200000)}
}

func (e *ear) Event(ev Event) {
	if e.slow != nil {
		e.slow(ev)
	}
	e.events <- ev
}
func (e *ear) Up(core string) { e.ups <- core }
func (e *ear) Down(err error) { e.downs <- err }

func await[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(deadline):
		t.Fatalf("waited %s for %s", deadline, what)
		panic("unreachable")
	}
}

// until waits for a condition that no channel tells.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(deadline)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("waited %s for %s", deadline, what)
		}
		<-time.After(time.Millisecond)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func testConfig(addr string) Config {
	return Config{
		Addr: addr, Password: testPassword, DialTimeout: 2 * time.Second, CommandTimeout: 5 * time.Second, Logger: quiet(),
	}
}

// start runs a client against addr and returns it with its ear; the test's end stops it and waits.
func start(t testing.TB, cfg Config) (*Client, *ear) {
	t.Helper()
	c, e := New(cfg), newEar()
	run(t, c, e)
	return c, e
}

func run(t testing.TB, c *Client, h Handler) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, h) }()
	t.Cleanup(func() {
		cancel()
		if err := await(t, done, "Run to end"); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}
