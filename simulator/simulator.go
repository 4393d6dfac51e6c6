package simulator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"waihu/simulator/town"
)

// Simulator is one simulated switch. All its methods may be called from any goroutine.
type Simulator struct {
	cfg      Config
	listener net.Listener
	town     *town.Town
	ticks    chan struct{} // a timer may be due

	mu         sync.Mutex // guards everything below
	now        time.Time  // the switch's time: never goes back
	timers     timers
	timerOrder uint64
	armed      bool
	armedFor   time.Time
	disarm     func() bool
	closed     bool

	core     string
	started  time.Time
	sequence int64 // of events
	random   *rand.Rand
	globals  map[string]string
	globally []string // names of globals, in order
	dates    dateCache
	scratch  []byte

	conns   map[int]*conn
	nextID  int
	wanted  [eventCount]int // connections that subscribed an event
	faults  Faults
	stalled chan struct{} // closed while not stalled
	refusal []Refusal

	apps     map[string]func(*channel, string) work
	commands map[string]func(*Simulator, string) string
	nextTask int
	channels map[string]*channel
	lines    map[string]int // calls in progress per gateway
	phones   map[string]phone
	away     map[string]bool // extensions that took themselves off
	limits   limits
	report   *reporter
	cdrs     *cdrWriter

	serving sync.WaitGroup
	life    context.Context // of lookups over the network
	die     context.CancelFunc
}

// Refusal is how a connection may be turned away.
type Refusal int

// The ways of RefuseNext.
const (
	RefuseRude   Refusal = iota // text/rude-rejection, as by an access list
	RefuseSilent                // accepted, and never a word
)

// New makes a switch that listens already, so that Addr is known, but serves only once Run is called.
func New(cfg Config) (*Simulator, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("configure simulator: %w", err)
	}
	tw, err := town.New(cfg.Town)
	if err != nil {
		return nil, fmt.Errorf("found town of callees: %w", err)
	}
	l, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s for the event socket: %w", cfg.Addr, err)
	}
	s := &Simulator{
		cfg: cfg, listener: l, town: tw,
		ticks:    make(chan struct{}, 1),
		conns:    map[int]*conn{},
		apps:     applications(),
		commands: commands(),
		channels: map[string]*channel{},
		lines:    map[string]int{},
		random:   rand.New(rand.NewPCG(cfg.Seed, 0x5af7)),
		faults:   cfg.Faults,
		stalled:  closedChan(),
		report:   newReporter(),
		cdrs:     newCDRWriter(cfg.CDRDir),
	}
	s.life, s.die = context.WithCancel(context.Background())
	s.scratch = make([]byte, prefix, 16<<10)
	s.now = cfg.Clock.Now()
	s.boot()
	return s, nil
}

func closedChan() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// boot is what a start or restart of the switch sets.
func (s *Simulator) boot() {
	s.core = s.newUUID()
	s.started = s.now
	s.sequence = 500
	s.limits = limits{maxSessions: s.cfg.MaxSessions, perSecond: s.cfg.SessionsPerSecond}
	s.setGlobals()
	s.after(heartbeatEvery, s.heartbeat)
}

// Addr is the address of the event socket.
func (s *Simulator) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends or Close is called, and returns nil then. No goroutine of the switch is left.
func (s *Simulator) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	accepted := make(chan error, 1)
	s.serving.Go(func() { accepted <- s.accept() })
	s.serving.Go(func() { s.cdrs.run() })
	s.enter()
	s.leave()
	var failure error
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case failure = <-accepted:
			running = false
		case <-s.ticks:
			s.tick()
		}
	}
	err := s.Close()
	s.cdrs.close()
	s.serving.Wait()
	return errors.Join(failure, err, s.cdrs.err())
}

// Close ends the switch at once: connections are cut, calls are forgotten. Run returns.
func (s *Simulator) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.disarm != nil {
		s.disarm()
	}
	s.timers = nil
	s.die()
	if !isClosed(s.stalled) {
		close(s.stalled)
	}
	for _, c := range s.conns {
		c.cut()
	}
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close event socket %s: %w", s.Addr(), err)
	}
	return nil
}

func (s *Simulator) accept() error {
	for {
		nc, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept on event socket %s: %w", s.Addr(), err)
		}
		s.admit(nc)
	}
}

func (s *Simulator) admit(nc net.Conn) {
	s.enter()
	defer s.leave()
	if s.closed {
		_ = nc.Close() // nobody is there any more
		return
	}
	s.nextID++
	c := newConn(s, s.nextID, nc)
	s.conns[c.id] = c
	s.serving.Go(c.write)
	greeting := "Content-Type: auth/request\n\n"
	if len(s.refusal) > 0 {
		kind := s.refusal[0]
		s.refusal = s.refusal[1:]
		if kind == RefuseSilent {
			s.serving.Go(c.swallow)
			return
		}
		c.out = append(c.out, "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"...)
		c.finish()
		return
	}
	c.out = append(c.out, greeting...)
	s.serving.Go(c.read)
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
