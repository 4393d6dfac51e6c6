package api

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// Pace of live data.
const (
	liveEvery   = 500 * time.Millisecond
	liveCalls   = 100             // calls that a campaign's page shows
	rateOver    = 3 * time.Second // over which calls per second are measured
	countEvery  = 5 * time.Second // the database counts the leads again at the latest then; between, the floor tells what was settled
	countFactor = 10              // and not before this many times what it took
)

type live struct{ s *Services }

// liveBody is what the page of a campaign follows.
type liveBody struct {
	Campaign models.Campaign          `json:"campaign"`
	Progress models.Progress          `json:"progress"`
	View     CampaignNow              `json:"view"`
	Rate     float64                  `json:"rate_per_s"`
	Outcomes map[models.Outcome]int64 `json:"outcomes"`
	Calls    []Call                   `json:"calls"` // the newest
}

// follow streams a campaign: the event snapshot, then change, each with the whole.
func (h live) follow(c echo.Context) error {
	v, err := campaignOf(c, h.s.Campaigns)
	if err != nil {
		return err
	}
	p := &pulse{s: h.s, id: v.ID, clock: h.s.Hub.clock}
	return h.s.Hub.serve(c, feed{
		topic: "campaign " + strconv.FormatInt(v.ID, 10), every: liveEvery, read: p.read,
		snapshot: func(parts []part) any { return parts[0].data },
	})
}

// pulse reads what a campaign does. One goroutine uses it.
type pulse struct {
	s        *Services
	id       int64
	clock    Clock
	progress models.Progress
	countAt  time.Time
	counted  CampaignNow          // what the floor had told when the leads were counted
	onFloor  bool                 // then
	state    models.CampaignState // then
	dialled  []dialled
}

type dialled struct {
	at time.Time
	n  int64
}

func (p *pulse) read(ctx context.Context) ([]part, error) {
	now := p.clock.Now()
	v, err := p.s.Campaigns.Campaign(ctx, p.id)
	if err != nil {
		return nil, err
	}
	floor := p.s.Lines.Now(ctx)
	progress, err := p.count(ctx, v.State, floor, now)
	if err != nil {
		return nil, err
	}
	body := liveBody{Campaign: v, Progress: progress, Outcomes: progress.Outcomes, Calls: []Call{}, View: nowOf(floor, v)}
	body.Rate = p.rate(body.View.Dialled, now)
	if body.View.InFlight > 0 {
		calls, err := p.s.Lines.Calls(ctx, p.id)
		if err != nil {
			return nil, err
		}
		body.Calls = append(body.Calls, calls[max(0, len(calls)-liveCalls):]...)
	}
	return []part{{"change", "", body}}, nil
}

// count is how far the campaign is. The database counts every few seconds, and less often when that takes long; between, what
// the floor settled since is added.
func (p *pulse) count(ctx context.Context, state models.CampaignState, floor FloorNow, now time.Time) (models.Progress, error) {
	told, onFloor := floor.Campaigns[p.id]
	if onFloor && p.onFloor && state == p.state && now.Before(p.countAt) && told.Ended >= p.counted.Ended {
		return since(p.progress, p.counted, told), nil
	}
	if !onFloor && !p.onFloor && state == p.state && now.Before(p.countAt) {
		return p.progress, nil
	}
	progress, err := p.s.Counts.Progress(ctx, p.id)
	if err != nil {
		return progress, err
	}
	took := p.clock.Now().Sub(now)
	wait := countFactor * took
	if onFloor {
		// Asked after the count: what was settled meanwhile is in it or comes with the next, never twice.
		told, onFloor = p.s.Lines.Now(ctx).Campaigns[p.id]
		wait = max(wait, countEvery)
	}
	p.progress, p.counted, p.onFloor, p.state, p.countAt = progress, told, onFloor, state, now.Add(wait)
	return progress, nil
}

// since brings a count of the database forward to what the floor tells now.
func since(p models.Progress, then, now CampaignNow) models.Progress {
	p.Outcomes = maps.Clone(p.Outcomes)
	for o, n := range now.Done {
		p.Outcomes[o] += n - then.Done[o]
		p.Done += n - then.Done[o]
	}
	p.Skipped += now.Skipped - then.Skipped
	p.Reserved = min(int64(now.Held+now.InFlight), p.Leads-p.Done-p.Skipped)
	p.Due = p.Leads - p.Done - p.Skipped - p.Reserved
	return p
}

