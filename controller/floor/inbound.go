package floor

import (
	"time"

	"waihu/controller/call"
	"waihu/models"
)

// HasCall reports whether a call is on the floor.
func (f *Floor) HasCall(id string) bool { return f.calls[id] != nil }

// Incoming takes a call that came in, at a.SentAt if its coming was not heard. It is a call like the others from now on, without a
// line of ours that it would use up.
func (f *Floor) Incoming(a models.Attempt, now time.Time) []Effect {
	if f.calls[a.ID] != nil || !f.leader {
		return f.take()
	}
	if a.SentAt == nil {
		a.SentAt = &now
	}
	a.Kind, a.State, a.ReservedAt = models.KindInbound, models.AttemptSent, *a.SentAt
	f.calls[a.ID] = &live{Reserved: models.Reserved{Attempt: a}, call: call.Call{State: models.AttemptSent}, sentAt: now, svc: service{unknown: true}}
	f.emit(OpenInbound{Attempt: a})
	return f.take()
}

// Caller is what the database knows of somebody who calls in.
type Caller struct {
	OrganizationID int64 // whose route the dialled number is, 0 = nobody's
	Blacklisted    bool
	LastAgent      int64 // who talked with him last, 0 = nobody
}

// Known brings the answer to OpenInbound: the call belongs to the organization of its route, a number on the blacklist is
// turned away, and the agent who talked with the caller last is preferred where the queue wants it (优先客服, S1-46).
func (f *Floor) Known(callID string, who Caller, now time.Time) []Effect {
	l := f.calls[callID]
	if l == nil || l.call.Over() {
		return f.take()
	}
	l.svc.unknown = false
	l.Attempt.OrganizationID, l.svc.recorded.OrganizationID = who.OrganizationID, who.OrganizationID
	if who.Blacklisted {
		l.killed = true
		f.emit(Kill{AttemptID: callID, Cause: "CALL_REJECTED"})
		return f.take()
	}
	l.svc.preferred = who.LastAgent
	f.match(now)
	return f.take()
}
