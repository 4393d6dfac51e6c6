package voice

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"
	"unicode"

	"waihu/models"
)

// silence is the loudest sample of a file that nobody would hear (about -54 dB).
const silence = 64

// Store takes in a voice file: the original goes to Config.OriginalDir, what the switch plays to Config.SoundDir, both under
// the SHA-256 of the content. name is what the uploader called it: it is kept as OriginalName and never becomes a path. The
// returned file waits for approval; its paths are relative to the two folders, its times and ids are the caller's to
// fill in. A file that cannot be used gives a *models.Error, and whatever the error, nothing is left behind. Storing the same
// content again is harmless.
func Store(ctx context.Context, c Config, name string, r io.Reader) (models.VoiceFile, error) {
	c = c.withDefaults()
	originals, err := os.OpenRoot(c.OriginalDir)
	if err != nil {
		return models.VoiceFile{}, fmt.Errorf("open folder of original voice files: %w", err)
	}
	defer originals.Close()
	sounds, err := os.OpenRoot(c.SoundDir)
	if err != nil {
		return models.VoiceFile{}, fmt.Errorf("open folder of sounds: %w", err)
	}
	defer sounds.Close()

	upload, err := newDraft(originals, 0o640)
	if err != nil {
		return models.VoiceFile{}, err
	}
	defer upload.discard()
	sum, size, err := receive(upload.file, r, c.MaxBytes)
	if err != nil {
		return models.VoiceFile{}, err
	}
	info, err := Check(upload.file, size, name)
	if err != nil {
		return models.VoiceFile{}, err
	}
	if info.Duration > c.MaxDuration {
		return models.VoiceFile{}, tooLong(c.MaxDuration)
	}
	sound, err := newDraft(sounds, 0o644)
	if err != nil {
		return models.VoiceFile{}, err
	}
	defer sound.discard()
	duration, err := convert(ctx, c, info, upload.file, sound.file)
	if err != nil {
		return models.VoiceFile{}, err
	}
	v := models.VoiceFile{
		OriginalName: display(name), OriginalPath: sum + "." + info.Format, WavPath: sum + ".wav", SHA256: sum,
		Format: info.Format, DurationMS: duration.Milliseconds(), Approval: models.ApprovalPending,
	}
	v.Name = strings.TrimSuffix(v.OriginalName, path.Ext(v.OriginalName))
	if err := upload.keep(v.OriginalPath); err != nil {
		return models.VoiceFile{}, err
	}
	return v, sound.keep(v.WavPath)
}

// receive copies an upload to a file, within the limit, and returns its SHA-256 and size in bytes.
func receive(w io.Writer, r io.Reader, limit int64) (string, int64, error) {
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(r, limit+1))
	if err != nil {
		return "", n, fmt.Errorf("receive voice file after %d bytes: %w", n, err)
	}
	if n > limit {
		mb := limit >> 20
		return "", n, refuse(CodeTooLarge,
			fmt.Sprintf("the voice file is larger than %d MB; shorten it or save it as 8 kHz mono", mb),
			fmt.Sprintf("语音文件超过 %d MB；请缩短或另存为 8 kHz 单声道", mb))
	}
	return hex.EncodeToString(hash.Sum(nil)), n, nil
}

// convert writes the WAV that the switch plays and returns its duration, as measured from the samples.
func convert(ctx context.Context, c Config, info Info, in, out *os.File) (time.Duration, error) {
	w := &wavWriter{out: bufio.NewWriterSize(out, 1<<16), limit: int64(c.MaxDuration.Seconds() * Rate), max: c.MaxDuration}
	if _, err := w.out.Write(make([]byte, headerBytes)); err != nil {
		return 0, fmt.Errorf("write WAV file: %w", err)
	}
	emit := func(s int16) error {
		if w.n%Rate == 0 && ctx.Err() != nil {
			return fmt.Errorf("convert voice file: %w", ctx.Err())
		}
		return w.sample(s)
	}
	var err error
	switch {
	case info.Format == WAV && info.wav.plain():
		err = convertWAV(in, info.wav, emit)
	case c.FFmpeg == "":
		return 0, needsFFmpeg(info)
	default:
		if _, err = in.Seek(0, io.SeekStart); err != nil {
			return 0, fmt.Errorf("rewind voice file: %w", err)
		}
		err = decode(ctx, c, info.Format, in, emit)
	}
	if err != nil {
		return 0, err
	}
	if err := w.finish(out); err != nil {
		return 0, err
	}
	return w.judge()
}

