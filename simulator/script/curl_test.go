package script

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	plain = `<extension name="x"><condition field="destination_number" expression="^5$"><action application="static"/></condition></extension>`
	head  = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<document type=\"freeswitch/xml\">\n"
)

func document(section, context string, extensions ...string) string {
	return head + "<section name=\"" + section + "\">\n<context name=\"" + context + "\">\n" + strings.Join(extensions, "\n") + "\n</context>\n</section>\n</document>\n"
}

// What each answer of the server does to a call, as measured on 1.10.12.
func TestCurlAnswers(t *testing.T) {
	dynamic := strings.ReplaceAll(plain, "static", "dynamic")
	tests := []struct {
		name   string
		status int
		body   string
		want   string
		err    error
	}{
		{"good", 200, document("dialplan", "c", dynamic), "dynamic()", nil},
		{"404", 404, document("dialplan", "c", dynamic), "static()", nil},
		{"500", 500, "oops", "static()", nil},
		{"201 is not 200", 201, document("dialplan", "c", dynamic), "static()", nil},
		{"204", 204, "", "static()", nil},
		{"empty 200", 200, "", "static()", nil},
		{"truncated", 200, document("dialplan", "c", dynamic)[:150], "static()", nil},
		{"not found document", 200, head + "<section name=\"result\">\n<result status=\"not found\"/>\n</section>\n</document>\n", "static()", nil},
		{"another section", 200, document("directory", "c", dynamic), "static()", nil},
		{"declaration on the line of the root", 200, strings.ReplaceAll(document("dialplan", "c", dynamic), "\n", ""), "static()", nil},
		{"too large", 200, document("dialplan", "c", dynamic, strings.Repeat("<!-- much -->", 100_000)), "static()", nil},
		{"another context", 200, document("dialplan", "d", dynamic), "", ErrContext},
		{"no extension", 200, document("dialplan", "c", ext("y", "^6$", "dynamic", "")), "", ErrNoRoute},
		{"include of our files", 200, document("dialplan", "c", `<X-PRE-PROCESS cmd="include" data="/etc/*"/>`, dynamic), "dynamic()", nil},
		{"globals of our files", 200, document("dialplan", "c", ext("y", "^5$", "dynamic", "$${base}")), "dynamic(/b)", nil},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(x.status)
				io.WriteString(w, x.body)
			}))
			defer srv.Close()
			files := open(t, folder(t, map[string]string{"a.xml": "<context name=\"c\">\n" + plain + "\n</context>\n"}), map[string]string{"base": "/b"})
			h := Curl(srv.URL, "", "", 5*time.Second, files)
			defer h.Close()
			for range 2 { // the second answer comes from the cache
				got, err := h.Lookup(t.Context(), Request{Context: "c", Destination: "5"})
				if text(got) != x.want || !errors.Is(err, x.err) {
					t.Errorf("%q, %v; want %q, %v", text(got), err, x.want, x.err)
				}
			}
		})
	}
}

func TestCurlWithoutServer(t *testing.T) {
	srv := httptest.NewServer(nil)
	refused := srv.URL
	srv.Close()
	files := open(t, folder(t, map[string]string{"a.xml": "<context name=\"c\">\n" + plain + "\n</context>\n"}), nil)
	for _, x := range []struct {
		fallback Source
		want     string
		err      error
	}{{files, "static()", nil}, {nil, "", ErrContext}} {
		h := Curl(refused, "", "", time.Second, x.fallback)
		got, err := h.Lookup(t.Context(), Request{Context: "c", Destination: "5"})
		if text(got) != x.want || !errors.Is(err, x.err) {
			t.Errorf("%q, %v; want %q, %v", text(got), err, x.want, x.err)
		}
		if x.fallback == nil && (h.Reload() != replyReloaded || h.Locate("dialplan", "context", "name", "c") != replyNothing) {
			t.Error("without files reload and locate must say success and nothing")
		}
		h.Close()
	}
}

