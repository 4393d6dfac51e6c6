package stage

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Span is what to expect: of the days that were played, one in twenty came below Low and one in twenty above High.
type Span struct {
	Low    float64 `json:"low"`
	Middle float64 `json:"middle"` // the median
	High   float64 `json:"high"`
}

// Forecast is what several days of the same plan came to.
type Forecast struct {
	Days        int     `json:"days"`        // that were played
	Done        float64 `json:"done"`        // share of them in which the list was called to its end
	Hours       Span    `json:"hours"`       // from the beginning to the end of the list, or of the time that was looked at
	Settled     Span    `json:"settled"`     // numbers that are done
	Dialled     Span    `json:"dialled"`     // calls placed
	Answered    Span    `json:"answered"`    // calls answered by a person
	Connected   Span    `json:"connected"`   // talks with agents
	Abandoned   Span    `json:"abandoned"`   // live answers that met no agent in time
	Abandonment Span    `json:"abandonment"` // share of them
	Utilisation Span    `json:"utilisation"` // (talk + wrap-up) ÷ signed-in time of agents
	PerHour     Span    `json:"per_hour"`    // contacts per signed-in agent hour
	TalkMinutes Span    `json:"talk_minutes"`
}

// Days plays several days side by side, workers at a time, and says what they came to. step is told after each day. It ends
// early, with an error, when ctx does.
func Days(ctx context.Context, p Plan, w World, days, workers int, step func()) (Forecast, error) {
	all := make([]Figures, days)
	seeds := make(chan int)
	var wg sync.WaitGroup
	for range max(workers, 1) {
		wg.Go(func() {
			for i := range seeds {
				all[i] = Play(p, w, uint64(i)+1)
				if step != nil {
					step()
				}
			}
		})
	}
	for i := range days {
		if ctx.Err() != nil {
			break
		}
		seeds <- i
	}
	close(seeds)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Forecast{}, err
	}
	return summed(all), nil
}

func summed(all []Figures) Forecast {
	of := func(value func(Figures) float64) Span {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = value(f)
		}
		slices.Sort(values)
		return Span{quantile(values, 0.05), quantile(values, 0.5), quantile(values, 0.95)}
	}
	count := func(value func(Figures) int) Span { return of(func(f Figures) float64 { return float64(value(f)) }) }
	out := Forecast{
		Days:        len(all),
		Hours:       of(func(f Figures) float64 { return f.Took.Hours() }),
		Settled:     count(func(f Figures) int { return f.Settled }),
		Dialled:     count(func(f Figures) int { return f.Dialled }),
		Answered:    count(func(f Figures) int { return f.Answered }),
		Connected:   count(func(f Figures) int { return f.Connected }),
		Abandoned:   count(func(f Figures) int { return f.Abandoned }),
		Abandonment: of(Figures.Abandonment),
		Utilisation: of(Figures.Utilisation),
		PerHour:     of(Figures.PerHour),
		TalkMinutes: of(func(f Figures) float64 { return f.Talk.Round(time.Second).Minutes() }),
	}
	for _, f := range all {
		if f.Done {
			out.Done += 1 / float64(len(all))
		}
	}
	return out
}

// quantile of sorted values, linear between them (Hyndman and Fan 1996, type 7).
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	at := q * float64(len(values)-1)
	i := int(at)
	if i+1 >= len(values) {
		return values[len(values)-1]
	}
	return values[i] + (at-float64(i))*(values[i+1]-values[i])
}
