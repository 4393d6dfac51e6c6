package simulator

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"waihu/controller/clock"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

// Config says what the simulated switch is. The zero value of a field takes the default that is named beside it.
type Config struct {
	Addr     string // where the event socket listens, 127.0.0.1:0
	Password string // of the event socket, ClueCon

	Dialplan script.Source     // what calls run; nil = every extension is unknown
	Clock    clock.Clock       // all times and durations of the switch, clock.Real
	Seed     uint64            // of identifiers and faults
	Town     town.Config       // how callees behave
	Globals  map[string]string // global_getvar and ${…}, added to the built-in ones

	MaxSessions       int // 1000; a call over it is refused with DESTINATION_OUT_OF_ORDER
	SessionsPerSecond int // 30, per second of the clock

	Gateways map[string]Gateway // by name; empty = every name exists and bears any number of calls
	Users    map[string]bool    // extensions of user/…: true = registered; nil = every one is

	// Recordings are written as files that can be played: a tone for each side. Else they are announced only.
	Recordings bool
	CDRDir     string                                  // json_cdr spool, "" = none
	SoundDir   func(path string) (time.Duration, bool) // length of a sound file; nil = its WAV header, else 5 s

	Faults Faults
	Logger *slog.Logger
}

// Gateway is a trunk of the switch.
type Gateway struct {
	Lines int  // calls at once, 0 = no limit; a call over it gets 503
	Down  bool // its ping fails: GATEWAY_DOWN
}

// Defaults of Config.
const (
	DefaultPassword          = "ClueCon"
	DefaultMaxSessions       = 1000
	DefaultSessionsPerSecond = 30
	DefaultSound             = 5 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Password == "" {
		c.Password = DefaultPassword
	}
	if c.Clock == nil {
		c.Clock = clock.Real()
	}
	if c.MaxSessions == 0 {
		c.MaxSessions = DefaultMaxSessions
	}
	if c.SessionsPerSecond == 0 {
		c.SessionsPerSecond = DefaultSessionsPerSecond
	}
	if c.SoundDir == nil {
		c.SoundDir = wavDuration
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) check() error {
	var errs []error
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		errs = append(errs, fmt.Errorf("event socket address %q: %w", c.Addr, err))
	}
	if c.MaxSessions < 0 {
		errs = append(errs, fmt.Errorf("max sessions %d is negative", c.MaxSessions))
	}
	if c.SessionsPerSecond < 0 {
		errs = append(errs, fmt.Errorf("sessions per second %d is negative", c.SessionsPerSecond))
	}
	for name, g := range c.Gateways {
		if g.Lines < 0 {
			errs = append(errs, fmt.Errorf("gateway %q has %d lines", name, g.Lines))
		}
	}
	return errors.Join(append(errs, c.Faults.check())...)
}
