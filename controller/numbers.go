package controller

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waihu/controller/floor"
	"waihu/models"
)

// longestPutOff is how far ahead an agent may put a number off.
const longestPutOff = 30 * 24 * time.Hour

// FetchNumber keeps the next due number of the manual campaigns of an agent's queues for him (取号).
func (c *Controller) FetchNumber(ctx context.Context, agentID int64) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.Fetch(agentID, now) })
}

// CallNumber has the number called at which an agent looks (呼叫). seen is the attempt that he saw, "" = he does not say: what he has
// not seen is not called, skipped or given back.
func (c *Controller) CallNumber(ctx context.Context, agentID int64, seen string) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) { return f.CallNumber(agentID, seen, now) })
}

// SkipNumber puts the number at which an agent looks off (跳过); 0 = it is not called any more. He may say why in a few words.
func (c *Controller) SkipNumber(ctx context.Context, agentID int64, seen string, off time.Duration, reason string) error {
	if utf8.RuneCountInString(reason) > models.MaxSkipReason || strings.ContainsFunc(reason, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return models.NewError(models.Invalid, "reason", "bad_reason", "write at most 64 characters on one line, or leave the reason out", "请在一行内填写不超过 64 个字符的原因，或留空")
	}
	if off < 0 || off > longestPutOff {
		return models.NewError(models.Invalid, "minutes", "out_of_range", "use 1 minute to 30 days", "请填写 1 分钟到 30 天")
	}
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		until := time.Time{}
		if off > 0 {
			until = now.Add(off)
		}
		return f.SkipNumber(agentID, seen, reason, until, now)
	})
}

// GiveBackNumber lets the number at which an agent looks be due again at once (退回).
func (c *Controller) GiveBackNumber(ctx context.Context, agentID int64, seen string) error {
	return c.command(ctx, func(f *floor.Floor, now time.Time) ([]floor.Effect, error) {
		return f.GiveBackNumber(agentID, seen, now)
	})
}
