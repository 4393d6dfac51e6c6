package simulator_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/controller/clock"
	"waihu/simulator"
	"waihu/simulator/town"
)

// life counts what one channel said.
type life struct {
	created, hungUp, completed, destroyed int
	late                                  string // events after the last
}

// lives reads events until the connection ends.
type lives struct {
	mu   sync.Mutex
	seen map[string]*life
	talk int // bridges less unbridges
	all  map[string]int
	done chan struct{}
}

func watch(l *loader) *lives {
	w := &lives{seen: map[string]*life{}, all: map[string]int{}, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for {
			_, body, err := readFrame(l.r)
			if err != nil {
				return
			}
			w.note(body)
		}
	}()
	return w
}

func (w *lives) note(event []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name, id := valueOf(event, "Event-Name"), valueOf(event, "Unique-ID")
	w.all[name]++
	if id == "" {
		return
	}
	c := w.seen[id]
	if c == nil {
		c = &life{}
		w.seen[id] = c
	}
	if c.destroyed > 0 && name != "CHANNEL_STATE" { // the last CHANNEL_STATE comes after the end, as on a real switch
		c.late += name + " "
	}
	switch name {
	case "CHANNEL_CREATE":
		c.created++
	case "CHANNEL_HANGUP":
		c.hungUp++
	case "CHANNEL_HANGUP_COMPLETE":
		c.completed++
	case "CHANNEL_DESTROY":
		c.destroyed++
	case "CHANNEL_BRIDGE":
		w.talk++
	case "CHANNEL_UNBRIDGE":
		w.talk--
	}
}

// storm sends one random command about random channels.
func storm(r *rand.Rand, calls int) string {
	id := func() string { return callID(r.IntN(calls + 2)) } // some do not exist
	switch r.IntN(22) {
	case 0:
		return "api uuid_kill " + id() + " USER_BUSY"
	case 1, 2, 3:
		return "api uuid_bridge " + id() + " " + id()
	case 4, 5:
		return "api uuid_transfer " + id() + " waihu_queue_3 XML waihu"
	case 6:
		return "api uuid_transfer " + id() + " -both waihu_hold XML waihu"
	case 7:
		return "api uuid_transfer " + id() + " waihu_agent XML waihu"
	case 8:
		return "api uuid_park " + id()
	case 9:
		return "api uuid_hold " + id()
	case 10:
		return "api uuid_hold off " + id()
	case 11:
		return "api uuid_broadcast " + id() + " /sounds/x.wav aleg"
	case 12:
		return "api uuid_broadcast " + id() + " tone_stream://%(200,100,800);loops=2 both"
	case 13:
		return "api uuid_break " + id() + " all"
	case 14:
		return "api uuid_send_dtmf " + id() + " 19*"
	case 15:
		return "api uuid_recv_dtmf " + id() + " 2"
	case 16:
		return "api uuid_record " + id() + " start /recordings/" + id() + ".wav"
	case 17:
		return "api sched_hangup +2 " + id() + " ALLOTTED_TIMEOUT"
	case 18:
		return "api sched_transfer +1 " + id() + " waihu_late XML waihu"
	case 19:
		return "sendmsg " + id() + "\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: /sounds/y.wav\nloops: 2"
	case 20:
		return "api uuid_setvar " + id() + " park_after_bridge true"
	default:
		return "sendmsg " + id() + "\ncall-command: hangup\nhangup-cause: CALL_REJECTED"
	}
}

