package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type queues struct {
	svc     Queues
	members Members
}

type queueBody struct {
	models.Queue
	Members int     `json:"members"` // agents in it
	Active  int     `json:"active"`  // of them in use
	Leaders []int64 `json:"leaders"` // users
}

func (h queues) find(c echo.Context) (models.Queue, error) {
	id, err := pathID(c)
	if err != nil {
		return models.Queue{}, err
	}
	v, err := h.svc.Queue(c.Request().Context(), id)
	return owned(c, v, v.OrganizationID, err)
}

// around gives what a queue's answer shows beside it.
func (h queues) around(ctx context.Context) (func(models.Queue) queueBody, error) {
	members, err := h.members.QueueMembers(ctx, 0)
	if err != nil {
		return nil, err
	}
	leaders, err := h.members.QueueLeaders(ctx, 0)
	if err != nil {
		return nil, err
	}
	all, active, led := map[int64]int{}, map[int64]int{}, map[int64][]int64{}
	for _, m := range members {
		all[m.QueueID]++
		if m.Active {
			active[m.QueueID]++
		}
	}
	for _, l := range leaders {
		led[l.QueueID] = append(led[l.QueueID], l.UserID)
	}
	return func(q models.Queue) queueBody {
		return queueBody{q, all[q.ID], active[q.ID], append([]int64{}, led[q.ID]...)}
	}, nil
}

func (h queues) list(c echo.Context) error {
	ctx := c.Request().Context()
	all, err := h.svc.Queues(ctx, who(c).OrganizationID)
	if err != nil {
		return err
	}
	body, err := h.around(ctx)
	if err != nil {
		return err
	}
	out := make([]queueBody, 0, len(all))
	for _, q := range all {
		if matches(c, q.Name) {
			out = append(out, body(q))
		}
	}
	return answerSome(c, out, func(q queueBody) int64 { return q.ID })
}

func (h queues) answer(c echo.Context, status int, q models.Queue) error {
	body, err := h.around(c.Request().Context())
	if err != nil {
		return err
	}
	return answerVersion(c, status, q.Version, body(q))
}

func (h queues) show(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, q)
}

// create makes a queue; what the body leaves out is as in a new one.
func (h queues) create(c echo.Context) error {
	return h.save(c, http.StatusCreated, h.svc.NewQueue(), models.Queue{OrganizationID: who(c).OrganizationID})
}

// replace changes a queue; what the body leaves out stays.
func (h queues) replace(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	base := q
	if q.Version, err = ifMatch(c); err != nil {
		return err
	}
	return h.save(c, http.StatusOK, base, q)
}

// save reads the body over base and takes what people may not set from fixed.
func (h queues) save(c echo.Context, status int, base, fixed models.Queue) error {
	in := base
	if err := bind(c, &in); err != nil {
		return err
	}
	in.ID, in.OrganizationID, in.Version, in.CreatedAt = fixed.ID, fixed.OrganizationID, fixed.Version, fixed.CreatedAt
	q, err := h.svc.SaveQueue(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return h.answer(c, status, q)
}

func (h queues) remove(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteQueue(c.Request().Context(), q.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// memberBody is a member as people set it.
type memberBody struct {
	AgentID  int64 `json:"agent_id"`
	Active   bool  `json:"active"`
	Priority int   `json:"priority"`
}

func (h queues) listMembers(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	all, err := h.members.QueueMembers(c.Request().Context(), q.ID)
	if err != nil {
		return err
	}
	out := make([]memberBody, 0, len(all))
	for _, m := range all {
		out = append(out, memberBody{m.AgentID, m.Active, m.Priority})
	}
	return c.JSON(http.StatusOK, out)
}

func (h queues) setMembers(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	var in []memberBody
	if err := bind(c, &in); err != nil {
		return err
	}
	all := make([]models.QueueMember, 0, len(in))
	for _, m := range in {
		all = append(all, models.QueueMember{QueueID: q.ID, AgentID: m.AgentID, Active: m.Active, Priority: m.Priority})
	}
	if err := h.members.SaveMembers(c.Request().Context(), q.ID, all); err != nil {
		return err
	}
	return h.listMembers(c)
}

func (h queues) listLeaders(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	all, err := h.members.QueueLeaders(c.Request().Context(), q.ID)
	if err != nil {
		return err
	}
	out := make([]int64, 0, len(all))
	for _, l := range all {
		out = append(out, l.UserID)
	}
	return c.JSON(http.StatusOK, out)
}

func (h queues) setLeaders(c echo.Context) error {
	q, err := h.find(c)
	if err != nil {
		return err
	}
	var in []int64
	if err := bind(c, &in); err != nil {
		return err
	}
	if err := h.members.SaveLeaders(c.Request().Context(), q.ID, in); err != nil {
		return err
	}
	return h.listLeaders(c)
}

// leaderBody is a team leader who can be chosen.
type leaderBody struct {
	ID       int64  `json:"id"`
	Login    string `json:"login"`
	Disabled bool   `json:"disabled"`
}

// candidates lists the team leaders of the organization: accounts as a whole are the administrator's to see.
func (queues) candidates(svc Users) echo.HandlerFunc {
	return func(c echo.Context) error {
		all, err := svc.AllUsers(c.Request().Context())
		if err != nil {
			return err
		}
		var out []leaderBody
		for _, u := range all {
			if u.Role == models.RoleTeamLeader && u.OrganizationID == who(c).OrganizationID {
				out = append(out, leaderBody{u.ID, u.Login, u.Disabled})
			}
		}
		return answerSome(c, out, func(l leaderBody) int64 { return l.ID })
	}
}

// joined adds the faults of err, if it is the caller's, to those of e.
func joined(e *models.Error, err error) error {
	var more *models.Error
	if err == nil || !errors.As(err, &more) || len(e.Fields) == 0 {
		if err != nil {
			return err
		}
		return e.OrNil()
	}
	return &models.Error{Kind: more.Kind, Fields: append(e.Fields, more.Fields...)}
}
