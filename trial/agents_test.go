package trial

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/town"
)

// phones are all registered.
func (r *rig) phones(context.Context) (map[string]models.PhoneState, error) {
	all := map[string]models.PhoneState{}
	for i := range r.agents {
		all[fmt.Sprint(1001+i)] = models.PhoneState{Registered: true, PingMS: 5}
	}
	return all, nil
}

func reach(n int, how models.Reach) []models.Agent {
	out := make([]models.Agent, n)
	for i := range out {
		out[i] = models.Agent{Reach: how, Recording: true}
	}
	return out
}

// signIn signs every agent in and waits until calls can be given to them.
func (r *rig) signIn() {
	r.t.Helper()
	for _, a := range r.agents {
		eventually(r.t, 20*time.Second, "the agent signed in", func() bool {
			return r.ctl.SignIn(r.t.Context(), a.ID, []int64{r.queue.ID}) == nil
		}, r.desk)
	}
	eventually(r.t, 20*time.Second, "everybody idle, with the phone's leg up where it stays", func() bool {
		for _, a := range r.now().Agents {
			if a.State != models.AgentIdle {
				return false
			}
			if r.agents[0].Reach == models.ReachNailedUp && !a.Leg {
				return false
			}
		}
		return true
	}, r.desk)
}

func (r *rig) now() models.DeskNow {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	v, err := r.ctl.DeskNow(ctx)
	if err != nil {
		r.t.Errorf("desk: %v", err)
	}
	return v
}

func (r *rig) desk() string { return fmt.Sprintf("%+v", r.now()) }

// pressing is a town where everybody answers and presses 1.
func pressing(c *simulator.Config) {
	answering(c)
	c.Town.KeyProbability, c.Town.Keys = 1, map[string]float64{"1": 1}
	c.Town.Patience = town.Distribution{Kind: town.Uniform, Min: 60, Max: 90}
}

// A mass call whose callees press 1: each is bridged to an agent, the ledger says to whom, and nobody is left in a call.
func TestKeyLeadsToAgent(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]setup{
		"nailed_up":   {agents: reach(5, models.ReachNailedUp)},
		"auto_answer": {agents: reach(5, models.ReachAutoAnswer)},
		"ring":        {agents: reach(5, models.ReachRing), queue: func(q *models.Queue) { q.Strategy = models.StrategyMemory }},
		"ring_all":    {agents: reach(3, models.ReachRing), queue: func(q *models.Queue) { q.Strategy = models.StrategyRingAll }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.speed, o.list, o.sw = 2, numbers(4100, 30), pressing
			r := newRig(t, storetest.SQLiteConfig(t), o)
			r.signIn()
			r.start()
			r.finish(patience)
			r.served(t, len(r.list)*9/10)
			r.audit(nil)
		})
	}
}

// served holds what the ledger says about agents against itself: at least n calls talked with an agent, whom the queue has,
// and afterwards everybody is idle again.
func (r *rig) served(t *testing.T, n int) {
	t.Helper()
	eventually(t, 20*time.Second, "everybody idle", func() bool {
		for _, a := range r.now().Agents {
			if a.State != models.AgentIdle {
				return false
			}
		}
		return true
	}, r.desk)
	byAgent := map[int64]int{}
	all, err := r.store.Attempts(t.Context(), r.camp.ID, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	talked := 0
	for _, a := range all {
		if a.Sub != models.SubAgent {
			continue
		}
		talked++
		byAgent[a.AgentID]++
		if a.QueueID != r.queue.ID || a.QueuedAt == nil || a.BridgedAt == nil || a.BridgedAt.Before(*a.QueuedAt) || a.AgentMS <= 0 {
			t.Errorf("call %s talked with an agent: %+v", a.ID, a.Service)
		}
	}
	if talked < n {
		subs := map[models.Sub]int{}
		for _, a := range all {
			subs[a.Sub]++
		}
		t.Errorf("%d calls talked with an agent, want %d of %d: %v", talked, n, len(all), subs)
	}
	if talked >= 5*len(r.agents) && len(byAgent) != len(r.agents) && r.queue.Strategy != models.StrategyRingAll {
		t.Errorf("%d of %d agents had calls: %v", len(byAgent), len(r.agents), byAgent)
	}
}

// Straight to agents: as many calls as agents are idle, each answer is bridged to the one who was kept for it.
func TestDirectAgent(t *testing.T) {
	t.Parallel()
	for name, db := range map[string]func(*testing.T) store.Config{
		"sqlite": func(t *testing.T) store.Config { return storetest.SQLiteConfig(t) }, "mariadb": func(t *testing.T) store.Config { return storetest.MariaDBConfig(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, db(t), setup{
				speed: 2, list: numbers(5100, 40), agents: reach(4, models.ReachNailedUp),
				campaign: func(c *models.Campaign) { c.Mode, c.AgentKey, c.VoiceFileID = models.ModeDirectAgent, "", 0 },
			})
			r.signIn()
			r.start()
			r.finish(patience)
			if peak := r.x.Report().Totals.PeakCalls; peak > len(r.agents) {
				t.Errorf("%d calls at once for %d agents", peak, len(r.agents))
			}
			r.served(t, 10)
			r.audit(nil)
		})
	}
}

