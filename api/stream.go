package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Limits of a stream of events.
const (
	kept       = 256              // changes that a browser may have missed and still goes on from
	backlog    = 64               // events that a slow browser may lag behind before it is dropped
	writeLimit = 10 * time.Second // how long one event may take to be written
	heartbeat  = 15 * time.Second // proxies close what is silent
	streamLife = 10 * time.Minute // then the browser comes back, and its log-in is looked at again
)

// Clock is the time of streams: real time, unless a test has its own.
type Clock interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) (cancel func() bool)
}

// part is a piece of a topic's state. When its JSON differs from before, it is sent as an event of that name.
type part struct {
	event, key string
	data       any
}

// feed says what a topic shows: its state is read each time that Every has passed, while somebody follows it.
type feed struct {
	topic    string
	every    time.Duration
	read     func(ctx context.Context) ([]part, error) // errUnchanged: all is as it was
	snapshot func([]part) any                          // the whole, as a new follower gets it
}

// Hub is where browsers follow what changes. It reads a topic once for all who follow it, and not at all when nobody does.
type Hub struct {
	Shown func() time.Time // the time by which what is shown happens; nil = that of the clock

	clock Clock
	log   *slog.Logger
	boot  string // ids of another process mean nothing

	mu     sync.Mutex
	seq    uint64
	topics map[string]*topic
}

// NewHub makes a hub.
func NewHub(c Clock, log *slog.Logger) *Hub {
	return &Hub{clock: c, log: log, boot: rand.Text()[:8], topics: map[string]*topic{}}
}

// message is one event on its way.
type message struct {
	seq   uint64
	event string
	data  []byte
}

// topic is followed by somebody. Hub.mu guards it.
type topic struct {
	feed
	followers map[*follower]struct{}
	parts     map[string][]byte // by event and key, as last sent
	whole     []byte            // the snapshot; nil before the first reading
	since     uint64            // messages up to this one are not in kept any more
	kept      []message
	stop      context.CancelFunc
	done      chan struct{}
}

// follower is one browser. Its channel is closed when it is too slow.
type follower struct{ ch chan message }

// follow adds a follower, who first gets the snapshot, or what he missed since lastID.
func (h *Hub) follow(ctx context.Context, f feed, lastID string) (*topic, *follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[f.topic]
	if t == nil {
		work, stop := context.WithCancel(context.WithoutCancel(ctx))
		t = &topic{feed: f, followers: map[*follower]struct{}{}, parts: map[string][]byte{}, since: h.seq, stop: stop, done: make(chan struct{})}
		h.topics[f.topic] = t
		go h.turn(work, t)
	}
	missed, ok := h.missed(t, lastID)
	s := &follower{ch: make(chan message, len(missed)+backlog)}
	for _, m := range missed {
		s.ch <- m
	}
	if !ok && t.whole != nil {
		s.ch <- message{h.seq, "snapshot", t.whole}
	}
	t.followers[s] = struct{}{}
	return t, s
}

// missed are the changes behind an id, if they are all still there.
func (h *Hub) missed(t *topic, lastID string) ([]message, bool) {
	boot, n, ok := strings.Cut(lastID, "-")
	seq, err := strconv.ParseUint(n, 10, 64)
	if !ok || err != nil || boot != h.boot || seq < t.since || t.whole == nil {
		return nil, false
	}
	for i, m := range t.kept {
		if m.seq > seq {
			return t.kept[i:], true
		}
	}
	return nil, true
}

// leave takes a follower away; with the last one the topic ends, and its goroutine is waited for.
func (h *Hub) leave(t *topic, s *follower) {
	h.mu.Lock()
	delete(t.followers, s)
	last := len(t.followers) == 0 && h.topics[t.topic] == t
	if last {
		delete(h.topics, t.topic)
	}
	h.mu.Unlock()
	if last {
		t.stop()
		<-t.done
	}
}

