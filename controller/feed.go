package controller

import (
	"strings"
	"time"

	"waihu/controller/call"
	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
)

// Event takes an event of the switch. It is called by the event socket's goroutine and blocks only when the loop is
// thousands of events behind.
func (s *session) Event(ev esl.Event) {
	select {
	case s.events <- ev:
	case <-s.work.Done():
	}
}

// Up says that the event stream runs; the open attempts are compared at once, and what callers said meanwhile is looked for.
func (s *session) Up(core string) {
	s.log.Info("switch connected", "core", core)
	s.workers.Go(s.register)
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.SwitchUp(core, now) })
	s.workers.Go(func() {
		s.reconcile()
		s.republish()
	})
	s.workers.Go(s.findMessages)
}

// republish brings the dialplan of the active campaigns live on a switch that has just come (back); until then nothing is
// dialled. It repeats itself until it succeeds or the switch is lost again.
func (s *session) republish() {
	for {
		_, err := s.c.Republish(s.work, "")
		if err == nil {
			s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.Published(true) })
			return
		}
		if s.work.Err() != nil || !s.c.sw.Connected() {
			return // Up comes again
		}
		s.log.Error("dialplan not live, nothing is dialled", "err", err)
		if !clock.Sleep(s.work.Done(), clock.Real(), 5*time.Second) {
			return
		}
	}
}

// Down says that the event stream is lost.
func (s *session) Down(err error) {
	s.log.Error("switch lost", "err", err)
	s.tell(func(f *floor.Floor, _ time.Time) []floor.Effect { return f.SwitchDown() })
}

// hear translates an event into the floor's words.
func (s *session) hear(ev esl.Event) {
	if s.hearDesk(ev) {
		return
	}
	id, said, ok := translate(ev)
	if ok {
		s.carryOut(s.floor.Heard(id, said, s.clock.Now()))
	}
}

// kinds are the events that say something about a call by their name alone.
var kinds = map[string]call.Kind{
	"CHANNEL_CREATE":          call.Created,
	"CHANNEL_PROGRESS":        call.Rang,
	"CHANNEL_PROGRESS_MEDIA":  call.Rang,
	"CHANNEL_ANSWER":          call.Answered,
	"DTMF":                    call.Keyed,
	"CHANNEL_HANGUP":          call.HungUp,
	"CHANNEL_HANGUP_COMPLETE": call.Completed,
}

// translate gives the attempt's id and what was said; false when the event is about no call.
func translate(ev esl.Event) (string, call.Event, bool) {
	out := call.Event{At: ev.At, Node: ev.Core, Digit: ev.Digit, Times: call.Times{
		Created: ev.Created, Progress: ev.Progress, ProgressMedia: ev.ProgressMedia, Answered: ev.Answered, HungUp: ev.HungUp,
	}}
	kind, known := kinds[ev.Name]
	switch {
	case known:
		out.Kind = kind
	case ev.Name == "CUSTOM" && ev.Subclass == dialplan.EventOptedOut:
		out.Kind = call.OptedOut
	case ev.Name == "BACKGROUND_JOB":
		cause, failed := strings.CutPrefix(ev.Body, "-ERR ")
		return ev.JobUUID, call.Event{Kind: call.JobFailed, At: ev.At, Node: ev.Core, End: call.End{Cause: cause}}, failed
	default:
		return "", call.Event{}, false
	}
	if kind == call.HungUp || kind == call.Completed {
		out.End = call.End{
			Cause: ev.Cause, Q850: ev.Q850, SIPStatus: sipStatus(ev), SIPPhrase: ev.SIPPhrase,
			Disposition: ev.Disposition, Step: ev.Step, Digits: ev.Digits,
		}
	}
	return ev.UUID, out, ev.UUID != ""
}

// sipStatus is the far end's last answer; when we cancelled, the switch keeps it under another name.
func sipStatus(ev esl.Event) int {
	if ev.SIPStatus != 0 {
		return ev.SIPStatus
	}
	return ev.InviteStatus
}
