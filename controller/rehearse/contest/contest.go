package contest

import (
	"fmt"

	"waihu/controller/pacing"
	"waihu/controller/rehearse/model"
	"waihu/controller/rehearse/rivals"
)

// Entry is one policy of the tables, a row.
type Entry struct {
	Name  string
	Make  func(w model.Town) model.Policy // nil: the anchor, whose price is tuned by hindsight
	Told  bool                            // only where the answer rate changes, or numbers differ
	Blind bool                            // only where numbers differ
	Kept  bool                            // it has a guarantee
}

// The rows that goals speak of.
const (
	rowAnchor      = "model-predictive\\*, distributions known"
	rowProgressive = "progressive"
	rowPredictive  = "**predictive**"
	rowRisk        = "**predictive, risk guarantee**"
	rowHard        = "**predictive, hard guarantee**"
	rowTold        = "predictive, told the answer rate"
	rowToldRisk    = "risk guarantee, told the answer rate"
	rowToldHard    = "hard guarantee, told the answer rate"
	rowBlind       = "predictive, numbers taken as alike"
	rowBlindRisk   = "risk guarantee, numbers taken as alike"
	rowBlindHard   = "hard guarantee, numbers taken as alike"
)

func entries() []Entry {
	ours := func(mode pacing.Mode, ratio float64, g pacing.Guarantee) func(model.Town) model.Policy {
		return func(w model.Town) model.Policy { return NewOurs(w, mode, ratio, g) }
	}
	told := func(g pacing.Guarantee) func(model.Town) model.Policy {
		return func(w model.Town) model.Policy {
			o := NewOurs(w, pacing.Predictive, 1, g)
			o.Truth = true
			return o
		}
	}
	blind := func(g pacing.Guarantee) func(model.Town) model.Policy {
		return func(w model.Town) model.Policy {
			o := NewOurs(w, pacing.Predictive, 1, g)
			o.Blind = true
			return o
		}
	}
	return []Entry{
		{Name: rowProgressive, Make: ours(pacing.Progressive, 1, pacing.Off)},
		{Name: "ratio 1", Make: ours(pacing.ByRatio, 1, pacing.Off)},
		{Name: "ratio 1.5", Make: ours(pacing.ByRatio, 1.5, pacing.Off)},
		{Name: "ratio 2", Make: ours(pacing.ByRatio, 2, pacing.Off)},
		{Name: "ratio 3", Make: ours(pacing.ByRatio, 3, pacing.Off)},
		{Name: "ratio 3, hard guarantee", Make: ours(pacing.ByRatio, 3, pacing.Hard), Kept: true},
		{Name: "idle agents ÷ answer rate, untuned", Make: func(model.Town) model.Policy { return rivals.OverASR{} }},
		{Name: "VICIdial's rule, re-implemented", Make: func(w model.Town) model.Policy { return &rivals.Adapt{Target: w.Target} }},
		{Name: rowPredictive, Make: ours(pacing.Predictive, 1, pacing.Off)},
		{Name: rowRisk, Make: ours(pacing.Predictive, 1, pacing.Risk), Kept: true},
		{Name: rowHard, Make: ours(pacing.Predictive, 1, pacing.Hard), Kept: true},
		{Name: rowTold, Make: told(pacing.Off), Told: true},
		{Name: rowToldRisk, Make: told(pacing.Risk), Told: true},
		{Name: rowToldHard, Make: told(pacing.Hard), Told: true},
		{Name: rowBlind, Make: blind(pacing.Off), Blind: true},
		{Name: rowBlindRisk, Make: blind(pacing.Risk), Blind: true},
		{Name: rowBlindHard, Make: blind(pacing.Hard), Blind: true},
		{Name: rowAnchor},
	}
}

// Settings of a contest.
type Settings struct {
	Seed    uint64
	Scale   float64 // of the number of days; 1 is the published table
	Only    string  // towns whose group and name hold this
	Workers int
	Done    func(left int)  // called as cells are given out
	Stop    <-chan struct{} // closed: no cell is begun any more
}

// Outcome is what was played.
type Outcome struct {
	Columns []Column
	Entries []Entry
	Cells   [][]Cell // by column, by entry
	Seed    uint64
	Played  int // days, those for tuning not counted
}

// Hold plays everything.
func Hold(s Settings) *Outcome { return hold(columns(s.Scale, s.Only), s) }

func hold(columns []Column, s Settings) *Outcome {
	o := &Outcome{Columns: columns, Entries: entries(), Seed: s.Seed}
	var jobs []job
	o.Cells = make([][]Cell, len(o.Columns))
	for i, c := range o.Columns {
		o.Cells[i] = make([]Cell, len(o.Entries))
		for k, e := range o.Entries {
			if !c.plays(e) {
				continue
			}
			jobs = append(jobs, job{weigh: weight(c, e), cell: &o.Cells[i][k], run: func() Cell {
				if e.Make == nil {
					return TuneAnchor(c.Town, c.Days, s.Seed)
				}
				return Play(c.Town, c.Days, s.Seed, func() model.Policy { return e.Make(c.Town) })
			}})
			o.Played += c.Days
		}
	}
	work(jobs, max(s.Workers, 1), s.Done, s.Stop)
	return o
}

// plays reports whether a policy is of interest in a town: the anchor knows no kinds of numbers.
func (c Column) plays(e Entry) bool {
	kinds := len(c.Town.Classes) > 0
	return (c.Told || !e.Told) && (kinds || !e.Blind) && (!kinds || e.Make != nil)
}

// weight is a guess of the time a cell takes.
func weight(c Column, e Entry) float64 {
	w := float64(c.Days) * float64(c.Town.Agents+20) / c.Rate
	if e.Kept || e.Told || e.Name == rowPredictive || e.Make == nil {
		w *= 20
	}
	return w
}

// cell finds a cell; false if it was not played.
func (o *Outcome) cell(column, entry string) (Cell, bool) {
	for i, c := range o.Columns {
		if c.Town.Name != column {
			continue
		}
		for k, e := range o.Entries {
			if e.Name == entry && o.Cells[i][k].Days > 0 {
				return o.Cells[i][k], true
			}
		}
	}
	return Cell{}, false
}

// name of a steady town.
func name(agents int, p float64) string { return fmt.Sprintf("%d agents, %g", agents, p) }
