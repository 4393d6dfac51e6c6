package controller

import (
	"context"
	"errors"
	"slices"
	"time"

	"waihu/controller/call"
	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
	"waihu/models"
)

// Record is the switch's own record of a call, from its spool of call records.
type Record struct {
	Times call.Times
	End   call.End
	Node  string
	Came  *Came // nil = it was no call from outside
	Queue int64 // in which it waited last, 0 = none
	Flow  int64 // IVR flow in which it was last, 0 = none
}

// Came is what a call from outside was about.
type Came struct{ Dialled, Caller string }

// reconciler compares the open attempts with the switch's channels from time to time (reliability 1.2).
func (s *session) reconciler() {
	for clock.Sleep(s.work.Done(), clock.Real(), s.c.cfg.ReconcileEvery) {
		s.reconcile()
	}
}

func (s *session) reconcile() {
	asked, listed := s.clock.Now(), s.unsent.snapshot()
	ctx, cancel := context.WithTimeout(s.work, 10*time.Second)
	defer cancel()
	channels, err := s.c.sw.Channels(ctx)
	if err != nil {
		if s.work.Err() == nil && !errors.Is(err, esl.ErrNotSent) {
			s.log.Warn("channels not listed", "err", err)
		}
		return
	}
	came := s.unheardCalls(ctx, channels)
	inQueue, talking := map[string]int64{}, map[string]string{}
	for _, ch := range channels {
		listed[ch.UUID] = true
		if ch.CallUUID != ch.UUID {
			talking[ch.UUID] = ch.CallUUID
		}
		if id, ok := dialplan.WaitsIn(ch.Number); ok && ch.Context == dialplan.Context {
			inQueue[ch.UUID] = id
		}
	}
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect {
		var es []floor.Effect
		for _, a := range came {
			es = append(es, f.Incoming(a, now)...)
		}
		return slices.Concat(es, f.Talking(talking, asked, now), f.Channels(listed, asked, now), f.InQueue(inQueue, asked, now))
	})
}

// unheardCalls are calls from outside whose coming nobody heard: the daemon or the event socket was away. One that is in the
// database was heard, and may be over by now.
func (s *session) unheardCalls(ctx context.Context, channels []esl.Channel) []models.Attempt {
	var came []models.Attempt
	for _, ch := range channels {
		if ch.Direction == "inbound" && ch.FirstContext == dialplan.InboundContext {
			a := s.incoming(ch.UUID, ch.FirstNumber, ch.FirstCaller)
			a.SentAt = &ch.Created
			came = append(came, a)
		}
	}
	if len(came) == 0 {
		return nil
	}
	if err := s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect {
		came = slices.DeleteFunc(came, func(a models.Attempt) bool { return f.HasCall(a.ID) })
		return nil
	}); err != nil {
		return nil // the next list shows them again
	}
	return slices.DeleteFunc(came, func(a models.Attempt) bool {
		known, err := s.c.store.Known(ctx, a.ID)
		if err == nil && !known {
			s.log.Info("a call came in unheard", "attempt", a.ID)
		}
		return err != nil || known
	})
}

// looker searches the switch's call records for calls whose end was not heard.
func (s *session) looker() {
	for {
		batch, ok := s.lookups.take(s.work.Done(), dialBatch)
		if !ok {
			return
		}
		for _, l := range batch {
			s.lookUp(l.AttemptID)
		}
	}
}

func (s *session) lookUp(id string) {
	var rec Record
	var found bool
	if s.c.cfg.Records != nil {
		var err error
		if rec, found, err = s.c.cfg.Records(id); err != nil {
			s.log.Warn("call record not read", "attempt", id, "err", err)
		}
	}
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect {
		if !found {
			return f.NoRecord(id)
		}
		return f.Heard(id, call.Event{Kind: call.Recorded, At: now, Times: rec.Times, End: rec.End, Node: rec.Node}, now)
	})
}
