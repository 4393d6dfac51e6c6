package trial

import (
	"context"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/town"
)

// hotline is the number that leads to the rig's queue.
const hotline = "075588880003"

// staffed is a rig whose two agents are rung, with phones of their own at the switch. Callers wait long and talk a little.
func staffed(t *testing.T, phone simulator.Phone, more func(*setup)) *rig {
	t.Helper()
	o := setup{
		speed: 10, list: numbers(9500, 1), agents: reach(2, models.ReachRing), registrar: true,
		sw: func(c *simulator.Config) {
			answering(c)
			c.Town.KeyProbability = 0
			c.Town.Patience = town.Distribution{Kind: town.Uniform, Min: 300, Max: 400}
			c.Town.TalkTime = town.Distribution{Kind: town.Uniform, Min: 100, Max: 120}
		},
		queue: func(q *models.Queue) { q.RingSeconds, q.MaxMissed, q.MaxWaitSeconds = 6, 2, 90 },
		ready: func(r *rig) { r.route(hotline, models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID}) },
	}
	if more != nil {
		more(&o)
	}
	r := newRig(t, storetest.SQLiteConfig(t), o)
	phone.Extension, phone.Domain = "1001", "waihu.test"
	r.x.Register(phone, simulator.Phone{Extension: "1002", Domain: "waihu.test"})
	r.published()
	return r
}

// registered are the phones that the switch has, as the program asks for them.
func (r *rig) registered(ctx context.Context) (map[string]models.PhoneState, error) {
	list, err := r.client.Registrations(ctx, simulator.AgentProfile)
	all := map[string]models.PhoneState{}
	for _, p := range list {
		all[p.User] = models.PhoneState{Registered: true, PingMS: 8}
	}
	return all, err
}

// agent is how the n-th agent stands.
func (r *rig) agent(n int) models.AgentNow {
	for _, a := range r.now().Agents {
		if a.AgentID == r.agents[n].ID {
			return a
		}
	}
	return models.AgentNow{}
}

// serves lets somebody call in and holds who served him; the call is over then.
func (r *rig) serves(caller string, agent int) {
	r.t.Helper()
	id := r.x.CallIn(gateway, hotline, caller)
	eventually(r.t, 20*time.Second, "somebody served", func() bool { return r.agent(agent).State == models.AgentTalking }, r.desk)
	if err := r.ctl.HangUp(r.t.Context(), id); err != nil {
		r.t.Fatal(err)
	}
	if a := r.over(id); a.AgentID != r.agents[agent].ID || a.Sub != models.SubAgent {
		r.t.Errorf("the call of %s: agent %d, %s", caller, a.AgentID, a.Sub)
	}
}

// states are what an agent went through, as it is stored.
func (r *rig) states(agent int) []models.StateChange {
	r.t.Helper()
	all, err := r.store.StateChanges(r.t.Context(), r.camp.OrganizationID, r.agents[agent].ID, r.clk.Now().Add(-time.Hour), r.clk.Now().Add(time.Hour))
	if err != nil || len(all) == 0 {
		r.t.Fatalf("%d states of the agent, %v", len(all), err)
	}
	return all
}

// A phone that is busy, declines or is not answered: the caller goes to the next agent, and after two offers in a row its
// agent is set busy, with the reason. He comes back when he says so.
func TestPhonesThatTakeNoCall(t *testing.T) {
	t.Parallel()
	for name, phone := range map[string]simulator.Phone{
		"busy": {Refuses: 486}, "declines": {Refuses: 603, Ring: time.Second}, "unheeded": {Unheeded: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := staffed(t, phone, nil)
			r.signIn()
			r.serves("13900000721", 1)
			if a := r.agent(0); a.State != models.AgentIdle || a.Missed != 1 {
				t.Errorf("after one offer: %s, %d missed", a.State, a.Missed)
			}
			r.serves("13900000723", 1)
			if a := r.agent(0); a.State != models.AgentBusy || a.Reason != models.BusyMissed {
				t.Errorf("after two offers: %s, %q", a.State, a.Reason)
			}
			var stored []models.StateChange
			eventually(t, 5*time.Second, "the reason stored", func() bool {
				stored = r.states(0)
				last := stored[len(stored)-1]
				return last.State == models.AgentBusy && last.Reason == models.BusyMissed && last.Cause == "missed"
			}, r.desk)
			rung := 0
			for _, s := range stored {
				if s.State == models.AgentRinging {
					rung++
				}
			}
			if rung != 2 {
				t.Errorf("rung %d times: %+v", rung, stored)
			}
			r.x.Register(simulator.Phone{Extension: "1001", Domain: "waihu.test"})
			if err := r.ctl.SetIdle(t.Context(), r.agents[0].ID, false); err != nil {
				t.Fatal(err)
			}
			r.serves("13900000727", 0)
		})
	}
}

