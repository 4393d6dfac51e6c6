package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type trunkRow struct {
	ID, OrganizationID                      int64
	Name, Gateway, DialPrefix, NumberFormat string
	Lines, HandLines                        int
	CPS                                     float64
	Allow400                                bool `gorm:"column:allow_400"`
	Paused                                  bool
	PausedReason                            string
	PausedUntil                             stamp
	Version                                 int64
}

func (trunkRow) TableName() string      { return "trunks" }
func (trunkRow) what() (string, string) { return "trunk", "中继" }
func (r trunkRow) model() models.Trunk {
	return models.Trunk{ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, Gateway: r.Gateway,
		DialPrefix: r.DialPrefix, NumberFormat: models.NumberFormat(r.NumberFormat), Lines: r.Lines, HandLines: r.HandLines, CPS: r.CPS,
		Allow400: r.Allow400, Paused: r.Paused, PausedReason: r.PausedReason, PausedUntil: r.PausedUntil.ptr(), Version: r.Version}
}

func rowOfTrunk(t models.Trunk) *trunkRow {
	return &trunkRow{ID: t.ID, OrganizationID: t.OrganizationID, Name: t.Name, Gateway: t.Gateway,
		DialPrefix: t.DialPrefix, NumberFormat: string(t.NumberFormat), Lines: t.Lines, HandLines: t.HandLines, CPS: t.CPS, Allow400: t.Allow400,
		Paused: t.Paused, PausedReason: t.PausedReason, PausedUntil: atp(t.PausedUntil), Version: t.Version}
}

// CreateTrunk saves t and fills in its ID. Names are unique over all organizations.
func (s *Store) CreateTrunk(ctx context.Context, t *models.Trunk) error {
	r := rowOfTrunk(*t)
	r.ID, r.Version = 0, 1
	if err := insert[models.Trunk](ctx, s, r, "name"); err != nil {
		return err
	}
	t.ID, t.Version = r.ID, 1
	return nil
}

// Trunk reads one trunk.
func (s *Store) Trunk(ctx context.Context, id int64) (models.Trunk, error) {
	return first[models.Trunk, trunkRow](ctx, s, id, "id = ?", id)
}

// TrunkByName reads the trunk of that name.
func (s *Store) TrunkByName(ctx context.Context, name string) (models.Trunk, error) {
	return first[models.Trunk, trunkRow](ctx, s, name, "name = ?", name)
}

// Trunks lists the trunks that an organization may use, its own and the shared ones, by id; for organization 0, which is
// what the daemon asks for, those of all.
func (s *Store) Trunks(ctx context.Context, org int64) ([]models.Trunk, error) {
	if org == 0 {
		return list[models.Trunk, trunkRow](ctx, s, "1 = 1")
	}
	return list[models.Trunk, trunkRow](ctx, s, "organization_id IN (0, ?)", org)
}

// UpdateTrunk writes the settings, but not a pause; t.Version must be the one that was read, and is the next one afterwards.
func (s *Store) UpdateTrunk(ctx context.Context, t *models.Trunk) error {
	r := rowOfTrunk(*t)
	r.Version++
	err := s.write(ctx, fmt.Sprintf("update trunk %d", t.ID), func(tx *gorm.DB) error {
		return versioned[models.Trunk](tx, r, t.ID, t.Version, "organization_id", "name", "gateway", "dial_prefix",
			"number_format", "lines", "hand_lines", "cps", "allow_400", "version")
	})
	if err == nil {
		t.Version = r.Version
	}
	return taken(err, "name", "trunk", "中继")
}

// PauseTrunk pauses a trunk with a reason until a time (nil: until somebody ends it), or ends its pause.
func (s *Store) PauseTrunk(ctx context.Context, id int64, paused bool, reason string, until *time.Time) error {
	return update[models.Trunk](ctx, s, &trunkRow{Paused: paused, PausedReason: clip(reason, 255), PausedUntil: atp(until)}, id,
		"name", "paused", "paused_reason", "paused_until")
}

// DeleteTrunk removes a trunk with no attempt in progress that no queue's overflow uses.
func (s *Store) DeleteTrunk(ctx context.Context, id int64) error {
	return remove[models.Trunk](ctx, s, &trunkRow{}, id, func(tx *gorm.DB) (bool, error) {
		if err := usedByQueue(tx, "trunk", "中继", id, "overflow_kind = 'number' AND overflow_trunk_id = ?"); err != nil {
			return false, err
		}
		if err := usedByFlow(tx, "trunk", "中继", "trunk", id); err != nil {
			return false, err
		}
		var n int64
		err := tx.Raw("SELECT COUNT(*) FROM attempts WHERE open_number_key > '' AND trunk_id = ?", id).Find(&n).Error
		if err != nil {
			return false, fmt.Errorf("count open attempts of trunk %d: %w", id, err)
		}
		return n > 0, nil
	})
}
