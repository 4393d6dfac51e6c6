package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

type queueRow struct {
	ID, OrganizationID                                int64
	Name, Strategy                                    string
	MobileAgents, AnnounceStaff                       bool
	StaffPattern                                      string
	StaffDigits                                       int
	PreferLastAgent                                   bool
	RingSeconds, WrapUpSeconds, MaxMissed             int
	MusicVoiceID, AnnouncementVoiceID, ComfortVoiceID int64
	ComfortSeconds                                    int
	AnnouncePosition, AnnounceWait                    bool
	MaxWaitSeconds                                    int
	OverflowKind                                      string
	OverflowQueueID                                   int64
	OverflowNumber                                    string
	OverflowTrunkID, OverflowVoiceID                  int64
	Record                                            bool
	ServiceLevelSeconds                               int
	ConnectMS                                         int `gorm:"column:connect_ms"`
	Version                                           int64
	CreatedAt                                         stamp
}

func (queueRow) TableName() string      { return "queues" }
func (queueRow) what() (string, string) { return "queue", "接听组" }
func (r queueRow) model() models.Queue {
	return models.Queue{ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, Strategy: models.Strategy(r.Strategy),
		MobileAgents: r.MobileAgents, AnnounceStaff: r.AnnounceStaff, StaffPattern: r.StaffPattern, StaffDigits: r.StaffDigits,
		PreferLastAgent: r.PreferLastAgent, RingSeconds: r.RingSeconds, WrapUpSeconds: r.WrapUpSeconds, MaxMissed: r.MaxMissed,
		MusicVoiceID: r.MusicVoiceID, AnnouncementVoiceID: r.AnnouncementVoiceID, ComfortVoiceID: r.ComfortVoiceID,
		ComfortSeconds: r.ComfortSeconds, AnnouncePosition: r.AnnouncePosition, AnnounceWait: r.AnnounceWait,
		MaxWaitSeconds: r.MaxWaitSeconds, Record: r.Record, ServiceLevelSeconds: r.ServiceLevelSeconds, ConnectMS: r.ConnectMS,
		Overflow: models.Overflow{Kind: models.OverflowKind(r.OverflowKind), QueueID: r.OverflowQueueID,
			Number: r.OverflowNumber, TrunkID: r.OverflowTrunkID, VoiceFileID: r.OverflowVoiceID},
		Version: r.Version, CreatedAt: r.CreatedAt.t}
}

func rowOfQueue(q models.Queue) *queueRow {
	return &queueRow{ID: q.ID, OrganizationID: q.OrganizationID, Name: q.Name, Strategy: string(q.Strategy),
		MobileAgents: q.MobileAgents, AnnounceStaff: q.AnnounceStaff, StaffPattern: q.StaffPattern, StaffDigits: q.StaffDigits,
		PreferLastAgent: q.PreferLastAgent, RingSeconds: q.RingSeconds, WrapUpSeconds: q.WrapUpSeconds, MaxMissed: q.MaxMissed,
		MusicVoiceID: q.MusicVoiceID, AnnouncementVoiceID: q.AnnouncementVoiceID, ComfortVoiceID: q.ComfortVoiceID,
		ComfortSeconds: q.ComfortSeconds, AnnouncePosition: q.AnnouncePosition, AnnounceWait: q.AnnounceWait,
		MaxWaitSeconds: q.MaxWaitSeconds, Record: q.Record, ServiceLevelSeconds: q.ServiceLevelSeconds, ConnectMS: q.ConnectMS,
		OverflowKind: string(q.Overflow.Kind), OverflowQueueID: q.Overflow.QueueID, OverflowNumber: q.Overflow.Number,
		OverflowTrunkID: q.Overflow.TrunkID, OverflowVoiceID: q.Overflow.VoiceFileID,
		Version: q.Version, CreatedAt: at(q.CreatedAt)}
}

// CreateQueue saves q and fills in its ID, its Version and, when zero, CreatedAt. Names are unique in an organization.
func (s *Store) CreateQueue(ctx context.Context, q *models.Queue) error {
	if q.CreatedAt.IsZero() {
		q.CreatedAt = s.clk.Now().UTC()
	}
	r := rowOfQueue(*q)
	r.ID, r.Version = 0, 1
	err := s.write(ctx, "create queue", func(tx *gorm.DB) error {
		r.ID = 0
		if err := s.overflowEnds(tx, *q); err != nil {
			return err
		}
		return tx.Create(r).Error
	})
	if err != nil {
		return taken(err, "name", "queue", "接听组名称")
	}
	q.ID, q.Version = r.ID, r.Version
	return nil
}

// Queue reads one queue.
func (s *Store) Queue(ctx context.Context, id int64) (models.Queue, error) {
	return first[models.Queue, queueRow](ctx, s, id, "id = ?", id)
}

// Queues lists an organization's queues by id; for organization 0 those of all.
func (s *Store) Queues(ctx context.Context, org int64) ([]models.Queue, error) {
	return list[models.Queue, queueRow](ctx, s, "organization_id = ? OR ? = 0", org, org)
}

