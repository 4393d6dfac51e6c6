package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type agents struct {
	svc        Agents
	extensions Extensions
	members    Members
	users      Users
	auth       *auth
}

type agentBody struct {
	models.Agent
	Login     string            `json:"login"`
	Role      models.Role       `json:"role"`
	Extension string            `json:"extension"` // number of its extension, "" = none
	Phone     models.PhoneState `json:"phone"`     // of its extension
	QueueIDs  []int64           `json:"queue_ids"` // it is a member of
	Password  string            `json:"password,omitempty"`
}

// agentSettings is what people set of an agent. Of an agent that is there, staff number and log-in are as they are.
type agentSettings struct {
	StaffNumber    string       `json:"staff_number"`
	Name           string       `json:"name"`
	Role           models.Role  `json:"role"`
	Login          *string      `json:"login"`    // left out: the staff number
	Password       *string      `json:"password"` // left out: a random one, shown once; of an agent that is there: stays
	ExtensionID    int64        `json:"extension_id"`
	ExternalNumber string       `json:"external_number"`
	Reach          models.Reach `json:"reach"`
	Recording      bool         `json:"recording"`
	Disabled       bool         `json:"disabled"`
}

func (s agentSettings) over(a models.Agent) models.Agent {
	a.Name, a.ExtensionID, a.ExternalNumber, a.Reach = strings.TrimSpace(s.Name), s.ExtensionID, strings.TrimSpace(s.ExternalNumber), s.Reach
	a.Recording, a.Disabled = s.Recording, s.Disabled
	return a
}

// matches reports whether the search text ?q= is part of one of the values.
func matches(c echo.Context, values ...string) bool {
	q := strings.ToLower(strings.TrimSpace(c.QueryParam("q")))
	for _, v := range values {
		if strings.Contains(strings.ToLower(v), q) {
			return true
		}
	}
	return false
}

func (h agents) find(c echo.Context) (models.Agent, error) {
	id, err := pathID(c)
	if err != nil {
		return models.Agent{}, err
	}
	v, err := h.svc.Agent(c.Request().Context(), id)
	return owned(c, v, v.OrganizationID, err)
}

// around gives what an agent's answer shows beside it.
func (h agents) around(ctx context.Context, org int64) (func(models.Agent) agentBody, error) {
	users, err := h.users.AllUsers(ctx)
	if err != nil {
		return nil, err
	}
	extensions, err := h.extensions.Extensions(ctx, org)
	if err != nil {
		return nil, err
	}
	members, err := h.members.QueueMembers(ctx, 0)
	if err != nil {
		return nil, err
	}
	phones, err := h.svc.Phones(ctx)
	if err != nil {
		return nil, err
	}
	logins, numbers, queues := map[int64]models.User{}, map[int64]string{}, map[int64][]int64{}
	for _, u := range users {
		logins[u.ID] = u
	}
	for _, e := range extensions {
		numbers[e.ID] = e.Number
	}
	for _, m := range members {
		queues[m.AgentID] = append(queues[m.AgentID], m.QueueID)
	}
	return func(a models.Agent) agentBody {
		u, number := logins[a.UserID], numbers[a.ExtensionID]
		return agentBody{Agent: a, Login: u.Login, Role: u.Role, Extension: number, Phone: phones[number], QueueIDs: append([]int64{}, queues[a.ID]...)}
	}, nil
}

func (h agents) list(c echo.Context) error {
	ctx, org := c.Request().Context(), who(c).OrganizationID
	all, err := h.svc.Agents(ctx, org)
	if err != nil {
		return err
	}
	body, err := h.around(ctx, org)
	if err != nil {
		return err
	}
	out := make([]agentBody, 0, len(all))
	for _, a := range all {
		if b := body(a); matches(c, a.StaffNumber, a.Name, b.Login, b.Extension, a.ExternalNumber) {
			out = append(out, b)
		}
	}
	return answerSome(c, out, func(a agentBody) int64 { return a.ID })
}

func (h agents) answer(c echo.Context, status int, a models.Agent, password string) error {
	body, err := h.around(c.Request().Context(), a.OrganizationID)
	if err != nil {
		return err
	}
	b := body(a)
	b.Password = password
	return answerVersion(c, status, a.Version, b)
}

func (h agents) show(c echo.Context) error {
	a, err := h.find(c)
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, a, "")
}

// create makes an agent with its account. Without a password a random one is made and shown this once.
func (h agents) create(c echo.Context) error {
	var in agentSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	if err := recordingAllowed(c, false, in.Recording); err != nil {
		return err
	}
	a := in.over(models.Agent{OrganizationID: who(c).OrganizationID, StaffNumber: in.StaffNumber})
	login := AgentLogin{Login: strings.ToLower(in.StaffNumber), Role: in.Role}
	if in.Login != nil && *in.Login != "" {
		login.Login = strings.ToLower(*in.Login)
	}
	shown := ""
	if in.Password == nil || *in.Password == "" {
		shown = rand.Text()
		in.Password = &shown
	}
	a, err := h.save(c, a, login, in.Password)
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusCreated, a, shown)
}

func (h agents) replace(c echo.Context) error {
	a, err := h.find(c)
	if err != nil {
		return err
	}
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	var in agentSettings
	if err := bind(c, &in); err != nil {
		return err
	}
	u, err := h.users.User(c.Request().Context(), a.UserID)
	if err != nil {
		return err
	}
	if err := unchanged(in, a, u); err != nil {
		return err
	}
	if err := recordingAllowed(c, a.Recording, in.Recording); err != nil {
		return err
	}
	a = in.over(a)
	a.Version = version
	if a, err = h.save(c, a, AgentLogin{Login: u.Login, Role: in.Role}, in.Password); err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, a, "")
}

// save checks everything before the password is hashed, which takes long, and before anything is written.
func (h agents) save(c echo.Context, a models.Agent, login AgentLogin, password *string) (models.Agent, error) {
	ctx := c.Request().Context()
	e := &models.Error{Kind: models.Invalid}
	if password != nil && *password != "" {
		e = checkPassword(*password)
	}
	a, err := h.svc.CheckAgent(ctx, a, login)
	if err = joined(e, err); err != nil {
		return a, err
	}
	if password != nil && *password != "" {
		if login.PasswordHash, err = h.auth.hash(ctx, *password); err != nil {
			return a, fmt.Errorf("hash the password of agent %s: %w", a.StaffNumber, err)
		}
	}
	return h.svc.SaveAgent(ctx, a, login)
}

// unchanged refuses what never changes (S1-40).
func unchanged(in agentSettings, a models.Agent, u models.User) error {
	e := &models.Error{Kind: models.Conflict}
	if in.StaffNumber != a.StaffNumber {
		e.Add("staff_number", "immutable", "A staff number never changes, because call records name it; make a new agent instead.", "工号不可修改，因为通话记录以工号为准；请新建坐席。")
	}
	if in.Login != nil && *in.Login != "" && !strings.EqualFold(*in.Login, u.Login) {
		e.Add("login", "immutable", "A log-in keeps its name; make a new agent instead.", "登录名不可修改；请新建坐席。")
	}
	return e.OrNil()
}

// recordingAllowed lets only a platform administrator change whether an agent is recorded (S1-53).
func recordingAllowed(c echo.Context, is, will bool) error {
	if is == will || who(c).Role == models.RoleAdmin {
		return nil
	}
	return models.NewError(models.Forbidden, "recording", "administrator_only",
		"Only a platform administrator allows recording; ask one.", "只有平台管理员可以开通录音，请联系管理员。")
}

func (h agents) remove(c echo.Context) error {
	a, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteAgent(c.Request().Context(), a.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
