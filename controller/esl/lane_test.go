package esl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// isLane reports whether conn is the peer's end of a lane of c.
func isLane(c *Client, k laneKind, conn net.Conn) bool {
	s := c.session.Load()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[k].line
	return l != nil && l.w.conn.LocalAddr().String() == conn.RemoteAddr().String()
}

// lane is the peer's end of a lane of c, once it has one.
func (p *peer) lane(c *Client, k laneKind) (found *peerConn) {
	p.t.Helper()
	until(p.t, "a command connection", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for conn := range p.conns {
			if isLane(c, k, conn) {
				found = conn
			}
		}
		return found != nil
	})
	return found
}

// laneHarms are the ways to lose a command connection.
var laneHarms = []struct {
	name  string
	harm  func(*peerConn)
	cause error
}{
	{"FIN", func(c *peerConn) { _ = c.Close() }, io.EOF},
	{"RST", reset, nil},
	{"disconnect-notice", func(c *peerConn) { c.say(disconnected) }, nil},
	{"a reply nobody asked for", func(c *peerConn) { c.say(replyText("+OK")) }, ErrBrokenStream},
	{"negative length", func(c *peerConn) { c.say("Content-Type: api/response\nContent-Length: -1\n\n") }, ErrBrokenStream},
	{"refusal", func(c *peerConn) { c.say("Content-Type: text/rude-rejection\nContent-Length: 0\n\n") }, ErrBrokenStream},
}

// An old command connection that is lost is dialled anew by itself: no Down, no event missed, the other lane goes on. One that
// does not last ends the session, which is mended as ever (E4).
func TestLaneIsLost(t *testing.T) {
	for _, tc := range laneHarms {
		for k, name := range laneNames {
			t.Run(name+": "+tc.name, func(t *testing.T) {
				t.Parallel()
				oldLaneIsLost(t, laneKind(k), tc.harm)
			})
			t.Run(name+", young: "+tc.name, func(t *testing.T) {
				t.Parallel()
				p := newPeer(t)
				c, e := New(testConfig(p.addr)), newEar()
				c.pauses.lasting = time.Hour
				run(t, c, e)
				await(t, e.ups, "up")
				began := time.Now()
				tc.harm(p.lane(c, laneKind(k)))
				err := await(t, e.downs, "down")
				noticed := time.Since(began)
				if tc.cause != nil && !errors.Is(err, tc.cause) {
					t.Errorf("cause %v, want %v", err, tc.cause)
				}
				await(t, e.ups, "up again")
				if mended := time.Since(began) - noticed; noticed > noticedWithin+slack || mended > resyncWithin+slack {
					t.Errorf("noticed after %s, mended after %s", noticed, mended)
				}
				if m := c.Metrics(); m.Reconnects != 1 || len(e.downs) != 0 {
					t.Errorf("%+v", m)
				}
			})
		}
	}
}

func oldLaneIsLost(t *testing.T, k laneKind, harm func(*peerConn)) {
	p := newPeer(t)
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses.lasting = 0
	run(t, c, e)
	await(t, e.ups, "up")
	events := await(t, p.event, "subscription")
	for i := 1; i <= 3; i++ {
		victim := p.lane(c, k)
		harm(victim)
		until(t, "the loss to be noticed", func() bool { return !isLane(c, k, victim) })
		if _, err := c.ask(context.Background(), tell(t, k, "here"), nil); err != nil {
			t.Errorf("the next command: %v", err)
		}
		if _, err := c.ask(context.Background(), tell(t, 1-k, "there"), nil); err != nil {
			t.Errorf("the other lane: %v", err)
		}
		events.say(plain("Event-Name: DTMF", fmt.Sprintf("Event-Sequence: %d", i)))
		if ev := await(t, e.events, "event"); ev.Seq != int64(i) {
			t.Errorf("event %d instead of %d", ev.Seq, i)
		}
		m := c.Metrics()
		if of := [lanes]Lane{m.Urgent, m.Steady}; of[k].Redials != uint64(i) || of[1-k].Redials != 0 || m.Reconnects != 0 || m.CommandErrors != 0 {
			t.Errorf("%+v", m)
		}
	}
	if len(e.downs) != 0 {
		t.Errorf("down: %v", <-e.downs)
	}
}