// turn reads the topic until it is stopped. A reading that took long is followed by a longer pause.
func (h *Hub) turn(ctx context.Context, t *topic) {
	defer close(t.done)
	for ctx.Err() == nil {
		began := h.clock.Now()
		parts, err := t.read(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errUnchanged):
		case err != nil:
			h.log.Warn("live data not read", "topic", t.topic, "err", err)
		default:
			if err := h.send(t, parts); err != nil {
				h.log.Error("live data not sent", "topic", t.topic, "err", err)
			}
		}
		select {
		case <-h.after(ctx, max(t.every, 2*h.clock.Now().Sub(began))):
		case <-ctx.Done():
		}
	}
}

// after is closed when d has passed or ctx has ended.
func (h *Hub) after(ctx context.Context, d time.Duration) <-chan struct{} {
	wait, cancel := context.WithCancel(ctx)
	stop := h.clock.AfterFunc(d, cancel)
	context.AfterFunc(wait, func() { stop() })
	return wait.Done()
}

// send gives every follower what has changed; at the first time, the whole.
func (h *Hub) send(t *topic, parts []part) error {
	encoded := make([][]byte, len(parts))
	for i, p := range parts {
		var err error
		if encoded[i], err = json.Marshal(p.data); err != nil {
			return fmt.Errorf("write %s as JSON: %w", p.event, err)
		}
	}
	whole, err := json.Marshal(t.snapshot(parts))
	if err != nil {
		return fmt.Errorf("write the snapshot as JSON: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	first := t.whole == nil
	t.whole = whole
	for i, p := range parts {
		key := p.event + " " + p.key
		if have, ok := t.parts[key]; ok && bytes.Equal(have, encoded[i]) {
			continue
		}
		t.parts[key] = encoded[i]
		if !first {
			h.tell(t, p.event, encoded[i])
		}
	}
	if first {
		for s := range t.followers {
			s.ch <- message{h.seq, "snapshot", whole}
		}
	}
	return nil
}

// tell sends one change and keeps it for those who come back. Who lags too far behind is dropped: he comes back by himself.
func (h *Hub) tell(t *topic, event string, data []byte) {
	h.seq++
	m := message{h.seq, event, data}
	if len(t.kept) == kept {
		t.since = t.kept[0].seq
		t.kept = append(t.kept[:0], t.kept[1:]...)
	}
	t.kept = append(t.kept, m)
	for s := range t.followers {
		if len(s.ch) == cap(s.ch) {
			delete(t.followers, s)
			close(s.ch)
			continue
		}
		s.ch <- m
	}
}

// serve writes a topic to a browser until he leaves, is too slow, or the server ends.
func (h *Hub) serve(c echo.Context, f feed) error {
	ctx := c.Request().Context()
	lastID := c.Request().Header.Get("Last-Event-ID")
	if lastID == "" {
		lastID = c.QueryParam("last_event_id")
	}
	t, s := h.follow(ctx, f, lastID)
	defer h.leave(t, s)
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/event-stream")
	header.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)
	// The clock comes first: pages count seconds, and the clocks of their computers may be wrong. It has no id to resume at.
	if !h.write(c, fmt.Appendf(nil, "retry: 1000\n\nevent: clock\ndata: {\"at\":%q}\n\n", h.shown().UTC().Format(time.RFC3339Nano))) {
		return nil
	}
	over := h.after(ctx, streamLife)
	for {
		quiet, heard := context.WithCancel(ctx)
		text, ok := []byte(": still here\n\n"), true
		select {
		case m, open := <-s.ch:
			text, ok = h.frame(m), open
		case <-h.after(quiet, heartbeat):
		case <-over: // ctx has ended, or it is time to come back
			ok = false
		}
		heard()
		if !ok || !h.write(c, text) {
			return nil
		}
	}
}

func (h *Hub) shown() time.Time {
	if h.Shown != nil {
		return h.Shown()
	}
	return h.clock.Now()
}

func (h *Hub) frame(m message) []byte {
	return fmt.Appendf(nil, "id: %s-%d\nevent: %s\ndata: %s\n\n", h.boot, m.seq, m.event, m.data)
}

// write reports false when the browser is gone or takes too long.
func (h *Hub) write(c echo.Context, text []byte) bool {
	control := http.NewResponseController(c.Response().Writer)
	_ = control.SetWriteDeadline(h.clock.Now().Add(writeLimit)) // a writer without deadlines, as in tests, does not block
	if _, err := c.Response().Write(text); err != nil {
		return false
	}
	return control.Flush() == nil
}
