package trial

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/town"
)

// Somebody calls in and leaves a message, in a flow or in the voicemail of a queue that nobody serves: the steps of the flow
// are stored with their times, and the file is there, as long as it was spoken.
func TestMessagesAreLeft(t *testing.T) {
	t.Parallel()
	const forFlow, forQueue = "075588880001", "075588880002"
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 10, list: numbers(9300, 1), agents: reach(1, models.ReachRing),
		sw: func(c *simulator.Config) {
			answering(c)
			c.Recordings = true
			long := town.Distribution{Kind: town.Uniform, Min: 60, Max: 90}
			c.Town.TalkTime, c.Town.Patience = long, long
		},
		queue: func(q *models.Queue) {
			q.MaxWaitSeconds, q.Overflow = 5, models.Overflow{Kind: models.OverflowVoicemail}
		},
		ready: func(r *rig) {
			f := models.IVRFlow{OrganizationID: r.camp.OrganizationID, Name: "留言", Nodes: []models.FlowNode{
				{ID: "hello", Kind: models.NodePlay, VoiceFileID: r.camp.VoiceFileID, Next: "speak"},
				{ID: "speak", Kind: models.NodeRecord, Seconds: 3, Next: "bye"},
				{ID: "bye", Kind: models.NodeHangUp},
			}}
			if err := r.store.CreateFlow(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			r.route(forFlow, models.RouteTarget{Kind: models.RouteFlow, FlowID: f.ID})
			r.route(forQueue, models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID})
		},
	})
	r.published()

	id := r.x.CallIn(gateway, forFlow, "13900000711")
	r.over(id)
	var steps []string
	eventually(t, 10*time.Second, "the steps of the flow", func() bool {
		all, err := r.store.FlowSteps(t.Context(), id)
		steps = nil
		for i, s := range all {
			if i > 0 && s.At.Before(all[i-1].At) {
				t.Errorf("step %s at %v, after %v", s.Step, s.At, all[i-1].At)
			}
			steps = append(steps, s.Node+" "+s.Step)
		}
		return err == nil && len(all) >= 5
	}, r.desk)
	if want := []string{"hello ivr_play", "speak ivr_record", "speak ivr_record", "speak ivr_record_end", "bye ivr_hang_up"}; !slices.Equal(steps, want) {
		t.Errorf("steps %q, want %q", steps, want)
	}
	r.spoken(id+"_speak.wav", 3*time.Second)
	r.noted(id+"_speak", func(m models.Message) bool { return m.FlowID != 0 && m.Node == "speak" && m.QueueID == 0 })

	id = r.x.CallIn(gateway, forQueue, "13900000713")
	a := r.over(id)
	if a.AgentID != 0 || a.QueueID != r.queue.ID || a.AbandonedBy != "overflow" {
		t.Errorf("the call that went to the voicemail: agent %d, queue %d, abandoned by %q", a.AgentID, a.QueueID, a.AbandonedBy)
	}
	r.spoken(id+".wav", 10*time.Second)
	r.noted(id, func(m models.Message) bool { return m.FlowID == 0 && m.QueueID == r.queue.ID })
}

// A message that is left while no daemon runs is found by the next one.
func TestMessagesAreFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 10, list: numbers(9400, 1), agents: reach(1, models.ReachRing),
		sw: func(c *simulator.Config) {
			answering(c)
			c.Recordings = true
			c.Town.Patience = town.Distribution{Kind: town.Fixed, Mean: 40}
		},
		queue: func(q *models.Queue) {
			q.MaxWaitSeconds, q.Overflow = 5, models.Overflow{Kind: models.OverflowVoicemail}
		},
		drain: time.Millisecond,
		ready: func(r *rig) {
			r.route("075588880003", models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID})
		},
	})
	r.published()
	id := r.x.CallIn(gateway, "075588880003", "13900000721")
	eventually(t, 20*time.Second, "the caller in the voicemail", func() bool {
		return slices.ContainsFunc(r.x.Snapshot().Channels, func(c simulator.Standing) bool {
			return c.UUID == id && strings.Contains(c.Data, "silence_stream://180000")
		})
	}, r.desk)
	r.stop()
	eventually(t, 20*time.Second, "the caller's end", func() bool { return r.x.busy() == 0 })
	r.spoken(id+".wav", 20*time.Second)
	if _, err := r.store.Message(t.Context(), id); !models.IsKind(err, models.NotFound) {
		t.Fatalf("known before anybody looked: %v", err)
	}
	r.daemon(setup{speed: 10, files: true})
	r.noted(id, func(m models.Message) bool { return m.QueueID == r.queue.ID })
}

