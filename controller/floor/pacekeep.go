package floor

import (
	"time"

	"waihu/controller/pacing"
	"waihu/models"
)

// How decisions are kept: in memory one a second for ten minutes, in the database one in ten seconds; what was learned each
// five minutes.
const (
	keepEvery   = time.Second
	keepMost    = 600
	SampleEvery = 10 * time.Second
	learnEvery  = 5 * time.Minute
)

// SavePacing keeps a decision.
type SavePacing struct{ models.PacingSample }

// SaveLearned keeps what a campaign's pacing learned.
type SaveLearned struct {
	CampaignID int64
	Data       []byte
}

func (SavePacing) effect()  {}
func (SaveLearned) effect() {}

// Decided is a decision as it is kept and shown.
type Decided struct {
	At      time.Time
	Dialled int // calls that were started since the one before
	pacing.Decision
}

// kept are a campaign's last decisions, the oldest first from next on when it is full.
type kept struct {
	ring     []Decided
	next     int
	at       time.Time // of the last one
	sampled  time.Time
	learned  time.Time
	dialled  int // since the last one
	toSample int // since the last sample
}

func (k *kept) add(d Decided) {
	if len(k.ring) < keepMost {
		k.ring = append(k.ring, d)
		return
	}
	k.ring[k.next] = d
	k.next = (k.next + 1) % keepMost
}

// list are the decisions, the oldest first.
func (k *kept) list() []Decided {
	return append(append([]Decided{}, k.ring[k.next:]...), k.ring[:k.next]...)
}

// ahead is how many attempts a paced campaign may soon need: twice what the last decision would have started if the list had held enough, or what
// was started since a moment. What is reserved beyond that waits in vain until it is given back.
func (p *paced) ahead(since time.Time) int {
	want := -1
	for _, c := range p.last.Candidates {
		if c.Why != pacing.ByList && (want < 0 || c.N < want) {
			want = c.N
		}
	}
	spent := p.kept.dialled
	for i := range p.kept.ring {
		if d := p.kept.ring[i]; d.At.After(since) {
			spent += d.Dialled
		}
	}
	return max(2*want, spent)
}

// keep keeps the last decision with what came of it.
func (f *Floor) keep(r *running, started int, now time.Time) {
	p := r.pace
	if p == nil || p.decided.IsZero() {
		return
	}
	k := &p.kept
	k.dialled += started
	k.toSample += started
	if k.at.IsZero() || now.Sub(k.at) >= keepEvery {
		k.add(Decided{At: now, Dialled: k.dialled, Decision: p.last})
		k.at, k.dialled = now, 0
	}
	if k.sampled.IsZero() || now.Sub(k.sampled) >= SampleEvery {
		f.emit(SavePacing{p.sample(r.c.ID, now)})
		k.sampled, k.toSample = now, 0
	}
	if k.learned.IsZero() {
		k.learned = now
	}
	if now.Sub(k.learned) >= learnEvery {
		if data, err := p.policy.Learned(); err == nil {
			f.emit(SaveLearned{CampaignID: r.c.ID, Data: data})
		}
		k.learned = now
	}
}

func (p *paced) sample(campaignID int64, now time.Time) models.PacingSample {
	in := p.last.Inputs
	return models.PacingSample{
		CampaignID: campaignID, At: now, Idle: in.Idle, Busy: in.Talk + in.Wrap, Ringing: in.Ring, Waiting: in.Wait, Dialled: p.kept.toSample,
		Why: string(p.last.Why), Answered: in.Answered, Abandoned: in.Abandoned, Limit: p.set.Rho, Bound: in.Bound, Overdial: in.Overdial,
		Talk: in.Talk, Covered: p.covered,
	}
}

// Remember gives a campaign's pacing what it learned before; what does not fit this version is left out.
func (f *Floor) Remember(campaignID int64, data []byte) error {
	r := f.campaigns[campaignID]
	if r == nil || r.pace == nil || len(data) == 0 || r.pace.remembered {
		return nil
	}
	r.pace.remembered = true
	return r.pace.policy.Remember(data)
}

// PacingView is what there is to see of a campaign's pacing. It is a copy.
type PacingView struct {
	Settings  pacing.Settings
	Window    models.GuaranteeWindow
	From      time.Time // of the window, zero = the campaign's beginning
	Until     time.Time // zero = the campaign's end
	Counts    models.WindowCounts
	Decisions []Decided // the oldest first
	Kinds     []pacing.Kind
}

// kindsShown are the most kinds of numbers that are shown.
const kindsShown = 40

// Pacing shows the pacing of a campaign; false when there is none on the floor.
func (f *Floor) Pacing(campaignID int64) (PacingView, bool) {
	r := f.campaigns[campaignID]
	if r == nil || r.pace == nil {
		return PacingView{}, false
	}
	p := r.pace
	return PacingView{
		Settings: p.set, Window: p.window.kind, From: p.window.from, Until: p.window.until, Counts: p.window.WindowCounts, Decisions: p.kept.list(), Kinds: p.policy.Kinds(kindsShown),
	}, true
}
