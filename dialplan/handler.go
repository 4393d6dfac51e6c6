package dialplan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/xml"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"waihu/controller/clock"
)

// HandlerConfig says who may ask the mod_xml_curl handler and how many at once.
type HandlerConfig struct {
	User, Password string        // of HTTP basic auth; both must be set
	Parallel       int           // answers at once, default 64; more are sent away with 503, which the switch takes as "not found"
	Grace          time.Duration // as Config.Grace
	Clock          clock.Clock
}

// DirectoryUser is an agent's phone as the switch must know it to let it register and to call it.
type DirectoryUser struct {
	ID     string // extension, [A-Za-z0-9_-]{1,32}
	Domain string
	A1Hash string // hex MD5 of user:domain:password; the password itself never travels
}

// Handler answers mod_xml_curl from memory, for farms without a shared folder. It knows the sections dialplan (context
// Context only) and directory; of everything else, and whenever it is not sure, it says 404 with a "not found" document, on
// which FreeSWITCH goes on with its static files. A 200 with an empty or another context would cut the call off.
type Handler struct {
	cfg   HandlerConfig
	auth  [sha256.Size]byte
	slots chan struct{}
	now   atomic.Pointer[answers]

	mu   sync.Mutex // of Publish
	past []Published
}

// answers are all texts that can be asked for, made when the plan is published and never changed.
type answers struct {
	stamp   string
	router  *router
	whole   []byte
	byName  map[string][]byte // extension → document
	byPhone map[string][]byte // user@domain → document
}

const notFoundDocument = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<document type="freeswitch/xml">
  <section name="result">
    <result status="not found"/>
  </section>
