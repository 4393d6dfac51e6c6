package cmd

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"waihu/models"
	"waihu/models/store/storetest"
)

func TestSessionsAreLoggedInAndOut(t *testing.T) {
	w := newWebsite(t)
	v := w.nobody()
	if a := v.ask("GET", "/session", nil); a.status != 401 || a.code() != "not_logged_in" {
		t.Errorf("before: %d %s", a.status, a.raw)
	}
	a := v.want(200, "POST", "/session", map[string]any{"login": "Enterprise", "password": sitePassword})
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"waihu=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q lacks %s", cookie, part)
		}
	}
	user, _ := v.want(200, "GET", "/session", nil).body["user"].(map[string]any)
	if user["login"] != "enterprise" || user["role"] != "enterprise" || user["organization_id"] != 1.0 {
		t.Errorf("user %v", user)
	}
	v.want(204, "DELETE", "/session", nil)
	v.want(401, "GET", "/session", nil)
}

func TestEndedSessionsAreRemoved(t *testing.T) {
	w := newWebsite(t)
	past := time.Now().Add(-time.Minute)
	if err := w.plant.store.SaveSession(t.Context(), "old", []byte("x"), past); err != nil {
		t.Fatal(err)
	}
	w.as("admin")
	if _, found, err := w.plant.store.Session(t.Context(), "old", past.Add(-time.Hour)); found || err != nil {
		t.Errorf("an ended session is still there: %v %v", found, err)
	}
}

func TestFirstAdmin(t *testing.T) {
	s := storetest.SQLite(t)
	var said bytes.Buffer
	a := &app{err: &said}
	for range 2 { // the second start finds him
		if err := a.firstAdmin(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	u, err := s.UserByLogin(t.Context(), "admin")
	if err != nil || u.Role != models.RoleAdmin || u.OrganizationID != 0 {
		t.Fatalf("%+v %v", u, err)
	}
	_, rest, _ := strings.Cut(said.String(), "the password ")
	password, _, _ := strings.Cut(rest, " ")
	if same, err := argon2id.ComparePasswordAndHash(password, u.PasswordHash); !same || err != nil || strings.Count(said.String(), "first start") != 1 {
		t.Errorf("said %q: %v %v", said.String(), same, err)
	}
}

func TestWrongLoginsSayTheSame(t *testing.T) {
	w := newWebsite(t)
	var texts []string
	for _, login := range []string{"enterprise", "nobody-of-this-name"} {
		a := w.nobody().want(401, "POST", "/session", map[string]any{"login": login, "password": "wrong password"})
		a.body["request_id"] = ""
		texts = append(texts, fmt.Sprint(a.body))
	}
	if texts[0] != texts[1] || !strings.Contains(texts[0], "wrong_login") {
		t.Errorf("an unknown login is told from a wrong password:\n%s\n%s", texts[0], texts[1])
	}
}

func TestFailedLoginsAreSlowedDown(t *testing.T) {
	w := newWebsite(t)
	v := w.nobody()
	var last answer
	for range 6 {
		last = v.ask("POST", "/session", map[string]any{"login": "enterprise", "password": "wrong password"})
	}
	if last.status != 429 || last.code() != "too_many_attempts" || last.header.Get("Retry-After") == "" {
		t.Errorf("the sixth failure: %d %s", last.status, last.raw)
	}
	if a := v.ask("POST", "/session", map[string]any{"login": "enterprise", "password": sitePassword}); a.status != 429 {
		t.Errorf("the right password within the delay: %d", a.status)
	}
	w.as("admin") // other accounts are not held up
}

func TestSessionsEndWithPasswordAndAccount(t *testing.T) {
	w := newWebsite(t)
	admin := w.as("admin")
	made := admin.want(201, "POST", "/users", map[string]any{"login": "li.wei", "role": "enterprise", "password": sitePassword})
	path := fmt.Sprintf("/users/%d", made.id())
	li := w.as("li.wei")
	admin.want(200, "PATCH", path, map[string]any{"password": "another long password"})
	if a := li.ask("GET", "/session", nil); a.status != 401 {
		t.Errorf("after the password was changed: %d", a.status)
	}
	li = w.nobody()
	li.want(200, "POST", "/session", map[string]any{"login": "li.wei", "password": "another long password"})
	token := li.want(201, "POST", "/tokens", map[string]any{"name": "nightly"})
	program := w.nobody()
	program.token, _ = token.body["token"].(string)
	program.want(200, "GET", "/caller-numbers", nil)
	if used := li.want(200, "GET", "/tokens", nil).items(); len(used) != 1 || used[0].(map[string]any)["last_used_at"] == nil {
		t.Errorf("tokens %v", used)
	}
	admin.want(200, "PATCH", path, map[string]any{"disabled": true})
	for name, v := range map[string]*visitor{"browser": li, "program": program} {
		if a := v.ask("GET", "/caller-numbers", nil); a.status != 401 {
			t.Errorf("%s of a disabled account: %d", name, a.status)
		}
	}
	w.nobody().want(401, "POST", "/session", map[string]any{"login": "li.wei", "password": "another long password"})
}

func TestTokensAreRevoked(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	made := v.want(201, "POST", "/tokens", map[string]any{"name": "nightly"})
	program := w.nobody()
	program.token, _ = made.body["token"].(string)
	program.want(200, "GET", "/session", nil)
	w.as("stranger").want(404, "DELETE", fmt.Sprintf("/tokens/%d", made.id()), nil)
	v.want(204, "DELETE", fmt.Sprintf("/tokens/%d", made.id()), nil)
	program.want(401, "GET", "/session", nil)
	program.token = "waihu_of_nobody"
	program.want(401, "GET", "/session", nil)
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	for _, h := range []http.Header{
		{"Origin": {"https://elsewhere.example"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"null"}},
	} {
		v.header = h
		if a := v.ask("POST", "/caller-numbers", map[string]any{"number": "075512345678"}); a.status != 403 || a.code() != "cross_origin" {
			t.Errorf("%v: %d %s", h, a.status, a.raw)
		}
		v.want(200, "GET", "/caller-numbers", nil) // reading is the browser's matter
	}
	v.header = http.Header{"Origin": {w.url}, "Sec-Fetch-Site": {"same-origin"}}
	v.want(201, "POST", "/caller-numbers", map[string]any{"number": "075512345678"})
}

func TestBodiesAreReadStrictly(t *testing.T) {
	w := newWebsite(t)
	v := w.as("admin")
	for _, c := range []struct {
		name, body, code string
		status           int
	}{
		{"unknown field", `{"number":"075512345678","kind":"fixed"}`, "unknown_field", 400},
		{"wrong type", `{"number":75512345678}`, "wrong_type", 400},
		{"no JSON", `number=1`, "bad_json", 400},
		{"two values", `{"number":"1"} {}`, "bad_json", 400},
		{"cut off", `{"number":`, "bad_json", 400},
		{"too large", `{"number":"` + strings.Repeat("1", 2<<20) + `"}`, "too_large", 413},
	} {
		if a := v.ask("POST", "/caller-numbers", c.body); a.status != c.status || a.code() != c.code {
			t.Errorf("%s: %d %.300s", c.name, a.status, a.raw)
		}
	}
	v.header.Set("Content-Type", "text/plain")
	if a := v.ask("POST", "/caller-numbers", `{"number":"075512345678"}`); a.status != 415 {
		t.Errorf("not JSON by its type: %d", a.status)
	}
}
