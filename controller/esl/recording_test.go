package esl

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// exchange is one piece of a recording.
type exchange struct {
	fromSwitch bool
	bytes      []byte
}

var pieceHead = regexp.MustCompile(`#### \[\+[\d.]+\] (C->S|S->C) len=(\d+)\n`)

// recording reads a recorded connection, packed or not.
func recording(t testing.TB, name string) []exchange {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "recordings", name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	var out []exchange
	for {
		m := pieceHead.FindSubmatchIndex(b)
		if m == nil {
			break
		}
		n, err := strconv.Atoi(string(b[m[4]:m[5]]))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, exchange{string(b[m[2]:m[3]]) == "S->C", b[m[1] : m[1]+n]})
		b = b[m[1]+n:]
	}
	if len(out) == 0 {
		t.Fatalf("recording %s is empty", name)
	}
	return out
}

// heardFrom is all that the switch said in a recording.
func heardFrom(t testing.TB, name string) []byte {
	var b []byte
	for _, x := range recording(t, name) {
		if x.fromSwitch {
			b = append(b, x.bytes...)
		}
	}
	return b
}

func recordings(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "recordings", "*.txt*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

// naive is a message cut and decoded in the plainest way: everything in memory, every header in a map.
type naive struct {
	headers map[string]string
	body    string
}

func naiveHeaders(block string, decode bool) map[string]string {
	h := map[string]string{}
	for _, l := range strings.Split(block, "\n") {
		name, v, ok := strings.Cut(l, ": ")
		if !ok {
			continue
		}
		if decode {
			if d, err := url.PathUnescape(v); err == nil {
				v = d
			}
		}
		h[name] = v
	}
	return h
}

func naiveMessages(t testing.TB, stream []byte) []naive {
	t.Helper()
	var out []naive
	for s := string(stream); s != ""; {
		block, rest, ok := strings.Cut(s, "\n\n")
		if !ok {
			t.Fatalf("recording ends within a message: %.80q", s)
		}
		h := naiveHeaders(block, false)
		n, _ := strconv.Atoi(h["Content-Length"])
		out = append(out, naive{h, rest[:n]})
		s = rest[n:]
	}
	return out
}

func naiveTime(v string) time.Time {
	n, _ := strconv.ParseInt(v, 10, 64)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// naiveEvent maps a decoded header set to the contract.
func naiveEvent(body string) Event {
	block, rest, _ := strings.Cut(body, "\n\n")
	h := naiveHeaders(block, true)
	num := func(name string) int { n, _ := strconv.Atoi(h[name]); return n }
	seq, _ := strconv.ParseInt(h["Event-Sequence"], 10, 64)
	e := Event{
		Name: h["Event-Name"], Subclass: h["Event-Subclass"], Core: h["Core-UUID"], Seq: seq,
		At: naiveTime(h["Event-Date-Timestamp"]), UUID: h["Unique-ID"], JobUUID: h["Job-UUID"],
		Created: naiveTime(h["Caller-Channel-Created-Time"]), Progress: naiveTime(h["Caller-Channel-Progress-Time"]),
		ProgressMedia: naiveTime(h["Caller-Channel-Progress-Media-Time"]), Answered: naiveTime(h["Caller-Channel-Answered-Time"]),
		HungUp: naiveTime(h["Caller-Channel-Hangup-Time"]), Cause: h["Hangup-Cause"], Q850: num("variable_hangup_cause_q850"),
		SIPStatus: num("variable_sip_term_status"), InviteStatus: num("variable_sip_invite_failure_status"),
		SIPPhrase: h["variable_sip_invite_failure_phrase"], Disposition: h["variable_sip_hangup_disposition"],
		Step: h["variable_waihu_step"], Digits: h["variable_digits_dialed"], Attempt: h["variable_waihu_attempt"],
		Digit: h["DTMF-Digit"], BridgeA: h["Bridge-A-Unique-ID"], BridgeB: h["Bridge-B-Unique-ID"],
		File: h["Playback-File-Path"] + h["Record-File-Path"], Sessions: num("Session-Count"),
		Direction: h["Call-Direction"], Call: h["variable_waihu_call"], Agent: int64(num("variable_waihu_agent")),
		Queue: int64(num("variable_waihu_queue")), Leg: h["variable_waihu_leg"], Key: h["variable_waihu_key"],
		RecordMS: int64(num("variable_record_ms")),
	}
	if e.Direction == "inbound" {
		e.Caller, e.Destination, e.Context = h["Caller-ANI"], h["Caller-Destination-Number"], h["Caller-Context"]
	}
	if e.Name != "CHANNEL_UNBRIDGE" {
		e.OtherLeg = h["Other-Leg-Unique-ID"]
	}
	if e.Name == "CUSTOM" {
		e.Gateway, e.GatewayState, e.Ping, e.Profile = h["Gateway"], h["State"], h["Ping-Status"], h["profile-name"]
		e.User, e.Domain = h["from-user"]+h["user"], h["from-host"]+h["host"]
		e.Contact, e.UserAgent, e.Conference, e.Action = h["contact"], h["user-agent"], h["Conference-Name"], h["Action"]
	}
	if e.SIPPhrase == "" {
		e.SIPPhrase = h["variable_sip_hangup_phrase"]
	}
	if n, err := strconv.Atoi(h["Content-Length"]); err == nil && e.Name == "BACKGROUND_JOB" {
		e.Body = strings.TrimSpace(rest[:n])
	}
	return e
}

// trickle gives its bytes in pieces of random size.
type trickle struct {
	b   []byte
	rnd *rand.Rand
}

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := 1 + r.rnd.IntN(min(len(r.b), len(p), 1+r.rnd.IntN(2000)))
	copy(p, r.b[:n])
	r.b = r.b[n:]
	return n, nil
}

// Every message of every recording, cut anywhere, is what a reader with the whole text in hand finds.
func TestRecordingsAnyCut(t *testing.T) {
	for _, name := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			stream := heardFrom(t, name)
			want := naiveMessages(t, stream)
			for seed := uint64(1); seed <= 20; seed++ {
				f := newFrames(&trickle{stream, rand.New(rand.NewPCG(seed, 1))}, maxReplyBytes)
				d := newDecoder()
				for i, w := range want {
					got, err := f.next()
					if err != nil {
						t.Fatalf("seed %d message %d: %v", seed, i, err)
					}
					compareMessage(t, fmt.Sprintf("seed %d message %d", seed, i), d, got, w)
				}
				if _, err := f.next(); !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("seed %d: after the last message %v, want EOF", seed, err)
				}
			}
		})
	}
}

