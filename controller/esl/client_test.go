package esl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	uuidA = "59ee5542-d882-4e47-9806-489fcff71497"
	uuidB = "9956860d-9bba-444d-a8d8-af1f6ffd89d5"
)

// The whole path once: both connections, subscription, core, an event in, a command out.
func TestClientConnects(t *testing.T) {
	p := newPeer(t)
	c, e := start(t, testConfig(p.addr))
	if core := await(t, e.ups, "up"); core != p.core {
		t.Fatalf("core %q, want %q", core, p.core)
	}
	if !c.Connected() {
		t.Fatal("not connected after Up")
	}
	await(t, p.event, "subscription").say(plain("Event-Name: CHANNEL_ANSWER", "Unique-ID: "+uuidA))
	if ev := await(t, e.events, "event"); ev.Name != "CHANNEL_ANSWER" || ev.UUID != uuidA {
		t.Fatalf("event %+v", ev)
	}
	o := Originate{
		UUID: uuidA, Gateway: "pstn", Number: "13800000200", CallerNumber: "075512345678", RingSeconds: 45,
		Extension: "waihu_voice_7", Context: "waihu", CampaignID: 7,
	}
	if err := c.Originate(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	want := "bgapi originate {origination_uuid=" + uuidA + ",originate_timeout=45,ignore_early_media=true," +
		"origination_caller_id_number=075512345678,origination_caller_id_name=075512345678,waihu_attempt=" + uuidA +
		",waihu_campaign=7}sofia/gateway/pstn/13800000200 waihu_voice_7 XML waihu\nJob-UUID: " + uuidA
	if said := p.said(); said[len(said)-1] != want {
		t.Fatalf("sent\n%s\nwant\n%s", said[len(said)-1], want)
	}
	m := c.Metrics()
	if !m.Connected || m.Events != 1 || m.Commands != 1 || m.CommandErrors != 0 || m.Reconnects != 0 || m.LastError != nil {
		t.Fatalf("metrics %+v", m)
	}
}

// What was not sent is told apart from what may have been.
func TestNotConnected(t *testing.T) {
	c := New(testConfig("127.0.0.1:1"))
	err := c.Kill(context.Background(), uuidA, "NORMAL_CLEARING")
	if !errors.Is(err, ErrNotConnected) || !errors.Is(err, ErrNotSent) {
		t.Fatalf("got %v", err)
	}
	p := newPeer(t)
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	before := len(p.said())
	if err := c.Kill(ctx, uuidA, "NORMAL_CLEARING"); !errors.Is(err, ErrNotSent) {
		t.Fatalf("got %v", err)
	}
	if err := c.Kill(context.Background(), uuidB, "NORMAL_CLEARING"); err != nil {
		t.Fatal(err)
	}
	if said := p.said(); len(said) != before+1 || !strings.Contains(said[before], uuidB) {
		t.Fatalf("sent %q", said[before:])
	}
}

// While calls are live the switch is woken, and not otherwise.
func TestSetLive(t *testing.T) {
	p := newPeer(t)
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	if n := p.blanks.Load(); n != 0 {
		t.Fatalf("%d blank lines without calls", n)
	}
	c.SetLive(true)
	c.SetLive(true)
	until(t, "50 blank lines", func() bool { return p.blanks.Load() >= 50 })
	c.SetLive(false)
	until(t, "the waker to rest", func() bool {
		n := p.blanks.Load()
		<-time.After(20 * time.Millisecond)
		return p.blanks.Load() == n && uint64(n) == c.Metrics().Wakeups
	})
	for _, s := range p.said() {
		if strings.HasPrefix(s, "\n") {
			t.Fatalf("a blank line became part of command %q", s)
		}
	}
}
