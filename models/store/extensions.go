package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

type extensionRow struct {
	ID, OrganizationID     int64
	Number, Name, Password string
	AutoAnswer             bool
	Version                int64
	CreatedAt              stamp
}

func (extensionRow) TableName() string      { return "extensions" }
func (extensionRow) what() (string, string) { return "extension", "分机" }
func (r extensionRow) model() models.Extension {
	return models.Extension{ID: r.ID, OrganizationID: r.OrganizationID, Number: r.Number, Name: r.Name,
		Password: r.Password, AutoAnswer: r.AutoAnswer, Version: r.Version, CreatedAt: r.CreatedAt.t}
}

func rowOfExtension(e models.Extension) *extensionRow {
	return &extensionRow{ID: e.ID, OrganizationID: e.OrganizationID, Number: e.Number, Name: e.Name,
		Password: e.Password, AutoAnswer: e.AutoAnswer, Version: e.Version, CreatedAt: at(e.CreatedAt)}
}

// CreateExtension saves e and fills in its ID, its Version and, when zero, CreatedAt. Numbers are unique over all
// organizations: they are the users of one SIP domain.
func (s *Store) CreateExtension(ctx context.Context, e *models.Extension) error {
	if e.CreatedAt.IsZero() {
		e.CreatedAt = s.clk.Now().UTC()
	}
	r := rowOfExtension(*e)
	r.ID, r.Version = 0, 1
	if err := insert[models.Extension](ctx, s, r, "number"); err != nil {
		return err
	}
	e.ID, e.Version = r.ID, r.Version
	return nil
}

// Extension reads one extension.
func (s *Store) Extension(ctx context.Context, id int64) (models.Extension, error) {
	return first[models.Extension, extensionRow](ctx, s, id, "id = ?", id)
}

// Extensions lists an organization's extensions by id; for organization 0 those of all.
func (s *Store) Extensions(ctx context.Context, org int64) ([]models.Extension, error) {
	return list[models.Extension, extensionRow](ctx, s, "organization_id = ? OR ? = 0", org, org)
}

// UpdateExtension writes number, name, password and auto-answer of an extension whose version is still e.Version, and
// raises e.Version. Somebody else's change in between is a conflict on "version".
func (s *Store) UpdateExtension(ctx context.Context, e *models.Extension) error {
	r := rowOfExtension(*e)
	r.Version++
	err := s.write(ctx, fmt.Sprintf("update extension %d", e.ID), func(tx *gorm.DB) error {
		return versioned[models.Extension](tx, r, e.ID, e.Version, "number", "name", "password", "auto_answer", "version")
	})
	if err == nil {
		e.Version = r.Version
	}
	return taken(err, "number", "extension", "分机号码")
}

// DeleteExtension removes an extension that is bound to no agent.
func (s *Store) DeleteExtension(ctx context.Context, id int64) error {
	return s.write(ctx, fmt.Sprintf("delete extension %d", id), func(tx *gorm.DB) error {
		who, err := names(tx.Raw("SELECT CONCAT(staff_number, ' ', name) AS name FROM agents WHERE extension_id = ?", id))
		if err != nil {
			return err
		}
		if who != "" {
			return models.NewError(models.Conflict, "id", "in_use",
				fmt.Sprintf("Extension %d is bound to agent %s; give that agent another phone first.", id, who),
				fmt.Sprintf("分机 %d 已绑定坐席 %s，请先为该坐席更换话机。", id, who))
		}
		return gone[models.Extension](tx, &extensionRow{}, id)
	})
}
