package api

import (
	"context"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

func (h deskHandlers) fetchNumber(ctx context.Context, id int64) error {
	return h.s.Desk.Numbers.FetchNumber(ctx, id)
}

// seenNumber is what the agent's page showed when he said what to do with the number: another one that is there by now is left alone.
type seenNumber struct {
	CallID string `json:"call_id"`
}

// withSeen does something with the number that the agent saw.
func (h deskHandlers) withSeen(do func(ctx context.Context, id int64, seen string) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		var in seenNumber
		if err := bindSome(c, &in); err != nil {
			return err
		}
		return h.act(func(ctx context.Context, id int64) error { return do(ctx, id, in.CallID) })(c)
	}
}

func (h deskHandlers) callNumber(ctx context.Context, id int64, seen string) error {
	return h.s.Desk.Numbers.CallNumber(ctx, id, seen)
}

func (h deskHandlers) giveBackNumber(ctx context.Context, id int64, seen string) error {
	return h.s.Desk.Numbers.GiveBackNumber(ctx, id, seen)
}

// mostMinutes is how long a number can be put off: thirty days.
const mostMinutes = 30 * 24 * 60

// skipNumber puts the number at which the log-in's agent looks off, or with 0 minutes takes it off the list for good.
func (h deskHandlers) skipNumber(c echo.Context) error {
	var in struct {
		seenNumber
		Minutes *int   `json:"minutes"`
		Reason  string `json:"reason"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	if in.Minutes == nil || *in.Minutes < 0 || *in.Minutes > mostMinutes {
		return models.NewError(models.Invalid, "minutes", "out_of_range", "say after how many minutes the number may be called again: 1 to 43200, 0 = never", "请填写多少分钟后可再次呼叫：1 到 43200，0 表示不再呼叫")
	}
	off := time.Duration(*in.Minutes) * time.Minute
	return h.act(func(ctx context.Context, id int64) error {
		return h.s.Desk.Numbers.SkipNumber(ctx, id, in.CallID, off, strings.TrimSpace(in.Reason))
	})(c)
}
