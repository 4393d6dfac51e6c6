package esl

import (
	"sync"
	"time"
)

// queue lies between the reader and the handler. It is bounded: when the handler does not keep up, the reader stops
// reading and the switch keeps the events (it has room for 100,000 a connection, then it cuts us off, and we reconcile).
type queue struct {
	mu     sync.Mutex
	in     []queued
	taken  int // handed out and not yet done
	limit  int
	filled chan struct{}
	room   chan struct{}
}

// keep is how much room stays when there is nothing to do: what a burst took is given back.
const keep = 256

type queued struct {
	event Event
	at    time.Time
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, filled: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// push appends e, waiting for room. It reports whether it did; it does not when done is closed first.
func (q *queue) push(e Event, now time.Time, done <-chan struct{}) bool {
	for {
		q.mu.Lock()
		if len(q.in)+q.taken < q.limit {
			q.in = append(q.in, queued{e, now})
			q.mu.Unlock()
			signal(q.filled)
			return true
		}
		q.mu.Unlock()
		select {
		case <-q.room:
		case <-done:
			return false
		}
	}
}

// take gives all that is queued and keeps spent, an earlier batch, for reuse. The batch counts as queued until done says
// otherwise.
func (q *queue) take(spent []queued) []queued {
	clear(spent)
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.in
	if len(batch) == 0 && cap(batch) > keep {
		batch = nil
	}
	if cap(spent) > keep {
		spent = nil
	}
	q.in = spent[:0]
	q.taken = len(batch)
	return batch
}

// done says that one event of the batch was handled.
func (q *queue) done() {
	q.mu.Lock()
	full := len(q.in)+q.taken >= q.limit
	q.taken--
	q.mu.Unlock()
	if full {
		signal(q.room)
	}
}

// length is how many events were read and not handled.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.in) + q.taken
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
