package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"waihu/frontend"
	"waihu/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type notReady struct{ err error }

func (n notReady) Ready(context.Context) error { return n.err }

// lockedBuffer is a log that the server writes while the test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts a server on a free port and ends it with the test.
func serve(t *testing.T, parts Parts) (string, *lockedBuffer) {
	t.Helper()
	return serveWith(t, Config{}, parts)
}

func serveWith(t *testing.T, cfg Config, parts Parts) (string, *lockedBuffer) {
	t.Helper()
	log := &lockedBuffer{}
	ctx, cancel := context.WithCancel(context.Background())
	cfg.Addr, cfg.Logger = "127.0.0.1:0", slog.New(slog.NewTextHandler(log, nil))
	s, err := New(ctx, cfg, parts)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return "http://" + s.Addr(), log
}

func ask(t *testing.T, method, url string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(data)
}

func TestHealth(t *testing.T) {
	url, _ := serve(t, Parts{})
	for _, path := range []string{"/healthz", "/readyz"} {
		if resp, body := ask(t, "GET", url+path, nil); resp.StatusCode != 200 || strings.TrimSpace(body) != `{"status":"ok"}` {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	url, _ = serve(t, Parts{Ready: notReady{errors.New("switch 127.0.0.1:8021 is down")}})
	if resp, _ := ask(t, "GET", url+"/healthz", nil); resp.StatusCode != 200 {
		t.Errorf("a daemon that is not ready is alive: %d", resp.StatusCode)
	}
	if resp, body := ask(t, "GET", url+"/readyz", nil); resp.StatusCode != 503 || !strings.Contains(body, "switch 127.0.0.1:8021 is down") {
		t.Errorf("not ready: %d %s", resp.StatusCode, body)
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	url, _ := serve(t, Parts{Page: frontend.Files(), Dialplan: http.NotFoundHandler()})
	for _, path := range []string{"/healthz", "/readyz", "/", "/no/such/page", DialplanPath} {
		for _, method := range []string{"GET", "POST", "HEAD", "DELETE"} {
			resp, _ := ask(t, method, url+path, nil)
			h := resp.Header
			if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Referrer-Policy") == "" || h.Get("X-Request-Id") == "" {
				t.Errorf("%s %s: headers %v", method, path, h)
			}
		}
	}
}

func TestPageOfAnUnbuiltInterface(t *testing.T) {
	for name, files := range map[string]fs.FS{"none": nil, "empty": fstest.MapFS{".keep": {}}} {
		url, _ := serve(t, Parts{Page: files})
		resp, body := ask(t, "GET", url+"/campaigns", nil)
		if resp.StatusCode != 200 || !strings.Contains(body, "npm run build") || !strings.Contains(body, "构建界面") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}

func TestPageOfABuiltInterface(t *testing.T) {
	url, _ := serve(t, Parts{Page: fstest.MapFS{"index.html": {Data: []byte("<p>app</p>")}, "assets/a-1f.js": {Data: []byte("let a")}}})
	cases := []struct {
		path, body, cache string
		status            int
	}{
		{"/", "<p>app</p>", "no-store", 200},
		{"/campaigns/7", "<p>app</p>", "no-store", 200},
		{"/assets/a-1f.js", "let a", "public, max-age=31536000, immutable", 200},
		{"/assets/old.js", "not_found", "no-store", 404},
		{"/api/nothing", "not_found", "no-store", 404},
		{"/..%2f..%2fetc%2fpasswd", "invalid URL path", "", 400},
	}
	for _, c := range cases {
		resp, body := ask(t, "GET", url+c.path, nil)
		var p problem
		if resp.Header.Get("Content-Type") == problemType && json.Unmarshal([]byte(body), &p) == nil {
			body = p.Code
		}
		if resp.StatusCode != c.status || strings.TrimSpace(body) != c.body || resp.Header.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %q %s", c.path, resp.StatusCode, body, resp.Header.Get("Cache-Control"))
		}
	}
}

// The first load is what people wait for: files of the application travel compressed, other answers do not.
func TestFilesTravelCompressed(t *testing.T) {
	script := strings.Repeat("console.log(1);\n", 500)
	url, _ := serve(t, Parts{Page: fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>")}, "assets/app-1.js": {Data: []byte(script)},
	}})
	for path, want := range map[string]string{"/assets/app-1.js": "gzip", "/healthz": ""} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip") // set by hand, so that the client does not unpack by itself
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%s: encoding %q, want %q", path, got, want)
		}
		if want == "" {
			continue
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(unpacked); err != nil || string(text) != script || len(body) > len(script)/5 {
			t.Errorf("%s: %d bytes for %d, %v", path, len(body), len(script), err)
		}
	}
}

