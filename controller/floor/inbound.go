package floor

import (
	"time"

	"waihu/controller/call"
	"waihu/models"
)

// Incoming takes a call that came in. It is a call like the others from now on, without a line of ours that it would use up.
func (f *Floor) Incoming(a models.Attempt, now time.Time) []Effect {
	if f.calls[a.ID] != nil || !f.leader {
		return f.take()
	}
	a.Kind, a.State, a.ReservedAt = models.KindInbound, models.AttemptSent, now
	a.SentAt = &now
	f.calls[a.ID] = &live{Reserved: models.Reserved{Attempt: a}, call: call.Call{State: models.AttemptSent}, sentAt: now, svc: service{unknown: true}}
	f.emit(OpenInbound{Attempt: a})
	return f.take()
}

// Known brings the answer to OpenInbound: a number on the blacklist is turned away, and the agent who talked with the caller
// last is preferred where the queue wants it (优先客服, S1-46).
func (f *Floor) Known(callID string, blacklisted bool, lastAgent int64, now time.Time) []Effect {
	l := f.calls[callID]
	if l == nil || l.call.Over() {
		return f.take()
	}
	l.svc.unknown = false
	if blacklisted {
		l.killed = true
		f.emit(Kill{AttemptID: callID, Cause: "CALL_REJECTED"})
		return f.take()
	}
	l.svc.preferred = lastAgent
	f.match(now)
	return f.take()
}
