// Package call is the life of one attempt on the switch: events in, facts and an outcome out.
//
// It is pure: no I/O, clock, goroutine, lock or logger. It does not depend on the order of events, because the switch
// swaps, doubles and loses them: facts come from the events' own fields, each source is kept apart, and the outcome is
// computed from all of them at the end. Any permutation or duplication of a call's events gives the same record.
package call

import (
	"slices"
	"time"

	"waihu/models"
)

// Kind is what an event says.
type Kind int

// The kinds of events, in the past tense.
const (
	Created   Kind = iota + 1 // a channel exists
	Rang                      // 180, or early media (then Event.EarlyMedia is set in Times)
	Answered                  // 200
	Keyed                     // one DTMF digit
	OptedOut                  // the dialplan took an opt-out
	HungUp                    // the call is over; details may follow
	Completed                 // the call is over, with all details
	JobFailed                 // originate said -ERR
	Recorded                  // the switch's call record says how it ended
	Gone                      // neither channel nor call record: its fate is unknown
)

// Times are the moments that the switch states with (almost) every event; zero means not reached or not stated.
type Times struct {
	Created       time.Time
	Progress      time.Time
	ProgressMedia time.Time
	Answered      time.Time
	HungUp        time.Time
}

// End is how one source says that the call ended.
type End struct {
	Cause       string
	Q850        int
	SIPStatus   int
	SIPPhrase   string
	Disposition string // sip_hangup_disposition
	Step        string // waihu_step
	Digits      string // every key of the call, without times
}

// Event is one word of the switch about a call.
type Event struct {
	Kind  Kind
	At    time.Time // when the switch said it
	Times Times
	Digit string // of Keyed
	End   End    // of HungUp, Completed, JobFailed, Recorded and Gone
	Node  string // Core-UUID
}

// Call is what is known of an attempt. The zero value with State Sent is a call that was just sent to the switch.
type Call struct {
	State    models.AttemptState
	Times    Times
	Keys     []models.Key
	OptedOut bool
	Node     string
	ends     [Gone + 1]*End
	// hangupSaid is when CHANNEL_HANGUP came: it states no hang-up time of its own yet. It counts only when nothing better does.
	hangupSaid time.Time
	CloseAt    time.Time // when to close it without further details; zero while it lives
	detailed   bool      // all details of its end are there
}

// Step adds an event. It reports false when the event said nothing new. A call whose end was told without the details waits
// for them until closeBy.
func (c Call) Step(ev Event, closeBy time.Time) (Call, bool) {
	if c.State == models.AttemptEnded || ev.Kind == JobFailed && !c.Times.Answered.IsZero() {
		return c, false // an originate that was called off after the answer: the channel's own end counts
	}
	changed := c.learn(ev)
	switch ev.Kind {
	case Keyed:
		changed = c.key(models.Key{Digit: ev.Digit, At: ev.At}) || changed
	case OptedOut:
		changed = changed || !c.OptedOut
		c.OptedOut = true
	case HungUp, Completed, JobFailed, Recorded, Gone:
		changed = c.end(ev, closeBy) || changed
	case Created, Rang, Answered:
	}
	return c, changed
}

// learn takes over what the event's own fields state.
func (c *Call) learn(ev Event) bool {
	before, t := c.Times, &c.Times
	first := func(have *time.Time, said time.Time) {
		if have.IsZero() {
			*have = said
		}
	}
	first(&t.Created, ev.Times.Created)
	first(&t.Progress, ev.Times.Progress)
	first(&t.ProgressMedia, ev.Times.ProgressMedia)
	first(&t.Answered, ev.Times.Answered)
	first(&t.HungUp, ev.Times.HungUp)
	if c.Node == "" {
		c.Node = ev.Node
	}
	rank := models.AttemptSent
	if !t.Progress.IsZero() || !t.ProgressMedia.IsZero() {
		rank = models.AttemptRinging
	}
	if !t.Answered.IsZero() {
		rank = models.AttemptAnswered
	}
	if rank.Rank() > c.State.Rank() {
		c.State = rank
		return true
	}
	return *t != before
}

// maxKeys bounds what one callee can make us remember; digits_dialed at the end still has them all.
const maxKeys = 256

// key adds a digit once, in the order of time.
func (c *Call) key(k models.Key) bool {
	if len(c.Keys) >= maxKeys {
		return false
	}
	i, found := slices.BinarySearchFunc(c.Keys, k, func(a, b models.Key) int {
		if n := a.At.Compare(b.At); n != 0 {
			return n
		}
		if a.Digit < b.Digit {
			return -1
		}
		if a.Digit > b.Digit {
			return 1
		}
		return 0
	})
	if found {
		return false
	}
	c.Keys = slices.Insert(slices.Clone(c.Keys), i, k)
	return true
}

