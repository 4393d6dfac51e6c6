// Package controller is the daemon between the database and the switch: it runs the floor in one goroutine, carries out its
// effects, and brings it the answers and the switch's events.
//
// It owns the goroutines, the clock's ticks, the lease and the order of writes. It must not decide anything about calls:
// that is the floor's. It knows the database and the switch only by the narrow interfaces below.
package controller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
	"waihu/models"
)

// Ledger is what the floor's effects need of the database.
type Ledger interface {
	Reserve(ctx context.Context, q models.ReserveRequest) (models.ReserveResult, error)
	MarkSent(ctx context.Context, epoch int64, now time.Time, c models.Campaign, sends []models.Send) (sent []string, refused []models.Refusal, err error)
	MarkAnswered(ctx context.Context, epoch int64, at map[string]time.Time) error
	Release(ctx context.Context, epoch int64, attemptIDs []string, now time.Time) error
	Unsend(ctx context.Context, epoch int64, attemptIDs []string, now time.Time) error
	Skip(ctx context.Context, epoch int64, ref models.Refusal, now time.Time) error
	Finish(ctx context.Context, epoch int64, now time.Time, fs []models.Finish) error
}

// Recovery is what taking over the floor needs of the database.
type Recovery interface {
	AcquireLease(ctx context.Context, owner string, ttl time.Duration) (models.Lease, bool, error)
	ReleaseLease(ctx context.Context, l models.Lease) error
	Adopt(ctx context.Context, epoch int64) ([]models.Reserved, error)
	ActiveCampaigns(ctx context.Context) ([]models.Campaign, error)
	Trunks(ctx context.Context, org int64) ([]models.Trunk, error)
	PauseTrunk(ctx context.Context, id int64, paused bool, reason string, until *time.Time) error
}

// Campaigns is what commands about campaigns need of the database.
type Campaigns interface {
	Campaign(ctx context.Context, id int64) (models.Campaign, error)
	SetCampaignState(ctx context.Context, id int64, from []models.CampaignState, to models.CampaignState, reason string, now time.Time) error
	PrepareLeads(ctx context.Context, campaignID int64, now time.Time) (int64, error)
	SaveTest(ctx context.Context, epoch int64, a models.Attempt) error
}

// Definitions is what a campaign refers to.
type Definitions interface {
	CallerNumber(ctx context.Context, id int64) (models.CallerNumber, error)
	VoiceFile(ctx context.Context, id int64) (models.VoiceFile, error)
	ContactList(ctx context.Context, id int64) (models.ContactList, error)
	Planned
}

// Planned is what the dialplan needs of the database beside the campaigns.
type Planned interface {
	VoiceFile(ctx context.Context, id int64) (models.VoiceFile, error)
	Trunks(ctx context.Context, org int64) ([]models.Trunk, error)
	CallerNumbers(ctx context.Context, org int64) ([]models.CallerNumber, error)
	Queues(ctx context.Context, org int64) ([]models.Queue, error)
	Flows(ctx context.Context, org int64) ([]models.IVRFlow, error)
	InboundRoutes(ctx context.Context, org int64) ([]models.InboundRoute, error)
}

// Store is the database as a whole.
type Store interface {
	Ledger
	Recovery
	Campaigns
	Definitions
	Desk
	DeskLedger
	Pace
}

// Switch is what the daemon needs of the event socket.
type Switch interface {
	Run(ctx context.Context, h esl.Handler) error
	Originate(ctx context.Context, o esl.Originate) error
	Kill(ctx context.Context, uuid, cause string) error
	Channels(ctx context.Context) ([]esl.Channel, error)
	Phones
	SetLive(live bool)
	Connected() bool
}

// Dialplan brings a plan live.
type Dialplan interface {
	Publish(ctx context.Context, plan dialplan.Plan) (dialplan.Revision, error)
	// Overwrite does it over a text that was edited by hand, which seen names.
	Overwrite(ctx context.Context, plan dialplan.Plan, seen string) (dialplan.Revision, error)
}

// Records finds the switch's own record of a call that is over. It reports false when there is none (yet).
type Records func(attemptID string) (rec Record, ok bool, err error)

