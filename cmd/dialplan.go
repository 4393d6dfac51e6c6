package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"waihu/controller"
	"waihu/dialplan"
	"waihu/models"
)

func newDialplan(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "dialplan",
		Short: a.t("What callees hear, as XML for FreeSWITCH", "拨号方案（FreeSWITCH XML）"),
	}
	var ids []int64
	export := &cobra.Command{
		Use:   "export DIR",
		Short: a.t("Write the dialplan of the campaigns, and the accounts of phones, into a folder; nothing is reloaded", "将拨号方案和话机账户写入目录，不重载交换机"),
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.exportDialplan(cmd.Context(), args[0], ids) },
	}
	export.Flags().Int64SliceVar(&ids, "campaign", nil, a.t("campaign id; may be repeated (default: all that may still call)", "任务编号，可重复（默认所有未结束的任务）"))
	c.AddCommand(export)
	return c
}

func (a *app) exportDialplan(ctx context.Context, dir string, ids []int64) error {
	l, err := a.config()
	if err != nil {
		return err
	}
	s, err := a.database(ctx, l)
	if err != nil {
		return err
	}
	defer s.Close()
	var campaigns []models.Campaign
	if len(ids) > 0 {
		for _, id := range ids {
			c, err := s.Campaign(ctx, id)
			if err != nil {
				return err
			}
			campaigns = append(campaigns, c)
		}
	} else {
		orgs, err := s.Organizations(ctx)
		if err != nil {
			return err
		}
		for _, o := range orgs {
			all, err := s.Campaigns(ctx, o.ID)
			if err != nil {
				return err
			}
			campaigns = append(campaigns, slices.DeleteFunc(all, over)...)
		}
	}
	plan, err := controller.PlanFor(ctx, campaigns, s, planSettings(l.Config))
	if err != nil {
		return err
	}
	r, err := dialplan.Export(dir, plan)
	if err != nil {
		return fmt.Errorf("export the dialplan to %s: %w", dir, err)
	}
	a.say("%s: revision %s, %d campaigns", "%s：修订 %s，%d 个任务", filepath.Join(dir, dialplan.FileName), r.Stamp, len(plan.Campaigns))
	users, err := accounts(ctx, s, l.Phones.Domain)
	if err != nil {
		return err
	}
	stamp, err := dialplan.ExportDirectory(filepath.Join(dir, "directory"), l.Phones.Domain, users)
	if err != nil {
		return fmt.Errorf("export the accounts of phones to %s: %w", dir, err)
	}
	a.say("%s: revision %s, %d phones of %s", "%s：修订 %s，%d 部话机，域 %s", filepath.Join(dir, "directory", dialplan.DirectoryFile), stamp, len(users), l.Phones.Domain)
	return nil
}

// over reports whether a campaign will not call any more.
func over(c models.Campaign) bool {
	return c.State == models.CampaignFinished || c.State == models.CampaignStopped
}
