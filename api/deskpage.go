package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// deskHandlers serve agents and those who lead them.
type deskHandlers struct {
	s       *Services
	sampler *sampler
}

func newDeskHandlers(s *Services) deskHandlers {
	if s.Hub == nil { // a table of routes only
		return deskHandlers{s: s}
	}
	return deskHandlers{s, newSampler(s.Desk, s.Hub.clock)}
}

// deskAgent is the log-in's agent as its own page shows it.
type deskAgent struct {
	ID             int64        `json:"id"`
	StaffNumber    string       `json:"staff_number"`
	Name           string       `json:"name"`
	Reach          models.Reach `json:"reach"`
	Recording      bool         `json:"recording"`
	ExtensionID    int64        `json:"extension_id"`
	ExternalNumber string       `json:"external_number"`
}

// deskQueue is a queue of which the agent is a member.
type deskQueue struct {
	ID            int64           `json:"id"`
	Name          string          `json:"name"`
	Priority      int             `json:"priority"`
	WrapUpSeconds int             `json:"wrap_up_seconds"`
	Now           models.QueueNow `json:"now"`
}

// deskBody is what an agent's page shows.
type deskBody struct {
	Floor  bool             `json:"floor"` // false: what follows is old, the floor does not answer
	Agent  deskAgent        `json:"agent"`
	Now    models.AgentNow  `json:"now"`
	Queues []deskQueue      `json:"queues"`
	Call   *models.CallCard `json:"call"` // null = no call, or nothing is known of it
}

// me is the agent of the log-in behind a request.
func (h deskHandlers) me(c echo.Context) (models.Agent, roster, error) {
	i := who(c)
	r, err := readRoster(c.Request().Context(), h.s.Desk.Roster, i.OrganizationID)
	if err != nil {
		return models.Agent{}, r, err
	}
	a, ok := r.ofUser(i.UserID)
	if !ok {
		return a, r, noAgent()
	}
	return a, r, nil
}

// body is an agent's page at a sample. The roster may be newer than the sample's.
func (h deskHandlers) body(now *sample, r roster, a models.Agent) deskBody {
	b := deskBody{Floor: now.floor, Now: now.agent(a.ID), Queues: []deskQueue{}, Agent: deskAgent{
		a.ID, a.StaffNumber, a.Name, a.Reach, a.Recording, a.ExtensionID, a.ExternalNumber,
	}}
	for _, m := range r.memberships(a.ID) {
		if q, ok := r.queue(a.OrganizationID, m.QueueID); ok {
			b.Queues = append(b.Queues, deskQueue{q.ID, q.Name, m.Priority, q.WrapUpSeconds, now.queue(q.ID)})
		}
	}
	return b
}

// card is what is known of a call; a page without it is better than none.
func (h deskHandlers) card(ctx context.Context, attemptID string) *models.CallCard {
	if attemptID == "" {
		return nil
	}
	v, err := h.s.Desk.Cards.CallCard(ctx, attemptID)
	if err != nil {
		h.s.Hub.log.Debug("customer of a call not read", "attempt", attemptID, "err", err)
		return nil
	}
	return &v
}