// A message of somebody who called while no daemon ran at all is found with its call, of which nothing but the switch's record tells.
func TestMessagesOfCallsUnheard(t *testing.T) {
	t.Parallel()
	const forFlow, forQueue = "075588880006", "075588880007"
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 10, list: numbers(9500, 1), agents: reach(1, models.ReachRing),
		sw: func(c *simulator.Config) {
			answering(c)
			c.Recordings = true
			c.Town.Patience = town.Distribution{Kind: town.Fixed, Mean: 40}
		},
		queue: func(q *models.Queue) {
			q.MaxWaitSeconds, q.Overflow = 5, models.Overflow{Kind: models.OverflowVoicemail}
		},
		drain: time.Millisecond,
		ready: func(r *rig) {
			f := models.IVRFlow{OrganizationID: r.camp.OrganizationID, Name: "留言", Nodes: []models.FlowNode{{ID: "speak", Kind: models.NodeRecord, Seconds: 30}}}
			if err := r.store.CreateFlow(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			r.route(forFlow, models.RouteTarget{Kind: models.RouteFlow, FlowID: f.ID})
			r.route(forQueue, models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID})
		},
	})
	r.published()
	r.stop()
	inFlow, inQueue := r.x.CallIn(gateway, forFlow, "13900000731"), r.x.CallIn(gateway, forQueue, "13900000733")
	eventually(t, 20*time.Second, "the callers' end", func() bool { return r.x.busy() == 0 })
	r.daemon(setup{speed: 10, files: true})
	r.noted(inFlow+"_speak", func(m models.Message) bool { return m.FlowID != 0 && m.Number == "+8613900000731" })
	r.noted(inQueue, func(m models.Message) bool { return m.QueueID == r.queue.ID && m.Number == "+8613900000733" })
	if a := r.over(inQueue); a.Kind != models.KindInbound || a.Dialled != forQueue || a.Cause != "NORMAL_CLEARING" || a.AnsweredAt == nil || a.OrganizationID != r.camp.OrganizationID {
		t.Errorf("the call of which the record tells: %+v", a)
	}
}

// A message whose end was not heard, because the event socket was cut, is found once it is back: not with the next search only.
func TestMessagesAreFoundAfterACut(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 10, list: numbers(9800, 1), agents: reach(1, models.ReachRing), files: true,
		sw: func(c *simulator.Config) {
			answering(c)
			c.Recordings = true
			c.Town.Patience = town.Distribution{Kind: town.Fixed, Mean: 40}
		},
		queue: func(q *models.Queue) {
			q.MaxWaitSeconds, q.Overflow = 5, models.Overflow{Kind: models.OverflowVoicemail}
		},
		ready: func(r *rig) {
			r.route("075588880008", models.RouteTarget{Kind: models.RouteQueue, QueueID: r.queue.ID})
		},
	})
	r.published()
	lost := simulator.Faults{ByEvent: map[string]simulator.Fault{"RECORD_STOP": {Drop: 1}}}
	if err := r.x.SetFaults(lost); err != nil { // what a cut loses, without the luck of its moment
		t.Fatal(err)
	}
	id := r.x.CallIn(gateway, "075588880008", "13900000741")
	r.over(id)
	r.spoken(id+".wav", 20*time.Second)
	if _, err := r.store.Message(t.Context(), id); !models.IsKind(err, models.NotFound) {
		t.Fatalf("known although its end was not told: %v", err)
	}
	r.x.Cut()
	r.noted(id, func(m models.Message) bool { return m.QueueID == r.queue.ID })
}

// noted waits until a message is written down as it was left.
func (r *rig) noted(id string, where func(models.Message) bool) {
	r.t.Helper()
	var m models.Message
	eventually(r.t, 20*time.Second, "message "+id, func() (known bool) {
		var err error
		m, err = r.store.Message(r.t.Context(), id)
		return err == nil
	}, r.desk)
	info, err := os.Stat(filepath.Join(r.x.sounds, filepath.FromSlash(m.Path)))
	if err != nil {
		r.t.Fatal(err)
	}
	if ms := (info.Size() - 44) / 16; !where(m) || max(m.DurationMS-ms, ms-m.DurationMS) > 100 || m.Number == "" || m.OrganizationID != r.camp.OrganizationID {
		r.t.Errorf("the message of %d ms is noted as %+v", ms, m)
	}
}

