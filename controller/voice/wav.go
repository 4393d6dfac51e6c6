package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Format tags of WAV files.
const (
	tagPCM        = 1
	tagADPCM      = 2
	tagFloat      = 3
	tagALaw       = 6
	tagULaw       = 7
	tagIMA        = 0x11
	tagGSM        = 0x31
	tagMP3        = 0x55
	tagExtensible = 0xFFFE
)

// wavShape is where the samples of a WAV file are and how they are written.
type wavShape struct {
	tag        uint16
	channels   int
	rate       int
	bits       int
	blockAlign int
	byteRate   int
	offset     int64 // of the samples
	size       int64 // of the samples, bytes
}

// Bounds of what is taken for telephone sound.
const (
	minRate     = 4000
	maxRate     = 192_000
	maxChannels = 8
	maxChunks   = 1000
)

// checkWAV walks the chunks. Sizes in headers are claims: each is held against the size of the file.
func checkWAV(r io.ReaderAt, size int64) (Info, error) {
	var w wavShape
	haveFormat := false
	pos := int64(12)
	for range maxChunks {
		id, n, err := chunkAt(r, pos, size)
		if err != nil {
			return Info{}, err
		}
		if id == "" {
			break
		}
		body := pos + 8
		switch {
		case id == "fmt ":
			if w, err = readFormat(r, body, min(n, size-body)); err != nil {
				return Info{}, err
			}
			haveFormat = true
		case id == "data" && !haveFormat:
			return Info{}, damaged("samples stand before the format", "音频数据出现在格式说明之前")
		case id == "data":
			if n > size-body {
				return Info{}, damaged(fmt.Sprintf("its header promises %d bytes of sound and there are %d", n, size-body),
					fmt.Sprintf("文件头声明有 %d 字节音频，实际只有 %d 字节", n, size-body))
			}
			w.offset, w.size = body, n
			return wavInfo(w)
		}
		pos = body + n + n%2
	}
	return Info{}, damaged("it has no samples", "没有音频数据")
}

// chunkAt reads a chunk's header; "" behind the last chunk.
func chunkAt(r io.ReaderAt, pos, size int64) (string, int64, error) {
	if pos+8 > size {
		return "", 0, nil
	}
	var h [8]byte
	if _, err := r.ReadAt(h[:], pos); err != nil {
		return "", 0, fmt.Errorf("read chunk at byte %d of WAV file: %w", pos, err)
	}
	return string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:])), nil
}

func readFormat(r io.ReaderAt, pos, n int64) (wavShape, error) {
	if n < 16 {
		return wavShape{}, damaged("its format description is cut off", "格式说明不完整")
	}
	b := make([]byte, min(n, 40))
	if _, err := r.ReadAt(b, pos); err != nil && !errors.Is(err, io.EOF) {
		return wavShape{}, fmt.Errorf("read format of WAV file: %w", err)
	}
	w := wavShape{
		tag:        binary.LittleEndian.Uint16(b),
		channels:   int(binary.LittleEndian.Uint16(b[2:])),
		rate:       int(binary.LittleEndian.Uint32(b[4:])),
		byteRate:   int(binary.LittleEndian.Uint32(b[8:])),
		blockAlign: int(binary.LittleEndian.Uint16(b[12:])),
		bits:       int(binary.LittleEndian.Uint16(b[14:])),
	}
	if w.tag == tagExtensible && len(b) >= 26 {
		w.tag = binary.LittleEndian.Uint16(b[24:]) // the sub-format's identifier begins with the plain tag
	}
	if w.channels < 1 || w.channels > maxChannels || w.rate < minRate || w.rate > maxRate {
		return wavShape{}, damaged(fmt.Sprintf("%d channels at %d Hz are not possible", w.channels, w.rate),
			fmt.Sprintf("声道数 %d、采样率 %d Hz 不合理", w.channels, w.rate))
	}
	return w, nil
}

func wavInfo(w wavShape) (Info, error) {
	info := Info{Format: WAV, Rate: w.rate, Channels: w.channels, Bits: w.bits, wav: w}
	var sizes []int
	switch w.tag {
	case tagPCM:
		info.Codec, sizes = "pcm", []int{8, 16, 24, 32}
	case tagFloat:
		info.Codec, sizes = "float", []int{32, 64}
	case tagALaw:
		info.Codec, sizes = "alaw", []int{8}
	case tagULaw:
		info.Codec, sizes = "ulaw", []int{8}
	case tagADPCM, tagIMA, tagGSM, tagMP3:
		info.Codec = fmt.Sprintf("0x%02x", w.tag)
		if w.byteRate <= 0 {
			return Info{}, damaged("its byte rate is zero", "字节率为零")
		}
		info.Duration = seconds(float64(w.size) / float64(w.byteRate))
		return info, nil
	default:
		return Info{}, refuse(CodeCodec,
			fmt.Sprintf("the WAV file is compressed in a way (0x%04x) that is not supported; save it as PCM 16 bit", w.tag),
			fmt.Sprintf("不支持该 WAV 压缩编码（0x%04x）；请另存为 PCM 16 位", w.tag))
	}
	for _, n := range sizes {
		if n == w.bits && w.blockAlign == w.channels*n/8 {
			info.Duration = seconds(float64(w.size/int64(w.blockAlign)) / float64(w.rate))
			return info, nil
		}
	}
	return Info{}, damaged(fmt.Sprintf("%d bits a sample and %d bytes a frame do not go together", w.bits, w.blockAlign),
		fmt.Sprintf("每样本 %d 位与每帧 %d 字节不一致", w.bits, w.blockAlign))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// plain reports whether the samples can be converted without ffmpeg.
func (w wavShape) plain() bool {
	return w.tag == tagPCM || w.tag == tagFloat || w.tag == tagALaw || w.tag == tagULaw
}

// frame turns one frame into a mono sample of -1…1.
func (w wavShape) frame(b []byte) float32 {
	step, sum := w.bits/8, 0.0
	for c := range w.channels {
		sum += w.sample(b[c*step:])
	}
	return float32(sum / float64(w.channels))
}

func (w wavShape) sample(b []byte) float64 {
	switch {
	case w.tag == tagALaw:
		return float64(aLaw(b[0])) / 32768
	case w.tag == tagULaw:
		return float64(uLaw(b[0])) / 32768
	case w.tag == tagFloat && w.bits == 32:
		return bounded(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	case w.tag == tagFloat:
		return bounded(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case w.bits == 8: // the only unsigned one
		return (float64(b[0]) - 128) / 128
	case w.bits == 16:
		return float64(int16(binary.LittleEndian.Uint16(b))) / 32768
	case w.bits == 24:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	default:
		return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
	}
}

// bounded keeps not-a-number and infinity, which a hostile file may hold, out of the filter.
func bounded(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return max(-1, min(1, f))
}

// aLaw expands a byte by ITU-T G.711.
func aLaw(b byte) int {
	b ^= 0x55
	v := int(b&0x0F)<<4 + 8
	if e := int(b >> 4 & 7); e > 0 {
		v = (v + 0x100) << (e - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

// uLaw expands a byte by ITU-T G.711.
func uLaw(b byte) int {
	b = ^b
	v := (int(b&0x0F)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		return -v
	}
	return v
}
