package floor

import (
	"time"

	"waihu/models"
)

// Talking takes from the list of channels who hears whom: with is the channel of a call for that of the leg that is bridged to
// it. An earlier process may have heard a bridge and died before it could save it: the agent is in that talk still. Call it
// before Channels.
func (f *Floor) Talking(with map[string]string, askedAt, now time.Time) []Effect {
	for _, to := range f.legsInOrder() {
		l, s := f.calls[with[to.id]], f.seats[to.agent]
		if !to.doubted || l == nil || s == nil || l.call.Over() || l.svc.phase == serving || l.svc.phase == onHold {
			continue
		}
		next := s.st.Offer(l.Attempt.ID, l.svc.QueueID, now)
		if next.State != models.AgentRinging {
			continue
		}
		f.set(s, next)
		s.leg, to.call = to, l.Attempt.ID
		l.svc.phase, l.svc.leg, l.svc.agent, l.svc.bridgeAt = bridging, to.id, to.agent, now
		f.bridged(l, to, askedAt, now)
	}
	return f.take()
}

// undoubt ends the doubt about legs that were listed. What rang for a call and talks with nobody is let go, unless it waits for a
// number that its agent had called; in a talk, what
// the desk shows is made true: nobody knows any more whether the earlier process had muted it.
func (f *Floor) undoubt() {
	for _, l := range f.legsInOrder() {
		switch {
		case !l.doubted:
		case l.state == legBridged:
			f.mute(l, false)
		case l.kind == legOffer && l.call == "":
			f.hangUpLeg(l, "NORMAL_CLEARING")
		}
		l.doubted = false
	}
}
