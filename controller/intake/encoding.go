package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"waihu/models"
)

// Names of encodings.
const (
	utf8Name    = "utf-8"
	gbName      = "gb18030"
	utf16LEName = "utf-16le"
	utf16BEName = "utf-16be"
)

// decoder returns the decoder of a named encoding, nil for UTF-8.
func decoder(name string) (encoding.Encoding, error) {
	switch strings.ReplaceAll(strings.ToLower(name), "_", "-") {
	case utf8Name, "utf8":
		return nil, nil
	case gbName, "gbk", "gb2312", "cp936":
		return simplifiedchinese.GB18030, nil
	case "big5":
		return traditionalchinese.Big5, nil
	case "shift-jis", "shiftjis", "sjis":
		return japanese.ShiftJIS, nil
	case "latin-1", "latin1", "iso-8859-1":
		return charmap.ISO8859_1, nil
	case utf16LEName:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case utf16BEName:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	default:
		return nil, models.NewError(models.Invalid, fieldEncoding, CodeEncoding,
			fmt.Sprintf("encoding %q is not known; use auto, utf-8, gb18030, big5, shift-jis, latin-1, utf-16le or utf-16be", name),
			fmt.Sprintf("不支持的编码 %q；请使用 auto、utf-8、gb18030、big5、shift-jis、latin-1、utf-16le 或 utf-16be", name))
	}
}

// census counts what kinds of bytes a file has.
type census struct {
	bytes, nuls int64
	multi       int64 // well-formed UTF-8 characters beyond ASCII
	invalid     int64 // bytes that are no UTF-8
}

const censusChunk = 256 << 10

// count reads the whole file once: the rule "valid UTF-8, else GB18030" needs it, and it is far cheaper than parsing.
func count(r io.ReaderAt, size int64) (census, error) {
	var c census
	buf := make([]byte, censusChunk)
	kept := 0
	for off := int64(0); off < size; {
		n, err := r.ReadAt(buf[kept:min(int64(len(buf)), size-off+int64(kept))], off)
		if n == 0 && err != nil {
			return c, fmt.Errorf("read number file at byte %d: %w", off, err)
		}
		off += int64(n)
		chunk := buf[:kept+n]
		tail := 0
		if off < size {
			tail = incomplete(chunk)
		}
		c.add(chunk[:len(chunk)-tail])
		kept = copy(buf, chunk[len(chunk)-tail:])
		if err != nil && !errors.Is(err, io.EOF) {
			return c, fmt.Errorf("read number file at byte %d: %w", off, err)
		}
	}
	return c, nil
}

// incomplete is how many bytes at the end may be the beginning of a character.
func incomplete(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

func (c *census) add(b []byte) {
	c.bytes += int64(len(b))
	c.nuls += int64(bytes.Count(b, []byte{0}))
	for len(b) > 0 {
		i := firstHigh(b)
		b = b[i:]
		for len(b) > 0 && b[0] >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(b)
			if r == utf8.RuneError && n == 1 {
				c.invalid++
			} else {
				c.multi++
			}
			b = b[n:]
		}
	}
}

// firstHigh is the index of the first byte beyond ASCII, len(b) if there is none.
func firstHigh(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if (b[i]|b[i+1]|b[i+2]|b[i+3]|b[i+4]|b[i+5]|b[i+6]|b[i+7])&0x80 != 0 {
			break
		}
	}
	for ; i < len(b) && b[i] < utf8.RuneSelf; i++ {
	}
	return i
}

// brokenShare is how many well-formed characters there must be for each broken byte, for a file still to be UTF-8: two
// tables pasted into one file have a few broken names, while GB18030 read as UTF-8 is broken nearly everywhere.
const brokenShare = 20

// encodingOf applies the rule: byte order mark, then valid UTF-8, else GB18030.
func encodingOf(head []byte, c census) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return utf8Name
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16LEName
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16BEName
	case c.invalid == 0 || c.multi >= brokenShare*c.invalid:
		return utf8Name
	default:
		return gbName
	}
}
