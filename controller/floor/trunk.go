package floor

import (
	"time"

	"waihu/controller/pacing"
	"waihu/models"
)

// Failures in a row after which a trunk is taken out of use, and for how long at first and at most.
const (
	trunkFailures = 20
	trunkPause    = 10 * time.Second
	trunkPauseMax = 5 * time.Minute
)

// trunk is a gateway with what is in use of it.
type trunk struct {
	t        models.Trunk
	rate     *pacing.Rate
	inUse    int
	failures int // in a row, the trunk's own fault
	pause    backoff
}

// backoff is a pause that doubles each time and is forgotten after a success.
type backoff struct {
	until time.Time
	last  time.Duration
}

func (b *backoff) on(now time.Time, first, most time.Duration) {
	if b.active(now) {
		return
	}
	b.last = min(max(b.last*2, first), most)
	b.until = now.Add(b.last)
}

func (b *backoff) active(now time.Time) bool { return now.Before(b.until) }

// Trunks tells the floor the gateways it may use and their limits; what is in use of them is kept.
func (f *Floor) Trunks(ts []models.Trunk) []Effect {
	for _, t := range ts {
		have := f.trunks[t.ID]
		if have == nil {
			have = &trunk{rate: pacing.NewRate(t.CPS)}
			f.trunks[t.ID] = have
		} else if have.t.CPS != t.CPS {
			have.rate = pacing.NewRate(t.CPS)
		}
		have.t = t
	}
	return f.take()
}

// choose finds a trunk for a call, taking turns from the given one, or says what is in the way. byHand: a person has asked for it.
func (f *Floor) choose(r *running, turn int, byHand bool, now time.Time) (*trunk, models.Gate, time.Time) {
	why, until := models.GateNoTrunk, time.Time{}
	for i := range r.c.TrunkIDs {
		t := f.trunks[r.c.TrunkIDs[(turn+i)%len(r.c.TrunkIDs)]]
		if t == nil {
			continue
		}
		gate, end := t.gate(byHand, now)
		if gate == models.GateOpen {
			return t, models.GateOpen, time.Time{}
		}
		why, until = gate, end
	}
	return nil, why, until
}

func (t *trunk) gate(byHand bool, now time.Time) (models.Gate, time.Time) {
	switch {
	case t.t.Paused && (t.t.PausedUntil == nil || now.Before(*t.t.PausedUntil)):
		if t.t.PausedUntil != nil {
			return models.GateTrunkPaused, *t.t.PausedUntil
		}
		return models.GateTrunkPaused, time.Time{}
	case t.pause.active(now):
		return models.GateTrunkPaused, t.pause.until
	case t.t.Lines > 0 && t.inUse >= t.t.Lines:
		return models.GateLines, time.Time{}
	case !byHand && t.t.Lines > 0 && t.inUse >= t.t.Lines-t.t.HandLines:
		return models.GateHandLines, time.Time{}
	case t.rate.Room(now) < 1:
		return models.GateCPS, time.Time{}
	default:
		return models.GateOpen, time.Time{}
	}
}

// judge lets an outcome speak for or against a trunk: outcomes that are its own fault, many in a row, or a gateway that is
// down or barred, pause it (spec table 2.4, reliability F-27).
func (f *Floor) judge(t *trunk, facts models.Facts, now time.Time) {
	switch facts.Outcome {
	case models.OutcomeGatewayDown, models.OutcomeOwnBarred:
		f.pauseTrunk(t, facts.Outcome, now)
	case models.OutcomeCongestion, models.OutcomeNetworkError, models.OutcomeTimeout, models.OutcomeNoRoute:
		if !facts.Placed {
			return // the switch's own refusal, not the trunk's
		}
		if t.failures++; t.failures >= trunkFailures {
			f.pauseTrunk(t, facts.Outcome, now)
		}
	default:
		t.failures, t.pause.last = 0, 0
	}
}

func (f *Floor) pauseTrunk(t *trunk, reason models.Outcome, now time.Time) {
	if t.pause.active(now) {
		return
	}
	t.failures = 0
	t.pause.on(now, trunkPause, trunkPauseMax)
	f.emit(PauseTrunk{TrunkID: t.t.ID, Until: t.pause.until, Reason: reason})
}
