package model

import (
	"container/heap"
	"math/rand/v2"
	"slices"
)

// State is what a policy sees: one line of the protocol of `waihu pace`. Its slices belong to the day and are good until
// the policy returns.
type State struct {
	T     float64   `json:"t"`
	Idle  []float64 `json:"idle"`
	Talk  []float64 `json:"talk"`
	Wrap  []float64 `json:"wrap"`
	Ring  []float64 `json:"ring"`
	Wait  []float64 `json:"wait"`
	Stats Stats     `json:"stats"`
	Ev    []Event   `json:"ev"`

	RingClass []int `json:"-"` // class of each call of Ring
	NextClass []int `json:"-"` // of the numbers that come next
}

// ahead is how many of the next numbers a policy sees.
const ahead = 20

// Stats are totals since the beginning.
type Stats struct {
	Dialed    int `json:"dialed"`
	Answered  int `json:"answered"`
	NoAnswer  int `json:"noanswer"`
	Connected int `json:"connected"`
	Abandoned int `json:"abandoned"`
}

// Event is what happened since the last decision; D is in seconds.
type Event struct {
	E     string  `json:"e"`
	D     float64 `json:"d"`
	Class int     `json:"-"` // of the number, for answer and noanswer
}

// Policy says how many calls to start now.
type Policy interface{ Dial(s *State) int }

// Result is what a day came to.
type Result struct {
	Utilisation float64 // (talk + wrap-up) / signed-in time, after the warm-up
	Abandonment float64 // abandoned / (connected + abandoned), after the warm-up
	Whole       float64 // the same from the beginning
	Worst       float64 // the highest rate at any instant since the beginning
	Connected   int     // after the warm-up
	AgentHours  float64 // signed in, after the warm-up
}

// PerHour is contacts per signed-in agent hour.
func (r Result) PerHour() float64 { return float64(r.Connected) / r.AgentHours }

type happening int

const (
	answers happening = iota
	ends
	givesUp
	talkEnds
	wrapEnds
	comes
	shift
)

type due struct {
	at   float64
	what happening
	id   int // of a call or an agent
	n    int // of a shift; class of a call
}

type agenda []due

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || (a[i].at == a[j].at && a[i].what < a[j].what)
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(due)) }
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

type agentState int

const (
	idle agentState = iota
	talking
	wrapping
	away
)

type agent struct {
	state agentState
	since float64
}

type day struct {
	town    Town
	r       *rand.Rand
	now     float64
	agenda  agenda
	agents  []agent
	leaving int   // busy agents who go home after their wrap-up
	ringing []due // at = when dialled; in the order of dialling
	waiting []due // at = when answered; longest first
	calls   int   // ids given
	list    *rand.Rand
	coming  []int // classes of the next numbers
	state   State
	busy    float64 // agent seconds in talk and wrap-up, after the warm-up
	present float64
	warm    Stats // at the end of the warm-up
	worst   float64
}

// Run plays one day of a town with a policy. The same seed gives the same callees in the order of dialling.
func Run(town Town, p Policy, seed uint64) Result {
	d := &day{town: town, r: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), list: rand.New(rand.NewPCG(seed, 0x2545f4914f6cdd1d))}
	for range town.Agents {
		d.agents = append(d.agents, agent{})
	}
	for _, s := range town.Shifts {
		heap.Push(&d.agenda, due{at: s.At, what: shift, n: s.Agents})
	}
	end, warmed := town.Warm+town.Length, town.Warm <= 0
	for tick := 1; float64(tick)*town.Tick <= end; tick++ {
		d.until(float64(tick) * town.Tick)
		if !warmed && d.now >= town.Warm {
			warmed, d.warm, d.busy, d.present = true, d.state.Stats, 0, 0
		}
		for range d.room(p.Dial(d.look())) {
			d.dial()
		}
	}
	return d.result()
}

func (d *day) result() Result {
	s := d.state.Stats
	r := Result{Worst: d.worst, Connected: s.Connected - d.warm.Connected, AgentHours: d.present / 3600}
	r.Utilisation = d.busy / max(d.present, 1)
	lost := s.Abandoned - d.warm.Abandoned
	r.Abandonment = float64(lost) / float64(max(lost+r.Connected, 1))
	r.Whole = float64(s.Abandoned) / float64(max(s.Abandoned+s.Connected, 1))
	return r
}

// until lets happen what is due up to t.
func (d *day) until(t float64) {
	d.state.Ev = d.state.Ev[:0]
	for len(d.agenda) > 0 && d.agenda[0].at <= t {
		e := heap.Pop(&d.agenda).(due)
		d.pass(e.at)
		d.happen(e)
	}
	d.pass(t)
}

// pass moves the time and counts what agents did meanwhile.
func (d *day) pass(t float64) {
	step := t - d.now
	d.now = t
	if step <= 0 {
		return
	}
	for i := range d.agents {
		switch d.agents[i].state {
		case talking, wrapping:
			d.busy += step
			d.present += step
		case idle:
			d.present += step
		case away:
		}
	}
}

func (d *day) tell(e string, seconds float64) {
	d.state.Ev = append(d.state.Ev, Event{E: e, D: seconds})
}

// tellCall tells what became of a call that rang.
func (d *day) tellCall(e string, seconds float64, class int) {
	d.state.Ev = append(d.state.Ev, Event{e, seconds, class})
}

