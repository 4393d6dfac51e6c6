package floor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waihu/controller/call"
	"waihu/models"
)

// world answers the floor's effects late, in any order, with losses, and keeps its own books.
type world struct {
	t       *rapid.T
	f       *Floor
	now     time.Time
	todo    []Effect
	leads   map[int64]*models.Lead // due leads, by id
	open    map[string]models.Reserved
	dialled map[string]int
	ended   map[string]int
	live    map[string]bool // on the switch
	answers map[string]bool
	state   models.CampaignState
	up      bool
	serial  int
	limit   int
}

func newWorld(t *rapid.T) *world {
	w := &world{
		t: t, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), leads: map[int64]*models.Lead{}, open: map[string]models.Reserved{},
		dialled: map[string]int{}, ended: map[string]int{}, live: map[string]bool{}, answers: map[string]bool{},
		state: models.CampaignRunning, up: true, limit: rapid.IntRange(0, 5).Draw(t, "concurrency"),
	}
	cfg := Defaults()
	cfg.CPS = 50
	w.f = New(cfg)
	for i := range int64(rapid.IntRange(0, 12).Draw(t, "leads")) {
		w.leads[i+1] = &models.Lead{ID: i + 1, Number: fmt.Sprintf("+861380000%04d", i), State: models.LeadDue, NextAt: w.now}
	}
	w.f.Lead(true)
	w.f.Database(true)
	w.f.Published(true)
	w.f.Trunks([]models.Trunk{{ID: 1, Gateway: "a", Lines: rapid.IntRange(0, 3).Draw(t, "lines")}, {ID: 2, Gateway: "b", CPS: 5}})
	w.take(w.f.Start(w.campaign(), []string{"075512345678"}))
	w.take(w.f.SwitchUp("core", w.now))
	w.take(w.f.Channels(nil, w.now, w.now))
	return w
}

func (w *world) campaign() models.Campaign {
	return models.Campaign{ID: 1, State: w.state, MaxConcurrency: w.limit, TrunkIDs: []int64{1, 2}, Rules: models.Rules{
		Zone: "Asia/Shanghai", Retries: 1, RetryRules: []models.RetryRule{{Outcome: models.OutcomeBusy, Times: 3, DelaySeconds: 30, Factor: 1}},
	}}
}

func (w *world) take(es []Effect) {
	for _, e := range es {
		if d, ok := e.(Dial); ok && (!w.up || w.state != models.CampaignRunning) {
			w.t.Fatalf("dialled %d while the switch was up=%v and the campaign %s", len(d.Sends), w.up, w.state)
		}
		w.todo = append(w.todo, e)
	}
	if w.limit > 0 && w.f.campaigns[1] != nil && w.f.campaigns[1].inFlight > w.limit {
		w.t.Fatalf("%d calls with a limit of %d", w.f.campaigns[1].inFlight, w.limit)
	}
}

// answer carries out one effect, picked anywhere in the queue.
func (w *world) answer(lucky bool) {
	if len(w.todo) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.todo)-1).Draw(w.t, "effect")
	e := w.todo[i]
	w.todo = slices.Delete(w.todo, i, i+1)
	switch e := e.(type) {
	case Reserve:
		w.take(w.f.Reserved(1, w.reserve(e.Limit), nil, w.now))
	case Dial:
		w.dial(e, lucky)
	case Release:
		for _, id := range e.AttemptIDs {
			w.giveBack(id)
		}
		w.take(w.f.Released(e.CampaignID))
	case Finish:
		w.finish(e)
		w.take(w.f.Saved([]models.Finish{e.Finish}))
	case LookUp:
		if w.answers[e.AttemptID] && !w.live[e.AttemptID] {
			w.take(w.f.Heard(e.AttemptID, call.Event{Kind: call.Recorded, At: w.now, End: call.End{Cause: "USER_BUSY"}, Times: call.Times{Created: w.now}}, w.now))
			return
		}
		w.take(w.f.NoRecord(e.AttemptID))
	case SetState:
		w.state = e.To
	case Kill, MarkAnswered, PauseTrunk:
	}
}

func (w *world) reserve(limit int) models.ReserveResult {
	res := models.ReserveResult{}
	for id := int64(1); id <= int64(len(w.leads)); id++ {
		l := w.leads[id]
		switch {
		case l.State != models.LeadDue:
		case l.NextAt.After(w.now):
			if res.NextDue.IsZero() || l.NextAt.Before(res.NextDue) {
				res.NextDue = l.NextAt
			}
		case len(res.Reserved) < limit:
			l.State = models.LeadReserved
			w.serial++
			a := models.Attempt{ID: fmt.Sprintf("a%03d", w.serial), CampaignID: 1, LeadID: id, Number: l.Number, Kind: models.KindCampaign}
			w.open[a.ID] = models.Reserved{Attempt: a, Lead: *l}
			res.Reserved = append(res.Reserved, w.open[a.ID])
		}
	}
	return res
}

func (w *world) dial(e Dial, lucky bool) {
	var refused []models.Refusal
	for i, v := range e.Sends {
		if _, ok := w.open[v.AttemptID]; !ok {
			w.t.Fatalf("%s is dialled but not open", v.AttemptID)
		}
		switch {
		case !lucky && i%3 == 1:
			w.giveBack(v.AttemptID)
			refused = append(refused, models.Refusal{AttemptID: v.AttemptID})
		case !lucky && i%3 == 2:
			w.take(w.f.NotSent([]string{v.AttemptID}, w.now))
		default:
			w.dialled[v.AttemptID]++
			w.live[v.AttemptID] = true
			w.answers[v.AttemptID] = rapid.Bool().Draw(w.t, "leaves a record")
		}
	}
	w.take(w.f.Sent(refused, w.now))
}