func needsFFmpeg(info Info) error {
	what := "MP3"
	if info.Format == WAV {
		what = "compressed WAV"
	}
	return refuse(CodeNoFFmpeg,
		what+" files need ffmpeg and none is configured; install ffmpeg and set voice.ffmpeg, or upload a PCM WAV file",
		"转换 "+what+" 需要 ffmpeg，但尚未配置；请安装 ffmpeg 并设置 voice.ffmpeg，或上传 PCM 编码的 WAV 文件")
}

func tooLong(limit time.Duration) error {
	return refuse(CodeTooLong,
		fmt.Sprintf("the voice file is longer than %s; shorten it", limit),
		fmt.Sprintf("语音超过 %s；请缩短", limit))
}

const headerBytes = 44

// wavWriter writes 16-bit mono samples behind a header that is filled in at the end.
type wavWriter struct {
	out   *bufio.Writer
	n     int64
	peak  int
	limit int64 // samples
	max   time.Duration
}

func (w *wavWriter) sample(s int16) error {
	if w.n >= w.limit {
		return tooLong(w.max)
	}
	w.n++
	w.peak = max(w.peak, int(s), -int(s))
	if _, err := w.out.Write([]byte{byte(s), byte(uint16(s) >> 8)}); err != nil {
		return fmt.Errorf("write WAV file: %w", err)
	}
	return nil
}

func (w *wavWriter) finish(file *os.File) error {
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("write WAV file: %w", err)
	}
	size := uint32(2 * w.n) // bounded by the limit on the duration
	h := make([]byte, 0, headerBytes)
	h = append(h, "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, headerBytes-8+size)
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, tagPCM)
	h = binary.LittleEndian.AppendUint16(h, 1)
	h = binary.LittleEndian.AppendUint32(h, Rate)
	h = binary.LittleEndian.AppendUint32(h, 2*Rate)
	h = binary.LittleEndian.AppendUint16(h, 2)
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, size)
	if _, err := file.WriteAt(h, 0); err != nil {
		return fmt.Errorf("write header of WAV file: %w", err)
	}
	return nil
}

// judge refuses what nobody would hear.
func (w *wavWriter) judge() (time.Duration, error) {
	d := seconds(float64(w.n) / Rate)
	switch {
	case d < MinDuration:
		return 0, refuse(CodeTooShort,
			fmt.Sprintf("the voice file lasts %d ms; at least %d ms are needed", d.Milliseconds(), MinDuration.Milliseconds()),
			fmt.Sprintf("语音只有 %d 毫秒；至少需要 %d 毫秒", d.Milliseconds(), MinDuration.Milliseconds()))
	case w.peak < silence:
		return 0, refuse(CodeSilent, "the voice file is silent; record it again and listen to it before the upload",
			"语音文件没有声音；请重新录制并试听后再上传")
	}
	return d, nil
}

// draft is a file under a name of ours that becomes final only as a whole.
type draft struct {
	root *os.Root
	file *os.File
	name string
}

func newDraft(root *os.Root, mode os.FileMode) (*draft, error) {
	name := ".upload-" + rand.Text()
	file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, fmt.Errorf("create voice file: %w", err)
	}
	return &draft{root: root, file: file, name: name}, nil
}

// keep makes the file durable and gives it its final name.
func (d *draft) keep(name string) error {
	if err := errors.Join(d.file.Sync(), d.file.Close()); err != nil {
		return fmt.Errorf("save voice file %s: %w", name, err)
	}
	if err := d.root.Rename(d.name, name); err != nil {
		return fmt.Errorf("name voice file %s: %w", name, err)
	}
	d.name = ""
	return nil
}

// discard removes a file that was not kept. Its errors say nothing that anybody could mend: the reason for the removal is
// what is reported.
func (d *draft) discard() {
	if d.name == "" {
		return
	}
	_ = d.file.Close()
	_ = d.root.Remove(d.name)
}

// display is the uploader's name for a file, fit to be shown: no folders, no control characters, not too long.
func display(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[len(runes)-120:])
	}
	if name == "." || name == "/" || name == "" {
		return "voice"
	}
	return name
}
