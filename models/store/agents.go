package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

type agentRow struct {
	ID, OrganizationID int64
	UserID             *int64
	StaffNumber, Name  string
	ExtensionID        *int64
	ExternalNumber     string
	Reach              string
	Recording          bool
	Disabled           bool
	Version            int64
	CreatedAt          stamp
}

func (agentRow) TableName() string      { return "agents" }
func (agentRow) what() (string, string) { return "agent", "坐席" }
func (r agentRow) model() models.Agent {
	return models.Agent{ID: r.ID, OrganizationID: r.OrganizationID, UserID: idOf(r.UserID), StaffNumber: r.StaffNumber,
		Name: r.Name, ExtensionID: idOf(r.ExtensionID), ExternalNumber: r.ExternalNumber, Reach: models.Reach(r.Reach),
		Recording: r.Recording, Disabled: r.Disabled, Version: r.Version, CreatedAt: r.CreatedAt.t}
}

func rowOfAgent(a models.Agent) *agentRow {
	return &agentRow{ID: a.ID, OrganizationID: a.OrganizationID, UserID: nullID(a.UserID), StaffNumber: a.StaffNumber,
		Name: a.Name, ExtensionID: nullID(a.ExtensionID), ExternalNumber: a.ExternalNumber, Reach: string(a.Reach),
		Recording: a.Recording, Disabled: a.Disabled, Version: a.Version, CreatedAt: at(a.CreatedAt)}
}

