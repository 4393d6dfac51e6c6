package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"waihu/models"
)

// file is a number file whose nature has been found out.
type file struct {
	r    io.ReaderAt
	size int64

	format   string
	encoding string
	sep      string
	end      byte
	sample   []row // the first records, heading included
	header   bool
	column   int // of the numbers, from 0
	warnings []Message
}

const headBytes = 64 << 10

// open finds out what a file is. name only serves to say what is wrong. need tells whether a file without a number column
// is refused.
func open(r io.ReaderAt, size int64, name string, o Options, need bool) (*file, error) {
	f := &file{r: r, size: size, column: -1}
	head := make([]byte, min(size, headBytes))
	if n, err := r.ReadAt(head, 0); err != nil && (!errors.Is(err, io.EOF) || n < len(head)) {
		return nil, fmt.Errorf("read number file %s: %w", path.Base(name), err)
	}
	if err := f.recognise(head, o); err != nil {
		return nil, err
	}
	if err := f.readSample(); err != nil {
		return nil, err
	}
	if err := f.findColumn(o, need); err != nil {
		return nil, err
	}
	return f, nil
}

// recognise tells workbook from text by content, refuses the rest, and settles encoding and line end.
func (f *file) recognise(head []byte, o Options) error {
	sep, err := delimiter(o.Delimiter)
	if err != nil {
		return err
	}
	f.sep = sep
	if len(head) == 0 {
		return emptyFile()
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		f.format, f.encoding = formatXL, utf8Name
		return nil
	}
	f.format = formatText
	if err := refuseBinary(head); err != nil {
		return err
	}
	c, err := count(f.r, f.size)
	if err != nil {
		return err
	}
	f.encoding = strings.ToLower(o.Encoding)
	if f.encoding == "" || f.encoding == "auto" {
		f.encoding = encodingOf(head, c)
		if f.encoding == utf8Name && c.invalid > 0 {
			f.warn("encoding_mixed", fmt.Sprintf("%d bytes are not UTF-8 and are shown as \uFFFD; choose the encoding by hand if names look wrong", c.invalid),
				fmt.Sprintf("有 %d 个字节不是 UTF-8，显示为 \uFFFD；如姓名显示异常请手动选择编码", c.invalid))
		}
	}
	wide := f.encoding == utf16LEName || f.encoding == utf16BEName
	if !wide && c.nuls*1000 > c.bytes {
		return binary("it has NUL bytes", "含有 NUL 字节")
	}
	f.end = '\n'
	if !wide {
		f.end = lineEnd(head)
	}
	return nil
}

// refuseBinary names the files that are given by mistake most often.
func refuseBinary(head []byte) error {
	for _, m := range []struct{ magic, what, zh string }{
		{"%PDF", "it is a PDF document", "是 PDF 文档"},
		{"\x1f\x8b", "it is a gzip archive", "是 gzip 压缩包"},
		{"Rar!", "it is a RAR archive", "是 RAR 压缩包"},
		{"7z\xbc\xaf", "it is a 7-Zip archive", "是 7-Zip 压缩包"},
		{"PK\x05\x06", "it is an empty ZIP archive", "是空的 ZIP 压缩包"},
		{"\x89PNG", "it is a picture", "是图片"},
		{"\xff\xd8\xff", "it is a picture", "是图片"},
		{"GIF8", "it is a picture", "是图片"},
		{"RIFF", "it is a sound or video file", "是音频或视频文件"},
		{"ID3", "it is a sound file", "是音频文件"},
		{"\x7fELF", "it is a program", "是程序文件"},
		{"MZ\x90", "it is a program", "是程序文件"},
		{"SQLite format 3", "it is a database", "是数据库文件"},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return binary(m.what, m.zh)
		}
	}
	if bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return models.NewError(models.Invalid, fieldFile, CodeXLS,
			"this is an old Excel workbook (.xls) or one with a password; save it without password as .xlsx or CSV",
			"这是旧版 Excel（.xls）或带密码的工作簿；请去除密码并另存为 .xlsx 或 CSV")
	}
	return nil
}

func binary(what, zh string) error {
	return models.NewError(models.Invalid, fieldFile, CodeBinary,
		"this is no number file: "+what+"; give a CSV, TXT or XLSX file with one number a row",
		"这不是号码文件（"+zh+"）；请提供每行一个号码的 CSV、TXT 或 XLSX 文件")
}

func emptyFile() error {
	return models.NewError(models.Invalid, fieldFile, CodeEmpty,
		"the file is empty; give a file with one number a row", "文件为空；请提供每行一个号码的文件")
}

func (f *file) warn(code, text, zh string) {
	f.warnings = append(f.warnings, Message{Code: code, Text: text, TextZH: zh})
}

// source starts reading from the beginning.
func (f *file) source() (source, error) {
	if f.format == formatXL {
		s, err := openSheet(f.r, f.size)
		if err != nil {
			return nil, err
		}
		s.column = f.column
		return s, nil
	}
	l, err := f.lines()
	if err != nil {
		return nil, err
	}
	return &text{lines: l, sep: f.sep}, nil
}

func (f *file) lines() (*lines, error) {
	enc, err := decoder(f.encoding)
	if err != nil {
		return nil, err
	}
	return newLines(io.NewSectionReader(f.r, 0, f.size), enc, f.encoding, f.end), nil
}

// readSample guesses the delimiter, if it is not given, and reads the first records.
func (f *file) readSample() error {
	if f.format == formatText && f.sep == "" {
		l, err := f.lines()
		if err != nil {
			return err
		}
		var sample []string
		for len(sample) < sampleRows {
			line, long, err := l.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			if !long && !blank(string(line)) {
				sample = append(sample, string(line))
			}
		}
		f.sep = guessDelimiter(sample)
	}
	src, err := f.source()
	if err != nil {
		return err
	}
	err = f.sampleFrom(src)
	if closeErr := src.close(); err == nil {
		err = closeErr
	}
	return err
}

func (f *file) sampleFrom(src source) error {
	for len(f.sample) < sampleRows {
		r, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		f.sample = append(f.sample, r)
	}
	if s, ok := src.(*sheet); ok && s.others {
		f.warn("more_sheets", fmt.Sprintf("the workbook has several sheets; only %q is read", s.name),
			fmt.Sprintf("工作簿有多个工作表；只读取 %q", s.name))
	}
	if len(f.sample) == 0 {
		return emptyFile()
	}
	return nil
}
