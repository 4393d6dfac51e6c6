package cmd

import (
	"fmt"
	"testing"
	"time"

	"waihu/models"
)

// greeting is an approved voice file of an organization.
func (w *website) greeting(org int64) int64 {
	w.t.Helper()
	v := models.VoiceFile{OrganizationID: org, Name: "欢迎", WavPath: fmt.Sprintf("v%d.wav", org), DurationMS: 2000, Approval: models.ApprovalApproved}
	if err := w.plant.store.CreateVoiceFile(w.t.Context(), &v); err != nil {
		w.t.Fatal(err)
	}
	return v.ID
}

func TestFlowsAndRoutesOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v, stranger, admin := w.as("enterprise"), w.as("stranger"), w.as("admin")
	admin.want(200, "POST", "/dialplan/publish", nil)
	sound := w.greeting(1)
	trunk := models.Trunk{Name: "main", Gateway: "pstn", NumberFormat: models.FormatNational}
	if err := w.plant.store.CreateTrunk(t.Context(), &trunk); err != nil {
		t.Fatal(err)
	}
	queue := v.want(201, "POST", "/queues", map[string]any{"name": "售后"}).id()
	menu := map[string]any{"id": "menu", "kind": "menu", "voice_file_id": sound, "tries": 2, "seconds": 5, "on_fail": "",
		"keys": []any{map[string]any{"key": "1", "next": "wait"}, map[string]any{"key": "2", "next": "out"}}}
	body := func(more ...any) map[string]any {
		return map[string]any{"name": " 总机 ", "nodes": append([]any{menu, map[string]any{"id": "wait", "kind": "queue", "queue_id": queue}}, more...)}
	}
	out := map[string]any{"id": "out", "kind": "transfer", "to": "number", "number": "138 0013 8000", "trunk_id": trunk.ID}

	wantFaults(t, "missing node", v.ask("POST", "/flows", body()), 422, "nodes.menu.keys.1 missing_node")
	bad := body(map[string]any{"id": "out", "kind": "transfer", "to": "number", "number": "110", "trunk_id": trunk.ID})
	if a := v.ask("POST", "/flows", bad); a.status != 422 || len(a.faults()) != 1 {
		t.Errorf("an emergency number: %d %s", a.status, a.raw)
	}
	if n := len(v.want(200, "GET", "/flows", nil).items()); n != 0 {
		t.Errorf("%d flows are saved in spite of their faults", n)
	}
	found := v.want(200, "POST", "/flows/check", body(out, map[string]any{"id": "lost", "kind": "hang_up"}))
	if e, wn := found.body["errors"].([]any), found.body["warnings"].([]any); len(e) != 0 || len(wn) != 1 {
		t.Errorf("check says %s", found.raw)
	}
	made := v.want(201, "POST", "/flows", body(out))
	nodes := made.body["nodes"].([]any)
	if made.body["name"] != "总机" || nodes[2].(map[string]any)["number"] != "+8613800138000" {
		t.Errorf("made %s", made.raw)
	}
	path := fmt.Sprintf("/flows/%d", made.id())
	if _, err := w.plant.store.AddBlacklist(t.Context(), []models.BlacklistEntry{{OrganizationID: 1, Number: "+8613800138000", CreatedAt: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	wantFaults(t, "blacklisted", v.at(1).ask("PUT", path, body(out)), 422, "nodes.out.number blacklisted")
	found = v.want(200, "POST", path+"/check", body(out))
	if e := found.body["errors"].([]any); len(e) != 1 {
		t.Errorf("check of a blacklisted number says %s", found.raw)
	}
	menu["keys"] = menu["keys"].([]any)[:1]
	if a := v.at(1).want(200, "PUT", path, body()); a.body["version"] != 2.0 || a.header.Get("ETag") != `"2"` {
		t.Errorf("changed %s", a.raw)
	}
	wantFaults(t, "stale", v.at(1).ask("PUT", path, body()), 412, "version changed_meanwhile")

	route := map[string]any{"name": "热线", "number": "400-800-1234", "target": map[string]any{"kind": "flow", "flow_id": made.id()}, "closed": map[string]any{"kind": "hang_up", "voice_file_id": sound},
		"windows": []any{map[string]any{"weekday": 1, "from": 540, "to": 1080}}, "holidays": []any{"2026-10-01"}, "disabled": false}
	r := v.want(201, "POST", "/inbound-routes", route)
	if r.body["number"] != "4008001234" || r.body["zone"] != "Asia/Shanghai" {
		t.Errorf("route %s", r.raw)
	}
	rpath := fmt.Sprintf("/inbound-routes/%d", r.id())
	wantFaults(t, "number taken", v.ask("POST", "/inbound-routes", route), 409, "number taken")
	wantFaults(t, "flow in use", v.ask("DELETE", path, nil), 409, "id in_use")
	for _, c := range [][2]string{{"GET", path}, {"DELETE", path}, {"POST", path + "/check"}, {"GET", rpath}, {"DELETE", rpath}} {
		if a := stranger.ask(c[0], c[1], body()); a.status != 404 {
			t.Errorf("a stranger's %s %s: %d", c[0], c[1], a.status)
		}
	}
	route["target"] = map[string]any{"kind": "flow", "flow_id": made.id() + 9}
	wantFaults(t, "no such flow", v.at(1).ask("PUT", rpath, route), 422, "target.flow_id not_found")
	route["target"], route["disabled"] = map[string]any{"kind": "queue", "queue_id": queue}, true
	if a := v.at(1).want(200, "PUT", rpath, route); a.body["disabled"] != true || a.body["version"] != 2.0 {
		t.Errorf("changed %s", a.raw)
	}

	// Saved is not live until somebody publishes.
	if a := admin.want(200, "GET", "/dialplan", nil); a.body["pending"] != true {
		t.Errorf("saved, and yet not pending: %s", a.raw)
	}
	admin.want(200, "POST", "/dialplan/publish", nil)
	if a := admin.want(200, "GET", "/dialplan", nil); a.body["pending"] != false {
		t.Errorf("published, and yet pending: %s", a.raw)
	}
	v.want(204, "DELETE", rpath, nil)
	v.want(204, "DELETE", path, nil)
	if a := admin.want(200, "GET", "/dialplan", nil); a.body["pending"] != true {
		t.Errorf("deleted, and yet not pending: %s", a.raw)
	}
}
