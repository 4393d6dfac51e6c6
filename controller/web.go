package controller

import (
	"context"
	"fmt"
	"time"

	"waihu/controller/floor"
	"waihu/models"
)

// Calls are the calls in progress of a campaign, 0 = of all, the oldest first.
func (c *Controller) Calls(ctx context.Context, campaignID int64) ([]floor.CallView, error) {
	s, err := c.on(ctx)
	if err != nil {
		return nil, err
	}
	var calls []floor.CallView
	err = s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect {
		calls = f.CallViews(campaignID)
		return nil
	})
	return calls, err
}

// HangUp ends one call in progress; one that is over already is not found.
func (c *Controller) HangUp(ctx context.Context, attemptID string) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	found := false
	err = s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect {
		var es []floor.Effect
		es, found = f.HangUp(attemptID)
		return es
	})
	if err == nil && !found {
		return models.NewError(models.NotFound, "id", "not_in_progress", "this call is not in progress any more; look at the call records",
			"该通话已结束，请查看通话记录")
	}
	return err
}

// LinesInUse counts the lines in use by trunk.
func (c *Controller) LinesInUse(ctx context.Context) (map[int64]int, error) {
	s, err := c.on(ctx)
	if err != nil {
		return nil, err
	}
	var lines map[int64]int
	err = s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect {
		lines = f.InUse()
		return nil
	})
	return lines, err
}

// ReloadTrunks tells the floor what the database says about trunks now: after one was added, changed, removed or let go on.
func (c *Controller) ReloadTrunks(ctx context.Context) error {
	s, err := c.on(ctx)
	if err != nil {
		return err
	}
	trunks, err := c.store.Trunks(ctx, 0)
	if err != nil {
		return fmt.Errorf("reload trunks: %w", err)
	}
	s.pace.limit(trunks)
	return s.ask(ctx, func(f *floor.Floor, _ time.Time) []floor.Effect { return f.OnlyTrunks(trunks) })
}
