package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"waihu/config"
	"waihu/controller/doctor"
	"waihu/models"
	"waihu/models/store"
)

// folders makes the folders below data_dir that the daemon and the switch work in. Folders elsewhere are the operator's.
func folders(l config.Loaded) error {
	for _, dir := range []string{l.DataDir, l.SoundsDir, l.Switch.DialplanDir, l.Switch.DirectoryDir, l.Switch.RecordingsDir, l.Switch.CDRDir} {
		below, err := filepath.Rel(l.DataDir, dir)
		if err != nil || !filepath.IsLocal(below) {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make the folders of data_dir (from %s): %w", l.Source("data_dir"), err)
		}
	}
	return nil
}

// open opens the database as it is. Nothing is migrated.
func (a *app) open(ctx context.Context, l config.Loaded) (*store.Store, error) {
	if l.Database.Driver == store.SQLite {
		if err := os.MkdirAll(filepath.Dir(l.Database.DSN.Reveal()), 0o755); err != nil {
			return nil, fmt.Errorf("make the folder of the database (data_dir, from %s): %w", l.Source("data_dir"), err)
		}
	}
	s, err := store.Open(ctx, store.Config{Driver: l.Database.Driver, DSN: l.Database.DSN.Reveal(), Logger: a.logger(l.Log)})
	if err != nil {
		return nil, fmt.Errorf("open the database (database.dsn, from %s): %w", l.Source("database.dsn"), err)
	}
	return s, nil
}

// database opens a database that is ready for use. The embedded one, which belongs to this program alone, and an empty one
// are migrated on the way; a server that holds data is migrated by somebody who has made a backup, with `waihu migrate up`.
func (a *app) database(ctx context.Context, l config.Loaded) (*store.Store, error) {
	s, err := a.open(ctx, l)
	if err != nil {
		return nil, err
	}
	if err := a.ready(ctx, l, s); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (a *app) ready(ctx context.Context, l config.Loaded, s *store.Store) error {
	applied, pending, unknown, err := migrationState(ctx, s)
	switch {
	case err != nil:
		return err
	case unknown > 0:
		return models.NewError(models.Conflict, "database.dsn", "newer_schema",
			"the database was changed by a newer version: run that one, or restore a backup", "数据库已被更新的版本修改：请运行该版本，或恢复备份")
	case pending == 0:
		return nil
	case l.Database.Driver == store.SQLite || applied == 0:
		return s.Migrate(ctx)
	default:
		return models.NewError(models.Conflict, "database.dsn", "not_migrated",
			fmt.Sprintf("the database lacks %d migrations: waihu migrate up", pending), fmt.Sprintf("数据库缺少 %d 步迁移：请执行 waihu migrate up", pending))
	}
}

func migrationState(ctx context.Context, s *store.Store) (applied, pending, unknown int, err error) {
	steps, err := s.Migrations(ctx)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("read the migrations of the database: %w", err)
	}
	for _, m := range steps {
		switch {
		case m.Unknown:
			unknown++
		case m.Applied:
			applied++
		default:
			pending++
		}
	}
	return applied, pending, unknown, nil
}

// examine is what doctor asks of the database.
func (a *app) examine(ctx context.Context, l config.Loaded) (doctor.Database, error) {
	d := doctor.Database{Name: l.Database.Driver, Fresh: l.Database.Driver == store.SQLite}
	if l.Database.Driver == store.SQLite {
		d.Name += " " + l.Database.DSN.Reveal()
	} else if c, err := store.MySQLConfig(l.Database.DSN.Reveal()); err == nil {
		d.Name += " " + c.Addr + "/" + c.DBName
	}
	s, err := a.open(ctx, l)
	if err != nil {
		return d, err
	}
	defer s.Close()
	applied, pending, unknown, err := migrationState(ctx, s)
	if err != nil {
		return d, err
	}
	d.Fresh, d.Pending, d.Unknown = d.Fresh || applied == 0, pending, unknown
	d.Now, err = s.Now(ctx)
	return d, err
}

// organization finds the organization that a command works for: the given one, else the first, which is made when there
// is none.
func organization(ctx context.Context, s *store.Store, id int64) (int64, error) {
	if id != 0 {
		o, err := s.Organization(ctx, id)
		return o.ID, err
	}
	all, err := s.Organizations(ctx)
	if err != nil {
		return 0, err
	}
	if len(all) > 0 {
		return all[0].ID, nil
	}
	o := models.Organization{Name: "default"}
	err = s.CreateOrganization(ctx, &o)
	return o.ID, err
}

// withReady runs f on the configured database once it is migrated.
func (a *app) withReady(ctx context.Context, f func(context.Context, *store.Store) error) error {
	l, err := a.config()
	if err != nil {
		return err
	}
	s, err := a.database(ctx, l)
	if err != nil {
		return err
	}
	defer s.Close()
	return f(ctx, s)
}
