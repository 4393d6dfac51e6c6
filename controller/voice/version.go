package voice

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// FFmpegVersion runs ffmpeg to learn its version, "ffmpeg version 5.1.8". An error means that it cannot be used.
func FFmpegVersion(ctx context.Context, ffmpeg string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, ffmpeg, "-hide_banner", "-version")
	cmd.Env = []string{"LC_ALL=C"}
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", ffmpeg, err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	name, _, _ := strings.Cut(strings.TrimSpace(line), " Copyright")
	if !strings.HasPrefix(name, "ffmpeg version ") {
		return "", fmt.Errorf("%s is not ffmpeg", ffmpeg)
	}
	return name, nil
}