func compareMessage(t *testing.T, what string, d *decoder, got frame, want naive) {
	t.Helper()
	if got.kind != kindOf([]byte(want.headers["Content-Type"])) || string(got.reply) != want.headers["Reply-Text"] ||
		string(got.job) != want.headers["Job-UUID"] || string(got.body) != want.body {
		t.Fatalf("%s: got kind %d reply %q job %q body %.60q, want %v", what, got.kind, got.reply, got.job, got.body, want)
	}
	if got.kind != kindEvent {
		return
	}
	e, err := d.event(got.body)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if w := naiveEvent(want.body); e != w {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, e, w)
	}
}

// The events of every recording, sent over TCP in random pieces, reach the handler whole and in their order (E2).
func TestRecordingsOverTCP(t *testing.T) {
	p := newPeer(t)
	_, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	c := await(t, p.event, "subscription")
	rnd := rand.New(rand.NewPCG(7, 7))
	total := 0
	for _, name := range recordings(t) {
		var stream []byte
		var want []Event
		for _, m := range naiveMessages(t, heardFrom(t, name)) {
			if m.headers["Content-Type"] != "text/event-plain" {
				continue
			}
			if ev := naiveEvent(m.body); ev.Name == "SHUTDOWN" {
				continue // ends the session, tested elsewhere
			}
			stream = fmt.Appendf(stream, "Content-Length: %d\nContent-Type: text/event-plain\n\n%s", len(m.body), m.body)
			want = append(want, naiveEvent(m.body))
		}
		in := &trickle{stream, rnd}
		piece := make([]byte, 4096)
		for {
			n, err := in.Read(piece)
			if err != nil {
				break
			}
			c.say(string(piece[:n]))
		}
		for i, w := range want {
			if got := await(t, e.events, "event of "+name); got != w {
				t.Fatalf("%s event %d:\n got %+v\nwant %+v", name, i, got, w)
			}
		}
		total += len(want)
	}
	if total < 100 {
		t.Fatalf("only %d events in the recordings", total)
	}
}

