package model

import "math/rand/v2"

// Town is one world for a policy: what callees and agents do, by the hour. Times are seconds since the beginning.
type Town struct {
	Name    string
	Agents  int // signed in at the beginning
	Answer  func(t float64) float64
	Ring    Dist // from dialling to an answer
	Timeout float64
	Talk    func(t float64) Dist
	Wrap    Dist
	Limit   float64 // connect limit: a live answer waits at most so long
	Target  float64 // ρ, abandoned by live answers
	Tick    float64
	Warm    float64 // not counted
	Length  float64 // counted, after Warm
	Shifts  []Shift // agents who come and go
	Breaks  Breaks
	Lines   int // most calls ringing, waiting and talking; 0 = no limit
	Classes []Class
	Block   int // so many numbers of one class come after one another; 0 = one
}

// Class is a kind of numbers, which is known before they are dialled.
type Class struct {
	Name  string
	Share float64 // of the list
	Times float64 // as often as Answer is it answered
}

// Shift brings agents at a time, or sends them home (Agents < 0): idle ones at once, busy ones after their wrap-up.
type Shift struct {
	At     float64
	Agents int
}

// Breaks are short absences: after each wrap-up an agent leaves with probability Chance, for a time like Length.
type Breaks struct {
	Chance float64
	Length Dist
}

// What becomes of calls that no human answers: some fail within seconds, some are answered by a machine (the switch ends
// them then; no agent hears them, so they count as not answered), the rest ring until the timeout.
const (
	shareFails    = 0.2
	shareMachines = 0.2
	failLow       = 2.0 // seconds
	failHigh      = 5.0
)

// Standard is the town of the published comparison: talk log-normal of mean 120 s and CV 1, wrap-up log-normal of 15 s and
// CV 0.5, ring time gamma of 15 s and CV 0.5 within 2 to 30 s, connect limit 2 s, 3 %, half an hour of warm-up, five hours.
func Standard(agents int, answer float64) Town {
	talk := LogNormal(120, 1)
	return Town{
		Agents: agents, Answer: func(float64) float64 { return answer }, Ring: Gamma(15, 0.5, 2, 30), Timeout: 30,
		Talk: func(float64) Dist { return talk }, Wrap: LogNormal(15, 0.5),
		Limit: 2, Target: 0.03, Tick: 1, Warm: 1800, Length: 5 * 3600,
	}
}

// call is what will become of a call that is dialled at t, decided at once: human tells whether somebody answers after
// after seconds; otherwise it ends unanswered then.
func (w *Town) call(r *rand.Rand, t float64, class int) (human bool, after float64) {
	if r.Float64() < w.AnswerOf(t, class) {
		return true, w.Ring.Draw(r)
	}
	switch u := r.Float64(); {
	case u < shareFails:
		return false, failLow + (failHigh-failLow)*r.Float64()
	case u < shareFails+shareMachines:
		return false, w.Ring.Draw(r)
	default:
		return false, w.Timeout
	}
}

// AnswerOf is the answer rate of a class of numbers.
func (w *Town) AnswerOf(t float64, class int) float64 {
	if len(w.Classes) == 0 {
		return w.Answer(t)
	}
	return min(w.Answer(t)*w.Classes[class].Times, 0.95)
}

// draw is the class of the next numbers on the list.
func (w *Town) draw(r *rand.Rand) int {
	u := r.Float64()
	for i, c := range w.Classes {
		if u -= c.Share; u < 0 {
			return i
		}
	}
	return max(len(w.Classes)-1, 0)
}

// InFlight is the mean time, in seconds, from dialling to an answer or another end, where p of all calls are answered.
func (w *Town) InFlight(p float64) float64 {
	ring := mean(w.Ring, w.Timeout)
	quiet := shareFails*(failLow+failHigh)/2 + shareMachines*ring + (1-shareFails-shareMachines)*w.Timeout
	return p*ring + (1-p)*quiet
}

// Busy is the mean time, in seconds, that a call takes of an agent who takes it at t: talk and wrap-up.
func (w *Town) Busy(t float64) float64 {
	const most = 6 * 3600
	return mean(w.Talk(t), most) + mean(w.Wrap, most)
}

// mean is the integral of what lasts longer than x, up to most.
func mean(d Dist, most float64) float64 {
	sum, step := 0.0, most/20000
	for x := step / 2; x < most; x += step {
		sum += (1 - d.Below(x)) * step
	}
	return sum
}

// Answers is the probability that a call that has rung for age seconds is answered by a human within ahead seconds more,
// where p of all calls are.
func (w *Town) Answers(p, age, ahead float64) float64 {
	rung := w.Ring.Below(age)
	failed := min(max((age-failLow)/(failHigh-failLow), 0), 1)
	quiet := (1 - p) * (shareFails*(1-failed) + shareMachines*(1-rung) + 1 - shareFails - shareMachines)
	left := p*(1-rung) + quiet
	if age >= w.Timeout || left <= 0 {
		return 0
	}
	return p * (w.Ring.Below(age+ahead) - rung) / left
}
