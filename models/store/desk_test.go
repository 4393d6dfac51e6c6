package store_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// desk is a database with an organization of queues, agents and extensions.
type desk struct {
	*floor
	queue models.Queue
}

func newDesk(t *testing.T, s *store.Store) *desk {
	t.Helper()
	d := &desk{floor: newFloor(t, s, 0)}
	d.queue = d.newQueue("客服一组")
	return d
}

func (d *desk) newQueue(name string) models.Queue {
	d.t.Helper()
	q := models.Queue{OrganizationID: d.org, Name: name, Strategy: models.StrategyLongestIdle, AnnounceStaff: true, StaffPattern: "8?", StaffDigits: 3,
		RingSeconds: 20, WrapUpSeconds: 5, MaxMissed: 3, MaxWaitSeconds: 120, Overflow: models.Overflow{Kind: models.OverflowHangUp},
		ServiceLevelSeconds: 20, ConnectMS: 2000, CreatedAt: noon}
	d.must(d.CreateQueue(d.ctx, &q))
	return q
}

func (d *desk) newExtension(number string) models.Extension {
	d.t.Helper()
	e := models.Extension{OrganizationID: d.org, Number: number, Name: "话机", Password: "s3cret", CreatedAt: noon}
	d.must(d.CreateExtension(d.ctx, &e))
	return e
}

func (d *desk) newAgent(staff string, extension int64) models.Agent {
	d.t.Helper()
	a := models.Agent{OrganizationID: d.org, StaffNumber: staff, Name: "张" + staff, ExtensionID: extension, Reach: models.ReachRing, CreatedAt: noon}
	u := models.User{Login: staff, PasswordHash: "hash", Role: models.RoleAgent}
	d.must(d.CreateAgent(d.ctx, &a, &u))
	return a
}

// refused checks that an error is of a kind, has this code on this field, and that both languages name each of the words.
func refused(t *testing.T, what string, err error, kind models.Kind, field, code string, words ...string) {
	t.Helper()
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != kind || len(e.Fields) != 1 || e.Fields[0].Field != field || e.Fields[0].Code != code {
		t.Errorf("%s: %v, want %s %s on %s", what, err, kind, code, field)
		return
	}
	for _, w := range words {
		if !strings.Contains(e.Error(), w) || !strings.Contains(e.ZH(), w) {
			t.Errorf("%s does not name %q: %s %s", what, w, e.Error(), e.ZH())
		}
	}
	if e.ZH() == e.Error() {
		t.Errorf("%s has no Chinese text", what)
	}
}

func TestDeskRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		e := d.newExtension("8001")
		e.Name, e.AutoAnswer, e.Password = "前台", true, "other"
		d.must(d.UpdateExtension(d.ctx, &e))
		got, err := d.Extension(d.ctx, e.ID)
		same(t, "extension", got, err, e)
		if e.Version != 2 {
			t.Errorf("version %d after an update", e.Version)
		}
		all, err := d.Extensions(d.ctx, 0)
		same(t, "extensions of all", all, err, []models.Extension{e})
		none, err := d.Extensions(d.ctx, d.org+1)
		same(t, "extensions of another", none, err, []models.Extension{})

		a := d.newAgent("8001", e.ID)
		a.Name, a.Reach, a.Recording = "李四", models.ReachNailedUp, true
		d.must(d.UpdateAgent(d.ctx, &a, models.RoleTeamLeader, "other hash"))
		gotA, err := d.Agent(d.ctx, a.ID)
		same(t, "agent", gotA, err, a)
		ofUser, err := d.AgentOfUser(d.ctx, a.UserID)
		same(t, "agent of a log-in", ofUser, err, a)
		agents, err := d.Agents(d.ctx, d.org)
		same(t, "agents", agents, err, []models.Agent{a})
		if u, err := d.User(d.ctx, a.UserID); err != nil || u.Role != models.RoleTeamLeader || u.Login != "8001" || u.PasswordHash != "other hash" || u.OrganizationID != d.org || u.Disabled {
			t.Errorf("log-in %+v %v", u, err)
		}

		other := d.newQueue("客服二组")
		q := d.queue
		q.Name, q.Strategy, q.MobileAgents, q.StaffDigits, q.PreferLastAgent, q.AnnouncePosition, q.Record = "一组", models.StrategyMemory, true, 4, true, true, true
		q.MusicVoiceID, q.AnnouncementVoiceID, q.ComfortVoiceID, q.ComfortSeconds = 1, 2, 3, 30
		q.Overflow = models.Overflow{Kind: models.OverflowQueue, QueueID: other.ID, Number: "+8613800138000", TrunkID: 4, VoiceFileID: 5}
		d.must(d.UpdateQueue(d.ctx, &q))
		gotQ, err := d.Queue(d.ctx, q.ID)
		same(t, "queue", gotQ, err, q)
		queues, err := d.Queues(d.ctx, d.org)
		same(t, "queues", queues, err, []models.Queue{q, other})

		members := []models.QueueMember{{QueueID: q.ID, AgentID: a.ID, Active: true, Priority: 2}}
		d.must(d.SetQueueMembers(d.ctx, q.ID, members))
		d.must(d.SetQueueMembers(d.ctx, other.ID, []models.QueueMember{{AgentID: a.ID, Priority: 9}}))
		gotM, err := d.QueueMembers(d.ctx, q.ID)
		same(t, "members", gotM, err, members)
		gotM, err = d.QueueMembers(d.ctx, 0)
		same(t, "members of all", gotM, err, append(members, models.QueueMember{QueueID: other.ID, AgentID: a.ID, Priority: 9}))
		d.must(d.SetQueueLeaders(d.ctx, q.ID, []int64{a.UserID}))
		leaders, err := d.QueueLeaders(d.ctx, 0)
		same(t, "leaders", leaders, err, []models.QueueLeader{{QueueID: q.ID, UserID: a.UserID}})
		d.must(d.UpdateAgent(d.ctx, &a, models.RoleAgent, ""))
		if leaders, err := d.QueueLeaders(d.ctx, q.ID); err != nil || len(leaders) != 0 {
			t.Errorf("an agent leads: %v %v", leaders, err)
		}
	})
}

func TestDeskConflicts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		e := d.newExtension("8001")
		a := d.newAgent("8001", e.ID)
		b := d.newAgent("8002", 0)

		refused(t, "extension number", d.CreateExtension(d.ctx, &models.Extension{OrganizationID: d.org, Number: "8001"}), models.Conflict, "number", "taken")
		user := models.User{Login: "x", Role: models.RoleAgent}
		again := models.Agent{OrganizationID: d.org, StaffNumber: "8001", Name: "x"}
		refused(t, "staff number", d.CreateAgent(d.ctx, &again, &user), models.Conflict, "staff_number", "taken", "8001", "张8001")
		again.StaffNumber, again.ExtensionID = "8003", e.ID
		refused(t, "extension in use", d.CreateAgent(d.ctx, &again, &user), models.Conflict, "extension_id", "in_use", "8001 张8001")
		again.ExtensionID = 999
		refused(t, "no extension", d.CreateAgent(d.ctx, &again, &user), models.Invalid, "extension_id", "unknown_extension")
		again.ExtensionID, user.Login = 0, "8002"
		refused(t, "log-in", d.CreateAgent(d.ctx, &again, &user), models.Conflict, "login", "taken")
		if all, err := d.Agents(d.ctx, d.org); err != nil || len(all) != 2 {
			t.Errorf("%d agents after refusals, %v", len(all), err)
		}
		if all, err := d.Users(d.ctx, d.org); err != nil || len(all) != 2 {
			t.Errorf("%d log-ins after refusals, %v", len(all), err)
		}
		b.ExtensionID = e.ID
		refused(t, "extension in use by an update", d.UpdateAgent(d.ctx, &b, models.RoleAgent, ""), models.Conflict, "extension_id", "in_use", "8001 张8001")
		stale := a
		d.must(d.UpdateAgent(d.ctx, &a, models.RoleAgent, ""))
		refused(t, "stale agent", d.UpdateAgent(d.ctx, &stale, models.RoleAgent, ""), models.Conflict, "version", "changed_meanwhile")
		staleE := e
		d.must(d.UpdateExtension(d.ctx, &e))
		refused(t, "stale extension", d.UpdateExtension(d.ctx, &staleE), models.Conflict, "version", "changed_meanwhile")
		staleQ, q := d.queue, d.queue
		d.must(d.UpdateQueue(d.ctx, &q))
		refused(t, "stale queue", d.UpdateQueue(d.ctx, &staleQ), models.Conflict, "version", "changed_meanwhile")
		refused(t, "queue name", d.CreateQueue(d.ctx, &models.Queue{OrganizationID: d.org, Name: q.Name}), models.Conflict, "name", "taken")
		refused(t, "no agent", d.SetQueueMembers(d.ctx, q.ID, []models.QueueMember{{AgentID: a.ID, Priority: 1}, {AgentID: 999, Priority: 1}}), models.Invalid, "members", "unknown_agent")
		if m, err := d.QueueMembers(d.ctx, q.ID); err != nil || len(m) != 0 {
			t.Errorf("members half saved: %v %v", m, err)
		}
		refused(t, "agent as leader", d.SetQueueLeaders(d.ctx, q.ID, []int64{a.UserID}), models.Invalid, "leaders", "not_a_leader")
		for what, err := range map[string]error{
			"extension": d.DeleteExtension(d.ctx, 999), "agent": d.DeleteAgent(d.ctx, 999), "queue": d.DeleteQueue(d.ctx, 999),
			"members": d.SetQueueMembers(d.ctx, 999, nil), "update": d.UpdateAgent(d.ctx, &models.Agent{ID: 999}, models.RoleAgent, ""),
		} {
			refused(t, "nothing: "+what, err, models.NotFound, "id", "not_found")
		}
	})
}

