package simulator

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"
)

// wavDuration reads the length of a WAV file from its header. What is no WAV, or not there at all, plays DefaultSound: the
// sounds of calls that are only simulated need not exist.
func wavDuration(path string) (time.Duration, bool) {
	f, err := os.Open(path)
	if err != nil {
		return DefaultSound, true
	}
	defer func() { _ = f.Close() }() // only read from
	d, err := readWAV(f)
	if err != nil {
		return DefaultSound, true
	}
	return d, true
}

var errNoWAV = errors.New("no WAV file")

func readWAV(r io.ReadSeeker) (time.Duration, error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return 0, errNoWAV
	}
	var bytesPerSecond uint32
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return 0, errNoWAV
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			var format [16]byte
			if _, err := io.ReadFull(r, format[:]); err != nil || size < 16 {
				return 0, errNoWAV
			}
			bytesPerSecond = binary.LittleEndian.Uint32(format[8:])
			size -= 16
		case "data":
			if bytesPerSecond == 0 {
				return 0, errNoWAV
			}
			return time.Duration(size) * time.Second / time.Duration(bytesPerSecond), nil
		}
		if _, err := r.Seek(size+size%2, io.SeekCurrent); err != nil {
			return 0, errNoWAV
		}
	}
}
