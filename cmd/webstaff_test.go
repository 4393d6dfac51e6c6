package cmd

import (
	"context"
	"database/sql"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/models"
)

// faults are the fields and codes of a problem, "field code".
func (a answer) faults() []string {
	fields, _ := a.body["fields"].([]any)
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		m := f.(map[string]any)
		if m["text"] == "" || m["text_zh"] == "" || m["text"] == m["text_zh"] {
			out = append(out, fmt.Sprintf("%v has no text in both languages", m["field"]))
		}
		out = append(out, fmt.Sprintf("%v %v", m["field"], m["code"]))
	}
	return out
}

func wantFaults(t *testing.T, what string, a answer, status int, want ...string) {
	t.Helper()
	if got := a.faults(); a.status != status || strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("%s: %d %q, want %d %q", what, a.status, got, status, want)
	}
}

// at sends If-Match with the version that was read.
func (v *visitor) at(version any) *visitor {
	v.header.Set("If-Match", fmt.Sprintf("%q", fmt.Sprint(version)))
	return v
}

func TestExtensionsOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v, stranger := w.as("enterprise"), w.as("stranger")
	made := v.want(201, "POST", "/extensions", map[string]any{"number": "8001", "name": " 前台 ", "auto_answer": false})
	if made.body["name"] != "前台" || made.body["version"] != 1.0 || made.body["agent_id"] != 0.0 || strings.Contains(string(made.raw), "password") {
		t.Errorf("made %s", made.raw)
	}
	path := fmt.Sprintf("/extensions/%d", made.id())
	sheet := v.want(200, "GET", path+"/sheet", nil)
	password, _ := sheet.body["password"].(string)
	if len(password) != sipLength || strings.ContainsAny(password, "0O1lI") || sheet.body["user"] != "8001" || sheet.body["domain"] != w.plant.l.Phones.Domain || sheet.body["port"] != 5070.0 {
		t.Errorf("sheet %s", sheet.raw)
	}
	v.want(200, "POST", path+"/password", map[string]any{})
	if again := v.want(200, "GET", path+"/sheet", nil); again.body["password"] == password {
		t.Error("the password is still the old one")
	}
	if n := w.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'show_password' AND target = ? AND login = 'enterprise'", fmt.Sprintf("extension:%d", made.id())); n != 2 {
		t.Errorf("%d showings are in the audit log, want 2", n)
	}
	wantFaults(t, "taken", v.ask("POST", "/extensions", map[string]any{"number": "8001", "name": "", "auto_answer": true}), 409, "number taken")
	wantFaults(t, "bad", v.ask("POST", "/extensions", map[string]any{"number": "80 01", "name": strings.Repeat("长", 61), "auto_answer": true}), 422, "number bad_number", "name bad_name")
	body := map[string]any{"number": "8011", "name": "大厅", "auto_answer": true}
	v.want(428, "PUT", path, body)
	if a := v.at(2).want(200, "PUT", path, body); a.body["number"] != "8011" || a.body["version"] != 3.0 || a.header.Get("ETag") != `"3"` {
		t.Errorf("changed %s", a.raw)
	}
	wantFaults(t, "stale", v.at(2).ask("PUT", path, body), 412, "version changed_meanwhile")
	for _, c := range [][2]string{{"GET", path}, {"PUT", path}, {"DELETE", path}, {"GET", path + "/sheet"}, {"POST", path + "/password"}} {
		if a := stranger.at(3).ask(c[0], c[1], body); a.status != 404 {
			t.Errorf("a stranger's %s %s: %d", c[0], c[1], a.status)
		}
	}
	if n := len(stranger.want(200, "GET", "/extensions", nil).items()); n != 0 {
		t.Errorf("a stranger sees %d extensions", n)
	}
	for q, want := range map[string]int{"": 1, "?q=801": 1, "?q=大": 1, "?q=9": 0} {
		if n := len(v.want(200, "GET", "/extensions"+q, nil).items()); n != want {
			t.Errorf("%q finds %d, want %d", q, n, want)
		}
	}
	v.want(204, "DELETE", path, nil)
}

func TestDirectoryIsAppliedOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v, stranger := w.as("enterprise"), w.as("stranger")
	if a := v.want(200, "GET", "/directory", nil); a.body["pending"] != false || a.body["publish"] != "files" {
		t.Errorf("before the first phone: %s", a.raw)
	}
	id := v.want(201, "POST", "/extensions", map[string]any{"number": "8001", "name": "", "auto_answer": false}).id()
	a := v.want(200, "GET", "/directory", nil)
	if changes, _ := a.body["changes"].([]any); a.body["pending"] != true || len(changes) != 1 || changes[0].(map[string]any)["kind"] != "added" {
		t.Errorf("after a new phone: %s", a.raw)
	}
	if a := stranger.want(200, "GET", "/directory", nil); strings.Contains(string(a.raw), "8001") {
		t.Errorf("a stranger sees whose phone changed: %s", a.raw)
	}
	if a := v.want(200, "POST", "/directory/publish", map[string]any{}); a.body["pending"] != false || a.body["live"] == "" {
		t.Errorf("applied: %s", a.raw)
	}
	sheet := v.want(200, "GET", fmt.Sprintf("/extensions/%d/sheet", id), nil)
	data, err := os.ReadFile(filepath.Join(w.plant.l.Switch.DirectoryDir, "waihu.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Domain struct {
			Name string `xml:"name,attr"`
			User struct {
				ID     string `xml:"id,attr"`
				Params []struct {
					Value string `xml:"value,attr"`
				} `xml:"params>param"`
			} `xml:"groups>group>users>user"`
		} `xml:"domain"`
	}
	if err := xml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	password := fmt.Sprint(sheet.body["password"])
	want := accountOf(models.Extension{Number: "8001", Password: password}, file.Domain.Name).A1Hash
	if file.Domain.Name != sheet.body["domain"] || file.Domain.User.ID != "8001" || file.Domain.User.Params[0].Value != want || strings.Contains(string(data), password) {
		t.Errorf("the file %s does not let the phone of %s in", data, sheet.raw)
	}
}

func TestAgentsOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v, admin := w.as("enterprise"), w.as("admin")
	ext := v.want(201, "POST", "/extensions", map[string]any{"number": "8001", "name": "", "auto_answer": false}).id()
	body := func(staff string, more ...any) map[string]any {
		m := map[string]any{"staff_number": staff, "name": "张三", "role": "agent", "extension_id": 0, "external_number": "", "reach": "ring", "recording": false, "disabled": false}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	made := v.want(201, "POST", "/agents", body("8001", "extension_id", ext))
	path := fmt.Sprintf("/agents/%d", made.id())
	if made.body["login"] != "8001" || made.body["role"] != "agent" || made.body["extension"] != "8001" || len(fmt.Sprint(made.body["password"])) < minPasswordShown {
		t.Errorf("made %s", made.raw)
	}
	if a := v.want(200, "GET", path, nil); a.body["password"] != nil {
		t.Errorf("the password is shown again: %s", a.raw)
	}
	agent := w.nobody()
	user, _ := agent.want(200, "POST", "/session", map[string]any{"login": "8001", "password": made.body["password"]}).body["user"].(map[string]any)
	if user["role"] != "agent" {
		t.Errorf("logged in as %v", user)
	}
	if items := v.want(200, "GET", "/extensions", nil).items(); items[0].(map[string]any)["agent_id"] != made.body["id"] {
		t.Errorf("the extension's agent: %v", items[0])
	}
	wantFaults(t, "extension of an agent", v.ask("DELETE", fmt.Sprintf("/extensions/%d", ext), nil), 409, "id in_use")
	wantFaults(t, "extension in use", v.ask("POST", "/agents", body("8002", "extension_id", ext)), 409, "extension_id in_use")
	wantFaults(t, "staff number in use", v.ask("POST", "/agents", body("8001", "login", "another")), 409, "staff_number taken")
	wantFaults(t, "log-in in use", v.ask("POST", "/agents", body("8002", "login", "enterprise")), 409, "login taken")
	wantFaults(t, "another staff number", v.at(1).ask("PUT", path, body("8009", "extension_id", ext)), 409, "staff_number immutable")
	wantFaults(t, "recording by an enterprise", v.at(1).ask("PUT", path, body("8001", "recording", true)), 403, "recording administrator_only")
	wantFaults(t, "everything", v.ask("POST", "/agents", body("80a", "name", "", "role", "admin", "reach", "shout", "login", "a b", "password", "short")), 422,
		"password bad_password", "staff_number bad_staff_number", "name bad_name", "role unknown_role", "login bad_login", "reach unknown_reach")
	wantFaults(t, "nobody's number", v.ask("POST", "/agents", body("8002", "external_number", "110")), 422, "external_number emergency_number")
	wantFaults(t, "two phones, nailed up", v.ask("POST", "/agents", body("8002", "external_number", "13800138000", "extension_id", ext, "reach", "nailed_up")), 422,
		"external_number two_phones", "reach external_rings")
	if n := len(v.want(200, "GET", "/agents", nil).items()); n != 1 {
		t.Errorf("%d agents after refusals", n)
	}
	mobile := v.want(201, "POST", "/agents", body("8002", "external_number", "138 0013 8000", "password", sitePassword))
	if mobile.body["external_number"] != "+8613800138000" || mobile.body["password"] != nil {
		t.Errorf("mobile agent %s", mobile.raw)
	}
	changed := admin.at(1).want(200, "PUT", path, body("8001", "role", "team_leader", "recording", true, "extension_id", ext, "reach", "nailed_up"))
	if changed.body["role"] != "team_leader" || changed.body["recording"] != true || changed.body["reach"] != "nailed_up" {
		t.Errorf("changed %s", changed.raw)
	}
	users := admin.want(200, "GET", "/users", nil).items()
	for _, u := range users {
		if m := u.(map[string]any); m["login"] == "8001" {
			wantFaults(t, "the account alone", admin.ask("PATCH", fmt.Sprintf("/users/%.0f", m["id"]), map[string]any{"disabled": true}), 409, "disabled is_agent")
		}
	}
	v.at(2).want(200, "PUT", path, body("8001", "role", "team_leader", "recording", true, "disabled", true))
	agent.want(401, "GET", "/session", nil)
	v.want(204, "DELETE", path, nil)
	v.want(201, "POST", "/agents", body("8001"))
	if a := w.as("stranger").ask("GET", fmt.Sprintf("/agents/%d", mobile.id()), nil); a.status != 404 {
		t.Errorf("a stranger sees an agent: %d", a.status)
	}
}

