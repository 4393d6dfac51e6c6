package trial

import (
	"slices"
	"testing"
	"time"

	"waihu/controller/floor"
	"waihu/models"
	"waihu/models/store/storetest"
	"waihu/simulator"
)

// answering is a town where everybody answers and listens on, so that calls last.
func answering(c *simulator.Config) {
	c.Town.AnswerProbability, c.Town.BusyProbability, c.Town.RejectProbability, c.Town.UnreachableProbability = 1, 0, 0, 0
}

// B2: in no second does the switch see more calls than configured, and while there are numbers it sees about that.
func TestCallsPerSecond(t *testing.T) {
	const cps, n = 40, 240
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 1, list: numbers(3300, n), floor: func(c *floor.Config) { c.CPS = cps },
		campaign: func(c *models.Campaign) { c.Rules.Retries = 0 },
	})
	r.start()
	r.finish(patience)
	var at []time.Time
	for _, number := range r.x.Report().Numbers {
		for _, call := range number.Calls {
			at = append(at, call.Dialled)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	for i := range at {
		if i+cps < len(at) && at[i+cps].Sub(at[i]) < time.Second {
			t.Errorf("%d calls within %s", cps+1, at[i+cps].Sub(at[i]))
		}
	}
	rate := float64(len(at)-1) / at[len(at)-1].Sub(at[0]).Seconds()
	t.Logf("%d calls, %.1f a second of %d", len(at), rate, cps)
	if rate < 0.9*cps { // 97 % on a machine that does nothing else
		t.Errorf("only %.1f calls a second of %d", rate, cps)
	}
	r.audit(func(w *terms) { w.dials = 1 })
}

// Every limit of calls at once holds, and is used up.
func TestCallsAtOnce(t *testing.T) {
	t.Parallel()
	const most = 6
	for name, o := range map[string]setup{
		"concurrency": {campaign: func(c *models.Campaign) { c.MaxConcurrency = most }},
		"lines":       {trunk: func(v *models.Trunk) { v.Lines = most }},
		"max_calls":   {floor: func(c *floor.Config) { c.MaxCalls = most }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.list, o.sw, o.speed = numbers(4300, 40), answering, 2 // slow enough that calls last longer than placing the next
			r := newRig(t, storetest.SQLiteConfig(t), o)
			r.start()
			r.finish(patience)
			if peak := r.x.Report().Totals.PeakCalls; peak != most {
				t.Errorf("%d calls at once, the limit is %d", peak, most)
			}
			r.audit(nil)
		})
	}
}

// F-28: the switch bears fewer calls a second, or at once, than we are configured for. It refuses; no contact is lost by it.
func TestSwitchBearsLess(t *testing.T) {
	t.Parallel()
	for name, sw := range map[string]func(*simulator.Config){
		"sessions_per_second": func(c *simulator.Config) { c.SessionsPerSecond = 8 },
		"max_sessions":        func(c *simulator.Config) { c.MaxSessions = 8; answering(c) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.SQLiteConfig(t), setup{list: numbers(5300, 80), sw: sw, speed: 3})
			r.start()
			r.finish(patience)
			rep := r.x.Report()
			if rep.Totals.Refused == 0 {
				t.Error("the switch refused nothing: this trial tries nothing")
			}
			if len(rep.Numbers) != len(r.list) {
				t.Errorf("%d numbers were called of %d", len(rep.Numbers), len(r.list))
			}
			for number, n := range rep.Numbers {
				if n.Dialled == 0 {
					t.Errorf("%s was refused %d times and never dialled", number, n.Refused)
				}
			}
			t.Logf("%d refused for %d dialled", rep.Totals.Refused, rep.Totals.Dialled)
			r.audit(nil)
		})
	}
}

// F-27: the gateway is down and comes back. Nobody is lost by it, the campaign says why it waits.
func TestGatewayDownAndUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{list: numbers(6300, 200), speed: 5})
	r.start()
	eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > 40 })
	r.x.SetGateway(gateway, simulator.Gateway{Down: true})
	eventually(t, 20*time.Second, "the trunk paused", func() bool { return r.why() == models.GateTrunkPaused }, r.floor)
	quiet := r.x.dialled()
	pass(500 * time.Millisecond)
	if n := r.x.dialled(); n != quiet {
		t.Errorf("%d calls went through a gateway that is down", n-quiet)
	}
	r.x.SetGateway(gateway, simulator.Gateway{})
	eventually(t, 10*time.Second, "dialling again", func() bool { return r.x.dialled() > quiet }, r.floor)
	r.finish(patience)
	r.audit(nil)
}

// F-44: a number that comes onto the blacklist while the campaign runs is not dialled, even when it is reserved already.
func TestBlacklistedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *rig{
		"sqlite":  func(t *testing.T) *rig { return newRig(t, storetest.SQLiteConfig(t), setup{speed: 3}) },
		"mariadb": func(t *testing.T) *rig { return newRig(t, storetest.MariaDBConfig(t), setup{speed: 3}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			skipped := map[string]bool{}
			var entries []models.BlacklistEntry
			r.start()
			eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > 40 })
			for _, n := range r.list[100:] {
				entries = append(entries, models.BlacklistEntry{OrganizationID: r.camp.OrganizationID, Number: "+86" + n, Source: "manual", CreatedBy: "trial", CreatedAt: r.clk.Now()})
			}
			if _, err := r.store.AddBlacklist(t.Context(), entries); err != nil {
				t.Fatal(err)
			}
			added := r.x.Report()
			r.finish(patience)
			late := 0
			for _, e := range entries {
				n := added.Numbers[e.Number[3:]].Dialled
				if got := r.x.Report().Numbers[e.Number[3:]].Dialled; n == 0 && got > 0 {
					late++ // it was written down as sent at the moment of the entry: at most a tenth of a second's worth
				} else if n == 0 {
					skipped[e.Number] = true
				}
			}
			if late > sendAhead {
				t.Errorf("%d numbers were dialled after they came onto the blacklist", late)
			}
			t.Logf("%d blacklisted in time, %d were on the wire", len(skipped), late)
			r.audit(func(w *terms) { w.skipped = skipped })
		})
	}
}

// sendAhead is how many calls may be on their way to the wire at any moment: a tenth of a second's worth.
const sendAhead = 6
