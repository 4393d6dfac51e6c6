package script

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const maxAnswer = 1 << 20 // bytes of an answer; mod_xml_curl's own limit

// HTTP asks a server for the dialplan of each call, as mod_xml_curl does.
type HTTP struct {
	url, user, password string
	client              *http.Client
	fallback            Source
	last                atomic.Pointer[answer]
}

// answer is a parsed response. Servers mostly send the same text again.
type answer struct {
	text string
	plan *plan
}

// Curl is a dialplan behind mod_xml_curl: every lookup is a POST to url. Whatever goes wrong there (no connection, no
// answer within timeout, a status other than 200, XML that is not well-formed, a "not found" document) makes the switch
// use the fallback, its own files; without a fallback the context is not found. An answer that lacks the context or the
// extension is final. A timeout of 0 waits for as long as the context of the lookup.
func Curl(url, user, password string, timeout time.Duration, fallback Source) *HTTP {
	return &HTTP{
		url: url, user: user, password: password, fallback: fallback,
		client: &http.Client{Timeout: timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second}},
	}
}

// Close drops the idle connections to the server.
func (h *HTTP) Close() { h.client.CloseIdleConnections() }

// Lookup asks the server, else the fallback, for the actions of a destination.
func (h *HTTP) Lookup(ctx context.Context, r Request) ([]Action, error) {
	p, err := h.fetch(ctx, dialplanForm(r))
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("ask %s for %s in context %s: %w", h.url, r.Destination, r.Context, ctx.Err())
	case err == nil && p.tree.child("section", "name", "dialplan") != nil:
		return p.lookup(ctx, r)
	case h.fallback != nil:
		return h.fallback.Lookup(ctx, r)
	case err != nil:
		return nil, fmt.Errorf("hunt %s in context %s: %w: %w", r.Destination, r.Context, ErrContext, err)
	default:
		return nil, fmt.Errorf("hunt %s in context %s: %w", r.Destination, r.Context, ErrContext)
	}
}

// Reload reads the fallback's files anew; the server is asked at each call anyway.
func (h *HTTP) Reload() string {
	if h.fallback == nil {
		return replyReloaded
	}
	return h.fallback.Reload()
}

// Locate asks the server for an element, then the fallback.
func (h *HTTP) Locate(section, tag, key, value string) string {
	var f form
	f.head(section, tag, key, value)
	if p, err := h.fetch(context.Background(), f.String()); err == nil {
		if text := locate(p.tree, section, tag, key, value); text != replyNothing {
			return text
		}
	}
	if h.fallback == nil {
		return replyNothing
	}
	return h.fallback.Locate(section, tag, key, value)
}

func (h *HTTP) fetch(ctx context.Context, body string) (*plan, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask %s for the dialplan: %w", h.url, err)
	}
	req.Header.Set("User-Agent", "freeswitch-xml/1.0")
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if h.user != "" {
		req.SetBasicAuth(h.user, h.password)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask for the dialplan: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the dialplan from %s: %w", h.url, err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("ask %s for the dialplan: status %d", h.url, resp.StatusCode)
	case len(text) > maxAnswer:
		return nil, fmt.Errorf("ask %s for the dialplan: more than %d bytes", h.url, maxAnswer)
	}
	return h.read(string(text))
}

// read parses an answer. FreeSWITCH sends it through the preprocessor like a file, so a line with <?xml is lost whole.
func (h *HTTP) read(text string) (*plan, error) {
	if a := h.last.Load(); a != nil && a.text == text {
		return a.plan, nil
	}
	pre := preprocessor{globals: h.globals(), remote: true}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "\x00")
		pre.line("", line, 0)
	}
	tree, err := parse(pre.out.String())
	if err != nil {
		return nil, fmt.Errorf("read the dialplan from %s: %w", h.url, err)
	}
	if result := tree.child("section", "name", "result").child("result", "", ""); result != nil {
		if strings.EqualFold(result.attrOr("status", ""), "not found") {
			return nil, fmt.Errorf("ask %s for the dialplan: not found", h.url)
		}
	}
	p := newPlan(tree)
	h.last.Store(&answer{text, p})
	return p, nil
}

func (h *HTTP) globals() map[string]string {
	if f, ok := h.fallback.(*Files); ok {
		return f.Globals()
	}
	return map[string]string{}
}
