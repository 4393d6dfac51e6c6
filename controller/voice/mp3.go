package voice

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// frameHeader is what matters of the header of an MPEG audio frame, Layer III.
type frameHeader struct {
	length  int // bytes, header included
	samples int
	rate    int
}

// Search limits: bytes of junk before the first frame, and the number of frames in a row that make an MP3.
const (
	maxJunk   = 64 << 10
	needInRow = 3
)

// readFrame decodes four bytes; false if they are no Layer III frame.
func readFrame(b []byte) (frameHeader, bool) {
	if b[0] != 0xFF || b[1]&0xE0 != 0xE0 || b[1]>>1&3 != 1 {
		return frameHeader{}, false
	}
	version := b[1] >> 3 & 3 // 0 = 2.5, 2 = 2, 3 = 1
	bitrate, rate := b[2]>>4, int(b[2]>>2&3)
	if version == 1 || bitrate == 0 || bitrate == 15 || rate == 3 {
		return frameHeader{}, false
	}
	h := frameHeader{rate: []int{44100, 48000, 32000}[rate], samples: 1152}
	kbit := []int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[bitrate]
	if version != 3 {
		h.samples = 576
		h.rate /= 2
		kbit = []int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[bitrate]
	}
	if version == 0 {
		h.rate /= 2
	}
	h.length = h.samples/8*kbit*1000/h.rate + int(b[2]>>1&1)
	return h, true
}

func isFrame(b []byte) bool {
	_, ok := readFrame(b)
	return ok
}

// checkMP3 walks the frames: it takes that to tell an MP3 from a file that merely begins like one, and to know its
// duration before anything is decoded.
func checkMP3(r io.ReaderAt, size int64) (Info, error) {
	pos, err := skipTag(r, size)
	if err != nil {
		return Info{}, err
	}
	info := Info{Format: MP3, Codec: "mp3"}
	in := bufio.NewReaderSize(io.NewSectionReader(r, pos, size-pos), 1<<16)
	frames, row, junk := 0, 0, 0
	for {
		b, err := in.Peek(4)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Info{}, fmt.Errorf("read MP3 file: %w", err)
		}
		h, ok := readFrame(b)
		step := 1
		if ok {
			step = h.length
			row++
			frames++
			info.Rate = h.rate
			info.Duration += seconds(float64(h.samples) / float64(h.rate))
		} else if junk++; frames < needInRow {
			row, frames, info.Duration = 0, 0, 0
			if junk > maxJunk {
				break
			}
		}
		if _, err := in.Discard(step); err != nil {
			if errors.Is(err, io.EOF) {
				break // the last frame is cut off: players put up with that
			}
			return Info{}, fmt.Errorf("read MP3 file: %w", err)
		}
	}
	if row < needInRow {
		return Info{}, damaged("it begins like an MP3 file but has no sound in it", "开头像 MP3，但没有可播放的音频")
	}
	return info, nil
}

// skipTag is where the sound begins behind an ID3v2 tag.
func skipTag(r io.ReaderAt, size int64) (int64, error) {
	var b [10]byte
	n, err := r.ReadAt(b[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read MP3 file: %w", err)
	}
	if n < len(b) || string(b[:3]) != "ID3" {
		return 0, nil
	}
	length := int64(b[6]&0x7f)<<21 | int64(b[7]&0x7f)<<14 | int64(b[8]&0x7f)<<7 | int64(b[9]&0x7f)
	if length += 10; length < size {
		return length, nil
	}
	return 0, damaged("its ID3 tag is longer than the file", "ID3 标签长度超过文件大小")
}