// A phone whose registration runs out: its agent is set busy for that and is offered nothing; he comes back with his phone.
func TestPhoneExpires(t *testing.T) {
	t.Parallel()
	r := staffed(t, simulator.Phone{Expires: time.Second}, nil)
	r.signIn()
	eventually(t, 20*time.Second, "the registration forgotten", func() bool { a := r.agent(0); return a.State == models.AgentBusy && a.Reason == models.BusyPhone }, r.desk)
	r.serves("13900000731", 1)
	r.serves("13900000733", 1)
	for _, s := range r.states(0) {
		if s.State == models.AgentRinging {
			t.Errorf("offered a call at %v without a phone", s.At)
		}
	}
	r.x.Register(simulator.Phone{Extension: "1001", Domain: "waihu.test"})
	eventually(t, 10*time.Second, "the agent idle with his phone", func() bool { return r.agent(0).State == models.AgentIdle }, r.desk)
	r.serves("13900000737", 0)
}

// An agent on an outside phone accepts by pressing 1; a mailbox that answers it is given no caller.
func TestOutsideAgentConfirms(t *testing.T) {
	t.Parallel()
	mobile := func(keys float64) func(*setup) {
		return func(o *setup) {
			sw := o.sw
			o.sw = func(c *simulator.Config) {
				sw(c)
				c.Town.KeyProbability, c.Town.Keys = keys, map[string]float64{"1": 1}
			}
			queue := o.queue
			o.queue = func(q *models.Queue) { queue(q); q.MobileAgents = true }
			o.agents[0].ExternalNumber = "+8613900000741"
		}
	}
	t.Run("presses 1", func(t *testing.T) {
		t.Parallel()
		r := staffed(t, simulator.Phone{}, mobile(1))
		r.signIn()
		r.serves("13900000743", 0)
	})
	t.Run("a mailbox", func(t *testing.T) {
		t.Parallel()
		r := staffed(t, simulator.Phone{}, mobile(0))
		r.signIn()
		r.serves("13900000747", 1)
		if a := r.agent(0); a.Missed != 1 {
			t.Errorf("the agent whose mailbox answered missed %d", a.Missed)
		}
		if n := r.x.Report().Numbers["13900000741"]; n.Answered != 1 {
			t.Errorf("the outside phone was answered %d times, dialled %d", n.Answered, n.Dialled)
		}
	})
}

// An agent mutes himself on a phone that stays connected: the switch is told, the desk shows it, and with the call's end he is
// heard again. A daemon that takes over in the middle lets him be heard, and shows that.
func TestMute(t *testing.T) {
	t.Parallel()
	var o setup
	r := staffed(t, simulator.Phone{}, func(s *setup) {
		s.agents, s.drain = reach(2, models.ReachNailedUp), time.Millisecond
		o = *s
	})
	r.signIn()
	if err := r.ctl.Mute(t.Context(), r.agents[0].ID, true); err == nil {
		t.Error("muted without a call")
	}
	muted := func() int { return len(r.x.Report().Muted) }
	id := r.x.CallIn(gateway, hotline, "13900000761")
	eventually(t, 20*time.Second, "somebody served", func() bool { return r.agent(0).State == models.AgentTalking }, r.desk)
	mute := func(on bool) {
		t.Helper()
		if err := r.ctl.Mute(t.Context(), r.agents[0].ID, on); err != nil {
			t.Fatal(err)
		}
		want := map[bool]int{true: 1}[on]
		eventually(t, 5*time.Second, "the switch told", func() bool { return muted() == want && r.agent(0).Muted == on }, r.desk)
	}
	mute(true)
	mute(false)
	mute(true)
	r.stop()
	r.daemon(o)
	eventually(t, 20*time.Second, "heard again after the take-over", func() bool {
		return r.agent(0).State == models.AgentTalking && !r.agent(0).Muted && muted() == 0
	}, r.desk)
	mute(true)
	if err := r.ctl.HangUp(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r.over(id)
	eventually(t, 5*time.Second, "heard again after the call", func() bool { return muted() == 0 && !r.agent(0).Muted }, r.desk)
}