// The daemon ends in the middle of talks, which go on without it. The next one finds who talks with whom, gives nobody a second
// call meanwhile, and every agent comes back when his call ends.
func TestRestartMidTalk(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]models.Reach{"nailed_up": models.ReachNailedUp, "auto_answer": models.ReachAutoAnswer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := setup{speed: 2, list: numbers(6100, 12), agents: reach(4, how), drain: time.Millisecond, sw: func(c *simulator.Config) {
				pressing(c)
				c.Town.TalkTime = town.Distribution{Kind: town.Uniform, Min: 14, Max: 20}
				c.Town.Patience = town.Distribution{Kind: town.Uniform, Min: 600, Max: 900}
			}, queue: func(q *models.Queue) { q.MaxWaitSeconds = 300 }}
			r := newRig(t, storetest.SQLiteConfig(t), o)
			r.signIn()
			r.start()
			talking := func() map[int64]string {
				with := map[int64]string{}
				for _, a := range r.now().Agents {
					if a.State == models.AgentTalking {
						with[a.AgentID] = a.CallID
					}
				}
				return with
			}
			eventually(t, 20*time.Second, "everybody talking", func() bool { return len(talking()) == len(r.agents) }, r.desk)
			before := talking()
			r.stop()
			r.daemon(o)
			after := map[int64]string{}
			eventually(t, 20*time.Second, "the floor taken over", func() bool {
				after = talking()
				return len(after) > 0
			}, r.desk)
			for id, call := range after {
				if before[id] != call {
					t.Errorf("agent %d talked in call %s and is said to talk in %s", id, before[id], call)
				}
			}
			if len(after) != len(before) {
				t.Errorf("%d agents talk after the restart, %d before", len(after), len(before))
			}
			r.finish(patience)
			r.served(t, 10)
			r.audit(nil)
			for id, call := range before {
				legs, err := r.store.Legs(t.Context(), call)
				legs = slices.DeleteFunc(legs, func(l models.Leg) bool { return l.Kind != models.LegAgent })
				if err != nil || len(legs) != 1 || legs[0].AgentID != id || legs[0].EndedAt == nil || legs[0].Cause == "" {
					t.Errorf("agent %d's leg in a call over a restart: %+v, %v", id, legs, err)
				}
			}
		})
	}
}

// The daemon dies when it has heard of talks and before it has saved them: the database says that phones ring. The next one
// asks the switch who talks with whom before it decides about their legs: nobody is cut off.
func TestRestartBeforeTalksAreSaved(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]models.Reach{"nailed_up": models.ReachNailedUp, "ring": models.ReachRing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := setup{speed: 2, list: numbers(6300, 5), agents: reach(3, how), drain: time.Millisecond, sw: func(c *simulator.Config) {
				pressing(c)
				c.Town.TalkTime = town.Distribution{Kind: town.Uniform, Min: 20, Max: 25}
				c.Town.Patience = town.Distribution{Kind: town.Uniform, Min: 600, Max: 900}
			}, queue: func(q *models.Queue) { q.MaxWaitSeconds = 300 }}
			r := newRig(t, storetest.SQLiteConfig(t), o)
			r.signIn()
			r.start()
			talking := func() map[int64]string {
				with := map[int64]string{}
				for _, a := range r.now().Agents {
					if a.State == models.AgentTalking {
						with[a.AgentID] = a.CallID
					}
				}
				return with
			}
			eventually(t, 20*time.Second, "everybody talking", func() bool { return len(talking()) == len(r.agents) }, r.desk)
			before := talking()
			r.stop()
			r.forget(before)
			r.daemon(o)
			eventually(t, 20*time.Second, "the talks found", func() bool { return maps.Equal(talking(), before) }, r.desk)
			r.finish(patience)
			for _, call := range before {
				a, err := r.store.Attempt(t.Context(), call)
				if err != nil || a.AgentMS < 3000 {
					t.Errorf("a talk that lasts 20 s and more was cut: %d ms after the restart, %s, %v", a.AgentMS, a.Cause, err)
				}
			}
		})
	}
}

// forget takes out of the database that agents talk: it says that their phones ring, each for his call.
func (r *rig) forget(talks map[int64]string) {
	r.t.Helper()
	lease, got, err := r.store.AcquireLease(r.t.Context(), "forgetting", time.Minute)
	if err != nil || !got {
		r.t.Fatalf("no lease: %v", err)
	}
	all, err := r.store.AgentSessions(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	v := models.Seats{Served: map[string]models.Service{}}
	for _, s := range all {
		s.State = models.AgentRinging
		v.Sessions = append(v.Sessions, s)
		v.Served[talks[s.AgentID]] = models.Service{QueueID: r.queue.ID, QueuedAt: &s.Since}
	}
	if err := r.store.SaveSeats(r.t.Context(), lease.Epoch, v); err != nil {
		r.t.Fatal(err)
	}
	if err := r.store.ReleaseLease(r.t.Context(), lease); err != nil {
		r.t.Fatal(err)
	}
}

// The switch restarts in the middle of talks: every call is closed, every agent idle again, connected legs come back, and the
// rest of the list is served.
func TestSwitchRestartsMidTalk(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 2, list: numbers(7100, 24), agents: reach(4, models.ReachNailedUp), sw: pressing})
	r.signIn()
	r.start()
	for range 2 {
		eventually(t, 20*time.Second, "somebody talking", func() bool {
			for _, a := range r.now().Agents {
				if a.State == models.AgentTalking {
					return true
				}
			}
			return r.finished()
		}, r.desk)
		r.x.Restart(true)
	}
	r.finish(patience)
	r.served(t, 3)
	r.audit(func(w *terms) { w.exact, w.within = false, time.Minute })
}

