package controller

import (
	"context"
	"strings"
	"time"

	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/controller/number"
	"waihu/dialplan"
	"waihu/models"
)

// seat brings agents and queues onto the floor.
func (s *session) seat(ctx context.Context) error {
	st, err := s.c.staff(ctx)
	if err != nil {
		return err
	}
	s.carryOut(s.floor.Staff(st, s.clock.Now()))
	return nil
}

// registerEvery is how often the registrar's list is read; its events tell what happens between.
const registerEvery = 10 * time.Second

// registrar asks the switch which phones are registered, and how far away they are.
func (s *session) registrar() {
	for {
		s.register()
		if !clock.Sleep(s.work.Done(), clock.Real(), registerEvery) {
			return
		}
	}
}

func (s *session) register() {
	if s.c.cfg.Phones.Registered == nil || !s.c.sw.Connected() {
		return
	}
	ctx, cancel := context.WithTimeout(s.work, registerEvery)
	defer cancel()
	all, err := s.c.cfg.Phones.Registered(ctx)
	if err != nil {
		if s.work.Err() == nil {
			s.log.Warn("registrations not read", "err", err)
		}
		return
	}
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect { return f.Phones(all, now) })
}

// hearDesk takes what the switch says about agents and those who wait for them; false when an event is about something else.
func (s *session) hearDesk(ev esl.Event) bool {
	now := s.clock.Now()
	switch {
	case ev.Name == "CUSTOM" && ev.Subclass == dialplan.EventStep:
		s.carryOut(s.floor.Stepped(ev.UUID, ev.Step, ev.Queue, ev.At, now))
		s.stepped(ev)
	case ev.Name == "CUSTOM":
		return s.hearPhone(ev, now)
	case ev.Name == "CHANNEL_BRIDGE":
		s.carryOut(s.floor.Bridged(ev.BridgeA, ev.BridgeB, ev.At, now))
	case ev.Name == "RECORD_STOP":
		if !s.message(ev) {
			s.carryOut(s.floor.Recorded(ev.UUID, ev.RecordMS))
		}
	case ev.Name == "CHANNEL_CREATE" && ev.Direction == "inbound" && ev.Context == dialplan.InboundContext:
		s.carryOut(s.floor.Incoming(s.incoming(ev.UUID, ev.Destination, ev.Caller), now))
		return false // its times are read as those of any call
	default:
		return s.hearLeg(ev, now)
	}
	return true
}

// stepped notes the steps of IVR flows.
func (s *session) stepped(ev esl.Event) {
	if ev.Flow != 0 && strings.HasPrefix(ev.Step, dialplan.StepIVR) {
		s.carryOut([]floor.Effect{floor.SaveStep{Step: models.FlowStep{CallID: ev.UUID, At: ev.At, FlowID: ev.Flow, Node: ev.Node, Step: ev.Step, Value: ev.Value}}})
	}
}

func (s *session) hearPhone(ev esl.Event, now time.Time) bool {
	switch ev.Subclass {
	case esl.SubclassRegister:
		s.carryOut(s.floor.Phone(ev.User, models.PhoneState{Registered: true, Contact: ev.Contact, UserAgent: ev.UserAgent}, now))
	case esl.SubclassUnregister, esl.SubclassExpire:
		s.carryOut(s.floor.Phone(ev.User, models.PhoneState{}, now))
	case esl.SubclassReachability: // its OPTIONS are answered, or not any more
		s.carryOut(s.floor.Phone(ev.User, models.PhoneState{Registered: ev.Reachable(), Contact: ev.Contact, UserAgent: ev.UserAgent}, now))
	default:
		return false
	}
	return true
}

func (s *session) hearLeg(ev esl.Event, now time.Time) bool {
	id, said, cause := ev.UUID, floor.LegSaid(0), ev.Cause
	switch ev.Name {
	case "CHANNEL_ANSWER":
		said = floor.LegAnswered
	case "CHANNEL_PARK":
		said = floor.LegParked
	case "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE":
		said = floor.LegHungUp
	case "BACKGROUND_JOB":
		why, failed := strings.CutPrefix(ev.Body, "-ERR ")
		if !failed {
			return s.floor.HasLeg(ev.JobUUID)
		}
		id, said, cause = ev.JobUUID, floor.LegFailed, why
	}
	if !s.floor.HasLeg(id) {
		return false
	}
	if said != 0 {
		s.carryOut(s.floor.HeardLeg(id, said, cause, now))
	}
	return true
}

// incoming is a call that came in, as an attempt. A caller who hides his number has none.
func (s *session) incoming(id, dialled, caller string) models.Attempt {
	a := models.Attempt{ID: id, Dialled: dialled, Caller: caller}
	if n, bad := number.Normalise(caller, s.c.cfg.Floor.Region, s.c.cfg.Floor.Policy); bad == nil {
		a.Number = n.E164
	}
	return a
}
