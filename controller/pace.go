package controller

import (
	"context"
	"fmt"
	"time"

	"waihu/controller/campaign"
	"waihu/controller/floor"
	"waihu/models"
)

// Pace is what the pacing of campaigns needs of the database.
type Pace interface {
	WindowCounts(ctx context.Context, campaignID int64, since time.Time) (models.WindowCounts, error)
	SavePacing(ctx context.Context, samples []models.PacingSample) error
	SaveLearned(ctx context.Context, campaignID int64, data []byte, now time.Time) error
	Learned(ctx context.Context, campaignID int64) ([]byte, error)
}

// paceInput reads what the database knows for a campaign's pacing: what happened in the window of its abandonment limit, and
// what it learned before.
func (c *Controller) paceInput(ctx context.Context, camp models.Campaign) (input, error) {
	if camp.Mode != models.ModeDirectAgent {
		return func(*floor.Floor, time.Time) []floor.Effect { return nil }, nil
	}
	zones := c.cfg.Floor.Zones
	if zones == nil {
		zones = time.LoadLocation
	}
	from, _ := campaign.WindowAt(camp, zones, c.cfg.Clock.Now())
	counts, err := c.store.WindowCounts(ctx, camp.ID, from)
	if err != nil {
		return nil, fmt.Errorf("pacing of campaign %d: %w", camp.ID, err)
	}
	learned, err := c.store.Learned(ctx, camp.ID)
	if err != nil {
		return nil, fmt.Errorf("pacing of campaign %d: %w", camp.ID, err)
	}
	return func(f *floor.Floor, now time.Time) []floor.Effect {
		f.WindowCounted(camp.ID, from, counts, now)
		if err := f.Remember(camp.ID, learned); err != nil {
			c.log.Warn("pacing learns anew", "campaign", camp.ID, "err", err)
		}
		return nil
	}, nil
}

// Pacing shows the pacing of a campaign on the floor; false when there is none.
func (c *Controller) Pacing(ctx context.Context, campaignID int64) (floor.PacingView, bool, error) {
	s, err := c.on(ctx)
	if err != nil {
		return floor.PacingView{}, false, err
	}
	var v floor.PacingView
	found := false
	err = s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect {
		v, found = f.Pacing(campaignID)
		return nil
	})
	return v, found, err
}
