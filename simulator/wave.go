package simulator

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// longestTones bounds a file that nobody means to hear to its end.
const longestTones = 10 * time.Minute

// writeTones writes what a recording would be: 8 kHz, 16 bit, a tone for the customer on the left and another for what he
// hears on the right. Only WAV files are written.
func writeTones(path string, d time.Duration, stereo bool) error {
	if !strings.EqualFold(filepath.Ext(path), ".wav") {
		return nil
	}
	const rate = 8000
	channels := 1
	if stereo {
		channels = 2
	}
	n := int(min(d, longestTones).Seconds()*rate) * channels
	b := make([]byte, 44, 44+2*n)
	copy(b, "RIFF")
	binary.LittleEndian.PutUint32(b[4:], uint32(36+2*n))
	copy(b[8:], "WAVEfmt ")
	binary.LittleEndian.PutUint32(b[16:], 16)
	binary.LittleEndian.PutUint16(b[20:], 1)
	binary.LittleEndian.PutUint16(b[22:], uint16(channels))
	binary.LittleEndian.PutUint32(b[24:], rate)
	binary.LittleEndian.PutUint32(b[28:], uint32(rate*2*channels))
	binary.LittleEndian.PutUint16(b[32:], uint16(2*channels))
	binary.LittleEndian.PutUint16(b[34:], 16)
	copy(b[36:], "data")
	binary.LittleEndian.PutUint32(b[40:], uint32(2*n))
	for i := range n {
		t := float64(i/channels) / rate
		hz := 440.0
		if i%channels == 1 {
			hz = 330
		}
		// Words of a few tenths of a second with pauses between them, so that the picture looks like speech.
		loud := 3000 * math.Abs(math.Sin(2*math.Pi*1.7*t)) * math.Max(0, math.Sin(2*math.Pi*0.23*t+float64(i%channels)*math.Pi))
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(loud*math.Sin(2*math.Pi*hz*t))))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the folder of a recording: %w", err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return fmt.Errorf("write a recording: %w", err)
	}
	return nil
}
