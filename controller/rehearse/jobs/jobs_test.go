package jobs

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/controller/floor"
	"waihu/controller/rehearse/model"
	"waihu/controller/rehearse/stage"
	"waihu/models"
)

func job(numbers, days int, rows ...models.Variant) Job {
	return Job{
		CampaignID: 7, Days: days, Rows: rows,
		Plan: stage.Plan{
			Campaign: models.Campaign{ID: 7, Mode: models.ModeVoiceOnly, RingSeconds: 30, MaxConcurrency: 20, TrunkIDs: []int64{1}, Rules: models.Rules{Zone: "UTC"}},
			Trunks:   []models.Trunk{{ID: 1, Name: "t", Gateway: "g", NumberFormat: models.FormatNational}}, Limits: floor.Defaults(),
			Numbers: numbers, Begin: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), Length: time.Hour,
		},
		World: stage.World{Answer: func(time.Time) float64 { return 0.3 }, Ring: model.Gamma(15, 0.5, 2, 30), Listen: model.LogNormal(10, 0.5)},
	}
}

func room(t *testing.T) *Room {
	r := New(clock.Real())
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { defer close(over); r.Run(ctx) }()
	t.Cleanup(func() { stop(); <-over })
	return r
}

// until polls a rehearsal until it is as wanted.
func until(t *testing.T, r *Room, id string, good func(models.Rehearsal) bool) models.Rehearsal {
	t.Helper()
	for range 2000 {
		v, err := r.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if good(v) {
			return v
		}
		clock.Sleep(t.Context().Done(), clock.Real(), 10*time.Millisecond)
	}
	t.Fatal("a rehearsal does not come on")
	return models.Rehearsal{}
}

// TestRehearsalIsPlayed: every variant has its forecast, in order, and the progress comes to one.
func TestRehearsalIsPlayed(t *testing.T) {
	r := room(t)
	v, err := r.Start(job(100, 3, models.Variant{}, models.Variant{Mode: "ratio", Ratio: 2}))
	if err != nil || v.State != "running" || len(v.Rows) != 2 || v.Rows[0].Forecast != nil {
		t.Fatalf("%+v, %v", v, err)
	}
	v = until(t, r, v.ID, func(v models.Rehearsal) bool { return v.State != "running" })
	if v.State != "done" || v.Progress != 1 || v.Rows[1].Variant.Ratio != 2 {
		t.Errorf("%+v", v)
	}
	for _, row := range v.Rows {
		if f := row.Forecast; f == nil || f.Days != 3 || f.Done < 0.999 || f.Settled.Middle != 100 || f.Hours.Low <= 0 || f.Hours.Low > f.Hours.High {
			t.Errorf("%+v", f)
		}
	}
}

// TestRehearsalIsStopped: what was not played has no forecast; one that waits is stopped before it begins.
func TestRehearsalIsStopped(t *testing.T) {
	r := room(t)
	long, err := r.Start(job(50_000, 40, models.Variant{}, models.Variant{Mode: "progressive"}))
	if err != nil {
		t.Fatal(err)
	}
	waits, err := r.Start(job(100, 1, models.Variant{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{waits.ID, long.ID} {
		if err := r.Stop(id); err != nil {
			t.Fatal(err)
		}
	}
	v := until(t, r, long.ID, func(v models.Rehearsal) bool { return v.TookMS > 0 || v.State == "stopped" })
	if v.State != "stopped" || v.Rows[1].Forecast != nil {
		t.Errorf("%+v", v)
	}
	if v, _ := r.Find(waits.ID); v.State != "stopped" {
		t.Errorf("the one that waits is %s", v.State)
	}
	if _, err := r.Find("nonsense"); !models.IsKind(err, models.NotFound) {
		t.Errorf("an unknown one gives %v", err)
	}
}

// TestBadRehearsals: what cannot be played is refused by field.
func TestBadRehearsals(t *testing.T) {
	many := slices.Repeat([]models.Variant{{}}, MostVariants+1)
	for name, c := range map[string]struct {
		change func(*Job)
		field  string
	}{
		"by hand": {func(j *Job) {
			j.Plan.Campaign.Mode, j.Plan.Campaign.Rules.Pacing.Mode = models.ModeDirectAgent, models.PacePreview
		}, "variants.0.mode"},
		"no days":    {func(j *Job) { j.Days = 0 }, "days"},
		"many days":  {func(j *Job) { j.Days = MostDays + 1 }, "days"},
		"long":       {func(j *Job) { j.Plan.Length = 25 * time.Hour }, "hours"},
		"no hours":   {func(j *Job) { j.Plan.Length = -time.Hour }, "hours"},
		"variants":   {func(j *Job) { j.Rows = many }, "variants"},
		"ratio":      {func(j *Job) { j.Rows[0].Ratio = 10.5 }, "variants.0.ratio"},
		"below zero": {func(j *Job) { j.Rows[0].Ratio = -1 }, "variants.0.ratio"},
		"mode":       {func(j *Job) { j.Rows[0].Mode = "wild" }, "variants.0.mode"},
		"guarantee":  {func(j *Job) { j.Rows[0].Guarantee = "soft" }, "variants.0.guarantee"},
		"too much":   {func(j *Job) { j.Plan.Numbers = mostCalls }, "days"},
	} {
		j := job(100, 2, models.Variant{})
		c.change(&j)
		var e *models.Error
		if err := j.Check(); !errors.As(err, &e) || e.Fields[0].Field != c.field {
			t.Errorf("%s: %v, want a fault of %s", name, err, c.field)
		}
	}
}
