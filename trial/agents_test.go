package trial

import (
	"context"
	"fmt"
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
	if len(byAgent) != len(r.agents) && r.queue.Strategy != models.StrategyRingAll {
		t.Errorf("%d of %d agents had calls: %v", len(byAgent), len(r.agents), byAgent)
	}
}

// Straight to agents: as many calls as agents are idle, each answer is bridged to the one who was kept for it.
func TestDirectAgent(t *testing.T) {
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
