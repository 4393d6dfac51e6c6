package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

// QueueMembers lists the members of a queue by queue and agent; for queue 0 those of all.
func (s *Store) QueueMembers(ctx context.Context, queueID int64) ([]models.QueueMember, error) {
	var rows []models.QueueMember
	err := s.r.WithContext(ctx).Raw("SELECT queue_id, agent_id, active, priority FROM queue_members "+
		"WHERE queue_id = ? OR ? = 0 ORDER BY queue_id, agent_id", queueID, queueID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list the members of queue %d: %w", queueID, err)
	}
	return rows, nil
}

// QueueLeaders lists the leaders of a queue by queue and user; for queue 0 those of all.
func (s *Store) QueueLeaders(ctx context.Context, queueID int64) ([]models.QueueLeader, error) {
	var rows []models.QueueLeader
	err := s.r.WithContext(ctx).Raw("SELECT queue_id, user_id FROM queue_leaders "+
		"WHERE queue_id = ? OR ? = 0 ORDER BY queue_id, user_id", queueID, queueID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list the leaders of queue %d: %w", queueID, err)
	}
	return rows, nil
}

// holdQueue keeps a queue as it is until our commit.
func (s *Store) holdQueue(tx *gorm.DB, id int64) (queueRow, error) {
	var q []queueRow
	if err := tx.Raw("SELECT id, organization_id, name, mobile_agents FROM queues WHERE id = ?"+s.d.lock, id).Find(&q).Error; err != nil {
		return queueRow{}, fmt.Errorf("read queue %d: %w", id, err)
	}
	if len(q) == 0 {
		return queueRow{}, missing("queue", "接听组", id)
	}
	return q[0], nil
}

// SetQueueMembers makes these the members of a queue, all or none. Agents of another organization, and agents with an
// external number where the queue takes none, are errors that name them.
func (s *Store) SetQueueMembers(ctx context.Context, queueID int64, members []models.QueueMember) error {
	return s.write(ctx, fmt.Sprintf("set the %d members of queue %d", len(members), queueID), func(tx *gorm.DB) error {
		q, err := s.holdQueue(tx, queueID)
		if err != nil {
			return err
		}
		if err := s.membersAllowed(tx, q, members); err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM queue_members WHERE queue_id = ?", queueID).Error; err != nil {
			return err
		}
		for from := 0; from < len(members); from += s.d.rows {
			rows := multi{width: 4}
			for _, m := range members[from:min(from+s.d.rows, len(members))] {
				rows.add(queueID, m.AgentID, m.Active, m.Priority)
			}
			if err := tx.Exec("INSERT INTO queue_members (queue_id, agent_id, active, priority) VALUES "+rows.sql(), rows.args...).Error; err != nil {
				return taken(err, "members", "member", "成员")
			}
		}
		return nil
	})
}

func (s *Store) membersAllowed(tx *gorm.DB, q queueRow, members []models.QueueMember) error {
	var all []agentRow
	err := tx.Raw("SELECT id, staff_number, name, external_number FROM agents WHERE organization_id = ?"+s.d.lock, q.OrganizationID).Find(&all).Error
	if err != nil {
		return fmt.Errorf("read the agents of organization %d: %w", q.OrganizationID, err)
	}
	byID := make(map[int64]agentRow, len(all))
	for _, a := range all {
		byID[a.ID] = a
	}
	var external string
	for _, m := range members {
		a, ok := byID[m.AgentID]
		if !ok {
			return models.NewError(models.Invalid, "members", "unknown_agent",
				fmt.Sprintf("There is no agent %d; load the list again.", m.AgentID),
				fmt.Sprintf("坐席 %d 不存在，请重新加载列表。", m.AgentID))
		}
		if a.ExternalNumber != "" && !q.MobileAgents {
			if external != "" {
				external += ", "
			}
			external += a.StaffNumber + " " + a.Name
		}
	}
	if external != "" {
		return mobileOff("members", external)
	}
	return nil
}

// SetQueueLeaders makes these users the leaders of a queue, all or none. They are team leaders of its organization.
func (s *Store) SetQueueLeaders(ctx context.Context, queueID int64, users []int64) error {
	return s.write(ctx, fmt.Sprintf("set the %d leaders of queue %d", len(users), queueID), func(tx *gorm.DB) error {
		q, err := s.holdQueue(tx, queueID)
		if err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM queue_leaders WHERE queue_id = ?", queueID).Error; err != nil {
			return err
		}
		for _, id := range users {
			var n int64
			err := tx.Raw("SELECT COUNT(*) FROM users WHERE id = ? AND organization_id = ? AND role = 'team_leader'", id, q.OrganizationID).Find(&n).Error
			if err != nil {
				return fmt.Errorf("read user %d: %w", id, err)
			}
			if n == 0 {
				return models.NewError(models.Invalid, "leaders", "not_a_leader",
					fmt.Sprintf("User %d is no team leader; make the user one first.", id),
					fmt.Sprintf("账户 %d 不是班长，请先将其设为班长。", id))
			}
			if err := tx.Exec("INSERT INTO queue_leaders (queue_id, user_id) VALUES (?, ?)", queueID, id).Error; err != nil {
				return taken(err, "leaders", "leader", "班长")
			}
		}
		return nil
	})
}
