package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// recording is one event-socket connection to a real FreeSWITCH.
type recordedConn struct {
	commands []recordedCommand
	replies  []message2
	events   []message2
	closed   bool      // by FreeSWITCH
	begun    time.Time // on the switch's clock, if an event tells it
}

// recordedCommand is what the client wrote, and when, and how many replies it had by then.
type recordedCommand struct {
	at      time.Duration
	text    string
	replies int
}

var chunkHead = regexp.MustCompile(`#### \[\+([\d.]+)\] (C->S|S->C|NOTE)(?: len=(\d+))?[^\n]*\n`)

func loadRecording(t *testing.T, name string) recordedConn {
	t.Helper()
	f, err := os.Open("testdata/recordings/" + name + ".txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var rec recordedConn
	var stream []byte
	for {
		m := chunkHead.FindSubmatchIndex(raw)
		if m == nil {
			break
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return string(raw[m[2*i]:m[2*i+1]])
		}
		n, _ := strconv.Atoi(group(3))
		secs, err := strconv.ParseFloat(group(1), 64)
		if err != nil {
			t.Fatal(err)
		}
		chunk := raw[m[1] : m[1]+n]
		switch group(2) {
		case "C->S":
			rec.commands = append(rec.commands, recordedCommand{time.Duration(secs * float64(time.Second)), string(chunk), len(rec.replies)})
		case "NOTE":
			rec.closed = true
		default:
			var got []message2
			got, stream = split(t, append(stream, chunk...))
			rec.add(got)
			if us, err := strconv.ParseInt(first(rec.events)["Event-Date-Timestamp"], 10, 64); err == nil && rec.begun.IsZero() {
				rec.begun = time.UnixMicro(us).Add(-time.Duration(secs * float64(time.Second)))
			}
		}
		raw = raw[m[1]+n:]
	}
	if len(stream) > 0 {
		t.Fatalf("%s: %d bytes left over", name, len(stream))
	}
	return rec
}

func first(ms []message2) map[string]string {
	if len(ms) == 0 {
		return nil
	}
	return ms[0].event
}

func (r *recordedConn) add(got []message2) {
	for _, m := range got {
		if m.event != nil {
			r.events = append(r.events, m)
		} else {
			r.replies = append(r.replies, m)
		}
	}
}

// split takes whole messages off a stream and checks their framing to the byte.
func split(t *testing.T, stream []byte) (out []message2, rest []byte) {
	t.Helper()
	for {
		head, after, ok := bytes.Cut(stream, []byte("\n\n"))
		if !ok {
			return out, stream
		}
		var m message2
		var order []string
		fields := map[string]string{}
		for line := range strings.SplitSeq(string(head), "\n") {
			name, value, ok := strings.Cut(line, ": ")
			if !ok {
				t.Fatalf("framing line %q", line)
			}
			order = append(order, name)
			fields[name] = value
		}
		n, _ := strconv.Atoi(fields["Content-Length"])
		if len(after) < n {
			return out, stream
		}
		m.body = string(after[:n])
		stream = after[n:]
		kind := fields["Content-Type"]
		switch kind {
		case "text/event-plain":
			m.names, m.event = decodeEvent(t, m.body)
		case "text/event-json":
			if err := json.Unmarshal([]byte(m.body), &m.event); err != nil {
				t.Fatalf("json event: %v", err)
			}
			m.names = slices.Sorted(maps.Keys(m.event))
		default:
			m.names = append([]string{kind, fields["Reply-Text"]}, order...)
		}
		if m.event != nil && strings.Join(order, " ") != "Content-Length Content-Type" {
			t.Errorf("framing of an event: %v", order)
		}
		out = append(out, m)
	}
}

func decodeEvent(t *testing.T, body string) (names []string, event map[string]string) {
	t.Helper()
	headers, inner, ok := strings.Cut(body, "\n\n")
	if !ok {
		t.Fatalf("event does not end with a blank line: %q", body)
	}
	event = map[string]string{}
	for line := range strings.SplitSeq(headers, "\n") {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("event line %q", line)
		}
		names = append(names, name)
		event[name] = unescape(value)
	}
	if n, has := event["Content-Length"]; has && n != strconv.Itoa(len(inner)) {
		t.Errorf("inner length %s of a body of %d bytes", n, len(inner))
	} else if !has && inner != "" {
		t.Errorf("event has %d bytes behind its headers", len(inner))
	}
	event["_body"] = inner
	return names, event
}

var anyUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// describe writes a reply so that what differs from run to run does not matter: identifiers that the switch made, times.
func describe(m message2, known map[string]bool) string {
	text := strings.Join(m.names, " ") + "\n" + m.body
	text = anyUUID.ReplaceAllStringFunc(text, func(id string) string {
		if known[id] {
			return id
		}
		return "UUID"
	})
	return text
}

// stepClock moves only when it is told to: a replay does not depend on how busy the machine is.
type stepClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*stepTimer]bool
}

type stepTimer struct {
	due time.Time
	f   func()
}

func newStepClock(now time.Time) *stepClock {
	return &stepClock{now: now, timers: map[*stepTimer]bool{}}
}

func (c *stepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stepClock) Speed() float64 { return 1 }

func (c *stepClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &stepTimer{c.now.Add(d), f}
	if d <= 0 {
		go f()
	} else {
		c.timers[t] = true
	}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		had := c.timers[t]
		delete(c.timers, t)
		return had
	}
}

// set moves the clock forward and fires what is due.
func (c *stepClock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.now) {
		return
	}
	c.now = now
	for t := range c.timers {
		if !t.due.After(now) {
			delete(c.timers, t)
			go t.f()
		}
	}
}

// wind lets the clock run, twenty times as fast as the wall's, until the function that it returns is called.
func (c *stepClock) wind() (halt func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				c.set(c.Now().Add(20 * time.Millisecond))
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// replay drives a simulator with the recorded commands at the recorded times.
func replay(t *testing.T, s *Simulator, clk *stepClock, rec recordedConn) recordedConn {
	t.Helper()
	c := dial(t, s)
	var got recordedConn
	var stream []byte
	arrived := make(chan []byte, 1024)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		defer close(arrived)
		for {
			b := make([]byte, 1<<16)
			n, err := c.conn.Read(b)
			select {
			case arrived <- b[:n]:
			case <-ended:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	// listen takes what comes until enough replies are there; after a while it gives up if it may.
	listen := func(enough func() bool, limit time.Duration) bool {
		timeout := time.After(limit)
		for !enough() {
			select {
			case b, open := <-arrived:
				if !open {
					got.closed = true
					return true
				}
				var ms []message2
				ms, stream = split(t, append(stream, b...))
				got.add(ms)
			case <-timeout:
				return false
			}
		}
		return true
	}
	begun := clk.Now()
	listen(func() bool { return len(got.replies) == 1 }, patience)
	for i, cmd := range rec.commands {
		clk.set(begun.Add(cmd.at))
		c.send(cmd.text)
		// A reply that takes time, as that of api originate, comes once the clock goes on.
		if i+1 < len(rec.commands) {
			replies := rec.commands[i+1].replies
			limit := patience
			if strings.HasPrefix(cmd.text, "api originate") {
				limit = 100 * time.Millisecond
			}
			if !listen(func() bool { return len(got.replies) >= replies }, limit) {
				clk.set(begun.Add(rec.commands[i+1].at))
				listen(func() bool { return len(got.replies) >= replies }, patience)
			}
		}
	}
	if !listen(func() bool { return got.closed }, patience) {
		t.Fatal("the connection does not end")
	}
	if len(stream) > 0 {
		t.Errorf("%d bytes left over", len(stream))
	}
	return got
}

func (m message2) String() string {
	return fmt.Sprintf("%s %s", m.event["Event-Name"], m.event["Unique-ID"])
}
