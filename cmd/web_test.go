package cmd

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/dialplan"
	"waihu/models"
)

func TestVoiceFiles(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	var wav bytes.Buffer
	if err := sampleVoice(&wav); err != nil {
		t.Fatal(err)
	}
	made := v.want(201, "POST", "/voice-files", upload(t, "../../etc/passwd.wav", wav.Bytes(), [2]string{"name", "三月通知"}))
	if made.body["name"] != "三月通知" || made.body["duration_ms"] != 4000.0 || made.body["approval"] != "pending" {
		t.Errorf("made %s", made.raw)
	}
	path := fmt.Sprintf("/voice-files/%d", made.id())
	if a := v.want(200, "GET", path+"/audio", nil); !bytes.HasPrefix(a.raw, []byte("RIFF")) || a.header.Get("Content-Type") != "audio/wav" {
		t.Errorf("audio of %d bytes, %s", len(a.raw), a.header.Get("Content-Type"))
	}
	v.header.Set("Range", "bytes=4-7")
	if a := v.want(206, "GET", path+"/audio", nil); len(a.raw) != 4 {
		t.Errorf("a part of %d bytes", len(a.raw))
	}
	v.header.Del("Range")
	peaks, _ := v.want(200, "GET", path+"/peaks", nil).body["peaks"].([]any)
	if len(peaks) != 800 || peaks[0].(float64)*peaks[0].(float64) < 0.1 {
		t.Errorf("%d peaks, %v", len(peaks), peaks[:min(3, len(peaks))])
	}
	if a := v.want(200, "PATCH", path, map[string]any{"name": "四月通知"}); a.body["name"] != "四月通知" {
		t.Errorf("renamed %s", a.raw)
	}
	admin := w.as("admin")
	admin.want(204, "POST", fmt.Sprintf("/approvals/voice_file/%d", made.id()), map[string]any{"approve": true})
	shorter := wav.Bytes()[:44+16000]
	if a := v.ask("PUT", path+"/content", upload(t, "b.wav", shorter)); a.status != 422 {
		t.Errorf("a file whose head lies: %d %s", a.status, a.raw)
	}
	if a := v.want(200, "GET", path, nil); a.body["approval"] != "approved" {
		t.Errorf("after a refused replacement: %s", a.raw)
	}
	if a := v.want(200, "PUT", path+"/content", upload(t, "b.wav", wav.Bytes())); a.body["approval"] != "pending" || a.body["name"] != "四月通知" {
		t.Errorf("replaced %s", a.raw)
	}
	v.want(422, "POST", "/voice-files", upload(t, "x.wav", []byte("this is no sound")))
	v.want(204, "DELETE", path, nil)
	v.want(404, "GET", path+"/audio", nil)
}

func TestNobodySeesWhatBelongsToOthers(t *testing.T) {
	w := newWebsite(t)
	v, stranger := w.as("enterprise"), w.as("stranger")
	var wav bytes.Buffer
	if err := sampleVoice(&wav); err != nil {
		t.Fatal(err)
	}
	voice := fmt.Sprintf("/voice-files/%d", v.want(201, "POST", "/voice-files", upload(t, "a.wav", wav.Bytes())).id())
	caller := fmt.Sprintf("/caller-numbers/%d", v.want(201, "POST", "/caller-numbers", map[string]any{"number": "075512345678"}).id())
	black := fmt.Sprintf("/blacklist/%d", v.want(201, "POST", "/blacklist", map[string]any{"number": "13800138000"}).id())
	filter := fmt.Sprintf("/filters/%d", v.want(201, "POST", "/filters", map[string]any{"page": "results", "name": "key 1", "query": "key=1"}).id())
	for _, c := range [][2]string{
		{"GET", voice}, {"GET", voice + "/audio"}, {"GET", voice + "/peaks"}, {"DELETE", voice}, {"DELETE", caller}, {"DELETE", black}, {"DELETE", filter},
	} {
		if a := stranger.ask(c[0], c[1], nil); a.status != 404 {
			t.Errorf("a stranger's %s %s: %d", c[0], c[1], a.status)
		}
	}
	for _, path := range []string{"/voice-files", "/caller-numbers", "/blacklist", "/filters"} {
		if n := len(stranger.want(200, "GET", path, nil).items()); n != 0 {
			t.Errorf("a stranger sees %d of %s", n, path)
		}
		if n := len(v.want(200, "GET", path, nil).items()); n != 1 {
			t.Errorf("the owner sees %d of %s", n, path)
		}
	}
	for _, path := range []string{caller, black, filter, voice} {
		v.want(204, "DELETE", path, nil)
	}
	for _, id := range []string{"..", "%2e%2e%2fetc%2fpasswd", "1;drop", "-1", "0", "9999999999999999999999", "1%00"} {
		if a := v.ask("GET", "/voice-files/"+id+"/audio", nil); a.status != 404 && a.status != 400 {
			t.Errorf("id %s: %d %.200s", id, a.status, a.raw)
		}
	}
}

func TestBlacklistOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	until := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	a := v.want(201, "POST", "/blacklist", map[string]any{"number": "138 0013 8000", "reason": "asked", "expires_at": until})
	if a.body["number"] != "+8613800138000" || a.body["source"] != "manual" || a.body["created_by"] != "enterprise" || a.body["expires_at"] != "2027-01-01T00:00:00Z" {
		t.Errorf("made %s", a.raw)
	}
	if a := v.want(201, "POST", "/blacklist", map[string]any{"number": "170*"}); a.body["prefix"] != true || a.body["number"] != "+86170" {
		t.Errorf("prefix %s", a.raw)
	}
	for body, field := range map[string]string{
		`{"number":"12"}`:                       "number",
		`{"number":"1*"}`:                       "number",
		`{"number":"13800138001","source":"x"}`: "source",
		`{"number":"13800138001","expires_at":"2001-01-01T00:00:00Z"}`: "expires_at",
	} {
		a := v.want(422, "POST", "/blacklist", body)
		if fields, _ := a.body["fields"].([]any); len(fields) != 1 || fields[0].(map[string]any)["field"] != field {
			t.Errorf("%s: %s", body, a.raw)
		}
	}
	a = v.want(200, "POST", "/blacklist/import", upload(t, "numbers.txt", []byte("13900139000\n13900139001\n110x\n13900139000\n")))
	if a.body["added"] != 2.0 || a.body["counts"].(map[string]any)["rejected"] != 1.0 {
		t.Errorf("imported %s", a.raw)
	}
	if n := len(v.want(200, "GET", "/blacklist?q=139001", nil).items()); n != 2 {
		t.Errorf("found %d", n)
	}
	first := v.want(200, "GET", "/blacklist?limit=3", nil)
	next := fmt.Sprint(first.body["next"])
	if n := len(v.want(200, "GET", "/blacklist?limit=3&after="+next, nil).items()); len(first.items()) != 3 || n != 1 {
		t.Errorf("pages of %d and %d", len(first.items()), n)
	}
	v.want(400, "GET", "/blacklist?limit=201", nil)
	v.want(400, "GET", "/blacklist?after=x", nil)
}

func TestApprovalsOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v, admin := w.as("enterprise"), w.as("admin")
	id := v.want(201, "POST", "/caller-numbers", map[string]any{"number": "075512345678"}).id()
	items := admin.want(200, "GET", "/approvals", nil).items()
	if len(items) != 1 || items[0].(map[string]any)["kind"] != "caller_number" || items[0].(map[string]any)["name"] != "075512345678" {
		t.Fatalf("waiting %v", items)
	}
	if it := items[0].(map[string]any); it["uploaded_by"] != "enterprise" || it["own"] != false {
		t.Errorf("waiting %v", it)
	}
	path := fmt.Sprintf("/approvals/caller_number/%d", id)
	admin.want(422, "POST", path, map[string]any{"approve": false})
	admin.want(422, "POST", path, map[string]any{"reason": "no decision"})
	admin.want(204, "POST", path, map[string]any{"approve": false, "reason": "不是本企业的号码"})
	got := v.want(200, "GET", "/caller-numbers", nil).items()[0].(map[string]any)
	if got["approval"] != "rejected" || got["reason"] != "不是本企业的号码" {
		t.Errorf("rejected %v", got)
	}
	admin.want(404, "POST", "/approvals/caller_number/999", map[string]any{"approve": true})
	admin.want(404, "POST", "/approvals/users/1", map[string]any{"approve": true})
}

