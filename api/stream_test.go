package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waihu/controller/clock"
)

// counter is a topic whose state the test sets.
type counter struct {
	n     atomic.Int64
	reads chan int64 // each reading waits here until the test lets it go on
	fails atomic.Bool
}

func (c *counter) feed(topic string) feed {
	return feed{topic: topic, every: time.Nanosecond, read: func(ctx context.Context) ([]part, error) {
		select {
		case c.reads <- c.n.Load():
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if c.fails.Load() {
			return nil, errors.New("database gone")
		}
		return []part{{"change", "", c.n.Load()}, {"still", "", "same"}}, nil
	}, snapshot: func(ps []part) any { return ps[0].data }}
}

// step lets the topic be read twice: what the first reading saw has been sent by then.
func (c *counter) step() {
	<-c.reads
	<-c.reads
}

func newCounter() *counter { return &counter{reads: make(chan int64)} }

func testHub() *Hub { return NewHub(clock.Real(), slog.New(slog.DiscardHandler)) }

func take(t *testing.T, s *follower, want string) message {
	t.Helper()
	select {
	case m, ok := <-s.ch:
		if !ok || m.event+" "+string(m.data) != want {
			t.Fatalf("got %s %s (open %v), want %s", m.event, m.data, ok, want)
		}
		return m
	default:
		t.Fatalf("nothing came, want %s", want)
	}
	return message{}
}

func TestSnapshotThenChanges(t *testing.T) {
	h, c := testHub(), newCounter()
	topic, s := h.follow(t.Context(), c.feed("a"), "")
	c.step()
	take(t, s, "snapshot 0")
	c.n.Store(7)
	c.step()
	change := take(t, s, "change 7")
	c.fails.Store(true)
	c.step()
	c.fails.Store(false)
	c.step()
	if len(s.ch) != 0 {
		t.Errorf("what did not change was sent: %v", <-s.ch)
	}
	_, late := h.follow(t.Context(), c.feed("a"), "")
	take(t, late, "snapshot 7")
	for i := range int64(3) {
		c.n.Store(8 + i)
		c.step()
	}
	_, back := h.follow(t.Context(), c.feed("a"), fmt.Sprintf("%s-%d", h.boot, change.seq))
	for _, want := range []string{"change 8", "change 9", "change 10"} {
		take(t, back, want)
	}
	for _, id := range []string{"other-3", "x", fmt.Sprintf("%s-x", h.boot), "-"} {
		_, s := h.follow(t.Context(), c.feed("a"), id)
		take(t, s, "snapshot 10")
		h.leave(topic, s)
	}
	for _, v := range []*follower{s, late, back} {
		h.leave(topic, v)
	}
	select {
	case <-topic.done:
	default:
		t.Error("a topic that nobody follows is still read")
	}
	if len(h.topics) != 0 {
		t.Errorf("topics left: %v", h.topics)
	}
}

func TestASlowFollowerIsDropped(t *testing.T) {
	h, c := testHub(), newCounter()
	topic, slow := h.follow(t.Context(), c.feed("a"), "")
	_, quick := h.follow(t.Context(), c.feed("a"), "")
	for i := range int64(kept + backlog) {
		c.n.Store(i)
		c.step()
		<-quick.ch
	}
	n := 0
	var last message
	for m := range slow.ch { // closed, or this does not end
		n, last = n+1, m
	}
	if n != backlog {
		t.Errorf("the slow one got %d events, want %d", n, backlog)
	}
	if len(topic.kept) != kept {
		t.Errorf("%d changes are kept", len(topic.kept))
	}
	_, back := h.follow(t.Context(), c.feed("a"), fmt.Sprintf("%s-%d", h.boot, last.seq))
	if got := <-back.ch; got.event != "change" || got.seq != last.seq+1 {
		t.Errorf("who comes back gets %s %d after %d", got.event, got.seq, last.seq)
	}
	_, tooLate := h.follow(t.Context(), c.feed("a"), h.boot+"-1")
	if got := <-tooLate.ch; got.event != "snapshot" {
		t.Errorf("who was away too long gets %s", got.event)
	}
	for _, v := range []*follower{slow, quick, back, tooLate} {
		h.leave(topic, v)
	}
}

func TestTopicsAreReadAnewAfterAPause(t *testing.T) {
	h, c := testHub(), newCounter()
	topic, s := h.follow(t.Context(), c.feed("a"), "")
	c.step()
	id := fmt.Sprintf("%s-%d", h.boot, take(t, s, "snapshot 0").seq)
	h.leave(topic, s)
	c.n.Store(5)
	topic, s = h.follow(t.Context(), c.feed("a"), id)
	c.step()
	take(t, s, "snapshot 5")
	h.leave(topic, s)
}

func TestFrame(t *testing.T) {
	h := testHub()
	got := string(h.frame(message{3, "change", []byte(`{"a":1}`)}))
	if got != "id: "+h.boot+"-3\nevent: change\ndata: {\"a\":1}\n\n" || strings.Contains(h.boot, "-") {
		t.Errorf("%q", got)
	}
}
