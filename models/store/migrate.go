package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"

	"waihu/models"
)

// MigrationStep is one change of the schema.
type MigrationStep struct {
	ID      string
	Applied bool
	Unknown bool // applied by a newer program: this one does not know it
}

const migrationTable = "migrations"

// Migrate brings the schema to this program's version. A schema that is newer is refused with a *models.Error and left
// as it is. A step that was cut short by a crash is done again.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.refuseNewer(ctx); err != nil {
		return err
	}
	if err := s.migrator(ctx).Migrate(); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// MigrateDown takes back the last step, with the data that it held.
func (s *Store) MigrateDown(ctx context.Context) error {
	if err := s.refuseNewer(ctx); err != nil {
		return err
	}
	err := s.migrator(ctx).RollbackLast()
	if errors.Is(err, gormigrate.ErrNoRunMigration) {
		return models.NewError(models.Conflict, "", "nothing_to_undo",
			"There is no migration to take back.", "没有可回退的迁移步骤。")
	}
	return wrap("take back the last migration", err)
}

// Migrations lists the known steps in their order, then the unknown ones that the database has.
func (s *Store) Migrations(ctx context.Context) ([]MigrationStep, error) {
	db := s.r.WithContext(ctx)
	applied := map[string]bool{}
	var ids []string
	if db.Migrator().HasTable(migrationTable) {
		if err := db.Raw("SELECT id FROM " + migrationTable + " ORDER BY id").Find(&ids).Error; err != nil {
			return nil, fmt.Errorf("list migrations: %w", err)
		}
	} else if err := s.Ping(ctx); err != nil { // HasTable says no as well when it cannot know
		return nil, err
	}
	for _, id := range ids {
		applied[id] = true
	}
	known := steps(s.d.name)
	out := make([]MigrationStep, 0, len(known))
	for _, m := range known {
		out = append(out, MigrationStep{ID: m.ID, Applied: applied[m.ID]})
		delete(applied, m.ID)
	}
	for _, id := range ids {
		if applied[id] {
			out = append(out, MigrationStep{ID: id, Applied: true, Unknown: true})
		}
	}
	return out, nil
}

func (s *Store) refuseNewer(ctx context.Context) error {
	all, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Unknown {
			return models.NewError(models.Conflict, "", "newer_schema",
				fmt.Sprintf("The database has step %s, which this program does not know: it was written by a newer Waihu. Start that version.", m.ID),
				fmt.Sprintf("数据库含有本程序不认识的迁移步骤 %s，说明它由更新版本的外呼写入，请使用新版本启动。", m.ID))
		}
	}
	return nil
}

// MySQL commits each DDL statement by itself, so a transaction around it would only pretend.
func (s *Store) migrator(ctx context.Context) *gormigrate.Gormigrate {
	return gormigrate.New(s.w.WithContext(ctx), &gormigrate.Options{
		TableName:      migrationTable,
		IDColumnName:   "id",
		IDColumnSize:   64,
		UseTransaction: s.d.name == SQLite,
	}, steps(s.d.name))
}

// createTable is a step of one CREATE TABLE. A table that is already there was made by a run that died before it could
// note the step.
func createTable(id, driver string, frozen any) *gormigrate.Migration {
	return &gormigrate.Migration{
		ID: id,
		Migrate: func(tx *gorm.DB) error {
			if tx.Migrator().HasTable(frozen) {
				return nil
			}
			if driver == MySQL {
				// Bytes compare as on SQLite, and Chinese and rare characters fit.
				tx = tx.Set("gorm:table_options", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin")
			}
			return wrap("create table of step "+id, tx.Migrator().CreateTable(frozen))
		},
		Rollback: func(tx *gorm.DB) error {
			return wrap("drop table of step "+id, tx.Migrator().DropTable(frozen))
		},
	}
}
