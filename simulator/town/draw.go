package town

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// Kind is the shape of a distribution.
type Kind string

// The shapes.
const (
	Fixed       Kind = "fixed"
	Uniform     Kind = "uniform" // from Min to Max
	Exponential Kind = "exponential"
	Gamma       Kind = "gamma"
	LogNormal   Kind = "lognormal"
)

// Distribution is a random time. All times are in seconds. Draws outside Min to Max are set to the bound, so that the mean
// is Mean as long as the bounds are wide.
type Distribution struct {
	Kind Kind    `json:"kind" yaml:"kind" mapstructure:"kind"`
	Mean float64 `json:"mean" yaml:"mean" mapstructure:"mean"`
	CV   float64 `json:"cv" yaml:"cv" mapstructure:"cv"` // standard deviation / mean, of gamma and lognormal
	Min  float64 `json:"min" yaml:"min" mapstructure:"min"`
	Max  float64 `json:"max" yaml:"max" mapstructure:"max"` // 0 = a day
}

const day = 24 * 60 * 60

func (d Distribution) check() error {
	switch d.Kind {
	case Fixed, Uniform, Exponential, Gamma, LogNormal:
	default:
		return fmt.Errorf("kind %q is not one of fixed, uniform, exponential, gamma, lognormal", d.Kind)
	}
	for _, v := range []float64{d.Mean, d.Min, d.Max} {
		if !(v >= 0 && v <= day) {
			return fmt.Errorf("%v s is not between 0 and a day", v)
		}
	}
	if d.Max != 0 && d.Min > d.Max {
		return fmt.Errorf("min %v s is more than max %v s", d.Min, d.Max)
	}
	if (d.Kind == Gamma || d.Kind == LogNormal) && !(d.CV > 0 && d.CV <= 10) {
		return fmt.Errorf("cv %v is not between 0 and 10", d.CV)
	}
	return nil
}

// Draw takes one time. It always takes its numbers from a generator of its own that r seeds, so that other draws from r
// do not depend on how many this one needed.
func (d Distribution) Draw(r *rand.Rand) time.Duration {
	own := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
	var s float64
	switch d.Kind {
	case Uniform:
		s = d.Min + own.Float64()*(d.Max-d.Min)
	case Exponential:
		s = own.ExpFloat64() * d.Mean
	case Gamma:
		shape := 1 / (d.CV * d.CV)
		s = gamma(own, shape) * d.Mean / shape
	case LogNormal:
		variance := math.Log1p(d.CV * d.CV)
		s = d.Mean * math.Exp(own.NormFloat64()*math.Sqrt(variance)-variance/2)
	default:
		s = d.Mean
	}
	top := d.Max
	if top == 0 {
		top = day
	}
	return time.Duration(min(max(s, d.Min), top) * float64(time.Second))
}

// gamma draws from a gamma distribution of scale 1 by Marsaglia and Tsang (ACM TOMS 26, 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(1-r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// source is the generator of one call. A hash without weak spots: neighbouring numbers must not behave alike.
func source(seed uint64, number string, nth int) rand.Source {
	b := make([]byte, 0, 64)
	b = strconv.AppendUint(b, seed, 10)
	b = append(append(append(b, '/'), number...), '/')
	sum := sha256.Sum256(strconv.AppendInt(b, int64(nth), 10))
	return rand.NewPCG(binary.BigEndian.Uint64(sum[0:]), binary.BigEndian.Uint64(sum[8:]))
}
