// Package pacing decides how many calls to place now, and why.
//
// It is pure: no I/O, clock, goroutine, lock or logger. It owns no state of its own; its values belong to the floor.
package pacing

import (
	"math"
	"time"
)

// Margin widens the window of a Rate a little, so that the jitter between a decision and the wire does not push a
// window over the line. It costs 1 % of the rate.
const Margin = 10 * time.Millisecond

// Rate is a hard limit of calls per second: in no window of one second are there more than the configured number. It
// keeps the times of the last calls (a sliding-window log), because a token bucket lets two buckets through in a second.
type Rate struct {
	log    []time.Time // ring of the last cap(log) calls
	next   int
	window time.Duration
	gap    time.Duration // least distance, so that a second's calls are not one burst
}

// NewRate limits to perSecond calls; 0 or less means no limit. Rates below one are kept as one call per 1/perSecond seconds.
func NewRate(perSecond float64) *Rate {
	if perSecond <= 0 {
		return &Rate{}
	}
	// A rate of 2.5 is 2 calls in 0.8 s, one of 0.2 is 1 call in 5 s.
	n := max(int(math.Floor(perSecond)), 1)
	window := time.Duration(float64(time.Second) * float64(n) / perSecond)
	return &Rate{log: make([]time.Time, n), window: window + Margin, gap: window / time.Duration(2*n)}
}

// Wait says how long after now the next call may be placed; 0 means now.
func (r *Rate) Wait(now time.Time) time.Duration {
	if len(r.log) == 0 {
		return 0
	}
	wait := r.log[r.next].Add(r.window).Sub(now)
	if r.log[r.next].IsZero() {
		wait = 0
	}
	last := r.log[(r.next+len(r.log)-1)%len(r.log)]
	if g := last.Add(r.gap).Sub(now); !last.IsZero() && g > wait {
		wait = g
	}
	return max(wait, 0)
}

// Room says how many calls may be placed at now if their wire times are spread by the sender; a large number means no limit.
func (r *Rate) Room(now time.Time) int {
	if len(r.log) == 0 {
		return math.MaxInt32
	}
	n := 0
	for _, at := range r.log {
		if at.IsZero() || !now.Before(at.Add(r.window)) {
			n++
		}
	}
	return n
}

// Take notes a call placed at now.
func (r *Rate) Take(now time.Time) {
	if len(r.log) == 0 {
		return
	}
	r.log[r.next] = now
	r.next = (r.next + 1) % len(r.log)
}