func TestCurlHangs(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	files := open(t, folder(t, map[string]string{"a.xml": "<context name=\"c\">\n" + plain + "\n</context>\n"}), nil)
	h := Curl(srv.URL, "", "", 50*time.Millisecond, files)
	defer h.Close()
	if got, err := h.Lookup(t.Context(), Request{Context: "c", Destination: "5"}); err != nil || text(got) != "static()" {
		t.Errorf("after the timeout: %q, %v", text(got), err)
	}
	forever := Curl(srv.URL, "", "", 0, files)
	defer forever.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := forever.Lookup(ctx, Request{Context: "c", Destination: "5"}); !errors.Is(err, context.DeadlineExceeded) || got != nil {
		t.Errorf("a call that ended while waiting: %q, %v", text(got), err)
	}
}

func TestCurlNewAnswerIsRead(t *testing.T) {
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		app := "one"
		if n.Add(1) > 1 {
			app = "two"
		}
		io.WriteString(w, document("dialplan", "c", ext("x", "^5$", app, "")))
	}))
	defer srv.Close()
	h := Curl(srv.URL, "", "", time.Second, nil)
	defer h.Close()
	for _, want := range []string{"one()", "two()", "two()"} {
		if got, err := h.Lookup(t.Context(), Request{Context: "c", Destination: "5"}); err != nil || text(got) != want {
			t.Errorf("%q, %v; want %s", text(got), err, want)
		}
	}
}

func TestCurlLocate(t *testing.T) {
	var form url.Values
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		form = r.PostForm
		io.WriteString(w, document("dialplan", "there", ext("x", "^5$", "set", "n=外")))
	}))
	defer srv.Close()
	files := open(t, folder(t, map[string]string{"a.xml": "<context name=\"here\">\n" + plain + "\n</context>\n"}), nil)
	h := Curl(srv.URL, "", "", time.Second, files)
	defer h.Close()
	for name, want := range map[string]string{"there": "n=&#x5916;", "here": `application="static"`, "nowhere": replyNothing} {
		if got := h.Locate("dialplan", "context", "name", name); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"section": "dialplan", "tag_name": "context", "key_name": "name", "hostname": hostname} {
		if got := form.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := h.Reload(); got != replyReloaded {
		t.Errorf("reload says %q", got)
	}
}

// The recorded request: given the same channel we send the same form, every value escaped the same way.
func TestCurlRequestAsRecorded(t *testing.T) {
	recorded := read(t, "testdata/dialplan_request.txt")
	r := Request{Headers: map[string]string{}, Caller: map[string]string{}}
	want := map[string]string{}
	var order []string
	for _, pair := range strings.Split(recorded, "&") {
		name, raw, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(raw)
		if err != nil {
			t.Fatal(err)
		}
		want[name] = raw
		order = append(order, name)
		switch {
		case len(want) <= 5 || name == "Event-Name" || strings.HasPrefix(name, "Hunt-"):
		default:
			r.Headers[name] = value
		}
		for _, h := range callerHeaders() {
			if name == "Hunt-"+h[1] {
				r.Caller[h[0]] = value
			}
		}
	}
	r.Context, r.Destination = r.Caller["context"], r.Caller["destination_number"]

	var got string
	var seen *http.Request
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		got, seen = string(body), req
	}))
	defer srv.Close()
	h := Curl(srv.URL+"/fsapi", "fsuser", "fspass", time.Second, nil)
	defer h.Close()
	if _, err := h.Lookup(t.Context(), r); !errors.Is(err, ErrContext) {
		t.Errorf("an empty answer without files: %v", err)
	}
	user, password, _ := seen.BasicAuth()
	if seen.Method != "POST" || seen.UserAgent() != "freeswitch-xml/1.0" || seen.URL.Path != "/fsapi" || user+password != "fsuserfspass" ||
		seen.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || seen.Header.Get("Expect") != "" {
		t.Errorf("request %v %v", seen.URL, seen.Header)
	}
	pairs := strings.Split(got, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if name != "hostname" && value != want[name] {
			t.Errorf("%s=%s, recorded %q", name, value, want[name])
		}
		if i < 6 && name != order[i] {
			t.Errorf("parameter %d is %s, recorded %s", i, name, order[i])
		}
		delete(want, name)
	}
	for name := range want { // times, sorts and flags of the caller profile that we do not keep
		if !strings.HasPrefix(name, "Hunt-Channel-") && !strings.HasPrefix(name, "Hunt-Pr") && name != "Hunt-Screen-Bit" {
			t.Errorf("%s is not sent", name)
		}
	}
}