// A mobile agent and a queue that takes none do not come together, whichever comes first (S1-43).
func TestMobileAgents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		q := d.queue
		a, b := d.newAgent("8001", 0), d.newAgent("8002", 0)
		members := []models.QueueMember{{QueueID: q.ID, AgentID: a.ID, Active: true, Priority: 1}, {QueueID: q.ID, AgentID: b.ID, Active: true, Priority: 1}}
		d.must(d.SetQueueMembers(d.ctx, q.ID, members))
		a.ExternalNumber = "+8613800138000"
		refused(t, "member gets an external number", d.UpdateAgent(d.ctx, &a, models.RoleAgent, ""), models.Conflict, "external_number", "mobile_agents_off", "客服一组")
		q.MobileAgents = true
		d.must(d.UpdateQueue(d.ctx, &q))
		d.must(d.UpdateAgent(d.ctx, &a, models.RoleAgent, ""))
		q.MobileAgents = false
		refused(t, "queue is closed to mobile agents", d.UpdateQueue(d.ctx, &q), models.Conflict, "mobile_agents", "mobile_agents_off", "8001 张8001")
		d.must(d.SetQueueMembers(d.ctx, q.ID, members[1:]))
		d.must(d.UpdateQueue(d.ctx, &q))
		refused(t, "mobile agent joins", d.SetQueueMembers(d.ctx, q.ID, members), models.Conflict, "members", "mobile_agents_off", "8001 张8001")
		if m, err := d.QueueMembers(d.ctx, q.ID); err != nil || !reflect.DeepEqual(m, members[1:]) {
			t.Errorf("members after a refusal: %v %v", m, err)
		}
	})
}

func TestOverflowEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		one, two, three := d.queue, d.newQueue("二"), d.newQueue("三")
		to := func(q *models.Queue, id int64) error {
			q.Overflow = models.Overflow{Kind: models.OverflowQueue, QueueID: id}
			return d.UpdateQueue(d.ctx, q)
		}
		refused(t, "itself", to(&one, one.ID), models.Invalid, "overflow.queue_id", "overflow_circle", "客服一组 → 客服一组")
		refused(t, "nobody", to(&one, 999), models.Invalid, "overflow.queue_id", "unknown_queue")
		d.must(to(&one, two.ID))
		d.must(to(&two, three.ID))
		refused(t, "round", to(&three, one.ID), models.Invalid, "overflow.queue_id", "overflow_circle", "三 → 客服一组 → 二 → 三")
		refused(t, "overflow of another", d.DeleteQueue(d.ctx, three.ID), models.Conflict, "id", "in_use", "二")
	})
}