// Whatever is done to calls in whatever order, each ends exactly once and says so exactly once.
func TestStormOfCommands(t *testing.T) {
	defer goleak.VerifyNone(t)
	const calls, commands = 150, 2500
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			// Time moves by what is skipped, so that a busy machine sees the same storm as an idle one.
			virtual := clock.NewVirtual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), 1e-3)
			s, stop := begin(t, simulator.Config{Clock: virtual, MaxSessions: 5000, SessionsPerSecond: 100_000, Seed: seed, Town: town.Config{Recorded: true}})
			defer stop()
			events, control := reach(t, s.Addr()), reach(t, s.Addr())
			defer control.conn.Close()
			if got := events.ask(t, "event plain ALL"); !strings.Contains(got, "+OK") {
				t.Fatal(got)
			}
			w := watch(events)
			r := rand.New(rand.NewPCG(seed, 1))
			extensions := []string{"waihu_menu_7", "waihu_voice_7", "waihu_connect_7", "waihu_queue_3", "waihu_agent", "nowhere"}
			for i := range calls {
				virtual.Skip(5 * time.Millisecond)
				number := fmt.Sprintf("138%05d%03d", i, []int{200, 201, 202, 111, 700, 486, 183, 777}[r.IntN(8)])
				control.ask(t, fmt.Sprintf("bgapi originate {origination_uuid=%s,ignore_early_media=true}sofia/gateway/gw/%s %s XML waihu", callID(i), number, extensions[r.IntN(len(extensions))]))
			}
			for range commands {
				virtual.Skip(time.Duration(r.IntN(20)) * time.Millisecond)
				control.ask(t, storm(r, calls))
			}
			control.ask(t, "api hupall MANAGER_REQUEST")
			for range 100 {
				virtual.Skip(100 * time.Millisecond)
				if control.left(t) == "\n0 total.\n" {
					break
				}
			}
			if left := control.left(t); left != "\n0 total.\n" {
				t.Fatalf("channels left ten seconds after hupall: %q", left)
			}
			events.leave()
			<-w.done
			for i := range calls {
				if c := w.seen[callID(i)]; c == nil || *c != (life{1, 1, 1, 1, ""}) {
					t.Errorf("call %d: %+v, want one of each and nothing after the end", i, c)
				}
			}
			if w.talk != 0 {
				t.Errorf("%d more bridges than unbridges", w.talk)
			}
			if got := s.Report().Totals; got.InProgress != 0 || got.Ended != calls || got.Dialled != calls {
				t.Errorf("totals %+v", got)
			}
			for _, name := range []string{"CHANNEL_BRIDGE", "CHANNEL_HOLD", "CHANNEL_PARK", "DTMF", "PLAYBACK_START", "RECORD_START", "PRIVATE_COMMAND"} {
				if w.all[name] == 0 {
					t.Errorf("the storm never led to %s: it tests less than it should", name)
				}
			}
		})
	}
}

func (l *loader) left(t *testing.T) string {
	t.Helper()
	_, body, _ := strings.Cut(l.ask(t, "api show channels count"), "Content-Length: ")
	_, body, _ = strings.Cut(body, "\n")
	return body
}

// leave asks for the end of the connection; what is on its way still comes.
func (l *loader) leave() {
	io.WriteString(l.conn, "exit\n\n")
}

// Any bytes from a client: the switch neither dies nor forgets other clients.
func FuzzSocket(f *testing.F) {
	for _, seed := range []string{
		"", "\n\n\n", "auth wrong\n\n", "event plain ALL\n\nexit\n\n", "api\n\n", "api  status\n\n", "bgapi\n\n", "filter\n\nfilter a\n\nfilter delete\n\n",
		"event plain CUSTOM a::b\n\nsendevent CUSTOM\nEvent-Subclass: a::b\nContent-Length: 3\n\nabc",
		"bgapi originate {a=b}sofia/gateway/g/1 &park\nJob-UUID: \x00\n\n", "api originate [a=b]<c=d>{e=^^:f:g}user/1 &playback(x) XML\n\n",
		"sendmsg\ncall-command: execute\n\n", "sendmsg x\nContent-Length: -5\n\n", "sendmsg x\nContent-Length: 99999999999\n\n",
		"api originate {origination_uuid=u}sofia/gateway/g/13800000111 waihu_menu_7 XML waihu\n\napi uuid_dump u json\n\napi uuid_bridge u u\n\napi uuid_transfer u -both x:y,z inline\n\n",
		"api show channels as json\n\napi sofia xmlstatus gateway g\n\napi xml_locate\n\napi uuid_record u start\n\nlog 9\n\nlinger\n\nmyevents\n\ndivert_events on\n\n",
		"api uuid_broadcast u file_string://a!b!c both\n\nnixevent ALL\n\nnoevents\n\nevent json ALL\n\nevent xml ALL\n\n",
		"api sched_hangup +x\n\napi strftime %Q%\n\napi uuid_setvar u max_forwards -1\n\napi hupall\n\napi expr\n\napi global_getvar\n\n",
	} {
		f.Add([]byte(seed))
	}
	s, stop := begin(f, simulator.Config{Clock: fast(1000), MaxSessions: 200, SessionsPerSecond: 100_000, Town: town.Config{Recorded: true}})
	f.Cleanup(stop)
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.Contains(text, []byte("fsctl")) || bytes.Contains(text, []byte("shutdown")) {
			return // may close the switch to everybody, rightly
		}
		l := reach(t, s.Addr())
		defer l.conn.Close()
		if _, err := l.conn.Write(append(text, "\n\nexit\n\n"...)); err != nil {
			return // it was thrown out, which is well
		}
		if err := l.conn.(*net.TCPConn).CloseWrite(); err != nil {
			return
		}
		if err := l.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, l.r); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("%q: the connection does not end: %v", text, err)
		}
		reach(t, s.Addr()).conn.Close()
	})
}
