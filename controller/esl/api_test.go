package esl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

// answers pairs each recorded command with the reply that it got.
func answers(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range recordings(t) {
		var said []byte
		for _, x := range recording(t, name) {
			if !x.fromSwitch {
				said = append(said, x.bytes...)
			}
		}
		commands := strings.Split(strings.TrimSuffix(string(said), "\n\n"), "\n\n")
		for _, m := range naiveMessages(t, heardFrom(t, name)) {
			var wire string
			switch m.headers["Content-Type"] {
			case "command/reply":
				wire = replyText(m.headers["Reply-Text"])
			case "api/response":
				wire = response(m.body)
			default:
				continue
			}
			if len(commands) == 0 {
				t.Fatalf("%s: more replies than commands", name)
			}
			if _, ok := out[commands[0]]; !ok {
				out[commands[0]] = wire
			}
			commands = commands[1:]
		}
	}
	return out
}

// recordedPeer answers what was recorded; a command that was never recorded gets a reply that no test expects.
func recordedPeer(t *testing.T) (*Client, *peer) {
	t.Helper()
	known := answers(t)
	p := newPeer(t)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		if strings.HasPrefix(cmd, "auth") || strings.HasPrefix(cmd, "event") {
			return false, true
		}
		wire, ok := known[cmd]
		if !ok {
			wire = response("-ERR not recorded: " + cmd + "\n")
		}
		c.say(wire)
		return true, true
	})
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	return c, p
}

// The questions go out as they were put to a real switch and its very answers are understood.
func TestQuestionsAsRecorded(t *testing.T) {
	c, _ := recordedPeer(t)
	ctx := context.Background()
	s, err := c.Status(ctx)
	if want := (SwitchStatus{
		Version: "1.10.12-release git a88d069 2024-08-02 21:02:27Z 64bit", Core: "b0a1a2ad-14a4-4777-938d-1476dfdd7aa3", Ready: true,
		Sessions: 2, MaxSessions: 2000, PerSecond: 0, MaxPerSecond: 200, SinceStartup: 133, PeakSessions: 6, PeakPerSecond: 6,
		Uptime: s.Uptime,
	}); err != nil || s != want || !strings.HasPrefix(s.Uptime, "0 years") {
		t.Errorf("status %+v, %v", s, err)
	}
	list, err := c.Channels(ctx)
	if err != nil || len(list) != 2 || list[0] != (Channel{
		UUID: uuidB, Direction: "outbound", Created: time.Unix(1795199497, 0).UTC(), Name: "sofia/external/13800000200",
		State: "CS_EXECUTE", CallState: "ACTIVE", Number: "13800000200", Application: "bridge", Context: "default", CallUUID: uuidB,
		FirstContext: "default", FirstNumber: "13800000200", FirstCaller: "4008000001",
	}) {
		t.Errorf("channels %+v, %v", list, err)
	}
	if text, err := c.ReloadXML(ctx); err != nil || text != "+OK [Success]\n" {
		t.Errorf("reloadxml %q, %v", text, err)
	}
	g, err := c.GatewayStatus(ctx, "pstn")
	if err != nil || g != (Gateway{Name: "pstn", Profile: "external", State: "NOREG", Status: "UP"}) || !g.Up() {
		t.Errorf("gateway %+v, %v", g, err)
	}
	if at, err := c.Epoch(ctx); err != nil || at.Unix() != 1795199499 {
		t.Errorf("epoch %v, %v", at, err)
	}
	if text, err := c.LocateContext(ctx, "waihu_gen"); err != nil || !strings.Contains(text, `waihu_revision=r1"`) {
		t.Errorf("xml_locate %.80q, %v", text, err)
	}
	if _, err := c.LocateContext(ctx, "nosuch"); !models.IsKind(err, models.NotFound) {
		t.Errorf("xml_locate nosuch: %v", err)
	}
	if v, err := c.GlobalVar(ctx, "hostname"); err != nil || v != "vm" {
		t.Errorf("hostname %q, %v", v, err)
	}
	for module, want := range map[string]bool{"mod_sofia": true, "mod_nosuch": false} {
		if got, err := c.ModuleExists(ctx, module); err != nil || got != want {
			t.Errorf("%s: %v, %v", module, got, err)
		}
	}
	for uuid, want := range map[string]bool{
		"9500c4e4-dada-43b6-9f2f-2ef7c53c0997": true, "c20e3e6e-957c-4490-8645-be28b66d25e7": false,
	} {
		if got, err := c.Exists(ctx, uuid); err != nil || got != want {
			t.Errorf("%s: %v, %v", uuid, got, err)
		}
	}
	if seen, err := c.FileExists(ctx, "/srv/freeswitch/sounds/test/tone1s.wav"); err != nil || !seen {
		t.Errorf("file_exists: %v, %v", seen, err)
	}
	var re *ReplyError
	err = c.Bridge(ctx, "9500c4e4-dada-43b6-9f2f-2ef7c53c0997", "e91f65bb-4cdb-4cb8-801b-8395450520fb")
	if !errors.As(err, &re) || re.Reply != "-ERR Invalid uuid" || !errors.Is(err, ErrNoChannel) {
		t.Errorf("bridge with nobody: %v", err)
	}
	if err := c.Break(ctx, uuidA); !errors.As(err, &re) || errors.Is(err, ErrNoChannel) {
		t.Errorf("what the switch does not know: %v", err)
	}
	if m := c.Metrics(); m.CommandErrors != 2 {
		t.Errorf("metrics %+v", m)
	}
}