func (w *world) giveBack(id string) {
	v, ok := w.open[id]
	if !ok {
		w.t.Fatalf("%s released but not open", id)
	}
	delete(w.open, id)
	w.leads[v.Lead.ID].State = models.LeadDue
}

func (w *world) finish(e Finish) {
	if w.ended[e.AttemptID]++; w.ended[e.AttemptID] > 1 {
		w.t.Fatalf("%s ended twice", e.AttemptID)
	}
	v, ok := w.open[e.AttemptID]
	if !ok {
		w.t.Fatalf("%s ended but not open", e.AttemptID)
	}
	delete(w.open, e.AttemptID)
	l := w.leads[v.Lead.ID]
	l.State, l.NextAt, l.Attempts, l.Retries = e.Lead.State, e.Lead.NextAt, e.Lead.Attempts, e.Lead.Retries
	l.LastOutcome, l.OutcomeRuns = e.Lead.LastOutcome, e.Lead.OutcomeRuns
}

// event lets a call on the switch say something, or end, unless the stream is down and the word is lost.
func (w *world) event() {
	ids := make([]string, 0, len(w.live))
	for id := range w.live {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	id := rapid.SampledFrom(ids).Draw(w.t, "call")
	kind := rapid.SampledFrom([]call.Kind{call.Created, call.Rang, call.Answered, call.HungUp, call.Completed, call.JobFailed}).Draw(w.t, "kind")
	ev := call.Event{Kind: kind, At: w.now, Node: "core", Times: call.Times{Created: w.now}, End: call.End{Cause: rapid.SampledFrom([]string{"USER_BUSY", "NORMAL_CLEARING"}).Draw(w.t, "cause")}}
	if kind == call.HungUp || kind == call.Completed || kind == call.JobFailed {
		delete(w.live, id)
	}
	if w.up && rapid.IntRange(0, 9).Draw(w.t, "heard") > 0 {
		w.take(w.f.Heard(id, ev, w.now))
	}
}

func (w *world) listed() map[string]bool {
	m := map[string]bool{}
	for id := range w.live {
		m[id] = true
	}
	return m
}

func (w *world) step() {
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 2000).Draw(w.t, "ms")) * time.Millisecond)
	switch rapid.IntRange(0, 11).Draw(w.t, "what") {
	case 0:
		if w.state == models.CampaignRunning {
			w.state = models.CampaignPaused
			w.take(w.f.Pause(1))
		} else if w.state == models.CampaignPaused {
			w.state = models.CampaignRunning
			w.take(w.f.Start(w.campaign(), []string{"075512345678"}))
		}
	case 1:
		w.up = !w.up
		if w.up {
			w.take(w.f.SwitchUp("core", w.now))
			w.take(w.f.Published(true))
		} else {
			w.take(w.f.SwitchDown())
		}
	case 2:
		if w.up {
			w.take(w.f.Channels(w.listed(), w.now, w.now))
		}
	case 3, 4, 5:
		w.event()
	case 6, 7, 8, 9:
		w.answer(rapid.Bool().Draw(w.t, "lucky"))
	default:
		w.take(w.f.Tick(w.now))
	}
}

// settle lets everything come to its end: the switch is up, calls end, effects are answered.
func (w *world) settle() {
	if w.state == models.CampaignPaused {
		w.state = models.CampaignRunning
		w.take(w.f.Start(w.campaign(), []string{"075512345678"}))
	}
	w.up = true
	w.take(w.f.SwitchUp("core", w.now))
	w.take(w.f.Published(true))
	for range 3000 {
		if w.state == models.CampaignFinished {
			return
		}
		w.now = w.now.Add(500 * time.Millisecond)
		for len(w.todo) > 0 {
			w.answer(true)
		}
		for id := range w.live {
			delete(w.live, id)
			w.take(w.f.Heard(id, call.Event{Kind: call.Completed, At: w.now, Times: call.Times{Created: w.now}, End: call.End{Cause: "NORMAL_CLEARING"}}, w.now))
			break
		}
		w.take(w.f.Channels(w.listed(), w.now, w.now))
		w.take(w.f.Tick(w.now))
	}
	w.t.Fatalf("the campaign does not finish: %+v, open %v, leads %+v", w.f.View(w.now).Campaigns[1], w.open, w.leads)
}

// Whatever is lost, late or refused: no attempt is dialled or ended twice, nothing is dialled that is not open, limits hold,
// every lead comes to an end, and no line stays taken.
func TestFloorInAnyWeather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(0, 120).Draw(t, "steps") {
			w.step()
		}
		w.settle()
		for id, n := range w.dialled {
			if n > 1 {
				t.Fatalf("%s dialled %d times", id, n)
			}
			if w.ended[id] != 1 {
				t.Fatalf("%s was dialled and ended %d times", id, w.ended[id])
			}
		}
		for _, l := range w.leads {
			if l.State != models.LeadDone || l.Attempts > 2 {
				t.Fatalf("lead %+v", l)
			}
		}
		if w.f.busy != 0 || w.f.trunks[1].inUse != 0 || w.f.trunks[2].inUse != 0 || len(w.f.calls) != 0 {
			t.Fatalf("lines left: %d, trunks %d %d, calls %d", w.f.busy, w.f.trunks[1].inUse, w.f.trunks[2].inUse, len(w.f.calls))
		}
	})
}
