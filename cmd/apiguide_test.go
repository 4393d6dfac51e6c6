package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAPIGuide runs the commands of docs/api.md, as they stand there, against the demonstration.
func TestAPIGuide(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err == nil {
		_, err = exec.LookPath("curl")
	}
	if err != nil {
		t.Skipf("needs bash and curl: %v", err)
	}
	guide, err := os.ReadFile(filepath.Join("..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllSubmatch(guide, -1)
	if len(blocks) < 7 {
		t.Fatalf("%d blocks of commands in the guide", len(blocks))
	}
	script := "set -euo pipefail\n"
	for _, b := range blocks {
		script += string(b[1])
	}
	t.Chdir(t.TempDir())
	t.Setenv(demoEnv, "a password for tests")
	printed, stop := demonstration(t, demoFlags{addr: "127.0.0.1:0", dir: "d", numbers: 200, speed: 5, seed: 1})
	defer stop()
	url := regexp.MustCompile(`ready: (\S+)`).FindStringSubmatch(printed)[1]
	run := exec.CommandContext(t.Context(), shell, "-x", "-c", script)
	run.Env = append(os.Environ(), "URL="+url, "PASSWORD=a password for tests")
	out, err := run.CombinedOutput()
	if err != nil {
		lines := strings.Split(string(out), "\n")
		t.Errorf("%v, the last lines:\n%s", err, strings.Join(lines[max(0, len(lines)-12):], "\n"))
	}
}
