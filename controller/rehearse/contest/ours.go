package contest

import (
	"waihu/controller/pacing"
	"waihu/controller/rehearse/model"
)

// Ours is controller/pacing as the floor runs it, in a model town.
type Ours struct {
	Town  model.Town
	Truth bool // tell it the true answer probability of every number
	Blind bool // do not tell it of what class a number is
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
		t := o.traits(e.Class)
		o.p.Observe(pacing.Event{What: pacing.Happened(e.E), Seconds: e.D, Traits: t, Odds: o.odds(e.Class)})
	}
	v := &o.v
	v.Now, v.Idle, v.Talk, v.Wrap, v.Ring, v.Wait = s.T, s.Idle, s.Talk, s.Wrap, s.Ring, s.Wait
	v.Answered, v.Abandoned = s.Stats.Connected+s.Stats.Abandoned, s.Stats.Abandoned
	if o.Truth {
		o.truth(s)
	} else if len(o.Town.Classes) > 0 && !o.Blind {
		v.Odds, v.NextOdds = v.Odds[:0], v.NextOdds[:0]
		for _, class := range s.RingClass {
			v.Odds = append(v.Odds, o.odds(class))
		}
		for _, class := range s.NextClass {
			v.NextOdds = append(v.NextOdds, o.odds(class))
		}
	}
	return o.p.Decide(*v).Dial
}

func (o *Ours) truth(s *model.State) {
	v := &o.v
	v.Next, v.Chance = v.Next[:0], v.Chance[:0]
	for i, age := range s.Ring {
		v.Chance = append(v.Chance, o.Town.AnswerOf(s.T-age, s.RingClass[i]))
	}
	for _, class := range s.NextClass {
		v.Next = append(v.Next, o.Town.AnswerOf(s.T, class))
	}
	if len(v.Next) == 0 {
		v.Next = append(v.Next, o.Town.Answer(s.T))
	}
}

// traits are what is known of a number of a class: as if its history told it.
func (o *Ours) traits(class int) pacing.Traits {
	if len(o.Town.Classes) == 0 || o.Blind || o.Truth {
		return pacing.Traits{}
	}
	return pacing.Traits{History: o.Town.Classes[class].Name}
}

// odds of a number of a class, by what was learned so far.
func (o *Ours) odds(class int) pacing.Odds {
	if len(o.Town.Classes) == 0 || o.Blind || o.Truth {
		return pacing.Odds{}
	}
	return o.p.Odds(o.traits(class))
}