// The switch's own word that it ends is heeded on a lane too, however old.
func TestLaneHearsShutdown(t *testing.T) {
	for k, name := range laneNames {
		p := newPeer(t)
		c, e := New(testConfig(p.addr)), newEar()
		c.pauses.lasting = 0
		run(t, c, e)
		await(t, e.ups, "up")
		p.lane(c, laneKind(k)).say("Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n")
		if err := await(t, e.downs, "down"); !errors.Is(err, ErrShutdown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A lane whose connection the switch does not take anew ends the session, and says why.
func TestLaneNotTakenAnew(t *testing.T) {
	p := newPeer(t)
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses.lasting = 0
	run(t, c, e)
	await(t, e.ups, "up")
	p.greeting(obstacles[2].greet)
	_ = p.lane(c, laneUrgent).Close()
	var pe *ProbeError
	if err := await(t, e.downs, "down"); !errors.As(err, &pe) || pe.Kind != ProbeRefused {
		t.Errorf("down: %v", err)
	}
}

// While one lane waits for a reply that does not come, a hundred commands of the other are carried out.
func TestLanesDoNotWaitForEachOther(t *testing.T) {
	for k, name := range laneNames {
		p := newPeer(t)
		stuck := make(chan *peerConn, 1)
		p.hook(func(c *peerConn, cmd string) (bool, bool) {
			if word, _ := told(cmd); word == "stuck" {
				stuck <- c
				return true, true
			}
			return false, true
		})
		c, e := start(t, testConfig(p.addr))
		await(t, e.ups, "up")
		done := make(chan error, 1)
		go func() {
			_, err := c.ask(context.Background(), tell(t, laneKind(k), "stuck"), nil)
			done <- err
		}()
		conn := await(t, stuck, "the slow command")
		for i := range 100 {
			if _, err := c.ask(context.Background(), tell(t, 1-laneKind(k), fmt.Sprintf("quick_%d", i)), nil); err != nil {
				t.Errorf("%s: %v", laneNames[1-k], err)
			}
		}
		if len(done) != 0 {
			t.Errorf("%s: the slow command has ended: %v", name, <-done)
		}
		conn.say(response("+OK\n"))
		if err := await(t, done, "the slow command's reply"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m := c.Metrics(); m.CommandErrors != 0 || m.Reconnects != 0 || m.Urgent.Redials+m.Steady.Redials != 0 {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// 64 callers on each lane while the switch cuts one lane after the other: a command is either answered with its caller's own reply, or
// fails as lost; none is sent twice, none fails though it was not sent, and the events go on.
func TestLanesCutUnderLoad(t *testing.T) {
	const callers, cuts = 64, 40
	p := newPeer(t)
	var mu sync.Mutex
	seen := map[string]int{}
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		word, ok := told(cmd)
		if !ok {
			return false, true
		}
		mu.Lock()
		seen[word]++
		mu.Unlock()
		c.say(response("value of " + word))
		return true, true
	})
	c, e := New(testConfig(p.addr)), newEar()
	c.pauses.lasting = 0
	run(t, c, e)
	await(t, e.ups, "up")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var answered [lanes]atomic.Int64
	var lost atomic.Int64
	var wg sync.WaitGroup
	for k := range lanes {
		for caller := range callers {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					word := fmt.Sprintf("v_%d_%d_%d", k, caller, i)
					v, err := c.ask(context.Background(), tell(t, k, word), nil)
					switch {
					case err == nil && v == "value of "+word:
						answered[k].Add(1)
					case errors.Is(err, ErrLost) && !errors.Is(err, ErrNotSent):
						lost.Add(1)
					default:
						t.Errorf("%s: %q, %v", word, v, err)
					}
				}
			})
		}
	}
	for i := range cuts {
		k := laneKind(i % 2)
		before := answered[k].Load()
		until(t, "commands on the lane", func() bool { return answered[k].Load() > before })
		_ = p.lane(c, k).Close()
	}
	cancel()
	wg.Wait()
	for word, n := range seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", word, n)
		}
	}
	m := c.Metrics()
	if m.Reconnects != 0 || len(e.downs) != 0 || m.CommandErrors != uint64(lost.Load()) || m.Urgent.Redials == 0 || m.Steady.Redials == 0 {
		t.Errorf("%d downs, %+v", len(e.downs), m)
	}
	if n := int64(len(seen)); n < answered[0].Load()+answered[1].Load() {
		t.Errorf("%d commands seen, %d answered", n, answered[0].Load()+answered[1].Load())
	}
}

