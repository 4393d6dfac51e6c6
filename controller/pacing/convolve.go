package pacing

import "math"

// counts is the distribution of a sum of independent yes-or-no events with different probabilities (Poisson-binomial), made
// by exact convolution. Tails below negligible are cut, so its length is some deviations, not the number of events.
type counts struct {
	low  int       // p[0] is the probability of low
	p    []float64 // p[i] is the probability of low + i
	next []float64
	bin  []float64
}

const negligible = 1e-10

// certain is the distribution of a number that is known.
func (c *counts) certain(n int) {
	c.low, c.p = n, append(c.p[:0], 1)
}

// add adds n events of probability p each.
func (c *counts) add(p float64, n int) {
	switch {
	case n <= 0 || p <= 0:
	case p >= 1:
		c.low += n
	case n <= 3:
		for range n {
			c.one(p)
		}
	default:
		var low int
		low, c.bin = binomial(c.bin[:0], n, p)
		c.fold(low, c.bin)
	}
}

func (c *counts) one(p float64) {
	last := 0.0
	for i, x := range c.p {
		c.p[i] = x*(1-p) + last*p
		last = x
	}
	c.p = append(c.p, last*p)
	c.cut()
}

// fold adds a number with the given distribution.
func (c *counts) fold(low int, with []float64) {
	n := len(c.p) + len(with) - 1
	c.next = append(c.next[:0], make([]float64, n)...)
	for i, x := range c.p {
		out := c.next[i : i+len(with)]
		for j, y := range with {
			out[j] += x * y
		}
	}
	c.p, c.next = c.next, c.p
	c.low += low
	c.cut()
}

func (c *counts) cut() {
	from, to := 0, len(c.p)
	for to > 1 && c.p[to-1] < negligible {
		to--
	}
	for from < to-1 && c.p[from] < negligible {
		from++
	}
	if from > 0 {
		copy(c.p, c.p[from:to])
	}
	c.p, c.low = c.p[:to-from], c.low+from
}

// binomial appends the distribution of n events of probability p, 0 < p < 1, and says where it begins. It walks from the
// most likely number outwards, so nothing underflows.
func binomial(out []float64, n int, p float64) (low int, _ []float64) {
	mode := min(int(float64(n+1)*p), n)
	odds := p / (1 - p)
	peak := math.Exp(logFactorial(n) - logFactorial(mode) - logFactorial(n-mode) + float64(mode)*math.Log(p) + float64(n-mode)*math.Log1p(-p))
	low = mode
	x := peak
	for low > 0 {
		before := x * float64(low) / (float64(n-low+1) * odds)
		if before < negligible {
			break
		}
		low, x = low-1, before
	}
	for k := low; k <= n; k++ {
		if k > mode && x < negligible {
			break
		}
		out = append(out, x)
		x *= float64(n-k) * odds / float64(k+1)
	}
	return low, out
}

// logFactorials are ln 0! to ln 2047!: most of the time of a decision went into them.
var logFactorials = func() (table [2048]float64) {
	for i := 2; i < len(table); i++ {
		table[i] = table[i-1] + math.Log(float64(i))
	}
	return table
}()

func logFactorial(n int) float64 {
	if n < len(logFactorials) {
		return logFactorials[n]
	}
	x, _ := math.Lgamma(float64(n + 1))
	return x
}

func (c *counts) copy(from *counts) {
	c.low, c.p = from.low, append(c.p[:0], from.p...)
}

// atLeast is the probability that the number plus another one, with the given distribution from 0 on, is at least x.
func (c *counts) atLeast(x int, more []float64) float64 {
	sum, tail, next := 0.0, 0.0, len(c.p)-1
	for i, p := range more {
		for next >= 0 && c.low+next+i >= x {
			tail += c.p[next]
			next--
		}
		sum += p * tail
	}
	return sum
}
