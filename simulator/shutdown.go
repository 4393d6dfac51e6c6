package simulator

// Shutdown is an orderly restart, as by systemctl restart: SHUTDOWN is fired, calls are hung up with SYSTEM_SHUTDOWN,
// connections get their notice and are closed, and the switch comes back with a new Core-UUID.
func (s *Simulator) Shutdown() {
	s.enter()
	defer s.leave()
	s.fire(event{kind: evShutdown, tail: []header{{"Event-Info", "System Shutting Down"}}})
	for _, ch := range s.sorted() {
		ch.hangup(causeOf("SYSTEM_SHUTDOWN"), bySwitch)
		ch.unwind()
	}
	for _, c := range s.conns {
		c.out = append(c.out, "Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n"...)
		c.finish()
	}
	s.timers = nil
	s.armed = false
	s.boot()
}
