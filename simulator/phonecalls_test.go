package simulator

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a phone does with a call, and what the switch makes of it.
func TestPhonesAnswerCalls(t *testing.T) {
	id := uuidOf(1)
	for _, c := range []struct {
		name             string
		p                Phone
		cause, status    string
		rings, answers   bool
		least, most      time.Duration // from the call's creation to its end, or its answer
		disposition, job string
	}{
		{"answers", Phone{Ring: 3 * time.Second}, "NORMAL_CLEARING", "", true, true, 3 * time.Second, 4 * time.Second, "send_bye", "+OK"},
		{"busy", Phone{Refuses: 486}, "USER_BUSY", "486", false, false, 0, time.Second, "recv_refuse", "-ERR USER_BUSY"},
		{"declines after a while", Phone{Refuses: 603, Ring: 2 * time.Second}, "CALL_REJECTED", "603", true, false, 2 * time.Second, 3 * time.Second, "recv_refuse", "-ERR CALL_REJECTED"},
		{"nobody answers it", Phone{Unheeded: true}, "NO_ANSWER", "", true, false, 4 * time.Second, 6 * time.Second, "send_cancel", "-ERR NO_ANSWER"},
		{"left the network", Phone{Expires: time.Nanosecond}, "NORMAL_TEMPORARY_FAILURE", "503", false, false, 0, time.Second, "recv_refuse", "-ERR NORMAL_TEMPORARY_FAILURE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, p := recommended(t, Config{})
			c.p.Extension, c.p.Domain = "8001", "waihu.test"
			s.Register(c.p)
			callTo(p, id, ",originate_timeout=5", "user/8001@waihu.test &park")
			made := p.event("CHANNEL_CREATE", id)
			if c.rings {
				p.event("CHANNEL_PROGRESS", id)
			}
			end := "CHANNEL_HANGUP"
			if c.answers {
				end = "CHANNEL_ANSWER"
			}
			if d := time.Duration(stampOf(t, p.event(end, id))-stampOf(t, made)) * time.Microsecond; d < c.least || d > c.most {
				t.Errorf("took %v", d)
			}
			if body := p.event("BACKGROUND_JOB", "job-"+id)["_body"]; !strings.HasPrefix(body, c.job) {
				t.Errorf("the originate said %q", body)
			}
			if c.answers {
				p.command("api uuid_kill " + id)
			}
			e := p.event("CHANNEL_HANGUP_COMPLETE", id)
			if e["Hangup-Cause"] != c.cause || e["variable_sip_hangup_disposition"] != c.disposition || e["variable_sip_term_status"] != c.status {
				t.Errorf("%s, %s, status %q", e["Hangup-Cause"], e["variable_sip_hangup_disposition"], e["variable_sip_term_status"])
			}
		})
	}
}

// A registration that is not renewed is forgotten after its time and a grace, which is told; the phone cannot be called any
// more until it registers again, which takes its new behaviour over.
func TestRegistrationExpires(t *testing.T) {
	s, p := recommended(t, Config{})
	s.Register(Phone{Extension: "8001", Domain: "waihu.test", Expires: 10 * time.Second}, Phone{Extension: "8002", Domain: "waihu.test"})
	made := p.event("CUSTOM", "")
	if made["expires"] != "10" {
		t.Errorf("registers for %s s", made["expires"])
	}
	p.event("CUSTOM", "")
	gone := p.event("CUSTOM", "")
	if gone["Event-Subclass"] != "sofia::expire" || gone["user"] != "8001" || gone["host"] != "waihu.test" || gone["from-user"] != "" {
		t.Fatalf("told of the end of the registration: %v", gone)
	}
	if d := time.Duration(stampOf(t, gone)-stampOf(t, made)) * time.Microsecond; d < 70*time.Second || d > 101*time.Second {
		t.Errorf("a registration of 10 s is forgotten after %v", d)
	}
	if page := p.command("api sofia xmlstatus profile waihu_agents reg"); strings.Contains(page, "8001") || !strings.Contains(page, "8002@") {
		t.Errorf("registrations: %s", page)
	}
	if reply := p.command("api originate {origination_uuid=" + uuidOf(2) + "}user/8001@waihu.test &park"); !strings.Contains(reply, "USER_NOT_REGISTERED") {
		t.Errorf("called: %s", reply)
	}
	s.Register(Phone{Extension: "8001", Domain: "waihu.test", Refuses: 486})
	if reply := p.command("api originate {origination_uuid=" + uuidOf(3) + "}user/8001@waihu.test &park"); !strings.Contains(reply, "USER_BUSY") {
		t.Errorf("called when it is back: %s", reply)
	}
}

