package voice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// Info is what a file says of itself, once that has been checked against its size.
type Info struct {
	Format   string        // wav | mp3
	Codec    string        // pcm, float, alaw, ulaw, mp3, or the code of a compressed WAV
	Rate     int           // Hz
	Channels int           //
	Bits     int           // of a sample, 0 for MP3
	Duration time.Duration // of MP3 an estimate by its frames

	wav wavShape
}

// Check finds out by content what a voice file of size bytes is, and whether its header tells the truth. name only serves to see
// whether its extension says something else. What cannot be a voice file gives a *models.Error that says what it
// really is, and the mend.
func Check(r io.ReaderAt, size int64, name string) (Info, error) {
	if size == 0 {
		return Info{}, refuse(CodeEmpty, "the voice file is empty; upload a WAV or MP3 file", "语音文件为空；请上传 WAV 或 MP3 文件")
	}
	head := make([]byte, min(size, 512))
	if n, err := r.ReadAt(head, 0); err != nil && (!errors.Is(err, io.EOF) || n < len(head)) {
		return Info{}, fmt.Errorf("read voice file: %w", err)
	}
	info := Info{}
	var err error
	switch {
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WAVE":
		info, err = checkWAV(r, size)
	case bytes.HasPrefix(head, []byte("ID3")) || len(head) >= 4 && isFrame(head):
		info, err = checkMP3(r, size)
	default:
		err = strange(head)
	}
	if err != nil {
		return Info{}, err
	}
	return info, checkExtension(name, info.Format)
}

// checkExtension refuses a file whose name lies about its content: whoever uploaded it believes something that is not so,
// and other programs that go by the name fail on it.
func checkExtension(name, format string) error {
	ext := strings.TrimPrefix(strings.ToLower(path.Ext(strings.TrimSpace(name))), ".")
	if ext == "wave" {
		ext = WAV
	}
	if ext != WAV && ext != MP3 || ext == format {
		return nil
	}
	return refuse(CodeExtension,
		fmt.Sprintf("the file is called .%s but is really %s; rename it to .%s and upload it again", ext, strings.ToUpper(format), format),
		fmt.Sprintf("文件扩展名是 .%s，实际内容是 %s；请将扩展名改为 .%s 后重新上传", ext, strings.ToUpper(format), format))
}

// strange says what a file that is neither WAV nor MP3 really is.
func strange(head []byte) error {
	text := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))))
	for _, m := range []struct{ begin, what, zh string }{
		{"#extm3u", "a playlist", "播放列表"},
		{"ffconcat", "a playlist", "播放列表"},
		{"[playlist]", "a playlist", "播放列表"},
		{"concat:", "a playlist", "播放列表"},
		{"<svg", "a picture (SVG)", "图片（SVG）"},
		{"<?xml", "an XML document", "XML 文档"},
		{"<!doctype", "a web page", "网页"},
		{"<html", "a web page", "网页"},
		{"pk\x03\x04", "a ZIP archive", "ZIP 压缩包"},
		{"\x1f\x8b", "a gzip archive", "gzip 压缩包"},
		{"oggs", "an Ogg file", "Ogg 文件"},
		{"flac", "a FLAC file", "FLAC 文件"},
		{"#!amr", "an AMR file", "AMR 文件"},
		{".snd", "an AU file", "AU 文件"},
		{"rf64", "an RF64 file", "RF64 文件"},
		{"riff", "an AVI or another RIFF file", "AVI 或其他 RIFF 文件"},
		{"form", "an AIFF file", "AIFF 文件"},
		{"0&\xb2u", "a Windows Media file", "Windows Media 文件"},
		{"%pdf", "a PDF document", "PDF 文档"},
	} {
		if strings.HasPrefix(text, m.begin) {
			return notVoice(m.what, m.zh)
		}
	}
	if len(head) >= 8 && string(head[4:8]) == "ftyp" {
		return notVoice("an MP4 or M4A file", "MP4/M4A 文件")
	}
	return notVoice("something else", "其他内容")
}

func notVoice(what, zh string) error {
	return refuse(CodeFormat,
		"the file is neither WAV nor MP3 but "+what+"; convert it to WAV or MP3 with an audio program and upload it again",
		"文件既不是 WAV 也不是 MP3（实际是"+zh+"）；请用音频软件转换为 WAV 或 MP3 后重新上传")
}

func damaged(what, zh string) error {
	return refuse(CodeDamaged,
		"the voice file is damaged: "+what+"; open it in an audio program, save it again as WAV and upload it",
		"语音文件已损坏："+zh+"；请用音频软件打开并重新保存为 WAV 后上传")
}
