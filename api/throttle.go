package api

import (
	"strings"
	"sync"
	"time"
)

// How failed log-ins are slowed down. Addresses get more: a whole office may stand behind one.
const (
	freeTries        = 5
	freeAddressTries = 20
	maxDelay         = time.Minute
	forgetAfter      = 15 * time.Minute
	maxTracked       = 20_000
)

// throttle counts failed log-ins per account and address and makes them wait longer and longer.
type throttle struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]tries
}

type tries struct {
	n     int
	until time.Time // not before
	last  time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, by: map[string]tries{}}
}

// begin counts a try in advance, so that many at once do not slip through, or says how long to wait.
func (t *throttle) begin(keys ...string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, k := range keys {
		if wait := t.by[k].until.Sub(now); wait > 0 {
			return wait
		}
	}
	if len(t.by) >= maxTracked {
		t.forget(now)
	}
	for _, k := range keys {
		v := t.by[k]
		if now.Sub(v.last) > forgetAfter {
			v = tries{}
		}
		v.n, v.last = v.n+1, now
		free := freeTries
		if strings.HasPrefix(k, "address ") {
			free = freeAddressTries
		}
		if v.n >= free {
			v.until = now.Add(min(maxDelay, time.Second<<min(v.n-free+1, 6)))
		}
		t.by[k] = v
	}
	return 0
}

// passed forgets the account's failures and takes back the address's try: a stranger's own account must not wash him clean.
func (t *throttle) passed(account, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, account)
	v := t.by[address]
	v.n, v.until = v.n-1, time.Time{}
	if v.n <= 0 {
		delete(t.by, address)
		return
	}
	t.by[address] = v
}

// forget drops what is old; when nothing is, all: memory is bounded, and so is the good of a flood.
func (t *throttle) forget(now time.Time) {
	for k, v := range t.by {
		if now.Sub(v.last) > forgetAfter {
			delete(t.by, k)
		}
	}
	if len(t.by) >= maxTracked {
		clear(t.by)
	}
}
