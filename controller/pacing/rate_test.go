package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestNoSecondHoldsMoreThanTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cps := rapid.SampledFrom([]float64{0.2, 1, 2.5, 7, 28, 100}).Draw(t, "cps")
		r, now := NewRate(cps), t0
		var placed []time.Time
		for range 300 {
			now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "ms")) * time.Millisecond)
			if r.Wait(now) == 0 {
				r.Take(now)
				placed = append(placed, now)
			}
		}
		span, limit := time.Second, int(cps)
		if cps < 1 {
			span, limit = time.Duration(float64(time.Second)/cps), 1
		}
		for i := range placed {
			if j := i + limit; j < len(placed) && placed[j].Sub(placed[i]) < span && cps == float64(int(cps)) {
				t.Fatalf("%d calls between %v and %v at %v/s", limit+1, placed[i], placed[j], cps)
			}
		}
	})
}

func TestRateIsUsed(t *testing.T) {
	for _, cps := range []float64{0.5, 1, 2.5, 28, 160} {
		r, placed := NewRate(cps), 0
		const seconds = 100
		for now := t0; now.Before(t0.Add(seconds * time.Second)); now = now.Add(time.Millisecond) {
			if r.Wait(now) == 0 {
				r.Take(now)
				placed++
			}
		}
		if got := float64(placed) / (cps * seconds); got < 0.97 || got > 1.02 {
			t.Errorf("%v/s: used %.3f of the rate", cps, got)
		}
	}
}

func TestNoLimit(t *testing.T) {
	r := NewRate(0)
	r.Take(t0)
	if r.Wait(t0) != 0 || r.Room(t0) < 1e6 {
		t.Fatal("a rate of 0 must not limit")
	}
}

func TestRoomComesBackAfterTheWindow(t *testing.T) {
	r := NewRate(3)
	for range 3 {
		r.Take(t0)
	}
	if n := r.Room(t0.Add(900 * time.Millisecond)); n != 0 {
		t.Fatalf("room for %d within the second", n)
	}
	if n := r.Room(t0.Add(1100 * time.Millisecond)); n != 3 {
		t.Fatalf("room for %d after the second", n)
	}
}