// Config is what a controller is made of. Durations are real time unless they say otherwise.
type Config struct {
	Owner          string // of the lease: host and process
	Floor          floor.Config
	Clock          clock.Clock
	LeaseFor       time.Duration // default 15 s; renewed at a third of it
	ReconcileEvery time.Duration // default 15 s
	DrainFor       time.Duration // how long calls may go on after the stop, default 30 s
	Records        Records       // nil = none
	Plan           PlanSettings
	Phones         PhoneSettings
	// Idle is called when nothing happens before the given time of Clock; a clock that can skip may do so. May be nil.
	Idle   func(until time.Time)
	Logger *slog.Logger
}

// Controller is the daemon. Make it with New, start it with Run.
type Controller struct {
	cfg   Config
	store Store
	sw    Switch
	plan  Dialplan
	log   *slog.Logger

	publishing sync.Mutex // from reading what the dialplan is made of until it is live and its campaigns count as active

	mu      sync.Mutex
	session *session
	ready   chan struct{} // closed when a session has begun
}

// New makes a controller; nothing happens before Run.
func New(cfg Config, store Store, sw Switch, plan Dialplan) *Controller {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&cfg.LeaseFor, 15*time.Second)
	def(&cfg.ReconcileEvery, 15*time.Second)
	def(&cfg.DrainFor, 30*time.Second)
	if cfg.Clock == nil {
		cfg.Clock = clock.Real()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Floor.NewID == nil {
		cfg.Floor.NewID = uuid.NewString
	}
	return &Controller{cfg: cfg, store: store, sw: sw, plan: plan, log: cfg.Logger, ready: make(chan struct{})}
}

// Run holds the floor while it has the lease and waits as standby while another process has it. It returns nil after ctx has
// ended and calls in progress were let to their end, or were left to the dialplan after Config.DrainFor.
func (c *Controller) Run(ctx context.Context) error {
	for {
		lease, asked, err := c.await(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		err = c.hold(ctx, lease, asked)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, models.ErrLeaseLost):
			c.log.Warn("floor lease lost, standing by", "owner", c.cfg.Owner, "epoch", lease.Epoch)
		case err != nil:
			c.log.Error("floor stopped, beginning again", "err", err)
		}
		if !clock.Sleep(ctx.Done(), clock.Real(), time.Second) {
			return nil
		}
	}
}

// await asks for the lease until it is ours, and says when it asked: our own clock's part of how long it lasts.
func (c *Controller) await(ctx context.Context) (models.Lease, time.Time, error) {
	told := false
	for {
		asked := clock.Real().Now()
		lease, ok, err := c.store.AcquireLease(ctx, c.cfg.Owner, c.cfg.LeaseFor)
		switch {
		case ctx.Err() != nil:
			return models.Lease{}, asked, ctx.Err()
		case err != nil:
			c.log.Error("database does not answer, no floor", "err", err)
		case ok:
			c.log.Info("floor lease taken", "owner", c.cfg.Owner, "epoch", lease.Epoch)
			return lease, asked, nil
		case !told:
			told = true
			c.log.Info("another process has the floor, standing by", "owner", lease.Owner)
		}
		if !clock.Sleep(ctx.Done(), clock.Real(), min(c.cfg.LeaseFor/3, time.Second)) {
			return models.Lease{}, asked, ctx.Err()
		}
	}
}

// hold runs one session on the floor.
func (c *Controller) hold(ctx context.Context, lease models.Lease, asked time.Time) error {
	s, err := c.begin(ctx, lease, asked)
	if err != nil {
		return fmt.Errorf("take over the floor: %w", err)
	}
	c.mu.Lock()
	c.session = s
	close(c.ready)
	c.mu.Unlock()
	err = s.run(ctx)
	c.mu.Lock()
	c.session, c.ready = nil, make(chan struct{})
	c.mu.Unlock()
	if ctx.Err() != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := c.store.ReleaseLease(end, lease); err != nil {
			c.log.Warn("lease not released, a successor waits for its end", "err", err)
		}
	}
	return err
}

// on waits for the session that holds the floor.
func (c *Controller) on(ctx context.Context) (*session, error) {
	for {
		c.mu.Lock()
		s, ready := c.session, c.ready
		c.mu.Unlock()
		if s != nil {
			return s, nil
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the floor: %w", ctx.Err())
		}
	}
}
