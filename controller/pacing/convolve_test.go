package pacing

import (
	"math"
	"math/rand/v2"
	"testing"
)

// brute is the distribution of a sum of events by looking at every combination.
func brute(p []float64) []float64 {
	out := make([]float64, len(p)+1)
	for set := range 1 << len(p) {
		n, weight := 0, 1.0
		for i, x := range p {
			if set>>i&1 == 1 {
				n++
				weight *= x
			} else {
				weight *= 1 - x
			}
		}
		out[n] += weight
	}
	return out
}

func (c *counts) of(n int) float64 {
	if i := n - c.low; i >= 0 && i < len(c.p) {
		return c.p[i]
	}
	return 0
}

func TestConvolutionAgainstEveryCombination(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var all []float64
		var c counts
		c.certain(0)
		for len(all) < 12 {
			p, n := r.Float64(), 1+r.IntN(6)
			if r.IntN(5) == 0 {
				p = float64(r.IntN(2))
			}
			n = min(n, 12-len(all))
			c.add(p, n)
			for range n {
				all = append(all, p)
			}
		}
		for n, want := range brute(all) {
			if got := c.of(n); math.Abs(got-want) > 1e-8 {
				t.Fatalf("%v: P(%d) = %g, want %g", all, n, got, want)
			}
		}
	}
}

// TestConvolutionOfThousands: nothing underflows, nothing is lost, and the memory is some deviations, not the number.
func TestConvolutionOfThousands(t *testing.T) {
	for _, p := range []float64{1e-4, 0.01, 0.3, 0.5, 0.99, 1 - 1e-4} {
		var c counts
		c.certain(5)
		for range 40 {
			c.add(p, 100)
		}
		sum, mean := 0.0, 0.0
		for i, x := range c.p {
			sum += x
			mean += x * float64(c.low+i)
		}
		if want := 5 + 4000*p; math.Abs(sum-1) > 1e-6 || math.Abs(mean-want) > 1e-3*want || len(c.p) > 500 {
			t.Errorf("p = %g: sum %g, mean %g, want %g, %d numbers", p, sum, mean, want, len(c.p))
		}
	}
}

func TestShortageAgainstEveryCombination(t *testing.T) {
	calls, stay := []float64{0.3, 0.7, 0.2}, []float64{0.9, 0.5}
	const idle, fresh, more = 1, 0.4, 3
	f := forecast{worlds: []world{{1, 1}}}
	l := &f.slices[0]
	l.each[0].dist.certain(0)
	l.offset, l.each[0].fresh = idle+len(stay), fresh
	all := []float64{}
	for _, p := range append(calls, stay...) {
		l.each[0].dist.add(p, 1)
		all = append(all, p)
	}
	for n := range more + 1 {
		want := 0.0
		for k, p := range brute(all) {
			if k-l.offset >= 0 {
				want += p
			}
		}
		if got := f.short(l, n); math.Abs(got-want) > 1e-8 {
			t.Errorf("%d calls more: %g, want %g", n, got, want)
		}
		all = append(all, fresh)
	}
}
