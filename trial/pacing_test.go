package trial

import (
	"fmt"
	"testing"
	"time"

	"waihu/controller/floor"
	"waihu/models"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/town"
)

// choosy is a town where four in ten answer, after some ringing, and talk for a while; nobody is left to ring for long.
func choosy(c *simulator.Config) {
	c.Town.AnswerProbability, c.Town.BusyProbability, c.Town.RejectProbability, c.Town.UnreachableProbability = 0.4, 0.2, 0.2, 0.2
	c.Town.ProgressTime = town.Distribution{Kind: town.Uniform, Min: 0.2, Max: 0.2}
	c.Town.RingTime = town.Distribution{Kind: town.Uniform, Min: 4, Max: 14}
	c.Town.RefusalTime = town.Distribution{Kind: town.Uniform, Min: 1, Max: 5}
	c.Town.TalkTime = town.Distribution{Kind: town.Uniform, Min: 10, Max: 30}
	c.Town.Patience = town.Distribution{Kind: town.Uniform, Min: 60, Max: 90}
}

// ordinary are n numbers whose last digits do not say what becomes of a call.
func ordinary(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("139%05d%03d", 10+i/150, 610+i%150)
	}
	return out
}

const (
	paceSpeed = 8
	paceRho   = 0.05
)

// paced is a campaign straight to twenty agents with connected phones.
func paced(t *testing.T, mode models.PacingMode, speed float64) (*rig, setup) {
	o := setup{
		speed: speed, list: ordinary(8000), agents: reach(20, models.ReachNailedUp), sw: choosy, drain: time.Millisecond,
		floor: func(c *floor.Config) { c.CPS = 200 },
		campaign: func(c *models.Campaign) {
			c.Mode, c.AgentKey, c.VoiceFileID, c.RingSeconds = models.ModeDirectAgent, "", 0, 30
			c.Rules.Retries, c.Rules.RetryRules = 0, nil
			c.Rules.Pacing = models.Pacing{Mode: mode, Guarantee: models.GuaranteeHard, AbandonLimit: paceRho, ConnectSeconds: 2}
		},
	}
	r := newRig(t, storetest.SQLiteConfig(t), o)
	r.signIn()
	r.start()
	return r, o
}

// during lets the switch's time pass and holds the limit against the books all the while.
func (r *rig) during(d time.Duration) {
	r.t.Helper()
	for until := r.clk.Now().Add(d); r.clk.Now().Before(until); pass(200 * time.Millisecond) {
		r.withinLimit()
	}
}

func (r *rig) withinLimit() models.WindowCounts {
	r.t.Helper()
	n, err := r.store.WindowCounts(r.t.Context(), r.camp.ID, time.Time{})
	if err != nil {
		r.t.Fatal(err)
	}
	if float64(n.Abandoned) > paceRho*float64(n.Answered) {
		r.t.Fatalf("%d of %d abandoned, more than %g", n.Abandoned, n.Answered, paceRho)
	}
	return n
}

// end stops the campaign, hangs every call up and says how long agents talked.
func (r *rig) end() time.Duration {
	r.t.Helper()
	if err := r.ctl.StopCampaign(r.t.Context(), r.camp.ID, true, "enough"); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, 20*time.Second, "the campaign stopped", func() bool { return r.state() == models.CampaignStopped }, r.floor)
	talk, dialled, released := time.Duration(0), 0, 0
	for after, more := "", true; more; {
		page, err := r.store.Attempts(r.t.Context(), r.camp.ID, after, 1000)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, a := range page {
			talk += time.Duration(a.AgentMS) * time.Millisecond
			if a.State == models.AttemptReleased {
				released++
			} else {
				dialled++
			}
			after = a.ID
		}
		more = len(page) > 0
	}
	if released > dialled {
		r.t.Errorf("%d numbers were reserved and given back for %d that were dialled", released, dialled)
	}
	return talk
}

// TestPacing runs at eight times the speed, where the connect limit is a quarter of a second: its parts wait beside each other, and beside no
// other trial.
func TestPacing(t *testing.T) {
	var progressive, predictive time.Duration
	t.Run("all", func(t *testing.T) {
		t.Run("progressive", func(t *testing.T) { t.Parallel(); progressive = talked(t, models.PaceProgressive) })
		t.Run("predictive", func(t *testing.T) { t.Parallel(); predictive = talked(t, models.PacePredictive) })
		t.Run("restart in the middle of a window", func(t *testing.T) { t.Parallel(); restartInTheMiddleOfAWindow(t) })
	})
	// Predictive dialling keeps agents busier than one call for each, in the same time.
	if gain := predictive.Seconds() / progressive.Seconds(); gain < 1.08 {
		t.Errorf("predictive talks %.2f times as much as progressive", gain)
	}
}

// talked is how long agents talk within the hard guarantee, which holds at every look.
func talked(t *testing.T, mode models.PacingMode) time.Duration {
	const span = 4 * time.Minute
	r, o := paced(t, mode, paceSpeed)
	r.during(span)
	n := r.withinLimit()
	talk := r.end()
	r.asRehearsed(o, span, talk, n)
	t.Logf("%s: %d dialled, %d answered, %d abandoned (%.1f %%), agents talked %.0f %% of the time", mode, r.x.dialled(), n.Answered, n.Abandoned,
		100*float64(n.Abandoned)/float64(max(n.Answered, 1)), 100*talk.Seconds()/(20*span.Seconds()))
	if v, err := r.store.PacingSamples(t.Context(), r.camp.ID, time.Time{}, 1000); err != nil || len(v) < int(span.Seconds())/10*8/10 {
		t.Errorf("%d decisions kept in %s: %v", len(v), span, err)
	}
	return talk
}

// restartInTheMiddleOfAWindow: the daemon ends in the middle of a window, calls in flight, and goes on: what happened before still counts.
func restartInTheMiddleOfAWindow(t *testing.T) {
	r, o := paced(t, models.PacePredictive, paceSpeed)
	r.during(90 * time.Second)
	for range 2 {
		before := r.withinLimit()
		r.stop()
		r.daemon(o)
		eventually(t, 20*time.Second, "the floor taken over with the window's counts", func() bool {
			v, found, err := r.ctl.Pacing(t.Context(), r.camp.ID)
			return err == nil && found && v.Counts.Answered >= before.Answered && v.Counts.Abandoned >= before.Abandoned
		}, r.floor)
		r.during(30 * time.Second)
	}
	v, _, err := r.ctl.Pacing(t.Context(), r.camp.ID)
	if err != nil || len(v.Decisions) == 0 {
		t.Fatalf("%d decisions, %v", len(v.Decisions), err)
	}
	r.end()
	seen, saved := r.abandonments(), r.withinLimit()
	if saved.Abandoned < seen {
		t.Errorf("%d abandoned by the books, by the switch %d", saved.Abandoned, seen)
	}
	t.Logf("%d answered, %d abandoned over two restarts", saved.Answered, saved.Abandoned)
}

// abandonments are the answered calls that no agent ever heard and that lasted for the connect limit, by the switch's books.
func (r *rig) abandonments() int {
	n := 0
	all, err := r.store.Attempts(r.t.Context(), r.camp.ID, "", 10_000)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, a := range all {
		if a.AnsweredAt != nil && a.HungUpAt != nil && a.BridgedAt == nil && a.WhoHungUp != models.HangupWaihu && a.HungUpAt.Sub(*a.AnsweredAt) >= 2*time.Second {
			n++
		}
	}
	return n
}
