package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

type operation struct {
	Permission string         `json:"x-permission"`
	Summary    string         `json:"summary"`
	Responses  map[string]any `json:"responses"`
}

// specified reads method and path of every operation, as "GET /users/:id".
func specified(t *testing.T) map[string]operation {
	t.Helper()
	data, err := Specification()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]operation{}
	for path, item := range doc.Paths {
		for method, op := range item {
			out[strings.ToUpper(method)+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = op
		}
	}
	return out
}

func TestSpecificationAndRoutesAgree(t *testing.T) {
	ops := specified(t)
	for _, r := range resources(&Services{}, &auth{}) {
		key := r.method + " " + r.path
		op, ok := ops[key]
		if !ok {
			t.Errorf("%s is not in api/openapi", key)
			continue
		}
		if op.Permission != string(r.who) || op.Summary == "" || op.Responses["default"] == nil {
			t.Errorf("%s: permission %q, want %q; summary %q; default answer %v", key, op.Permission, r.who, op.Summary, op.Responses["default"] != nil)
		}
		delete(ops, key)
	}
	for key := range ops {
		t.Errorf("%s is in api/openapi, but is no route", key)
	}
}

func TestSpecificationSaysNothingTwice(t *testing.T) {
	whole := map[string]any{"paths": map[string]any{"/a": map[string]any{"get": 1}}}
	if err := merge(whole, map[string]any{"paths": map[string]any{"/a": map[string]any{"put": 1}, "/b": 1}}, "b.yaml"); err != nil {
		t.Errorf("other methods of a path: %v", err)
	}
	err := merge(whole, map[string]any{"paths": map[string]any{"/a": map[string]any{"get": 2}}}, "c.yaml")
	if err == nil || !strings.Contains(err.Error(), "get in c.yaml: paths: /a is there already") {
		t.Errorf("twice: %v", err)
	}
}

func TestDocs(t *testing.T) {
	url, _ := serveWith(t, Config{Now: time.Now}, Parts{Services: &Services{}})
	for path, want := range map[string]string{"/api/docs": "/api/docs.js", "/api/docs.js": "openapi.json", "/api/openapi.json": `"openapi":"3.0.3"`} {
		resp, body := ask(t, "GET", url+path, nil)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.200s", path, resp.StatusCode, body)
		}
		if strings.Contains(body, "https://") && path != "/api/openapi.json" {
			t.Errorf("%s loads something from elsewhere", path)
		}
	}
}

func TestThrottle(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	th := newThrottle(func() time.Time { return now })
	tries := 0
	for range 60 { // a robot that asks each second
		if th.begin("account a", "address x") == 0 {
			tries++
		}
		now = now.Add(time.Second)
	}
	if tries < freeTries || tries > 10 {
		t.Errorf("%d tries in the first minute, want %d to 10", tries, freeTries)
	}
	if wait := th.begin("account b", "address y"); wait != 0 {
		t.Errorf("somebody else waits %s", wait)
	}
	now = now.Add(maxDelay)
	if wait := th.begin("account a", "address x"); wait != 0 {
		t.Errorf("after the longest delay: %s", wait)
	}
	th.passed("account a", "address x")
	for range freeTries - 1 {
		if wait := th.begin("account a", "address z"); wait != 0 {
			t.Errorf("failures count on after a success: %s", wait)
		}
	}
	// Many accounts from one address: slowed down as well.
	passed := 0
	for i := range 100 {
		if th.begin("account "+string(rune('A'+i)), "address robot") == 0 {
			passed++
		}
	}
	if passed != freeAddressTries {
		t.Errorf("%d accounts tried at once from one address, want %d", passed, freeAddressTries)
	}
}

func TestThrottleForgets(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	th := newThrottle(func() time.Time { return now })
	for i := range 3 * maxTracked {
		th.begin("account " + string(rune(i)))
		if len(th.by) > maxTracked+1 {
			t.Fatalf("%d are tracked", len(th.by))
		}
	}
	now = now.Add(forgetAfter + time.Minute)
	th.forget(now)
	if len(th.by) != 0 {
		t.Errorf("%d are still tracked", len(th.by))
	}
}
