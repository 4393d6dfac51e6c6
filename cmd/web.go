package cmd

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"waihu/api"
	"waihu/frontend"
	"waihu/models"
	"waihu/models/store"
)

// web is what the API gets of the daemon: the store as it is, and what the plant adds to it.
type web struct {
	*store.Store
	plant *plant
	app   *app
}

// services wires the API to a plant. Whoever makes it also runs the floor of that plant.
func (a *app) services(ctx context.Context, p *plant) (*api.Services, error) {
	org, err := organization(ctx, p.store, 0)
	if err != nil {
		return nil, err
	}
	if err := p.tellDirectory(ctx); err != nil {
		return nil, err
	}
	w := web{p.store, p, a}
	work, err := w.work()
	if err != nil {
		return nil, err
	}
	return &api.Services{
		Users: w, Sessions: w, Tokens: w, Filters: w, VoiceFiles: w, CallerNumbers: w, Blacklist: w, Approvals: w, Trunks: w,
		Dialplan: w, System: w, Organization: org, Work: work,
		Staff:      api.Staff{Extensions: w, Agents: w, Queues: w, Members: w, Audit: w, Directory: w},
		Desk:       deskOf(web{p.store, p, a}),
		VoiceMenus: api.VoiceMenus{Flows: w, Routes: w},
	}, nil
}

// server listens with everything that there is to see: pages, API, mod_xml_curl.
func (a *app) server(ctx context.Context, addr string, p *plant) (*api.Server, error) {
	svc, err := a.services(ctx, p)
	if err != nil {
		return nil, err
	}
	limit := fmt.Sprintf("%dB", max(p.l.Import.MaxBytes, p.l.Voice.MaxBytes)+1<<20)
	return api.New(ctx, api.Config{Addr: addr, Logger: p.log, Now: time.Now, Secure: p.l.Production, MaxUpload: limit, Measure: p.measure},
		api.Parts{Ready: p, Dialplan: p.dialplanHandler(), Page: frontend.Files(), Services: svc})
}

// firstAdmin makes the account admin while there is none at all, and shows its random password once (R-AUTH-1).
func (a *app) firstAdmin(ctx context.Context, s *store.Store) error {
	all, err := s.AllUsers(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	u := models.User{Login: "admin", Role: models.RoleAdmin}
	password := rand.Text()
	if u.PasswordHash, err = argon2id.CreateHash(password, argon2id.DefaultParams); err != nil {
		return fmt.Errorf("hash the password of %s: %w", u.Login, err)
	}
	if err := s.CreateUser(ctx, &u); err != nil {
		return err
	}
	a.note("first start: log in as %s with the password %s (shown this once only; `waihu user passwd admin` makes another)",
		"首次启动：请以 %s 登录，密码 %s（仅显示这一次；可用 `waihu user passwd admin` 重设）", u.Login, password)
	return nil
}

// Decide approves or rejects; campaigns that waited only for this become ready.
func (w web) Decide(ctx context.Context, d models.Decision) error {
	d.FourEyes = w.FourEyes()
	if err := w.Store.Decide(ctx, d); err != nil {
		return err
	}
	_, err := w.ReadyApproved(ctx, w.plant.clock.Now())
	return err
}

// FourEyes reports whether nobody may approve what he uploaded himself.
func (w web) FourEyes() bool { return w.plant.l.Approvals.FourEyes }
