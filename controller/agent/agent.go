// Package agent is what an agent is doing, as a table: a value and an input give a value. It knows nothing of phones, legs or
// queues' order; the floor says what happened.
//
// It is pure: no I/O, clock, goroutine, lock or logger. Every change of state has a time and a cause; an input that does not
// fit the state changes nothing.
package agent

import (
	"time"

	"waihu/models"
)

// shortBreak is how long an agent may be busy without losing his place among the longest idle.
const shortBreak = 15 * time.Minute

// Agent is one agent's standing. The zero value is offline.
type Agent struct {
	State  models.AgentState
	Reason string // of busy and offline
	Since  time.Time
	Cause  string // what made the last change

	CallID    string
	QueueID   int64
	IdleSince time.Time // end of the last call, or the sign-in: survives wrap-up and short breaks
	WrapUntil time.Time
	Calls     int // talked to since the sign-in
	Missed    int // unanswered offers in a row

	after string // the reason to be busy for, or "offline", once the call is over
}

const afterOffline = "\x00offline"

// Signed reports whether the agent is signed in anywhere.
func (a Agent) Signed() bool { return a.State != models.AgentOffline && a.State != "" }

// InCall reports whether the agent has a call, or one is on its way to him.
func (a Agent) InCall() bool {
	switch a.State {
	case models.AgentRinging, models.AgentTalking, models.AgentHold:
		return true
	default:
		return false
	}
}

func (a Agent) to(s models.AgentState, reason, cause string, now time.Time) Agent {
	a.State, a.Reason, a.Cause, a.Since = s, reason, cause, now
	if s != models.AgentWrapUp {
		a.WrapUntil = time.Time{}
	}
	switch s {
	case models.AgentIdle, models.AgentBusy, models.AgentOffline:
		a.CallID, a.QueueID = "", 0
	default:
	}
	return a
}

// SignIn makes an offline agent idle (S1-50).
func (a Agent) SignIn(now time.Time) Agent {
	if a.Signed() {
		return a
	}
	a = a.to(models.AgentIdle, "", "sign_in", now)
	a.IdleSince, a.Calls, a.Missed, a.after = now, 0, 0, ""
	return a
}

// SignOut makes the agent offline: now, or after the call that he has.
func (a Agent) SignOut(reason, cause string, now time.Time) Agent {
	switch {
	case !a.Signed():
		return a
	case a.InCall():
		a.after = afterOffline
		return a
	default:
		return a.to(models.AgentOffline, reason, cause, now)
	}
}

// Busy takes the agent out of distribution: now, or after the call that he has. A reservation is given up.
func (a Agent) Busy(reason, cause string, now time.Time) Agent {
	switch {
	case !a.Signed() || a.State == models.AgentBusy && a.Reason == reason:
		return a
	case a.InCall():
		a.after = reason
		return a
	default:
		return a.to(models.AgentBusy, reason, cause, now)
	}
}

// Idle brings a busy agent, or one in wrap-up, back; in a call it takes back what was to follow.
func (a Agent) Idle(cause string, now time.Time) Agent {
	switch a.State {
	case models.AgentBusy:
		if now.Sub(a.Since) > shortBreak {
			a.IdleSince = now
		}
		a.Missed = 0
		return a.to(models.AgentIdle, "", cause, now)
	case models.AgentWrapUp:
		return a.to(models.AgentIdle, "", cause, now)
	case models.AgentRinging, models.AgentTalking, models.AgentHold:
		a.after = ""
		return a
	default:
		return a
	}
}

// Reserve keeps an idle agent for a call that is being dialled.
func (a Agent) Reserve(call string, queue int64, now time.Time) Agent {
	if a.State != models.AgentIdle {
		return a
	}
	a = a.to(models.AgentReserved, "", "reserve", now)
	a.CallID, a.QueueID = call, queue
	return a
}

// Unreserve gives a reservation for this call up.
func (a Agent) Unreserve(call string, now time.Time) Agent {
	if a.State != models.AgentReserved || a.CallID != call {
		return a
	}
	return a.to(models.AgentIdle, "", "unreserve", now)
}

