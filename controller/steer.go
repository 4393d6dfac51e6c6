package controller

import (
	"context"
	"errors"
	"sync"
	"time"

	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/controller/number"
	"waihu/dialplan"
	"waihu/models"
)

// PhoneSettings are how agents' phones are reached. The zero value reaches none.
type PhoneSettings struct {
	Domain string // of the SIP users
	// Registered reads the switch's registrar: the phones that are registered, by extension. nil = only its events tell.
	Registered func(ctx context.Context) (map[string]models.PhoneState, error)
	// Recordings is the recordings folder as the switch sees it.
	Recordings string
	// RecordingsHere is the same folder as this process sees it, "" = it does not.
	RecordingsHere string
	// Prompts are what staff numbers are said with; without a Dir they are not said.
	Prompts dialplan.Prompts
	// ConfirmSound asks an external agent to press 1.
	ConfirmSound string
}

// Phones is what agents need of the switch beside Switch.
type Phones interface {
	OriginatePhone(ctx context.Context, p esl.PhoneCall) error
	OriginateOutside(ctx context.Context, p esl.OutsideCall) error
	Eavesdrop(ctx context.Context, p esl.Phone, over string, mode models.SuperviseMode) error
	SetEavesdrop(ctx context.Context, supervisor, over string, mode models.SuperviseMode) error
	Bridge(ctx context.Context, customer, agent string) error
	Transfer(ctx context.Context, uuid, extension, context string) error
	Conference(ctx context.Context, uuid, room string) error
	JoinConference(ctx context.Context, uuid, room string) error
	Mute(ctx context.Context, uuid string, on bool) error
	SendDTMF(ctx context.Context, uuid, digits string) error
	SetVar(ctx context.Context, uuid string, name esl.Var, value esl.Value) error
	Record(ctx context.Context, what esl.RecordAction, uuid string, file esl.RecordFile) error
	Broadcast(ctx context.Context, uuid string, files ...string) error
	Exists(ctx context.Context, uuid string) (bool, error)
}

// rings are the phones that wait to be called: one that is let go before is never called. The zero value is ready.
type rings struct {
	mu   sync.Mutex
	open map[string]bool
}

func (r *rings) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		r.open = map[string]bool{}
	}
	r.open[id] = true
}

// drop takes a phone out; false when it is not waiting any more.
func (r *rings) drop(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	had := r.open[id]
	delete(r.open, id)
	return had
}

// ringer calls phones. It is apart from the steerer, so that no bridge waits for a phone that is being called.
func (s *session) ringer() {
	for {
		batch, ok := s.ringing.take(s.work.Done(), dialBatch)
		if !ok {
			return
		}
		for _, e := range batch {
			s.ring(e)
		}
	}
}

func (s *session) ring(e floor.Effect) {
	id := ""
	var err error
	switch e := e.(type) {
	case floor.Ring:
		if id = e.LegID; !s.unrung.drop(id) {
			return
		}
		if e.Extension == "" {
			err = s.c.sw.OriginateOutside(s.work, s.outsideCall(e))
		} else {
			err = s.c.sw.OriginatePhone(s.work, s.phoneCall(e))
		}
	case floor.Watch:
		if id = e.LegID; !s.unrung.drop(id) {
			return
		}
		p := esl.Phone{UUID: e.LegID, Extension: e.Extension, Domain: s.c.cfg.Phones.Domain, RingSeconds: 30, AutoAnswer: e.AutoAnswer}
		err = s.c.sw.Eavesdrop(s.work, p, e.Over, e.Mode)
	}
	if err == nil || s.work.Err() != nil {
		return
	}
	s.log.Warn("phone not called", "leg", id, "err", err)
	var own *models.Error
	var refusal *esl.ReplyError
	if errors.Is(err, esl.ErrNotSent) || errors.As(err, &own) || errors.As(err, &refusal) {
		s.legSaid(id, floor.LegFailed, "WAIHU_REFUSED")
	} // else it may ring: its events, or the list of channels, will tell
}

func (s *session) phoneCall(e floor.Ring) esl.PhoneCall {
	return esl.PhoneCall{
		Phone: esl.Phone{
			UUID: e.LegID, Extension: e.Extension, Domain: s.c.cfg.Phones.Domain, RingSeconds: clamp(e.RingSeconds), AutoAnswer: e.AutoAnswer,
			CallerNumber: e.Caller, Marks: esl.Marks{Call: e.CallID, Agent: e.AgentID, Leg: models.LegAgent},
		},
		Target: dialplan.ExtensionAgent, Context: dialplan.Context,
	}
}

func clamp(seconds int) int { return min(max(seconds, models.MinAgentRing), models.MaxAgentRing) }

// confirmSeconds is how long an external agent is waited for after he was asked to press 1.
const confirmSeconds = 5

func (s *session) outsideCall(e floor.Ring) esl.OutsideCall {
	p := esl.OutsideCall{
		UUID: e.LegID, Gateway: e.Trunk.Gateway, CallerNumber: e.Caller, RingSeconds: clamp(e.RingSeconds), Target: dialplan.ExtensionAgent, Context: dialplan.Context,
		Number: number.Dial(e.Number, e.Trunk.NumberFormat, s.c.cfg.Floor.Region, e.Trunk.DialPrefix),
		Marks:  esl.Marks{Call: e.CallID, Agent: e.AgentID},
	}
	if e.Confirm {
		p.Confirm = esl.Confirm{Key: "1", File: s.c.cfg.Phones.ConfirmSound, Seconds: confirmSeconds}
		p.RingSeconds = clamp(e.RingSeconds + 2*confirmSeconds)
	}
	return p
}