// What the floor decides by stands in the recorded events: one look at the values themselves, so that both decoders cannot
// be wrong together.
func TestRecordedFacts(t *testing.T) {
	of := func(name, event string) Event { return lastEvent(t, name, event) }
	e := of("call_answered_plain.txt", "CHANNEL_HANGUP_COMPLETE")
	if e.Cause != "NORMAL_CLEARING" || e.Q850 != 16 || e.SIPStatus != 200 || e.Disposition != "recv_bye" || e.Digits != "12#9" ||
		e.UUID != "829c9e81-afaa-4e98-8520-ecf97fd1f82b" || e.Answered != time.UnixMicro(1795198778101073).UTC() ||
		!e.ProgressMedia.IsZero() || e.Core != "b0a1a2ad-14a4-4777-938d-1476dfdd7aa3" || e.Seq != 1024 {
		t.Errorf("answered: %+v", e)
	}
	e = of("call_rejected_486.txt", "CHANNEL_HANGUP_COMPLETE")
	if e.Cause != "USER_BUSY" || e.Q850 != 17 || e.SIPStatus != 486 || e.InviteStatus != 486 || e.SIPPhrase != "Busy Here" {
		t.Errorf("busy: %+v", e)
	}
	e = of("call_noanswer.txt", "CHANNEL_HANGUP_COMPLETE")
	if e.Cause != "NO_ANSWER" || e.SIPStatus != 0 || e.InviteStatus != 487 || e.Disposition != "send_cancel" {
		t.Errorf("no answer: %+v", e)
	}
	if e = of("call_rejected_486.txt", "BACKGROUND_JOB"); e.Body != "-ERR USER_BUSY" || e.JobUUID != "8b05ac78-30e0-44ea-93b0-2f1d884b2af6" {
		t.Errorf("job: %+v", e)
	}
	if e = of("02_key_early.txt", "DTMF"); e.Digit != "1" {
		t.Errorf("key: %+v", e)
	}
	if e = of("gateway_state.txt", "sofia::gateway_state"); e.Gateway == "" || e.GatewayState == "" || e.Ping == "" {
		t.Errorf("gateway: %+v", e)
	}
	if e = of("03_connect_bridged.txt", "CHANNEL_BRIDGE"); e.BridgeA != e.UUID || e.BridgeB == "" || e.BridgeA == e.BridgeB {
		t.Errorf("bridge: %+v", e)
	}
}

