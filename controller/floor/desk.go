package floor

import (
	"slices"
	"time"

	"waihu/controller/campaign"
	"waihu/models"
)

// Start puts a campaign on the floor, or takes over its changed settings. Its state is already saved. callers are the
// numbers it may show.
func (f *Floor) Start(c models.Campaign, callers []string) []Effect {
	r := f.place(c)
	r.callers = slices.Clone(callers)
	if c.State != models.CampaignRunning {
		f.giveBack(r)
	}
	return f.take()
}

// place finds or makes the campaign's place on the floor.
func (f *Floor) place(c models.Campaign) *running {
	r, ok := f.campaigns[c.ID]
	if !ok {
		r = &running{inFlight: f.lines(c.ID)}
		f.campaigns[c.ID] = r
		f.order = append(f.order, c.ID)
	}
	r.c = c
	r.calendar = campaign.NewCalendar(c.Rules, f.cfg.Zones)
	f.pace(r)
	r.renew()
	r.probe = true
	f.version++
	return r
}

// renew forgets what the database said about leads: it has changed, or will have.
func (r *running) renew() {
	r.askAgain, r.exhausted, r.outdated = time.Time{}, false, r.reserving
}

// Renew asks the database again: leads were added, or came off the blacklist.
func (f *Floor) Renew(id int64) []Effect {
	if r := f.campaigns[id]; r != nil {
		r.renew()
	}
	return f.take()
}

// Pause stops dialling for a campaign; calls in progress go on.
func (f *Floor) Pause(id int64) []Effect { return f.halt(id, models.CampaignPaused) }

// Stop ends a campaign: it drains, or with cut its calls are hung up now.
func (f *Floor) Stop(id int64, cut bool) []Effect {
	f.halt(id, models.CampaignStopping)
	if cut {
		for _, attempt := range f.Calls() {
			l := f.calls[attempt]
			if l.Attempt.CampaignID == id && !l.call.Over() {
				f.kill(l)
			}
		}
	}
	if r := f.campaigns[id]; r != nil {
		f.conclude(r)
	}
	return f.take()
}

func (f *Floor) halt(id int64, state models.CampaignState) []Effect {
	r, ok := f.campaigns[id]
	if !ok {
		return f.take()
	}
	r.c.State = state
	f.giveBack(r)
	if state == models.CampaignPaused {
		return f.take()
	}
	return nil
}

// giveBack releases what was reserved and not dialled.
func (f *Floor) giveBack(r *running) {
	ids := make([]string, 0, len(r.hopper))
	for _, h := range r.hopper {
		ids = append(ids, h.Attempt.ID)
	}
	r.hopper = nil
	f.release(r.c.ID, ids...)
	f.takeFromDesks(r)
}

// conclude ends a campaign that has nothing more to do. The database has said so (exhausted) after the last finish was saved.
func (f *Floor) conclude(r *running) {
	if r.inFlight > 0 || r.unsaved > 0 || r.reserving || len(r.hopper) > 0 || f.open(r.c.ID) || f.lookedAt(r.c.ID) {
		return
	}
	switch {
	case r.c.State == models.CampaignStopping:
		r.c.State = models.CampaignStopped
		f.emit(SetState{CampaignID: r.c.ID, From: []models.CampaignState{models.CampaignStopping}, To: models.CampaignStopped, Reason: r.c.StateReason})
	case r.c.State == models.CampaignRunning && r.exhausted:
		r.c.State = models.CampaignFinished
		r.why, r.until = models.GateFinished, time.Time{}
		f.emit(SetState{CampaignID: r.c.ID, From: []models.CampaignState{models.CampaignRunning}, To: models.CampaignFinished})
	case r.c.State == models.CampaignRunning || r.c.State == models.CampaignPaused:
		return
	default:
		delete(f.campaigns, r.c.ID)
		f.order = slices.DeleteFunc(f.order, func(id int64) bool { return id == r.c.ID })
	}
}

// lines counts the lines that calls of a campaign hold.
func (f *Floor) lines(id int64) int {
	n := 0
	for _, l := range f.calls {
		if l.counted && l.Attempt.CampaignID == id {
			n++
		}
	}
	return n
}

// open reports whether calls of the campaign are still to be closed.
func (f *Floor) open(id int64) bool {
	for _, l := range f.calls {
		if l.Attempt.CampaignID == id {
			return true
		}
	}
	return false
}