// A bridge goes before fifty phones that are to be hung up, whoever asked first; they all get their turn.
func TestBridgeGoesFirst(t *testing.T) {
	p := newPeer(t)
	held := make(chan *peerConn, 1)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		if strings.HasSuffix(cmd, " USER_BUSY") {
			held <- c
			return true, true
		}
		return false, true
	})
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	before := len(p.said())
	var wg sync.WaitGroup
	send := func(do func() error) {
		wg.Go(func() {
			if err := do(); err != nil {
				t.Error(err)
			}
		})
	}
	send(func() error { return c.Kill(context.Background(), uuidA, "USER_BUSY") })
	conn := await(t, held, "the command that holds the others up")
	for range 50 {
		send(func() error { return c.Kill(context.Background(), uuidA, "LOSE_RACE") })
	}
	until(t, "fifty to wait", func() bool { return c.Metrics().Urgent.Commands == 51 })
	send(func() error { return c.Bridge(context.Background(), uuidA, uuidB) })
	until(t, "the bridge to wait", func() bool { return c.session.Load().lanes[laneUrgent].first.Load() == 1 })
	conn.say(response("+OK\n"))
	wg.Wait()
	said := p.said()[before:]
	at := 0
	for i, cmd := range said {
		if strings.HasPrefix(cmd, "api uuid_bridge") {
			at = i
		}
	}
	if at != 1 || len(said) < 52 {
		t.Errorf("the bridge was command %d of %d", at+1, len(said))
	}
	if n := c.session.Load().lanes[laneUrgent].first.Load(); n != 0 {
		t.Errorf("%d bridges still wait", n)
	}
}

// The commands that somebody on the line waits for are urgent, and no others.
func TestUrgentCommands(t *testing.T) {
	urgent := "uuid_audio uuid_bridge uuid_broadcast uuid_break uuid_exists uuid_hold uuid_kill uuid_send_dtmf uuid_transfer"
	for _, cmd := range []func() (message, error){
		func() (message, error) { return bridge(uuidA, uuidB) },
		func() (message, error) { return transfer(uuidA, "waihu_agent", "waihu") },
		func() (message, error) { return kill(uuidA, "NORMAL_CLEARING") },
		func() (message, error) { return broadcast(uuidA, []string{"a.wav"}) },
		func() (message, error) { return breakOff(uuidA) },
		func() (message, error) { return conference(uuidA, uuidB, true) },
		func() (message, error) { return setEavesdrop(uuidA, uuidB, "listen") },
		func() (message, error) { return beepTo(uuidA) },
		func() (message, error) { return hold(uuidA) },
		func() (message, error) { return mute(uuidA, true) },
		func() (message, error) { return sendDTMF(uuidA, "1") },
		func() (message, error) { return exists(uuidA) },
		func() (message, error) { return originate(good()) },
		func() (message, error) { return originatePhone(goodPhone()) },
		func() (message, error) { return originateOutside(goodOutside()) },
		func() (message, error) { return record(RecordStart, uuidA, goodFile()) },
		func() (message, error) { return registrations("internal") },
		func() (message, error) { return channels(), nil },
		func() (message, error) { return reloadXML(), nil },
	} {
		m, err := cmd()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := m.lane == laneUrgent, strings.Contains(urgent, m.name); got != want {
			t.Errorf("%s: urgent %v", m.name, got)
		}
	}
}
