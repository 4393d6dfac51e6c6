package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// messages serves what callers said after the tone, to those who lead the queue or one to which the flow leads. Each listening
// is written down, as with recordings.
type messages struct{ recordings }

// messageView is a message with the name of the queue or flow in which it was left.
type messageView struct {
	models.Message
	Place string `json:"place"`
}

func (h messages) list(c echo.Context) error {
	q := models.MessageQuery{OrganizationID: who(c).OrganizationID, Number: c.QueryParam("number"), State: c.QueryParam("state"), Page: models.Page{After: c.QueryParam("after")}}
	e := &models.Error{Kind: models.Invalid}
	q.QueueID, q.FlowID = queryID(c, e, "queue_id"), queryID(c, e, "flow_id")
	q.From, q.To = queryTime(c, e, "from"), queryTime(c, e, "to")
	if q.State != "" && q.State != models.MessagesOpen && q.State != models.MessagesHandled {
		e.Add("state", "unknown", "use open or handled, or leave it out", "请使用 open、handled，或不填")
	}
	if err := e.OrNil(); err != nil {
		return err
	}
	var err error
	if q.Limit, err = pageLimit(c); err != nil {
		return err
	}
	r, v, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return err
	}
	q.Sight = v.bound()
	items, next, err := h.s.Desk.Messages.MessagePage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	out, err := h.views(c.Request().Context(), r, items)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(out, next))
}

func (h messages) views(ctx context.Context, r roster, items []models.Message) ([]messageView, error) {
	names, out := map[int64]string{}, make([]messageView, len(items))
	for i, m := range items {
		if m.FlowID != 0 && len(names) == 0 {
			flows, err := h.s.Desk.Cards.Flows(ctx, m.OrganizationID)
			if err != nil {
				return nil, err
			}
			for _, f := range flows {
				names[f.ID] = f.Name
			}
		}
		out[i] = messageView{m, names[m.FlowID]}
		for _, q := range r.queues {
			if q.ID == m.QueueID {
				out[i].Place = q.Name
			}
		}
	}
	return out, nil
}

// find reads the message of the path, if the log-in may hear it.
func (h messages) find(c echo.Context) (models.Message, roster, error) {
	ctx := c.Request().Context()
	m, err := h.s.Desk.Messages.Message(ctx, c.Param("id"))
	if err != nil {
		return m, roster{}, err
	}
	r, v, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return m, r, err
	}
	may := v.all || v.queues[m.QueueID]
	if !may && m.FlowID != 0 {
		if may, err = h.s.Desk.Messages.LeadsTo(ctx, m.FlowID, v.bound().Queues); err != nil {
			return m, r, err
		}
	}
	if m.OrganizationID != who(c).OrganizationID || !may {
		return models.Message{}, r, noSuch("id")
	}
	return m, r, nil
}

// callBody is a call with the number that left a message.
type callBody struct {
	ID     string              `json:"id"`
	At     time.Time           `json:"at"`
	Kind   models.AttemptKind  `json:"kind"`
	State  models.AttemptState `json:"state"`
	Result models.Outcome      `json:"outcome"`
	Sub    models.Sub          `json:"sub"`
	Queue  string              `json:"queue"` // "" = none
	Agent  string              `json:"agent"` // staff number and name of who talked with him, "" = nobody
	TalkMS int64               `json:"talk_ms"`
}

// messageCalls is how many calls stand beside a message.
const messageCalls = 20

