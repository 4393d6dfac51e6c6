package clock

import (
	"testing"
	"time"
)

func TestSkipFiresTimersThatFallDue(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	v := NewVirtual(start, 1)
	fired := make(chan time.Time, 2)
	v.AfterFunc(2*time.Hour, func() { fired <- v.Now() })
	cancel := v.AfterFunc(time.Hour, func() { fired <- time.Time{} })
	if !cancel() || cancel() {
		t.Fatal("cancel must report true once and then false")
	}
	v.Skip(3 * time.Hour)
	if at := <-fired; at.Before(start.Add(3 * time.Hour)) {
		t.Fatalf("fired at %v, before the skip", at)
	}
	if len(fired) != 0 {
		t.Fatal("the cancelled timer fired")
	}
}

func TestVirtualRunsFaster(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	v := NewVirtual(start, 1000)
	real := time.Now()
	done := make(chan struct{})
	v.AfterFunc(10*time.Second, func() { close(done) })
	<-done
	if d := v.Now().Sub(start); d < 10*time.Second {
		t.Fatalf("timer of 10 s fired after %v of its own clock", d)
	}
	if took := time.Since(real); took >= 10*time.Second {
		t.Fatalf("10 virtual seconds took %v", took)
	}
}

func TestSleepEndsWithDone(t *testing.T) {
	done := make(chan struct{})
	close(done)
	if Sleep(done, Real(), time.Hour) {
		t.Fatal("slept through a closed channel")
	}
	if !Sleep(nil, NewVirtual(time.Time{}, 1e6), time.Second) {
		t.Fatal("did not sleep")
	}
}