// Who is called over a gateway accepts by a key: until then he hears the file again and again, the originate has not
// succeeded and nothing is parked.
func TestGroupConfirm(t *testing.T) {
	id := uuidOf(1)
	const vars = ",originate_timeout=20,group_confirm_key=1,group_confirm_file=/s/press1.wav,group_confirm_read_timeout=5000"
	parked := func(p *peer) bool {
		return slices.ContainsFunc(p.events, func(m message2) bool { return m.event["Event-Name"] == "CHANNEL_PARK" })
	}
	for _, c := range []struct {
		name, keys, more string
		accepted         bool
		cause            string
	}{
		{"the key", "1", "", true, "NORMAL_CLEARING"},
		{"another key first", "51", "", true, "NORMAL_CLEARING"},
		{"nothing", "", "", false, "NO_ANSWER"},
		{"the key after the ringing time", "", ",group_confirm_cancel_timeout=true", true, "NORMAL_CLEARING"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, p := recommended(t, Config{})
			callTo(p, id, vars+c.more, customer+" waihu_agent XML waihu")
			p.event("CHANNEL_ANSWER", id)
			if e := p.event("PLAYBACK_START", id); e["Playback-File-Path"] != "/s/press1.wav" {
				t.Errorf("hears %q", e["Playback-File-Path"])
			}
			for _, k := range c.keys {
				p.command("api uuid_recv_dtmf " + id + " " + string(k))
			}
			if c.more != "" {
				for range 4 { // 4 times 2 s and a wait of 5 s
					p.event("PLAYBACK_START", id)
				}
				p.command("api uuid_recv_dtmf " + id + " 1")
			}
			if c.accepted {
				if body := p.event("BACKGROUND_JOB", "job-"+id)["_body"]; body != "+OK "+id+"\n" {
					t.Errorf("the originate said %q", body)
				}
				p.event("CHANNEL_PARK", id)
				p.command("api uuid_kill " + id)
			}
			e := p.event("CHANNEL_HANGUP_COMPLETE", id)
			if e["Hangup-Cause"] != c.cause || e["variable_sip_hangup_disposition"] != "send_bye" || (e["variable_group_dial_status"] == "winner") != c.accepted {
				t.Errorf("%s, %s, %q", e["Hangup-Cause"], e["variable_sip_hangup_disposition"], e["variable_group_dial_status"])
			}
			if !c.accepted {
				if body := p.event("BACKGROUND_JOB", "job-"+id)["_body"]; body != "-ERR NO_ANSWER\n" || parked(p) {
					t.Errorf("the originate said %q; parked %v", body, parked(p))
				}
			}
		})
	}
	t.Run("hangs up while it is asked", func(t *testing.T) {
		t.Parallel()
		_, p := recommended(t, Config{})
		callTo(p, id, vars, customer+" waihu_agent XML waihu")
		p.event("PLAYBACK_START", id)
		p.command("api uuid_kill " + id + " ORIGINATOR_CANCEL")
		p.event("PLAYBACK_STOP", id)
		if body := p.event("BACKGROUND_JOB", "job-"+id)["_body"]; body != "-ERR ORIGINATOR_CANCEL\n" {
			t.Errorf("the originate said %q", body)
		}
	})
}

// stampOf is when an event happened, in microseconds.
func stampOf(t *testing.T, e map[string]string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(e["Event-Date-Timestamp"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
