// Package clock is the only place below the edge where time comes from. Real time for production; time that runs faster,
// and that may be skipped, for the simulator and for rehearsals.
//
// It owns no state but its timers and must not know what they are for.
package clock

import (
	"container/heap"
	"sync"
	"time"
)

// Clock tells the time and calls back. All durations are in the clock's own time.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine after d. The returned function cancels it; it reports whether it did.
	AfterFunc(d time.Duration, f func()) (cancel func() bool)
	// Speed is how many seconds of this clock pass in a real one.
	Speed() float64
}

// Sleep waits for d of c's time or until done is closed; it reports whether the time passed.
func Sleep(done <-chan struct{}, c Clock, d time.Duration) bool {
	ch := make(chan struct{})
	cancel := c.AfterFunc(d, func() { close(ch) })
	defer cancel()
	select {
	case <-ch:
		return true
	case <-done:
		return false
	}
}

type wall struct{}

// Real is the wall clock.
func Real() Clock { return wall{} }

func (wall) Now() time.Time { return time.Now() }
func (wall) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}
func (wall) Speed() float64 { return 1 }

// Virtual runs Speed times as fast as the wall clock from a given start and may be skipped forward.
type Virtual struct {
	speed float64
	mu    sync.Mutex
	base  time.Time // virtual time at real
	real  time.Time
	queue timers
	wake  *time.Timer
}

// NewVirtual starts a clock at start that runs speed times as fast as the wall clock. Speed must be positive.
func NewVirtual(start time.Time, speed float64) *Virtual {
	return &Virtual{speed: speed, base: start, real: time.Now()}
}

// Speed tells how fast the clock runs.
func (v *Virtual) Speed() float64 { return v.speed }

// Now is the virtual time.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now()
}

func (v *Virtual) now() time.Time {
	return v.base.Add(time.Duration(float64(time.Since(v.real)) * v.speed))
}

// Skip moves the clock forward by d at once; timers that fall due fire in their order.
func (v *Virtual) Skip(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if d > 0 {
		v.base = v.base.Add(d)
		v.arm()
	}
}

// AfterFunc calls f after d of virtual time.
func (v *Virtual) AfterFunc(d time.Duration, f func()) func() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := &timer{at: v.now().Add(d), f: f}
	heap.Push(&v.queue, t)
	if t.index == 0 {
		v.arm()
	}
	return func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		if t.index < 0 {
			return false
		}
		heap.Remove(&v.queue, t.index)
		return true
	}
}

// arm sets the one real timer to the earliest virtual one. The lock is held.
func (v *Virtual) arm() {
	if len(v.queue) == 0 {
		return
	}
	d := time.Duration(float64(v.queue[0].at.Sub(v.now())) / v.speed)
	if v.wake == nil {
		v.wake = time.AfterFunc(d, v.fire)
		return
	}
	v.wake.Reset(d)
}

func (v *Virtual) fire() {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	for len(v.queue) > 0 && !v.queue[0].at.After(now) {
		go heap.Pop(&v.queue).(*timer).f()
	}
	v.arm()
}

type timer struct {
	at    time.Time
	f     func()
	index int
}

type timers []*timer

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].at.Before(t[j].at) }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

func (t *timers) Push(x any) {
	n := x.(*timer)
	n.index = len(*t)
	*t = append(*t, n)
}

func (t *timers) Pop() any {
	old := *t
	n := old[len(old)-1]
	n.index = -1
	*t = old[:len(old)-1]
	return n
}
