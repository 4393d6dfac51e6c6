package floor

import (
	"time"

	"waihu/controller/call"
	"waihu/models"
)

// settle is how long an originate may take to become a channel that the switch lists.
const settle = 5 * time.Second

// SwitchUp says that the event stream runs (again). core is the switch's Core-UUID: a new one means that it restarted and
// that all its calls are gone. Nothing is dialled until Channels has been compared.
func (f *Floor) SwitchUp(core string, now time.Time) []Effect {
	restarted := f.core != "" && core != f.core
	f.switchUp, f.synced, f.core = true, false, core
	if restarted {
		for _, id := range f.Calls() {
			l := f.calls[id]
			if l.call.Node == core || l.restart {
				continue
			}
			l.restart = true
			f.miss(id, l, now)
		}
		for _, l := range f.legsInOrder() {
			f.legGone(l, models.CauseSwitchRestart, now)
		}
	}
	return f.take()
}

// SwitchDown says that the event stream is lost: no new calls until it is back, compared, and its dialplan looked at.
func (f *Floor) SwitchDown() []Effect {
	f.switchUp, f.synced, f.published = false, false, false
	return f.take()
}

// Channels compares the open attempts with the channels that the switch listed at askedAt. A call that is not listed is
// looked up in the call records; one that stays away without a record is lost, which counts as dialled (I6).
func (f *Floor) Channels(listed map[string]bool, askedAt, now time.Time) []Effect {
	for _, id := range f.Calls() {
		l := f.calls[id]
		switch {
		case l.call.Over() || askedAt.Sub(l.sentAt) < settle:
		case listed[id]:
			l.missing, l.noRecord = time.Time{}, false
		case l.missing.IsZero():
			f.miss(id, l, now)
		case l.noRecord && (l.restart || now.Sub(l.missing) >= f.cfg.LostAfter):
			f.lose(id, l, now)
		default:
			f.emit(LookUp{AttemptID: id})
		}
	}
	for _, l := range f.legsInOrder() {
		if !listed[l.id] && askedAt.Sub(l.at) >= settle {
			f.legGone(l, models.CauseLost, now)
		}
	}
	f.undoubt()
	f.endUnlooked()
	f.synced = f.switchUp
	for _, s := range f.inOrder() {
		f.tend(s, now)
	}
	f.match(now)
	return f.take()
}

// InQueue takes from the list of channels who waits in which queue: calls whose coming there was not heard wait for an agent
// from now on.
func (f *Floor) InQueue(queues map[string]int64, askedAt, now time.Time) []Effect {
	for _, id := range f.Calls() {
		l, queue := f.calls[id], queues[id]
		if queue == 0 || l.call.Over() || l.svc.phase != apart && l.svc.phase != served || askedAt.Before(l.svc.left) {
			continue
		}
		f.enqueue(l, queue, now, now)
	}
	f.match(now)
	return f.take()
}

// adoptAnswer takes over a live answer of a campaign straight to agents: it waits for one since it was answered, whether or not
// the earlier process came to write that down.
func (f *Floor) adoptAnswer(l *live, now time.Time) {
	r := f.campaigns[l.Attempt.CampaignID]
	l.svc.tallied = l.svc.talked // the database counts it
	if r == nil || r.pace == nil || l.svc.talked || l.call.Times.Answered.IsZero() {
		return
	}
	l.svc.direct, l.svc.QueueID = true, r.c.QueueID
	if l.svc.QueuedAt == nil {
		at := l.call.Times.Answered
		l.svc.QueuedAt = &at
	}
	if l.svc.phase == apart {
		l.svc.phase, l.svc.from = waiting, now
	}
}

func (f *Floor) miss(id string, l *live, now time.Time) {
	l.missing = now
	f.emit(LookUp{AttemptID: id})
}

// NoRecord brings the answer to a LookUp that found nothing (yet).
func (f *Floor) NoRecord(attemptID string) []Effect {
	if l, ok := f.calls[attemptID]; ok {
		l.noRecord = true
	}
	return f.take()
}

func (f *Floor) lose(id string, l *live, now time.Time) {
	cause := models.CauseLost
	if l.restart {
		cause = models.CauseSwitchRestart
	}
	f.out = append(f.take(), f.Heard(id, call.Event{Kind: call.Gone, At: now, End: call.End{Cause: cause}}, now)...)
}

// Adopt takes over the open attempts of an earlier process: what was only reserved is given back, what may have been dialled
// is a call until the switch or its records say otherwise.
func (f *Floor) Adopt(open []models.Reserved, now time.Time) []Effect {
	for _, v := range open {
		if v.Attempt.State == models.AttemptReserved {
			f.release(v.Attempt.CampaignID, v.Attempt.ID)
			continue
		}
		l := &live{Reserved: v, sentAt: now.Add(-settle), counted: true}
		if v.Attempt.SentAt != nil && v.Attempt.SentAt.Before(l.sentAt) {
			l.sentAt = *v.Attempt.SentAt
		}
		l.call = call.Call{State: v.Attempt.State}
		if v.Attempt.AnsweredAt != nil {
			l.call.Times.Answered, l.svc.connecting = *v.Attempt.AnsweredAt, true
		}
		l.svc.Service = v.Attempt.Service
		l.svc.talked = v.Attempt.BridgedAt != nil
		if v.Attempt.Recording != "" && l.svc.talked {
			l.recorded(*v.Attempt.BridgedAt) // when recordings begin, but for those that an agent began
		}
		if v.Attempt.QueuedAt != nil && !l.svc.talked {
			l.svc.phase, l.svc.from = waiting, now // whom it waits for is known again when the switch has been compared
		}
		f.adoptAnswer(l, now)
		f.calls[v.Attempt.ID] = l
		f.busy++
		if t := f.trunks[v.Attempt.TrunkID]; t != nil {
			t.inUse++
		}
		if r := f.campaigns[v.Attempt.CampaignID]; r != nil {
			r.inFlight++
		}
	}
	return f.take()
}
