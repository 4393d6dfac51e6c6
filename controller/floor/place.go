package floor

import (
	"slices"
	"time"
)

// placeEvery is how often a waiting customer is told his place where the queue has no pause of its own between comfort
// announcements; the first time after placeFirst, when most have been served.
const (
	placeEvery = 30 * time.Second
	placeFirst = 10 * time.Second
)

// usualHandle is how long a call takes as long as nothing is known.
const usualHandle = 2 * time.Minute

// handled takes a call into the average of the queue: each new one counts a tenth.
func (ln *line) handled(d time.Duration) {
	if ln.handle == 0 {
		ln.handle = d
		return
	}
	ln.handle += (d - ln.handle) / 10
}

// sayPlaces tells those who wait how many are before them, and how long it may take, where the queue wants it. Nobody is told
// that his place has become worse: a preferred agent's customer may overtake.
func (f *Floor) sayPlaces(now time.Time) {
	ahead := map[int64]int{}
	for _, l := range f.waitingCalls(now) {
		v := &l.svc
		ln := f.queues[v.QueueID]
		n := ahead[v.QueueID]
		ahead[v.QueueID]++
		if ln == nil || v.direct || !ln.q.AnnouncePosition && !ln.q.AnnounceWait {
			continue
		}
		every := placeEvery
		if ln.q.ComfortSeconds > 0 {
			every = time.Duration(ln.q.ComfortSeconds) * time.Second
		}
		if v.said.IsZero() && now.Sub(v.from) < placeFirst || !v.said.IsZero() && now.Sub(v.said) < every {
			continue
		}
		v.said = now
		e := SayPlace{CallID: l.Attempt.ID, Ahead: -1, Minutes: -1}
		if ln.q.AnnouncePosition {
			e.Ahead = n
		}
		if ln.q.AnnounceWait {
			e.Minutes = f.expected(ln, n)
		}
		f.emit(e)
	}
}

// expected is how long the one behind n others may have to wait, in whole minutes: as many calls as are before him and his
// own, shared by those who are signed in (Little's law, with every agent at work).
func (f *Floor) expected(ln *line, n int) int {
	agents := 0
	for _, s := range f.seats {
		if s.st.Signed() && slices.Contains(s.queues, ln.q.ID) {
			agents++
		}
	}
	handle := ln.handle
	if handle == 0 {
		handle = usualHandle
	}
	return int((time.Duration(n+1) * handle / time.Duration(max(agents, 1))).Minutes())
}
