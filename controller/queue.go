package controller

import (
	"maps"
	"sync"

	"waihu/models"
)

// signal wakes a waiting worker; several wakes are one.
type signal struct{ ch chan struct{} }

func (s *signal) init() { s.ch = make(chan struct{}, 1) }
func (s *signal) wake() {
	select {
	case s.ch <- struct{}{}:
	default:
	}
}

// queue holds effects for one worker, in order. It is not bounded by itself but by what causes its content: open attempts.
// The zero queue needs signal.init.
type queue[T any] struct {
	signal
	mu    sync.Mutex
	items []T
	busy  bool // the worker has items that are not done
	empty chan struct{}
}

func (q *queue[T]) put(item T) {
	q.mu.Lock()
	q.items = append(q.items, item)
	q.mu.Unlock()
	q.wake()
}

// take waits for items and takes all of them, at most limit. It reports false when done is closed. Taking again says that
// what was taken before is done.
func (q *queue[T]) take(done <-chan struct{}, limit int) ([]T, bool) {
	for {
		q.mu.Lock()
		q.busy = false
		if n := min(len(q.items), limit); n > 0 {
			got := q.items[:n:n]
			if q.items = q.items[n:]; len(q.items) == 0 {
				q.items = nil // the array would keep alive what was taken
			}
			q.busy = true
			q.mu.Unlock()
			return got, true
		}
		if q.empty != nil {
			close(q.empty)
			q.empty = nil
		}
		q.mu.Unlock()
		select {
		case <-q.ch:
		case <-done:
			return nil, false
		}
	}
}

// idle reports whether nothing is queued or being done.
func (q *queue[T]) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) == 0 && !q.busy
}

// drained is closed when the worker has done all that was queued.
func (q *queue[T]) drained() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.empty == nil {
		q.empty = make(chan struct{})
		if len(q.items) == 0 && !q.busy {
			close(q.empty)
			done := q.empty
			q.empty = nil
			return done
		}
	}
	return q.empty
}

// unsent are the attempts that wait for the dialer: the switch cannot list them yet, and they must not be taken for lost
// meanwhile, because they are going to be dialled. The zero value is ready.
type unsent struct {
	mu   sync.Mutex
	ids  map[string]bool
	most int // ids at once since the map was made
}

// unsentKept is how large a map is kept when it is empty: a Go map never gives memory back.
const unsentKept = 1000

func (u *unsent) add(sends []models.Send) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ids == nil {
		u.ids = map[string]bool{}
	}
	for _, v := range sends {
		u.ids[v.AttemptID] = true
	}
	u.most = max(u.most, len(u.ids))
}

func (u *unsent) done(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.ids, id)
	if len(u.ids) == 0 && u.most > unsentKept {
		u.ids, u.most = nil, 0
	}
}

// snapshot is a copy.
func (u *unsent) snapshot() map[string]bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ids == nil {
		return map[string]bool{}
	}
	return maps.Clone(u.ids)
}
