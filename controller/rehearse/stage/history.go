package stage

import (
	"time"

	"waihu/controller/rehearse/model"
	"waihu/models"
)

// What is believed of a world of which nothing is known, and how many events that belief is worth beside what was seen. The
// figures are those of the comparison that pacing is judged by.
const (
	priorAnswer = 0.3
	priorRing   = 15.0  // seconds
	priorTalk   = 120.0 // seconds
	worthCalls  = 50.0
	worthTalks  = 20.0
	ringCV      = 0.5
	talkCV      = 1.0 // as usual for talks; the counts by the hour do not tell
)

// Learnt is a world made of what was seen, and on how much it rests.
type Learnt struct {
	World
	Basis models.RehearsalBasis
}

// Learn makes a world of history. Each hour of the day has its own answer rate, drawn towards that of all hours, as that of
// all is towards what is believed without any history. zone is the one whose hours are meant.
func Learn(h models.History, zone *time.Location) Learnt {
	var l Learnt
	b := &l.Basis
	var answered, ringSum float64
	for _, hour := range h.Hours {
		b.Calls += hour.Calls
		answered += float64(hour.Answered)
		ringSum += hour.RingSeconds
	}
	b.Answer = (answered + priorAnswer*worthCalls) / (float64(b.Calls) + worthCalls)
	b.RingSeconds = (ringSum + priorRing*worthCalls) / (answered + worthCalls)
	var byHour, calls, heard [24]float64
	for _, hour := range h.Hours {
		at := hour.Hour.In(zone).Hour()
		calls[at] += float64(hour.Calls)
		heard[at] += float64(hour.Answered)
	}
	for i := range byHour {
		byHour[i] = (heard[i] + b.Answer*worthCalls) / (calls[i] + worthCalls)
		b.ByHours = b.ByHours || calls[i] > worthCalls
	}
	b.Talks = h.Talks
	n := float64(h.Talks)
	b.TalkSeconds = (h.TalkSeconds + priorTalk*worthTalks) / (n + worthTalks)
	l.World = World{
		Answer: func(t time.Time) float64 { return byHour[t.In(zone).Hour()] },
		Ring:   model.Gamma(min(max(b.RingSeconds, 2), 60), ringCV, 0.5, 120),
		Talk:   model.LogNormal(max(b.TalkSeconds, 1), talkCV),
		PickUp: model.LogNormal(4, 0.5), Wait: model.Exponential(60), ToKey: share(h.Queued, h.Queued+h.Listened, 0.1),
		Listen: model.LogNormal(max(listen(h), 1), 0.5), Fails: fails(h),
	}
	return l
}

func listen(h models.History) float64 {
	const believed, worth = 10.0, 20.0
	return (h.ListenSeconds + believed*worth) / (float64(h.Listened) + worth)
}

func share(part, of int64, believed float64) float64 {
	return (float64(part) + believed*worthTalks) / (float64(of) + worthTalks)
}

// fails are the ways in which calls end unanswered, by how often each was seen; what is left rings out.
func fails(h models.History) []Fail {
	all := worthCalls
	for _, n := range h.Failed {
		all += float64(n)
	}
	way := func(believed float64, cause string, after model.Dist, outcomes ...models.Outcome) Fail {
		seen := believed * worthCalls
		for _, o := range outcomes {
			seen += float64(h.Failed[o])
		}
		return Fail{Share: seen / all, Cause: cause, After: after}
	}
	return []Fail{
		way(0.10, "USER_BUSY", model.LogNormal(4, 0.5), models.OutcomeBusy),
		way(0.10, "UNALLOCATED_NUMBER", model.LogNormal(3, 0.3), models.OutcomeInvalidNumber, models.OutcomeNumberChanged),
		way(0.10, "CALL_REJECTED", model.LogNormal(10, 0.5), models.OutcomeRejected, models.OutcomeUnwanted),
		way(0.05, "SUBSCRIBER_ABSENT", model.LogNormal(4, 0.5), models.OutcomeUnreachable, models.OutcomePoweredOff, models.OutcomeNotConnected),
	}
}
