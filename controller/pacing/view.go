package pacing

// Mode says who decides when a campaign with agents dials.
type Mode string

// The modes of a campaign with agents. In manual and preview the agent dials.
const (
	Manual      Mode = "manual"
	Preview     Mode = "preview"
	Progressive Mode = "progressive" // one call per idle agent
	ByRatio     Mode = "ratio"       // lines = ratio × idle agents (S1-20)
	Predictive  Mode = "predictive"
)

// Guarantee is how the abandonment limit is kept, whatever the estimate says (E-3).
type Guarantee string

// The strengths of the guarantee.
const (
	Hard Guarantee = "hard" // every call in flight without an agent is taken as answered
	Risk Guarantee = "risk" // so many of them are answered at most, with probability 1 − Delta
	Off  Guarantee = "off"
)

// Why is the constraint that bound a decision: one stable word for log, screen, report and test.
type Why string

// What may bind. The first ones are found here; the others are what the floor passes in View.Limits.
const (
	ByAgents     Why = "no_agent"
	ByPrediction Why = "prediction"
	ByGuarantee  Why = "guarantee"
	ByLines      Why = "lines"
	ByTheRatio   Why = "ratio"
	ByMode       Why = "agent_dials" // manual and preview
	ByGain       Why = "gain"        // a slice of progressive dialling, to measure what predictive dialling is worth

	ByTrunk     Why = "trunk"
	ByHandLines Why = "lines_by_hand"
	ByRate      Why = "calls_per_second"
	ByHours     Why = "hours"
	ByList      Why = "list_empty"
	ByDatabase  Why = "database_behind"
	ByEmergency Why = "emergency_stop"
	BySwitch    Why = "switch"
)

// Limit is an outside bound: at most Room calls may start now, because of Why.
type Limit struct {
	Why  Why `json:"why"`
	Room int `json:"room"`
}

// View is what is known at a decision. All ages are seconds, one entry an agent or a call.
type View struct {
	Now  float64   `json:"t"`    // seconds since any fixed beginning; never goes back
	Idle []float64 `json:"idle"` // agents who take the next answer of this campaign at once, and of no other
	Talk []float64 `json:"talk"`
	Wrap []float64 `json:"wrap"`
	Ring []float64 `json:"ring"` // since dialling, of each call neither answered nor ended
	Wait []float64 `json:"wait"` // since the answer, of each live answer without an agent

	Answered  int `json:"answered"`  // A of the window: live answers that met an agent or were abandoned
	Abandoned int `json:"abandoned"` // D of the window

	// Odds are those of each call of Ring when it was dialled, NextOdds those of the numbers that come next; a missing entry is as good as any.
	Odds     []Odds `json:"odds,omitempty"`
	NextOdds []Odds `json:"next_odds,omitempty"`

	// Chance is the answer probability of each call of Ring where somebody else knows it, Next of the numbers that come next; a missing or zero entry means
	// unknown.
	Chance []float64 `json:"chance,omitempty"`
	Next   []float64 `json:"next,omitempty"`

	Limits []Limit `json:"limits,omitempty"`

	Covered bool `json:"covered,omitempty"` // predictive: only calls that an idle agent covers, for a comparison (gain.go)
}

// overdial is the number of calls in flight that no idle agent covers: each of them, answered now, may be abandoned. Any
// answer goes to any idle agent, so min(idle, ringing) calls own a reserved agent.
func (v *View) overdial() int { return len(v.Ring) + len(v.Wait) - len(v.Idle) }

// odds of a call of Ring.
func (v *View) odds(i int) Odds {
	if i < len(v.Odds) {
		return v.Odds[i]
	}
	return Odds{}
}

// chance is the answer probability of a call of Ring, and its upper bound, where calls are answered at a rate.
func (v *View) chance(i int, rate float64) (chance, upper float64) {
	if i < len(v.Chance) && v.Chance[i] > 0 {
		return v.Chance[i], v.Chance[i]
	}
	o := v.odds(i)
	return min(rate*o.times(), chanceMost), min(rate*o.upper(), chanceMost)
}

// next is the mean answer probability of the numbers that come next, and its upper bound, where calls are answered at a rate.
func (v *View) next(rate float64) (chance, upper float64) {
	if p := known(v.Next); p > 0 {
		return p, p
	}
	if len(v.NextOdds) == 0 {
		return rate, rate
	}
	for _, o := range v.NextOdds {
		chance += min(rate*o.times(), chanceMost)
		upper += min(rate*o.upper(), chanceMost)
	}
	n := float64(len(v.NextOdds))
	return chance / n, upper / n
}

// lines in use.
func (v *View) lines() int { return len(v.Ring) + len(v.Wait) + len(v.Talk) }

// Settings of a campaign.
type Settings struct {
	Mode         Mode
	Ratio        float64 // lines per idle agent, for ByRatio
	Rho          float64 // ρ, the most abandoned by live answers: 0.03
	ConnectLimit float64 // seconds that a live answer may wait for an agent
	RingTimeout  float64 // seconds
	Guarantee    Guarantee
	MaxLines     int // most calls of the campaign at once, talking ones included; 0 = no limit
}

// Happened is what an Event tells.
type Happened string

// What a policy hears between decisions.
const (
	Answered    Happened = "answer"   // Seconds since dialling
	NotAnswered Happened = "noanswer" // Seconds since dialling
	Connected   Happened = "connect"  // Seconds since the answer
	Abandoned   Happened = "abandon"  // Seconds since the answer
	TalkEnded   Happened = "talk_end" // Seconds of talk
	WrapEnded   Happened = "wrap_end" // Seconds of wrap-up
	SignedIn    Happened = "login"
	SignedOut   Happened = "logout"
)

// Event is something that happened since the last decision.
type Event struct {
	What    Happened
	Seconds float64
	Traits  Traits // of the number, for Answered and NotAnswered
	Odds    Odds   // that it was dialled with
}