// calls lists the last calls with the number of a message, as far as the log-in may see them.
func (h messages) calls(c echo.Context) error {
	m, r, err := h.find(c)
	if err != nil {
		return err
	}
	out := []callBody{}
	if m.Number == "" {
		return c.JSON(http.StatusOK, some(out, ""))
	}
	_, v, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return err
	}
	all, _, err := h.s.Work.Attempts.AttemptPage(c.Request().Context(), models.AttemptQuery{
		OrganizationID: m.OrganizationID, Number: m.Number, Sight: v.bound(), Page: models.Page{Limit: messageCalls}})
	if err != nil {
		return err
	}
	for _, a := range all {
		b := callBody{ID: a.ID, At: a.ReservedAt, Kind: a.Kind, State: a.State, Result: a.Outcome, Sub: a.Sub, TalkMS: a.TalkMS}
		if q, ok := r.queue(m.OrganizationID, a.QueueID); ok {
			b.Queue = q.Name
		}
		if g, ok := r.agent(m.OrganizationID, a.AgentID); ok {
			b.Agent = g.StaffNumber + " " + g.Name
		}
		out = append(out, b)
	}
	return c.JSON(http.StatusOK, some(out, ""))
}

// sound is find for those who want to hear it.
func (h messages) sound(c echo.Context) (models.Message, error) {
	m, _, err := h.find(c)
	if err == nil && m.DeletedAt != nil {
		err = models.NewError(models.NotFound, "id", "message_deleted", "this message was deleted; the record of its call remains", "该留言已删除，通话记录仍保留")
	}
	return m, err
}

// hearing is one listening.
type hearing struct {
	Login string    `json:"login"`
	At    time.Time `json:"at"`
}

func (h messages) show(c echo.Context) error {
	m, r, err := h.find(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	out, err := h.views(ctx, r, []models.Message{m})
	if err != nil {
		return err
	}
	log, _, err := h.s.Desk.Audit.AuditPage(ctx, models.AuditQuery{OrganizationID: m.OrganizationID, Action: models.AuditPlayMessage, Target: "message:" + m.ID, Page: models.Page{Limit: 50}})
	if err != nil {
		return err
	}
	heard := make([]hearing, len(log))
	for i, e := range log {
		heard[i] = hearing{e.Login, e.At}
	}
	return c.JSON(http.StatusOK, map[string]any{"message": out[0], "heard": heard})
}

func (h messages) audio(c echo.Context) error {
	m, err := h.sound(c)
	if err != nil {
		return err
	}
	return h.play(c, heard{
		id: m.ID, number: m.Number, at: m.LeftAt, kind: "message", play: models.AuditPlayMessage, download: models.AuditDownloadMessage,
		open:   func(ctx context.Context) (io.ReadSeekCloser, error) { return h.s.Desk.Messages.MessageSound(ctx, m) },
		begins: func(ctx context.Context) error { return h.s.Desk.Messages.MessageHeard(ctx, m.ID, who(c).Login) },
	})
}

func (h messages) peaks(c echo.Context) error {
	m, err := h.sound(c)
	if err != nil {
		return err
	}
	sound, err := h.s.Desk.Messages.MessageSound(c.Request().Context(), m)
	if err != nil {
		return err
	}
	return soundPeaks(c, sound, "message "+m.ID)
}

func (h messages) handle(c echo.Context) error {
	m, r, err := h.find(c)
	if err != nil {
		return err
	}
	var in struct {
		Handled bool `json:"handled"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	ctx, login, action := c.Request().Context(), who(c).Login, models.AuditHandleMessage
	if !in.Handled {
		login, action = "", models.AuditReopenMessage
	}
	if in.Handled != (m.HandledAt != nil) { // who handled it first stays
		if err := h.s.Desk.Messages.HandleMessage(ctx, m.ID, login); err != nil {
			return err
		}
		if err := h.note(c, action, "message:"+m.ID, m.Number); err != nil {
			return err
		}
		if m, err = h.s.Desk.Messages.Message(ctx, m.ID); err != nil {
			return err
		}
	}
	out, err := h.views(ctx, r, []models.Message{m})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out[0])
}

func (h messages) remove(c echo.Context) error {
	m, err := h.sound(c)
	if err != nil {
		return err
	}
	if err := h.s.Desk.Messages.DeleteMessage(c.Request().Context(), m); err != nil {
		return err
	}
	if err := h.note(c, models.AuditDeleteMessage, "message:"+m.ID, m.Number); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
