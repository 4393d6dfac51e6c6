package simulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A phone registers, is listed, takes itself off, and cannot be called any more.
func TestPhonesRegister(t *testing.T) {
	s, p := recommended(t, Config{})
	s.Register(Phone{Extension: "8001", Domain: "waihu.test"})
	if ev := p.event("CUSTOM", ""); ev["Event-Subclass"] != "sofia::register" || ev["from-user"] != "8001" || ev["from-host"] != "waihu.test" {
		t.Errorf("told of the registration: %v", ev)
	}
	page := p.command("api sofia xmlstatus profile waihu_agents reg")
	if !strings.Contains(page, "<user>8001@waihu.test</user>") || !strings.Contains(page, "<ping-time>8.00</ping-time>") {
		t.Errorf("the list of registrations: %s", page)
	}
	s.Unregister("8001")
	if page := p.command("api sofia xmlstatus profile waihu_agents reg"); strings.Contains(page, "8001") || !strings.Contains(page, "</registrations>") {
		t.Errorf("listed although it took itself off: %s", page)
	}
	if reply := p.command("api originate {origination_uuid=" + uuidOf(9) + "}user/8001@waihu.test &park"); !strings.Contains(reply, "USER_NOT_REGISTERED") {
		t.Errorf("called although it is away: %s", reply)
	}
}

// A team leader listens, changes the mode, and is let go when the leg that he hears is over.
func TestEavesdrop(t *testing.T) {
	s, p := recommended(t, Config{})
	callTo(p, uuidOf(1), "", "user/1000 waihu_agent XML waihu")
	p.event("CHANNEL_PARK", uuidOf(1))
	callTo(p, uuidOf(2), ",eavesdrop_whisper_aleg=false,eavesdrop_whisper_bleg=false", "user/1001 &eavesdrop("+uuidOf(1)+")")
	p.event("MEDIA_BUG_START", uuidOf(1))
	if reply := p.command("api uuid_transfer " + uuidOf(2) + " set:eavesdrop_whisper_aleg=true,set:eavesdrop_whisper_bleg=true,eavesdrop:" + uuidOf(1) + " inline"); !strings.HasPrefix(reply, "+OK") {
		t.Fatalf("change of mode: %s", reply)
	}
	p.event("MEDIA_BUG_START", uuidOf(1))
	saw := s.Report().Watched
	if len(saw) != 2 || saw[0].Mode != "listen" || saw[1].Mode != "barge" || saw[0].Who != "1000" || saw[1].By != uuidOf(2) {
		t.Errorf("seen: %+v", saw)
	}
	p.command("api uuid_kill " + uuidOf(1))
	p.event("CHANNEL_HANGUP", uuidOf(2))
}

// Three in a conference: both legs of a bridge come in together, then the third; one leaves by a bridge.
func TestConference(t *testing.T) {
	_, p := recommended(t, Config{})
	callTo(p, uuidOf(1), "", "user/1000 waihu_agent XML waihu")
	p.event("CHANNEL_PARK", uuidOf(1))
	callTo(p, uuidOf(2), "", "user/1001 waihu_agent XML waihu")
	p.event("CHANNEL_PARK", uuidOf(2))
	callTo(p, uuidOf(3), "", "user/1002 waihu_agent XML waihu")
	p.event("CHANNEL_PARK", uuidOf(3))
	p.command("api uuid_bridge " + uuidOf(1) + " " + uuidOf(2))
	p.event("CHANNEL_BRIDGE", uuidOf(1))
	p.command("api uuid_transfer " + uuidOf(1) + " -both conference:" + uuidOf(7) + "@default inline")
	p.command("api uuid_transfer " + uuidOf(3) + " conference:" + uuidOf(7) + "@default inline")
	for range 3 {
		ev := p.event("CUSTOM", "")
		if ev["Action"] != "add-member" || ev["Conference-Name"] != uuidOf(7) {
			t.Errorf("member: %s of %s", ev["Action"], ev["Conference-Name"])
		}
	}
	p.command("api uuid_bridge " + uuidOf(1) + " " + uuidOf(3))
	p.event("CHANNEL_BRIDGE", uuidOf(1))
}

// A recording is a file that can be played, with two sides.
func TestRecordingIsWritten(t *testing.T) {
	_, p := recommended(t, Config{Recordings: true})
	path := filepath.Join(t.TempDir(), "2026", "call.wav")
	callTo(p, uuidOf(1), "", "user/1000 waihu_agent XML waihu")
	p.event("CHANNEL_PARK", uuidOf(1))
	p.command("api uuid_setvar " + uuidOf(1) + " RECORD_STEREO true")
	p.command("api uuid_record " + uuidOf(1) + " start " + path)
	p.event("RECORD_START", uuidOf(1))
	p.command("api uuid_kill " + uuidOf(1))
	p.event("RECORD_STOP", uuidOf(1))
	b, err := os.ReadFile(path)
	if err != nil || len(b) < 44 || string(b[:4]) != "RIFF" || b[22] != 2 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// Of a recording that is shorter than RECORD_MIN_SEC no file is kept; that it is over is told all the same.
func TestShortRecordingIsDiscarded(t *testing.T) {
	_, p := recommended(t, Config{Recordings: true})
	path := filepath.Join(t.TempDir(), "call.wav")
	callTo(p, uuidOf(1), ",RECORD_MIN_SEC=3600", "user/1000 waihu_agent XML waihu")
	p.event("CHANNEL_PARK", uuidOf(1))
	p.command("api uuid_record " + uuidOf(1) + " start " + path)
	p.event("RECORD_START", uuidOf(1))
	p.command("api uuid_kill " + uuidOf(1))
	if e := p.event("RECORD_STOP", uuidOf(1)); e["Record-Completion-Cause"] != "input-too-short" || e["variable_RECORD_DISCARDED"] != "true" {
		t.Errorf("said %q, discarded %q", e["Record-Completion-Cause"], e["variable_RECORD_DISCARDED"])
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is kept: %v", err)
	}
}
