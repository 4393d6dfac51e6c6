package simulator

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/controller/clock"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a simulator for the length of a test.
func start(t testing.TB, cfg Config) *Simulator {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return s
}

// peer is a plain client of the event socket. It shares nothing with the daemon's.
type peer struct {
	t      testing.TB
	conn   net.Conn
	r      *bufio.Reader
	events []message2
}

// message2 is one message of the socket.
type message2 struct {
	head  textproto.MIMEHeader
	body  string
	event map[string]string
	names []string
}

const patience = 20 * time.Second

func dial(t testing.TB, s *Simulator) *peer {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &peer{t: t, conn: c, r: bufio.NewReaderSize(c, 1<<16)}
}

func login(t testing.TB, s *Simulator) *peer {
	t.Helper()
	p := dial(t, s)
	if m := p.read(); m.head.Get("Content-Type") != "auth/request" {
		t.Fatalf("greeting %v", m.head)
	}
	if got := p.command("auth ClueCon"); got != "+OK accepted" {
		t.Fatalf("auth answered %q", got)
	}
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, text); err != nil {
		p.t.Fatal(err)
	}
}

// next reads one message, event or not.
func (p *peer) next() (message2, error) {
	var m message2
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return m, err
	}
	head, err := textproto.NewReader(p.r).ReadMIMEHeader()
	if err != nil {
		return m, err
	}
	m.head = head
	if n, err := strconv.Atoi(head.Get("Content-Length")); err == nil {
		b := make([]byte, n)
		if _, err := io.ReadFull(p.r, b); err != nil {
			return m, err
		}
		m.body = string(b)
	}
	if head.Get("Content-Type") == "text/event-plain" {
		m.event = map[string]string{}
		headers, body, _ := strings.Cut(m.body, "\n\n")
		for line := range strings.SplitSeq(headers, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			m.event[name] = unescape(value)
			m.names = append(m.names, name)
		}
		m.event["_body"] = body
	}
	return m, nil
}

func (p *peer) read() message2 {
	p.t.Helper()
	m, err := p.next()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return m
}

// command sends a command and returns its reply; events that come before are kept.
func (p *peer) command(line string) string {
	p.t.Helper()
	p.send(line + "\n\n")
	return p.reply()
}

func (p *peer) reply() string {
	p.t.Helper()
	for {
		m := p.read()
		switch m.head.Get("Content-Type") {
		case "text/event-plain":
			p.events = append(p.events, m)
		case "api/response":
			return m.body
		default:
			return m.head.Get("Reply-Text")
		}
	}
}

// event waits for the next event of a name and channel ("" = any) and returns it.
func (p *peer) event(name, id string) map[string]string {
	p.t.Helper()
	for {
		for i, m := range p.events {
			if m.event["Event-Name"] == name && (id == "" || m.event["Unique-ID"] == id || m.event["Job-UUID"] == id) {
				p.events = append(p.events[:i:i], p.events[i+1:]...)
				return m.event
			}
		}
		m := p.read()
		if m.event != nil {
			p.events = append(p.events, m)
		}
	}
}

func fast(t testing.TB) clock.Clock {
	t.Helper()
	return fastFrom(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
}

// fastFrom runs sixty times as fast as life.
func fastFrom(now time.Time) clock.Clock { return clock.NewVirtual(now, 60) }

func dialplan(t testing.TB, dir string) script.Source {
	t.Helper()
	src, err := script.Dir(dir, map[string]string{"sounds_dir": "/sounds"})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestAnsweredCallRunsItsDialplan(t *testing.T) {
	s := start(t, Config{Clock: fast(t), Dialplan: dialplan(t, "testdata/dialplan"), Town: town.Config{Recorded: true},
		SoundDir: func(string) (time.Duration, bool) { return 2 * time.Second, true }})
	p := login(t, s)
	p.command("event plain ALL")
	const id = "11111111-2222-4333-8444-555555555555"
	p.command("bgapi originate {origination_uuid=" + id + ",originate_timeout=45,ignore_early_media=true}sofia/gateway/pstn/13800000200 waihu_voice_7 XML waihu\nJob-UUID: job-1")
	answer := p.event("CHANNEL_ANSWER", id)
	if answer["Channel-Call-State"] != "RINGING" || answer["Answer-State"] != "answered" {
		t.Errorf("states of the answer: %s, %s", answer["Channel-Call-State"], answer["Answer-State"])
	}
	if body := p.event("BACKGROUND_JOB", "job-1")["_body"]; body != "+OK "+id+"\n" {
		t.Errorf("job body %q", body)
	}
	end := p.event("CHANNEL_HANGUP_COMPLETE", id)
	for name, want := range map[string]string{
		"Hangup-Cause": "NORMAL_CLEARING", "variable_waihu_step": "played", "variable_hangup_cause_q850": "16",
		"variable_sip_hangup_disposition": "send_bye", "variable_digits_dialed": "none",
	} {
		if end[name] != want {
			t.Errorf("%s = %q, want %q", name, end[name], want)
		}
	}
	us := func(name string) int64 {
		n, err := strconv.ParseInt(end[name], 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	if got := time.Duration(us("Caller-Channel-Hangup-Time")-us("Caller-Channel-Answered-Time")) * time.Microsecond; got != 4460*time.Millisecond {
		t.Errorf("talked %s, want two plays of 2 s less a packet each and half a second between", got)
	}
	p.event("CHANNEL_DESTROY", id)
	r := s.Report()
	if n := r.Numbers["13800000200"]; n.Dialled != 1 || n.Answered != 1 || n.Outcomes["NORMAL_CLEARING"] != 1 {
		t.Errorf("report %+v", n)
	}
}

func TestConnectionsEnd(t *testing.T) {
	s := start(t, Config{})
	p := login(t, s)
	if got := p.command("exit"); got != "+OK bye" {
		t.Errorf("exit answered %q", got)
	}
	if m := p.read(); m.head.Get("Content-Type") != "text/disconnect-notice" || len(m.body) != 67 {
		t.Errorf("after exit came %v %q", m.head, m.body)
	}
	if _, err := p.next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the notice: %v, want EOF", err)
	}
}

// Recorded too (proto_blocking_api_events): api originate keeps its connection from events and other commands; the answers
// come first, then the events. Other connections are not held up.
func TestBlockingAPI(t *testing.T) {
	s := start(t, Config{Clock: fast(t), Town: town.Config{Recorded: true}})
	a, b := login(t, s), login(t, s)
	for _, p := range []*peer{a, b} {
		p.command("event plain CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_ANSWER CHANNEL_PARK")
	}
	const id = "9c1cbbc8-bd91-41f9-b0de-78a721cffe02"
	a.send("api originate {ignore_early_media=true,origination_uuid=" + id + "}sofia/gateway/pstn/13800000555 &park\n\napi echo second\n\n")
	b.event("CHANNEL_CREATE", id)
	b.event("CHANNEL_PROGRESS", id)
	if got := a.reply(); got != "+OK "+id+"\n" {
		t.Errorf("originate answered %q", got)
	}
	if len(a.events) > 0 {
		t.Errorf("%d events came before the answer", len(a.events))
	}
	for _, name := range []string{"CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_ANSWER", "CHANNEL_PARK"} {
		a.event(name, id)
	}
}
