package pacing

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestOverdial(t *testing.T) {
	for _, c := range []struct{ answered, abandoned, want int }{
		{0, 0, 0}, {32, 0, 0}, {33, 0, 1}, {100, 0, 3}, {1000, 0, 30}, {1000, 20, 10}, {1000, 30, 0}, {1000, 40, 0},
	} {
		if got := Overdial(c.answered, c.abandoned, 0.03); got != c.want {
			t.Errorf("A = %d, D = %d: %d calls, want %d", c.answered, c.abandoned, got, c.want)
		}
	}
}

// floor is a world for the invariant: whatever happens to calls and agents, in any order.
type worstFloor struct {
	idle, busy, ring, wait int
	answered, abandoned    int
	now                    float64
}

func (f *worstFloor) view() View {
	f.now++
	return View{
		Now: f.now, Idle: make([]float64, f.idle), Talk: make([]float64, f.busy), Ring: make([]float64, f.ring), Wait: make([]float64, f.wait),
		Answered: f.answered, Abandoned: f.abandoned,
	}
}

func (f *worstFloor) match() {
	for f.wait > 0 && f.idle > 0 {
		f.wait, f.idle, f.busy, f.answered = f.wait-1, f.idle-1, f.busy+1, f.answered+1
	}
}

// TestTheLimitHoldsWhateverHappens: over random histories (answers, failures, abandonments, agents who come back), with any
// estimate, the abandonment rate stays within ρ, also if every call in flight is answered and abandoned at once.
func TestTheLimitHoldsWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rho := rapid.SampledFrom([]float64{0.01, 0.03, 0.05}).Draw(t, "rho")
		mode := rapid.SampledFrom([]Mode{Predictive, ByRatio}).Draw(t, "mode")
		p := New(Settings{Mode: mode, Ratio: 10, Rho: rho, ConnectLimit: 2, RingTimeout: 30, Guarantee: Hard})
		f := &worstFloor{idle: rapid.IntRange(1, 30).Draw(t, "agents")}
		if rapid.Bool().Draw(t, "later") {
			f.answered = rapid.IntRange(0, 3000).Draw(t, "answered")
			f.abandoned = rapid.IntRange(0, int(rho*float64(f.answered))).Draw(t, "abandoned")
		}
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			f.ring += p.Decide(f.view()).Dial
			over := max(f.ring+f.wait-f.idle, 0)
			if d, a := f.abandoned+over, f.answered+over; over > 0 && float64(d) > rho*float64(a)+1e-6 {
				t.Fatalf("D + O = %d of A + O = %d, more than %g", d, a, rho)
			}
			for range rapid.IntRange(0, 6).Draw(t, "events") {
				switch rapid.IntRange(0, 5).Draw(t, "event") {
				case 0, 1:
					if f.ring > 0 {
						f.ring, f.wait = f.ring-1, f.wait+1
						p.Observe(Event{What: Answered, Seconds: 12})
					}
				case 2:
					if f.ring > 0 {
						f.ring--
						p.Observe(Event{What: NotAnswered, Seconds: 3})
					}
				case 3, 4:
					f.match()
					if f.wait > 0 {
						f.wait, f.abandoned, f.answered = f.wait-1, f.abandoned+1, f.answered+1
						p.Observe(Event{What: Abandoned, Seconds: 2})
					}
				case 5:
					if f.busy > 0 {
						f.busy, f.idle = f.busy-1, f.idle+1
						p.Observe(Event{What: WrapEnded, Seconds: 9})
					}
				}
				f.match()
				if float64(f.abandoned) > rho*float64(f.answered)+1e-6 {
					t.Fatalf("%d abandoned of %d, more than %g", f.abandoned, f.answered, rho)
				}
			}
		}
	})
}

// TestRiskTail: the calls admitted are the most for which the binomial tail stays within Delta.
func TestRiskTail(t *testing.T) {
	p := New(Settings{Mode: ByRatio, Ratio: 10, Rho: 0.03, ConnectLimit: 2, RingTimeout: 30, Guarantee: Risk})
	v := View{Now: 1, Idle: make([]float64, 10), Answered: 1000, Abandoned: 20}
	n, room := p.risk(&v, Overdial(1000, 20, 0.03)), 20
	upper := p.calls.rate() * p.calls.upper()
	if above, within := tailAbove(n+1, room, upper), tailAbove(n, room, upper); within > Delta || above <= Delta {
		t.Errorf("%d calls: P(more than %d answered) = %g, with one more %g, limit %g", n, room, within, above, Delta)
	}
	if n < room {
		t.Errorf("%d calls, fewer than the hard bound of %d", n, room)
	}
}

func tailAbove(n, x int, p float64) float64 {
	low, d := binomial(nil, n, p)
	sum := 0.0
	for i, y := range d {
		if low+i > x {
			sum += y
		}
	}
	return math.Min(sum, 1)
}
