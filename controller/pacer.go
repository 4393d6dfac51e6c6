package controller

import (
	"time"

	"waihu/controller/clock"
	"waihu/controller/pacing"
	"waihu/models"
)

// pacer is the last gate before the wire: the floor has admitted a batch, the pacer spreads it, so that no second holds more
// calls than a trunk or the switch may get, however late the database was.
type pacer struct {
	clock  clock.Clock
	all    *pacing.Rate
	trunks map[int64]*pacing.Rate
}

func newPacer(cps float64, trunks []models.Trunk, c clock.Clock) *pacer {
	p := &pacer{clock: c, all: pacing.NewRate(cps), trunks: map[int64]*pacing.Rate{}}
	for _, t := range trunks {
		p.trunks[t.ID] = pacing.NewRate(t.CPS)
	}
	return p
}

// wait returns when a call may go out on a trunk; it reports false when done was closed first. One goroutine uses it.
func (p *pacer) wait(done <-chan struct{}, trunk int64) bool {
	rate := p.trunks[trunk]
	if rate == nil {
		rate = pacing.NewRate(0)
	}
	for {
		now := p.clock.Now()
		d := max(p.all.Wait(now), rate.Wait(now))
		if d <= 0 {
			p.all.Take(now)
			rate.Take(now)
			return true
		}
		if !p.sleep(done, d) {
			return false
		}
	}
}

func (p *pacer) sleep(done <-chan struct{}, d time.Duration) bool {
	return clock.Sleep(done, p.clock, d)
}
