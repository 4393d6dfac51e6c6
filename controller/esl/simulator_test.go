package esl

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/controller/clock"
	"waihu/models"
	"waihu/simulator"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

const greetingPlan = `<include>
  <context name="waihu">
    <extension name="waihu_voice_7">
      <condition field="destination_number" expression="^waihu_voice_7$">
        <action application="set" data="waihu_step=played"/>
        <action application="playback" data="silence_stream://1000"/>
        <action application="hangup" data="NORMAL_CLEARING"/>
      </condition>
    </extension>
    <extension name="waihu_hold">
      <condition field="destination_number" expression="^waihu_hold$">
        <action application="park"/>
      </condition>
    </extension>
  </context>
</include>
`

// simulated is a switch that another hand wrote: it shares no code with this package.
func simulated(t *testing.T, speed float64) (*simulator.Simulator, *Client, *ear) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "waihu.xml"), []byte(greetingPlan), 0o600); err != nil {
		t.Fatal(err)
	}
	plan, err := script.Dir(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(simulator.Config{
		Password: testPassword, Dialplan: plan, Seed: 1, Town: town.Config{Recorded: true}, SessionsPerSecond: 1000,
		Clock:    clock.NewVirtual(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), speed),
		Gateways: map[string]simulator.Gateway{"pstn": {}, "down": {Down: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := await(t, done, "the simulator to end"); err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	c, e := start(t, testConfig(s.Addr()))
	await(t, e.ups, "up")
	return s, c, e
}

func call(number string) Originate {
	o := good()
	o.UUID, o.Number = uuid.Must(uuid.NewV7()).String(), number
	return o
}

// follow collects the events of a call until one of the given name.
func follow(t *testing.T, e *ear, id, last string) (names []string, ev Event) {
	t.Helper()
	for {
		ev = await(t, e.events, last+" of "+id)
		if ev.UUID != id && ev.JobUUID != id {
			continue
		}
		names = append(names, ev.Name)
		if ev.Name == last {
			return names, ev
		}
	}
}

// A call from originate to its end, as the floor sees it.
func TestCallOnSimulator(t *testing.T) {
	s, c, e := simulated(t, 20)
	ctx := context.Background()
	c.SetLive(true)
	o := call("13800000111")
	if err := c.Originate(ctx, o); err != nil {
		t.Fatal(err)
	}
	names, ev := follow(t, e, o.UUID, "CHANNEL_HANGUP_COMPLETE")
	seen := strings.Join(names, " ")
	for _, name := range []string{"CHANNEL_CREATE", "CHANNEL_ANSWER", "BACKGROUND_JOB", "CHANNEL_HANGUP"} {
		if !strings.Contains(seen, name) {
			t.Errorf("no %s in %s", name, seen)
		}
	}
	if ev.Cause != "NORMAL_CLEARING" || ev.Q850 != 16 || ev.Attempt != o.UUID || ev.Step != "played" || ev.Answered.IsZero() ||
		ev.HungUp.Sub(ev.Answered) < 900*time.Millisecond || ev.Core == "" {
		t.Errorf("end of the call: %+v", ev)
	}
	busy := call("13800000486")
	if err := c.Originate(ctx, busy); err != nil {
		t.Fatal(err)
	}
	if _, ev := follow(t, e, busy.UUID, "BACKGROUND_JOB"); ev.Body != "-ERR USER_BUSY" {
		t.Errorf("busy: %+v", ev)
	}
	for gateway, cause := range map[string]string{"nosuch": "INVALID_GATEWAY", "down": "GATEWAY_DOWN"} {
		o := call("13800000001")
		o.Gateway = gateway
		if err := c.Originate(ctx, o); err != nil {
			t.Fatal(err)
		}
		if _, ev := follow(t, e, o.UUID, "BACKGROUND_JOB"); ev.Body != "-ERR "+cause {
			t.Errorf("gateway %s: %+v", gateway, ev)
		}
	}
	if n := s.Report().Numbers["13800000111"].Dialled; n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

// Every command, on a living channel and on one that is gone.
func TestCommandsOnSimulator(t *testing.T) {
	_, c, e := simulated(t, 1)
	ctx := context.Background()
	o := call("13800000111")
	o.Extension = "waihu_hold"
	if err := c.Originate(ctx, o); err != nil {
		t.Fatal(err)
	}
	follow(t, e, o.UUID, "CHANNEL_PARK")
	list, err := c.Channels(ctx)
	if err != nil || len(list) != 1 || list[0].UUID != o.UUID || list[0].Created.IsZero() {
		t.Errorf("channels %+v, %v", list, err)
	}
	gone := uuid.NewString()
	for id, want := range map[string]bool{o.UUID: true, gone: false} {
		if got, err := c.Exists(ctx, id); err != nil || got != want {
			t.Errorf("exists: %v, %v", got, err)
		}
		for name, do := range map[string]func() error{
			"setvar":    func() error { return c.SetVar(ctx, id, VarTransferAfterBridge, Target("waihu_hold", "waihu")) },
			"broadcast": func() error { return c.Broadcast(ctx, id, "silence_stream://100") },
			"break":     func() error { return c.Break(ctx, id) },
			"transfer":  func() error { return c.Transfer(ctx, id, "waihu_hold", "waihu") },
			"kill":      func() error { return c.Kill(ctx, gone, "NORMAL_CLEARING") },
		} {
			ok := want && name != "kill"
			if err := do(); ok && err != nil || !ok && !errors.Is(err, ErrNoChannel) {
				t.Errorf("%s, living %v: %v", name, want, err)
			}
		}
	}
	if err := c.Bridge(ctx, o.UUID, gone); !errors.Is(err, ErrNoChannel) {
		t.Errorf("bridge: %v", err)
	}
	if g, err := c.GatewayStatus(ctx, "pstn"); err != nil || !g.Up() {
		t.Errorf("pstn %+v, %v", g, err)
	}
	if g, err := c.GatewayStatus(ctx, "down"); err != nil || g.Up() {
		t.Errorf("down %+v, %v", g, err)
	}
	if _, err := c.GatewayStatus(ctx, "nosuch"); !models.IsKind(err, models.NotFound) {
		t.Errorf("nosuch: %v", err)
	}
	if st, err := c.Status(ctx); err != nil || !st.Ready || st.Sessions != 1 || st.MaxSessions != 1000 || st.Core == "" {
		t.Errorf("status %+v, %v", st, err)
	}
	if text, err := c.ReloadXML(ctx); err != nil || text != "+OK [Success]\n" {
		t.Errorf("reloadxml %q, %v", text, err)
	}
	if text, err := c.LocateContext(ctx, "waihu"); err != nil || !strings.Contains(text, "waihu_voice_7") {
		t.Errorf("xml_locate %.60q, %v", text, err)
	}
	if at, err := c.Epoch(ctx); err != nil || at.Year() != 2026 {
		t.Errorf("epoch %v, %v", at, err)
	}
	if ok, err := c.ModuleExists(ctx, "mod_sofia"); err != nil || !ok {
		t.Errorf("mod_sofia %v, %v", ok, err)
	}
	if err := c.Kill(ctx, o.UUID, "CALL_REJECTED"); err != nil {
		t.Error(err)
	}
	if _, ev := follow(t, e, o.UUID, "CHANNEL_HANGUP"); ev.Cause != "CALL_REJECTED" {
		t.Errorf("killed: %+v", ev)
	}
}

// Cut, restarted, stalled and refusing, as the simulator does it.
func TestFaultsOfSimulator(t *testing.T) {
	s, c, e := simulated(t, 1)
	s.Cut()
	await(t, e.downs, "down after a cut")
	core := await(t, e.ups, "up after a cut")
	s.Restart(false)
	await(t, e.downs, "down after a restart")
	if now := await(t, e.ups, "up after a restart"); now == core {
		t.Error("the same core after a restart")
	}
	s.RefuseNext(simulator.RefuseSilent)
	s.Cut()
	await(t, e.downs, "down before a silent greeting")
	await(t, e.ups, "up after a silent greeting")
	if _, err := c.Channels(context.Background()); err != nil {
		t.Error(err)
	}
}

// The legs of a call on the switch that another hand wrote: an agent outside, the bridge, hold, keys, the beep, a staff number and
// the recording of the customer.
func TestLegsOnSimulator(t *testing.T) {
	_, c, e := simulated(t, 1)
	ctx := context.Background()
	customer := call("13800000200")
	customer.Extension = "waihu_hold"
	agent := OutsideCall{
		UUID: uuid.Must(uuid.NewV7()).String(), Gateway: "pstn", Number: "13800000201", RingSeconds: 30, Target: "waihu_hold", Context: "waihu",
		Marks: Marks{Call: customer.UUID, Agent: 12, Queue: 3, Leg: models.LegAgent},
	}
	if err := c.Originate(ctx, customer); err != nil {
		t.Fatal(err)
	}
	if _, ev := follow(t, e, customer.UUID, "CHANNEL_PARK"); ev.Direction != "outbound" || ev.Attempt != customer.UUID || ev.Caller+ev.Destination != "" {
		t.Errorf("customer: %+v", ev)
	}
	if err := c.OriginateOutside(ctx, agent); err != nil {
		t.Fatal(err)
	}
	if _, ev := follow(t, e, agent.UUID, "CHANNEL_PARK"); ev.Call != customer.UUID || ev.Agent != 12 || ev.Queue != 3 || ev.Leg != "agent" || ev.Attempt != "" {
		t.Errorf("agent: %+v", ev)
	}
	if err := c.Bridge(ctx, customer.UUID, agent.UUID); err != nil {
		t.Fatal(err)
	}
	if _, ev := follow(t, e, customer.UUID, "CHANNEL_BRIDGE"); ev.BridgeA != customer.UUID || ev.BridgeB != agent.UUID || ev.OtherLeg != agent.UUID {
		t.Errorf("bridge: %+v", ev)
	}
	file := RecordFile{Folder: "/srv/recordings", Path: RecordPath(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), customer.UUID)}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"stereo", func() error { return c.SetVar(ctx, customer.UUID, VarRecordStereo, Flag(true)) }},
		{"start", func() error { return c.Record(ctx, RecordStart, customer.UUID, file) }},
		{"mask", func() error { return c.Record(ctx, RecordMask, customer.UUID, file) }},
		{"unmask", func() error { return c.Record(ctx, RecordUnmask, customer.UUID, file) }},
		{"beep", func() error { return c.Beep(ctx, agent.UUID) }},
		{"staff number", func() error { return c.Broadcast(ctx, customer.UUID, "silence_stream://20", "silence_stream://40") }},
		{"keys", func() error { return c.SendDTMF(ctx, customer.UUID, "19*#") }},
		{"mute", func() error { return c.Mute(ctx, agent.UUID, true) }},
		{"unmute", func() error { return c.Mute(ctx, agent.UUID, false) }},
		{"whose", func() error { return c.SetVar(ctx, agent.UUID, VarCall, Unset()) }},
		{"hold", func() error { return c.Hold(ctx, agent.UUID) }},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	if _, ev := follow(t, e, agent.UUID, "CHANNEL_HOLD"); ev.OtherLeg != customer.UUID || ev.Call != "" || ev.Agent != 12 {
		t.Errorf("hold: %+v", ev)
	}
	if err := c.Unhold(ctx, agent.UUID); err != nil {
		t.Error(err)
	}
	follow(t, e, agent.UUID, "CHANNEL_UNHOLD")
	if err := c.Record(ctx, RecordStop, customer.UUID, file); err != nil {
		t.Error(err)
	}
	if _, ev := follow(t, e, customer.UUID, "RECORD_STOP"); ev.File != file.Folder+"/"+file.Path {
		t.Errorf("recording: %+v", ev)
	}
	var refusal *ReplyError
	if err := c.Record(ctx, RecordStop, customer.UUID, file); !errors.As(err, &refusal) || errors.Is(err, ErrNoChannel) {
		t.Errorf("a recording that has ended: %v", err)
	}
	if err := c.Record(ctx, RecordStart, uuid.NewString(), file); !errors.Is(err, ErrNoChannel) {
		t.Errorf("a recording of nobody: %v", err)
	}
	if err := c.Mute(ctx, uuid.NewString(), true); err == nil {
		t.Error("muted nobody")
	}
	if err := c.SendDTMF(ctx, uuid.NewString(), "1"); !errors.Is(err, ErrNoChannel) {
		t.Errorf("keys to nobody: %v", err)
	}
}
