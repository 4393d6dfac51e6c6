package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"waihu/api"
	"waihu/controller"
	"waihu/dialplan"
	"waihu/models"
)

// savedPlan is the dialplan that the active campaigns need.
func (w web) savedPlan(ctx context.Context) (dialplan.Plan, error) {
	active, err := w.ActiveCampaigns(ctx)
	if err != nil {
		return dialplan.Plan{}, err
	}
	return controller.PlanFor(ctx, active, w.Store, planSettings(w.plant.l.Config))
}

// DialplanState compares what is saved with what the switch has. Flows of campaigns that are over may stay behind: they hurt
// nobody, so they are not "pending".
func (w web) DialplanState(ctx context.Context) (api.DialplanState, error) {
	plan, err := w.savedPlan(ctx)
	if err != nil {
		return api.DialplanState{}, err
	}
	saved, err := dialplan.Render(plan)
	if err != nil {
		return api.DialplanState{}, err
	}
	out := api.DialplanState{Saved: saved.Stamp}
	if w.plant.files == nil {
		out.Live = w.plant.xml.Live()
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	s, err := w.plant.files.Status(ctx, plan)
	if err != nil {
		return out, fmt.Errorf("compare the dialplan with the switch: %w", err)
	}
	out.Live, out.Drift = s.Live, s.Drift
	has, err := w.published(plan)
	out.Pending = s.Live != s.File || !has
	return out, err
}

// published reports whether the newest revision holds everything that plan needs, and no queue, flow or route that is gone: an empty
// history holds an empty plan.
func (w web) published(plan dialplan.Plan) (bool, error) {
	all, err := w.plant.files.History()
	if err != nil {
		return false, err
	}
	var last dialplan.Plan
	if len(all) > 0 {
		last = all[0].Plan
	}
	return contains(last.Campaigns, plan.Campaigns) && same(last.Queues, plan.Queues) &&
		same(last.IVRs, plan.IVRs) && same(last.Routes, plan.Routes), nil
}

func same[T any](have, want []T) bool {
	return len(have) == len(want) && contains(have, want)
}

// contains compares as JSON, which is how revisions are kept.
func contains[T any](have, want []T) bool {
	known := map[string]bool{}
	key := func(v T) string {
		data, err := json.Marshal(v)
		if err != nil {
			return err.Error() // cannot happen: flows are plain values
		}
		return string(data)
	}
	for _, v := range have {
		known[key(v)] = true
	}
	return !slices.ContainsFunc(want, func(v T) bool { return !known[key(v)] })
}

// errNoRevisions is answered where the dialplan lives in memory only.
func errNoRevisions() error {
	return models.NewError(models.Conflict, "", "no_revisions", "with switch.publish: xml_curl no revisions are kept; use files for that", "switch.publish 为 xml_curl 时不保留修订，请改用 files")
}

// DialplanRevisions lists what was live, the newest first.
func (w web) DialplanRevisions(context.Context) ([]api.DialplanRevision, error) {
	if w.plant.files == nil {
		return nil, nil
	}
	all, err := w.plant.files.History()
	if err != nil {
		return nil, fmt.Errorf("list the revisions of the dialplan: %w", err)
	}
	out := make([]api.DialplanRevision, 0, len(all))
	for _, p := range all {
		r := api.DialplanRevision{Stamp: p.Stamp, At: p.At.UTC(), Campaigns: []int64{}, Queues: []int64{}}
		for _, c := range p.Plan.Campaigns {
			r.Campaigns = append(r.Campaigns, c.CampaignID)
		}
		for _, q := range p.Plan.Queues {
			r.Queues = append(r.Queues, q.QueueID)
		}
		out = append(out, r)
	}
	return out, nil
}

// DialplanDiff compares two revisions; without to, the newest one.
func (w web) DialplanDiff(_ context.Context, from, to string) ([]api.DialplanChange, error) {
	if w.plant.files == nil {
		return nil, errNoRevisions()
	}
	if to == "" {
		all, err := w.plant.files.History()
		if err != nil {
			return nil, fmt.Errorf("list the revisions of the dialplan: %w", err)
		}
		if len(all) > 0 {
			to = all[0].Stamp
		}
	}
	changes, err := w.plant.files.Diff(from, to)
	if err != nil {
		return nil, err
	}
	return changesOf(changes), nil
}

func changesOf(changes []dialplan.Change) []api.DialplanChange {
	out := make([]api.DialplanChange, 0, len(changes))
	for _, c := range changes {
		out = append(out, api.DialplanChange{Extension: c.Extension, Kind: c.Kind, Lines: c.Lines})
	}
	return out
}

// DialplanDrift is what was edited by hand.
func (w web) DialplanDrift(context.Context) (api.DialplanDrift, error) {
	out := api.DialplanDrift{Changes: []api.DialplanChange{}}
	if w.plant.files == nil {
		return out, nil // in memory there is nothing to edit
	}
	d, err := w.plant.files.Drift()
	if err != nil {
		return out, fmt.Errorf("look for changes of the dialplan that were made by hand: %w", err)
	}
	out.Edited, out.Seen, out.Fault, out.Changes = d.Edited, d.Seen, d.Fault, changesOf(d.Changes)
	return out, nil
}

// PublishDialplan brings live what the active campaigns need.
func (w web) PublishDialplan(ctx context.Context, over string) (string, error) {
	r, err := w.plant.floor.Republish(ctx, over)
	return r.Stamp, err
}

// RollbackDialplan publishes an earlier revision again.
func (w web) RollbackDialplan(ctx context.Context, stamp string) (string, error) {
	if w.plant.files == nil {
		return "", errNoRevisions()
	}
	r, err := w.plant.files.Rollback(ctx, stamp)
	return r.Stamp, err
}