// F-08, F-09: events are dropped, doubled, late, shuffled. Calls reach agents all the same, and nobody is left in a call.
func TestAgentsWhenEventsGoAstray(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"dropped": {Drop: 0.05}, "doubled": {Double: 0.5}, "late": {Delay: 0.2, DelayBy: time.Second}, "shuffled": {Shuffle: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 3, list: numbers(8100, 24), agents: reach(4, models.ReachNailedUp), sw: pressing})
			r.signIn()
			if err := r.x.SetFaults(simulator.Faults{Default: fault}); err != nil {
				t.Fatal(err)
			}
			r.start()
			r.finish(patience)
			r.served(t, 10)
			r.audit(func(w *terms) { w.exact, w.within = false, 2*time.Minute })
		})
	}
}

// route leads a number somewhere.
func (r *rig) route(dnis string, to models.RouteTarget) {
	r.t.Helper()
	v := models.InboundRoute{OrganizationID: r.camp.OrganizationID, Name: "hotline " + dnis, Number: dnis, Zone: "Asia/Shanghai",
		Target: to, Closed: models.RouteTarget{Kind: models.RouteHangUp}}
	if err := r.store.CreateInboundRoute(context.Background(), &v); err != nil {
		r.t.Fatal(err)
	}
}

// Somebody calls in: the route's queue gives the call to an agent; a second call of the same number goes to the agent who
// talked with it last (优先客服, S1-46); a number on the blacklist is turned away before it is answered.
func TestCallsThatComeIn(t *testing.T) {
	t.Parallel()
	const dnis = "075588880000"
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 2, list: numbers(9100, 2), agents: reach(3, models.ReachNailedUp), sw: pressing, queue: func(q *models.Queue) { q.PreferLastAgent = true },
		ready: func(r *rig) { r.route(dnis, models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID}) },
	})
	r.signIn()
	came := func(from string) models.Attempt {
		return r.over(r.x.CallIn(gateway, dnis, from))
	}
	first := came("13900000611")
	if first.OrganizationID != r.camp.OrganizationID {
		t.Errorf("the call belongs to organization %d", first.OrganizationID)
	}
	if first.Kind != models.KindInbound || first.Sub != models.SubAgent || first.AgentID == 0 || first.Number != "+8613900000611" || first.Dialled != dnis || first.QueueID != r.queue.ID {
		t.Errorf("the first call: %+v", first)
	}
	came("13900000613") // somebody else, so that the longest idle is another agent
	if again := came("13900000611"); again.AgentID != first.AgentID {
		t.Errorf("the caller talked with agent %d first and with %d now", first.AgentID, again.AgentID)
	}
	if _, err := r.store.AddBlacklist(t.Context(), []models.BlacklistEntry{{OrganizationID: r.camp.OrganizationID, Number: "+8613900000617", Source: "manual", CreatedAt: r.clk.Now()}}); err != nil {
		t.Fatal(err)
	}
	if a := came("13900000617"); a.AgentID != 0 || a.Cause != "CALL_REJECTED" {
		t.Errorf("a caller on the blacklist: %s, agent %d", a.Cause, a.AgentID)
	}
}

// Somebody calls in while no daemon runs: the next one finds him waiting, gives him to an agent and writes the call down.
func TestCallThatCameInUnheard(t *testing.T) {
	t.Parallel()
	const dnis = "075588880000"
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 2, list: numbers(9120, 2), agents: reach(1, models.ReachNailedUp), sw: pressing, drain: time.Millisecond,
		ready: func(r *rig) { r.route(dnis, models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID}) },
	})
	r.signIn()
	r.stop()
	id := r.x.CallIn(gateway, dnis, "13900000621")
	eventually(t, 20*time.Second, "the caller in the queue", func() bool {
		return slices.ContainsFunc(r.x.Snapshot().Channels, func(c simulator.Standing) bool { return c.UUID == id && strings.Contains(c.Data, "file_string://") })
	})
	r.daemon(setup{speed: 2})
	if a := r.over(id); a.AgentID != r.agents[0].ID || a.Sub != models.SubAgent || a.Number != "+8613900000621" || a.QueueID != r.queue.ID || a.AnsweredAt == nil {
		t.Errorf("the call that nobody heard come: %+v", a)
	}
}
