package esl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of what the switch may send. A message beyond them is taken for a broken stream.
const (
	maxEventBytes  = 1 << 20  // an event has 4 to 20 kB
	maxReplyBytes  = 32 << 20 // "show channels as json" has about 1 kB for each channel
	maxHeaderBytes = 64 << 10
	firstBuffer    = 32 << 10
	keptBuffer     = 1 << 20 // what a single large reply made grow beyond this is given back
)

// ErrBrokenStream marks what is not framed as the event socket frames it. The connection cannot be used any more,
// because nobody knows where the next message begins.
var ErrBrokenStream = errors.New("broken event-socket stream")

type kind uint8

const (
	kindUnknown kind = iota
	kindGreeting
	kindReply
	kindResponse
	kindEvent
	kindNotice
	kindRejection
)

// frame is one message of the switch. Its slices point into the reader's buffer and end with the next call of next.
type frame struct {
	kind  kind
	reply []byte // Reply-Text
	job   []byte // Job-UUID of a bgapi reply
	body  []byte
}

// frames cuts the stream of one connection into messages, without an allocation per message.
type frames struct {
	r     io.Reader
	buf   []byte
	at    int // where the current frame begins
	end   int // end of what was read
	limit int // of a body, bytes
	// wait is called before each read with whether a message has begun; it may set a deadline.
	wait func(begun bool)
}

func newFrames(r io.Reader, limit int) *frames {
	return &frames{r: r, buf: make([]byte, firstBuffer), limit: limit}
}

// span is a piece of the current frame relative to its beginning, so that it outlives a move of the buffer.
type span struct{ from, to int }

func (s span) of(b []byte) []byte { return b[s.from:s.to] }

// layout is what the header of a frame says.
type layout struct {
	kind       kind
	reply, job span
	length     int
	headers    int
}

// next reads one message. It returns io.EOF when the stream ends between two messages, io.ErrUnexpectedEOF within one
// and an ErrBrokenStream for what is no message.
func (f *frames) next() (frame, error) {
	l, pos, err := f.header()
	if err != nil {
		return frame{}, err
	}
	for f.end-f.at < pos+l.length {
		if err := f.fill(); err != nil {
			return frame{}, midway(err)
		}
	}
	b := f.buf[f.at:f.end]
	fr := frame{kind: l.kind, reply: l.reply.of(b), job: l.job.of(b), body: b[pos : pos+l.length]}
	f.at += pos + l.length
	return fr, nil
}

// header reads up to the blank line and returns what it says and where the body begins.
func (f *frames) header() (l layout, pos int, err error) {
	for {
		line, after, err := f.line(pos)
		if err != nil {
			return l, pos, err
		}
		switch {
		case len(line) == 0 && l.headers == 0:
			f.at, pos = f.at+after, 0 // blank lines between messages mean nothing
			continue
		case len(line) == 0 && l.kind == kindUnknown:
			return l, pos, fmt.Errorf("%w: message without content type", ErrBrokenStream)
		case len(line) == 0:
			return l, after, nil
		case after > maxHeaderBytes:
			return l, pos, fmt.Errorf("%w: header of more than %d bytes", ErrBrokenStream, maxHeaderBytes)
		}
		if err := l.take(line, pos, f.limit); err != nil {
			return l, pos, err
		}
		pos = after
	}
}

// line is the line that begins at pos of the current frame, without its end, and where the next one begins. It reads as
// long as the line is not complete.
func (f *frames) line(pos int) (line []byte, after int, err error) {
	for {
		rest := f.buf[f.at+pos : f.end]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			return bytes.TrimSuffix(rest[:i], []byte{'\r'}), pos + i + 1, nil
		}
		if len(rest) > maxHeaderBytes {
			return nil, 0, fmt.Errorf("%w: header line of more than %d bytes", ErrBrokenStream, maxHeaderBytes)
		}
		if err := f.fill(); err != nil {
			if f.end > f.at {
				err = midway(err)
			}
			return nil, 0, err
		}
	}
}

// take takes in one header line that begins at from.
func (l *layout) take(line []byte, from, limit int) error {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return fmt.Errorf("%w: header line %.60q", ErrBrokenStream, line)
	}
	l.headers++
	value := line[colon+1:]
	at := from + colon + 1
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
		at++
	}
	switch string(line[:colon]) {
	case "Content-Type":
		l.kind = kindOf(value)
		if l.kind == kindUnknown {
			return fmt.Errorf("%w: content type %.60q", ErrBrokenStream, value)
		}
	case "Content-Length":
		n, ok := number(value)
		if !ok || n > int64(limit) {
			return fmt.Errorf("%w: content length %.30q, at most %d is taken", ErrBrokenStream, value, limit)
		}
		l.length = int(n)
	case "Reply-Text":
		l.reply = span{at, at + len(value)}
	case "Job-UUID":
		l.job = span{at, at + len(value)}
	}
	return nil
}

func kindOf(contentType []byte) kind {
	switch string(contentType) {
	case "auth/request":
		return kindGreeting
	case "command/reply":
		return kindReply
	case "api/response":
		return kindResponse
	case "text/event-plain":
		return kindEvent
	case "text/disconnect-notice":
		return kindNotice
	case "text/rude-rejection":
		return kindRejection
	default:
		return kindUnknown
	}
}

// fill reads once more, after making room. The buffer grows with what has come, never with what a header claims.
func (f *frames) fill() error {
	switch {
	case f.at == f.end:
		f.at, f.end = 0, 0
		if len(f.buf) > keptBuffer {
			f.buf = make([]byte, firstBuffer)
		}
	case f.end == len(f.buf) && f.at > len(f.buf)/2:
		f.end = copy(f.buf, f.buf[f.at:f.end])
		f.at = 0
	case f.end == len(f.buf):
		grown := make([]byte, 2*(f.end-f.at)+firstBuffer)
		f.end = copy(grown, f.buf[f.at:f.end])
		f.at, f.buf = 0, grown
	}
	if f.wait != nil {
		f.wait(f.end > f.at)
	}
	n, err := f.r.Read(f.buf[f.end:])
	f.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

func midway(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// number reads a decimal without sign; it refuses anything else and what does not fit.
func number(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
