package stage

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"waihu/controller/floor"
	"waihu/controller/rehearse/model"
	"waihu/models"
)

// published is the world of the comparison that pacing is judged by: answers 0.3, talk log-normal of 120 s, wrap-up of 15 s.
func published(answer float64) World {
	return World{
		Answer: func(time.Time) float64 { return answer }, Ring: model.Gamma(15, 0.5, 2, 30), Talk: model.LogNormal(120, 1), Wrap: model.LogNormal(15, 0.5),
		Listen: model.LogNormal(10, 0.5), PickUp: model.LogNormal(3, 0.5),
		Fails: []Fail{{0.2, "UNALLOCATED_NUMBER", model.LogNormal(3, 0.3)}, {0.2, "NORMAL_TEMPORARY_FAILURE", model.Gamma(15, 0.5, 2, 30)}},
	}
}

func plan(agents int, ratio float64, numbers int, length time.Duration) Plan {
	p := Plan{
		Campaign: models.Campaign{ID: 1, Mode: models.ModeDirectAgent, QueueID: 1, RingSeconds: 30, TrunkIDs: []int64{1}, Rules: models.Rules{Pack: "none", Zone: "Asia/Shanghai", Ratio: ratio}},
		Queue:    models.Queue{ID: 1, Strategy: models.Strategies[len(models.Strategies)-1], RingSeconds: 15, WrapUpSeconds: 300, MaxMissed: 3},
		Trunks:   []models.Trunk{{ID: 1, Name: "t", Gateway: "g", NumberFormat: models.FormatNational}},
		Limits:   floor.Defaults(), Numbers: numbers, Begin: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), Length: length,
	}
	for i := range agents {
		p.Agents = append(p.Agents, models.Agent{ID: int64(i + 1), StaffNumber: fmt.Sprint(8000 + i), Reach: models.ReachNailedUp})
	}
	return p
}

// TestAgreesWithThePublishedFigure: progressive dialling, one call for each idle agent, keeps 10 agents busy for 0.674 of their
// time in an independent simulation of the same world.
func TestAgreesWithThePublishedFigure(t *testing.T) {
	f := Play(plan(10, 0, 1_000_000, 2*time.Hour), published(0.3), 1)
	t.Logf("%+v: utilisation %.3f", f, f.Utilisation())
	if u := f.Utilisation(); u < 0.62 || u > 0.72 {
		t.Errorf("utilisation %.3f, elsewhere 0.674", u)
	}
	if f.Abandoned > f.Connected/200 {
		t.Errorf("%d abandoned of %d: each call had an agent", f.Abandoned, f.Connected)
	}
	if got := f.Signed; got < 19*time.Hour || got > 20*time.Hour {
		t.Errorf("agents were signed in for %s, want 20 h", got)
	}
}

// TestMoreLinesMoreTalk: the ratio of lines to idle agents buys talk with abandoned calls.
func TestMoreLinesMoreTalk(t *testing.T) {
	one, three := Play(plan(10, 1, 1_000_000, time.Hour), published(0.3), 1), Play(plan(10, 3, 1_000_000, time.Hour), published(0.3), 1)
	if three.Utilisation() < one.Utilisation()+0.1 || three.Abandonment() <= one.Abandonment() {
		t.Errorf("ratio 1: %.3f (%.3f lost), ratio 3: %.3f (%.3f lost)", one.Utilisation(), one.Abandonment(), three.Utilisation(), three.Abandonment())
	}
}

// TestListIsCalledToItsEnd: every number is settled once, retries included, and the day ends with the list.
func TestListIsCalledToItsEnd(t *testing.T) {
	p := plan(5, 0, 200, 12*time.Hour)
	p.Campaign.Rules.Retries = 1
	p.Campaign.Rules.RetryRules = []models.RetryRule{{Outcome: models.OutcomeNoAnswer, Times: 1, DelaySeconds: 600, Factor: 1}}
	f := Play(p, published(0.3), 7)
	if !f.Done || f.Settled != 200 || f.Dialled <= 200 || f.Dialled > 400 || f.Took >= p.Length {
		t.Errorf("%+v: want 200 settled with some dialled twice", f)
	}
	if again := Play(p, published(0.3), 7); again != f {
		t.Errorf("the same seed gives %+v and %+v", f, again)
	}
}

// TestHoursAreKept: nothing is dialled outside the windows, and the list goes on the next day.
func TestHoursAreKept(t *testing.T) {
	p := plan(2, 0, 1000, 26*time.Hour)
	for d := range 7 {
		p.Campaign.Rules.Windows = append(p.Campaign.Rules.Windows, models.Window{Weekday: time.Weekday(d), From: 9 * 60, To: 10 * 60})
	}
	hours := map[int]bool{}
	w := published(0.3)
	w.Answer = func(t time.Time) float64 {
		hours[t.In(time.FixedZone("", 8*3600)).Hour()] = true
		return 0.3
	}
	f := Play(p, w, 3)
	if len(hours) != 1 || !hours[9] || f.Dialled < 50 {
		t.Errorf("dialled in the hours %v, %d calls", hours, f.Dialled)
	}
}

// TestVoiceAndKeys: a campaign with a voice file needs no agents; who presses the key waits in the queue, with his own patience.
func TestVoiceAndKeys(t *testing.T) {
	p := plan(0, 0, 500, 4*time.Hour)
	p.Campaign.Mode, p.Campaign.QueueID, p.Campaign.MaxConcurrency = models.ModeVoiceOnly, 0, 20
	f := Play(p, published(0.3), 1)
	if !f.Done || f.Settled != 500 || f.Answered < 110 || f.Answered > 190 || f.Connected != 0 {
		t.Errorf("voice: %+v", f)
	}
	p = plan(3, 0, 500, 8*time.Hour)
	p.Campaign.Mode, p.Campaign.MaxConcurrency = models.ModeVoiceKey, 10
	w := published(0.3)
	w.ToKey, w.Wait = 0.5, model.Exponential(60)
	f = Play(p, w, 1)
	if !f.Done || f.Connected < 30 || f.Connected > 100 || f.Talk < time.Hour {
		t.Errorf("keys: %+v", f)
	}
}

// TestDaysAreTheSameAgain: some short days, by one goroutine and by three.
func TestDaysAreTheSameAgain(t *testing.T) {
	var forecasts [2]models.Forecast
	for i, workers := range []int{1, 3} {
		var played atomic.Int32
		f, err := Days(t.Context(), plan(3, 0, 40, 2*time.Hour), published(0.3), 6, workers, func() { played.Add(1) })
		if err != nil || played.Load() != 6 || f.Days != 6 || f.Settled.Middle != 40 {
			t.Errorf("%d goroutines: %+v, %d days played, %v", workers, f, played.Load(), err)
		}
		forecasts[i] = f
	}
	if !reflect.DeepEqual(forecasts[0], forecasts[1]) {
		t.Errorf("two different forecasts:\n%+v\n%+v", forecasts[0], forecasts[1])
	}
}