</document>
`

// maxRequest bounds a request's body; a real one of a call in progress has 5 to 20 kB.
const maxRequest = 256 << 10

// NewHandler makes a handler that says "not found" to everything until the first Publish.
func NewHandler(cfg HandlerConfig) (*Handler, error) {
	if cfg.User == "" || cfg.Password == "" {
		return nil, fmt.Errorf("make the mod_xml_curl handler: user and password must be set")
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = 64
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real()
	}
	orDuration(&cfg.Grace, 2*time.Hour)
	h := &Handler{cfg: cfg, auth: credentials(cfg.User, cfg.Password), slots: make(chan struct{}, cfg.Parallel)}
	h.now.Store(&answers{})
	return h, nil
}

func credentials(user, password string) [sha256.Size]byte {
	return sha256.Sum256([]byte(user + "\x00" + password))
}

// Publish puts a plan into memory; the next request gets it. Extensions of superseded plans are kept for the grace time as
// Publisher does, but do not survive a restart. Errors are those of Render.
func (h *Handler) Publish(_ context.Context, plan Plan) (Revision, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.cfg.Clock.Now()
	kept, err := stillNeeded(h.past, h.cfg.Grace, now)
	if err != nil {
		return Revision{}, err
	}
	rev, err := render(plan, kept)
	if err != nil {
		return Revision{}, err
	}
	alone, err := Render(plan)
	if err != nil {
		return Revision{}, err
	}
	next, err := answersOf(rev, h.now.Load().byPhone)
	if err != nil {
		return Revision{}, err
	}
	names, err := added(alone.Files[FileName], rev.Files[FileName])
	if err != nil {
		return Revision{}, err
	}
	h.now.Store(next)
	entry := Published{Stamp: rev.Stamp, At: now, File: string(rev.Files[FileName]), Kept: names}
	h.past = append([]Published{entry}, h.past...)
	for len(h.past) > 1 && now.Sub(h.past[len(h.past)-2].At) >= h.cfg.Grace {
		h.past = h.past[:len(h.past)-1]
	}
	return rev, nil
}

// Overwrite is Publish: there is no file that somebody could have edited.
func (h *Handler) Overwrite(ctx context.Context, plan Plan, _ string) (Revision, error) {
	return h.Publish(ctx, plan)
}

// SetDirectory replaces the phones that the handler knows.
func (h *Handler) SetDirectory(users []DirectoryUser) error {
	byPhone := map[string][]byte{}
	for _, u := range users {
		doc, err := u.document()
		if err != nil {
			return err
		}
		byPhone[u.ID+"@"+u.Domain] = doc
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	next := *h.now.Load()
	next.byPhone = byPhone
	h.now.Store(&next)
	return nil
}

// Live is the stamp of what the handler answers; "" before the first Publish.
func (h *Handler) Live() string { return h.now.Load().stamp }

// ServeHTTP answers one request of mod_xml_curl.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, ok := r.BasicAuth()
	given := credentials(user, password)
	if !ok || subtle.ConstantTimeCompare(given[:], h.auth[:]) != 1 {
		w.Header().Set("WWW-Authenticate", `Basic realm="waihu"`)
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		write(w, http.StatusServiceUnavailable, []byte(notFoundDocument))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		write(w, http.StatusNotFound, []byte(notFoundDocument))
		return
	}
	if doc := h.now.Load().find(r); doc != nil {
		write(w, http.StatusOK, doc)
		return
	}
	write(w, http.StatusNotFound, []byte(notFoundDocument))
}

func write(w http.ResponseWriter, status int, doc []byte) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(doc) // the switch has gone: nobody to tell
}

// find gives the document that a request asks for, nil when it must look elsewhere.
func (a *answers) find(r *http.Request) []byte {
	form := r.PostForm
	switch form.Get("section") {
	case "dialplan":
		if form.Get("tag_name") == "context" {
			if form.Get("key_value") == Context {
				return a.whole
			}
			return nil
		}
		context := form.Get("Hunt-Context")
		number := form.Get("Hunt-Destination-Number")
		if context == "" {
			context, number = form.Get("Caller-Context"), form.Get("Caller-Destination-Number")
		}
		if context != Context || a.router == nil {
			return nil
		}
		if e := a.router.find(number); e != nil {
			return a.byName[e.Name]
		}
	case "directory":
		if form.Get("user") != "" && form.Get("domain") != "" {
			return a.byPhone[form.Get("user")+"@"+form.Get("domain")]
		}
	}
	return nil
}

func answersOf(rev Revision, byPhone map[string][]byte) (*answers, error) {
	d, err := Read(rev.Files[FileName])
	if err != nil {
		return nil, err
	}
	a := &answers{stamp: rev.Stamp, byName: map[string][]byte{}, byPhone: byPhone}
	if a.router, err = newRouter(d); err != nil {
		return nil, err
	}
	if a.whole, err = wrapDialplan(d.Extensions); err != nil {
		return nil, err
	}
	for _, e := range d.Extensions {
		if a.byName[e.Name], err = wrapDialplan([]Extension{e}); err != nil {
			return nil, err
		}
	}
	return a, nil
}

type documentXML struct {
	XMLName xml.Name   `xml:"document"`
	Type    string     `xml:"type,attr"`
	Section sectionXML `xml:"section"`
}

type sectionXML struct {
	Name    string      `xml:"name,attr"`
	Context *contextXML `xml:"context"`
	Domain  *domainXML  `xml:"domain"`
}

type domainXML struct {
	Name   string  `xml:"name,attr"`
	Params []param `xml:"params>param"`
	User   userXML `xml:"user"`
}

type userXML struct {
	ID        string  `xml:"id,attr"`
	Params    []param `xml:"params>param"`
	Variables []param `xml:"variables>variable"`
}

type param struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

func wrapDialplan(extensions []Extension) ([]byte, error) {
	return wrap(sectionXML{Name: "dialplan", Context: &contextXML{Name: Context, Extensions: extensions}})
}

func wrap(section sectionXML) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	if err := enc.Encode(documentXML{Type: "freeswitch/xml", Section: section}); err != nil {
		return nil, fmt.Errorf("marshal %s answer: %w", section.Name, err)
	}
	return b.Bytes(), nil
}