// With four eyes nobody approves what he uploaded himself; without them a sole administrator may (S1-22 asks for no second one).
func TestFourEyesOverTheWeb(t *testing.T) {
	for _, four := range []bool{false, true} {
		t.Run(fmt.Sprint(four), func(t *testing.T) {
			w := newWebsite(t, fmt.Sprintf("approvals.four_eyes=%v", four))
			v, admin := w.as("enterprise"), w.as("admin")
			var wav bytes.Buffer
			if err := sampleVoice(&wav); err != nil {
				t.Fatal(err)
			}
			sound := admin.want(201, "POST", "/voice-files", upload(t, "a.wav", wav.Bytes())).id()
			list := admin.importNumbers(numberFile(3))
			caller := admin.want(201, "POST", "/caller-numbers", map[string]any{"number": "075512345678"}).id()
			items := admin.want(200, "GET", "/approvals", nil).items()
			if len(items) != 3 {
				t.Fatalf("waiting %v", items)
			}
			for _, it := range items {
				if it := it.(map[string]any); it["uploaded_by"] != "admin" || it["own"] != four {
					t.Errorf("waiting %v", it)
				}
			}
			yes := map[string]any{"approve": true}
			for _, path := range []string{fmt.Sprintf("/approvals/voice_file/%d", sound), fmt.Sprintf("/approvals/list/%d", list), fmt.Sprintf("/approvals/caller_number/%d", caller)} {
				if !four {
					admin.want(204, "POST", path, yes)
					continue
				}
				if a := admin.want(403, "POST", path, yes); a.code() != "own_upload" || !bytes.Contains(a.raw, []byte("双人审核")) {
					t.Errorf("refused with %s", a.raw)
				}
			}
			if four { // another's sound in its place is another's upload
				v.want(200, "PUT", fmt.Sprintf("/voice-files/%d/content", sound), upload(t, "b.wav", wav.Bytes()))
				admin.want(204, "POST", fmt.Sprintf("/approvals/voice_file/%d", sound), yes)
			}
		})
	}
}

func TestTrunksOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	admin := w.as("admin")
	body := map[string]any{"name": "pstn", "gateway": "simulated", "number_format": "national", "lines": 30, "cps": 2.5}
	made := admin.want(201, "POST", "/trunks", body)
	path := fmt.Sprintf("/trunks/%d", made.id())
	until := time.Now().Add(time.Hour)
	if err := w.plant.store.PauseTrunk(t.Context(), made.id(), true, "too many failures", &until); err != nil {
		t.Fatal(err)
	}
	body["lines"] = 60
	admin.want(428, "PUT", path, body)
	if a := admin.at(1).want(200, "PUT", path, body); a.body["lines"] != 60.0 || a.body["paused"] != true || a.body["version"] != 2.0 || a.header.Get("ETag") != `"2"` {
		t.Errorf("changed %s", a.raw)
	}
	wantFaults(t, "stale", admin.at(1).ask("PUT", path, body), 412, "version changed_meanwhile")
	admin.want(204, "POST", path+"/resume", nil)
	got := w.as("enterprise").want(200, "GET", "/trunks", nil).items()
	if len(got) != 1 || got[0].(map[string]any)["paused"] != false || got[0].(map[string]any)["gateway_state"] == "" {
		t.Errorf("trunks %v", got)
	}
	a := admin.want(422, "POST", "/trunks", map[string]any{"name": "a b", "gateway": "loopback", "dial_prefix": "x", "number_format": "sip", "lines": -1, "cps": 1e9})
	if fields, _ := a.body["fields"].([]any); len(fields) != 6 {
		t.Errorf("%d faults: %s", len(fields), a.raw)
	}
	admin.want(409, "POST", "/trunks", body)
	admin.want(204, "DELETE", path, nil)
	admin.at(2).want(404, "PUT", path, body)
}

func TestDialplanAndSystemOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	admin := w.as("admin")
	live := admin.want(200, "POST", "/dialplan/publish", nil).body["live"]
	state := admin.want(200, "GET", "/dialplan", nil)
	if state.body["live"] != live || live == "" || state.body["pending"] != false || state.body["drift"] != false {
		t.Errorf("published %v, state %s", live, state.raw)
	}
	revisions := admin.want(200, "GET", "/dialplan/revisions", nil).items()
	if len(revisions) == 0 || revisions[0].(map[string]any)["stamp"] != live {
		t.Fatalf("revisions %v", revisions)
	}
	if n := len(admin.want(200, "GET", fmt.Sprintf("/dialplan/revisions/%s/diff", live), nil).items()); n != 0 {
		t.Errorf("a revision differs from itself in %d", n)
	}
	admin.want(404, "GET", "/dialplan/revisions/0000/diff", nil)
	admin.want(200, "POST", "/dialplan/rollback", map[string]any{"stamp": live})
	checks := admin.want(200, "GET", "/system", nil).items()
	names := map[any]bool{}
	for _, c := range checks {
		names[c.(map[string]any)["name"]] = true
	}
	if len(checks) < 5 || !names["database"] {
		t.Errorf("checks %v", names)
	}
}

