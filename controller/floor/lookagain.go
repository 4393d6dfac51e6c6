package floor

import (
	"time"

	"waihu/models"
)

// What a restart does with the calls that agents had made: whoever answers gets the agent who looked at the number, and no other.

// keepLooker keeps an agent again for the call that he had made, if it rings still or waits for him: he is shown no other number.
func (f *Floor) keepLooker(s *seat, was models.AgentSession, now time.Time) {
	l := f.madeBy(s.a.ID)
	if l == nil || s.st.State != models.AgentIdle {
		return
	}
	queue := l.svc.QueueID
	if r := f.campaigns[l.Attempt.CampaignID]; r != nil {
		queue = r.c.QueueID
	}
	s.st = s.st.Reserve(l.Attempt.ID, queue, now)
	l.svc.reserved = s.a.ID
	if to := f.legs[was.Leg]; to != nil && to.kind == legOffer && was.CallID == l.Attempt.ID {
		s.leg, to.call = to, l.Attempt.ID // his phone was connected before the number was dialled
	}
}

// madeBy is the call that an agent had made and has not talked in yet.
func (f *Floor) madeBy(agentID int64) *live {
	for _, id := range f.Calls() {
		if l := f.calls[id]; l.Attempt.LookerID == agentID && !l.svc.talked && !l.call.Over() {
			return l
		}
	}
	return nil
}

// endUnlooked ends the calls that ring and whose agents are not kept for them: they went while no process heard of it, and nobody
// else is to answer.
func (f *Floor) endUnlooked() {
	for _, id := range f.Calls() {
		l := f.calls[id]
		if l.Attempt.LookerID == 0 || l.svc.phase != apart {
			continue
		}
		if s := f.seats[l.Attempt.LookerID]; s == nil || s.st.CallID != id {
			f.letGo(l, l.Attempt.LookerID)
		}
	}
}
