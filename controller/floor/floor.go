// Package floor owns all live state of the call centre: running campaigns, calls in progress, trunks and what is known of
// the switch and the database. Inputs come in as method calls, effects go out as data, in a written order.
//
// It is pure and belongs to one goroutine: no I/O, clock, goroutine, lock, logger or context. It must not know how effects
// are carried out. A number is dialled only after its attempt was saved (effect Dial), and every attempt ends in exactly
// one place (finish) with exactly one outcome.
package floor

import (
	"math/rand/v2"
	"slices"
	"time"

	"waihu/controller/call"
	"waihu/controller/campaign"
	"waihu/controller/number"
	"waihu/controller/pacing"
	"waihu/models"
)

// Config are the floor's limits. Durations are in the clock's own time.
type Config struct {
	MaxCalls  int           // calls in progress on the switch over all campaigns, 0 = no limit
	CPS       float64       // calls per second over all trunks, 0 = no limit
	Ahead     time.Duration // how many seconds' worth of attempts are reserved before they are dialled
	Grace     time.Duration // how long a call that has ended waits for the details of its end
	LostAfter time.Duration // a call that the switch does not list for so long, and left no record, is lost
	StaleAge  time.Duration // a reserved attempt that was not dialled for so long is given back
	Region    string        // home country, "" = number.HomeRegion
	Connect   time.Duration // direct_agent: how long an answered call may wait for an agent, unless its queue says otherwise
	// NewID makes the id of a leg: a UUID, new each time; needed once there are agents. Pick gives a number from 0 to n-1.
	NewID  func() string
	Pick   func(n int) int
	Policy number.Policy // checked once more before each dial
	Zones  campaign.Zones
}

// Defaults are the limits for one switch of usual size (spec performance.md).
func Defaults() Config {
	return Config{
		MaxCalls: 900, CPS: 28, Ahead: time.Second, Grace: 2 * time.Second, LostAfter: 30 * time.Second,
		StaleAge: 30 * time.Second, Zones: time.LoadLocation, Connect: 2 * time.Second, Pick: rand.IntN,
	}
}

// Floor is the live state. Make it with New.
type Floor struct {
	cfg       Config
	campaigns map[int64]*running
	order     []int64 // campaigns take turns
	trunks    map[int64]*trunk
	calls     map[string]*live
	closing   []string // calls that are over and wait for their details
	node      *pacing.Rate
	busy      int // lines in use on the switch

	leader, draining   bool
	published          bool // the dialplan of the campaigns on the floor is live on the switch
	database, switchUp bool
	synced             bool // the open attempts were compared with the switch since it came up
	core               string
	full               backoff // after the switch itself refused a call

	desk
	out []Effect
}

// running is a campaign on the floor.
type running struct {
	c         models.Campaign
	callers   []string // numbers to show, taken in turn
	calendar  campaign.Calendar
	hopper    []held
	reserving bool      // a Reserve is under way
	outdated  bool      // the database changed since it was asked: its answer "nothing" does not count
	askAgain  time.Time // not to ask for leads before; zero = now
	exhausted bool      // the last answer was: nothing is due, now or later
	probe     bool      // nobody looks at numbers now, and whether any are left is asked all the same
	inFlight  int       // lines in use
	unsaved   int       // finishes and releases that are not saved yet
	turn      int       // for trunks and callers
	why       models.Gate
	until     time.Time // when why may end, if known
	deferred  models.Gate
	counts    Counts
	pace      *paced // of a campaign straight to agents, else nil
}

// held is a reserved attempt that waits for its turn.
type held struct {
	models.Reserved
	at time.Time
}

// turn spreads leads over a campaign's trunks; each free retry goes to the next trunk.
func (h held) turn() int { return int(h.Lead.ID) + h.Lead.FreeRetries }

// live is a call in progress.
type live struct {
	models.Reserved
	call     call.Call
	sentAt   time.Time
	traits   pacing.Traits // what was known of the number when it was dialled
	odds     pacing.Odds   // and what that was worth
	counted  bool          // it holds a line
	missing  time.Time     // since when the switch does not list it
	noRecord bool          // the switch's call records do not know it either
	restart  bool          // the switch that dialled it is gone
	killed   bool          // it is to be hung up
	asked    time.Time     // when its call record was asked for the details of its end
	svc      service       // its standing with agents
}

// Counts are what a campaign did since it came onto the floor.
type Counts struct {
	Dialled  int64
	Ended    int64
	Answered int64
	Refused  int64 // turned away by the last check before dialling

	// Of leads as the database has them.
	Done    map[models.Outcome]int64 // called for the last time, by the last outcome
	Skipped int64
}

// settled counts a lead whose standing was saved.
func (c *Counts) settled(v *models.LeadAfter) {
	switch {
	case v == nil:
	case v.State == models.LeadSkipped:
		c.Skipped++
	case v.State == models.LeadDone:
		if c.Done == nil {
			c.Done = map[models.Outcome]int64{}
		}
		c.Done[v.LastOutcome]++
	}
}

// New makes an empty floor: no lease, no database, no switch, so nothing is dialled yet.
func New(cfg Config) *Floor {
	if cfg.Zones == nil {
		cfg.Zones = time.LoadLocation
	}
	if cfg.Pick == nil {
		cfg.Pick = rand.IntN
	}
	return &Floor{
		cfg: cfg, campaigns: map[int64]*running{}, trunks: map[int64]*trunk{}, calls: map[string]*live{},
		node: pacing.NewRate(cfg.CPS), desk: newDesk(),
	}
}

// connect is the connect limit of a queue.
func (c Config) connect(ln *line) time.Duration {
	if ln != nil && ln.q.ConnectMS > 0 {
		return time.Duration(ln.q.ConnectMS) * time.Millisecond
	}
	return c.Connect
}

// take hands out the effects so far, in their order.
func (f *Floor) take() []Effect {
	out := f.out
	f.out = nil
	return out
}

// release gives attempts of a campaign back to the database.
func (f *Floor) release(campaignID int64, attemptIDs ...string) {
	if len(attemptIDs) > 0 {
		f.giveUp(Release{CampaignID: campaignID, AttemptIDs: attemptIDs})
	}
}

func (f *Floor) giveUp(e Release) {
	if r := f.campaigns[e.CampaignID]; r != nil {
		r.unsaved++
	}
	f.emit(e)
}

func (f *Floor) emit(e Effect) { f.out = append(f.out, e) }

// Lead tells the floor whether this process holds the lease. Without it nothing is dialled.
func (f *Floor) Lead(ok bool) []Effect { f.leader = ok; return f.take() }

// Database tells the floor whether the database answers. Without it nothing new is dialled; live calls go on (I7).
func (f *Floor) Database(ok bool) []Effect { f.database = ok; return f.take() }

// Published tells the floor whether the dialplan of its campaigns is live. Without it an answered call would find nothing to
// hear, so nothing is dialled.
func (f *Floor) Published(ok bool) []Effect { f.published = ok; return f.take() }

// Drain stops dialling for good: the process is going to end.
func (f *Floor) Drain(time.Time) []Effect {
	f.draining = true
	for _, r := range f.campaigns {
		f.giveBack(r)
	}
	return f.take()
}

// Tick lets time pass: it closes what has ended, asks for leads, dials, and finishes campaigns.
func (f *Floor) Tick(now time.Time) []Effect {
	f.closeDue(now)
	f.deskTick(now)
	f.dial(now)
	for _, id := range slices.Clone(f.order) {
		f.reserve(f.campaigns[id], now)
		f.conclude(f.campaigns[id])
	}
	return f.take()
}
