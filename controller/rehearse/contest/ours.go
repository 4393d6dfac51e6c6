package contest

import (
	"waihu/controller/pacing"
	"waihu/controller/rehearse/model"
)

// Ours is controller/pacing as the floor runs it, in a model town.
type Ours struct {
	Town  model.Town
	Truth bool // tell it the true answer probability of every number
	p     *pacing.Policy
	v     pacing.View
}

// NewOurs has learned nothing.
func NewOurs(town model.Town, mode pacing.Mode, ratio float64, guarantee pacing.Guarantee) *Ours {
	return &Ours{Town: town, p: pacing.New(pacing.Settings{
		Mode: mode, Ratio: ratio, Rho: town.Target, ConnectLimit: town.Limit, RingTimeout: town.Timeout, Guarantee: guarantee, MaxLines: town.Lines,
	})}
}

// Dial decides.
func (o *Ours) Dial(s *model.State) int {
	for _, e := range s.Ev {
		o.p.Observe(pacing.Event{What: pacing.Happened(e.E), Seconds: e.D})
	}
	v := &o.v
	v.Now, v.Idle, v.Talk, v.Wrap, v.Ring, v.Wait = s.T, s.Idle, s.Talk, s.Wrap, s.Ring, s.Wait
	v.Answered, v.Abandoned = s.Stats.Connected+s.Stats.Abandoned, s.Stats.Abandoned
	if o.Truth {
		v.Next = append(v.Next[:0], o.Town.Answer(s.T))
		v.Chance = v.Chance[:0]
		for _, age := range s.Ring {
			v.Chance = append(v.Chance, o.Town.Answer(s.T-age))
		}
	}
	return o.p.Decide(*v).Dial
}
