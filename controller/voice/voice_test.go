package voice

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-audio/wav"
	"go.uber.org/goleak"

	"waihu/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tone makes a WAV file of a sine wave, the same on every channel.
func tone(tag uint16, rate, channels, bits int, hz, secs float64) []byte {
	var data []byte
	for i := range int(secs * float64(rate)) {
		s := 0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
		for range channels {
			data = append(data, encode(tag, bits, s)...)
		}
	}
	return riff(tag, rate, channels, bits, data)
}

func encode(tag uint16, bits int, s float64) []byte {
	switch {
	case tag == tagULaw || tag == tagALaw: // the byte that expands to the nearest value
		best, bestDiff := 0, math.Inf(1)
		for b := range 256 {
			v := aLaw(byte(b))
			if tag == tagULaw {
				v = uLaw(byte(b))
			}
			if d := math.Abs(float64(v) - s*32768); d < bestDiff {
				best, bestDiff = b, d
			}
		}
		return []byte{byte(best)}
	case tag == tagFloat && bits == 32:
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(s)))
	case tag == tagFloat:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(s))
	case bits == 8:
		return []byte{byte(128 + s*127)}
	default:
		b := binary.LittleEndian.AppendUint32(nil, uint32(int32(s*(1<<31-1))))
		return b[4-bits/8:]
	}
}

func riff(tag uint16, rate, channels, bits int, data []byte) []byte {
	f := binary.LittleEndian.AppendUint16(nil, tag)
	f = binary.LittleEndian.AppendUint16(f, uint16(channels))
	f = binary.LittleEndian.AppendUint32(f, uint32(rate))
	f = binary.LittleEndian.AppendUint32(f, uint32(rate*channels*bits/8))
	f = binary.LittleEndian.AppendUint16(f, uint16(channels*bits/8))
	f = binary.LittleEndian.AppendUint16(f, uint16(bits))
	return chunks(chunk("LIST", []byte("INFOodd")), chunk("fmt ", f), chunk("data", data))
}

