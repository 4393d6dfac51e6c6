package esl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/percipia/eslgo"
)

// recordedStream is the events of recorded calls as they would come to us, once, and how many they are.
func recordedStream(t testing.TB) (stream []byte, n int) {
	t.Helper()
	for _, name := range recordings(t) {
		for _, m := range naiveMessages(t, heardFrom(t, name)) {
			if m.headers["Content-Type"] != "text/event-plain" {
				continue
			}
			if e := naiveEvent(m.body); e.Name == "SHUTDOWN" || e.Name == "CHANNEL_DESTROY" || e.Name == "CUSTOM" {
				continue
			}
			stream = fmt.Appendf(stream, "Content-Length: %d\nContent-Type: text/event-plain\n\n%s", len(m.body), m.body)
			n++
		}
	}
	return stream, n
}

// readBare only finds where events end.
func readBare(r io.Reader) (n int, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		length, err := outer(in)
		if err != nil {
			return n, ended(err)
		}
		if _, err := in.Discard(length); err != nil {
			return n, err
		}
		n++
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func outer(in *bufio.Reader) (length int, err error) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) == 1 {
			return length, nil
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			for _, c := range v[:len(v)-1] {
				length = length*10 + int(c-'0')
			}
		}
	}
}

// readFourteen is the anchor: it frames, and keeps 14 headers as bytes in place, without an allocation per event.
func readFourteen(r io.Reader) (n int, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var body []byte
	var kept [14][]byte
	for {
		length, err := outer(in)
		if err != nil {
			return n, ended(err)
		}
		body = slices.Grow(body[:0], length)[:length]
		if _, err := io.ReadFull(in, body); err != nil {
			return n, err
		}
		for b := body; len(b) > 0; {
			i := bytes.IndexByte(b, '\n')
			if i <= 0 {
				break
			}
			line := b[:i]
			b = b[i+1:]
			c := bytes.IndexByte(line, ':')
			if c < 0 {
				continue
			}
			if k := fourteen(line[:c]); k >= 0 {
				kept[k] = line[c+2:]
			}
		}
		n++
	}
}

func fourteen(name []byte) int {
	switch string(name) {
	case "Event-Name":
		return 0
	case "Core-UUID":
		return 1
	case "Event-Date-Timestamp":
		return 2
	case "Event-Sequence":
		return 3
	case "Unique-ID":
		return 4
	case "Job-UUID":
		return 5
	case "Hangup-Cause":
		return 6
	case "Caller-Channel-Answered-Time":
		return 7
	case "Caller-Channel-Hangup-Time":
		return 8
	case "Caller-Channel-Progress-Time":
		return 9
	case "variable_sip_term_status":
		return 10
	case "variable_sip_hangup_disposition":
		return 11
	case "variable_waihu_attempt":
		return 12
	case "DTMF-Digit":
		return 13
	default:
		return -1
	}
}

// readOurs is what the client does up to the queue.
func readOurs(r io.Reader) (n int, err error) {
	f, d := newFrames(r, maxEventBytes), newDecoder()
	for {
		fr, err := f.next()
		if err != nil {
			return n, ended(err)
		}
		e, err := d.event(fr.body)
		if err != nil {
			return n, err
		}
		if e.Name == "" {
			return n, fmt.Errorf("event %d has no name", n)
		}
		n++
	}
}

// readMap keeps every header in a map.
func readMap(r io.Reader) (n int, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		length, err := outer(in)
		if err != nil {
			return n, ended(err)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return n, err
		}
		if e := naiveEvent(string(body)); e.Name == "" {
			return n, fmt.Errorf("event %d", n)
		}
		n++
	}
}