func idOf(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

func nullID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// CreateAgent saves an agent and its log-in together, and fills in both ids, a.Version and the times that are zero. The
// log-in belongs to the agent's organization and is disabled with it. Staff numbers and log-ins are unique, and an extension
// is bound to one agent at a time: errors name the field and who has it.
func (s *Store) CreateAgent(ctx context.Context, a *models.Agent, login *models.User) error {
	if a.CreatedAt.IsZero() {
		a.CreatedAt = s.clk.Now().UTC()
	}
	u := rowOfUser(*login)
	u.ID, u.OrganizationID, u.Disabled, u.CreatedAt = 0, a.OrganizationID, a.Disabled, at(a.CreatedAt)
	r := rowOfAgent(*a)
	r.ID, r.Version = 0, 1
	err := s.write(ctx, "create agent "+a.StaffNumber, func(tx *gorm.DB) error {
		u.ID, r.ID = 0, 0
		if err := staffFree(tx, a.StaffNumber); err != nil {
			return err
		}
		if err := s.phoneFree(tx, *a); err != nil {
			return err
		}
		if err := tx.Create(u).Error; err != nil {
			return taken(err, "login", "log-in", "登录名")
		}
		r.UserID = &u.ID
		return tx.Create(r).Error
	})
	if err != nil {
		return taken(err, "staff_number", "agent", "工号")
	}
	a.ID, a.UserID, a.Version = r.ID, u.ID, r.Version
	*login = u.model()
	return nil
}

func staffFree(tx *gorm.DB, number string) error {
	who, err := names(tx.Raw("SELECT name FROM agents WHERE staff_number = ?", number))
	if err != nil || who == "" {
		return err
	}
	return models.NewError(models.Conflict, "staff_number", "taken",
		fmt.Sprintf("Staff number %s belongs to %s; choose another one.", number, who),
		fmt.Sprintf("工号 %s 已属于 %s，请更换。", number, who))
}

// phoneFree holds the agent's extension and refuses one that another agent has or that is not of its organization.
func (s *Store) phoneFree(tx *gorm.DB, a models.Agent) error {
	if a.ExtensionID == 0 {
		return nil
	}
	var ext []extensionRow
	err := tx.Raw("SELECT id, organization_id, number FROM extensions WHERE id = ?"+s.d.lock, a.ExtensionID).Find(&ext).Error
	if err != nil {
		return fmt.Errorf("read extension %d: %w", a.ExtensionID, err)
	}
	if len(ext) == 0 || ext[0].OrganizationID != a.OrganizationID {
		return models.NewError(models.Invalid, "extension_id", "unknown_extension",
			fmt.Sprintf("There is no extension %d; choose one of the list.", a.ExtensionID),
			fmt.Sprintf("分机 %d 不存在，请从列表中选择。", a.ExtensionID))
	}
	who, err := names(tx.Raw("SELECT CONCAT(staff_number, ' ', name) AS name FROM agents WHERE extension_id = ? AND id <> ?", a.ExtensionID, a.ID))
	if err != nil || who == "" {
		return err
	}
	return models.NewError(models.Conflict, "extension_id", "in_use",
		fmt.Sprintf("Extension %s is bound to agent %s; choose another one or release it there first.", ext[0].Number, who),
		fmt.Sprintf("分机 %s 已绑定坐席 %s，请选择其他分机或先解除绑定。", ext[0].Number, who))
}

// Agent reads one agent.
func (s *Store) Agent(ctx context.Context, id int64) (models.Agent, error) {
	return first[models.Agent, agentRow](ctx, s, id, "id = ?", id)
}

// AgentOfUser reads the agent whose log-in this is.
func (s *Store) AgentOfUser(ctx context.Context, userID int64) (models.Agent, error) {
	return first[models.Agent, agentRow](ctx, s, fmt.Sprintf("of user %d", userID), "user_id = ?", userID)
}

// Agents lists an organization's agents by id; for organization 0 those of all.
func (s *Store) Agents(ctx context.Context, org int64) ([]models.Agent, error) {
	return list[models.Agent, agentRow](ctx, s, "organization_id = ? OR ? = 0", org, org)
}

// UpdateAgent writes everything but organization, log-in and staff number of an agent whose version is still a.Version,
// raises a.Version, and makes the log-in follow: its role, and whether it is disabled, and its password when a hash is given; who is no team leader any more leads no queue. An external number in a queue that
// takes no mobile agents is a conflict that names the queue.
func (s *Store) UpdateAgent(ctx context.Context, a *models.Agent, role models.Role, passwordHash string) error {
	r := rowOfAgent(*a)
	r.Version++
	err := s.write(ctx, fmt.Sprintf("update agent %d", a.ID), func(tx *gorm.DB) error {
		if err := s.phoneFree(tx, *a); err != nil {
			return err
		}
		if err := s.mobileAllowed(tx, *a); err != nil {
			return err
		}
		err := versioned[models.Agent](tx, r, a.ID, a.Version, "name", "extension_id", "external_number", "reach", "recording", "disabled", "version")
		if err != nil {
			return err
		}
		if role != models.RoleTeamLeader {
			if err := tx.Exec("DELETE FROM queue_leaders WHERE user_id = (SELECT user_id FROM agents WHERE id = ?)", a.ID).Error; err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE users SET role = ?, disabled = ?, password_hash = CASE WHEN ? = '' THEN password_hash ELSE ? END "+
			"WHERE id = (SELECT user_id FROM agents WHERE id = ?)", string(role), a.Disabled, passwordHash, passwordHash, a.ID).Error
	})
	if err == nil {
		a.Version = r.Version
	}
	return taken(err, "extension_id", "agent", "绑定该分机的坐席")
}

// mobileAllowed refuses an external number of a member of queues that take none. The queues stay as they are until our
// commit.
func (s *Store) mobileAllowed(tx *gorm.DB, a models.Agent) error {
	if a.ExternalNumber == "" {
		return nil
	}
	in, err := names(tx.Raw("SELECT name FROM queues WHERE mobile_agents = ? AND id IN "+
		"(SELECT queue_id FROM queue_members WHERE agent_id = ?)"+s.d.lock, false, a.ID))
	if err != nil || in == "" {
		return err
	}
	return models.NewError(models.Conflict, "external_number", "mobile_agents_off",
		fmt.Sprintf("The agent is a member of %s, where external numbers are not allowed: allow mobile agents there, or take the agent out first.", in),
		fmt.Sprintf("该坐席属于接听组 %s，其未开启移动客服：请先开启移动客服，或将该坐席移出。", in))
}

// DeleteAgent removes an agent that is a member of no queue. Its log-in is disabled and kept, because others' records name
// it; its name is free again.
func (s *Store) DeleteAgent(ctx context.Context, id int64) error {
	return s.write(ctx, fmt.Sprintf("delete agent %d", id), func(tx *gorm.DB) error {
		in, err := names(tx.Raw("SELECT q.name FROM queues q JOIN queue_members m ON m.queue_id = q.id WHERE m.agent_id = ? ORDER BY q.id", id))
		if err != nil {
			return err
		}
		if in != "" {
			return models.NewError(models.Conflict, "id", "in_use",
				fmt.Sprintf("Agent %d is a member of %s; take it out there first.", id, in),
				fmt.Sprintf("坐席 %d 属于接听组 %s，请先将其移出。", id, in))
		}
		var a []agentRow
		if err := tx.Raw("SELECT user_id, staff_number FROM agents WHERE id = ?"+s.d.lock, id).Find(&a).Error; err != nil {
			return err
		}
		if len(a) == 1 && a[0].UserID != nil {
			if err := retireLogin(tx, *a[0].UserID); err != nil {
				return err
			}
		}
		return gone[models.Agent](tx, &agentRow{}, id)
	})
}

// retireLogin disables a log-in and frees its name: no log-in may have a ~, so the new one is never taken.
func retireLogin(tx *gorm.DB, id int64) error {
	var u []userRow
	if err := tx.Raw("SELECT login FROM users WHERE id = ?", id).Find(&u).Error; err != nil || len(u) == 0 {
		return err
	}
	name := clip(u[0].Login, 80) + fmt.Sprintf("~%d", id)
	err := tx.Exec("UPDATE users SET disabled = ?, login = ? WHERE id = ?", true, name, id).Error
	if err != nil {
		return fmt.Errorf("disable log-in %d: %w", id, err)
	}
	return tx.Exec("DELETE FROM queue_leaders WHERE user_id = ?", id).Error
}

type auditRow struct {
	ID, OrganizationID, UserID    int64
	Login, Action, Target, Detail string
	At                            stamp
}

func (auditRow) TableName() string { return "audit_entries" }

// AddAudit notes what somebody did and fills in the entry's ID. Time and person are the caller's to say.
func (s *Store) AddAudit(ctx context.Context, e *models.AuditEntry) error {
	if e.Action == "" || e.At.IsZero() {
		return errors.New("note an audit entry: it has no action or no time")
	}
	r := &auditRow{OrganizationID: e.OrganizationID, UserID: e.UserID, Login: clip(e.Login, 100), Action: clip(e.Action, 32),
		Target: clip(e.Target, 64), Detail: clip(e.Detail, 255), At: at(e.At)}
	err := s.write(ctx, fmt.Sprintf("note %s of %s by user %d", e.Action, e.Target, e.UserID), func(tx *gorm.DB) error {
		r.ID = 0
		return tx.Create(r).Error
	})
	if err == nil {
		e.ID = r.ID
	}
	return err
}
