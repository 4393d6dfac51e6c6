package rivals

import (
	"math"

	"waihu/controller/rehearse/model"
)

// freeing tabulates the true probability that a busy agent is free within some seconds, by whole seconds of age.
type freeing struct {
	of        [2]float64 // what the talk of the tables looks like
	stays     float64
	talks     [][]float64
	wraps     [][]float64
	wrapBelow []float64
}

const (
	freeAges  = 1200 // seconds; later is like the last
	freeAhead = 36   // seconds
)

func (f *freeing) learn(town *model.Town, t float64) {
	talk := town.Talk(t)
	of := [2]float64{talk.Below(50), talk.Below(200)}
	if f.of == of {
		return
	}
	f.of, f.stays = of, 1-town.Breaks.Chance
	if f.wraps == nil {
		f.wraps = make([][]float64, freeAges)
		for age := range f.wraps {
			f.wraps[age] = rest(town.Wrap, float64(age), f.stays)
		}
		f.wrapBelow = rest(town.Wrap, 0, 1)
		f.talks = make([][]float64, freeAges)
	}
	for age := range f.talks {
		ends := rest(talk, float64(age), 1)
		table := make([]float64, freeAhead+1)
		for u := range table {
			for s := 1; s <= u; s++ {
				table[u] += f.stays * (ends[s] - ends[s-1]) * (f.wrapBelow[u-s] + f.wrapBelow[u-s+1]) / 2
			}
		}
		f.talks[age] = table
	}
}

// rest is the distribution function, by whole seconds, of what is left at an age, times a share.
func rest(d model.Dist, age, share float64) []float64 {
	table := make([]float64, freeAhead+1)
	below := d.Below(age)
	left := max(1-below, 1e-12)
	for u := range table {
		table[u] = share * min((d.Below(age+float64(u))-below)/left, 1)
	}
	return table
}

func (f *freeing) talk(age float64, within int) float64 { return read(f.talks, age, within) }
func (f *freeing) wrap(age float64, within int) float64 { return read(f.wraps, age, within) }

func read(tables [][]float64, age float64, within int) float64 {
	return tables[min(int(math.Round(age)), len(tables)-1)][min(within, freeAhead)]
}