func (d *day) happen(e due) {
	switch e.what {
	case answers, ends:
		d.decided(e)
	case givesUp:
		if i := slices.IndexFunc(d.waiting, func(w due) bool { return w.id == e.id }); i >= 0 {
			d.abandon(i)
		}
	case talkEnds:
		d.tell("talk_end", d.now-d.agents[e.id].since)
		d.agents[e.id] = agent{wrapping, d.now}
		heap.Push(&d.agenda, due{at: d.now + d.town.Wrap.Draw(d.r), what: wrapEnds, id: e.id})
	case wrapEnds:
		d.tell("wrap_end", d.now-d.agents[e.id].since)
		d.wrapped(e.id)
	case comes:
		d.tell("login", 0)
		d.free(e.id)
	case shift:
		d.shift(e.n)
	}
}

// decided ends the ringing of a call.
func (d *day) decided(e due) {
	i := slices.IndexFunc(d.ringing, func(c due) bool { return c.id == e.id })
	rung, class := d.now-d.ringing[i].at, d.ringing[i].n
	d.ringing = slices.Delete(d.ringing, i, i+1)
	if e.what == ends {
		d.state.Stats.NoAnswer++
		d.tellCall("noanswer", rung, class)
		return
	}
	d.state.Stats.Answered++
	d.tellCall("answer", rung, class)
	d.waiting = append(d.waiting, due{at: d.now, id: e.id})
	if i := d.longestIdle(); i >= 0 {
		d.connect(i)
	} else if d.town.Limit <= 0 {
		d.abandon(len(d.waiting) - 1)
	} else {
		heap.Push(&d.agenda, due{at: d.now + d.town.Limit, what: givesUp, id: e.id})
	}
}

func (d *day) abandon(i int) {
	d.state.Stats.Abandoned++
	d.tell("abandon", d.now-d.waiting[i].at)
	d.waiting = slices.Delete(d.waiting, i, i+1)
	d.worst = max(d.worst, float64(d.state.Stats.Abandoned)/float64(d.state.Stats.Abandoned+d.state.Stats.Connected))
}

func (d *day) longestIdle() int {
	best := -1
	for i, a := range d.agents {
		if a.state == idle && (best < 0 || a.since < d.agents[best].since) {
			best = i
		}
	}
	return best
}

// connect gives the longest waiting answer to an agent.
func (d *day) connect(i int) {
	d.state.Stats.Connected++
	d.tell("connect", d.now-d.waiting[0].at)
	d.waiting = slices.Delete(d.waiting, 0, 1)
	d.agents[i] = agent{talking, d.now}
	heap.Push(&d.agenda, due{at: d.now + d.town.Talk(d.now).Draw(d.r), what: talkEnds, id: i})
}

func (d *day) free(i int) {
	d.agents[i] = agent{idle, d.now}
	if len(d.waiting) > 0 {
		d.connect(i)
	}
}

// wrapped is the end of a wrap-up: home, a break, or the next call.
func (d *day) wrapped(i int) {
	switch {
	case d.leaving > 0:
		d.leaving--
		d.leave(i)
	case d.town.Breaks.Chance > 0 && d.r.Float64() < d.town.Breaks.Chance:
		d.leave(i)
		heap.Push(&d.agenda, due{at: d.now + d.town.Breaks.Length.Draw(d.r), what: comes, id: i})
	default:
		d.free(i)
	}
}

func (d *day) leave(i int) {
	d.tell("logout", 0)
	d.agents[i] = agent{away, d.now}
}

func (d *day) shift(n int) {
	for ; n > 0; n-- {
		d.agents = append(d.agents, agent{})
		d.tell("login", 0)
		d.free(len(d.agents) - 1)
	}
	for ; n < 0; n++ {
		if i := d.longestIdle(); i >= 0 {
			d.leave(i)
		} else {
			d.leaving++
		}
	}
}

// look fills the state.
func (d *day) look() *State {
	s := &d.state
	s.T = d.now
	s.Idle, s.Talk, s.Wrap, s.Ring, s.Wait, s.RingClass = s.Idle[:0], s.Talk[:0], s.Wrap[:0], s.Ring[:0], s.Wait[:0], s.RingClass[:0]
	for _, a := range d.agents {
		switch age := d.now - a.since; a.state {
		case idle:
			s.Idle = append(s.Idle, age)
		case talking:
			s.Talk = append(s.Talk, age)
		case wrapping:
			s.Wrap = append(s.Wrap, age)
		case away:
		}
	}
	for _, c := range d.ringing {
		s.Ring = append(s.Ring, d.now-c.at)
		s.RingClass = append(s.RingClass, c.n)
	}
	for _, c := range d.waiting {
		s.Wait = append(s.Wait, d.now-c.at)
	}
	s.NextClass = d.next()
	return s
}

// next are the classes of the next numbers, at least those that are looked ahead.
func (d *day) next() []int {
	if len(d.town.Classes) == 0 {
		return nil
	}
	for len(d.coming) < ahead {
		class := d.town.draw(d.list)
		for range max(d.town.Block, 1) {
			d.coming = append(d.coming, class)
		}
	}
	return d.coming[:ahead]
}

// room is how many of n calls the lines allow.
func (d *day) room(n int) int {
	if d.town.Lines > 0 {
		n = min(n, d.town.Lines-len(d.ringing)-len(d.waiting)-len(d.state.Talk))
	}
	return max(n, 0)
}

func (d *day) dial() {
	d.calls++
	d.state.Stats.Dialed++
	class := 0
	if next := d.next(); next != nil {
		class, d.coming = next[0], d.coming[1:]
	}
	d.ringing = append(d.ringing, due{at: d.now, id: d.calls, n: class})
	what := ends
	human, after := d.town.call(d.r, d.now, class)
	if human {
		what = answers
	}
	heap.Push(&d.agenda, due{at: d.now + after, what: what, id: d.calls})
}
