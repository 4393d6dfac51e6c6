// Package stage plays a campaign in virtual time, with the floor and the pacing that the daemon runs: what a day would come to,
// before anybody is called.
//
// It owns the pretended world around the floor: a list in memory instead of the database, callees, agents and phones that are
// drawn from distributions instead of a switch. It must decide nothing about calls; that is the floor's. No I/O and no
// clock; the same seed gives the same day.
package stage

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"time"

	"waihu/controller/call"
	"waihu/controller/campaign"
	"waihu/controller/floor"
	"waihu/controller/rehearse/model"
	"waihu/models"
)

// World is what callees, agents and trunks do. Distributions are in seconds.
type World struct {
	Answer func(t time.Time) float64 // share of calls that a person answers
	Ring   model.Dist                // from dialling to an answer
	Listen model.Dist                // how long an answered call lasts without an agent
	ToKey  float64                   // share of answers that press the key to an agent, where the campaign has one
	Talk   model.Dist                // with an agent
	Wrap   model.Dist                // until the agent is ready again; the queue's wrap-up time ends it at the latest
	PickUp model.Dist                // until an agent takes a phone that rings
	Wait   model.Dist                // patience of a caller in a queue with music
	Fails  []Fail                    // how other calls end; what is left of 1 rings until the campaign gives up
}

// Fail is a way in which a call ends without an answer.
type Fail struct {
	Share float64 // of the calls that are not answered
	Cause string  // hang-up cause of the switch
	After model.Dist
}

// Plan is what is played.
type Plan struct {
	Campaign models.Campaign
	Queue    models.Queue // of a campaign with agents
	Agents   []models.Agent
	Trunks   []models.Trunk
	Limits   floor.Config
	Numbers  int // leads that are due
	Begin    time.Time
	Length   time.Duration // the day ends then, or when the list is done
}

// With is the plan dialled in another way, with the campaign's own abandonment limit or else its rule pack's. A variant without a mode, and
// a campaign whose answers do not go straight to agents, leave it as it is.
func (p Plan) With(v models.Variant) Plan {
	if v.Mode == "" || p.Campaign.Mode != models.ModeDirectAgent {
		return p
	}
	r := &p.Campaign.Rules
	r.Ratio = 0
	if v.Mode == string(models.PaceRatio) {
		r.Ratio = v.Ratio
	}
	limit := r.Pacing.AbandonLimit
	if limit == 0 {
		limit = campaign.Newest(r.Pack).Rho
	}
	r.Pacing = models.Pacing{Mode: models.PacingMode(v.Mode), Guarantee: models.GuaranteeKind(v.Guarantee), AbandonLimit: limit,
		ConnectSeconds: r.Pacing.ConnectSeconds, Window: r.Pacing.Window}
	return p
}

// Figures are what a day came to.
type Figures struct {
	Done      bool          `json:"done"` // the list was called to its end
	Took      time.Duration `json:"took"`
	Dialled   int           `json:"dialled"`
	Answered  int           `json:"answered"`
	Connected int           `json:"connected"` // talked with an agent
	Abandoned int           `json:"abandoned"` // live answers that met none in time
	Settled   int           `json:"settled"`   // numbers that are done
	Busy      time.Duration `json:"busy"`      // agents' time in talk, hold and wrap-up
	Signed    time.Duration `json:"signed"`    // agents' time signed in
	Talk      time.Duration `json:"talk"`
	Worst     float64       `json:"worst"` // highest abandonment rate at any instant after the first hundred live answers
}

// Utilisation is (talk + wrap-up) ÷ signed-in time; 0 without agents.
func (f Figures) Utilisation() float64 { return ratio(f.Busy.Seconds(), f.Signed.Seconds()) }

// Abandonment is abandoned ÷ live answers that met an agent or were abandoned.
func (f Figures) Abandonment() float64 {
	return ratio(float64(f.Abandoned), float64(f.Abandoned+f.Connected))
}

