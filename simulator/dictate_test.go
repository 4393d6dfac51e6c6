package simulator

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// The application record goes on until a terminating key, its limit in whole seconds, a break or the hanging up; each time the
// variables tell how long the file has become, and the file is there.
func TestDictation(t *testing.T) {
	id := uuidOf(1)
	for _, c := range []struct {
		name, vars, limit string
		then              func(p *peer)
		stopsAfterHangup  bool
		key               string
		least, most       time.Duration
	}{
		{"limit", "", " 3", func(*peer) {}, false, "", 3 * time.Second, 4 * time.Second},
		{"limit with a plus", "", " +2 200 5", func(*peer) {}, false, "", 2 * time.Second, 3 * time.Second},
		{"a key that ends it", ",playback_terminators=#", "", func(p *peer) {
			p.command("api uuid_recv_dtmf " + id + " 5") // is none
			p.command("api uuid_recv_dtmf " + id + " #")
		}, false, "#", 0, time.Minute},
		{"the star ends it by itself", "", "", func(p *peer) { p.command("api uuid_recv_dtmf " + id + " *") }, false, "*", 0, time.Minute},
		{"no key ends it", ",playback_terminators=none", " 3", func(p *peer) { p.command("api uuid_recv_dtmf " + id + " *") }, false, "", 3 * time.Second, 4 * time.Second},
		{"break", "", "", func(p *peer) { p.command("api uuid_break " + id) }, false, "", 0, time.Minute},
		{"hung up", "", "", func(p *peer) { p.command("api uuid_kill " + id) }, true, "", 0, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, p := recommended(t, Config{Recordings: true})
			path := filepath.Join(t.TempDir(), "new", "message.wav")
			callTo(p, id, c.vars, "user/1000 '&record("+path+c.limit+")'")
			if e := p.event("RECORD_START", id); e["Record-File-Path"] != path {
				t.Errorf("records to %q", e["Record-File-Path"])
			}
			c.then(p)
			if c.stopsAfterHangup {
				p.event("CHANNEL_HANGUP", id)
			}
			e := p.event("RECORD_STOP", id)
			ms, err := strconv.Atoi(e["variable_record_ms"])
			if d := time.Duration(ms) * time.Millisecond; err != nil || d < c.least || d > c.most || e["variable_record_seconds"] != strconv.Itoa(ms/1000) ||
				e["variable_record_samples"] != strconv.Itoa(ms*8) {
				t.Errorf("%q ms, %q s, %q samples", e["variable_record_ms"], e["variable_record_seconds"], e["variable_record_samples"])
			}
			if e["variable_playback_terminator_used"] != c.key || e["Record-File-Path"] != path {
				t.Errorf("key %q, file %q", e["variable_playback_terminator_used"], e["Record-File-Path"])
			}
			if e := p.event("CHANNEL_HANGUP_COMPLETE", id); e["Hangup-Cause"] != "NORMAL_CLEARING" {
				t.Errorf("hung up for %s", e["Hangup-Cause"])
			}
			d, ok := wavDuration(path)
			if want := time.Duration(ms) * time.Millisecond; !ok || d < want-time.Millisecond || d > want+time.Millisecond {
				t.Errorf("%v in the file, %v said", d, want)
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("no format for it", func(t *testing.T) {
		t.Parallel()
		_, p := recommended(t, Config{})
		callTo(p, id, "", "user/1000 '&record(/rec/message.xyz)'")
		if e := p.event("CHANNEL_HANGUP_COMPLETE", id); e["Hangup-Cause"] != "DESTINATION_OUT_OF_ORDER" {
			t.Errorf("hung up for %s", e["Hangup-Cause"])
		}
	})
}
