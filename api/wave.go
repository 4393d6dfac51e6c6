package api

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// errNotWave says that a file is no WAV of 16-bit samples.
var errNotWave = errors.New("this is no WAV file of 16-bit samples")

// waveHead is what the head of a WAV file says.
type waveHead struct {
	channels, rate int
	data           int64 // bytes of samples
}

// readWaveHead reads up to the first sample. A recorder that was killed leaves a length of nothing or of everything: then the
// rest of the file counts.
func readWaveHead(r io.ReadSeeker) (waveHead, error) {
	var v waveHead
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return v, errNotWave
	}
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return v, errNotWave
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		if string(chunk[:4]) == "data" {
			return v, v.samples(r, size)
		}
		skip := size + size%2
		if string(chunk[:4]) == "fmt " {
			var f [16]byte
			if _, err := io.ReadFull(r, f[:]); err != nil {
				return v, errNotWave
			}
			v.channels, v.rate = int(binary.LittleEndian.Uint16(f[2:])), int(binary.LittleEndian.Uint32(f[4:]))
			if binary.LittleEndian.Uint16(f[14:]) != 16 {
				return v, errNotWave
			}
			skip -= int64(len(f))
		}
		if _, err := r.Seek(skip, io.SeekCurrent); err != nil || skip < 0 {
			return v, errNotWave
		}
	}
}

func (v *waveHead) samples(r io.Seeker, size int64) error {
	here, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("find the samples: %w", err)
	}
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("find the end of the samples: %w", err)
	}
	if _, err := r.Seek(here, io.SeekStart); err != nil {
		return fmt.Errorf("go back to the samples: %w", err)
	}
	if v.data = size; size == 0 || size > end-here {
		v.data = end - here
	}
	if v.channels < 1 || v.channels > 2 || v.rate < 1 {
		return errNotWave
	}
	return nil
}

// wavePeaks reads the loudest sample of each of at most peakCount parts, by channel, and holds no more than them in memory.
func wavePeaks(r io.ReadSeeker) (recordingPeaks, error) {
	head, err := readWaveHead(r)
	if err != nil {
		return recordingPeaks{}, err
	}
	frame := int64(2 * head.channels)
	n := head.data / frame
	points := min(n, peakCount)
	out := recordingPeaks{DurationMS: n * 1000 / int64(head.rate), Channels: make([][]float64, head.channels)}
	for c := range out.Channels {
		out.Channels[c] = make([]float64, points)
	}
	in, buf := bufio.NewReaderSize(io.LimitReader(r, n*frame), 1<<16), make([]byte, frame)
	for p := range points {
		loudest := make([]int16, head.channels)
		for range n*(p+1)/points - n*p/points {
			if _, err := io.ReadFull(in, buf); err != nil {
				return out, fmt.Errorf("read samples: %w", err)
			}
			for c := range loudest {
				if s := int16(binary.LittleEndian.Uint16(buf[2*c:])); abs(s) > abs(loudest[c]) {
					loudest[c] = s
				}
			}
		}
		for c, s := range loudest {
			out.Channels[c][p] = math.Round(float64(s)/32768*1000) / 1000
		}
	}
	return out, nil
}
