package contest

import (
	"math"
	"slices"
	"sync"

	"waihu/controller/rehearse/model"
	"waihu/controller/rehearse/rivals"
)

// Cell is what some days of one policy in one town came to.
type Cell struct {
	Utilisation float64 // (talk + wrap-up) / signed-in time
	Abandonment float64 // abandoned / live answers, after the warm-up
	PerHour     float64 // contacts per signed-in agent hour
	Worst       float64 // the highest abandonment since the beginning of a day, at any instant of any day
	Answers     int     // live answers after the warm-up
	Days        int
	Theta       float64 // of the anchor
}

// add pools days: sums over sums, not means of means.
func pool(days []model.Result) Cell {
	var c Cell
	var hours, busy, lost, connected float64
	for _, r := range days {
		hours += r.AgentHours
		busy += r.Utilisation * r.AgentHours
		connected += float64(r.Connected)
		lost += float64(r.Connected) * r.Abandonment / max(1-r.Abandonment, 1e-9)
		c.Worst = max(c.Worst, r.Worst)
	}
	c.Days, c.Answers = len(days), int(math.Round(connected+lost))
	c.Utilisation, c.PerHour = busy/max(hours, 1e-9), connected/max(hours, 1e-9)
	c.Abandonment = lost / max(connected+lost, 1)
	return c
}

// Play is some days of one policy, one after the other; make builds a policy that has learned nothing.
func Play(town model.Town, days int, seed uint64, make func() model.Policy) Cell {
	var all []model.Result
	for day := range days {
		all = append(all, model.Run(town, make(), seed+uint64(day)))
	}
	return pool(all)
}

// TuneAnchor finds by hindsight the highest price at which the anchor stays within the target on these days.
func TuneAnchor(town model.Town, days int, seed uint64) Cell {
	var best Cell
	theta := 1.05 * town.Target
	for range anchorTries {
		c := Play(town, days, seed, func() model.Policy { return &rivals.Anchor{Town: town, Theta: theta} })
		c.Theta = theta
		if c.Abandonment <= town.Target && c.Utilisation > best.Utilisation {
			best = c
		}
		theta *= math.Pow(0.995*town.Target/max(c.Abandonment, town.Target/3), 0.9)
	}
	return best
}

const anchorTries = 4

// job is one cell to be played; weigh is what it costs, in agents × days × something.
type job struct {
	weigh float64
	run   func() Cell
	cell  *Cell
}

// work does the jobs on some goroutines, the heaviest first.
func work(jobs []job, workers int, done func(left int), stop <-chan struct{}) {
	slices.SortStableFunc(jobs, func(a, b job) int { return int(math.Copysign(1, b.weigh-a.weigh)) })
	next := make(chan job)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for j := range next {
				*j.cell = j.run()
			}
		})
	}
	for i, j := range jobs {
		select {
		case next <- j:
			done(len(jobs) - i - 1)
		case <-stop:
		}
	}
	close(next)
	all.Wait()
}