// PerHour is contacts per signed-in agent hour.
func (f Figures) PerHour() float64 { return ratio(float64(f.Connected), f.Signed.Hours()) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// The switch's own delays, as measured on a real one.
const (
	tick       = 500 * time.Millisecond
	delayCall  = 20 * time.Millisecond // until a channel exists
	delayWord  = 15 * time.Millisecond // a command and its event
	autoAnswer = 400 * time.Millisecond
	lateText   = 6 * time.Second // the message to who met no agent in time
)

// party is a channel.
type party struct {
	times call.Times
	gone  bool
	peer  string // whom it hears
}

// day is a play in progress.
type day struct {
	plan     Plan
	world    World
	r        *rand.Rand
	f        *floor.Floor
	calendar campaign.Calendar
	now      time.Time
	agenda   agenda
	serial   int
	list     list
	reserved map[string]*lead // by attempt
	calls    map[string]*party
	legs     map[string]*party
	agents   map[int64]*presence
	over     bool
	figures  Figures
}

// Play plays one day. It panics on nothing: a plan that cannot dial comes to figures of zero.
func Play(p Plan, w World, seed uint64) Figures {
	d := &day{
		plan: p, world: w, r: rand.New(rand.NewPCG(seed, 0x5851f42d4c957f2d)), now: p.Begin, calls: map[string]*party{}, legs: map[string]*party{},
		reserved: map[string]*lead{}, agents: map[int64]*presence{}, list: newList(p.Numbers),
	}
	limits := p.Limits
	limits.NewID = func() string { d.serial++; return fmt.Sprintf("leg-%d", d.serial) }
	limits.Pick = d.r.IntN
	limits.Zones = remembered(limits.Zones)
	d.calendar = campaign.NewCalendar(p.Campaign.Rules, limits.Zones)
	d.f = floor.New(limits)
	d.open()
	end := p.Begin.Add(p.Length)
	for !d.over && d.now.Before(end) {
		d.until(d.now.Truncate(tick).Add(tick))
		d.carry(d.f.Tick(d.now))
		if next, ok := d.f.QuietUntil(d.now); ok && len(d.agenda) == 0 && next.After(d.now) {
			d.now = minTime(next, end)
		}
	}
	return d.close()
}

// remembered asks for each zone once: a day asks a million times.
func remembered(zones campaign.Zones) campaign.Zones {
	if zones == nil {
		zones = time.LoadLocation
	}
	known := map[string]*time.Location{}
	return func(name string) (*time.Location, error) {
		if l := known[name]; l != nil {
			return l, nil
		}
		l, err := zones(name)
		if err == nil {
			known[name] = l
		}
		return l, err
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// open brings trunks, agents and the campaign onto the floor.
func (d *day) open() {
	f := d.f
	f.Lead(true)
	f.Database(true)
	f.Published(true)
	d.carry(f.Trunks(d.plan.Trunks))
	d.carry(f.SwitchUp("rehearsal", d.now))
	d.carry(f.Channels(nil, d.now, d.now))
	d.carry(f.Adopt(nil, d.now))
	st := floor.Staff{Queues: []models.Queue{d.plan.Queue}}
	for i := range d.plan.Agents {
		a := d.plan.Agents[i]
		if a.ExtensionID == 0 { // an outside phone rings like any other here
			a.ExtensionID = -a.ID
		}
		st.Agents = append(st.Agents, a)
		st.Extensions = append(st.Extensions, models.Extension{ID: a.ExtensionID, Number: extension(a)})
		st.Members = append(st.Members, models.QueueMember{QueueID: d.plan.Queue.ID, AgentID: a.ID, Active: true, Priority: 5})
		d.agents[a.ID] = &presence{state: models.AgentOffline, since: d.now}
	}
	d.carry(f.Staff(st, d.now))
	for _, a := range st.Agents {
		d.carry(f.Phone(extension(a), models.PhoneState{Registered: true}, d.now))
		es, err := f.SignIn(a.ID, []int64{d.plan.Queue.ID}, d.now)
		d.carry(es)
		if err != nil {
			delete(d.agents, a.ID)
		}
	}
	c := d.plan.Campaign
	c.State = models.CampaignRunning
	d.carry(f.Start(c, []string{"075512345678"}))
	f.WindowCounted(c.ID, time.Time{}, models.WindowCounts{}, d.now) // the hardest case: a window that begins with nothing
}

func extension(a models.Agent) string { return fmt.Sprintf("r%d", a.ID) }

func (d *day) close() Figures {
	for _, p := range d.agents {
		p.move(&d.figures, p.state, d.now)
	}
	d.figures.Took = d.now.Sub(d.plan.Begin)
	return d.figures
}

// presence is an agent's standing, as the floor saves it.
type presence struct {
	state models.AgentState
	since time.Time
}

// move counts the time in the state that ends.
func (p *presence) move(f *Figures, next models.AgentState, at time.Time) {
	spent := at.Sub(p.since)
	switch p.state {
	case models.AgentOffline:
		spent = 0
	case models.AgentTalking, models.AgentHold:
		f.Talk += spent
		f.Busy += spent
	case models.AgentWrapUp:
		f.Busy += spent
	default:
	}
	f.Signed += spent
	p.state, p.since = next, at
}

// agenda is what is going to happen, the soonest first.
type agenda []due

type due struct {
	at  time.Time
	seq int
	do  func()
}

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if c := a[i].at.Compare(a[j].at); c != 0 {
		return c < 0
	}
	return a[i].seq < a[j].seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(due)) }
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	old[len(old)-1] = due{}
	*a = old[:len(old)-1]
	return x
}

func (d *day) after(wait time.Duration, do func()) {
	d.serial++
	heap.Push(&d.agenda, due{d.now.Add(wait), d.serial, do})
}

// say lets the switch say something after a while.
func (d *day) say(wait time.Duration, word func() []floor.Effect) {
	d.after(wait, func() { d.carry(word()) })
}

// until lets happen what is due up to t.
func (d *day) until(t time.Time) {
	for len(d.agenda) > 0 && !d.agenda[0].at.After(t) {
		e := heap.Pop(&d.agenda).(due)
		d.now = e.at
		e.do()
	}
	d.now = t
}

func (d *day) draw(dist model.Dist) time.Duration {
	if dist == nil {
		return 0
	}
	return time.Duration(dist.Draw(d.r) * float64(time.Second))
}
