package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"waihu/models/store"
	"waihu/simulator"
)

// built is the program, made once for all benchmarks.
var built struct {
	once         sync.Once
	dir, program string
	err          error
}

func program(b *testing.B) string {
	b.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "waihu-bench-"); built.err != nil {
			return
		}
		built.program = filepath.Join(built.dir, "waihu")
		out, err := exec.Command("go", "build", "-o", built.program, "waihu").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("build waihu: %w: %s", err, out)
		}
	})
	must(b, built.err)
	return built.program
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// child is a process of the program; it is killed at the end of the benchmark if it still runs.
type child struct {
	b    *testing.B
	cmd  *exec.Cmd
	text bytes.Buffer // what it said on standard error
	done chan error
}

// run starts the program; found, which may be nil, sees each line of its standard error.
func run(b *testing.B, dir string, found func(line string), args ...string) *child {
	b.Helper()
	c := &child{b: b, cmd: exec.CommandContext(b.Context(), program(b), args...), done: make(chan error, 1)}
	c.cmd.Dir = dir
	said, err := c.cmd.StderrPipe()
	must(b, err)
	must(b, c.cmd.Start())
	go func() {
		lines := bufio.NewScanner(io.TeeReader(said, &c.text))
		for lines.Scan() {
			if found != nil {
				found(lines.Text())
			}
		}
		c.done <- c.cmd.Wait()
	}()
	return c
}

// wait lets the process end by itself and returns the processor time that it took.
func (c *child) wait(limit time.Duration) time.Duration {
	c.b.Helper()
	select {
	case err := <-c.done:
		if err != nil {
			c.b.Fatalf("%v: %v\n%s", c.cmd.Args[1:], err, c.text.String())
		}
	case <-time.After(limit):
		_ = c.cmd.Process.Kill()
		<-c.done
		c.b.Fatalf("%v: not done after %s\n%s", c.cmd.Args[1:], limit, c.text.String())
	}
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
}

// stop asks the process to end.
func (c *child) stop() {
	c.b.Helper()
	must(c.b, c.cmd.Process.Signal(os.Interrupt))
	c.wait(time.Minute)
}

// memory is a field of the process's status in kB, such as VmRSS or VmHWM.
func (c *child) memory(field string) int {
	c.b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), field+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0 // it has ended
	}
	n, err := strconv.Atoi(fields[0])
	must(c.b, err)
	return n
}

const password = "benchmark"

// town is a simulated switch in a process of its own, and the folder of the daemon that works with it.
type town struct {
	*child
	dir, addr string
}

var whereItListens = regexp.MustCompile(`127\.0\.0\.1:\d+`)

func startTown(b *testing.B, more ...string) *town {
	b.Helper()
	t := &town{dir: b.TempDir()}
	for _, d := range []string{"data/dialplan", "data/sounds"} {
		must(b, os.MkdirAll(filepath.Join(t.dir, d), 0o755))
	}
	ready := make(chan string, 1)
	args := []string{"--lang", "en", "simulator", "--esl", "127.0.0.1:0", "--password", password, "--dialplan", filepath.Join(t.dir, "data/dialplan"),
		"--sounds", filepath.Join(t.dir, "data/sounds"), "--report", filepath.Join(t.dir, "report.json"),
		"--max-sessions", "100000", "--sessions-per-second", "1000000"}
	t.child = run(b, t.dir, func(line string) {
		if addr := whereItListens.FindString(line); addr != "" {
			select {
			case ready <- addr:
			default:
			}
		}
	}, append(args, more...)...)
	select {
	case t.addr = <-ready:
	case err := <-t.done:
		b.Fatalf("simulator: %v\n%s", err, t.text.String())
	case <-time.After(time.Minute):
		b.Fatal("the simulator does not say where it listens")
	}
	return t
}

// witness ends the switch and reads what it saw.
func (t *town) witness() simulator.Report {
	t.b.Helper()
	t.stop()
	data, err := os.ReadFile(filepath.Join(t.dir, "report.json"))
	must(t.b, err)
	var r simulator.Report
	must(t.b, json.Unmarshal(data, &r))
	return r
}

// settings are written to the daemon's configuration.
type settings struct {
	database store.Config
	cps      float64
	lines    int
	voice    time.Duration
	numbers  []string
}

// broadcast starts a mass call over the switch.
func (t *town) broadcast(s settings, more ...string) *child {
	t.b.Helper()
	write := func(name, text string) { must(t.b, os.WriteFile(filepath.Join(t.dir, name), []byte(text), 0o600)) }
	write("config.yaml", fmt.Sprintf(`data_dir: data
database: {driver: %s, dsn: %q}
switch: {addr: %q, password: %s, max_calls: 0, cps: %v}
trunks: [{name: main, gateway: pstn, number_format: national, lines: %d}]
callers: ["075512345678"]
calling: {pack: none, per_number_day: 3, min_gap_seconds: 60}
log: {level: warn}
`, s.database.Driver, s.database.DSN, t.addr, password, s.cps, s.lines))
	write("list.csv", "手机\n"+strings.Join(s.numbers, "\n")+"\n")
	write("notice.wav", string(tone(s.voice)))
	args := []string{"--config", "config.yaml", "broadcast", "--list", "list.csv", "--audio", "notice.wav", "--out", "results.csv"}
	return run(t.b, t.dir, nil, append(args, more...)...)
}

// tone is a voice file: a square wave of 500 Hz.
func tone(d time.Duration) []byte {
	const rate = 8000
	data := make([]byte, int(d.Seconds()*rate)*2)
	for i := 1; i < len(data); i += 2 {
		data[i] = byte(0x10 + i/16%2*0xe0) // the upper halves of 4096 and -4096
	}
	var head bytes.Buffer
	le := func(n, size int) {
		for range size {
			head.WriteByte(byte(n))
			n >>= 8
		}
	}
	head.WriteString("RIFF")
	le(36+len(data), 4)
	head.WriteString("WAVEfmt ")
	for _, v := range [][2]int{{16, 4}, {1, 2}, {1, 2}, {rate, 4}, {rate * 2, 4}, {2, 2}, {16, 2}} {
		le(v[0], v[1])
	}
	head.WriteString("data")
	le(len(data), 4)
	return append(head.Bytes(), data...)
}

// callees are n numbers whose last three digits, taken in turn, say what their owners do.
func callees(n int, suffixes ...string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("138%05d%s", i/len(suffixes), suffixes[i%len(suffixes)])
	}
	return out
}