func TestDialplanIsMounted(t *testing.T) {
	url, _ := serve(t, Parts{Dialplan: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "section=%s", r.PostFormValue("section"))
	})})
	req, err := http.NewRequestWithContext(t.Context(), "POST", url+DialplanPath, strings.NewReader("section=dialplan"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); string(body) != "section=dialplan" {
		t.Errorf("got %q", body)
	}
}

func TestBodyLimit(t *testing.T) {
	url, _ := serve(t, Parts{Dialplan: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
	})})
	resp, body := ask(t, "POST", url+DialplanPath, bytes.NewReader(make([]byte, 2<<20)))
	if resp.StatusCode != 413 || !strings.Contains(body, "too_large") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

func TestPanicIsAnInternalErrorWithAnID(t *testing.T) {
	url, log := serve(t, Parts{Dialplan: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the stack") })})
	resp, body := ask(t, "POST", url+DialplanPath, nil)
	var p problem
	if err := json.Unmarshal([]byte(body), &p); err != nil || resp.StatusCode != 500 || p.Code != "internal" || p.RequestID == "" {
		t.Fatalf("got %d %s", resp.StatusCode, body)
	}
	if strings.Contains(body, "secret") || !strings.Contains(log.String(), p.RequestID) || !strings.Contains(log.String(), "secret of the stack") {
		t.Errorf("body %s, log %s", body, log.String())
	}
	if resp, _ := ask(t, "GET", url+"/healthz", nil); resp.StatusCode != 200 {
		t.Errorf("the server is gone: %d", resp.StatusCode)
	}
}

func TestErrorsHaveOneForm(t *testing.T) {
	cases := []struct {
		err    error
		status int
		code   string
	}{
		{models.NewError(models.Invalid, "ring_seconds", "too_small", "x", "y"), 422, "too_small"},
		{fmt.Errorf("start campaign 7: %w", models.NewError(models.Conflict, "", "running", "x", "y")), 409, "running"},
		{&models.Error{Kind: models.NotFound}, 404, "not_found"},
		{&models.Error{Kind: models.Forbidden}, 403, "forbidden"},
		{echo.ErrMethodNotAllowed, 405, "method_not_allowed"},
		{echo.ErrInternalServerError, 500, "internal"},
		{errors.New("db"), 500, "internal"},
	}
	for _, c := range cases {
		if p := describe(c.err); p.Status != c.status || p.Code != c.code || p.Title == "" {
			t.Errorf("%v: %+v, want %d %s", c.err, p, c.status, c.code)
		}
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = New(t.Context(), Config{Addr: l.Addr().String()}, Parts{})
	if !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "http.addr: "+l.Addr().String()+" is in use") {
		t.Errorf("got %v", err)
	}
	_, err = New(t.Context(), Config{Addr: "192.0.2.1:8080"}, Parts{})
	if !models.IsKind(err, models.Invalid) {
		t.Errorf("an address of somebody else: %v", err)
	}
}

func TestShutdownCutsWhatHangs(t *testing.T) {
	entered := make(chan struct{})
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	s, err := New(ctx, Config{Addr: "127.0.0.1:0", DrainTimeout: 1}, Parts{Dialplan: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	got := make(chan error, 1)
	go func() {
		resp, err := http.Post("http://"+s.Addr()+DialplanPath, "text/plain", nil)
		if err == nil {
			resp.Body.Close()
		}
		got <- err
	}()
	<-entered
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	if err := <-got; err == nil {
		t.Error("a request that hung was answered")
	}
	http.DefaultClient.CloseIdleConnections()
}