// Offer gives a call to an agent who is idle, or reserved for it.
func (a Agent) Offer(call string, queue int64, now time.Time) Agent {
	if a.State != models.AgentIdle && (a.State != models.AgentReserved || a.CallID != call) {
		return a
	}
	a = a.to(models.AgentRinging, "", "offer", now)
	a.CallID, a.QueueID = call, queue
	return a
}

// Talk says that the agent and the customer hear each other.
func (a Agent) Talk(call string, now time.Time) Agent {
	switch {
	case a.CallID != call:
		return a
	case a.State == models.AgentRinging:
		a.Missed = 0
		a.Calls++
		return a.to(models.AgentTalking, "", "answer", now)
	case a.State == models.AgentHold:
		return a.to(models.AgentTalking, "", "unhold", now)
	default:
		return a
	}
}

// Hold says that the customer waits while the agent keeps the call.
func (a Agent) Hold(now time.Time) Agent {
	if a.State != models.AgentTalking {
		return a
	}
	return a.to(models.AgentHold, "", "hold", now)
}

// Withdraw takes an offer back that was not the agent's fault: the customer hung up, or another agent was faster.
func (a Agent) Withdraw(call string, now time.Time) Agent {
	if a.State != models.AgentRinging || a.CallID != call {
		return a
	}
	return a.settle(models.AgentIdle, "withdrawn", now)
}

// Miss says that the agent did not take an offer, or did nothing with what he was kept for; after most in a row he is set busy
// with the reason.
func (a Agent) Miss(call string, most int, now time.Time) Agent {
	if a.State != models.AgentRinging && a.State != models.AgentReserved || a.CallID != call {
		return a
	}
	if a.Missed++; most > 0 && a.Missed >= most && a.after == "" {
		a.after = models.BusyMissed
	}
	return a.settle(models.AgentIdle, "missed", now)
}

// There says that an agent who was kept for something has done something with it: he did not miss it.
func (a Agent) There() Agent {
	a.Missed = 0
	return a
}

// End says that the agent's part in the call is over. Wrap-up lasts wrap; without any he is idle at once.
func (a Agent) End(call string, wrap time.Duration, now time.Time) Agent {
	if a.CallID != call || a.State != models.AgentTalking && a.State != models.AgentHold {
		return a
	}
	a.IdleSince = now
	if wrap <= 0 || a.after == afterOffline {
		return a.settle(models.AgentIdle, "hangup", now)
	}
	queue := a.QueueID
	a = a.to(models.AgentWrapUp, "", "hangup", now)
	a.CallID, a.QueueID, a.WrapUntil = call, queue, now.Add(wrap)
	return a
}

// Tick ends a wrap-up whose time is over.
func (a Agent) Tick(now time.Time) Agent {
	if a.State != models.AgentWrapUp || now.Before(a.WrapUntil) {
		return a
	}
	return a.settle(models.AgentIdle, "wrap_up_over", now)
}

// settle goes to the state, or to what was asked for while the call went on.
func (a Agent) settle(s models.AgentState, cause string, now time.Time) Agent {
	after := a.after
	a.after = ""
	switch after {
	case "":
		return a.to(s, "", cause, now)
	case afterOffline:
		return a.to(models.AgentOffline, "", cause, now)
	default:
		return a.to(models.AgentBusy, after, cause, now)
	}
}

// Leaving reports whether the agent will be offline after his call, and Pausing the reason for which he will be busy.
func (a Agent) Leaving() bool { return a.after == afterOffline }

// Pausing is the reason for which the agent will be busy after his call, "" = none.
func (a Agent) Pausing() string {
	if a.after == afterOffline {
		return ""
	}
	return a.after
}

// Restore is an agent as the database remembers him: signed in, with the queue and the call that he had.
func Restore(s models.AgentState, reason, call string, queue int64, since, now time.Time) Agent {
	a := Agent{State: s, Reason: reason, Since: since, Cause: "daemon", CallID: call, QueueID: queue, IdleSince: now}
	switch s {
	case models.AgentReserved, models.AgentRinging:
		return a.to(models.AgentIdle, "", "daemon", now)
	case models.AgentTalking, models.AgentHold:
		if call == "" {
			return a.to(models.AgentIdle, "", "daemon", now)
		}
	case models.AgentWrapUp:
		a.WrapUntil = now
	default:
	}
	return a
}
