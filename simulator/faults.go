package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Faults are what goes wrong on the event socket on purpose. Every connection has its own luck.
type Faults struct {
	Default Fault            // for events that ByEvent does not name
	ByEvent map[string]Fault // by Event-Name
}

// Fault says how probably (0…1) something happens to an event on its way.
type Fault struct {
	Drop    float64       // it never comes
	Double  float64       // it comes twice
	Delay   float64       // it comes DelayBy later, after others
	Shuffle float64       // it changes places with the next event of the connection
	DelayBy time.Duration // of the switch's clock, 100 ms if 0
}

func (f Fault) none() bool { return f.Drop == 0 && f.Double == 0 && f.Delay == 0 && f.Shuffle == 0 }

func (f Faults) none() bool { return f.Default.none() && len(f.ByEvent) == 0 }

func (f Faults) of(event string) Fault {
	if one, ok := f.ByEvent[event]; ok {
		return one
	}
	return f.Default
}

func (f Faults) check() error {
	errs := []error{f.Default.check("every event")}
	for name, one := range f.ByEvent {
		errs = append(errs, one.check(name))
	}
	return errors.Join(errs...)
}

func (f Fault) check(name string) error {
	for what, p := range map[string]float64{"drop": f.Drop, "double": f.Double, "delay": f.Delay, "shuffle": f.Shuffle} {
		if p < 0 || p > 1 {
			return fmt.Errorf("faults of %s: probability %s %v is not within 0 and 1", name, what, p)
		}
	}
	if f.DelayBy < 0 {
		return fmt.Errorf("faults of %s: delay %s is negative", name, f.DelayBy)
	}
	return nil
}

// SetFaults changes what goes wrong from now on.
func (s *Simulator) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	s.enter()
	defer s.leave()
	s.faults = f
	return nil
}

// Cut closes every event-socket connection in the middle of whatever it does. Calls go on.
func (s *Simulator) Cut() {
	s.enter()
	defer s.leave()
	for _, c := range s.conns {
		c.cut()
	}
}

// Stall makes the event socket neither read nor write until Stall(false). Calls go on.
func (s *Simulator) Stall(on bool) {
	s.enter()
	defer s.leave()
	switch free := isClosed(s.stalled); {
	case s.closed:
	case on && free:
		s.stalled = make(chan struct{})
	case !on && !free:
		close(s.stalled)
	}
}

// Restart is a switch that dies and comes back: connections are cut, all channels are gone without an event, Core-UUID is
// new. With records the calls leave their call records behind, as after an orderly end.
func (s *Simulator) Restart(records bool) {
	s.enter()
	defer s.leave()
	for _, c := range s.conns {
		c.cut()
	}
	for _, ch := range s.channels {
		if records {
			ch.cause, ch.hungup = causeOf("SYSTEM_SHUTDOWN"), s.now
			ch.closeBooks()
			s.cdrs.put(ch)
		}
		s.report.lost(ch)
		ch.gone = true
	}
	s.timers = nil
	s.armed = false
	clear(s.channels)
	clear(s.lines)
	s.boot()
	for _, extension := range slices.Sorted(maps.Keys(s.phones)) {
		s.awaitLapse(extension) // registrations are kept in a file
	}
}

// SetGateway changes a trunk of the switch, or adds it. Calls in progress go on.
func (s *Simulator) SetGateway(name string, g Gateway) {
	s.enter()
	defer s.leave()
	gateways := maps.Clone(s.cfg.Gateways)
	if gateways == nil {
		gateways = map[string]Gateway{}
	}
	gateways[name] = g
	s.cfg.Gateways = gateways
}

// RefuseNext turns the next connection away.
func (s *Simulator) RefuseNext(kind Refusal) {
	s.enter()
	defer s.leave()
	s.refusal = append(s.refusal, kind)
}

// deliver hands one finished event to a connection, through its faults. framed may be kept only by copying.
func (s *Simulator) deliver(c *conn, name string, framed []byte) {
	if s.faults.none() {
		c.push(framed)
		c.releaseHeld()
		return
	}
	f := s.faults.of(name)
	switch {
	case s.chance(f.Drop):
		return
	case s.chance(f.Delay):
		late := append([]byte(nil), framed...)
		by := f.DelayBy
		if by == 0 {
			by = 100 * time.Millisecond
		}
		s.after(by, func() { c.push(late) })
		return
	case s.chance(f.Shuffle) && c.held == nil:
		c.held = append([]byte(nil), framed...)
		// An event that no other follows must not stay behind for ever.
		s.after(time.Second, c.releaseHeld)
		return
	case s.chance(f.Double):
		c.push(framed)
	}
	c.push(framed)
	c.releaseHeld()
}

func (s *Simulator) chance(p float64) bool { return p > 0 && s.random.Float64() < p }