func (s *session) legSaid(id string, said floor.LegSaid, cause string) {
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.HeardLeg(id, said, cause, now) })
}

// steerer carries out the commands about live people, in their order.
func (s *session) steerer() {
	for {
		batch, ok := s.steers.take(s.work.Done(), dialBatch)
		if !ok {
			return
		}
		for _, e := range batch {
			if err := s.steer(e); err != nil && s.work.Err() == nil {
				s.log.Warn("command not carried out", "command", nameOf(e), "err", err)
			}
		}
	}
}

func nameOf(e floor.Effect) string {
	switch e.(type) {
	case floor.Bridge:
		return "bridge"
	case floor.HangUpLeg:
		return "hang up"
	case floor.Move, floor.ParkLeg:
		return "transfer"
	default:
		return "other"
	}
}

func (s *session) steer(e floor.Effect) error {
	sw := s.c.sw
	switch e := e.(type) {
	case floor.Bridge:
		return s.bridge(e)
	case floor.HangUpLeg:
		s.hangUp(e)
		return nil
	case floor.ParkLeg:
		return sw.Transfer(s.work, e.LegID, dialplan.ExtensionAgent, dialplan.Context)
	case floor.Move:
		to := dialplan.ExtensionHold
		if e.To == floor.PlaceQueue {
			to = dialplan.QueueEntry(e.QueueID)
		}
		return sw.Transfer(s.work, e.ChannelID, to, dialplan.Context)
	case floor.WatchAgain:
		return sw.SetEavesdrop(s.work, e.LegID, e.Over, e.Mode)
	case floor.Join:
		if err := sw.Conference(s.work, e.Leg, e.Room); err != nil {
			return err
		}
		return sw.JoinConference(s.work, e.Customer, e.Room)
	case floor.Mute:
		return sw.Mute(s.work, e.LegID, e.On)
	case floor.SendDigits:
		return sw.SendDTMF(s.work, e.CallID, e.Digits)
	case floor.SayPlace:
		return s.sayPlace(e)
	case floor.Announce:
		return s.say(e.CallID, s.c.cfg.Phones.Prompts.Staff(e.StaffNumber))
	default:
		return nil
	}
}

// sayPlace tells a waiting customer his place, and how long it may take.
func (s *session) sayPlace(e floor.SayPlace) error {
	var files []string
	if e.Ahead >= 0 {
		files = s.c.cfg.Phones.Prompts.Ahead(e.Ahead)
	}
	if e.Minutes >= 0 {
		files = append(files, s.c.cfg.Phones.Prompts.Wait(e.Minutes)...)
	}
	return s.say(e.CallID, files)
}

// say plays prompts to a customer; nothing when there are none.
func (s *session) say(callID string, files []string) error {
	if s.c.cfg.Phones.Prompts.Dir == "" || len(files) == 0 {
		return nil
	}
	return s.c.sw.Broadcast(s.work, callID, files...)
}

// recorder steers recordings. It is apart from the steerer: the switch needs 10 ms and more to open a file, and no bridge waits
// for that.
func (s *session) recorder() {
	for {
		batch, ok := s.recordings.take(s.work.Done(), dialBatch)
		if !ok {
			return
		}
		for _, e := range batch {
			if err := s.record(e); err != nil && s.work.Err() == nil {
				s.log.Warn("recording not steered", "call", e.CallID, "what", e.What, "err", err)
			}
		}
	}
}

func (s *session) record(e floor.Record) error {
	file := esl.RecordFile{Folder: s.c.cfg.Phones.Recordings, Path: e.Path}
	what := map[string]esl.RecordAction{floor.RecordStart: esl.RecordStart, floor.RecordStop: esl.RecordStop, floor.RecordPause: esl.RecordMask, floor.RecordResume: esl.RecordUnmask}[e.What]
	if what == esl.RecordStart {
		if err := s.c.sw.SetVar(s.work, e.CallID, esl.VarRecordStereo, esl.Flag(true)); err != nil {
			return err
		}
	}
	return s.c.sw.Record(s.work, what, e.CallID, file)
}

// bridge joins a customer with a leg. When one of them is gone the floor is told which, so that the other one is not left.
func (s *session) bridge(e floor.Bridge) error {
	err := s.c.sw.Bridge(s.work, e.Customer, e.Leg)
	if errors.Is(err, esl.ErrNoChannel) {
		ctx, cancel := context.WithTimeout(s.work, 2*time.Second)
		defer cancel()
		if there, look := s.c.sw.Exists(ctx, e.Leg); look == nil && !there {
			s.legSaid(e.Leg, floor.LegHungUp, models.CauseLost)
			return nil
		}
	}
	return err
}

// hangUp ends a leg: one that waits to be called is never called; one whose originate is still on its way is tried again.
func (s *session) hangUp(e floor.HangUpLeg) {
	if s.unrung.drop(e.LegID) {
		s.legSaid(e.LegID, floor.LegFailed, e.Cause)
		return
	}
	s.workers.Go(func() {
		for range 10 {
			err := s.c.sw.Kill(s.work, e.LegID, e.Cause)
			if !errors.Is(err, esl.ErrNoChannel) {
				if err != nil && s.work.Err() == nil {
					s.log.Warn("leg not hung up", "leg", e.LegID, "err", err)
				}
				return
			}
			if !clock.Sleep(s.work.Done(), clock.Real(), 100*time.Millisecond) {
				return
			}
		}
		s.legSaid(e.LegID, floor.LegHungUp, models.CauseLost)
	})
}
