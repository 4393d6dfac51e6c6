package contest

import (
	"math"

	"waihu/controller/rehearse/model"
)

// Opening is the most that any policy can reach inside the hard bound in a town whose answer rate does not change, taken as a
// fluid (no luck) in which nobody is abandoned. With N agents, a share u of them busy for s seconds a call, κ = ρ/(1 − ρ), and
// A answers so far, no more than N(1 − u) + κA calls may be in flight. u needs N·u·L of them, where L = τ/(p·s), τ the mean time
// in flight. So u ≤ (N + κA) / (N(1 + L)), and as A grows by N·u/s a second,
//
//	u(t) = min(1, e^(t/T) / (1 + L)),  T = s(1 + L)/κ,
//
// whatever the number of agents. The result is its mean over what is counted of a day.
func Opening(w model.Town) float64 {
	p, s := w.Answer(0), w.Busy(0)
	need := 1 + w.InFlight(p)/(p*s)
	grow := s * need * (1 - w.Target) / w.Target
	full := grow * math.Log(need) // when all agents can be busy
	from, to := w.Warm, w.Warm+w.Length
	opens := max(min(full, to)-min(full, from), 0)
	busy := grow / need * (math.Exp(min(full, to)/grow) - math.Exp(min(full, from)/grow))
	return (busy + to - from - opens) / (to - from)
}
