package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// lines cuts a text into lines of at most MaxLine bytes and decodes them. Every encoding but UTF-16 keeps the bytes of
// line breaks, quotes and commas for themselves, so that lines are cut first and only those beyond ASCII are decoded.
type lines struct {
	in   *bufio.Reader
	end  byte // '\n', or '\r' for the files of old Macs
	dec  transform.Transformer
	out  []byte
	n    int64 // lines so far
	read int64 // bytes so far
}

func newLines(r io.Reader, enc encoding.Encoding, encName string, end byte) *lines {
	l := &lines{end: end}
	switch {
	case encName == utf16LEName || encName == utf16BEName:
		r = transform.NewReader(r, enc.NewDecoder())
	case enc != nil:
		l.dec = enc.NewDecoder()
	}
	l.in = bufio.NewReaderSize(r, MaxLine)
	return l
}

// next returns the next line without its end, decoded; valid until the next call. long tells that it was longer than
// MaxLine: then only its beginning is returned and the rest has been passed over. At the end it returns io.EOF.
func (l *lines) next() (line []byte, long bool, err error) {
	raw, err := l.in.ReadSlice(l.end)
	l.read += int64(len(raw))
	if errors.Is(err, bufio.ErrBufferFull) {
		long = true
		raw = bytes.Clone(raw[:200])
		if err = l.discard(); err != nil {
			return nil, false, err
		}
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(raw) == 0) {
		if errors.Is(err, io.EOF) {
			return nil, false, io.EOF
		}
		return nil, false, fmt.Errorf("read line %d: %w", l.n+1, err)
	}
	l.n++
	if l.n == 1 {
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	raw = bytes.TrimSuffix(raw, []byte{l.end})
	return l.decode(bytes.TrimRight(raw, "\r")), long, nil
}

// discard passes over the rest of a line that is too long.
func (l *lines) discard() error {
	for {
		rest, err := l.in.ReadSlice(l.end)
		l.read += int64(len(rest))
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("read line %d: %w", l.n+1, err)
		}
	}
}

// decode makes UTF-8 of a line; bytes that mean nothing become U+FFFD.
func (l *lines) decode(raw []byte) []byte {
	if firstHigh(raw) == len(raw) {
		return raw
	}
	if l.dec == nil {
		if utf8.Valid(raw) {
			return raw
		}
		return bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	if need := utf8.UTFMax * len(raw); cap(l.out) < need {
		l.out = make([]byte, need)
	}
	l.dec.Reset()
	// Decoders write U+FFFD for bad input, and four bytes a byte are always enough: there is no error left to have.
	n, _, err := l.dec.Transform(l.out[:cap(l.out)], raw, true)
	if err != nil {
		return append(l.out[:n], "\uFFFD"...)
	}
	return l.out[:n]
}
