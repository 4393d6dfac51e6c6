package controller

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"waihu/controller/floor"
	"waihu/models"
)

// seatBundle is what one turn of the writer saves about agents and their calls: every change, who serves each call, the last
// session of each agent, the last word of each leg.
type seatBundle struct {
	served   map[string]models.Service
	changes  []models.StateChange
	sessions map[int64]models.AgentSession
	legs     map[string]models.Leg
}

func newSeatBundle() seatBundle {
	return seatBundle{served: map[string]models.Service{}, sessions: map[int64]models.AgentSession{}, legs: map[string]models.Leg{}}
}

func (b *seatBundle) add(e floor.Effect) {
	switch e := e.(type) {
	case floor.MarkServed:
		b.served[e.AttemptID] = e.Service
	case floor.SaveSeat:
		if e.Change.State != "" {
			b.changes = append(b.changes, e.Change)
		}
		b.sessions[e.Session.AgentID] = e.Session
	case floor.SaveLeg:
		b.legs[e.Leg.ID] = e.Leg
	}
}

// saveSeats saves all of a turn at once: a process that dies leaves a state that was.
func (s *session) saveSeats(b seatBundle) bool {
	v := models.Seats{Served: b.served, Changes: b.changes, Sessions: slices.Collect(maps.Values(b.sessions)), Legs: slices.Collect(maps.Values(b.legs))}
	return v.Empty() || s.insist("save agents and their calls", func() error { return s.c.store.SaveSeats(s.work, s.epoch, v) })
}

// lastAgentSince is how far back an agent who talked with a caller is remembered (优先客服, S1-46).
const lastAgentSince = 90 * 24 * time.Hour

// saveOpens writes calls that came in down and answers what the floor wants to know about their callers.
func (s *session) saveOpens(es []floor.OpenInbound) bool {
	for _, e := range es {
		a, who := e.Attempt, floor.Caller{}
		if !s.insist("save a call that came in", func() (err error) {
			if a.OrganizationID, err = s.c.store.RouteOwner(s.work, a.Dialled); err != nil {
				return err
			}
			return s.c.store.OpenInbound(s.work, s.epoch, s.clock.Now(), a)
		}) {
			return false
		}
		who.OrganizationID = a.OrganizationID
		if a.Number != "" {
			now := s.clock.Now()
			if !s.insist("look a caller up", func() (err error) {
				if who.Blacklisted, err = s.c.store.ListedOn(s.work, a.OrganizationID, a.Number, now); err != nil {
					return err
				}
				who.LastAgent, err = s.c.store.LastAgent(s.work, a.OrganizationID, a.Number, now.Add(-lastAgentSince))
				return err
			}) {
				return false
			}
		}
		if !s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.Known(a.ID, who, now) }) {
			return false
		}
	}
	return true
}

// shortShare is the part of the talk that a recording must hold; less is flagged (reliability F-31).
const shortShare = 0.9

// measured adds what the recording's file says: its size, and whether it is missing or too short. A folder that this machine
// does not see says nothing.
func (s *session) measured(r models.Recording) models.Recording {
	if dir := s.c.cfg.Phones.RecordingsHere; dir != "" {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(r.Path)))
		switch {
		case err == nil:
			r.Bytes = info.Size()
		case os.IsNotExist(err):
			r.Problem = "missing"
		}
	}
	if r.Problem == "" && r.DurationMS > 0 && float64(r.DurationMS) < shortShare*float64(r.TalkMS) {
		r.Problem = "short"
	}
	return r
}
