package models_test

import (
	"testing"
	"time"

	"waihu/models"
)

// A day of one agent: signed in the evening before, one call with a hold, a break, and still idle at the end.
func TestTimesOf(t *testing.T) {
	from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return from.Add(time.Duration(s) * time.Second) }
	day := []models.StateChange{
		{At: at(-3600), State: models.AgentTalking, CallID: "yesterday"},
		{At: at(10), State: models.AgentIdle},
		{At: at(30), State: models.AgentRinging, CallID: "a"},
		{At: at(35), State: models.AgentTalking, CallID: "a"},
		{At: at(45), State: models.AgentHold, CallID: "a"},
		{At: at(50), State: models.AgentTalking, CallID: "a"},
		{At: at(60), State: models.AgentWrapUp, CallID: "a"},
		{At: at(70), State: models.AgentBusy, Reason: "lunch"},
		{At: at(90), State: models.AgentBusy, Reason: "forced"},
		{At: at(91), State: models.AgentReserved, CallID: "b"},
		{At: at(93), State: models.AgentOffline},
		{At: at(95), State: models.AgentIdle},
		{At: at(200), State: models.AgentTalking, CallID: "tomorrow"},
	}
	got := models.TimesOf(7, day, from, at(100))
	if got.Busy["lunch"] != 20000 || got.Busy["forced"] != 1000 || len(got.Busy) != 2 {
		t.Errorf("busy by reason: %v", got.Busy)
	}
	sum := got.IdleMS + got.ReservedMS + got.RingMS + got.TalkMS + got.HoldMS + got.WrapUpMS + got.BusyMS
	if got.AgentID != 7 || got.SignedInMS != 98000 || sum != got.SignedInMS {
		t.Errorf("signed in for %d ms, states add up to %d", got.SignedInMS, sum)
	}
	for name, v := range map[string][2]int64{
		"idle": {got.IdleMS, 25000}, "reserved": {got.ReservedMS, 2000}, "ring": {got.RingMS, 5000}, "talk": {got.TalkMS, 30000},
		"hold": {got.HoldMS, 5000}, "wrap-up": {got.WrapUpMS, 10000}, "busy": {got.BusyMS, 21000}, "calls": {got.Calls, 1},
	} {
		if v[0] != v[1] {
			t.Errorf("%s: %d, want %d", name, v[0], v[1])
		}
	}
	if none := models.TimesOf(7, nil, from, at(100)); none.SignedInMS != 0 || none.Busy == nil {
		t.Errorf("an agent without a history: %+v", none)
	}
}