// Each way of the switch to say that a channel is gone is ErrNoChannel, other refusals are not (README 1.2).
func TestNoChannelTexts(t *testing.T) {
	for reply, want := range map[string]bool{
		"-ERR No such channel!": true, "-ERR Invalid uuid": true, "-ERR invalid uuid": true, "-ERR Cannot locate session!": true,
		"-ERR Command not found!": false, "-ERROR": false, "": false, "-USAGE: <uuid> [cause]": false,
	} {
		if got := errors.Is(&ReplyError{Command: "x", Reply: reply}, ErrNoChannel); got != want {
			t.Errorf("%q: %v", reply, got)
		}
	}
}

// Commands that change something go out exactly so.
func TestCommandTexts(t *testing.T) {
	build := func(m message, err error) string {
		if err == nil {
			err = m.check()
		}
		if err != nil {
			t.Fatal(err)
		}
		return m.wire
	}
	noCaller := good()
	noCaller.CallerNumber = ""
	for _, tc := range []struct{ got, want string }{
		{build(kill(uuidA, "NORMAL_CLEARING")), "api uuid_kill " + uuidA + " NORMAL_CLEARING\n\n"},
		{build(transfer(uuidA, "waihu_queue_3", "waihu")), "api uuid_transfer " + uuidA + " waihu_queue_3 XML waihu\n\n"},
		{build(bridge(uuidA, uuidB)), "api uuid_bridge " + uuidA + " " + uuidB + "\n\n"},
		{build(broadcast(uuidA, []string{"/srv/sounds/7/a-b_c.wav"})), "api uuid_broadcast " + uuidA + " /srv/sounds/7/a-b_c.wav aleg\n\n"},
		{build(broadcast(uuidA, []string{"local_stream://moh"})), "api uuid_broadcast " + uuidA + " local_stream://moh aleg\n\n"},
		{build(breakOff(uuidA)), "api uuid_break " + uuidA + " all\n\n"},
		{build(setVar(uuidA, VarTransferAfterBridge, Target("waihu_after", "waihu"))), "api uuid_setvar " + uuidA + " transfer_after_bridge waihu_after:XML:waihu\n\n"},
		{build(setVar(uuidA, VarParkAfterBridge, Flag(true))), "api uuid_setvar " + uuidA + " park_after_bridge true\n\n"},
		{build(setVar(uuidA, VarMaxForwards, Count(70))), "api uuid_setvar " + uuidA + " max_forwards 70\n\n"},
		{build(setVar(uuidA, VarStep, Step("connecting"))), "api uuid_setvar " + uuidA + " waihu_step connecting\n\n"},
		{build(setVar(uuidA, VarTransferHistory, Unset())), "api uuid_setvar " + uuidA + " transfer_history\n\n"},
		{build(reloadXML(), nil), "api reloadxml\n\n"},
		{build(originate(noCaller)), "bgapi originate {origination_uuid=" + uuidA + ",originate_timeout=45,ignore_early_media=true,waihu_attempt=" +
			uuidA + ",waihu_campaign=7}sofia/gateway/pstn/13800000200 waihu_voice_7 XML waihu\nJob-UUID: " + uuidA + "\n\n"},
		{build(subscribe(), nil), "event plain CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_HANGUP " +
			"CHANNEL_HANGUP_COMPLETE CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PARK CHANNEL_HOLD CHANNEL_UNHOLD RECORD_STOP DTMF " +
			"BACKGROUND_JOB HEARTBEAT SHUTDOWN CUSTOM waihu::opted_out waihu::step sofia::gateway_state sofia::register " +
			"sofia::unregister sofia::expire sofia::sip_user_state conference::maintenance\n\n"},
		{build(authenticate("ClueCon"), nil), "auth ClueCon\n\n"},
	} {
		if tc.got != tc.want {
			t.Errorf("\n got %q\nwant %q", tc.got, tc.want)
		}
	}
}

// Answers that are none are errors, not empty results.
func TestBrokenAnswers(t *testing.T) {
	for _, text := range []string{"", "-ERR no reply\n", "{}", `{"row_count":2,"rows":[{"uuid":"x"}]}`, `{"row_count":1,`, "[]"} {
		if list, err := parseChannels(text); err == nil {
			t.Errorf("channels of %q: %v", text, list)
		}
	}
	if list, err := parseChannels(`{"row_count":0}`); err != nil || len(list) != 0 {
		t.Errorf("no channels: %v, %v", list, err)
	}
	for _, text := range []string{"", "UP 0 years", "-ERR no reply\n", "FreeSWITCH (Version 1.10) is ready\n"} {
		if s, err := parseStatus(text); err == nil {
			t.Errorf("status of %q: %+v", text, s)
		}
	}
	for _, text := range []string{"", "<gateways></gateways>", "<gateway>", `<?xml version="1.0" encoding="EBCDIC"?><gateway/>`} {
		if g, err := parseGateway(text); err == nil || models.IsKind(err, models.NotFound) {
			t.Errorf("gateway of %q: %+v, %v", text, g, err)
		}
	}
	if _, err := parseGateway("Invalid Gateway!\n"); !models.IsKind(err, models.NotFound) {
		t.Errorf("missing gateway: %v", err)
	}
	for state, up := range map[Gateway]bool{
		{State: "NOREG", Status: "UP"}: true, {State: "REGED", Status: "UP"}: true, {State: "NOREG", Status: "DOWN"}: false,
		{State: "FAIL_WAIT", Status: "UP"}: false, {State: "TRYING", Status: "UP"}: false,
	} {
		if state.Up() != up {
			t.Errorf("%+v up: %v", state, !up)
		}
	}
}
