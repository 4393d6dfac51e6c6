package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// talk is a write of the floor, and who is talking with whom once it is done: call → agent.
type talk struct {
	name  string
	write func(ctx context.Context, s *store.Store, epoch int64) error
	after map[string]int64
}

// tale is what the floor writes about two calls: one that came in, is held, and goes on to a third agent after a consultation,
// and one that was dialled.
type tale struct {
	came, dialled string
	finish        models.Finish // of dialled
	began         time.Time
	seconds       int
}

func (t *tale) now() time.Time {
	t.seconds++
	return t.began.Add(time.Duration(t.seconds) * time.Second)
}

func (t *tale) seat(agent int64, state models.AgentState, call string) models.Seats {
	leg := ""
	if call != "" {
		leg = phoneOf(agent)
	}
	now := t.now()
	return models.Seats{
		Changes:  []models.StateChange{{AgentID: agent, At: now, State: state, Cause: "test", CallID: call}},
		Sessions: []models.AgentSession{{AgentID: agent, State: state, Since: now, Queues: []int64{5}, Leg: leg, CallID: call}},
	}
}

func phoneOf(agent int64) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", agent) }

func (t *tale) leg(agent int64, call string, kind models.LegKind, over bool) models.Leg {
	l := models.Leg{ID: uuid.NewSHA1(uuid.Nil, []byte(fmt.Sprint(agent, call, kind))).String(), CallID: call, Kind: kind, AgentID: agent, StartedAt: t.began}
	if over {
		end := t.now()
		l.EndedAt = &end
	}
	return l
}

// talks is the floor's word that an agent and a customer hear each other.
func (t *tale) talks(agent int64, call string) models.Seats {
	v := t.seat(agent, models.AgentTalking, call)
	at := t.now()
	v.Served = map[string]models.Service{call: {QueueID: 5, AgentID: agent, BridgedAt: &at}}
	v.Legs = []models.Leg{t.leg(agent, call, models.LegAgent, false)}
	return v
}

func both(vs ...models.Seats) (out models.Seats) {
	out.Served = map[string]models.Service{}
	for _, v := range vs {
		maps.Copy(out.Served, v.Served)
		out.Changes, out.Sessions, out.Legs = append(out.Changes, v.Changes...), append(out.Sessions, v.Sessions...), append(out.Legs, v.Legs...)
	}
	return out
}

func save(v models.Seats) func(ctx context.Context, s *store.Store, epoch int64) error {
	return func(ctx context.Context, s *store.Store, epoch int64) error { return s.SaveSeats(ctx, epoch, v) }
}

func (t *tale) writes() []talk {
	const one, two, three = 1, 2, 3
	over := t.seat(one, models.AgentWrapUp, "")
	over.Legs = []models.Leg{t.leg(one, t.came, models.LegAgent, true), t.leg(three, t.came, models.LegConsult, true)}
	asks := t.seat(three, models.AgentRinging, t.came)
	asks.Legs = []models.Leg{t.leg(three, t.came, models.LegConsult, false)}
	done := t.seat(two, models.AgentWrapUp, "")
	done.Legs = []models.Leg{t.leg(two, t.dialled, models.LegAgent, true)}
	first := map[string]int64{t.came: one}
	and := map[string]int64{t.came: one, t.dialled: two}
	handed := map[string]int64{t.came: three, t.dialled: two}
	return []talk{
		{"a call comes in", func(ctx context.Context, s *store.Store, epoch int64) error {
			return s.OpenInbound(ctx, epoch, noon, models.Attempt{ID: t.came, Kind: models.KindInbound, Number: number(1)})
		}, nil},
		{"agents sign in", save(both(t.seat(one, models.AgentIdle, ""), t.seat(two, models.AgentIdle, ""), t.seat(three, models.AgentIdle, ""))), nil},
		{"a phone rings", save(t.seat(one, models.AgentRinging, t.came)), nil},
		{"they talk", save(t.talks(one, t.came)), first},
		{"the other call is answered", func(ctx context.Context, s *store.Store, epoch int64) error {
			return s.MarkAnswered(ctx, epoch, map[string]time.Time{t.dialled: noon})
		}, first},
		{"a second agent talks", save(t.talks(two, t.dialled)), and},
		{"hold", save(t.seat(one, models.AgentHold, t.came)), and},
		{"a third is asked", save(asks), and},
		{"and takes over", save(both(over, t.talks(three, t.came))), handed},
		{"the dialled call is over", save(done), map[string]int64{t.came: three}},
		{"and closed", func(ctx context.Context, s *store.Store, epoch int64) error {
			return s.Finish(ctx, epoch, noon, []models.Finish{t.finish})
		}, map[string]int64{t.came: three}},
		{"the other one is closed while its agent's end is still unsaid", func(ctx context.Context, s *store.Store, epoch int64) error {
			return s.Finish(ctx, epoch, noon, []models.Finish{{AttemptID: t.came, Facts: models.Facts{Service: models.Service{AgentID: three}}}})
		}, nil},
	}
}