// A call that comes in belongs to the organization of the number that was called, whoever has the first queue: its blacklist
// counts, and the call is its own in the ledger.
func TestCallsBelongToTheirRoute(t *testing.T) {
	t.Parallel()
	const dnis, unknown, caller = "075588880004", "075588880005", "13900000751"
	other := models.Organization{Name: "another"}
	r := newRig(t, storetest.SQLiteConfig(t), setup{
		speed: 10, list: numbers(9700, 1), agents: reach(1, models.ReachRing),
		sw: func(c *simulator.Config) {
			answering(c)
			c.Town.TalkTime, c.Town.Patience = town.Distribution{Kind: town.Fixed, Mean: 90}, town.Distribution{Kind: town.Fixed, Mean: 90}
		},
		ready: func(r *rig) {
			if err := r.store.CreateOrganization(t.Context(), &other); err != nil {
				t.Fatal(err)
			}
			long := models.IVRFlow{OrganizationID: other.ID, Name: "long", Nodes: []models.FlowNode{ // a call that is over at once is not rejected: it takes a moment to look the caller up
				{ID: "speak", Kind: models.NodeRecord, Seconds: 30, Next: "bye"}, {ID: "bye", Kind: models.NodeHangUp},
			}}
			if err := r.store.CreateFlow(t.Context(), &long); err != nil {
				t.Fatal(err)
			}
			v := models.InboundRoute{OrganizationID: other.ID, Name: "theirs", Number: dnis, Zone: "Asia/Shanghai",
				Target: models.RouteTarget{Kind: models.RouteFlow, FlowID: long.ID}, Closed: models.RouteTarget{Kind: models.RouteHangUp}}
			if err := r.store.CreateInboundRoute(t.Context(), &v); err != nil {
				t.Fatal(err)
			}
			ours := []models.BlacklistEntry{{OrganizationID: r.camp.OrganizationID, Number: "+86" + caller, Source: "manual", CreatedAt: r.clk.Now()}}
			if _, err := r.store.AddBlacklist(t.Context(), ours); err != nil {
				t.Fatal(err)
			}
		},
	})
	r.published()
	if a := r.over(r.x.CallIn(gateway, dnis, caller)); a.OrganizationID != other.ID || a.Cause == "CALL_REJECTED" {
		t.Errorf("the call to organization %d: of %d, %s", other.ID, a.OrganizationID, a.Cause)
	}
	if a := r.over(r.x.CallIn(gateway, unknown, caller)); a.OrganizationID != 0 {
		t.Errorf("the call to a number without a route: of organization %d, %s", a.OrganizationID, a.Cause)
	}
	theirs := []models.BlacklistEntry{{OrganizationID: other.ID, Number: "+86" + caller, Source: "manual", CreatedAt: r.clk.Now()}}
	if _, err := r.store.AddBlacklist(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	if a := r.over(r.x.CallIn(gateway, dnis, caller)); a.Cause != "CALL_REJECTED" {
		t.Errorf("a caller on their blacklist: %s", a.Cause)
	}
}

// published waits until the switch has the dialplan: before that it knows no number.
func (r *rig) published() {
	r.t.Helper()
	eventually(r.t, 20*time.Second, "the dialplan published", func() bool {
		v, err := r.ctl.View(r.t.Context())
		return err == nil && v.Gate == models.GateOpen
	}, r.floor)
}

// over waits until a call that came in is over and written down.
func (r *rig) over(id string) models.Attempt {
	r.t.Helper()
	var a models.Attempt
	eventually(r.t, 40*time.Second, "the end of the call that came in", func() bool {
		var err error
		a, err = r.store.Attempt(r.t.Context(), id)
		return err == nil && a.State == models.AttemptEnded
	}, r.desk)
	return a
}

// spoken looks at the file of a message: WAV, 8 kHz, 16 bit.
func (r *rig) spoken(name string, least time.Duration) {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.x.sounds, "messages", name))
	if err != nil || len(b) < 44 || string(b[:4]) != "RIFF" {
		r.t.Errorf("message %s: %d bytes, %v", name, len(b), err)
		return
	}
	if d := time.Duration(len(b)-44) * time.Second / 16000; d < least-200*time.Millisecond {
		r.t.Errorf("message %s lasts %v, want %v", name, d, least)
	}
}
