package floor

import (
	"math"
	"slices"
	"time"

	"waihu/controller/campaign"
	"waihu/controller/pacing"
	"waihu/models"
)

// How often a predictive campaign decides: on a pulse, and sooner when an agent becomes free.
const (
	paceEvery = time.Second
	paceSoon  = 250 * time.Millisecond
	paceEdge  = 5 * time.Second // margin before the end of a window: answers on their way there count in the next one
)

// paced is the pacing of a campaign straight to agents, and what happened in the window of its abandonment limit.
type paced struct {
	set     pacing.Settings
	policy  *pacing.Policy
	keeps   bool // each call is started for one agent, who is kept for it
	byHand  bool // preview and manual: that agent has said so
	legacy  bool // the ratio alone, as campaigns without pacing of their own have it
	begun   time.Time
	decided time.Time
	due     bool // an agent became free since
	quota   int  // calls that may start until the next decision
	last    pacing.Decision
	covered bool // the last one was in a slice of progressive dialling
	window  window
	kept    kept
	rings   []rung // scratch

	remembered bool
}

// window is the span of time over which the limit holds, with A and D so far.
type window struct {
	kind        models.GuaranteeWindow
	from, until time.Time // until is zero for the campaign's whole life
	known       bool      // the database has said what was before this process
	models.WindowCounts
}

// pace makes or renews the pacing of a campaign; what was learned stays.
func (f *Floor) pace(r *running) {
	if r.c.Mode != models.ModeDirectAgent {
		r.pace = nil
		return
	}
	set := f.paceSettings(r.c)
	if r.pace == nil {
		r.pace = &paced{}
	}
	p := r.pace
	p.byHand, p.legacy = r.c.Rules.Pacing.ByHand(), !r.c.Rules.Pacing.Set()
	p.keeps = p.byHand || set.Mode == pacing.Progressive
	if p.policy == nil || p.set != set {
		policy := pacing.New(set)
		if p.policy != nil {
			if data, err := p.policy.Learned(); err == nil {
				_ = policy.Remember(data) // it was just written by the same program
			}
		}
		p.set, p.policy, p.due = set, policy, true
	}
	if kind := r.c.Rules.Pacing.Window; p.window.kind != kind {
		p.window = window{kind: kind}
	}
}

// paceSettings are a campaign's settings in the words of the pacing.
func (f *Floor) paceSettings(c models.Campaign) pacing.Settings {
	p := c.Rules.Pacing
	s := pacing.Settings{
		Mode: pacing.Mode(p.Mode), Ratio: c.Rules.Ratio, Rho: p.AbandonLimit, Guarantee: pacing.Guarantee(p.Guarantee),
		ConnectLimit: campaign.ConnectLimit(c).Seconds(), RingTimeout: float64(c.RingSeconds),
	}
	if s.Guarantee == "" {
		s.Guarantee = pacing.Hard
	}
	if p.ByHand() { // who answers has his agent: no limit is needed, and the usual one is only shown
		s.Guarantee, s.Rho = pacing.Off, campaign.Newest(c.Rules.Pack).Rho
	}
	if p.Set() {
		return s
	}
	s.Mode, s.Guarantee, s.Rho = pacing.Progressive, pacing.Off, campaign.Newest(c.Rules.Pack).Rho
	s.ConnectLimit = f.cfg.Connect.Seconds()
	if c.Rules.Ratio > 0 {
		s.Mode = pacing.ByRatio
	}
	return s
}

// WindowCounted takes from the database what happened in the window that began at from, before this process counted by
// itself. It is not taken twice: the floor knows of ends that are not saved yet.
func (f *Floor) WindowCounted(campaignID int64, from time.Time, n models.WindowCounts, now time.Time) {
	r := f.campaigns[campaignID]
	if r == nil || r.pace == nil {
		return
	}
	w := &r.pace.window
	if w.known {
		return
	}
	f.roll(r, now)
	w.known = true
	if w.from.Equal(from) {
		w.Answered, w.Abandoned = w.Answered+n.Answered, w.Abandoned+n.Abandoned
	}
}

// roll begins the next window when the time of one is over.
func (f *Floor) roll(r *running, now time.Time) {
	w := &r.pace.window
	if !w.from.IsZero() && (w.until.IsZero() || now.Before(w.until)) {
		return
	}
	from, until := campaign.WindowAt(r.c, f.cfg.Zones, now)
	if from.Equal(w.from) {
		return
	}
	if !w.from.IsZero() {
		w.known = true // a window that begins while we watch is empty
	}
	w.from, w.until, w.WindowCounts = from, until, models.WindowCounts{}
}

