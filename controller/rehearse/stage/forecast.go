package stage

import (
	"context"
	"slices"
	"sync"
	"time"

	"waihu/models"
)

// Days plays several days side by side, workers at a time, and says what they came to. step is told after each day. It ends
// early, with an error, when ctx does.
func Days(ctx context.Context, p Plan, w World, days, workers int, step func()) (models.Forecast, error) {
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
		return models.Forecast{}, err
	}
	return summed(all), nil
}

func summed(all []Figures) models.Forecast {
	of := func(value func(Figures) float64) models.Span {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = value(f)
		}
		slices.Sort(values)
		return models.Span{Low: quantile(values, 0.05), Middle: quantile(values, 0.5), High: quantile(values, 0.95)}
	}
	count := func(value func(Figures) int) models.Span {
		return of(func(f Figures) float64 { return float64(value(f)) })
	}
	out := models.Forecast{
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
