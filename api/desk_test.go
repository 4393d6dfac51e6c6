package api

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"waihu/models"
)

// pretendDesk is a floor and a roster that the test sets.
type pretendDesk struct {
	mu    sync.Mutex
	asked int
	now   models.DeskNow
	down  bool

	agents  []models.Agent
	queues  []models.Queue
	members []models.QueueMember
	leaders []models.QueueLeader
}

func (p *pretendDesk) DeskNow(context.Context) (models.DeskNow, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.down {
		return models.DeskNow{}, errors.New("no floor here")
	}
	return p.now, nil
}

func (p *pretendDesk) Agents(context.Context, int64) ([]models.Agent, error) { return p.agents, nil }
func (p *pretendDesk) Queues(context.Context, int64) ([]models.Queue, error) { return p.queues, nil }
func (p *pretendDesk) QueueMembers(context.Context, int64) ([]models.QueueMember, error) {
	return p.members, nil
}
func (p *pretendDesk) QueueLeaders(context.Context, int64) ([]models.QueueLeader, error) {
	return p.leaders, nil
}

// handClock stands until the test moves it.
type handClock struct{ at time.Time }

func (c *handClock) Now() time.Time { return c.at }
func (c *handClock) AfterFunc(time.Duration, func()) func() bool {
	return func() bool { return true }
}

// floorOfThree has two agents in queue 1, one of them also in queue 2, and one of another organization.
func floorOfThree() *pretendDesk {
	return &pretendDesk{
		agents: []models.Agent{
			{ID: 11, OrganizationID: 1, UserID: 101, StaffNumber: "8001", Name: "张三"}, {ID: 12, OrganizationID: 1, UserID: 102, StaffNumber: "8002", Name: "李四"},
			{ID: 13, OrganizationID: 2, UserID: 103, StaffNumber: "8003"}, {ID: 14, OrganizationID: 1, StaffNumber: "8004", Disabled: true},
		},
		queues:  []models.Queue{{ID: 1, OrganizationID: 1, Name: "售后"}, {ID: 2, OrganizationID: 1, Name: "售前"}, {ID: 3, OrganizationID: 2}},
		members: []models.QueueMember{{QueueID: 1, AgentID: 11, Active: true}, {QueueID: 1, AgentID: 12, Active: true}, {QueueID: 2, AgentID: 12, Active: true}, {QueueID: 3, AgentID: 13, Active: true}},
		leaders: []models.QueueLeader{{QueueID: 2, UserID: 900}},
		now: models.DeskNow{Version: 1, Agents: []models.AgentNow{
			{AgentID: 11, State: models.AgentTalking}, {AgentID: 12, State: models.AgentIdle}, {AgentID: 13, State: models.AgentIdle},
		}, Queues: []models.QueueNow{{QueueID: 1, Waiting: 4}}},
	}
}

func deskOn(p *pretendDesk, c Clock) deskHandlers {
	s := &Services{Work: Work{Hub: NewHub(c, slog.New(slog.DiscardHandler))}, Desk: DeskWork{Roster: p, State: p}}
	return newDeskHandlers(s)
}

// seenOnBoard reads a board once and tells whom it shows.
func seenOnBoard(t *testing.T, h deskHandlers, i Identity) (agents, queues []int64, state boardState) {
	t.Helper()
	parts, err := h.board(i).read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		switch v := p.data.(type) {
		case boardAgent:
			agents = append(agents, v.ID)
		case boardQueue:
			queues = append(queues, v.ID)
		case boardState:
			state = v
		}
	}
	return agents, queues, state
}

func TestTheBoardIsCutDownToWhatSomebodyLeads(t *testing.T) {
	h := deskOn(floorOfThree(), &handClock{})
	for _, c := range []struct {
		who            Identity
		agents, queues []int64
		me             int64
	}{
		{Identity{UserID: 1, Role: models.RoleAdmin, OrganizationID: 1}, []int64{11, 12}, []int64{1, 2}, 0},
		{Identity{UserID: 2, Role: models.RoleEnterprise, OrganizationID: 2}, []int64{13}, []int64{3}, 0},
		{Identity{UserID: 900, Role: models.RoleTeamLeader, OrganizationID: 1}, []int64{12}, []int64{2}, 0},
		{Identity{UserID: 101, Role: models.RoleTeamLeader, OrganizationID: 1}, nil, nil, 11},
	} {
		agents, queues, state := seenOnBoard(t, h, c.who)
		if !slices.Equal(agents, c.agents) || !slices.Equal(queues, c.queues) || state.Me != c.me || !state.Floor {
			t.Errorf("%+v sees agents %v and queues %v, %+v", c.who, agents, queues, state)
		}
		if !slices.Equal(state.Agents, append([]int64{}, c.agents...)) {
			t.Errorf("%+v: the list of agents is %v", c.who, state.Agents)
		}
	}
}