// heir is the process that comes after one that was killed.
type heir struct {
	*floor
	n int
}

// inherits takes the floor over and compares what is told about talks by attempts, sessions and legs, each of which has to say
// the same.
func (h *heir) inherits(after string, want map[string]int64) {
	h.t.Helper()
	h.must(h.ReleaseLease(h.ctx, models.Lease{Owner: fmt.Sprint("heir ", h.n), Epoch: h.epoch}))
	h.n++
	h.lease(fmt.Sprint("heir ", h.n))
	open, err := h.Adopt(h.ctx, h.epoch)
	h.must(err)
	legs, err := h.OpenLegs(h.ctx)
	h.must(err)
	sessions, err := h.AgentSessions(h.ctx)
	h.must(err)
	bySession, byLeg := map[string]int64{}, map[string]int64{}
	for _, o := range open {
		id := o.Attempt.ID
		for _, v := range sessions {
			if v.CallID == id && (v.State == models.AgentTalking || v.State == models.AgentHold) {
				if bySession[id] != 0 || v.Leg != phoneOf(v.AgentID) {
					h.t.Errorf("after %q: agents %d and %d in call %s, phone %q", after, bySession[id], v.AgentID, id, v.Leg)
				}
				bySession[id] = v.AgentID
			}
		}
		for _, l := range legs {
			if l.CallID == id && l.Kind == models.LegAgent {
				byLeg[id] = l.AgentID
			}
		}
		if agent := bySession[id]; agent != 0 && (o.Attempt.AgentID != agent || o.Attempt.BridgedAt == nil || o.Attempt.QueueID != 5) {
			h.t.Errorf("after %q: agent %d talks, the attempt has %+v", after, agent, o.Attempt.Service)
		}
	}
	if !maps.Equal(bySession, want) || !maps.Equal(byLeg, want) {
		h.t.Errorf("after %q: talking by sessions %v, by legs %v, want %v", after, bySession, byLeg, want)
	}
	if slices.ContainsFunc(legs, func(l models.Leg) bool {
		return !slices.ContainsFunc(open, func(o models.Reserved) bool { return o.Attempt.ID == l.CallID })
	}) {
		h.t.Errorf("after %q: open legs of no open call: %+v", after, legs)
	}
}

// The process is killed between any two writes about calls and agents, or its connection dies at any commit, before or after
// the server did it: who takes over knows who is talking with whom, as of before or of after the write and never a mixture,
// and saying it again changes nothing.
func TestKilledInATalk(t *testing.T) {
	for _, c := range []struct {
		name, cut string
		config    func(testing.TB) store.Config
	}{{"sqlite", "", storetest.SQLiteConfig}, {"mariadb", "", storetest.MariaDBConfig},
		{"commit lost", "before", storetest.MariaDBConfig}, {"commit done", "after", storetest.MariaDBConfig}} {
		t.Run(c.name, func(t *testing.T) {
			config := c.config(t)
			h := &heir{floor: newFloor(t, storetest.Open(t, config, true), 1)}
			dying := h.Store
			var cuts *cutter
			if c.cut != "" {
				addr := config.DSN[strings.Index(config.DSN, "(")+1 : strings.Index(config.DSN, ")")]
				cuts = newCutter(t, addr)
				config.DSN = strings.Replace(config.DSN, addr, cuts.l.Addr().String(), 1)
				dying = storetest.Open(t, config, false)
			}
			rs := h.reserve(1)
			h.send(noon, rs)
			h.must(h.ReleaseLease(h.ctx, models.Lease{Owner: "floor-a", Epoch: h.epoch}))
			h.lease("heir 0")
			if _, err := h.Adopt(h.ctx, h.epoch); err != nil {
				t.Fatal(err)
			}
			tale := &tale{came: uuid.NewString(), dialled: rs[0].Attempt.ID, began: noon, finish: finishes(rs)[0]}
			var before map[string]int64
			for _, w := range tale.writes() {
				if cuts != nil {
					cuts.arm(c.cut)
					if err := w.write(h.ctx, dying, h.epoch); err == nil {
						t.Fatalf("%q: no error at the cut", w.name)
					}
					if c.cut == "before" {
						h.inherits("just before "+w.name, before)
					} else {
						h.inherits("an unheard "+w.name, w.after)
					}
				}
				h.must(w.write(h.ctx, h.Store, h.epoch))
				h.inherits(w.name, w.after)
				before = w.after
			}
		})
	}
}
