package cmd

import (
	"context"
	"time"

	"waihu/api"
	"waihu/controller/campaign"
	"waihu/controller/doctor"
	"waihu/controller/number"
)

// Checks is what `waihu doctor` finds.
func (w web) Checks(ctx context.Context) ([]api.Check, error) {
	found := doctor.Run(ctx, w.app.examination(w.plant.l))
	out := make([]api.Check, 0, len(found))
	for _, c := range found {
		out = append(out, api.Check{Name: c.Name, State: string(c.State), Text: c.Text, TextZH: c.TextZH, Mend: c.Mend, MendZH: c.MendZH})
	}
	return out, nil
}

// Why says why a number is (not) called, and when it will be.
func (w web) Why(ctx context.Context, org int64, raw string) (api.Findings, error) {
	o := intakeOptions(w.plant.l.Config)
	n, bad := number.Normalise(raw, o.Region, o.Policy)
	if bad != nil {
		return api.Findings{}, bad.Err("number") // it is never called, and this says why
	}
	is, err := w.Whereabouts(ctx, org, n.E164)
	if err != nil {
		return api.Findings{}, err
	}
	out := api.Findings{Number: n.E164, Findings: []api.Finding{}, Blacklist: is.Blacklist, Last: is.Last, Skips: is.Skips, Rejected: is.Rejected}
	for _, f := range campaign.Explain(is, time.LoadLocation, w.plant.clock.Now()) {
		found := api.Finding{CampaignID: f.Campaign.ID, CampaignName: f.Campaign.Name, Lead: f.Lead, Why: f.Why}
		if !f.Until.IsZero() {
			until := f.Until.UTC()
			found.Until = &until
		}
		out.Findings = append(out.Findings, found)
	}
	out.Skips = full(out.Skips)
	out.Blacklist, out.Last, out.Rejected = full(out.Blacklist), full(out.Last), full(out.Rejected)
	return out, nil
}

// full makes [] of what would be null in JSON.
func full[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}