func chunk(id string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func chunks(cs ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(cs, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// ffmpegPath finds ffmpeg; tests that need it are skipped without.
func ffmpegPath(t *testing.T) string {
	t.Helper()
	p, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	return p
}

// encodeBy has ffmpeg make a file of another format from a tone.
func encodeBy(t *testing.T, in []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(ffmpegPath(t), append([]string{"-hide_banner", "-loglevel", "error", "-f", "wav", "-i", "pipe:0"}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v", args, err)
	}
	return out
}

func config(t *testing.T) Config {
	dir := t.TempDir()
	c := Config{OriginalDir: filepath.Join(dir, "originals"), SoundDir: filepath.Join(dir, "sounds")}
	for _, d := range []string{c.OriginalDir, c.SoundDir} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// played reads what was made for the switch with a library that did not write it.
func played(t *testing.T, path string) []float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := wav.NewDecoder(f)
	buf, err := d.FullPCMBuffer()
	if err != nil || !d.IsValidFile() {
		t.Fatalf("read %s back: %v", path, err)
	}
	if d.SampleRate != Rate || d.NumChans != 1 || d.BitDepth != 16 || d.WavAudioFormat != 1 {
		t.Fatalf("made %d Hz, %d channels, %d bits, format %d", d.SampleRate, d.NumChans, d.BitDepth, d.WavAudioFormat)
	}
	out := make([]float64, len(buf.Data))
	for i, s := range buf.Data {
		out[i] = float64(s) / 32768
	}
	return out
}

// level is the amplitude at a frequency, by correlation; the edges, where filters swing in, are left out.
func level(s []float64, hz float64) float64 {
	s = s[len(s)/8 : len(s)-len(s)/8]
	re, im := 0.0, 0.0
	for i, v := range s {
		re += v * math.Cos(2*math.Pi*hz*float64(i)/Rate)
		im += v * math.Sin(2*math.Pi*hz*float64(i)/Rate)
	}
	return 2 * math.Hypot(re, im) / float64(len(s))
}

func TestStorePlainWAV(t *testing.T) {
	for _, c := range []struct {
		tag                  uint16
		rate, channels, bits int
	}{
		{tagPCM, 8000, 1, 16}, {tagPCM, 8000, 2, 16}, {tagPCM, 8000, 1, 8}, {tagPCM, 16000, 1, 16}, {tagPCM, 44100, 2, 16},
		{tagPCM, 48000, 2, 24}, {tagPCM, 11025, 1, 32}, {tagPCM, 6000, 1, 16}, {tagPCM, 96000, 1, 16}, {tagPCM, 44056, 1, 16},
		{tagFloat, 22050, 1, 32}, {tagFloat, 32000, 6, 64}, {tagALaw, 8000, 1, 8}, {tagULaw, 8000, 1, 8}, {tagULaw, 16000, 2, 8},
	} {
		t.Run(fmt.Sprintf("%d %d Hz %d x %d", c.tag, c.rate, c.channels, c.bits), func(t *testing.T) {
			cfg := config(t)
			data := tone(c.tag, c.rate, c.channels, c.bits, 1000, 1)
			v, err := Store(context.Background(), cfg, "欢迎.wav", bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if v.DurationMS < 999 || v.DurationMS > 1001 || v.Format != WAV || v.OriginalName != "欢迎.wav" || v.Name != "欢迎" || v.Approval != models.ApprovalPending {
				t.Errorf("voice file %+v", v)
			}
			s := played(t, filepath.Join(cfg.SoundDir, v.WavPath))
			if a := level(s, 1000); a < 0.48 || a > 0.52 {
				t.Errorf("the tone came out at %.3f, want 0.5", a)
			}
			kept, err := os.ReadFile(filepath.Join(cfg.OriginalDir, v.OriginalPath))
			if err != nil || !bytes.Equal(kept, data) {
				t.Errorf("original not kept as it was: %v", err)
			}
		})
	}
}

// What a telephone cannot carry must not come back as another tone.
func TestResamplerDoesNotAlias(t *testing.T) {
	for _, rate := range []int{16000, 22050, 44100, 48000} {
		cfg := config(t)
		mix := tone(tagPCM, rate, 1, 16, 5000, 1) // would fold to 3,000 Hz
		low := tone(tagPCM, rate, 1, 16, 500, 1)
		for i := len(mix) - 2*rate; i < len(mix); i += 2 {
			a, b := int16(binary.LittleEndian.Uint16(mix[i:])), int16(binary.LittleEndian.Uint16(low[i:]))
			binary.LittleEndian.PutUint16(mix[i:], uint16(a/2+b/2))
		}
		v, err := Store(context.Background(), cfg, "mix.wav", bytes.NewReader(mix))
		if err != nil {
			t.Fatal(err)
		}
		s := played(t, filepath.Join(cfg.SoundDir, v.WavPath))
		if pass, fold := level(s, 500), level(s, 3000); pass < 0.24 || fold > 0.001 {
			t.Errorf("%d Hz: 500 Hz at %.4f (want 0.25), 3000 Hz at %.5f (want silence)", rate, pass, fold)
		}
	}
}

func TestG711(t *testing.T) {
	// Values of ITU-T G.711, tables 1 and 2, in 16-bit scale.
	for _, c := range []struct {
		f    func(byte) int
		b    byte
		want int
	}{
		{uLaw, 0xFF, 0}, {uLaw, 0x7F, 0}, {uLaw, 0x80, 32124}, {uLaw, 0x00, -32124}, {uLaw, 0xF0, 120},
		{aLaw, 0xD5, 8}, {aLaw, 0x55, -8}, {aLaw, 0xAA, 32256}, {aLaw, 0x2A, -32256}, {aLaw, 0x80, 5504},
	} {
		if got := c.f(c.b); got != c.want {
			t.Errorf("0x%02X expands to %d, want %d", c.b, got, c.want)
		}
	}
}

func TestStoreMP3(t *testing.T) {
	for _, args := range [][]string{
		{"-f", "mp3", "-b:a", "64k"},
		{"-f", "mp3", "-ar", "16000", "-id3v2_version", "3", "-metadata", "title=欢迎"},
		{"-f", "mp3", "-q:a", "2", "-id3v2_version", "0", "-write_xing", "0"},
	} {
		cfg := config(t)
		cfg.FFmpeg = ffmpegPath(t)
		mp3 := encodeBy(t, tone(tagPCM, 44100, 2, 16, 1000, 2), append(args, "pipe:1")...)
		info, err := Check(bytes.NewReader(mp3), int64(len(mp3)), "a.mp3")
		if err != nil || info.Duration < 1900*time.Millisecond || info.Duration > 2300*time.Millisecond {
			t.Errorf("%v: Check = %+v, %v, want about 2 s", args, info, err)
		}
		v, err := Store(context.Background(), cfg, "a.MP3", bytes.NewReader(mp3))
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		s := played(t, filepath.Join(cfg.SoundDir, v.WavPath))
		if a := level(s, 1000); v.Format != MP3 || v.DurationMS < 1900 || v.DurationMS > 2200 || a < 0.45 || a > 0.55 {
			t.Errorf("%v: %+v with the tone at %.3f", args, v, a)
		}
		cfg.FFmpeg = ""
		_, err = Store(context.Background(), cfg, "b.mp3", bytes.NewReader(mp3))
		wantRefusal(t, "MP3 without ffmpeg", err, CodeNoFFmpeg, "ffmpeg")
	}
}

func TestStoreCompressedWAV(t *testing.T) {
	for _, codec := range []string{"adpcm_ms", "adpcm_ima_wav"} {
		cfg := config(t)
		cfg.FFmpeg = ffmpegPath(t)
		// A file and not a pipe: only so ffmpeg can go back and write the sizes.
		file := filepath.Join(t.TempDir(), "a.wav")
		encodeBy(t, tone(tagPCM, 8000, 1, 16, 1000, 2), "-c:a", codec, file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Store(context.Background(), cfg, "a.wav", bytes.NewReader(data))
		if err != nil || v.DurationMS < 1900 || v.DurationMS > 2200 {
			t.Fatalf("%s: %+v, %v", codec, v, err)
		}
	}
}

// A converter that hangs is killed; one that is missing is an internal error that names it.
func TestConverterTrouble(t *testing.T) {
	mp3 := encodeBy(t, tone(tagPCM, 8000, 1, 16, 1000, 1), "-f", "mp3", "pipe:1")
	cfg := config(t)
	cfg.FFmpeg = filepath.Join(t.TempDir(), "hangs")
	if err := os.WriteFile(cfg.FFmpeg, []byte("#!/bin/sh\nexec sleep 600\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cfg.Timeout = 100 * time.Millisecond
	_, err := Store(context.Background(), cfg, "a.mp3", bytes.NewReader(mp3))
	wantRefusal(t, "hanging converter", err, CodeDamaged, "longer than 100ms")

	cfg.FFmpeg = filepath.Join(t.TempDir(), "missing")
	_, err = Store(context.Background(), cfg, "a.mp3", bytes.NewReader(mp3))
	if err == nil || models.IsKind(err, models.Invalid) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("missing converter: %v, want an internal error that names it", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Store(ctx, cfg, "a.wav", bytes.NewReader(tone(tagPCM, 8000, 1, 16, 1000, 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if n := files(t, cfg); n != 0 {
		t.Errorf("%d files left behind", n)
	}
}

func TestStoreNamesAreOurs(t *testing.T) {
	data := tone(tagPCM, 8000, 1, 16, 1000, 1)
	for _, c := range []struct{ name, shown string }{
		{"../../etc/passwd", "passwd"},
		{`C:\Users\x\欢迎.wav`, "欢迎.wav"},
		{"/abs/olute.wav", "olute.wav"},
		{"..", ".."},
		{"", "voice"},
		{"a\x00b\n\u202egpj.wav", "abgpj.wav"},
		{strings.Repeat("长", 300) + ".wav", strings.Repeat("长", 116) + ".wav"},
	} {
		cfg := config(t)
		v, err := Store(context.Background(), cfg, c.name, bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%q: %v", c.name, err)
		}
		if v.OriginalName != c.shown || v.OriginalPath != v.SHA256+".wav" || v.WavPath != v.SHA256+".wav" || len(v.SHA256) != 64 {
			t.Errorf("%q: %+v", c.name, v)
		}
		if again, err := Store(context.Background(), cfg, "again.wav", bytes.NewReader(data)); err != nil || again.WavPath != v.WavPath || files(t, cfg) != 2 {
			t.Errorf("%q stored again: %+v, %v, %d files", c.name, again, err, files(t, cfg))
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(tone(tagPCM, 8000, 1, 16, 1000, 0.01))
	f.Add(tone(tagULaw, 44100, 2, 8, 1000, 0.01))
	f.Add([]byte("ID3\x04\x00\x00\x00\x00\x00\x05"))
	f.Add([]byte("\xff\xfb\x90\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Check(bytes.NewReader(data), int64(len(data)), "")
		if err != nil {
			if !models.IsKind(err, models.Invalid) {
				t.Fatalf("an internal error for a bad file: %v", err)
			}
			return
		}
		if info.Duration < 0 || info.Format != WAV && info.Format != MP3 {
			t.Fatalf("%+v", info)
		}
		if !info.wav.plain() {
			return
		}
		n := int64(0)
		if err := convertWAV(bytes.NewReader(data), info.wav, func(int16) error { n++; return nil }); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if want := info.Duration.Seconds() * Rate; math.Abs(float64(n)-want) > 1 {
			t.Fatalf("%d samples of %.1f", n, want)
		}
	})
}
