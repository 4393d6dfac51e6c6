package voice

import (
	"os/exec"
	"strings"
	"testing"
)

func TestFFmpegVersion(t *testing.T) {
	if v, err := FFmpegVersion(t.Context(), "/nonexistent/ffmpeg"); err == nil {
		t.Errorf("a program that does not exist has version %q", v)
	}
	if v, err := FFmpegVersion(t.Context(), "true"); err == nil {
		t.Errorf("another program has version %q", v)
	}
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("no ffmpeg on this machine")
	}
	v, err := FFmpegVersion(t.Context(), path)
	if err != nil || !strings.HasPrefix(v, "ffmpeg version ") || strings.Contains(v, "\n") {
		t.Errorf("got %q, %v", v, err)
	}
}
