package api

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"sync"
	"time"

	"waihu/models"
)

// Pace of what agents and their leaders see.
const (
	deskEvery   = 200 * time.Millisecond
	rosterEvery = 2 * time.Second // definitions change seldom
	wallEvery   = 500 * time.Millisecond
)

// errUnchanged is what a feed answers that has nothing new.
var errUnchanged = errors.New("nothing has changed")

// sample is the floor and the definitions at one moment. Samples of the same seq are the same.
type sample struct {
	seq    uint64
	floor  bool // the floor answers
	agents map[int64]models.AgentNow
	queues map[int64]models.QueueNow
	roster roster
}

// agent is an agent's state; one that the floor does not know (yet) is offline.
func (s *sample) agent(id int64) models.AgentNow {
	now, ok := s.agents[id]
	if !ok {
		now = models.AgentNow{AgentID: id, State: models.AgentOffline}
	}
	if now.Queues == nil {
		now.Queues = []int64{}
	}
	return now
}

func (s *sample) queue(id int64) models.QueueNow {
	now, ok := s.queues[id]
	if !ok {
		now = models.QueueNow{QueueID: id}
	}
	if now.Agents == nil {
		now.Agents = map[models.AgentState]int{}
	}
	return now
}

// sampler asks the floor once for all who follow it, at most every deskEvery, and not at all when nobody does: it runs within
// the readings of the Hub.
type sampler struct {
	svc   DeskWork
	clock Clock

	mu       sync.Mutex
	at       time.Time // of the sample
	rosterAt time.Time
	version  int64
	now      *sample
	names    map[int64]string // of campaigns
}

func newSampler(svc DeskWork, c Clock) *sampler {
	return &sampler{svc: svc, clock: c, names: map[int64]string{}}
}

// read answers the newest sample.
func (s *sampler) read(ctx context.Context) (*sample, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if s.now != nil && now.Sub(s.at) < deskEvery/2 {
		return s.now, nil
	}
	next := sample{}
	if s.now != nil {
		next = *s.now
	}
	changed := s.now == nil
	if changed || now.Sub(s.rosterAt) >= rosterEvery {
		r, err := readRoster(ctx, s.svc.Roster, 0)
		if err != nil {
			return nil, err
		}
		s.rosterAt = now
		if !reflect.DeepEqual(r, next.roster) {
			next.roster, changed = r, true
		}
	}
	desk, err := s.svc.State.DeskNow(ctx)
	if floor := err == nil; floor != next.floor {
		next.floor, changed = floor, true // what was last known stays, and the pages say that it is old
	}
	if err == nil && (desk.Version != s.version || next.agents == nil) {
		changed, s.version = true, desk.Version
		next.agents, next.queues = byID(desk.Agents, func(a models.AgentNow) int64 { return a.AgentID }), byID(desk.Queues, func(q models.QueueNow) int64 { return q.QueueID })
	}
	s.at = now
	if changed {
		next.seq++
		s.now = &next
	}
	return s.now, nil
}

func byID[T any](all []T, id func(T) int64) map[int64]T {
	out := make(map[int64]T, len(all))
	for _, v := range all {
		out[id(v)] = v
	}
	return out
}

// feed makes a feed of what show makes of each new sample.
func (s *sampler) feed(topic string, every time.Duration, show func(ctx context.Context, now *sample) ([]part, error), snapshot func([]part) any) feed {
	var last uint64
	return feed{topic: topic, every: every, snapshot: snapshot, read: func(ctx context.Context) ([]part, error) {
		now, err := s.read(ctx)
		if err != nil {
			return nil, err
		}
		if now.seq == last {
			return nil, errUnchanged
		}
		parts, err := show(ctx, now)
		if err == nil {
			last = now.seq
		}
		return parts, err
	}}
}

// boardAgent is an agent as leaders see him.
type boardAgent struct {
	ID          int64           `json:"id"`
	StaffNumber string          `json:"staff_number"`
	Name        string          `json:"name"`
	Reach       models.Reach    `json:"reach"`
	Member      []int64         `json:"member"` // of these queues
	Campaign    string          `json:"campaign"`
	Now         models.AgentNow `json:"now"`
}

// boardQueue is a queue with its name.
type boardQueue struct {
	ID                  int64           `json:"id"`
	Name                string          `json:"name"`
	ServiceLevelSeconds int             `json:"service_level_seconds"`
	Now                 models.QueueNow `json:"now"`
}

// boardState is what belongs to no agent and no queue. Lists of ids say what is not there any more.
type boardState struct {
	Floor  bool    `json:"floor"`
	Me     int64   `json:"me"` // the agent of the log-in, 0 = none
	Agents []int64 `json:"agents"`
	Queues []int64 `json:"queues"`
}

// board is the feed of the supervision page.
func (h deskHandlers) board(i Identity) feed {
	topic := "supervision " + strconv.FormatInt(i.OrganizationID, 10) + " " + strconv.FormatInt(i.UserID, 10)
	return h.sampler.feed(topic, deskEvery, func(ctx context.Context, now *sample) ([]part, error) {
		v, err := sightOf(ctx, h.s.Desk.Roster, i, now.roster)
		if err != nil {
			return nil, err
		}
		state := boardState{Floor: now.floor, Agents: []int64{}, Queues: []int64{}}
		if me, ok := now.roster.ofUser(i.UserID); ok {
			state.Me = me.ID
		}
		var parts []part
		for _, a := range now.roster.agents {
			if a.Disabled || !v.agent(a) {
				continue
			}
			state.Agents = append(state.Agents, a.ID)
			b := boardAgent{ID: a.ID, StaffNumber: a.StaffNumber, Name: a.Name, Reach: a.Reach, Member: []int64{}, Now: now.agent(a.ID)}
			for _, m := range now.roster.memberships(a.ID) {
				b.Member = append(b.Member, m.QueueID)
			}
			b.Campaign = h.campaignName(ctx, b.Now.CampaignID)
			parts = append(parts, part{"agent", strconv.FormatInt(a.ID, 10), b})
		}
		for _, q := range now.roster.queues {
			if !v.queue(q) {
				continue
			}
			state.Queues = append(state.Queues, q.ID)
			parts = append(parts, part{"queue", strconv.FormatInt(q.ID, 10), boardQueue{q.ID, q.Name, q.ServiceLevelSeconds, now.queue(q.ID)}})
		}
		return append(parts, part{"state", "", state}), nil
	}, whole("agent", "queue"))
}

// whole makes a snapshot by event: lists of the named events, the others alone.
func whole(lists ...string) func([]part) any {
	return func(parts []part) any {
		out := map[string]any{}
		for _, name := range lists {
			out[name] = []any{}
		}
		for _, p := range parts {
			if all, ok := out[p.event].([]any); ok {
				out[p.event] = append(all, p.data)
				continue
			}
			out[p.event] = p.data
		}
		return out
	}
}

// campaignName is a campaign's name, "" when it has none or cannot be read now.
func (h deskHandlers) campaignName(ctx context.Context, id int64) string {
	if id == 0 {
		return ""
	}
	h.sampler.mu.Lock()
	name, ok := h.sampler.names[id]
	h.sampler.mu.Unlock()
	if ok {
		return name
	}
	c, err := h.s.Campaigns.Campaign(ctx, id)
	if err != nil {
		h.s.Hub.log.Debug("campaign not read", "campaign", id, "err", err)
		return ""
	}
	h.sampler.mu.Lock()
	h.sampler.names[id] = c.Name
	h.sampler.mu.Unlock()
	return c.Name
}
