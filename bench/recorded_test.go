package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

var (
	pieceHead  = regexp.MustCompile(`#### \[\+[\d.]+\] (C->S|S->C) len=(\d+)\n`)
	subscribed = []string{"CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_ANSWER", "CHANNEL_PARK", "DTMF", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "BACKGROUND_JOB"}
)

// recordedEvents are the events of one answered call on a real switch that the daemon subscribes to, and the call's id.
func recordedEvents(tb testing.TB) (events [][]byte, id string) {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", "controller", "esl", "testdata", "recordings", "call_answered_plain.txt"))
	must(tb, err)
	var said []byte
	for {
		m := pieceHead.FindSubmatchIndex(b)
		if m == nil {
			break
		}
		n, err := strconv.Atoi(string(b[m[4]:m[5]]))
		must(tb, err)
		if string(b[m[2]:m[3]]) == "S->C" {
			said = append(said, b[m[1]:m[1]+n]...)
		}
		b = b[m[1]+n:]
	}
	in := bufio.NewReader(bytes.NewReader(said))
	for {
		length, err := outer(in)
		if errors.Is(err, io.EOF) {
			break
		}
		must(tb, err)
		body := make([]byte, length)
		_, err = io.ReadFull(in, body)
		must(tb, err)
		name, channel := header(body, "Event-Name"), header(body, "Unique-ID")
		if id == "" && name == "CHANNEL_CREATE" {
			id = channel
		}
		if slices.Contains(subscribed, name) && (channel == id || name == "BACKGROUND_JOB") {
			events = append(events, fmt.Appendf(nil, "Content-Length: %d\nContent-Type: text/event-plain\n\n%s", len(body), body))
		}
	}
	if len(events) < 7 || header(events[len(events)-1], "Event-Name") != "CHANNEL_HANGUP_COMPLETE" {
		tb.Fatalf("the recording has %d events of its call", len(events))
	}
	return events, id
}

func header(event []byte, name string) string {
	for line := range strings.SplitSeq(string(event), "\n") {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			return v
		}
	}
	return ""
}

// traffic is the recorded call n times, under ids of its own each, a hundred calls at a time.
func traffic(tb testing.TB, n int) (stream []byte, ids []string, events int) {
	tb.Helper()
	const together = 100
	one, id := recordedEvents(tb)
	for range n {
		ids = append(ids, uuid.NewString())
	}
	for group := range slices.Chunk(ids, together) {
		for _, e := range one {
			for _, call := range group {
				stream = append(stream, bytes.ReplaceAll(e, []byte(id), []byte(call))...)
			}
		}
	}
	return stream, ids, n * len(one)
}

// outer reads the outer headers of a message.
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

// readFourteen is the bare limit: it frames events and keeps 14 headers as bytes in place, without an allocation per event.
func readFourteen(r io.Reader) (n int, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var body []byte
	var kept [14][]byte
	for {
		length, err := outer(in)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
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

// player is an event socket that has nothing to say but the traffic.
type player struct {
	net.Listener
	core     string
	channels []string
	heard    chan net.Conn // a connection that has subscribed
	wg       sync.WaitGroup
}

func newPlayer(tb testing.TB, core string, channels []string) *player {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	p := &player{Listener: l, core: core, channels: channels, heard: make(chan net.Conn, 1)}
	p.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(conn) })
		}
	})
	return p
}

func (p *player) serve(conn net.Conn) {
	defer conn.Close()
	if _, err := io.WriteString(conn, "Content-Type: auth/request\n\n"); err != nil {
		return
	}
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		line := lines.Text()
		verb, rest, _ := strings.Cut(line, " ")
		answer := "Content-Type: command/reply\nReply-Text: +OK\n\n"
		switch verb {
		case "auth", "event":
		case "api":
			text := "+OK\n"
			switch {
			case strings.HasPrefix(rest, "global_getvar"):
				text = p.core
			case strings.HasPrefix(rest, "show channels"):
				text = p.list()
			}
			answer = fmt.Sprintf("Content-Type: api/response\nContent-Length: %d\n\n%s", len(text), text)
		default:
			continue // blank lines
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
		if verb == "event" {
			p.heard <- conn
		}
	}
}

func (p *player) list() string {
	if len(p.channels) == 0 {
		return `{"row_count":0}`
	}
	rows := make([]string, len(p.channels))
	for i, id := range p.channels {
		rows[i] = `{"uuid":"` + id + `"}`
	}
	return fmt.Sprintf(`{"row_count":%d,"rows":[%s]}`, len(rows), strings.Join(rows, ","))
}
