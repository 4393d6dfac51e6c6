package controller

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"waihu/controller/call"
	"waihu/controller/campaign"
	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
	"waihu/models"
)

// Batches are bounded so that one transaction stays short.
const (
	dialBatch  = 200
	writeBatch = 500
)

// reserve asks the database for leads, within the campaign's hours.
func (s *session) reserve(e floor.Reserve) {
	now := s.clock.Now()
	calendar := campaign.NewCalendar(e.Campaign.Rules, s.c.cfg.Floor.Zones)
	pack, _ := campaign.PackAt(e.Campaign.Rules.Pack, now)
	res, err := s.c.store.Reserve(s.work, models.ReserveRequest{
		Epoch: s.epoch, Campaign: e.Campaign, Limit: e.Limit, Now: now,
		Window:   func(zone string) (models.Gate, time.Time) { return calendar.Open(zone, now) },
		DayStart: func(zone string) time.Time { return calendar.DayStart(zone, now) },
		Redial:   campaign.Redial(e.Campaign), Pack: pack.Name, PackVersion: pack.Version,
	})
	s.judge(err, "reserve leads")
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.Reserved(e.Campaign.ID, res, err, now) })
}

// judge looks at a database error: a lost lease ends the session; a campaign that was paused or stopped meanwhile is no fault
// of the database; anything else stops dialling until the database answers.
func (s *session) judge(err error, what string) {
	var own *models.Error
	switch {
	case err == nil || s.work.Err() != nil:
	case errors.As(err, &own):
		s.log.Debug("refused", "what", what, "err", err)
	case errors.Is(err, models.ErrLeaseLost):
		s.end(err)
	default:
		s.log.Error("database", "what", what, "err", err)
		s.database(false)
	}
}

func (s *session) database(ok bool) {
	s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Database(ok) })
}

// dialer writes attempts down as sent, and only then hands them to the placer: the next ones are written while the last ones go
// out, so that neither the database nor the switch waits for the other.
func (s *session) dialer() {
	defer close(s.written)
	for {
		batch, ok := s.dials.take(s.work.Done(), dialBatch)
		if !ok {
			return
		}
		for _, d := range merge(batch) {
			for sends := range slices.Chunk(d.Sends, sendAhead(s.c.cfg.Floor.CPS*s.clock.Speed())) {
				select {
				case s.written <- s.writeDown(floor.Dial{Campaign: d.Campaign, Sends: sends}):
				case <-s.work.Done():
					return // the attempts are adopted by the next session
				}
			}
		}
	}
}

// sendAhead is how many attempts are written down at a time: a twentieth of a real second's worth, while as many go out. A crash
// leaves at most a tenth of a second's worth behind that count as dialled and were not, and the last check is so fresh.
func sendAhead(cps float64) int {
	if cps <= 0 {
		return dialBatch
	}
	return min(max(int(math.Ceil(cps/20)), 1), dialBatch)
}

// merge joins the dials of one campaign, so that they are one transaction.
func merge(batch []floor.Dial) []floor.Dial {
	var out []floor.Dial
	at := map[int64]int{}
	for _, d := range batch {
		i, ok := at[d.Campaign.ID]
		if !ok {
			at[d.Campaign.ID] = len(out)
			out = append(out, floor.Dial{Campaign: d.Campaign, Sends: append([]models.Send{}, d.Sends...)})
			continue
		}
		out[i].Campaign = d.Campaign
		out[i].Sends = append(out[i].Sends, d.Sends...)
	}
	return out
}

// writtenDown are attempts that were to be written down as sent.
type writtenDown struct {
	floor.Dial
	ok map[string]bool // false: refused by the database. An attempt that is missing may not have been saved
}

func (s *session) writeDown(d floor.Dial) writtenDown {
	sent, refused, err := s.c.store.MarkSent(s.work, s.epoch, s.clock.Now(), d.Campaign, d.Sends)
	s.judge(err, "write attempts down as sent")
	w := writtenDown{Dial: d, ok: make(map[string]bool, len(sent))}
	for _, id := range sent {
		w.ok[id] = err == nil
	}
	for _, r := range refused {
		w.ok[r.AttemptID] = false
	}
	if err == nil && len(refused) > 0 {
		s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.Sent(refused, now) })
	}
	return w
}

