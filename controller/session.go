package controller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/models"
)

// input is one thing that the floor is told.
type input func(f *floor.Floor, now time.Time) []floor.Effect

// session is one holding of the floor, under one epoch. Only its loop touches the floor.
type session struct {
	c     *Controller
	epoch int64
	lease models.Lease
	until atomic.Pointer[time.Time] // how long the lease lasts by our own clock, at least
	log   *slog.Logger
	clock clock.Clock

	floor  *floor.Floor
	inputs chan input
	events chan esl.Event
	tick   chan struct{}

	dials      queue[floor.Dial]
	written    chan writtenDown // from the dialer to the placer
	unsent     unsent
	writes     queue[floor.Effect]
	kills      queue[floor.Kill]
	lookups    queue[floor.LookUp]
	steers     queue[floor.Effect]
	recordings queue[floor.Record]
	ringing    queue[floor.Effect]
	unrung     rings
	pace       *pacer
	search     search

	work    context.Context // ends when the session does
	end     context.CancelCauseFunc
	workers sync.WaitGroup
	live    bool
}

// tickEvery is the floor's pulse in the clock's time: fine enough that a second's rate is spread over it, and not faster
// than a processor can follow when the clock runs fast.
func tickEvery(speed float64) time.Duration {
	d := min(50*time.Millisecond*time.Duration(max(speed, 1)), 250*time.Millisecond)
	return max(d, time.Duration(float64(2*time.Millisecond)*speed))
}

// begin loads what the database knows and builds the floor from it. Open attempts of an earlier process are adopted.
func (c *Controller) begin(ctx context.Context, lease models.Lease, asked time.Time) (*session, error) {
	s := &session{
		c: c, epoch: lease.Epoch, lease: lease, clock: c.cfg.Clock, floor: floor.New(c.cfg.Floor),
		log:    c.log.With("epoch", lease.Epoch),
		inputs: make(chan input, 256), events: make(chan esl.Event, 4096), tick: make(chan struct{}, 1), written: make(chan writtenDown),
	}
	s.work, s.end = context.WithCancelCause(context.WithoutCancel(ctx))
	s.leased(asked)
	for _, wake := range []*signal{&s.dials.signal, &s.writes.signal, &s.kills.signal, &s.lookups.signal, &s.steers.signal, &s.recordings.signal, &s.ringing.signal} {
		wake.init()
	}
	if err := s.load(ctx); err != nil {
		s.end(err)
		return nil, err
	}
	return s, nil
}

// load brings what the database knows onto the floor.
func (s *session) load(ctx context.Context) error {
	c := s.c
	trunks, err := c.store.Trunks(ctx, 0)
	if err != nil {
		return fmt.Errorf("load trunks: %w", err)
	}
	s.pace = newPacer(c.cfg.Floor.CPS, trunks, c.cfg.Clock)
	s.floor.Trunks(trunks)
	campaigns, err := c.store.ActiveCampaigns(ctx)
	if err != nil {
		return fmt.Errorf("load campaigns: %w", err)
	}
	for _, v := range campaigns {
		callers, err := c.callers(ctx, v)
		if err != nil {
			s.log.Error("campaign cannot go on", "campaign", v.ID, "err", err)
		}
		s.floor.Start(v, callers)
	}
	open, err := c.store.Adopt(ctx, s.epoch)
	if err != nil {
		return fmt.Errorf("adopt open attempts: %w", err)
	}
	if len(open) > 0 {
		s.log.Info("open attempts adopted", "attempts", len(open))
	}
	if err := s.seat(ctx); err != nil {
		return err
	}
	s.carryOut(s.floor.Adopt(open, s.clock.Now()))
	for _, v := range campaigns {
		pace, err := c.paceInput(ctx, v)
		if err != nil {
			return err
		}
		pace(s.floor, s.clock.Now())
	}
	sessions, err := c.store.AgentSessions(ctx)
	if err != nil {
		return fmt.Errorf("load agents' sessions: %w", err)
	}
	legs, err := c.store.OpenLegs(ctx)
	if err != nil {
		return fmt.Errorf("load open legs: %w", err)
	}
	s.carryOut(s.floor.Restore(sessions, s.clock.Now()))
	s.floor.RestoreLegs(legs)
	s.carryOut(s.floor.Lead(true))
	s.carryOut(s.floor.Database(true))
	return nil
}