// end notes what a source says of the end; the first word of each source stands.
func (c *Call) end(ev Event, closeBy time.Time) bool {
	if c.ends[ev.Kind] != nil {
		return false
	}
	e := ev.End
	c.ends[ev.Kind] = &e
	if ev.Kind == HungUp {
		c.hangupSaid = ev.At
	}
	switch ev.Kind {
	case Completed, Recorded, Gone:
		c.CloseAt, c.detailed = closeBy, true
	default:
		if c.CloseAt.IsZero() {
			c.CloseAt = closeBy
		}
	}
	return true
}

// Over reports whether the call has ended on the switch: its line is free, even if its details are still awaited.
func (c Call) Over() bool { return !c.CloseAt.IsZero() }

// Detailed reports whether the call is over and all details of its end are there.
func (c Call) Detailed() bool { return c.detailed }

// Due reports whether the call can be closed: its details are there, or were waited for long enough.
func (c Call) Due(now time.Time) bool { return c.detailed || c.Over() && !now.Before(c.CloseAt) }

// Close ends the call and says what became of it. endedAt is our own clock.
func (c Call) Close(endedAt time.Time) (Call, models.Facts) {
	end, source := c.best()
	if c.Times.HungUp.IsZero() {
		c.Times.HungUp = c.hangupSaid
	}
	f := models.Facts{
		CreatedAt:   ptr(c.Times.Created),
		ProgressAt:  ptr(earliest(c.Times.Progress, c.Times.ProgressMedia)),
		AnsweredAt:  ptr(c.Times.Answered),
		HungUpAt:    ptr(c.Times.HungUp),
		EndedAt:     ptr(endedAt),
		Placed:      !c.Times.Created.IsZero(),
		Cause:       end.Cause,
		Q850:        end.Q850,
		SIPStatus:   end.SIPStatus,
		SIPPhrase:   end.SIPPhrase,
		Disposition: end.Disposition,
		Step:        end.Step,
		Keys:        c.allKeys(end.Digits),
		Node:        c.Node,
		FromCDR:     source == Recorded,
	}
	if source == Gone {
		f.Placed = true // unknown counts as dialled (I6)
	}
	if f.AnsweredAt != nil && f.SIPStatus == 0 {
		f.SIPStatus = 200 // the switch forgets it when it sends the BYE itself
	}
	f.TalkMS, f.RingMS = c.durations()
	f.Outcome = outcomeOf(f, !c.Times.ProgressMedia.IsZero())
	if source == JobFailed && farEnd(f.Outcome) {
		f.Placed = true // only the far end says so: the events that told of the channel were lost
	}
	f.Sub = subOf(f, c.OptedOut)
	f.WhoHungUp = whoHungUp(f)
	c.State = models.AttemptEnded
	return c, f
}

// best picks the source that knows most: the complete event, the call record, the hang-up, the job.
func (c Call) best() (End, Kind) {
	for _, k := range []Kind{Completed, Recorded, HungUp, JobFailed, Gone} {
		if e := c.ends[k]; e != nil {
			return *e, k
		}
	}
	return End{Cause: models.CauseLost}, Gone
}

// allKeys are the keys heard one by one; when the switch's own list has more, that list without times.
func (c Call) allKeys(digits string) []models.Key {
	if digits == "none" || len(digits) <= len(c.Keys) {
		return c.Keys
	}
	keys := make([]models.Key, 0, len(digits))
	for _, d := range digits {
		keys = append(keys, models.Key{Digit: string(d)})
	}
	// Those that were heard keep their times, in order.
	i := 0
	for _, k := range c.Keys {
		for i < len(keys) && keys[i].Digit != k.Digit {
			i++
		}
		if i < len(keys) {
			keys[i].At = k.At
			i++
		}
	}
	return keys
}

func (c Call) durations() (talk, ring int64) {
	t := c.Times
	if t.HungUp.IsZero() {
		return 0, 0
	}
	until := t.HungUp
	if !t.Answered.IsZero() {
		talk = max(t.HungUp.Sub(t.Answered).Milliseconds(), 0)
		until = t.Answered
	}
	from := earliest(t.Progress, t.ProgressMedia)
	if from.IsZero() {
		from = t.Created
	}
	if !from.IsZero() {
		ring = max(until.Sub(from).Milliseconds(), 0)
	}
	return talk, ring
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func ptr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
