package controller

import (
	"slices"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/controller/floor"
	"waihu/models"
)

func TestQueueKeepsOrderAndTellsWhenItIsDone(t *testing.T) {
	var q queue[int]
	q.init()
	done := make(chan struct{})
	defer close(done)
	for i := range 10 {
		q.put(i)
	}
	drained := q.drained()
	got, _ := q.take(done, 4)
	if !slices.Equal(got, []int{0, 1, 2, 3}) || q.idle() {
		t.Fatalf("%v, idle %v", got, q.idle())
	}
	more, _ := q.take(done, 100)
	if !slices.Equal(more, []int{4, 5, 6, 7, 8, 9}) {
		t.Fatal(more)
	}
	select {
	case <-drained:
		t.Fatal("drained while the worker has items")
	default:
	}
	go q.take(done, 1) // asking again says that the last were done
	<-drained
	if !q.idle() {
		t.Fatal("not idle")
	}
	<-q.drained()
}

func TestQueueEndsWithDone(t *testing.T) {
	var q queue[int]
	q.init()
	done := make(chan struct{})
	close(done)
	if _, ok := q.take(done, 1); ok {
		t.Fatal("took from nothing")
	}
}

func TestFinishCarriesTheAnswerOfItsAttempt(t *testing.T) {
	b := sortOut([]floor.Effect{
		floor.MarkAnswered{AttemptID: "a"}, floor.MarkAnswered{AttemptID: "b"},
		floor.SetState{CampaignID: 1}, floor.Finish{Finish: models.Finish{AttemptID: "a"}}, floor.Release{AttemptIDs: []string{"c"}},
	})
	if len(b.answered) != 1 || len(b.finishes) != 1 || len(b.releases) != 1 || len(b.others) != 1 {
		t.Fatalf("%+v", b)
	}
}

func TestDialsOfOneCampaignAreOneTransaction(t *testing.T) {
	d := func(id int64, attempts ...string) floor.Dial {
		v := floor.Dial{Campaign: models.Campaign{ID: id}}
		for _, a := range attempts {
			v.Sends = append(v.Sends, models.Send{AttemptID: a})
		}
		return v
	}
	in := []floor.Dial{d(1, "a"), d(2, "b"), d(1, "c", "d")}
	out := merge(in)
	if len(out) != 2 || len(out[0].Sends) != 3 || out[0].Sends[2].AttemptID != "d" || len(out[1].Sends) != 1 || len(in[0].Sends) != 1 {
		t.Fatalf("%+v", out)
	}
}

// In no second of the clock more calls leave than a trunk and the switch may get, however large the batch.
func TestPacerHoldsTheRate(t *testing.T) {
	clk := clock.NewVirtual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 20)
	p := newPacer(50, []models.Trunk{{ID: 1, CPS: 10}, {ID: 2}}, clk)
	var all, slow []time.Time
	for i := range 120 {
		trunk := int64(2)
		if i%6 == 0 {
			trunk = 1
		}
		if !p.wait(nil, trunk) {
			t.Fatal("gave up")
		}
		now := clk.Now()
		p.took(trunk, now)
		all = append(all, now)
		if trunk == 1 {
			slow = append(slow, now)
		}
	}
	check := func(what string, at []time.Time, limit int) {
		for i := range at {
			if j := i + limit + 1; j < len(at) && at[j].Sub(at[i]) < time.Second {
				t.Errorf("%s: %d calls within %v", what, limit+2, at[j].Sub(at[i]))
			}
		}
	}
	check("all", all, 50)
	check("trunk 1", slow, 10)
	done := make(chan struct{})
	close(done)
	for range 3 { // the third must wait, and does not
		if !p.wait(done, 1) {
			return
		}
		p.took(1, clk.Now())
	}
	t.Error("a pacer must end with its session")
}
