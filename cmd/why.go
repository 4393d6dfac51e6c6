package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"waihu/controller/campaign"
	"waihu/controller/number"
	"waihu/models"
	"waihu/models/store"
)

func newWhy(a *app) *cobra.Command {
	var org int64
	c := &cobra.Command{
		Use:   "why NUMBER",
		Short: a.t("Say why a number was (not) called, and when it will be", "说明某号码为何（未）被呼叫，以及何时呼叫"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.config()
			if err != nil {
				return err
			}
			o := intakeOptions(l.Config)
			n, bad := number.Normalise(args[0], o.Region, o.Policy)
			if bad != nil {
				return bad.Err("NUMBER") // it is never called, and this says why
			}
			return a.withReady(cmd.Context(), func(ctx context.Context, s *store.Store) error { return a.why(ctx, s, org, n.E164) })
		},
	}
	c.Flags().Int64Var(&org, "organization", 0, a.t("organisation id (default: the first one)", "机构编号（默认第一个）"))
	return c
}

func (a *app) why(ctx context.Context, s *store.Store, org int64, e164 string) error {
	org, err := organization(ctx, s, org)
	if err != nil {
		return err
	}
	w, err := s.Whereabouts(ctx, org, e164)
	if err != nil {
		return err
	}
	for _, e := range w.Blacklist {
		a.say("blacklist: %s (%s)%s", "黑名单：%s（%s）%s", e.Number, e.Source, until(e.ExpiresAt))
	}
	findings := campaign.Explain(w, time.LoadLocation, time.Now())
	if len(findings) == 0 {
		a.say("%s is in no campaign", "%s 不在任何任务中", e164)
	}
	for _, f := range findings {
		line := a.gate(f.Why)
		if f.Why == models.GateFinal {
			line += " (" + string(f.Lead.LastOutcome) + ")"
		}
		if f.Why == models.GateOpen {
			line = a.t("due, waits for its turn", "已到期，等待呼叫")
		}
		a.say("campaign %d %q: %s%s; dialled %d times", "任务 %d “%s”：%s%s；已呼叫 %d 次", f.Campaign.ID, f.Campaign.Name, line, until(&f.Until), f.Lead.Attempts)
	}
	for _, v := range w.Last {
		a.say("  %s campaign %d: %s %s", "  %s 任务 %d：%s %s", v.SentAt.Local().Format(time.DateTime), v.CampaignID, v.Outcome, v.Cause)
	}
	for _, v := range w.Skips {
		why := a.skipReason(v.Reason)
		if why != "" {
			why = a.t(": ", "：") + why
		}
		a.say("  %s campaign %d: skipped by agent %s %s%s", "  %s 任务 %d：坐席 %s %s 跳过%s", v.At.Local().Format(time.DateTime), v.CampaignID, v.StaffNumber, v.AgentName, why)
	}
	return nil
}

// skipReason writes a reason for which an agent skipped a number: one that was offered, or his own words.
func (a *app) skipReason(reason string) string {
	if said, ok := map[string]string{
		"not_target": a.t("not the right customer", "非目标客户"), "contacted": a.t("contacted already", "已联系过"),
		"bad_data": a.t("wrong or missing data", "资料有误或缺失"), "bad_time": a.t("not a good time", "时间不合适"),
	}[reason]; ok {
		return said
	}
	return reason
}

// until writes the end of something, if it is known.
func until(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return fmt.Sprintf(" → %s", t.Local().Format("2006-01-02 15:04"))
}
