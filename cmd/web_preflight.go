package cmd

import (
	"context"
	"errors"
	"slices"

	"waihu/controller/campaign"
	"waihu/models"
)

// Preflight is what to know before the campaign starts.
func (w work) Preflight(ctx context.Context, c models.Campaign) ([]models.Finding, error) {
	known := campaign.Launch{Campaign: c, Now: w.plant.clock.Now()}
	for _, err := range []error{complete(c), w.CheckCampaign(ctx, c), w.staffed(ctx, c)} {
		var caller *models.Error
		if errors.As(err, &caller) {
			known.Faults = append(known.Faults, caller.Fields...)
		} else if err != nil {
			return nil, err
		}
	}
	for _, gather := range []func(context.Context, *campaign.Launch) error{w.filesOf, w.callersOf, w.linesOf} {
		if err := gather(ctx, &known); err != nil {
			return nil, err
		}
	}
	return campaign.Preflight(known), nil
}

// filesOf are the number file with what a campaign would meet in it, and the voice file; what is not chosen or gone stays zero.
func (w work) filesOf(ctx context.Context, known *campaign.Launch) (err error) {
	c := known.Campaign
	if known.Voice, err = w.VoiceFile(ctx, c.VoiceFileID); err != nil && !models.IsKind(err, models.NotFound) {
		return err
	}
	if c.ContactListID == 0 {
		return nil
	}
	if known.List, err = w.ContactList(ctx, c.ContactListID); err != nil && !models.IsKind(err, models.NotFound) {
		return err
	}
	known.Facts, err = w.ListFacts(ctx, c, known.Now)
	return err
}

func (w work) callersOf(ctx context.Context, known *campaign.Launch) error {
	for _, id := range known.Campaign.CallerIDs {
		v, err := w.CallerNumber(ctx, id)
		if err == nil {
			known.Callers = append(known.Callers, v)
		} else if !models.IsKind(err, models.NotFound) {
			return err
		}
	}
	return nil
}

// linesOf are the trunks, and the agents that will need them.
func (w work) linesOf(ctx context.Context, known *campaign.Launch) error {
	c := known.Campaign
	all, err := w.Trunks(ctx, c.OrganizationID)
	if err != nil {
		return err
	}
	known.Trunks = slices.DeleteFunc(all, func(t models.Trunk) bool { return !slices.Contains(c.TrunkIDs, t.ID) })
	if c.Mode == models.ModeDirectAgent && c.QueueID != 0 {
		known.Agents, err = w.membersOf(ctx, c)
	}
	return err
}
