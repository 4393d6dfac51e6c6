package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"waihu/models"
)

// sessionLife is how long a log-in lasts.
const sessionLife = 12 * time.Hour

// tokenFresh is how exactly the last use of a token is kept.
const tokenFresh = time.Minute

// hashing is how many passwords are checked at once: each takes 64 MiB.
const hashing = 2

// Identity is who asks. OrganizationID is the one that he works in, for an administrator too.
type Identity struct {
	UserID         int64
	Login          string
	Role           models.Role
	OrganizationID int64
}

// reaches reports whether something of an organization may be seen.
func (i Identity) reaches(org int64) bool {
	return i.Role == models.RoleAdmin || i.OrganizationID == org
}

const identityKey = "identity"

// who is the identity behind a request; its route's permission has been checked.
func who(c echo.Context) Identity {
	i, _ := c.Get(identityKey).(Identity)
	return i
}

// owned hides what belongs to another organization as if it were not there.
func owned[T any](c echo.Context, v T, org int64, err error) (T, error) {
	if err == nil && !who(c).reaches(org) {
		var none T
		return none, models.NewError(models.NotFound, "id", "not_found", "there is nothing with this id; check it", "编号不存在，请检查")
	}
	return v, err
}

// auth knows who asks: by the session cookie of a browser or the bearer token of a program.
type auth struct {
	svc      *Services
	sessions *scs.SessionManager
	cross    *http.CrossOriginProtection
	now      func() time.Time
	slots    chan struct{} // at most hashing passwords at once
	tries    *throttle
	nobody   func() (string, error) // hash that unknown log-ins are compared with, so that they take as long
}

func newAuth(cfg Config, s *Services) *auth {
	nobody := sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody's password", argon2id.DefaultParams) })
	// Not scs.New: it starts a goroutine for a store in memory, which cannot be ended without a race.
	m := &scs.SessionManager{
		Lifetime: sessionLife, HashTokenInStore: true, Store: sessionStore{s.Sessions, cfg.Now}, Codec: scs.GobCodec{},
		Cookie: scs.SessionCookie{Name: "waihu", HttpOnly: true, SameSite: http.SameSiteLaxMode, Path: "/", Persist: true},
	}
	if cfg.Secure {
		m.Cookie.Name, m.Cookie.Secure = "__Host-waihu", true
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		cfg.Logger.Error("session not kept", "method", r.Method, "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
	return &auth{svc: s, sessions: m, cross: http.NewCrossOriginProtection(), now: cfg.Now,
		slots: make(chan struct{}, hashing), tries: newThrottle(cfg.Now), nobody: nobody}
}

// require lets pass who has the permission. Requests that change something must come from our own pages.
func (a *auth) require(p permission) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			token, byToken := bearer(r)
			if !byToken && a.cross.Check(r) != nil {
				return refuse(http.StatusForbidden, "", "cross_origin", "requests of other sites are refused; use the address at which this page was opened", "拒绝来自其他站点的请求，请使用打开本页面的地址")
			}
			if p == open {
				return next(c)
			}
			u, err := a.user(r.Context(), token, byToken)
			if err != nil {
				return err
			}
			if !p.allows(u.Role) {
				return models.NewError(models.Forbidden, "", "no_permission", "your role may not do this; ask an administrator", "您的角色无权执行此操作，请联系管理员")
			}
			c.Set(identityKey, a.identity(u))
			return next(c)
		}
	}
}

func (a *auth) identity(u models.User) Identity {
	i := Identity{UserID: u.ID, Login: u.Login, Role: u.Role, OrganizationID: u.OrganizationID}
	if i.OrganizationID == 0 {
		i.OrganizationID = a.svc.Organization
	}
	return i
}

