package cmd

import (
	"context"
	"crypto/md5" // HTTP digest, which SIP uses, is made of it
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"waihu/api"
	"waihu/controller/clock"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store"
	"waihu/simulator"
)

// Registrations are asked of the switch at most once in phonesFresh, however many pages look; a switch that takes longer
// than phonesPatience is not waited for.
const (
	phonesFresh    = 3 * time.Second
	phonesPatience = 2 * time.Second
)

// registrations says which phones are registered at a sofia profile, by extension number.
type registrations func(ctx context.Context) (map[string]models.PhoneState, error)

// phoneBook keeps for a moment what the switch said about the registrations of phones.
type phoneBook struct {
	ask   registrations // nil: nobody to ask
	clock clock.Clock

	mu     sync.Mutex
	asked  time.Time
	states map[string]models.PhoneState
}

// now gives the registrations by extension number. It never fails: without the switch none is known. Since is when this
// process first saw the registration.
func (b *phoneBook) now(ctx context.Context) map[string]models.PhoneState {
	if b.ask == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.clock.Now()
	if !b.asked.IsZero() && t.Sub(b.asked) < phonesFresh {
		return maps.Clone(b.states)
	}
	ctx, cancel := context.WithTimeout(ctx, phonesPatience)
	defer cancel()
	fresh, err := b.ask(ctx)
	if err != nil {
		return nil // shown as not registered; the next one who looks asks again
	}
	for number, s := range fresh {
		s.Since = t.UTC()
		if old, known := b.states[number]; known && old.Contact == s.Contact {
			s.Since = old.Since
		}
		fresh[number] = s
	}
	b.asked, b.states = t, fresh
	return maps.Clone(b.states)
}

// phoneBooks makes what the plant needs of agents' phones: the folder of their accounts, and whom to ask for registrations.
func (p *plant) phoneBooks() error {
	p.phones = &phoneBook{clock: p.clock, ask: p.registered}
	if p.files == nil {
		return nil
	}
	var err error
	if p.accounts, err = dialplan.NewDirectory(p.l.Switch.DirectoryDir, p.l.Phones.Domain, p.client); err != nil {
		return fmt.Errorf("folder of phones' accounts %s (switch.directory_dir, from %s): %w", p.l.Switch.DirectoryDir, p.l.Source("switch.directory_dir"), err)
	}
	return nil
}

// registered asks the switch. Of several registrations of one extension the quickest counts.
func (p *plant) registered(ctx context.Context) (map[string]models.PhoneState, error) {
	if !p.client.Connected() {
		return nil, errors.New("ask for registrations: not connected to the switch")
	}
	list, err := p.client.Registrations(ctx, p.l.Phones.Profile)
	if err != nil {
		p.log.Debug("registrations not read", "profile", p.l.Phones.Profile, "err", err)
		return nil, err
	}
	out := make(map[string]models.PhoneState, len(list))
	for _, r := range list {
		ping := float64(r.Ping.Microseconds()) / 1000
		if have, twice := out[r.User]; !r.Reachable || twice && have.PingMS <= ping {
			continue
		}
		out[r.User] = models.PhoneState{Registered: true, PingMS: ping, Contact: r.Contact, UserAgent: r.UserAgent}
	}
	return out, nil
}

// accountOf is an extension as the switch must know it. The realm of the digest is the domain.
func accountOf(e models.Extension, domain string) dialplan.DirectoryUser {
	sum := md5.Sum([]byte(e.Number + ":" + domain + ":" + e.Password))
	return dialplan.DirectoryUser{ID: e.Number, Domain: domain, A1Hash: hex.EncodeToString(sum[:])}
}

// accounts are those of all extensions.
func accounts(ctx context.Context, s *store.Store, domain string) ([]dialplan.DirectoryUser, error) {
	all, err := s.Extensions(ctx, 0)
	if err != nil {
		return nil, err
	}
	out := make([]dialplan.DirectoryUser, 0, len(all))
	for _, e := range all {
		out = append(out, accountOf(e, domain))
	}
	return out, nil
}

// tellDirectory gives the switch the accounts that are saved now where it asks for them over HTTP. Where they are files,
// people apply them.
func (p *plant) tellDirectory(ctx context.Context) error {
	if p.xml == nil && p.town == nil {
		return nil
	}
	users, err := accounts(ctx, p.store, p.l.Phones.Domain)
	if err != nil {
		return err
	}
	if p.town != nil {
		for _, u := range users {
			p.town.Register(simulator.Phone{Extension: u.ID, Domain: u.Domain})
		}
	}
	if p.xml == nil {
		return nil
	}
	if err := p.xml.SetDirectory(users); err != nil {
		return fmt.Errorf("give %d phones to the switch: %w", len(users), err)
	}
	return nil
}

// DirectoryState compares the accounts of the extensions with what the switch has: the yellow bar of the extensions (S2-03).
func (w web) DirectoryState(ctx context.Context, org int64) (api.DirectoryState, error) {
	if w.plant.accounts == nil {
		return api.DirectoryState{Publish: "xml_curl", Changes: []api.DirectoryChange{}}, nil
	}
	users, err := accounts(ctx, w.Store, w.plant.l.Phones.Domain)
	if err != nil {
		return api.DirectoryState{}, err
	}
	s, err := w.plant.accounts.State(users)
	if err != nil {
		return api.DirectoryState{}, fmt.Errorf("compare the accounts of the phones: %w", err)
	}
	out := api.DirectoryState{Publish: "files", Saved: s.Saved, Live: s.Live, Pending: s.Pending, Drift: s.Edited, Changes: []api.DirectoryChange{}}
	own, err := w.Extensions(ctx, org)
	if err != nil {
		return out, err
	}
	changes, err := w.plant.accounts.Diff(users)
	if models.IsKind(err, models.Conflict) {
		return out, nil // cannot be read any more: Drift says so
	}
	for _, c := range changes {
		if org != 0 && !slices.ContainsFunc(own, func(e models.Extension) bool { return e.Number == c.ID }) {
			continue
		}
		out.Changes = append(out.Changes, api.DirectoryChange{Extension: c.ID, Kind: c.Kind})
	}
	return out, err
}

// PublishDirectory lets the switch know the accounts as they are saved.
func (w web) PublishDirectory(ctx context.Context) (string, error) {
	if w.plant.accounts == nil {
		return "", w.plant.tellDirectory(ctx)
	}
	users, err := accounts(ctx, w.Store, w.plant.l.Phones.Domain)
	if err != nil {
		return "", err
	}
	return w.plant.accounts.Publish(ctx, users)
}
