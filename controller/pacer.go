package controller

import (
	"sync"
	"time"

	"waihu/controller/clock"
	"waihu/controller/pacing"
	"waihu/models"
)

// pacer is the last gate before the wire: the floor has admitted a batch, the pacer spreads it, so that no second holds more
// calls than a trunk or the switch may get, however late the database was.
type pacer struct {
	clock clock.Clock
	all   *pacing.Rate

	mu     sync.Mutex // trunks may be given other limits meanwhile
	cps    map[int64]float64
	trunks map[int64]*pacing.Rate
}

func newPacer(cps float64, trunks []models.Trunk, c clock.Clock) *pacer {
	p := &pacer{clock: c, all: pacing.NewRate(cps), cps: map[int64]float64{}, trunks: map[int64]*pacing.Rate{}}
	p.limit(trunks)
	return p
}

// limit gives trunks their rates; one whose rate stays goes on where it was.
func (p *pacer) limit(trunks []models.Trunk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range trunks {
		if have, ok := p.cps[t.ID]; !ok || have != t.CPS {
			p.cps[t.ID], p.trunks[t.ID] = t.CPS, pacing.NewRate(t.CPS)
		}
	}
}

// rate is the limit of a trunk; one that is not known has none.
func (p *pacer) rate(trunk int64) *pacing.Rate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.trunks[trunk]; r != nil {
		return r
	}
	return pacing.NewRate(0)
}

// wait returns when a call may go out on a trunk; it reports false when done was closed first. One goroutine uses it, and
// says with took that the call has gone out.
func (p *pacer) wait(done <-chan struct{}, trunk int64) bool {
	rate := p.rate(trunk)
	for {
		now := p.clock.Now()
		d := max(p.all.Wait(now), rate.Wait(now))
		if d <= 0 {
			return true
		}
		if !p.sleep(done, d) {
			return false
		}
	}
}

// took notes a call that was let go at the given time and that the switch has heard of by now. What was late on its way to
// the switch would share its second with calls that come after it, so all but the margin of the rates counts.
func (p *pacer) took(trunk int64, sent time.Time) {
	if heard := p.clock.Now().Add(-pacing.Margin); heard.After(sent) {
		sent = heard
	}
	p.all.Take(sent)
	p.rate(trunk).Take(sent)
}

func (p *pacer) sleep(done <-chan struct{}, d time.Duration) bool {
	return clock.Sleep(done, p.clock, d)
}
