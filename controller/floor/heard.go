package floor

import (
	"time"

	"waihu/controller/call"
	"waihu/controller/pacing"
	"waihu/models"
)

// Heard takes one word of the switch about a call. Unknown and closed calls are ignored: what comes too late changes nothing.
func (f *Floor) Heard(attemptID string, ev call.Event, now time.Time) []Effect {
	l, ok := f.calls[attemptID]
	if !ok {
		return nil
	}
	closeBy := now.Add(f.cfg.Grace)
	after, changed := l.call.Step(ev, closeBy)
	if !changed {
		return nil
	}
	before := l.call
	l.call, l.missing, l.noRecord = after, time.Time{}, false
	if after.State == models.AttemptAnswered && before.State != models.AttemptAnswered {
		f.emit(MarkAnswered{AttemptID: attemptID, At: after.Times.Answered})
		f.rang(l, pacing.Answered, after.Times.Answered)
		f.answered(l, now)
	}
	if ev.Kind == call.JobFailed && after.Times.Created.IsZero() {
		f.brake(l, ev.End.Cause, now)
	}
	if l.killed && !after.Over() {
		f.kill(l)
	}
	if after.Over() && !before.Over() {
		if after.Times.Answered.IsZero() {
			f.rang(l, pacing.NotAnswered, now)
		}
		f.freeLine(l)
		f.left(l, now)
		f.closing = append(f.closing, attemptID)
	}
	if after.Detailed() {
		f.finish(l, now)
	}
	return f.take()
}

// brake stops more calls from running into the refusal that one has just met, without waiting for the details of its end: the
// switch has no session left, or the gateway is down.
func (f *Floor) brake(l *live, cause string, now time.Time) {
	switch cause {
	case "DESTINATION_OUT_OF_ORDER":
		f.full.on(now, fullFirst, fullMost)
	case "GATEWAY_DOWN", "INVALID_GATEWAY":
		if t := f.trunks[l.Attempt.TrunkID]; t != nil {
			f.pauseTrunk(t, models.OutcomeGatewayDown, now)
		}
	}
}

// closeDue closes calls whose details were waited for long enough.
func (f *Floor) closeDue(now time.Time) {
	waiting := f.closing[:0]
	for _, id := range f.closing {
		l, ok := f.calls[id]
		switch {
		case !ok:
		case f.settled(id, l, now):
			f.finish(l, now)
		default:
			waiting = append(waiting, id)
		}
	}
	f.closing = waiting
}

// settled reports whether no more can be learnt of a call that is over. When the details of its end did not come, the
// switch's call records are asked before it is closed without them: keys, or that it was placed at all, may be known there alone.
func (f *Floor) settled(id string, l *live, now time.Time) bool {
	switch {
	case !l.call.Due(now):
		return false
	case l.asked.IsZero():
		l.asked, l.noRecord = now, false
		f.emit(LookUp{AttemptID: id})
		return false
	default:
		return l.noRecord || now.Sub(l.asked) >= f.cfg.Grace
	}
}

// freeLine gives back the line of a call that is over. It is called once for each call, whatever comes.
func (f *Floor) freeLine(l *live) {
	if !l.counted {
		return
	}
	l.counted = false
	f.busy--
	if t := f.trunks[l.Attempt.TrunkID]; t != nil {
		t.inUse--
	}
	if r := f.campaigns[l.Attempt.CampaignID]; r != nil {
		r.inFlight--
	}
}

// Sent brings the answer to a Dial: what the last check turned away goes, the rest was handed to the switch.
func (f *Floor) Sent(refused []models.Refusal, now time.Time) []Effect {
	for _, v := range refused {
		if l, ok := f.calls[v.AttemptID]; ok {
			f.tellLooker(l, v.Why)
			f.drop(l, now)
			if r := f.campaigns[l.Attempt.CampaignID]; r != nil {
				r.counts.Refused++
				r.counts.Dialled--
				r.renew()
			}
		}
	}
	return f.take()
}

// NotSent says that attempts of a Dial were certainly not handed to the switch: they are given back.
func (f *Floor) NotSent(attemptIDs []string, now time.Time) []Effect {
	for _, id := range attemptIDs {
		l, ok := f.calls[id]
		if !ok {
			continue
		}
		f.tellLooker(l, models.GateSwitchDown)
		f.drop(l, now)
		f.giveUp(Release{CampaignID: l.Attempt.CampaignID, AttemptIDs: []string{id}, WasSent: true})
		if r := f.campaigns[l.Attempt.CampaignID]; r != nil {
			r.counts.Dialled--
			r.renew()
			r.askAgain = now.Add(time.Second)
		}
	}
	return f.take()
}

// drop forgets a call that never was one.
func (f *Floor) drop(l *live, now time.Time) {
	f.freeLine(l)
	delete(f.calls, l.Attempt.ID)
	f.unreserve(l, now)
}

// answered lets the callee of a campaign that goes straight to agents wait for one.
func (f *Floor) answered(l *live, now time.Time) {
	r := f.campaigns[l.Attempt.CampaignID]
	if r == nil || r.c.Mode != models.ModeDirectAgent || l.svc.phase != apart {
		return
	}
	l.svc.direct = true
	f.enqueue(l, r.c.QueueID, l.call.Times.Answered, now)
	f.match(now)
}