// run starts the workers, turns until ctx ends or the floor is lost, and waits for every worker.
func (s *session) run(ctx context.Context) error {
	defer s.workers.Wait()
	defer s.end(nil)
	for _, work := range []func(){s.dialer, s.placer, s.writer, s.killer, s.steerer, s.recorder, s.ringer, s.registrar, s.looker, s.renewer, s.reconciler, s.unheard, s.ticker} {
		s.workers.Go(work)
	}
	s.workers.Go(func() {
		if err := s.c.sw.Run(s.work, s); err != nil && s.work.Err() == nil {
			s.end(fmt.Errorf("event socket: %w", err))
		}
	})
	stop, limit := ctx.Done(), (<-chan struct{})(nil)
	for {
		select {
		case in := <-s.inputs:
			s.carryOut(in(s.floor, s.clock.Now()))
		case ev := <-s.events:
			s.hear(ev)
		case <-s.tick:
			s.carryOut(s.floor.Tick(s.clock.Now()))
			s.idle()
		case <-stop:
			s.carryOut(s.floor.Drain(s.clock.Now()))
			stop, limit = nil, after(s.work.Done(), s.c.cfg.DrainFor)
		case <-limit:
			s.log.Warn("calls left to the dialplan", "calls", len(s.floor.Calls()))
			return s.flush()
		case <-s.work.Done():
			return context.Cause(s.work)
		}
		if limit != nil && len(s.floor.Calls()) == 0 {
			return s.flush()
		}
	}
}

// after closes the channel when d of real time has passed or done is closed.
func after(done <-chan struct{}, d time.Duration) <-chan struct{} {
	ch := make(chan struct{})
	go func() {
		clock.Sleep(done, clock.Real(), d)
		close(ch)
	}()
	return ch
}

// flush waits until all writes are done: what was decided is saved before the session ends.
func (s *session) flush() error {
	saved := after(nil, 10*time.Second)
	for !s.writes.idle() {
		select {
		case in := <-s.inputs:
			s.carryOut(in(s.floor, s.clock.Now()))
		case <-s.writes.drained():
		case <-saved:
			return errors.New("writes left behind at the end of the session; the next start closes those attempts")
		}
	}
	return nil
}

// tell gives the loop an input; it reports false when the session is over.
func (s *session) tell(in input) bool {
	select {
	case s.inputs <- in:
		return true
	case <-s.work.Done():
		return false
	}
}

// ask gives the loop an input and waits until it is done.
func (s *session) ask(ctx context.Context, in input) error {
	done := make(chan struct{})
	s.tell(func(f *floor.Floor, now time.Time) []floor.Effect {
		defer close(done)
		return in(f, now)
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ask the floor: %w", ctx.Err())
	case <-s.work.Done():
		return errors.New("the floor was given up meanwhile; ask again")
	}
}

// ticker sends the pulse; a pulse that finds the loop busy is not doubled.
func (s *session) ticker() {
	every := tickEvery(s.clock.Speed())
	for clock.Sleep(s.work.Done(), s.clock, every) {
		select {
		case s.tick <- struct{}{}:
		default:
		}
	}
}

// idle lets a clock skip when nothing is going to happen, and tells the event socket whether calls are live.
func (s *session) idle() {
	if live := len(s.floor.Calls()) > 0; live != s.live {
		s.live = live
		s.c.sw.SetLive(live)
	}
	if s.c.cfg.Idle == nil || !s.writes.idle() || len(s.inputs) > 0 || len(s.events) > 0 {
		return
	}
	if until, ok := s.floor.QuietUntil(s.clock.Now()); ok {
		s.c.cfg.Idle(until)
	}
}

// carryOut hands effects to those who carry them out, in their order. It never blocks.
func (s *session) carryOut(es []floor.Effect) {
	for _, e := range es {
		switch e := e.(type) {
		case floor.Reserve:
			s.workers.Go(func() { s.reserve(e) })
		case floor.Dial:
			s.unsent.add(e.Sends)
			s.dials.put(e)
		case floor.Kill:
			s.kills.put(e)
		case floor.LookUp:
			s.lookups.put(e)
		case floor.Ring:
			s.unrung.add(e.LegID)
			s.ringing.put(e)
		case floor.Watch:
			s.unrung.add(e.LegID)
			s.ringing.put(e)
		case floor.Bridge, floor.HangUpLeg, floor.ParkLeg, floor.Move, floor.WatchAgain, floor.Join, floor.Mute, floor.SendDigits, floor.SayPlace, floor.Announce:
			s.steers.put(e)
		case floor.Record:
			s.recordings.put(e)
		default:
			s.writes.put(e)
		}
	}
}
