package controller

import (
	"errors"
	"time"

	"waihu/controller/clock"
	"waihu/controller/floor"
	"waihu/models"
)

// bundle is what one turn of the writer saves, sorted by kind. The order between kinds matters only within one attempt or
// campaign: answered before finished, finished before the campaign's end.
type bundle struct {
	opens    []floor.OpenInbound // first: what follows about them needs their row
	answered map[string]time.Time
	finishes []models.Finish
	seats    seatBundle // before finishes: how the last talk of a call ended stands there when the call is closed
	releases []floor.Release
	steps    []models.FlowStep
	paces    []models.PacingSample
	others   []floor.Effect
}

func sortOut(es []floor.Effect) bundle {
	b := bundle{answered: map[string]time.Time{}, seats: newSeatBundle()}
	for _, e := range es {
		switch e := e.(type) {
		case floor.MarkAnswered:
			b.answered[e.AttemptID] = e.At
		case floor.Finish:
			b.finishes = append(b.finishes, e.Finish)
			delete(b.answered, e.AttemptID) // the finish carries it
		case floor.OpenInbound:
			b.opens = append(b.opens, e)
		case floor.MarkServed, floor.SaveSeat, floor.SaveLeg:
			b.seats.add(e)
		case floor.SaveStep:
			b.steps = append(b.steps, e.Step)
		case floor.SavePacing:
			b.paces = append(b.paces, e.PacingSample)
		case floor.Release:
			b.releases = append(b.releases, e)
		default:
			b.others = append(b.others, e)
		}
	}
	return b
}

// writer saves what has become of calls. Nothing is dropped: what the database does not take now is offered again until it
// does, or until the session ends; then the next start closes those attempts from the switch's records.
func (s *session) writer() {
	for {
		batch, ok := s.writes.take(s.work.Done(), writeBatch)
		if !ok {
			return
		}
		b := sortOut(batch)
		ok = s.saveOpens(b.opens) && s.insist("save answers", func() error {
			if len(b.answered) == 0 {
				return nil
			}
			return s.c.store.MarkAnswered(s.work, s.epoch, b.answered)
		}) && s.saveSeats(b.seats) && s.saveFinishes(b.finishes) && s.saveReleases(b.releases) && s.saveSteps(b.steps) && s.savePaces(b.paces)
		for _, e := range b.others {
			ok = ok && s.saveOther(e)
		}
		if !ok {
			return
		}
	}
}

func (s *session) saveFinishes(fs []models.Finish) bool {
	if len(fs) == 0 {
		return true
	}
	if !s.insist("save ended attempts", func() error { return s.c.store.Finish(s.work, s.epoch, s.clock.Now(), fs) }) {
		return false
	}
	return s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Saved(fs) })
}

func (s *session) saveReleases(rs []floor.Release) bool {
	for _, r := range rs {
		give := s.c.store.Release
		if r.WasSent {
			give = s.c.store.Unsend
		}
		if !s.insist("give attempts back", func() error { return give(s.work, s.epoch, r.AttemptIDs, s.clock.Now()) }) {
			return false
		}
		if !s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Released(r.CampaignID) }) {
			return false
		}
	}
	return true
}

func (s *session) saveSteps(steps []models.FlowStep) bool {
	return len(steps) == 0 || s.insist("save steps of flows", func() error { return s.c.store.SaveFlowSteps(s.work, steps) })
}

func (s *session) savePaces(v []models.PacingSample) bool {
	return len(v) == 0 || s.insist("save decisions of pacing", func() error { return s.c.store.SavePacing(s.work, v) })
}

func (s *session) saveOther(e floor.Effect) bool {
	switch e := e.(type) {
	case floor.SetState:
		ok := s.insist("save the campaign's state", func() error {
			return s.c.store.SetCampaignState(s.work, e.CampaignID, e.From, e.To, e.Reason, s.clock.Now())
		})
		s.log.Info("campaign", "campaign", e.CampaignID, "state", e.To)
		return ok
	case floor.Skip:
		return s.insist("put a number off", func() error { return s.c.store.Skip(s.work, s.epoch, e.Refusal, s.clock.Now()) }) &&
			s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Skipped(e) })
	case floor.SaveLearned:
		return s.insist("save what the pacing learned", func() error { return s.c.store.SaveLearned(s.work, e.CampaignID, e.Data, s.clock.Now()) })
	case floor.SaveRecording:
		return s.insist("save a recording", func() error { return s.c.store.SaveRecording(s.work, s.measured(e.Recording)) })
	case floor.SaveMessage:
		return s.insist("save a message", func() error { return s.c.store.SaveMessage(s.work, e.Message) })
	case floor.PauseTrunk:
		s.log.Error("trunk paused", "trunk", e.TrunkID, "reason", e.Reason, "until", e.Until)
		return s.insist("note the trunk's pause", func() error {
			return s.c.store.PauseTrunk(s.work, e.TrunkID, true, string(e.Reason), &e.Until)
		})
	default:
		return true
	}
}

// insist repeats a write until the database takes it. A caller's mistake (a campaign that was changed meanwhile) is logged
// and done with; a lost lease ends the session. It reports false when the session is over.
func (s *session) insist(what string, write func() error) bool {
	pause := 100 * time.Millisecond
	for failed := false; ; failed = true {
		err := write()
		var own *models.Error
		switch {
		case err == nil:
			if failed {
				s.database(true)
			}
			return true
		case errors.As(err, &own):
			s.log.Warn(what, "err", err)
			return true
		}
		s.judge(err, what)
		if !clock.Sleep(s.work.Done(), clock.Real(), pause) {
			return false
		}
		pause = min(2*pause, 2*time.Second)
	}
}