// minPasswordShown is the least length of a password that is made by itself.
const minPasswordShown = 20

func TestQueuesOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	made := v.want(201, "POST", "/queues", map[string]any{"name": "客服一组", "staff_pattern": "8?"})
	path := fmt.Sprintf("/queues/%d", made.id())
	if made.body["strategy"] != "longest_idle" || made.body["announce_staff"] != true || made.body["prefer_last_agent"] != false || made.body["connect_ms"] != 2000.0 || made.body["members"] != 0.0 {
		t.Errorf("made %s", made.raw)
	}
	wantFaults(t, "name", v.ask("POST", "/queues", map[string]any{"name": "客服一组"}), 409, "name taken")
	wantFaults(t, "everything", v.ask("POST", "/queues", map[string]any{"name": " ", "strategy": "first", "staff_pattern": "8x", "ring_seconds": 2, "wrap_up_seconds": -1,
		"max_missed": 0, "max_wait_seconds": 4000, "service_level_seconds": 0, "connect_ms": 5001, "announce_wait": true, "comfort_seconds": 5, "overflow": map[string]any{"kind": "moon"}}), 422,
		"name bad_name", "strategy unknown_strategy", "staff_pattern bad_pattern", "ring_seconds out_of_range", "wrap_up_seconds out_of_range", "max_missed out_of_range",
		"max_wait_seconds out_of_range", "service_level_seconds out_of_range", "connect_ms out_of_range", "comfort_seconds out_of_range", "overflow.kind unknown_kind")
	for body, want := range map[string]string{
		`{"name":"x","staff_digits":5}`:                                                         "staff_digits out_of_range",
		`{"name":"x","staff_pattern":"8????"}`:                                                  "staff_pattern too_long",
		`{"name":"x","staff_pattern":"80"}`:                                                     "staff_pattern too_short",
		`{"name":"x","overflow":{"kind":"queue"}}`:                                              "overflow.queue_id required",
		`{"name":"x","overflow":{"kind":"queue","queue_id":99}}`:                                "overflow.queue_id unknown_queue",
		`{"name":"x","overflow":{"kind":"number","number":"12345","trunk_id":1}}`:               "overflow.number short_number",
		`{"name":"x","overflow":{"kind":"number","number":"13800138000","trunk_id":99}}`:        "overflow.trunk_id not_found",
		`{"name":"x","music_voice_id":99}`:                                                      "music_voice_id not_found",
		fmt.Sprintf(`{"name":"x","overflow":{"kind":"hang_up","voice_file_id":%d}}`, made.id()): "overflow.voice_file_id not_found",
	} {
		wantFaults(t, body, v.ask("POST", "/queues", body), 422, want)
	}
	second := v.want(201, "POST", "/queues", map[string]any{"name": "二", "overflow": map[string]any{"kind": "queue", "queue_id": made.id()}})
	wantFaults(t, "circle", v.at(1).ask("PUT", path, map[string]any{"overflow": map[string]any{"kind": "queue", "queue_id": second.id()}}), 422, "overflow.queue_id overflow_circle")
	wantFaults(t, "in use", v.ask("DELETE", path, nil), 409, "id in_use")
	if a := v.at(1).want(200, "PUT", path, map[string]any{"ring_seconds": 25}); a.body["ring_seconds"] != 25.0 || a.body["staff_pattern"] != "8?" || a.body["name"] != "客服一组" {
		t.Errorf("changed %s", a.raw)
	}
	if a := w.as("stranger").ask("GET", path+"/members", nil); a.status != 404 {
		t.Errorf("a stranger sees members: %d", a.status)
	}
	v.want(204, "DELETE", fmt.Sprintf("/queues/%d", second.id()), nil)
	v.want(204, "DELETE", path, nil)
}

func TestMembersAndLeadersOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	queue := v.want(201, "POST", "/queues", map[string]any{"name": "客服一组"})
	path := fmt.Sprintf("/queues/%d", queue.id())
	agent := func(staff, external, role string) answer {
		return v.want(201, "POST", "/agents", map[string]any{"staff_number": staff, "name": "张" + staff, "role": role, "external_number": external, "reach": "ring", "password": sitePassword})
	}
	one, two, boss := agent("8001", "", "agent"), agent("8002", "13800138000", "agent"), agent("8003", "", "team_leader")
	member := func(a answer, priority int) map[string]any {
		return map[string]any{"agent_id": a.id(), "active": true, "priority": priority}
	}
	wantFaults(t, "mobile agent", v.ask("PUT", path+"/members", []any{member(one, 1), member(two, 1)}), 409, "members mobile_agents_off")
	wantFaults(t, "twice, priority", v.ask("PUT", path+"/members", []any{member(one, 0), member(one, 10)}), 422, "members[0].priority out_of_range", "members[1].agent_id twice", "members[1].priority out_of_range")
	v.at(1).want(200, "PUT", path, map[string]any{"mobile_agents": true})
	v.want(200, "PUT", path+"/members", []any{member(one, 2), member(two, 1)})
	if a := v.want(200, "GET", path, nil); a.body["members"] != 2.0 || a.body["active"] != 2.0 {
		t.Errorf("counts %s", a.raw)
	}
	off := v.at(2).ask("PUT", path, map[string]any{"mobile_agents": false})
	wantFaults(t, "switched off with mobile members", off, 409, "mobile_agents mobile_agents_off")
	if !strings.Contains(string(off.raw), "8002 张8002") {
		t.Errorf("the members are not named: %s", off.raw)
	}
	wantFaults(t, "member deleted", v.ask("DELETE", fmt.Sprintf("/agents/%d", one.id()), nil), 409, "id in_use")
	if a := v.want(200, "GET", fmt.Sprintf("/agents/%d", one.id()), nil); fmt.Sprint(a.body["queue_ids"]) != fmt.Sprint([]any{float64(queue.id())}) {
		t.Errorf("queues of an agent: %s", a.raw)
	}
	wantFaults(t, "an agent leads", v.ask("PUT", path+"/leaders", []any{one.body["user_id"]}), 422, "leaders not_a_leader")
	v.want(200, "PUT", path+"/leaders", []any{boss.body["user_id"]})
	if a := v.want(200, "GET", path, nil); fmt.Sprint(a.body["leaders"]) != fmt.Sprint([]any{boss.body["user_id"]}) {
		t.Errorf("leaders %s", a.raw)
	}
	logins := ""
	for _, l := range v.want(200, "GET", "/leaders", nil).items() {
		logins += fmt.Sprint(l.(map[string]any)["login"], " ")
	}
	if logins != "team_leader 8003 " {
		t.Errorf("leaders to choose from: %q", logins)
	}
}