func TestTheFloorIsAskedOnceForAllAndSaysWhatChanged(t *testing.T) {
	p, clock := floorOfThree(), &handClock{at: monday}
	h := deskOn(p, clock)
	admin := Identity{UserID: 1, Role: models.RoleAdmin, OrganizationID: 1}
	board, other := h.board(admin), h.board(Identity{UserID: 2, Role: models.RoleEnterprise, OrganizationID: 1})
	for _, f := range []feed{board, other} {
		if parts, err := f.read(t.Context()); err != nil || len(parts) != 5 {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
	}
	if p.asked != 1 {
		t.Errorf("two boards asked the floor %d times", p.asked)
	}
	clock.at = clock.at.Add(deskEvery)
	if _, err := board.read(t.Context()); !errors.Is(err, errUnchanged) || p.asked != 2 {
		t.Errorf("nothing happened: %v, asked %d times", err, p.asked)
	}
	p.now.Version, p.now.Agents = 2, []models.AgentNow{{AgentID: 11, State: models.AgentWrapUp}}
	clock.at = clock.at.Add(deskEvery)
	parts, err := board.read(t.Context())
	if err != nil || parts[0].data.(boardAgent).Now.State != models.AgentWrapUp || parts[1].data.(boardAgent).Now.State != models.AgentOffline {
		t.Errorf("after a change: %+v, %v", parts, err)
	}
	p.down = true
	clock.at = clock.at.Add(deskEvery)
	if parts, err = board.read(t.Context()); err != nil || parts[0].data.(boardAgent).Now.State != models.AgentWrapUp || parts[4].data.(boardState).Floor {
		t.Errorf("a floor that is away: what was known stays and is old: %+v, %v", parts, err)
	}
	p.agents = p.agents[1:] // somebody is deleted
	clock.at = clock.at.Add(rosterEvery)
	if parts, err = board.read(t.Context()); err != nil || !slices.Equal(parts[3].data.(boardState).Agents, []int64{12}) {
		t.Errorf("after one left: %+v, %v", parts, err)
	}
}

var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func TestNothingOfADeskIsNull(t *testing.T) {
	p := floorOfThree()
	p.now = models.DeskNow{}
	h := deskOn(p, &handClock{})
	now, err := h.sampler.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(h.body(now, now.roster, p.agents[0]))
	if err != nil || bytes.Count(data, []byte("null")) != 4 { // no talk, no call, no number to look at, nobody waits
		t.Errorf("%s %v", data, err)
	}
}

func TestAListeningIsWrittenDownOnce(t *testing.T) {
	h := hearings{at: map[string]time.Time{}}
	if !h.begins("a", monday) || h.begins("a", monday.Add(hearAgain-1)) || !h.begins("b", monday) || !h.begins("a", monday.Add(hearAgain)) {
		t.Error("a listening is written down at its beginning, and again after a pause")
	}
	if h.forget("a"); !h.begins("a", monday.Add(hearAgain)) {
		t.Error("one that could not be written down counts as heard")
	}
	if h.begins("c", monday.Add(3*hearAgain)); len(h.at) != 1 {
		t.Errorf("%d are remembered", len(h.at))
	}
}

// wave makes a WAV file of 16-bit samples at 8 kHz; length is what its head says.
func wave(channels int, length uint32, samples ...int16) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00")
	_ = binary.Write(&b, binary.LittleEndian, []uint16{1, uint16(channels)})
	_ = binary.Write(&b, binary.LittleEndian, []uint32{8000, uint32(16000 * channels)})
	_ = binary.Write(&b, binary.LittleEndian, []uint16{uint16(2 * channels), 16})
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, length)
	_ = binary.Write(&b, binary.LittleEndian, samples)
	return b.Bytes()
}

func TestWavePeaks(t *testing.T) {
	long := make([]int16, 2*8000)
	for i := range 8000 {
		long[2*i+1] = -16384
	}
	for name, length := range map[string]uint32{"whole": 32000, "recorder was killed": 0, "of no length": 0xffffffff} {
		v, err := wavePeaks(bytes.NewReader(wave(2, length, long...)))
		if err != nil || v.DurationMS != 1000 || len(v.Channels) != 2 || len(v.Channels[0]) != peakCount || v.Channels[0][7] != 0 || v.Channels[1][799] != -0.5 {
			t.Errorf("%s: %d ms, %d channels, %v", name, v.DurationMS, len(v.Channels), err)
		}
	}
	if v, err := wavePeaks(bytes.NewReader(wave(1, 6, 1, 32767, 2))); err != nil || len(v.Channels[0]) != 3 || v.Channels[0][1] != 1 {
		t.Errorf("three samples: %+v %v", v, err)
	}
	bad := map[string][]byte{"nothing": nil, "text": []byte("this is no sound at all, but long enough"), "cut": wave(2, 32000)[:30], "eight channels": wave(8, 4, 1, 2)}
	for name, data := range bad {
		if _, err := wavePeaks(bytes.NewReader(data)); !errors.Is(err, errNotWave) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