// met counts a live answer that met an agent, or was abandoned: once, in the window in which it was answered.
func (f *Floor) met(l *live, abandoned bool, now time.Time) {
	r := f.campaigns[l.Attempt.CampaignID]
	if r == nil || r.pace == nil || l.svc.tallied || l.Attempt.Kind == models.KindTest {
		return
	}
	l.svc.tallied = true
	f.roll(r, now)
	since := now.Sub(l.call.Times.Answered).Seconds()
	what := pacing.Connected
	if abandoned {
		what = pacing.Abandoned
	}
	r.pace.policy.Observe(pacing.Event{What: what, Seconds: since})
	w := &r.pace.window
	if l.call.Times.Answered.Before(w.from) {
		return
	}
	w.Answered++
	if abandoned {
		w.Abandoned++
	}
}

// rang tells the pacing how long a call rang, and whether it was answered.
func (f *Floor) rang(l *live, what pacing.Happened, until time.Time) {
	if r := f.campaigns[l.Attempt.CampaignID]; r != nil && r.pace != nil {
		r.pace.policy.Observe(pacing.Event{What: what, Seconds: max(until.Sub(l.sentAt).Seconds(), 0), Traits: l.traits, Odds: l.odds})
	}
}

// decide asks the pacing how many calls may start now, where a decision is due.
func (f *Floor) decide(r *running, gate models.Gate, now time.Time) {
	p := r.pace
	if p == nil {
		return
	}
	age := now.Sub(p.decided)
	if !p.decided.IsZero() && (p.set.Mode == pacing.Predictive || p.keeps) && age < paceEvery && (!p.due || age < paceSoon) {
		return
	}
	f.roll(r, now)
	if p.begun.IsZero() {
		p.begun = now
	}
	v := f.paceView(r, gate, now)
	p.covered = r.c.Rules.Pacing.GainSlices && p.set.Mode == pacing.Predictive && pacing.Covered(r.c.ID, now.Unix())
	v.Covered = p.covered
	p.last = p.policy.Decide(v)
	p.last.Candidates = slices.Clone(p.last.Candidates)
	p.quota, p.decided, p.due = p.last.Dial, now, false
}

// gate is the decision's constraint as a reason not to dial.
func (p *paced) gate() models.Gate {
	switch p.last.Why {
	case pacing.ByPrediction:
		return models.GatePrediction
	case pacing.ByGuarantee:
		return models.GateGuarantee
	default:
		return models.GateNoFreeAgent
	}
}

// paceLimits are the bounds from outside: at most so many calls may start until the next decision.
func (f *Floor) paceLimits(r *running, gate models.Gate, now time.Time) []pacing.Limit {
	var out []pacing.Limit
	limit := func(why pacing.Why, room int) { out = append(out, pacing.Limit{Why: why, Room: max(room, 0)}) }
	switch gate {
	case models.GateOpen:
	case models.GateDatabase:
		limit(pacing.ByDatabase, 0)
	default:
		limit(pacing.BySwitch, 0)
	}
	if r.c.MaxConcurrency > 0 {
		limit(pacing.ByLines, r.c.MaxConcurrency-r.inFlight)
	}
	if f.cfg.MaxCalls > 0 {
		limit(pacing.BySwitch, f.cfg.MaxCalls-f.busy)
	}
	if f.cfg.CPS > 0 {
		limit(pacing.ByRate, int(math.Ceil(f.cfg.CPS*paceEvery.Seconds())))
	}
	if room, machine, bounded := f.trunkRoom(r, now); bounded {
		limit(pacing.ByTrunk, room)
		if machine < room && !r.pace.byHand {
			limit(pacing.ByHandLines, machine)
		}
	}
	if len(r.hopper) == 0 {
		switch why, _ := f.whyEmpty(r, now); why {
		case models.GateWindow, models.GateHoliday:
			limit(pacing.ByHours, 0)
		default:
			limit(pacing.ByList, 0)
		}
	} else {
		limit(pacing.ByList, len(r.hopper))
	}
	return out
}

// trunkRoom is how many calls the campaign's trunks take now, and how many of them without a person who has asked for them; not
// bounded if one of them has no limit.
func (f *Floor) trunkRoom(r *running, now time.Time) (room, machine int, bounded bool) {
	for _, id := range r.c.TrunkIDs {
		t := f.trunks[id]
		if t == nil {
			continue
		}
		switch gate, _ := t.gate(true, now); {
		case gate == models.GateTrunkPaused:
		case t.t.Lines <= 0:
			return 0, 0, false
		default:
			room += max(t.t.Lines-t.inUse, 0)
			machine += max(t.t.Lines-t.t.HandLines-t.inUse, 0)
		}
	}
	return room, machine, true
}
