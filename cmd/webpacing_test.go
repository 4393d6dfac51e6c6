package cmd

import (
	"fmt"
	"testing"
)

// How a campaign straight to agents is dialled is checked field by field; phones that only ring are a warning on the field;
// why not more is dialled is told, with or without a campaign on the floor.
func TestPacingOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v, stranger := w.as("enterprise"), w.as("stranger")
	packs := v.want(200, "GET", "/rule-packs", nil).items()
	if len(packs) != 4 {
		t.Errorf("packs %v", packs)
	}
	ext := v.want(201, "POST", "/extensions", map[string]any{"number": "8001", "name": "", "auto_answer": false}).id()
	agent := v.want(201, "POST", "/agents", map[string]any{"staff_number": "8001", "name": "张三", "extension_id": ext, "external_number": "", "reach": "ring",
		"recording": false, "disabled": false, "password": "correct horse battery", "role": "agent"}).id()
	queue := v.want(201, "POST", "/queues", map[string]any{"name": "客服一组"}).id()
	v.want(200, "PUT", fmt.Sprintf("/queues/%d/members", queue), []any{map[string]any{"agent_id": agent, "active": true, "priority": 1}})
	with := func(pacing map[string]any, more map[string]any) map[string]any {
		rules := map[string]any{"pack": "none", "pacing": pacing}
		for k, x := range more {
			rules[k] = x
		}
		return map[string]any{"name": "回访", "mode": "direct_agent", "queue_id": queue, "ring_seconds": 30, "rules": rules}
	}
	for name, c := range map[string]struct {
		body map[string]any
		want []string
	}{
		"ratio below 0":     {with(map[string]any{"mode": "ratio"}, map[string]any{"ratio": -1}), []string{"ratio out_of_range"}},
		"ratio above 10":    {with(map[string]any{"mode": "ratio"}, map[string]any{"ratio": 10.5}), []string{"ratio out_of_range"}},
		"no limit":          {with(map[string]any{"mode": "predictive", "abandon_limit": 0}, nil), []string{"pacing.abandon_limit out_of_range"}},
		"limit of 11 %":     {with(map[string]any{"mode": "predictive", "abandon_limit": 0.11}, nil), []string{"pacing.abandon_limit out_of_range"}},
		"6 s in China":      {with(map[string]any{"mode": "predictive", "connect_seconds": 6}, map[string]any{"pack": "CN"}), []string{"pacing.connect_seconds out_of_range"}},
		"unknown mode":      {with(map[string]any{"mode": "turbo"}, nil), []string{"pacing.mode unknown"}},
		"a month in the UK": {with(map[string]any{"mode": "predictive", "window": "30d", "connect_seconds": 2}, map[string]any{"pack": "UK"}), []string{"pacing.window not_allowed"}},
	} {
		for _, path := range []string{"/campaigns", "/campaigns/check"} {
			wantFaults(t, name+" to "+path, v.ask("POST", path, c.body), 422, c.want...)
		}
	}
	body := with(map[string]any{"mode": "predictive"}, nil)
	warnings := v.want(200, "POST", "/campaigns/check", body).body["warnings"].([]any)
	if len(warnings) != 1 || warnings[0].(map[string]any)["field"] != "pacing.mode" {
		t.Errorf("phones that ring: %v", warnings)
	}
	made := v.want(201, "POST", "/campaigns", body)
	rules := made.body["rules"].(map[string]any)["pacing"].(map[string]any)
	if rules["mode"] != "predictive" || rules["guarantee"] != "hard" || rules["abandon_limit"] != 0.03 || rules["connect_seconds"] != 2.0 {
		t.Errorf("what the pack fills in: %v", rules)
	}
	path := fmt.Sprintf("/campaigns/%d/pacing", made.id())
	a := v.want(200, "GET", path, nil)
	if a.body["on_floor"] != false || a.body["mode"] != "predictive" || a.body["pack"] != "none" || len(a.body["warnings"].([]any)) != 1 || len(a.body["decisions"].([]any)) != 0 {
		t.Errorf("pacing %s", a.raw)
	}
	stranger.want(404, "GET", path, nil)
	stranger.want(404, "GET", path+"/gain", nil)
	if a = v.want(200, "GET", path+"/gain", nil); a.body["on"] != false || a.body["more"] != nil || a.body["cycles"] != 0.0 {
		t.Errorf("the gain of a campaign that was never dialled: %s", a.raw)
	}
	v.want(400, "GET", path+"?since=yesterday", nil)
	v.want(400, "GET", path+"?limit=0", nil)
}
