package rivals

import (
	"math"

	"waihu/controller/rehearse/model"
)

// Ratio keeps Lines calls on their way for each idle agent, cut to a whole number; 1 is progressive dialling.
type Ratio struct{ Lines float64 }

// Dial is what is missing.
func (r Ratio) Dial(s *model.State) int {
	return int(math.Floor(r.Lines*float64(len(s.Idle))+1e-9)) - len(s.Ring) - len(s.Wait)
}

// OverASR is the "predictive" rule of simple dialers: idle agents ÷ answer rate so far (answer-seizure ratio), nothing
// tuned and no limit. Before the first 20 ends it takes 30 %.
type OverASR struct{}

// Dial is what is missing.
func (OverASR) Dial(s *model.State) int {
	asr := 0.3
	if ends := s.Stats.Answered + s.Stats.NoAnswer; ends >= 20 {
		asr = max(float64(s.Stats.Answered)/float64(ends), 0.01)
	}
	return int(float64(len(s.Idle))/asr) - len(s.Ring) - len(s.Wait)
}
