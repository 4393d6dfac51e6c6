package api

import (
	"context"
	"reflect"
	"testing"
	"time"

	"waihu/models"
)

// twoBooks are what the database and the floor tell of campaign 7.
type twoBooks struct {
	Lines
	Counts
	stored models.Progress
	counts int
	floor  FloorNow
	during func() // while the database counts
}

func (b *twoBooks) Now(context.Context) FloorNow { return b.floor }

func (b *twoBooks) Progress(context.Context, int64) (models.Progress, error) {
	b.counts++
	if b.during != nil {
		b.during()
	}
	return b.stored, nil
}

func (b *twoBooks) settle(outcome models.Outcome, n int64) {
	now := b.floor.Campaigns[7]
	done := map[models.Outcome]int64{outcome: n}
	for o, k := range now.Done {
		done[o] += k
	}
	now.Done, now.Ended = done, now.Ended+n
	b.floor.Campaigns = map[int64]CampaignNow{7: now}
}

// TestPulseFollowsTheFloor: between two counts of the database the page goes on by what the floor settled; nothing is counted
// twice, whenever it was settled.
func TestPulseFollowsTheFloor(t *testing.T) {
	b := &twoBooks{stored: models.Progress{Leads: 100, Due: 90, Done: 10, Outcomes: map[models.Outcome]int64{"busy": 10}}}
	b.floor.Campaigns = map[int64]CampaignNow{7: {InFlight: 3, Held: 2, Ended: 10, Done: map[models.Outcome]int64{"busy": 10}}}
	clk := &handClock{at: time.Unix(0, 0)}
	p := &pulse{s: &Services{Work: Work{Counts: b, Lines: b}}, id: 7, clock: clk}
	look := func() models.Progress {
		t.Helper()
		v, err := p.count(t.Context(), models.CampaignRunning, b.Now(t.Context()), clk.Now())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	b.during = func() { b.settle("busy", 1) } // the count does not have it yet
	if v := look(); v.Done != 10 {
		t.Errorf("%d done, want the 10 of the database", v.Done)
	}
	b.during = nil
	b.settle("answered", 4)
	want := models.Progress{Leads: 100, Done: 14, Due: 81, Reserved: 5, Outcomes: map[models.Outcome]int64{"busy": 10, "answered": 4}}
	if v := look(); !reflect.DeepEqual(v, want) || b.counts != 1 {
		t.Errorf("between counts: %+v after %d counts, want %+v after 1", v, b.counts, want)
	}
	b.stored.Done, b.stored.Outcomes = 15, map[models.Outcome]int64{"busy": 11, "answered": 4}
	clk.at = clk.at.Add(countEvery)
	if v := look(); v.Done != 15 || b.counts != 2 {
		t.Errorf("when it is time: %d done after %d counts, want 15 after 2", v.Done, b.counts)
	}
	b.floor.Campaigns = map[int64]CampaignNow{7: {Ended: 1, Done: map[models.Outcome]int64{"busy": 1}}} // another floor
	if v := look(); v.Done != 15 || b.counts != 3 {
		t.Errorf("a floor that begins again: %d done after %d counts, want 15 after 3", v.Done, b.counts)
	}
}