// show answers the agent's page at this moment.
func (h deskHandlers) show(c echo.Context) error {
	a, r, err := h.me(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	now, err := h.sampler.read(ctx)
	if err != nil {
		return err
	}
	b := h.body(now, r, a)
	b.Call = h.card(ctx, b.Now.CallID)
	return c.JSON(http.StatusOK, b)
}

// follow streams the agent's page: the event snapshot, then change, each with the whole.
func (h deskHandlers) follow(c echo.Context) error {
	a, _, err := h.me(c)
	if err != nil {
		return err
	}
	var card *models.CallCard
	var state models.AgentState
	return h.s.Hub.serve(c, h.sampler.feed("desk "+strconv.FormatInt(a.ID, 10), deskEvery, func(ctx context.Context, now *sample) ([]part, error) {
		own, ok := now.roster.agent(a.OrganizationID, a.ID)
		if !ok {
			own = a
		}
		b := h.body(now, now.roster, own)
		// A call's card is read again at each change of state: keys and times are known by then.
		if card == nil || card.AttemptID != b.Now.CallID || state != b.Now.State {
			card, state = h.card(ctx, b.Now.CallID), b.Now.State
		}
		b.Call = card
		return []part{{"change", "", b}}, nil
	}, func(parts []part) any { return parts[0].data }))
}

// deskTarget is somebody or something to whom a call can be given.
type deskTarget struct {
	Kind        models.TargetKind `json:"kind"`
	ID          int64             `json:"id"`
	Name        string            `json:"name"`
	StaffNumber string            `json:"staff_number"` // of an agent
	State       models.AgentState `json:"state"`        // of an agent
	Waiting     int               `json:"waiting"`      // of a queue
	Idle        int               `json:"idle"`         // agents of a queue
}

// targets lists colleagues who are there and queues, for transfers.
func (h deskHandlers) targets(c echo.Context) error {
	i, ctx := who(c), c.Request().Context()
	r, err := readRoster(ctx, h.s.Desk.Roster, i.OrganizationID)
	if err != nil {
		return err
	}
	now, err := h.sampler.read(ctx)
	if err != nil {
		return err
	}
	out := []deskTarget{}
	for _, a := range r.agents {
		state := now.agent(a.ID).State
		if a.Disabled || a.UserID == i.UserID || state == models.AgentOffline {
			continue
		}
		out = append(out, deskTarget{Kind: models.TargetAgent, ID: a.ID, Name: a.Name, StaffNumber: a.StaffNumber, State: state})
	}
	for _, q := range r.queues {
		n := now.queue(q.ID)
		out = append(out, deskTarget{Kind: models.TargetQueue, ID: q.ID, Name: q.Name, Waiting: n.Waiting, Idle: n.Agents[models.AgentIdle]})
	}
	return c.JSON(http.StatusOK, some(out, ""))
}

// today is how the agent has spent the day.
func (h deskHandlers) today(c echo.Context) error {
	a, _, err := h.me(c)
	if err != nil {
		return err
	}
	from, err := h.s.Desk.Times.Today()
	if err != nil {
		return err
	}
	all, err := h.s.Desk.Times.AgentTimes(c.Request().Context(), a.OrganizationID, a.ID, from, h.s.Hub.shown())
	if err != nil {
		return err
	}
	out := models.AgentTimes{AgentID: a.ID, Busy: map[string]int64{}}
	if len(all) > 0 {
		out = all[0]
	}
	return c.JSON(http.StatusOK, out)
}

// legs lists who had a part in a call.
func (h deskHandlers) legs(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := h.s.Attempts.Attempt(ctx, c.Param("id"))
	if v, err = owned(c, v, v.OrganizationID, err); err != nil {
		return err
	}
	all, err := h.s.Desk.Cards.Legs(ctx, v.ID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(all, ""))
}

// flowStep is a step of a call with what the flow calls it now; a step that the flow does not have any more has no name.
type flowStep struct {
	models.FlowStep
	Flow string              `json:"flow"`
	Name string              `json:"name"`
	Kind models.FlowNodeKind `json:"kind"`
}

// steps lists what a call did in flows.
func (h deskHandlers) steps(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := h.s.Attempts.Attempt(ctx, c.Param("id"))
	if v, err = owned(c, v, v.OrganizationID, err); err != nil {
		return err
	}
	all, err := h.s.Desk.Cards.FlowSteps(ctx, v.ID)
	if err != nil {
		return err
	}
	flows, err := h.s.Desk.Cards.Flows(ctx, v.OrganizationID)
	if err != nil {
		return err
	}
	out := make([]flowStep, 0, len(all))
	for _, s := range all {
		one := flowStep{FlowStep: s}
		for _, f := range flows {
			if f.ID != s.FlowID {
				continue
			}
			one.Flow = f.Name
			if i := slices.IndexFunc(f.Nodes, func(n models.FlowNode) bool { return n.ID == s.Node }); i >= 0 {
				one.Name, one.Kind = f.Nodes[i].Name, f.Nodes[i].Kind
			}
		}
		out = append(out, one)
	}
	return c.JSON(http.StatusOK, some(out, ""))
}
