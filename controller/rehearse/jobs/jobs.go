// Package jobs runs rehearsals beside the daemon's work, one at a time and on one processor, and remembers the last ones.
//
// It owns the goroutine that plays; what is played comes from package stage.
package jobs

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"

	"waihu/controller/clock"
	"waihu/controller/rehearse/stage"
	"waihu/models"
)

// Bounds of a rehearsal: with these it takes minutes at most.
const (
	kept          = 20
	MostDays      = 40
	MostHours     = 24.0
	MostVariants  = 8
	mostAgentTime = 30_000    // hours of agents over all days and variants: about ten are played in a tenth of a second
	mostCalls     = 4_000_000 // numbers over all days and variants
)

// Job is what is to be played.
type Job struct {
	CampaignID int64
	Plan       stage.Plan // with the campaign's own settings
	World      stage.World
	Basis      models.RehearsalBasis
	Days       int
	Rows       []models.Variant
}

// Check says what is asked too much of.
func (j Job) Check() error {
	e := &models.Error{Kind: models.Invalid}
	within := func(ok bool, field string, least, most any) {
		if !ok {
			e.Add(field, "range", fmt.Sprintf("use %v to %v", least, most), fmt.Sprintf("须为 %v 至 %v", least, most))
		}
	}
	hours := j.Plan.Length.Hours()
	within(hours > 0 && hours <= MostHours, "hours", 0.5, MostHours)
	within(j.Days >= 1 && j.Days <= MostDays, "days", 1, MostDays)
	within(len(j.Rows) >= 1 && len(j.Rows) <= MostVariants, "variants", 1, MostVariants)
	for i, v := range j.Rows {
		if c := j.Plan.Campaign; v.Mode == "" && c.Mode == models.ModeDirectAgent && c.Rules.Pacing.ByHand() {
			e.Add(fmt.Sprintf("variants.%d.mode", i), "by_hand", "agents dial by hand in this campaign, which cannot be rehearsed; compare progressive, ratio or predictive",
				"该任务由坐席人工拨号，无法预演；可对比 progressive、ratio 或 predictive")
			continue
		}
		if !slices.Contains([]string{"", "progressive", "ratio", "predictive"}, v.Mode) {
			e.Add(fmt.Sprintf("variants.%d.mode", i), "unknown", "use progressive, ratio or predictive", "请使用 progressive、ratio 或 predictive")
		}
		within(v.Ratio >= 0 && v.Ratio <= models.MaxRatio, fmt.Sprintf("variants.%d.ratio", i), 0, models.MaxRatio)
		if !slices.Contains([]string{"", "hard", "risk", "off"}, v.Guarantee) {
			e.Add(fmt.Sprintf("variants.%d.guarantee", i), "unknown", "use hard, risk or off", "请使用 hard、risk 或 off")
		}
	}
	plays := float64(j.Days * len(j.Rows))
	if float64(len(j.Plan.Agents))*hours*plays > mostAgentTime || float64(j.Plan.Numbers)*plays > mostCalls {
		e.Add("days", "too_much", "this would take too long; play fewer days, fewer hours or fewer variants", "耗时过长，请减少天数、小时数或对比方案")
	}
	return e.OrNil()
}

// Room plays rehearsals in turn. Make it with New and Run it.
type Room struct {
	clock clock.Clock
	mu    sync.Mutex
	all   []*play // the newest last
	todo  chan *play
}

type play struct {
	job   Job
	state models.Rehearsal
	stop  context.CancelFunc
	ctx   context.Context
}

// New is a room in which nothing is played yet. c tells how long a rehearsal took.
func New(c clock.Clock) *Room { return &Room{clock: c, todo: make(chan *play, kept)} }

// Run plays until ctx ends.
func (r *Room) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-r.todo:
			end := context.AfterFunc(ctx, p.stop)
			r.play(p)
			end()
			p.stop()
		}
	}
}

// Start takes a job; it is played when those before it are over. A *models.Error says what is wrong with it, or that too many wait.
func (r *Room) Start(j Job) (models.Rehearsal, error) {
	if err := j.Check(); err != nil {
		return models.Rehearsal{}, err
	}
	p := &play{job: j, state: models.Rehearsal{
		ID: rand.Text(), CampaignID: j.CampaignID, State: "running", Begin: j.Plan.Begin, Hours: j.Plan.Length.Hours(), Agents: len(j.Plan.Agents),
		Numbers: j.Plan.Numbers, Basis: j.Basis,
	}}
	for _, v := range j.Rows {
		p.state.Rows = append(p.state.Rows, models.RehearsalRow{Variant: v})
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.todo <- p:
	default:
		p.stop()
		return models.Rehearsal{}, models.NewError(models.Conflict, "", "busy", "too many rehearsals are waiting; try again when one is over", "等待中的预演过多，请稍后再试")
	}
	if r.all = append(r.all, p); len(r.all) > kept {
		r.all = r.all[1:]
	}
	return p.state, nil
}

// Find is a rehearsal by its id; not_found when it never was, or is forgotten.
func (r *Room) Find(id string) (models.Rehearsal, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.all {
		if p.state.ID == id {
			v := p.state
			v.Rows = slices.Clone(v.Rows)
			return v, nil
		}
	}
	return models.Rehearsal{}, models.NewError(models.NotFound, "id", "not_found", "there is no such rehearsal (any more); start a new one", "该预演不存在或已过期，请重新开始")
}

// Stop ends a rehearsal early; what was played of it stays.
func (r *Room) Stop(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.all {
		if p.state.ID == id {
			p.stop()
			if p.state.State == "running" {
				p.state.State = "stopped"
			}
			return nil
		}
	}
	return models.NewError(models.NotFound, "id", "not_found", "there is no such rehearsal (any more)", "该预演不存在或已过期")
}

func (r *Room) play(p *play) {
	began, played := r.clock.Now(), 0
	step := func() {
		played++
		r.mu.Lock()
		p.state.Progress = float64(played) / float64(p.job.Days*len(p.job.Rows))
		r.mu.Unlock()
	}
	for i, v := range p.job.Rows {
		f, err := stage.Days(p.ctx, p.job.Plan.With(v), p.job.World, p.job.Days, 1, step)
		if err != nil {
			break
		}
		r.mu.Lock()
		p.state.Rows[i].Forecast = &f
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.state.TookMS = r.clock.Now().Sub(began).Milliseconds()
	if p.state.State == "running" {
		p.state.State = "done"
		if p.ctx.Err() != nil {
			p.state.State = "stopped"
		}
	}
}
