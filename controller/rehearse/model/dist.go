package model

import (
	"math"
	"math/rand/v2"
)

// Dist is a distribution of durations in seconds.
type Dist interface {
	Draw(r *rand.Rand) float64
	// Below is the probability of a duration of at most x seconds.
	Below(x float64) float64
}

// LogNormal has the given mean (seconds) and coefficient of variation.
func LogNormal(mean, cv float64) Dist {
	s2 := math.Log(1 + cv*cv)
	return logNormal{math.Log(mean) - s2/2, math.Sqrt(s2)}
}

type logNormal struct{ mu, sigma float64 }

func (d logNormal) Draw(r *rand.Rand) float64 { return math.Exp(d.mu + d.sigma*r.NormFloat64()) }

func (d logNormal) Below(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return 0.5 * math.Erfc((d.mu-math.Log(x))/(d.sigma*math.Sqrt2))
}

// Exponential has the given mean (seconds): what is left of it does not depend on what has passed.
func Exponential(mean float64) Dist { return exponential(mean) }

type exponential float64

func (d exponential) Draw(r *rand.Rand) float64 { return float64(d) * r.ExpFloat64() }
func (d exponential) Below(x float64) float64   { return 1 - math.Exp(-max(x, 0)/float64(d)) }

// Mixture is one of several distributions, by their shares, which sum to 1.
func Mixture(shares []float64, dists ...Dist) Dist { return mixture{shares, dists} }

type mixture struct {
	shares []float64
	dists  []Dist
}

func (d mixture) Draw(r *rand.Rand) float64 {
	u := r.Float64()
	for i, s := range d.shares {
		if u -= s; u < 0 {
			return d.dists[i].Draw(r)
		}
	}
	return d.dists[len(d.dists)-1].Draw(r)
}

func (d mixture) Below(x float64) float64 {
	sum := 0.0
	for i, s := range d.shares {
		sum += s * d.dists[i].Below(x)
	}
	return sum
}

// Gamma has the given mean (seconds) and coefficient of variation, and is drawn again until it lies between low and high.
func Gamma(mean, cv, low, high float64) Dist {
	shape := 1 / (cv * cv)
	d := &gamma{shape: shape, scale: mean / shape, low: low, high: high}
	const steps = 4096
	d.step = (high - low) / steps
	d.sum = make([]float64, steps+1)
	for i := 1; i <= steps; i++ {
		x := low + (float64(i)-0.5)*d.step
		d.sum[i] = d.sum[i-1] + math.Exp((shape-1)*math.Log(x)-x/d.scale)
	}
	for i := range d.sum {
		d.sum[i] /= d.sum[steps]
	}
	return d
}

type gamma struct {
	shape, scale, low, high, step float64
	sum                           []float64 // distribution function at low + i·step
}

// Draw is the method of Marsaglia and Tsang (2000) for shapes of at least 1.
func (d *gamma) Draw(r *rand.Rand) float64 {
	k := d.shape - 1.0/3
	c := 1 / math.Sqrt(9*k)
	for {
		n := r.NormFloat64()
		v := 1 + c*n
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(r.Float64()) < n*n/2+k-k*v+k*math.Log(v) {
			if x := k * v * d.scale; x >= d.low && x <= d.high {
				return x
			}
		}
	}
}

func (d *gamma) Below(x float64) float64 {
	at := (x - d.low) / d.step
	if at <= 0 {
		return 0
	}
	i := int(at)
	if i >= len(d.sum)-1 {
		return 1
	}
	return d.sum[i] + (at-float64(i))*(d.sum[i+1]-d.sum[i])
}
