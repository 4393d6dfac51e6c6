package voice

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// decode runs ffmpeg on a file whose format Check has found out, and hands on 16-bit samples of Rate. The child gets the
// content on its standard input and may open nothing else: the demuxer is named, so that no playlist is ever
// recognised, and only the pipe protocol is allowed.
func decode(ctx context.Context, c Config, format string, in *os.File, emit func(int16) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	limit := strconv.FormatFloat((c.MaxDuration + time.Second).Seconds(), 'f', 3, 64)
	cmd := exec.CommandContext(ctx, c.FFmpeg,
		"-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1",
		"-protocol_whitelist", "pipe", "-f", format, "-i", "pipe:0",
		"-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-t", limit,
		"-ac", "1", "-ar", strconv.Itoa(Rate), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1")
	cmd.Env = []string{"LC_ALL=C"}
	cmd.Dir = os.TempDir()
	cmd.Stdin = in
	cmd.WaitDelay = time.Second
	var said tail
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start ffmpeg: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start ffmpeg %s: %w", c.FFmpeg, err)
	}
	samples, copyErr := forward(out, emit)
	if copyErr != nil {
		cancel() // the child would wait for ever for somebody to read
	}
	waitErr := cmd.Wait()
	switch {
	case copyErr != nil:
		return copyErr
	case ctx.Err() != nil:
		return tooSlow(ctx, c.Timeout)
	case waitErr == nil:
		return nil
	case isExit(waitErr) && samples == 0:
		return damaged("it cannot be decoded ("+said.line()+")", "无法解码（"+said.line()+"）")
	case isExit(waitErr): // a defect somewhere inside: what could be decoded is judged by its length
		return nil
	default:
		return fmt.Errorf("run ffmpeg %s: %w", c.FFmpeg, waitErr)
	}
}

func isExit(err error) bool {
	var e *exec.ExitError
	return errors.As(err, &e)
}

func tooSlow(ctx context.Context, limit time.Duration) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("convert voice file: %w", ctx.Err())
	}
	return damaged(fmt.Sprintf("decoding it took longer than %s", limit), fmt.Sprintf("解码超过 %s", limit))
}

func forward(out io.Reader, emit func(int16) error) (int64, error) {
	in := bufio.NewReaderSize(out, 1<<16)
	var b [2]byte
	for n := int64(0); ; n++ {
		if _, err := io.ReadFull(in, b[:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrClosed) {
				return n, nil
			}
			return n, fmt.Errorf("read from ffmpeg: %w", err)
		}
		if err := emit(int16(binary.LittleEndian.Uint16(b[:]))); err != nil {
			return n, err
		}
	}
}

// tail keeps the beginning of what a child says on standard error.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[:min(len(p), max(0, 500-len(t.b)))]...)
	return len(p), nil
}

// line is the first line of it, fit to be shown.
func (t *tail) line() string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(t.b), []byte("\n"))
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFD {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(line), ""))
	if s == "" {
		return "no reason given"
	}
	return s
}
