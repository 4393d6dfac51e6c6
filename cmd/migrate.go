package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"waihu/models/store"
)

func newMigrate(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate",
		Short: a.t("Bring the database to this version's schema", "数据库迁移"),
	}
	c.AddCommand(
		&cobra.Command{
			Use: "up", Args: cobra.NoArgs,
			Short: a.t("Apply what is missing", "执行缺少的迁移"),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withDatabase(cmd.Context(), func(ctx context.Context, s *store.Store) error {
					_, before, _, err := migrationState(ctx, s)
					if err != nil {
						return err
					}
					if err := s.Migrate(ctx); err != nil {
						return err
					}
					a.say("%d steps applied", "已执行 %d 步", before)
					return nil
				})
			},
		},
		&cobra.Command{
			Use: "down", Args: cobra.NoArgs,
			Short: a.t("Take the last step back; its data is lost", "撤销最后一步（其数据会丢失）"),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withDatabase(cmd.Context(), func(ctx context.Context, s *store.Store) error {
					if err := s.MigrateDown(ctx); err != nil {
						return err
					}
					a.say("the last step was taken back", "已撤销最后一步")
					return nil
				})
			},
		},
		&cobra.Command{
			Use: "status", Args: cobra.NoArgs,
			Short: a.t("List the steps", "列出各步"),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withDatabase(cmd.Context(), func(ctx context.Context, s *store.Store) error {
					steps, err := s.Migrations(ctx)
					if err != nil {
						return err
					}
					for _, m := range steps {
						state := a.t("pending", "待执行")
						switch {
						case m.Unknown:
							state = a.t("unknown to this version", "本版本未知")
						case m.Applied:
							state = a.t("applied", "已执行")
						}
						a.say("%-40s %s", "%-40s %s", m.ID, state)
					}
					return nil
				})
			},
		})
	return c
}

// withDatabase runs f on the configured database as it is.
func (a *app) withDatabase(ctx context.Context, f func(context.Context, *store.Store) error) error {
	l, err := a.config()
	if err != nil {
		return err
	}
	s, err := a.open(ctx, l)
	if err != nil {
		return err
	}
	defer s.Close()
	return f(ctx, s)
}