// TestDialplanEditedByHand: an edit stops publishing, is shown, and is published over by who has looked at exactly it; a copy is kept.
func TestDialplanEditedByHand(t *testing.T) {
	w := newWebsite(t)
	admin := w.as("admin")
	admin.want(200, "POST", "/dialplan/publish", nil)
	if a := admin.want(200, "GET", "/dialplan/drift", nil); a.body["edited"] != false {
		t.Errorf("nobody has edited anything: %s", a.raw)
	}
	file := filepath.Join(w.plant.l.Switch.DialplanDir, dialplan.FileName)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(with string) {
		if err := os.WriteFile(file, bytes.Replace(text, []byte("</extension>"), []byte(with+"</extension>"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("<!-- mine -->")
	first := admin.want(200, "GET", "/dialplan/drift", nil)
	if first.body["edited"] != true || first.body["seen"] == "" {
		t.Errorf("an edit: %s", first.raw)
	}
	if a := admin.want(409, "POST", "/dialplan/publish", nil); a.body["code"] != "drift" {
		t.Errorf("published over an edit: %s", a.raw)
	}
	edit("<!-- mine, again -->")
	admin.want(409, "POST", fmt.Sprintf("/dialplan/publish?over=%s", first.body["seen"]), nil) // it is not what was looked at
	second := admin.want(200, "GET", "/dialplan/drift", nil)
	w.as("enterprise").want(403, "GET", "/dialplan/drift", nil)
	admin.want(200, "POST", fmt.Sprintf("/dialplan/publish?over=%s", second.body["seen"]), nil)
	if a := admin.want(200, "GET", "/dialplan/drift", nil); a.body["edited"] != false {
		t.Errorf("after it was published over: %s", a.raw)
	}
	kept, err := filepath.Glob(filepath.Join(w.plant.l.Switch.DialplanDir, "*", "edited-*.txt"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("copies %v, %v", kept, err)
	}
	if copied, err := os.ReadFile(kept[0]); err != nil || !bytes.Contains(copied, []byte("mine, again")) {
		t.Errorf("the copy holds %.200s, %v", copied, err)
	}
}

func TestWhyOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	v.want(201, "POST", "/blacklist", map[string]any{"number": "13800138000"})
	a := v.want(200, "GET", "/why?number=13800138000", nil)
	if black, _ := a.body["blacklist"].([]any); len(black) != 1 || a.body["number"] != "+8613800138000" {
		t.Errorf("why %s", a.raw)
	}
	if a := v.want(422, "GET", "/why?number=110", nil); a.code() != "emergency_number" {
		t.Errorf("an emergency number: %s", a.raw)
	}
}

// TestEveryRouteAsksForItsPermission goes by the specification, whose x-permission a test of api compares with the routes.
func TestEveryRouteAsksForItsPermission(t *testing.T) {
	w := newWebsite(t)
	visitors := map[string]*visitor{"": w.nobody()}
	for _, r := range models.Roles {
		visitors[string(r)] = w.as(string(r))
	}
	allowed := map[string][]string{
		"open": {"", "admin", "enterprise", "sub_organization", "team_leader", "agent"}, "loggedIn": {"admin", "enterprise", "sub_organization", "team_leader", "agent"},
		"member": {"admin", "enterprise"}, "admin": {"admin"},
		"supervisor": {"admin", "enterprise", "team_leader"}, "desk": {"team_leader", "agent"},
	}
	tried := 0
	for path, item := range w.doc.Paths.Map() {
		for method, op := range item.Operations() {
			permission, _ := op.Extensions["x-permission"].(string)
			if allowed[permission] == nil {
				t.Errorf("%s %s: permission %q", method, path, permission)
				continue
			}
			for role, v := range visitors {
				may := false
				for _, r := range allowed[permission] {
					may = may || r == role
				}
				if may {
					continue // what they may do has tests of its own
				}
				want := http.StatusForbidden
				if role == "" {
					want = http.StatusUnauthorized
				}
				tried++
				if a := v.ask(method, strings.NewReplacer("{id}", "1", "{kind}", "list", "{stamp}", "x").Replace(path), nil); a.status != want {
					t.Errorf("%q: %s %s answers %d, want %d", role, method, path, a.status, want)
				}
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d were tried", tried)
	}
}
