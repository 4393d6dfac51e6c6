package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"waihu/api"
	"waihu/config"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// website is the daemon with its API on a simulated switch and SQLite. Every answer that its visitors get is compared with
// the specification.
type website struct {
	t     *testing.T
	url   string
	plant *plant
	doc   *openapi3.T
	spec  routers.Router
}

// password of every account of a website; its hash is made cheap, so that tests are quick.
const sitePassword = "correct horse battery"

// newWebsite starts a daemon, beside those of other tests; everything of it ends with the test.
func newWebsite(t *testing.T, set ...string) *website {
	t.Helper()
	t.Parallel()
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	dir := t.TempDir()
	l, err := config.Load(config.Options{Set: append(set, "data_dir="+dir, "log.level=error")})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	sim, err := simulation(l, dir, 1, 1, time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), log)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "waihu.db")
	if err := storetest.MigratedFile(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	sim.l.Database.Driver, sim.l.Database.DSN = store.SQLite, config.Secret(path)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	stop := running(ctx, log, sim.sw)
	t.Cleanup(stop)
	s, err := a.database(ctx, sim.l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p, err := assemble(sim.l, s, sim.clock, log, nil)
	if err != nil {
		t.Fatal(err)
	}
	server, err := a.server(ctx, "127.0.0.1:0", p)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.together(ctx, p, server) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("daemon: %v", err)
		}
	})
	w := &website{t: t, url: "http://" + server.Addr(), plant: p}
	w.specification()
	w.accounts()
	return w
}

func (w *website) specification() {
	w.t.Helper()
	data, err := api.Specification()
	if err != nil {
		w.t.Fatal(err)
	}
	if w.doc, err = openapi3.NewLoader().LoadFromData(data); err != nil {
		w.t.Fatal(err)
	}
	if err := w.doc.Validate(w.t.Context()); err != nil {
		w.t.Fatalf("the specification: %v", err)
	}
	if w.spec, err = legacy.NewRouter(w.doc); err != nil {
		w.t.Fatal(err)
	}
}

// accounts makes a user of each role, named like it, and "stranger", an enterprise user of another organization.
func (w *website) accounts() {
	w.t.Helper()
	hash, err := argon2id.CreateHash(sitePassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		w.t.Fatal(err)
	}
	other := models.Organization{Name: "other"}
	if err := w.plant.store.CreateOrganization(w.t.Context(), &other); err != nil {
		w.t.Fatal(err)
	}
	users := []models.User{{Login: "stranger", Role: models.RoleEnterprise, OrganizationID: other.ID}}
	for _, r := range models.Roles {
		u := models.User{Login: string(r), Role: r, OrganizationID: 1}
		if r == models.RoleAdmin {
			u.OrganizationID = 0
		}
		users = append(users, u)
	}
	for _, u := range users {
		u.PasswordHash = hash
		if err := w.plant.store.CreateUser(w.t.Context(), &u); err != nil {
			w.t.Fatal(err)
		}
	}
}

// visitor is a browser, or with a token a program.
type visitor struct {
	w      *website
	client *http.Client
	token  string
	header http.Header // of every request
}

// nobody is a visitor who has not logged in.
func (w *website) nobody() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	transport := &http.Transport{}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &visitor{w: w, client: &http.Client{Jar: jar, Transport: transport}, header: http.Header{}}
}

// as logs in.
func (w *website) as(login string) *visitor {
	w.t.Helper()
	v := w.nobody()
	v.want(http.StatusOK, "POST", "/session", map[string]any{"login": login, "password": sitePassword})
	return v
}

// answer is what came back; JSON is decoded.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

// code is that of a problem.
func (a answer) code() string {
	code, _ := a.body["code"].(string)
	return code
}

// items of a list.
func (a answer) items() []any {
	items, _ := a.body["items"].([]any)
	return items
}

// id of what was made or read.
func (a answer) id() int64 {
	id, _ := a.body["id"].(float64)
	return int64(id)
}

// want asks and demands a status.
func (v *visitor) want(status int, method, path string, body any) answer {
	v.w.t.Helper()
	a := v.ask(method, path, body)
	if a.status != status {
		v.w.t.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.raw, status)
	}
	return a
}

// ask sends a request: a body that is no *form goes as JSON. path is below /api/v1.
func (v *visitor) ask(method, path string, body any) answer {
	v.w.t.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case *form:
		r, kind = &b.data, b.kind
	case string:
		r, kind = strings.NewReader(b), "application/json"
	default:
		data, err := json.Marshal(b)
		if err != nil {
			v.w.t.Fatal(err)
		}
		r, kind = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(v.w.t.Context(), method, v.w.url+"/api/v1"+path, r)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for k := range v.header {
		req.Header.Set(k, v.header.Get(k))
	}
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.raw, err = io.ReadAll(resp.Body); err != nil {
		v.w.t.Fatal(err)
	}
	v.w.check(req, a)
	if strings.Contains(resp.Header.Get("Content-Type"), "json") && !bytes.HasPrefix(a.raw, []byte("[")) {
		if err := json.Unmarshal(a.raw, &a.body); err != nil {
			v.w.t.Fatalf("%s %s: %v in %s", method, path, err, a.raw)
		}
	}
	return a
}

// check compares an answer with the specification.
func (w *website) check(req *http.Request, a answer) {
	w.t.Helper()
	at := *req
	at.URL = &url.URL{Path: req.URL.Path, RawQuery: req.URL.RawQuery} // the specification's server has no host
	route, params, err := w.spec.FindRoute(&at)
	if err != nil {
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			w.t.Errorf("%s %s is not in the specification: %v", req.Method, req.URL.Path, err)
		}
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: &at, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes(a.raw)
	if err := openapi3filter.ValidateResponse(context.WithoutCancel(req.Context()), in); err != nil {
		w.t.Errorf("%s %s answers %d %s: %v", req.Method, req.URL.Path, a.status, a.raw, err)
	}
}

// form is a multipart body.
type form struct {
	data bytes.Buffer
	kind string
}

// upload is a form with fields before the file.
func upload(t *testing.T, fileName string, content []byte, fields ...[2]string) *form {
	t.Helper()
	f := &form{}
	w := multipart.NewWriter(&f.data)
	for _, field := range fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", fileName)
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	f.kind = w.FormDataContentType()
	return f
}
