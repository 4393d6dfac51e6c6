package voice

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
)

// resampler turns samples of any rate into samples of Rate with a windowed-sinc low-pass filter, one phase of it per
// position that an output sample can have between two input samples. Without the filter everything above 4 kHz, of which
// speech and music are full, would come back as hiss.
type resampler struct {
	in, out int // reduced ratio: out output samples for in input samples
	half    int // input samples to each side
	cut     float64
	phases  [][]float32 // made when first needed
}

// zeros is how many zero crossings of the sinc are kept on each side; pass is the share of the smaller band that passes.
const (
	zeros = 16
	pass  = 0.94

	// Every usual rate needs at most 320 phases. Odd ones would need up to 8,000 and half a second to make them; they take
	// the nearest of these instead, whose error is below what 16 bits on a telephone line can show.
	maxPhases = 640
)

func newResampler(rate int) *resampler {
	g := gcd(rate, Rate)
	r := &resampler{in: rate / g, out: Rate / g}
	r.cut = pass * min(1, float64(Rate)/float64(rate)) // of the input's Nyquist frequency
	r.half = int(math.Ceil(zeros / r.cut))
	r.phases = make([][]float32, min(r.out, maxPhases))
	return r
}

// taps is the filter for output sample m.
func (r *resampler) taps(m int) []float32 {
	p := m * r.in % r.out * len(r.phases) / r.out
	if r.phases[p] == nil {
		r.phases[p] = kernel(float64(p)/float64(len(r.phases)), r.cut, r.half)
	}
	return r.phases[p]
}

// kernel is the filter for an output sample that lies frac behind an input sample: taps for the inputs -half+1 … half.
func kernel(frac, cut float64, half int) []float32 {
	taps := make([]float64, 2*half)
	sum := 0.0
	for i := range taps {
		x := float64(i-half+1) - frac
		w := 0.0
		if math.Abs(x) < float64(half) { // Blackman
			u := math.Pi * x / float64(half)
			w = 0.42 + 0.5*math.Cos(u) + 0.08*math.Cos(2*u)
		}
		s := 1.0
		if x != 0 {
			s = math.Sin(math.Pi*cut*x) / (math.Pi * cut * x)
		}
		taps[i] = w * s
		sum += taps[i]
	}
	out := make([]float32, len(taps))
	for i, t := range taps {
		out[i] = float32(t / sum)
	}
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// run reads samples until next returns io.EOF and hands each sample of the new rate to emit.
func (r *resampler) run(next func() (float32, error), emit func(float32) error) error {
	window := make([]float32, r.half-1, 1<<16) // silence before the beginning
	base := -(r.half - 1)                      // index of the input sample window[0]
	have, ended := 0, false
	for m := 0; ; m++ {
		at := m * r.in / r.out
		if ended && at >= have {
			return nil
		}
		for last := at + r.half; base+len(window) <= last; {
			if !ended {
				s, err := next()
				if err == nil {
					window, have = append(window, s), have+1
					continue
				}
				if !errors.Is(err, io.EOF) {
					return err
				}
				ended = true
			}
			window = append(window, 0)
		}
		if at >= have {
			return nil
		}
		if drop := at - r.half + 1 - base; drop > 1<<15 {
			window = append(window[:0], window[drop:]...)
			base += drop
		}
		sum := float32(0)
		taps := r.taps(m)
		for i, s := range window[at-r.half+1-base:][:len(taps)] {
			sum += s * taps[i]
		}
		if err := emit(sum); err != nil {
			return err
		}
	}
}

// convertWAV reads a WAV file's samples and hands them on as 16-bit samples of Rate.
func convertWAV(in io.ReaderAt, w wavShape, emit func(int16) error) error {
	src := bufio.NewReaderSize(io.NewSectionReader(in, w.offset, w.size-w.size%int64(w.blockAlign)), 1<<16)
	frame := make([]byte, w.blockAlign)
	next := func() (float32, error) {
		if _, err := io.ReadFull(src, frame); err != nil {
			if errors.Is(err, io.EOF) {
				return 0, io.EOF
			}
			return 0, fmt.Errorf("read samples: %w", err)
		}
		return w.frame(frame), nil
	}
	out := func(s float32) error { return emit(int16(math.Round(float64(max(-1, min(1, s))) * math.MaxInt16))) }
	if w.rate != Rate {
		return newResampler(w.rate).run(next, out)
	}
	for {
		s, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := out(s); err != nil {
			return err
		}
	}
}