func bearer(r *http.Request) (string, bool) {
	return strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func notLoggedIn() error {
	return refuse(http.StatusUnauthorized, "", "not_logged_in", "log in first", "请先登录")
}

// user finds out who asks. A password that was changed, or a disabled account, ends its sessions at once.
func (a *auth) user(ctx context.Context, token string, byToken bool) (models.User, error) {
	if byToken {
		return a.userOfToken(ctx, token)
	}
	id := a.sessions.GetInt64(ctx, "user")
	if id == 0 {
		return models.User{}, notLoggedIn()
	}
	u, err := a.svc.Users.User(ctx, id)
	switch {
	case models.IsKind(err, models.NotFound):
		return u, notLoggedIn()
	case err != nil:
		return u, err
	case u.Disabled || a.sessions.GetString(ctx, "seal") != seal(u):
		return u, notLoggedIn()
	default:
		return u, nil
	}
}

func (a *auth) userOfToken(ctx context.Context, token string) (models.User, error) {
	t, err := a.svc.Tokens.TokenByHash(ctx, hashed(token))
	if models.IsKind(err, models.NotFound) {
		return models.User{}, notLoggedIn()
	}
	if err != nil {
		return models.User{}, err
	}
	u, err := a.svc.Users.User(ctx, t.UserID)
	if models.IsKind(err, models.NotFound) || err == nil && u.Disabled {
		return u, notLoggedIn()
	}
	if now := a.now(); err == nil && (t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= tokenFresh) {
		err = a.svc.Tokens.TokenUsed(ctx, t.ID, now)
	}
	return u, err
}

// hashed is how tokens are kept: they have 128 bits and more, so a plain hash is enough.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// seal binds a session to the password with which it began.
func seal(u models.User) string { return hashed(u.PasswordHash)[:16] }

// check tells whether login and password belong together. It takes as long and says the same for an unknown login.
func (a *auth) check(ctx context.Context, login, password, address string) (models.User, error) {
	account, from := "account "+strings.ToLower(login), "address "+address
	if wait := a.tries.begin(account, from); wait > 0 {
		seconds := strconv.Itoa(int(wait/time.Second) + 1)
		return models.User{}, &fault{http.StatusTooManyRequests, tooMany(seconds)}
	}
	u, err := a.svc.Users.UserByLogin(ctx, login)
	known := err == nil && !u.Disabled
	if err != nil && !models.IsKind(err, models.NotFound) {
		return u, err
	}
	hash := u.PasswordHash
	if !known {
		if hash, err = a.nobody(); err != nil {
			return u, fmt.Errorf("hash a password: %w", err)
		}
	}
	same, err := a.compare(ctx, password, hash)
	if err != nil {
		return u, fmt.Errorf("check the password of account %d: %w", u.ID, err)
	}
	if !known || !same {
		return models.User{}, refuse(http.StatusUnauthorized, "password", "wrong_login", "login or password is wrong; check both", "账户或密码错误，请检查")
	}
	a.tries.passed(account, from)
	return u, nil
}

func tooMany(seconds string) *models.Error {
	e := models.NewError(models.Forbidden, "login", "too_many_attempts",
		"too many failed log-ins; try again in "+seconds+" s", "登录失败次数过多，请在 "+seconds+" 秒后重试")
	e.Fields[0].Params = map[string]any{"seconds": seconds}
	return e
}

func (a *auth) compare(ctx context.Context, password, hash string) (bool, error) {
	if err := a.slot(ctx); err != nil {
		return false, err
	}
	defer func() { <-a.slots }()
	same, err := argon2id.ComparePasswordAndHash(password, hash)
	if errors.Is(err, argon2id.ErrInvalidHash) { // an account that was never given a password
		return false, nil
	}
	return same, err
}

func (a *auth) hash(ctx context.Context, password string) (string, error) {
	if err := a.slot(ctx); err != nil {
		return "", err
	}
	defer func() { <-a.slots }()
	return argon2id.CreateHash(password, argon2id.DefaultParams)
}

func (a *auth) slot(ctx context.Context) error {
	select {
	case a.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn to check a password: %w", ctx.Err())
	}
}

// sessionStore lets scs keep its sessions with ours.
type sessionStore struct {
	svc Sessions
	now func() time.Time
}

func (s sessionStore) FindCtx(ctx context.Context, key string) ([]byte, bool, error) {
	return s.svc.Session(ctx, key, s.now())
}

func (s sessionStore) CommitCtx(ctx context.Context, key string, data []byte, expires time.Time) error {
	return s.svc.SaveSession(ctx, key, data, expires)
}

func (s sessionStore) DeleteCtx(ctx context.Context, key string) error {
	return s.svc.DeleteSession(ctx, key)
}

func (s sessionStore) Find(key string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), key)
}
func (s sessionStore) Commit(key string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), key, data, expires)
}
func (s sessionStore) Delete(key string) error { return s.DeleteCtx(context.Background(), key) }

var _ scs.CtxStore = sessionStore{}
