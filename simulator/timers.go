package simulator

import (
	"container/heap"
	"time"
)

// timer calls fire once the switch's time has reached due. Timers of one instant fire in the order in which they were set.
type timer struct {
	due   time.Time
	order uint64
	index int // in the heap, -1 = not in it
	fire  func()
}

type timers []*timer

func (t timers) Len() int { return len(t) }

func (t timers) Less(i, j int) bool {
	if t[i].due.Equal(t[j].due) {
		return t[i].order < t[j].order
	}
	return t[i].due.Before(t[j].due)
}

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
	old[len(old)-1] = nil
	n.index = -1
	*t = old[:len(old)-1]
	return n
}

// after arranges that f runs d after the switch's present. The lock is held, now and when f runs.
func (s *Simulator) after(d time.Duration, f func()) *timer { return s.at(s.now.Add(d), f) }

func (s *Simulator) at(due time.Time, f func()) *timer {
	s.timerOrder++
	t := &timer{due: due, order: s.timerOrder, fire: f}
	heap.Push(&s.timers, t)
	return t
}

// stop takes t out of the queue; a nil timer, or one that has fired, is left alone.
func (s *Simulator) stop(t *timer) {
	if t != nil && t.index >= 0 {
		heap.Remove(&s.timers, t.index)
	}
}

// enter takes the lock and lets everything happen that is due by now, each thing at its own time: a clock that runs fast
// or is skipped does not stretch a call.
func (s *Simulator) enter() {
	s.mu.Lock()
	s.advance()
}

// leave arms the clock for the next timer, wakes the connections that have something to send and gives the lock back.
func (s *Simulator) leave() {
	s.arm()
	for _, c := range s.conns {
		if len(c.out) > 0 {
			c.wake()
		}
	}
	s.mu.Unlock()
}

func (s *Simulator) advance() {
	now := s.cfg.Clock.Now()
	for len(s.timers) > 0 && !s.timers[0].due.After(now) {
		t := heap.Pop(&s.timers).(*timer)
		if t.due.After(s.now) {
			s.now = t.due
		}
		t.fire()
	}
	if now.After(s.now) {
		s.now = now
	}
}

func (s *Simulator) arm() {
	if len(s.timers) == 0 || s.closed {
		return
	}
	due := s.timers[0].due
	if s.armed && !due.Before(s.armedFor) {
		return
	}
	if s.disarm != nil {
		s.disarm()
	}
	s.armed, s.armedFor = true, due
	s.disarm = s.cfg.Clock.AfterFunc(due.Sub(s.cfg.Clock.Now()), s.due)
}

// due runs in the clock's goroutine, when the earliest timer is due.
func (s *Simulator) due() {
	select {
	case s.ticks <- struct{}{}:
	default:
	}
}

// tick is what Run does when a timer is due.
func (s *Simulator) tick() {
	s.mu.Lock()
	s.armed = false
	s.advance()
	s.leave()
}
