package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"waihu/models"
)

// permission says who may use a route.
type permission string

// Who may use a route. In the specification it stands as x-permission.
const (
	open     permission = "open"     // anybody, without log-in
	loggedIn permission = "loggedIn" // every role
	member   permission = "member"   // administrators and enterprise users
	admin    permission = "admin"    // platform administrators

	supervisor permission = "supervisor" // who watches and steers calls: members and team leaders, these for their queues
	desk       permission = "desk"       // who has a desk: agents and team leaders
)

// allows reports whether a role may use a route of this permission.
func (p permission) allows(r models.Role) bool {
	switch p {
	case open, loggedIn:
		return true
	case member:
		return r == models.RoleAdmin || r == models.RoleEnterprise
	case admin:
		return r == models.RoleAdmin
	case supervisor:
		return member.allows(r) || r == models.RoleTeamLeader
	case desk:
		return r == models.RoleAgent || r == models.RoleTeamLeader
	default:
		return false
	}
}

// shape says what a route's request or answer is like where it matters for limits.
type shape int

const (
	plain  shape = iota // JSON, small
	upload              // a large body that may take its time
	stream              // a long answer: events, exports; ends with the server
)

// route is one line of the route table. Paths of who != "" are below /api/v1 and need that permission.
type route struct {
	method, path string
	who          permission
	handle       echo.HandlerFunc
	shape        shape
}

const prefix = "/api/v1"

// resources are the handlers by resource, made once.
func resources(s *Services, a *auth) []route {
	return slices.Concat(coreRoutes(s, a), workRoutes(s), staffRoutes(s, a), deskRoutes(s), voiceMenuRoutes(s))
}

// coreRoutes: who you are, what is approved, and the switch. workRoutes has the rest.
func coreRoutes(s *Services, a *auth) []route {
	session, users, tokens, filters := sessions{a}, users{s.Users, a}, tokens{s.Tokens, a}, filters{s.Filters}
	voice, callers, black := voiceFiles{s.VoiceFiles}, callerNumbers{s.CallerNumbers}, blacklist{s.Blacklist}
	approve, trunk, plan, sys := approvals{s.Approvals}, trunks{s.Trunks}, dialplans{s.Dialplan}, system{s.System}
	return []route{
		{http.MethodPost, "/session", open, session.create, plain},
		{http.MethodGet, "/session", loggedIn, session.show, plain},
		{http.MethodDelete, "/session", loggedIn, session.remove, plain},
		{http.MethodGet, "/tokens", member, tokens.list, plain},
		{http.MethodPost, "/tokens", member, tokens.create, plain},
		{http.MethodDelete, "/tokens/:id", member, tokens.remove, plain},
		{http.MethodGet, "/users", admin, users.list, plain},
		{http.MethodPost, "/users", admin, users.create, plain},
		{http.MethodPatch, "/users/:id", admin, users.change, plain},
		{http.MethodGet, "/filters", member, filters.list, plain},
		{http.MethodPost, "/filters", member, filters.create, plain},
		{http.MethodDelete, "/filters/:id", member, filters.remove, plain},

		{http.MethodGet, "/voice-files", member, voice.list, plain},
		{http.MethodPost, "/voice-files", member, voice.create, upload},
		{http.MethodGet, "/voice-files/:id", member, voice.show, plain},
		{http.MethodPatch, "/voice-files/:id", member, voice.rename, plain},
		{http.MethodDelete, "/voice-files/:id", member, voice.remove, plain},
		{http.MethodPut, "/voice-files/:id/content", member, voice.replace, upload},
		{http.MethodGet, "/voice-files/:id/audio", member, voice.audio, stream},
		{http.MethodGet, "/voice-files/:id/peaks", member, voice.peaks, plain},
		{http.MethodGet, "/caller-numbers", member, callers.list, plain},
		{http.MethodPost, "/caller-numbers", member, callers.create, plain},
		{http.MethodDelete, "/caller-numbers/:id", member, callers.remove, plain},
		{http.MethodGet, "/blacklist", member, black.list, plain},
		{http.MethodPost, "/blacklist", member, black.create, plain},
		{http.MethodDelete, "/blacklist/:id", member, black.remove, plain},
		{http.MethodPost, "/blacklist/import", member, black.take, upload},

		{http.MethodGet, "/approvals", admin, approve.list, plain},
		{http.MethodPost, "/approvals/:kind/:id", admin, approve.decide, plain},
		{http.MethodGet, "/trunks", member, trunk.list, plain},
		{http.MethodPost, "/trunks", admin, trunk.create, plain},
		{http.MethodPut, "/trunks/:id", admin, trunk.replace, plain},
		{http.MethodDelete, "/trunks/:id", admin, trunk.remove, plain},
		{http.MethodPost, "/trunks/:id/resume", admin, trunk.resume, plain},
		{http.MethodGet, "/dialplan", admin, plan.show, plain},
		{http.MethodGet, "/dialplan/revisions", admin, plan.revisions, plain},
		{http.MethodGet, "/dialplan/revisions/:stamp/diff", admin, plan.diff, plain},
		{http.MethodGet, "/dialplan/drift", admin, plan.drift, plain},
		{http.MethodPost, "/dialplan/publish", admin, plan.publish, plain},
		{http.MethodPost, "/dialplan/rollback", admin, plan.rollback, plain},
		{http.MethodGet, "/system", admin, sys.checks, plain},
		{http.MethodGet, "/why", member, sys.why, plain},
	}
}

// mount puts the table below /api/v1 on the server, each route behind the checks that it needs.
func mount(base context.Context, e *echo.Echo, cfg Config, s *Services) error {
	a := newAuth(cfg, s)
	session := echo.WrapMiddleware(a.sessions.LoadAndSave)
	limits := map[shape]echo.MiddlewareFunc{
		plain:  middleware.BodyLimit(cfg.MaxBody),
		upload: middleware.BodyLimit(cfg.MaxUpload),
		stream: middleware.BodyLimit(cfg.MaxBody),
	}
	for _, r := range resources(s, a) {
		e.Add(r.method, prefix+r.path, r.handle, patience(base, cfg, r.shape), limits[r.shape], session, a.require(r.who))
	}
	return mountDocs(e)
}

// patience lets uploads and long answers take longer than the server's usual limits; long answers end with the server.
func patience(base context.Context, cfg Config, s shape) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if s == plain {
				return next(c)
			}
			// A writer that knows no deadlines, as in tests, has no limit to lift.
			control := http.NewResponseController(c.Response().Writer)
			if s == upload {
				late := cfg.Now().Add(cfg.UploadTimeout)
				_, _ = control.SetReadDeadline(late), control.SetWriteDeadline(late)
				return next(c)
			}
			_ = control.SetWriteDeadline(time.Time{})
			ctx, cancel := context.WithCancel(c.Request().Context())
			defer cancel()
			defer context.AfterFunc(base, cancel)()
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}