func TestDeleteOfTheDesk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		e := d.newExtension("8001")
		a := d.newAgent("8001", e.ID)
		d.must(d.SetQueueMembers(d.ctx, d.queue.ID, []models.QueueMember{{AgentID: a.ID, Active: true, Priority: 1}}))
		c := models.Campaign{OrganizationID: d.org, Name: "回访", Mode: models.ModeVoiceKey, QueueID: d.queue.ID}
		d.must(d.CreateCampaign(d.ctx, &c))
		refused(t, "extension of an agent", d.DeleteExtension(d.ctx, e.ID), models.Conflict, "id", "in_use", "8001 张8001")
		refused(t, "member", d.DeleteAgent(d.ctx, a.ID), models.Conflict, "id", "in_use", "客服一组")
		refused(t, "queue of a campaign", d.DeleteQueue(d.ctx, d.queue.ID), models.Conflict, "id", "in_use", "回访")
		d.must(d.DeleteDraft(d.ctx, c.ID))
		d.must(d.DeleteQueue(d.ctx, d.queue.ID))
		d.must(d.DeleteAgent(d.ctx, a.ID))
		d.must(d.DeleteExtension(d.ctx, e.ID))
		if m, err := d.QueueMembers(d.ctx, 0); err != nil || len(m) != 0 {
			t.Errorf("members of nothing: %v %v", m, err)
		}
		if u, err := d.User(d.ctx, a.UserID); err != nil || !u.Disabled {
			t.Errorf("log-in of a deleted agent %+v %v", u, err)
		}
		again := d.newAgent("8001", 0) // staff number and log-in are free again
		again.Disabled = true
		d.must(d.UpdateAgent(d.ctx, &again, models.RoleAgent, ""))
		if u, err := d.UserByLogin(d.ctx, "8001"); err != nil || !u.Disabled || u.ID != again.UserID {
			t.Errorf("log-in of a disabled agent %+v %v", u, err)
		}
	})
}

func TestQueueKeepsVoiceAndTrunk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		v := models.VoiceFile{OrganizationID: d.org, Name: "hold"}
		tr := models.Trunk{Name: "t1", Gateway: "gw1", NumberFormat: models.FormatE164}
		d.must(d.CreateVoiceFile(d.ctx, &v))
		d.must(d.CreateTrunk(d.ctx, &tr))
		q := d.queue
		q.ComfortVoiceID = v.ID
		q.Overflow = models.Overflow{Kind: models.OverflowNumber, Number: "+8613800138000", TrunkID: tr.ID}
		d.must(d.UpdateQueue(d.ctx, &q))
		refused(t, "voice file", d.DeleteVoiceFile(d.ctx, v.ID), models.Conflict, "id", "in_use", "客服一组")
		refused(t, "trunk", d.DeleteTrunk(d.ctx, tr.ID), models.Conflict, "id", "in_use", "客服一组")
		q.ComfortVoiceID, q.Overflow = 0, models.Overflow{Kind: models.OverflowHangUp}
		d.must(d.UpdateQueue(d.ctx, &q))
		d.must(d.DeleteVoiceFile(d.ctx, v.ID))
		d.must(d.DeleteTrunk(d.ctx, tr.ID))
	})
}

func TestManyMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		var members []models.QueueMember
		for i := range 95 { // more than two statements on SQLite
			a := d.newAgent("9"+string(rune('0'+i/10))+string(rune('0'+i%10)), 0)
			members = append(members, models.QueueMember{QueueID: d.queue.ID, AgentID: a.ID, Active: i%2 == 0, Priority: 1 + i%9})
		}
		d.must(d.SetQueueMembers(d.ctx, d.queue.ID, members))
		got, err := d.QueueMembers(d.ctx, d.queue.ID)
		same(t, "members", got, err, members)
		twice := append(slices.Clone(members[:3]), members[0])
		refused(t, "an agent twice", d.SetQueueMembers(d.ctx, d.queue.ID, twice), models.Conflict, "members", "taken")
		got, err = d.QueueMembers(d.ctx, d.queue.ID)
		same(t, "members after a refusal", got, err, members)
	})
}

func TestAudit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		e := models.AuditEntry{OrganizationID: d.org, UserID: 1, Login: "admin", Action: "show_password", Target: "extension:3", Detail: strings.Repeat("长", 300), At: noon}
		d.must(d.AddAudit(d.ctx, &e))
		second := models.AuditEntry{OrganizationID: d.org, UserID: 1, Action: "listen", At: noon}
		d.must(d.AddAudit(d.ctx, &second))
		if e.ID == 0 || second.ID <= e.ID {
			t.Errorf("ids %d and %d", e.ID, second.ID)
		}
		if err := d.AddAudit(d.ctx, &models.AuditEntry{Action: "listen"}); err == nil {
			t.Error("an entry without a time is noted")
		}
	})
}
