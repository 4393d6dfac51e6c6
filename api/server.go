package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"waihu/models"
)

// Config limits the server. Zero values mean the defaults that are named.
type Config struct {
	Addr          string           // host:port; port 0 picks one
	MaxBody       string           // largest request body, "1M"
	MaxUpload     string           // largest body of an upload, "512M"
	UploadTimeout time.Duration    // how long an upload may take, 30 min
	Secure        bool             // browsers reach us by TLS: cookies say so
	Now           func() time.Time // the clock; must be there with Parts.Services and with Measure
	// Measure is told of every request; route is as in the table, with parameters by name. May be nil.
	Measure      func(method, route string, status int, took time.Duration)
	DrainTimeout time.Duration // how long requests may take to end at a shutdown, 5 s
	Logger       *slog.Logger  // slog.Default()
}

// withDefaults fills in what was left zero.
func (cfg Config) withDefaults() Config {
	if cfg.MaxBody == "" {
		cfg.MaxBody = "1M"
	}
	if cfg.MaxUpload == "" {
		cfg.MaxUpload = "512M"
	}
	if cfg.UploadTimeout == 0 {
		cfg.UploadTimeout = 30 * time.Minute
	}
	if cfg.DrainTimeout == 0 {
		cfg.DrainTimeout = 5 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return cfg
}

// Readiness tells whether the daemon can do its work; the error says in one line why not.
type Readiness interface {
	Ready(ctx context.Context) error
}

// Parts are what the server shows. Each may be nil.
type Parts struct {
	Ready    Readiness    // nil: always ready
	Dialplan http.Handler // answers mod_xml_curl at DialplanPath; brings its own password
	Page     fs.FS        // the built web application
	Services *Services    // the API below /api/v1; nil: there is none
}

// DialplanPath is where mod_xml_curl asks.
const DialplanPath = "/switch/xml"

// Server is a listening server. Run serves it.
type Server struct {
	cfg      Config
	listener net.Listener
	http     *http.Server
	closing  context.CancelFunc // ends streams
}

// New listens at once, so that a port in use is known before anything else starts: a *models.Error of key http.addr.
func New(ctx context.Context, cfg Config, parts Parts) (*Server, error) {
	cfg = cfg.withDefaults()
	base, closing := context.WithCancel(context.WithoutCancel(ctx))
	h, err := handler(base, cfg, parts)
	if err != nil {
		closing()
		return nil, err
	}
	return listen(ctx, cfg, "http.addr", h, closing)
}

// NewMetrics listens for those who collect measurements, apart from the web application. Of cfg it takes Addr, DrainTimeout
// and Logger; a port in use is a *models.Error of key metrics.addr.
func NewMetrics(ctx context.Context, cfg Config, measurements http.Handler) (*Server, error) {
	cfg = cfg.withDefaults()
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", measurements)
	return listen(ctx, cfg, "metrics.addr", mux, func() {})
}

func listen(ctx context.Context, cfg Config, key string, h http.Handler, closing context.CancelFunc) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		closing()
		return nil, listenError(key, cfg.Addr, err)
	}
	return &Server{cfg: cfg, listener: listener, closing: closing, http: &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug),
	}}, nil
}

func listenError(key, addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return models.NewError(models.Conflict, key, "in_use",
			fmt.Sprintf("%s is in use by another program: stop it or set another address", addr),
			fmt.Sprintf("%s 已被其他程序占用：请停止该程序或改用其他地址", addr))
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EADDRNOTAVAIL):
		return models.NewError(models.Invalid, key, "not_possible",
			fmt.Sprintf("cannot listen on %s (%v): use an address of this machine and a port above 1023", addr, err),
			fmt.Sprintf("无法监听 %s（%v）：请使用本机地址和 1023 以上的端口", addr, err))
	default:
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
}

// Addr is the address that is really listened on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends, then lets requests end for at most DrainTimeout. It returns nil after a shutdown.
func (s *Server) Run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.http.Serve(s.listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve http on %s: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.DrainTimeout)
	defer cancel()
	s.closing()
	if err := s.http.Shutdown(drain); err != nil {
		s.cfg.Logger.Warn("requests cut off at shutdown", "err", errors.Join(err, s.http.Close()))
	}
	<-done
	return nil
}

// ownRoutes are those outside the API.
func ownRoutes(parts Parts) []route {
	h := health{parts.Ready}
	files := compressed(site(parts.Page))
	table := []route{
		{method: http.MethodGet, path: "/healthz", handle: h.alive},
		{method: http.MethodGet, path: "/readyz", handle: h.ready},
		{method: http.MethodGet, path: "/*", handle: files},
		{method: http.MethodHead, path: "/*", handle: files},
	}
	if parts.Dialplan != nil {
		table = append(table, route{method: http.MethodPost, path: DialplanPath, handle: echo.WrapHandler(parts.Dialplan)})
	}
	return table
}

func handler(base context.Context, cfg Config, parts Parts) (http.Handler, error) {
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect() // no header decides who somebody is
	e.HTTPErrorHandler = answerError(cfg.Logger)
	if cfg.Measure != nil {
		e.Use(measured(cfg))
	}
	e.Use(headers, middleware.RequestID(), recovered)
	for _, r := range ownRoutes(parts) {
		e.Add(r.method, r.path, r.handle, middleware.BodyLimit(cfg.MaxBody))
	}
	if parts.Services == nil {
		return e, nil
	}
	return e, mount(base, e, cfg, parts.Services)
}

// headers tell browsers what they must not do, on every answer.
func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// measured tells how long requests take. Errors are answered here, so that their status is known.
func measured(cfg Config) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			begin := cfg.Now()
			if err := next(c); err != nil {
				c.Error(err)
			}
			cfg.Measure(c.Request().Method, c.Path(), c.Response().Status, cfg.Now().Sub(begin))
			return nil
		}
	}
}

// recovered turns a panic of a handler into an internal error; the process and the other requests live on.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler { //nolint:errorlint // the documented sentinel of net/http, never wrapped
					panic(r)
				}
				err = fmt.Errorf("panic in %s %s: %v", c.Request().Method, c.Path(), r)
			}
		}()
		return next(c)
	}
}