// placer hands to the switch what is written down, in order and at the configured rate.
func (s *session) placer() {
	for w := range s.written {
		for _, v := range w.Sends {
			if placed, known := w.ok[v.AttemptID]; placed {
				s.originate(w.Campaign, v)
			} else if !known {
				// Not saved, or nobody knows whether it was: it is certain only that the switch never heard of it.
				s.notSent(v.AttemptID)
			}
			s.unsent.done(v.AttemptID)
		}
	}
}

func (s *session) notSent(id string) {
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.NotSent([]string{id}, now) })
}

func (s *session) originate(c models.Campaign, v models.Send) {
	if !s.pace.wait(s.work.Done(), v.TrunkID) {
		return // the session ends; the attempt is adopted by the next one
	}
	if !s.holds() {
		// This process slept, or the database did: somebody else may have the floor, and the attempt, by now.
		s.notSent(v.AttemptID)
		return
	}
	sent := s.clock.Now()
	err := s.c.sw.Originate(s.work, esl.Originate{
		UUID: v.AttemptID, Gateway: v.Gateway, Number: v.Dialled, CallerNumber: v.Caller, RingSeconds: c.RingSeconds,
		Extension: dialplan.Entry(c.ID, c.Mode), Context: dialplan.Context, CampaignID: c.ID,
	})
	var own *models.Error
	var refusal *esl.ReplyError
	if !errors.Is(err, esl.ErrNotSent) {
		s.pace.took(v.TrunkID, sent)
	}
	switch {
	case err == nil:
	case errors.As(err, &own):
		s.log.Error("attempt cannot be dialled", "attempt", v.AttemptID, "err", err)
		s.failed(v.AttemptID, "INVALID_NUMBER_FORMAT")
	case errors.As(err, &refusal):
		s.log.Error("switch refuses to dial", "attempt", v.AttemptID, "err", err)
		s.failed(v.AttemptID, "WAIHU_REFUSED")
	case errors.Is(err, esl.ErrNotSent):
		s.notSent(v.AttemptID)
	default:
		// The switch may have dialled: events, its channel list or its records will tell (I6).
		s.log.Warn("fate of an originate unknown", "attempt", v.AttemptID, "err", err)
	}
}

func (s *session) failed(id, cause string) {
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect {
		return f.Heard(id, call.Event{Kind: call.JobFailed, At: now, End: call.End{Cause: cause}}, now)
	})
}

// killer hangs calls up. A call that is gone already is as good.
func (s *session) killer() {
	for {
		batch, ok := s.kills.take(s.work.Done(), dialBatch)
		if !ok {
			return
		}
		for _, k := range batch {
			if err := s.c.sw.Kill(s.work, k.AttemptID, k.Cause); err != nil && !errors.Is(err, esl.ErrNoChannel) {
				s.log.Warn("call not hung up", "attempt", k.AttemptID, "err", err)
			}
		}
	}
}

// renewer keeps the lease. Without an answer for as long as the lease lasts the session ends: somebody else may have it.
func (s *session) renewer() {
	for clock.Sleep(s.work.Done(), clock.Real(), s.c.cfg.LeaseFor/3) {
		ctx, cancel := context.WithTimeout(s.work, s.c.cfg.LeaseFor/3)
		asked := clock.Real().Now()
		lease, ok, err := s.c.store.AcquireLease(ctx, s.lease.Owner, s.c.cfg.LeaseFor)
		cancel()
		switch {
		case err == nil && (!ok || lease.Epoch != s.epoch):
			s.end(models.ErrLeaseLost)
			return
		case err == nil:
			s.leased(asked)
			s.database(true)
		case s.work.Err() != nil:
			return
		default:
			s.log.Error("lease not renewed", "err", err)
			s.database(false)
			if !s.holds() {
				s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Lead(false) })
			}
			continue
		}
		s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Lead(true) })
	}
}

// leased notes that the lease was ours when it was asked for.
func (s *session) leased(asked time.Time) {
	until := asked.Add(s.c.cfg.LeaseFor)
	s.until.Store(&until)
}

// holds reports whether the lease has not run out by our own clock. The database's word comes too late for a process that
// was stopped between writing an attempt down and dialling it.
func (s *session) holds() bool { return clock.Real().Now().Before(*s.until.Load()) }
