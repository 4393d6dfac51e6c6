package trial

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
)

// site is where child processes work: configuration, database, list and voice file.
type site struct {
	x      *exchange
	dir    string
	config string // path
	list   string
	audio  string
	out    string
	db     store.Config
	store  *store.Store // the trial's own look at the database
}

// retryRules lets busy numbers be dialled once more a second later; every other outcome is final.
const siteConfig = `data_dir: %q
sounds_dir: %q
database: {driver: %s, dsn: %q}
switch: {addr: %q, password: %q, dialplan_dir: %q, cdr_dir: %q, cps: %g}
trunks: [{name: main, gateway: pstn, cps: 0}]
callers: ["075512345678"]
campaign: {ring_seconds: 5, extra_seconds: 5, key_seconds: 1}
calling:
  pack: none
  windows: ["mon-sun 00:00-24:00"]
  per_number_day: 0
  min_gap_seconds: 0
  retry_rules: [{outcome: busy, times: 1, delay_seconds: 1, factor: 1, free: false}]
http: {addr: "127.0.0.1:0"}
`

func newSite(t *testing.T, x *exchange, db store.Config, numbers []string, cps float64, records bool) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{
		x: x, dir: dir, db: db, config: filepath.Join(dir, "config.yaml"), list: filepath.Join(dir, "list.csv"),
		audio: filepath.Join(dir, "notice.wav"), out: filepath.Join(dir, "results.csv"),
	}
	cdr := x.cdr
	if !records {
		cdr = filepath.Join(dir, "no-records")
	}
	text := fmt.Sprintf(siteConfig, filepath.Join(dir, "data"), x.sounds, db.Driver, db.DSN, x.Addr(), password, x.dialplan, cdr, cps)
	for path, data := range map[string]string{
		s.config: text, s.list: "手机\n" + strings.Join(numbers, "\n") + "\n", s.audio: notice(500 * time.Millisecond),
	} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// look opens the trial's own connection to the database, once a child has made it.
func (s *site) look(t *testing.T) *store.Store {
	t.Helper()
	if s.store == nil {
		v, err := store.Open(context.Background(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.Close() })
		s.store = v
	}
	return s.store
}

// expire lets the lease of a process that is dead run out at once: what time would do.
func (s *site) expire(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	lease, _, err := s.look(t).AcquireLease(ctx, "trial", time.Minute)
	if err == nil {
		err = s.store.ReleaseLease(ctx, lease)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) campaign(t *testing.T) models.Campaign {
	t.Helper()
	c, err := s.look(t).Campaign(context.Background(), 1) // the only one
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// notice is a voice file: a tone, 8 kHz, 16 bits, mono.
func notice(d time.Duration) string {
	var data []byte
	for i := range int(d.Seconds() * 8000) {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(9000*math.Sin(float64(i)/3))))
	}
	b := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(36+len(data)))...)
	b = append(b, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, 8000, 16000, 2 | 16<<16} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = append(b, "data"...)
	return string(append(binary.LittleEndian.AppendUint32(b, uint32(len(data))), data...))
}

// numbers makes a list, from the given number on.
func numbers(first, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("139%08d", first+i)
	}
	return out
}

// child is a process of the real program.
type child struct {
	proc *os.Process
	done chan struct{}
	err  error
	mu   sync.Mutex
	text bytes.Buffer
}

func (c *child) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *child) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// start runs a command line of the program on the site. The child is killed at the end of the trial, or with the trial.
func (s *site) start(t *testing.T, args ...string) *child {
	t.Helper()
	return run(t, s.dir, append([]string{"--lang", "en", "--config", s.config}, args...)...)
}

func run(t *testing.T, dir string, args ...string) *child {
	t.Helper()
	c := &child{done: make(chan struct{})}
	cmd := exec.Command(program(t), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = dir, c, c, dieWithParent()
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the kernel ties the child's life to the thread that made it
		defer close(c.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	c.proc = cmd.Process
	t.Cleanup(func() { c.kill() })
	return c
}

func (c *child) signal(sig os.Signal) { _ = c.proc.Signal(sig) } // it may have ended by itself

// kill ends the child as the kernel's memory killer would, and waits for its end.
func (c *child) kill() {
	c.signal(syscall.SIGKILL)
	<-c.done
}

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// code waits for the child's end and gives its exit code.
func (c *child) code(t *testing.T, limit time.Duration) int {
	t.Helper()
	eventually(t, limit, "the child's end", c.ended, c.said)
	var exit *exec.ExitError
	if errors.As(c.err, &exit) {
		return exit.ExitCode()
	}
	if c.err != nil {
		t.Fatal(c.err)
	}
	return 0
}