// UpdateQueue writes the settings of a queue whose version is still q.Version, and raises q.Version. A chain of overflows
// that comes back to the queue, and closing it to mobile agents while members have external numbers, are errors that name
// the queues or the members.
func (s *Store) UpdateQueue(ctx context.Context, q *models.Queue) error {
	r := rowOfQueue(*q)
	r.Version++
	err := s.write(ctx, fmt.Sprintf("update queue %d", q.ID), func(tx *gorm.DB) error {
		if err := s.overflowEnds(tx, *q); err != nil {
			return err
		}
		if !q.MobileAgents {
			who, err := names(tx.Raw("SELECT CONCAT(a.staff_number, ' ', a.name) AS name FROM agents a JOIN queue_members m ON m.agent_id = a.id "+
				"WHERE m.queue_id = ? AND a.external_number <> '' ORDER BY a.staff_number"+s.d.lock, q.ID))
			if err != nil {
				return err
			}
			if who != "" {
				return mobileOff("mobile_agents", who)
			}
		}
		return versioned[models.Queue](tx, r, q.ID, q.Version, "organization_id", "name", "strategy", "mobile_agents", "announce_staff", "staff_pattern",
			"staff_digits", "prefer_last_agent", "ring_seconds", "wrap_up_seconds", "max_missed", "music_voice_id", "announcement_voice_id",
			"comfort_voice_id", "comfort_seconds", "announce_position", "announce_wait", "max_wait_seconds", "overflow_kind", "overflow_queue_id",
			"overflow_number", "overflow_trunk_id", "overflow_voice_id", "record", "service_level_seconds", "connect_ms", "version")
	})
	if err == nil {
		q.Version = r.Version
	}
	return taken(err, "name", "queue", "接听组名称")
}

func mobileOff(field, who string) *models.Error {
	return models.NewError(models.Conflict, field, "mobile_agents_off",
		fmt.Sprintf("These members have external numbers: %s. Allow mobile agents in the queue, or take them out first.", who),
		fmt.Sprintf("以下成员使用外部号码：%s。请开启移动客服，或先将其移出。", who))
}

// overflowEnds follows the overflow of q from queue to queue and refuses one that is not there or that comes back.
func (s *Store) overflowEnds(tx *gorm.DB, q models.Queue) error {
	if q.Overflow.Kind != models.OverflowQueue {
		return nil
	}
	var rows []queueRow
	err := tx.Raw("SELECT id, name, overflow_kind, overflow_queue_id FROM queues WHERE organization_id = ?"+s.d.lock, q.OrganizationID).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("read the overflows of organization %d: %w", q.OrganizationID, err)
	}
	byID := make(map[int64]queueRow, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	if _, ok := byID[q.Overflow.QueueID]; !ok {
		return models.NewError(models.Invalid, "overflow.queue_id", "unknown_queue",
			fmt.Sprintf("There is no queue %d; choose one of the list.", q.Overflow.QueueID),
			fmt.Sprintf("接听组 %d 不存在，请从列表中选择。", q.Overflow.QueueID))
	}
	way := q.Name
	for next, steps := q.Overflow.QueueID, 0; steps <= len(rows); steps++ {
		r := byID[next]
		way += " → " + r.Name
		if next == q.ID {
			return models.NewError(models.Invalid, "overflow.queue_id", "overflow_circle",
				fmt.Sprintf("Callers would go in a circle: %s. Let one of these queues end elsewhere.", way),
				fmt.Sprintf("溢出形成循环：%s，请让其中一个接听组溢出到别处。", way))
		}
		if models.OverflowKind(r.OverflowKind) != models.OverflowQueue {
			return nil
		}
		next = r.OverflowQueueID
	}
	return nil
}

// DeleteQueue removes a queue, with its members and leaders, that no campaign under way and no other queue's overflow uses.
func (s *Store) DeleteQueue(ctx context.Context, id int64) error {
	return s.write(ctx, fmt.Sprintf("delete queue %d", id), func(tx *gorm.DB) error {
		who, err := names(tx.Raw("SELECT name FROM campaigns WHERE queue_id = ? AND state NOT IN ('finished', 'stopped') "+
			"UNION ALL SELECT name FROM queues WHERE overflow_kind = 'queue' AND overflow_queue_id = ? AND id <> ?", id, id, id))
		if err != nil {
			return err
		}
		if who != "" {
			return models.NewError(models.Conflict, "id", "in_use",
				fmt.Sprintf("Queue %d is used by %s; change or end that first.", id, who),
				fmt.Sprintf("接听组 %d 正被 %s 使用，请先修改或结束。", id, who))
		}
		if err := usedByFlow(tx, "queue", "接听组", "queue", id); err != nil {
			return err
		}
		for _, err := range []error{
			tx.Exec("DELETE FROM queue_members WHERE queue_id = ?", id).Error,
			tx.Exec("DELETE FROM queue_leaders WHERE queue_id = ?", id).Error,
		} {
			if err != nil {
				return err
			}
		}
		return gone[models.Queue](tx, &queueRow{}, id)
	})
}
