package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "github.com/go-sql-driver/mysql" // driver of the server's own connections
)

var errNoServer = errors.New("mariadbd is neither in PATH nor in /usr/sbin (install mariadb-server)")

const (
	startLimit = 30 * time.Second
	stopLimit  = 30 * time.Second
	portTries  = 5
	folderName = "waihu-mariadb-"
)

// Server is a private MariaDB server without passwords on 127.0.0.1.
type Server struct {
	dir    string
	binary string
	port   int

	mu   sync.Mutex
	proc *os.Process
	done chan struct{} // closed when proc has ended
}

func start() (*Server, error) {
	binary, err := find()
	if err != nil {
		return nil, err
	}
	sweep()
	dir, err := os.MkdirTemp("", folderName+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make folder for MariaDB: %w", err)
	}
	s := &Server{dir: dir, binary: binary}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder for MariaDB: %w", err)
	}
	for range portTries { // somebody may take the free port before the server does
		if s.port, err = freePort(); err != nil {
			break
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	s.Close()
	return nil, err
}

func find() (string, error) {
	if p, err := exec.LookPath("mariadbd"); err == nil {
		return p, nil
	}
	if p, err := exec.LookPath("/usr/sbin/mariadbd"); err == nil {
		return p, nil
	}
	return "", errNoServer
}

// sweep removes the folders of test processes that were killed.
func sweep() {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), folderName+"*-*"))
	for _, dir := range old {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folderName), "-")
		pid, err := strconv.Atoi(id)
		if err != nil || pid == os.Getpid() {
			continue
		}
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
			os.RemoveAll(dir)
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port for MariaDB: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Start starts the server on its old port and data and waits until it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		return errors.New("start MariaDB: it runs already")
	}
	logFile, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log of MariaDB: %w", err)
	}
	defer logFile.Close()
	cmd := exec.Command(s.binary, s.flags()...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr = dieWithParent()
	started, done := make(chan error), make(chan struct{})
	go func() {
		// The kernel ties the child's life to the thread that made it, so this thread must stay.
		runtime.LockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is of no interest: tests kill it
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start MariaDB: %w", err)
	}
	s.proc, s.done = cmd.Process, done
	if err := s.await(done); err != nil {
		s.end(syscall.SIGKILL)
		text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("start MariaDB: %w; its log ends with: %s", err, tail(string(text)))
	}
	return nil
}

func tail(s string) string { return s[max(0, len(s)-1000):] }

func (s *Server) flags() []string {
	flags := []string{
		"--no-defaults", "--datadir=" + filepath.Join(s.dir, "data"), "--socket=" + filepath.Join(s.dir, "sock"),
		"--pid-file=" + filepath.Join(s.dir, "pid"), "--tmpdir=" + s.dir, "--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(s.port),
		// An empty data folder has no tables of accounts and statistics, and needs none for tests.
		"--skip-grant-tables", "--innodb-stats-persistent=0", "--local-infile=1", "--skip-log-bin", "--skip-name-resolve",
		"--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--max-connections=200", "--performance-schema=0",
	}
	if os.Geteuid() == 0 {
		flags = append(flags, "--user=root")
	}
	return flags
}

func (s *Server) await(done <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		if s.exec("SELECT 1") == nil {
			return nil
		}
		select {
		case <-done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return errors.New("it does not answer")
		case <-poll.C:
		}
	}
}

func (s *Server) exec(statement string) error {
	db, err := sql.Open("mysql", s.DSN(""))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// DSN names a database on the server.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("root@tcp(127.0.0.1:%d)/%s", s.port, database)
}

// Addr is where the server listens, for a proxy in front of it.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Stop shuts the server down in order and waits for its end.
func (s *Server) Stop() { s.locked(syscall.SIGTERM) }

// Kill ends the server at once, as a crash does, and waits for its end.
func (s *Server) Kill() { s.locked(syscall.SIGKILL) }

// Pause makes the server hang: connections stay, nothing answers.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Server) Resume() error { return s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return errors.New("signal MariaDB: it does not run")
	}
	return s.proc.Signal(sig)
}

// Close kills the server and removes its folder.
func (s *Server) Close() {
	s.Kill()
	os.RemoveAll(s.dir)
}

func (s *Server) locked(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(sig)
}

func (s *Server) end(sig os.Signal) {
	if s.proc == nil {
		return
	}
	_ = s.proc.Signal(sig) // it may have ended by itself
	select {
	case <-s.done:
	case <-time.After(stopLimit):
		_ = s.proc.Kill()
		<-s.done
	}
	s.proc = nil
}