// rate is how many calls a second were dialled lately.
func (p *pulse) rate(n int64, now time.Time) float64 {
	p.dialled = append(p.dialled, dialled{now, n})
	for len(p.dialled) > 2 && now.Sub(p.dialled[1].at) >= rateOver {
		p.dialled = p.dialled[1:]
	}
	first := p.dialled[0]
	if over := now.Sub(first.at).Seconds(); over > 0 && n >= first.n {
		return float64(int(float64(n-first.n)/over*10+0.5)) / 10
	}
	return 0
}

// nowOf is what a campaign does; one that is not on the floor says by its state why nothing is dialled.
func nowOf(f FloorNow, v models.Campaign) CampaignNow {
	if now, ok := f.Campaigns[v.ID]; ok {
		return now
	}
	switch v.State {
	case models.CampaignFinished:
		return CampaignNow{Why: models.GateFinished}
	case models.CampaignWaiting:
		return CampaignNow{Why: models.GateApproval}
	default:
		return CampaignNow{Why: models.GateNotRunning}
	}
}

// events is the stream of the whole product: what changes on any page.
type events struct{ s *Services }

const (
	eventsEvery = time.Second
	eventItems  = 50 // of a kind, the newest
)

func (h events) follow(c echo.Context) error {
	i := who(c)
	topic := "all " + strconv.FormatInt(i.OrganizationID, 10)
	if i.Role == models.RoleAdmin {
		topic += " admin"
	}
	return h.s.Hub.serve(c, feed{topic: topic, every: eventsEvery, snapshot: together,
		read: func(ctx context.Context) ([]part, error) { return h.read(ctx, i) }})
}

// together is the snapshot of the whole product: by event, a list where there may be several.
func together(parts []part) any {
	out := map[string]any{"campaign": []any{}, "list": []any{}}
	for _, p := range parts {
		if all, ok := out[p.event].([]any); ok {
			out[p.event] = append(all, p.data)
			continue
		}
		out[p.event] = p.data
	}
	return out
}

// eventCampaign is a campaign as far as lists of campaigns show it live.
type eventCampaign struct {
	ID       int64                `json:"id"`
	Name     string               `json:"name"`
	State    models.CampaignState `json:"state"`
	Version  int64                `json:"version"`
	InFlight int                  `json:"in_flight"`
	Why      models.Gate          `json:"why"`
}

func (h events) read(ctx context.Context, i Identity) ([]part, error) {
	page := models.Page{Limit: eventItems}
	campaigns, _, err := h.s.Campaigns.CampaignPage(ctx, models.CampaignQuery{OrganizationID: i.OrganizationID, Page: page})
	if err != nil {
		return nil, err
	}
	all, _, err := h.s.Lists.ContactListPage(ctx, models.ListQuery{OrganizationID: i.OrganizationID, Page: page})
	if err != nil {
		return nil, err
	}
	floor := h.s.Lines.Now(ctx)
	var parts []part
	for _, v := range campaigns {
		now := nowOf(floor, v)
		parts = append(parts, part{"campaign", strconv.FormatInt(v.ID, 10), eventCampaign{v.ID, v.Name, v.State, v.Version, now.InFlight, now.Why}})
	}
	up := lists{h.s.Lists, h.s.Uploads}
	for _, l := range all {
		parts = append(parts, part{"list", strconv.FormatInt(l.ID, 10), up.body(l)})
	}
	parts = append(parts, part{"calls", "", map[string]any{"calls_now": floor.Calls, "connected": floor.Connected}})
	if i.Role == models.RoleAdmin {
		return h.admin(ctx, parts)
	}
	return parts, nil
}

// admin adds what only administrators see.
func (h events) admin(ctx context.Context, parts []part) ([]part, error) {
	waiting, err := h.s.Approvals.PendingApprovals(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := h.s.Dialplan.DialplanState(ctx)
	if err != nil {
		h.s.Hub.log.Debug("state of the dialplan not read", "err", err)
		plan = DialplanState{}
	}
	return append(parts, part{"approval", "", map[string]any{"pending": len(waiting)}}, part{"dialplan", "", plan}), nil
}
