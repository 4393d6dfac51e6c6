package rivals

import "waihu/controller/rehearse/model"

// Adapt is the rule by which VICIdial's adaptive modes move the dial level, from its description: lines = level × agents
// signed in, talking calls included; every 15 s the level moves by the surplus of waiting agents, averaged over the last
// minute, relative to all agents; above the drop limit of the day it falls to one line an agent (hard limit), except for the
// first 50 answers, which are not guarded; it lies between 1 and 3 (the default of its highest level).
type Adapt struct {
	Target float64 // drop limit, abandoned by live answers

	level, next float64
	surplus     [60]float64 // agents waiting minus answers waiting, of the last seconds
	seen        int
}

const (
	adaptEvery     = 15.0 // seconds
	adaptMost      = 3.0  // lines an agent
	adaptUnguarded = 50   // answers
)

// Dial is what is missing to level × agents.
func (a *Adapt) Dial(s *model.State) int {
	agents := len(s.Idle) + len(s.Talk) + len(s.Wrap)
	a.surplus[a.seen%len(a.surplus)] = float64(len(s.Idle) - len(s.Wait))
	a.seen++
	a.level = max(a.level, 1)
	if s.T >= a.next && agents > 0 {
		a.next = s.T + adaptEvery
		n := min(a.seen, len(a.surplus))
		sum := 0.0
		for _, x := range a.surplus[:n] {
			sum += x
		}
		a.level = min(max(a.level*(1+sum/float64(n)/float64(agents)), 1), adaptMost)
		drops := float64(s.Stats.Abandoned)
		if s.Stats.Answered > adaptUnguarded && drops > a.Target*float64(s.Stats.Answered) {
			a.level = 1
		}
	}
	return int(a.level*float64(agents)) - len(s.Ring) - len(s.Wait) - len(s.Talk)
}
