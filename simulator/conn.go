package simulator

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// maxQueue is how many events FreeSWITCH keeps for a listener that does not read.
const maxQueue = 100_000

// conn is one event-socket connection. Its fields below s.mu are guarded by the simulator's lock.
type conn struct {
	s     *Simulator
	id    int
	net   net.Conn
	kick  chan struct{} // out has something, or the connection ends
	ended chan struct{}
	once  sync.Once

	authorised bool
	listening  bool
	format     string // plain, json, xml
	all        bool   // ALL was subscribed
	events     [eventCount]bool
	custom     map[string]bool // subclasses, "" = all
	filters    []filter
	logging    bool

	out     []byte // to be sent
	queued  int    // events in out
	blocked bool   // an api command runs: its reply goes first
	waiting []byte // events of a blocked connection
	held    []byte // shuffled: comes after the next one
	last    bool   // after out there is nothing more
}

func newConn(s *Simulator, id int, nc net.Conn) *conn {
	return &conn{
		s: s, id: id, net: nc,
		kick:   make(chan struct{}, 1),
		ended:  make(chan struct{}),
		custom: map[string]bool{},
	}
}

func (c *conn) wake() {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// cut closes the connection at once; what was not sent is lost. The lock is held.
func (c *conn) cut() {
	c.once.Do(func() { close(c.ended) })
	_ = c.net.Close() // the peer may have closed it first
	if _, ok := c.s.conns[c.id]; ok {
		c.unsubscribe()
		delete(c.s.conns, c.id)
	}
}

// finish closes the connection once everything is sent. The lock is held.
func (c *conn) finish() {
	c.last = true
	c.unsubscribe()
	c.wake()
}

// push queues a framed event.
func (c *conn) push(framed []byte) {
	if c.last || c.queued >= maxQueue {
		return
	}
	c.queued++
	if c.blocked {
		c.waiting = append(c.waiting, framed...)
		return
	}
	c.out = append(c.out, framed...)
}

func (c *conn) releaseHeld() {
	if c.held != nil {
		late := c.held
		c.held = nil
		c.push(late)
	}
}

// write sends what is queued until the connection ends.
func (c *conn) write() {
	var spare []byte
	for {
		select {
		case <-c.ended:
			return
		case <-c.kick:
		}
		c.s.mu.Lock()
		free := c.s.stalled
		c.s.mu.Unlock()
		select {
		case <-free:
		case <-c.ended:
			return
		}
		c.s.mu.Lock()
		batch := c.out
		c.out, c.queued = spare[:0], 0
		last := c.last
		c.s.mu.Unlock()
		if _, err := c.net.Write(batch); err != nil || last {
			c.close()
			return
		}
		spare = batch
	}
}

func (c *conn) close() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.cut()
}

// swallow reads for ever and answers nothing.
func (c *conn) swallow() {
	defer c.close()
	_, _ = io.Copy(io.Discard, c.net) // ends with the connection
}

// read takes commands one after the other.
func (c *conn) read() {
	defer c.close()
	r := bufio.NewReaderSize(c.net, 8192)
	for {
		cmd, err := readCommand(r)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				c.s.cfg.Logger.Debug("event socket connection ended", "conn", c.id, "err", err)
			}
			return
		}
		c.s.mu.Lock()
		free := c.s.stalled
		c.s.mu.Unlock()
		select {
		case <-free:
		case <-c.ended:
			return
		}
		if !c.obey(cmd) {
			<-c.ended
			return
		}
	}
}

// obey carries out one command; it waits for one that blocks its connection, as api originate does. False ends reading.
func (c *conn) obey(cmd command) bool {
	c.s.enter()
	done := c.do(cmd)
	more := !c.last
	c.s.leave()
	if done == nil {
		return more
	}
	select {
	case <-done:
		return true
	case <-c.ended:
		return false
	}
}

// command is what a client sent: a verb line, headers, perhaps a body.
type command struct {
	line    string
	headers []header
	body    string
}

type header struct{ name, value string }

func (c command) get(name string) string {
	for _, h := range c.headers {
		if strings.EqualFold(h.name, name) {
			return h.value
		}
	}
	return ""
}

const (
	maxLine    = 1 << 16
	maxHeaders = 200
	maxBody    = 1 << 20
)

var errTooLong = errors.New("command is too long")

func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return "", errTooLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return strings.TrimRight(string(line), "\r\n"), err
	}
}

func readCommand(r *bufio.Reader) (command, error) {
	var cmd command
	for cmd.line == "" {
		line, err := readLine(r)
		if err != nil {
			return command{}, err
		}
		cmd.line = line
	}
	for {
		line, err := readLine(r)
		if err != nil {
			return command{}, err
		}
		if line == "" {
			break
		}
		if len(cmd.headers) == maxHeaders {
			return command{}, errTooLong
		}
		name, value, _ := strings.Cut(line, ":")
		cmd.headers = append(cmd.headers, header{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	if n, err := strconv.Atoi(cmd.get("Content-Length")); err == nil && n > 0 {
		if n > maxBody {
			return command{}, errTooLong
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return command{}, err
		}
		cmd.body = string(body)
	}
	return cmd, nil
}
