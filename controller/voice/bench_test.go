package voice

import (
	"bytes"
	"fmt"
	"testing"
)

func BenchmarkConvert(b *testing.B) {
	for _, rate := range []int{8000, 44100, 191999} {
		b.Run(fmt.Sprintf("%d Hz, 10 s", rate), func(b *testing.B) {
			data := tone(tagPCM, rate, 2, 16, 1000, 10)
			info, err := Check(bytes.NewReader(data), int64(len(data)), "a.wav")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				n := 0
				if err := convertWAV(bytes.NewReader(data), info.wav, func(int16) error { n++; return nil }); err != nil || n != 10*Rate {
					b.Fatal(n, err)
				}
			}
		})
	}
}