// BenchmarkReaders reads the same recorded events with each reader in turn, many rounds, and reports medians: ns per event
// and the ratio to the bare 14-header reader. Goal: ours at most 2.
func BenchmarkReaders(b *testing.B) {
	once, n := recordedStream(b)
	const times = 5
	stream := bytes.Repeat(once, times)
	events := float64(n * times)
	readers := []struct {
		name string
		read func(io.Reader) (int, error)
	}{{"bare", readBare}, {"fourteen", readFourteen}, {"ours", readOurs}, {"map", readMap}}
	took := make([][]float64, len(readers))
	for b.Loop() {
		for i, r := range readers {
			began := time.Now()
			got, err := r.read(bytes.NewReader(stream))
			if err != nil || got != n*times {
				b.Fatalf("%s: %d events of %d, %v", r.name, got, n*times, err)
			}
			took[i] = append(took[i], float64(time.Since(began).Nanoseconds())/events)
		}
	}
	median := func(i int) float64 { slices.Sort(took[i]); return took[i][len(took[i])/2] }
	for i, r := range readers {
		b.ReportMetric(median(i), r.name+"-ns/event")
	}
	b.ReportMetric(median(2)/median(1), "ours/fourteen")
	b.ReportMetric(float64(len(once))/float64(n), "bytes/event")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkClients sends the recorded events over loopback TCP to the whole client, handler included, and to eslgo with
// one listener, in turn.
func BenchmarkClients(b *testing.B) {
	once, n := recordedStream(b)
	const times = 20
	stream := string(bytes.Repeat(once, times))
	total := int64(n * times)
	p := newPeer(b)
	var ours, theirs atomic.Int64
	full := make(chan struct{}, 1)
	count := func(c *atomic.Int64) {
		if c.Add(1)%total == 0 {
			full <- struct{}{}
		}
	}
	ups := make(chan string, 1)
	c := New(testConfig(p.addr))
	run(b, c, handlerFunc{event: func(Event) { count(&ours) }, up: func(s string) { ups <- s }, down: func(error) {}})
	await(b, ups, "up")
	mine := await(b, p.event, "subscription")
	other, err := eslgo.InboundOptions{
		Options: eslgo.Options{Context: context.Background(), Logger: eslgo.NilLogger{}, ExitTimeout: time.Second},
		Network: "tcp", Password: testPassword, AuthTimeout: 5 * time.Second,
	}.Dial(p.addr)
	if err != nil {
		b.Fatal(err)
	}
	defer other.Close()
	other.RegisterEventListener(eslgo.EventListenAll, func(*eslgo.Event) { count(&theirs) })
	var yours *peerConn
	until(b, "eslgo's connection", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for conn := range p.conns {
			if conn != mine && conn.RemoteAddr().String() != "" && !isCommand(c, conn) {
				yours = conn
			}
		}
		return yours != nil
	})
	var took [2][]float64
	for b.Loop() {
		for i, conn := range []*peerConn{mine, yours} {
			began := time.Now()
			conn.say(stream)
			await(b, full, "all events")
			took[i] = append(took[i], float64(time.Since(began).Nanoseconds())/float64(total))
		}
	}
	slices.Sort(took[0])
	slices.Sort(took[1])
	us, them := took[0][len(took[0])/2], took[1][len(took[1])/2]
	b.ReportMetric(us, "ours-ns/event")
	b.ReportMetric(them, "eslgo-ns/event")
	b.ReportMetric(us/them, "ours/eslgo")
	b.ReportMetric(0, "ns/op")
}

// isCommand reports whether conn is the peer's end of one of c's lanes.
func isCommand(c *Client, conn net.Conn) bool {
	for k := range lanes {
		if isLane(c, k, conn) {
			return true
		}
	}
	return false
}

// BenchmarkCommand is one command after the other over loopback, the peer answering at once.
func BenchmarkCommand(b *testing.B) {
	p := newPeer(b)
	c, e := start(b, testConfig(p.addr))
	await(b, e.ups, "up")
	for b.Loop() {
		if err := c.Originate(context.Background(), good()); err != nil {
			b.Fatal(err)
		}
	}
}

// An event costs the allocations of its ids and nothing for the hundred headers that nobody needs.
func TestAllocations(t *testing.T) {
	body := []byte("")
	for _, m := range naiveMessages(t, heardFrom(t, "call_answered_plain.txt")) {
		if strings.Contains(m.body, "Event-Name: CHANNEL_HANGUP_COMPLETE") {
			body = []byte(m.body)
		}
	}
	d := newDecoder()
	n := testing.AllocsPerRun(100, func() {
		if e, err := d.event(body); err != nil || e.Cause != "NORMAL_CLEARING" {
			t.Error(e, err)
		}
	})
	if n > 3 {
		t.Errorf("%v allocations for an event of %s bytes", n, strconv.Itoa(len(body)))
	}
}
