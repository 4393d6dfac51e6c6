package voice

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

func wantRefusal(t *testing.T, name string, err error, code, mend string) {
	t.Helper()
	var e *models.Error
	if !errors.As(err, &e) || e.Fields[0].Code != code || e.Fields[0].Field != "audio" || !strings.Contains(e.Fields[0].Text, mend) || e.Fields[0].TextZH == "" {
		t.Errorf("%s: %v, want %s naming %q", name, err, code, mend)
	}
}

// files counts what is in the folders.
func files(t *testing.T, c Config) (n int) {
	t.Helper()
	for _, d := range []string{c.OriginalDir, c.SoundDir} {
		if err := filepath.WalkDir(d, func(_ string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				n++
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestStoreRefuses(t *testing.T) {
	good := tone(tagPCM, 8000, 1, 16, 1000, 1)
	claim := func(size uint32) []byte {
		b := bytes.Clone(good)
		binary.LittleEndian.PutUint32(b[len(b)-16000-4:], size)
		return b
	}
	cases := map[string]struct {
		name string
		data []byte
		code string
		mend string
	}{
		"empty":               {"a.wav", nil, CodeEmpty, "WAV or MP3"},
		"text":                {"a.wav", []byte("hello"), CodeFormat, "neither"},
		"2 GB header":         {"a.wav", claim(0x7FFFFFF0), CodeDamaged, "promises"},
		"4 GB header":         {"a.wav", claim(0xFFFFFFFF), CodeDamaged, "promises"},
		"cut off":             {"a.wav", good[:len(good)-3000], CodeDamaged, "promises"},
		"no samples":          {"a.wav", riff(tagPCM, 8000, 1, 16, nil), CodeTooShort, "0 ms"},
		"no chunks":           {"a.wav", chunks(), CodeDamaged, "no samples"},
		"samples first":       {"a.wav", chunks(chunk("data", []byte("abcd")), chunk("fmt ", make([]byte, 16))), CodeDamaged, "format"},
		"short format":        {"a.wav", chunks(chunk("fmt ", []byte("abc"))), CodeDamaged, "format"},
		"no channel":          {"a.wav", riff(tagPCM, 8000, 0, 16, []byte("abcd")), CodeDamaged, "channels"},
		"rate 0":              {"a.wav", riff(tagPCM, 0, 1, 16, []byte("abcd")), CodeDamaged, "Hz"},
		"rate 4 G":            {"a.wav", riff(tagPCM, 0xFFFFFFFF, 1, 16, []byte("abcd")), CodeDamaged, "Hz"},
		"12 bits":             {"a.wav", riff(tagPCM, 8000, 1, 12, []byte("abcd")), CodeDamaged, "bits"},
		"unknown codec":       {"a.wav", riff(0x160, 8000, 1, 16, []byte("abcd")), CodeCodec, "PCM"},
		"too short":           {"a.wav", tone(tagPCM, 8000, 1, 16, 1000, 0.29), CodeTooShort, "300 ms"},
		"silent":              {"a.wav", tone(tagPCM, 8000, 1, 16, 0, 1), CodeSilent, "silent"},
		"too long":            {"a.wav", tone(tagPCM, 8000, 1, 8, 100, 61), CodeTooLong, "1m0s"},
		"too large":           {"a.wav", make([]byte, 3<<20+1), CodeTooLarge, "3 MB"},
		"playlist":            {"a.wav", []byte("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), CodeFormat, "playlist"},
		"playlist with URL":   {"a.mp3", []byte("\xef\xbb\xbf#EXTM3U\nhttp://127.0.0.1:1/x\n"), CodeFormat, "playlist"},
		"concat":              {"a.mp3", []byte("ffconcat version 1.0\nfile /etc/passwd\n"), CodeFormat, "playlist"},
		"concat protocol":     {"a.mp3", []byte("concat:/etc/passwd|/etc/hosts"), CodeFormat, "playlist"},
		"SVG":                 {"a.wav", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>`), CodeFormat, "SVG"},
		"zip":                 {"a.wav", []byte("PK\x03\x04zipzipzip"), CodeFormat, "ZIP"},
		"M4A":                 {"a.mp3", []byte("\x00\x00\x00\x20ftypM4A "), CodeFormat, "M4A"},
		"AVI":                 {"a.wav", []byte("RIFF\x10\x00\x00\x00AVI LIST"), CodeFormat, "AVI"},
		"tag without sound":   {"a.mp3", append([]byte("ID3\x04\x00\x00\x00\x00\x00\x05"), make([]byte, 2000)...), CodeDamaged, "no sound"},
		"tag beyond the file": {"a.mp3", []byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f abc"), CodeDamaged, "tag"},
		"playlist in a tag":   {"a.mp3", append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), "#EXTM3U\nfile:///etc/passwd\n"...), CodeDamaged, "no sound"},
		"WAV called MP3":      {"a.mp3", good, CodeExtension, "really WAV"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.MaxBytes, cfg.MaxDuration = 3<<20, time.Minute
			if p, err := exec.LookPath("ffmpeg"); err == nil {
				cfg.FFmpeg = p
			}
			_, err := Store(context.Background(), cfg, c.name, bytes.NewReader(c.data))
			wantRefusal(t, name, err, c.code, c.mend)
			if n := files(t, cfg); n != 0 {
				t.Errorf("%d files left behind", n)
			}
		})
	}
}

func TestMP3CalledWAVIsRefused(t *testing.T) {
	mp3 := encodeBy(t, tone(tagPCM, 8000, 1, 16, 1000, 1), "-f", "mp3", "pipe:1")
	cfg := config(t)
	cfg.FFmpeg = ffmpegPath(t)
	_, err := Store(context.Background(), cfg, "greeting.wav", bytes.NewReader(mp3))
	wantRefusal(t, "MP3 named .wav", err, CodeExtension, "rename it to .mp3")
	if n := files(t, cfg); n != 0 {
		t.Errorf("%d files left behind", n)
	}
}

// An MP3 that grows when it is decoded stops at the limit of the duration.
func TestDecodedLengthIsLimited(t *testing.T) {
	mp3 := encodeBy(t, tone(tagPCM, 8000, 1, 16, 1000, 5), "-f", "mp3", "-b:a", "8k", "pipe:1")
	cfg := config(t)
	cfg.FFmpeg = ffmpegPath(t)
	cfg = cfg.withDefaults()
	cfg.MaxDuration = 2 * time.Second
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(in, mp3, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_, err = convert(context.Background(), cfg, Info{Format: MP3}, r, w)
	wantRefusal(t, "5 s with a limit of 2 s", err, CodeTooLong, "2s")
}