// Odd headers harm nothing: the names that end eslgo's stream, values that are no escapes, arrays, doubled causes.
func TestDecodeTolerant(t *testing.T) {
	body := strings.Join([]string{
		"Event-Subclass: waihu%3A%3Aopted_out", "Event-Name: CUSTOM", "variable_客户 名称[0]: x", "no colon at all", ": no name",
		"variable_a b{c}: 1", "Hangup-Cause: USER_BUSY", "Hangup-Cause: NORMAL_CLEARING", "variable_waihu_step: ARRAY%3A%3Aplay_1%7C%3Aplay_2",
		"variable_sip_term_status: 99999999999999999999", "variable_hangup_cause_q850: -1", "Event-Sequence: x",
		"variable_digits_dialed: 100%zz%4", "Unique-ID:" + uuidA, "Caller-Channel-Answered-Time: -5", "Content-Length: 3", "", "b%41",
	}, "\n")
	e, err := newDecoder().event([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Event{
		Name: "CUSTOM", Subclass: "waihu::opted_out", Cause: "NORMAL_CLEARING", Step: "play_2", Digits: "100%zz%4", UUID: uuidA,
	}); e != want {
		t.Fatalf("\n got %+v\nwant %+v", e, want)
	}
	if _, err := newDecoder().event([]byte("Event-Name: BACKGROUND_JOB\nContent-Length: 9\n\n+OK")); !errors.Is(err, ErrBrokenStream) {
		t.Errorf("body shorter than stated: %v", err)
	}
	if _, err := newDecoder().event([]byte("Event-Name: BACKGROUND_JOB\nContent-Length: -1\n\n+OK")); !errors.Is(err, ErrBrokenStream) {
		t.Errorf("negative length: %v", err)
	}
}

// What is no message is an error at once, never a panic and never a wait for bytes that a hostile length claims.
func TestFramesBroken(t *testing.T) {
	for name, stream := range map[string]string{
		"negative length":  "Content-Type: api/response\nContent-Length: -1\n\n",
		"too long":         "Content-Length: 1048577\nContent-Type: text/event-plain\n\n",
		"overflow":         "Content-Length: 99999999999999999999\nContent-Type: text/event-plain\n\n",
		"no number":        "Content-Length: 12x\nContent-Type: text/event-plain\n\n",
		"empty length":     "Content-Length: \nContent-Type: text/event-plain\n\n",
		"no colon":         "Content-Type: api/response\nrubbish\n\n",
		"no name":          ": x\n\n",
		"unknown type":     "Content-Type: text/html\n\n",
		"json event":       "Content-Length: 2\nContent-Type: text/event-json\n\n{}",
		"no type":          "Content-Length: 2\n\nxx",
		"http":             "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n",
		"ssh":              "SSH-2.0-OpenSSH_9.6\r\n",
		"endless line":     strings.Repeat("x", 200<<10),
		"endless header":   strings.Repeat("X-A: b\n", 20<<10),
		"binary":           string([]byte{0, 1, 2, '\n', 0xff, 0xfe, '\n', '\n'}),
		"type with blanks": "Content-Type: command/reply \n\n",
	} {
		f := newFrames(strings.NewReader(stream), maxEventBytes)
		if got, err := f.next(); !errors.Is(err, ErrBrokenStream) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if len(f.buf) > 4*maxHeaderBytes {
			t.Errorf("%s: buffer of %d bytes", name, len(f.buf))
		}
	}
	for name, stream := range map[string]string{
		"cut in a header": "Content-Type: command/reply\nReply-Te",
		"cut in a body":   "Content-Type: api/response\nContent-Length: 10\n\n12345",
	} {
		if _, err := newFrames(strings.NewReader(stream), maxEventBytes).next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A large reply passes, grows the buffer only as its bytes come, and its memory is given back.
func TestFramesLarge(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 500_000)
	stream := append([]byte(fmt.Sprintf("Content-Type: api/response\nContent-Length: %d\n\n", len(body))), body...)
	stream = append(stream, "\n\nContent-Type: command/reply\r\nReply-Text: +OK\r\n\r\n"...)
	f := newFrames(bytes.NewReader(stream), maxReplyBytes)
	got, err := f.next()
	if err != nil || !bytes.Equal(got.body, body) {
		t.Fatalf("%d bytes, %v", len(got.body), err)
	}
	if got, err = f.next(); err != nil || got.kind != kindReply || string(got.reply) != "+OK" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err = f.next(); !errors.Is(err, io.EOF) || len(f.buf) > keptBuffer {
		t.Fatalf("%v, buffer of %d bytes kept", err, len(f.buf))
	}
	f = newFrames(strings.NewReader("Content-Type: api/response\nContent-Length: 30000000\n\nshort"), maxReplyBytes)
	if _, err := f.next(); !errors.Is(err, io.ErrUnexpectedEOF) || len(f.buf) > 4*firstBuffer {
		t.Fatalf("%v, buffer of %d bytes for a claim", err, len(f.buf))
	}
}