// A campaign whose answers go straight to agents needs some (bad input of issue 4).
func TestDirectCampaignNeedsAgents(t *testing.T) {
	w := newWebsite(t)
	v, stranger := w.as("enterprise"), w.as("stranger")
	queue := v.want(201, "POST", "/queues", map[string]any{"name": "客服一组"}).id()
	made := v.want(201, "POST", "/campaigns", map[string]any{"name": "c", "mode": "direct_agent", "queue_id": queue})
	path := fmt.Sprintf("/campaigns/%d", made.id())
	wantFaults(t, "another's queue", stranger.ask("POST", "/campaigns", map[string]any{"name": "c", "queue_id": queue}), 422, "queue_id not_found")
	a := v.ask("POST", path+"/start", nil)
	if a.status != 409 && a.status != 422 || !strings.Contains(strings.Join(a.faults(), ","), "contact_list_id required") {
		t.Errorf("an unfinished campaign: %d %q", a.status, a.faults())
	}
	c := models.Campaign{ID: made.id(), Mode: models.ModeDirectAgent, QueueID: queue}
	site := work{web: web{w.plant.store, w.plant, nil}}
	err := site.staffed(t.Context(), c)
	if !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "queue_id: the queue has no member") {
		t.Errorf("a queue without members: %v", err)
	}
	agent := v.want(201, "POST", "/agents", map[string]any{"staff_number": "8001", "name": "张", "role": "agent", "reach": "nailed_up", "password": sitePassword}).id()
	member := map[string]any{"agent_id": agent, "active": false, "priority": 1}
	members := fmt.Sprintf("/queues/%d/members", queue)
	v.want(200, "PUT", members, []any{member})
	if err := site.staffed(t.Context(), c); !models.IsKind(err, models.Conflict) {
		t.Errorf("members that are not in use: %v", err)
	}
	member["active"] = true
	v.want(200, "PUT", members, []any{member})
	if err := site.staffed(t.Context(), c); err != nil {
		t.Errorf("a queue with a member: %v", err)
	}
	if err := complete(models.Campaign{Mode: models.ModeDirectAgent}); !strings.Contains(err.Error(), "queue_id: choose the queue") {
		t.Errorf("without a queue: %v", err)
	}
}

// The switch is asked once for all who look, and a page shows without it.
func TestPhoneBook(t *testing.T) {
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clk := clock.NewVirtual(begin, 1e-9)
	asked, contact := 0, "a"
	b := &phoneBook{clock: clk, ask: func(context.Context) (map[string]models.PhoneState, error) {
		asked++
		if contact == "" {
			return nil, errors.New("the switch is gone")
		}
		return map[string]models.PhoneState{"8001": {Registered: true, Contact: contact, PingMS: 12}}, nil
	}}
	see := func(questions int, since time.Time) {
		t.Helper()
		if got := b.now(t.Context())["8001"]; !got.Registered || got.PingMS != 12 || got.Since.Sub(since).Abs() > time.Millisecond || asked != questions {
			t.Errorf("%+v after %d questions, want since %s after %d", got, asked, since, questions)
		}
	}
	see(1, begin)
	see(1, begin)
	clk.Skip(phonesFresh)
	see(2, begin)
	contact = "b" // another phone, or the same one anew
	clk.Skip(phonesFresh)
	see(3, begin.Add(2*phonesFresh))
	contact = ""
	clk.Skip(phonesFresh)
	if got := b.now(t.Context()); len(got) != 0 {
		t.Errorf("without the switch: %v", got)
	}
	if got := (&phoneBook{clock: clk}).now(t.Context()); len(got) != 0 {
		t.Errorf("nobody to ask: %v", got)
	}
}

// count asks the database of a website.
func (w *website) count(query string, args ...any) int {
	w.t.Helper()
	db, err := sql.Open("sqlite", w.plant.l.Database.DSN.Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}
