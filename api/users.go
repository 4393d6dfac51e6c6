package api

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// minPassword is the least number of characters of a password, at the shell too.
const minPassword = 12

type users struct {
	svc  Users
	auth *auth
}

func (h users) list(c echo.Context) error {
	all, err := h.svc.AllUsers(c.Request().Context())
	if err != nil {
		return err
	}
	return answerSome(c, all, func(u models.User) int64 { return u.ID })
}

func (h users) create(c echo.Context) error {
	var in struct {
		Login    string      `json:"login"`
		Role     models.Role `json:"role"`
		Password string      `json:"password"`
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	u := models.User{Login: strings.ToLower(in.Login), Role: in.Role}
	if u.Role != models.RoleAdmin {
		u.OrganizationID = who(c).OrganizationID
	}
	if err := checkAccount(u, in.Password); err != nil {
		return err
	}
	var err error
	ctx := c.Request().Context()
	if u.PasswordHash, err = h.auth.hash(ctx, in.Password); err != nil {
		return fmt.Errorf("hash the password of %s: %w", u.Login, err)
	}
	if err := h.svc.CreateUser(ctx, &u); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, u)
}

// change disables or enables an account or gives it a password; either ends its sessions.
func (h users) change(c echo.Context) error {
	var in struct {
		Disabled *bool   `json:"disabled"`
		Password *string `json:"password"`
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	u, err := h.svc.User(ctx, id)
	if err != nil {
		return err
	}
	if in.Disabled != nil {
		if err := h.notAnAgent(c, id); err != nil {
			return err
		}
		if *in.Disabled && id == who(c).UserID {
			return models.NewError(models.Conflict, "disabled", "own_account", "you cannot disable your own account; let another administrator do it", "不能停用自己的账户，请由其他管理员操作")
		}
		u.Disabled = *in.Disabled
	}
	if in.Password != nil {
		if err := checkPassword(*in.Password).OrNil(); err != nil {
			return err
		}
		if u.PasswordHash, err = h.auth.hash(ctx, *in.Password); err != nil {
			return fmt.Errorf("hash the password of account %d: %w", id, err)
		}
	}
	if err := h.svc.UpdateUser(ctx, u); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, u)
}

// notAnAgent refuses to disable the account alone: agent and account go together.
func (h users) notAnAgent(c echo.Context, id int64) error {
	a, err := h.svc.AgentOfUser(c.Request().Context(), id)
	if models.IsKind(err, models.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return models.NewError(models.Conflict, "disabled", "is_agent",
		"this is the account of agent "+a.StaffNumber+" "+a.Name+"; disable or enable the agent, its account follows", "这是坐席 "+a.StaffNumber+" "+a.Name+" 的账户，请在坐席管理中停用或启用")
}

func checkAccount(u models.User, password string) error {
	e := checkPassword(password)
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`).MatchString(u.Login) {
		e.Add("login", "bad_login", "use 2 to 64 letters, digits and . _ @ -, beginning with a letter or digit", "须为 2–64 个字母、数字和 . _ @ -，以字母或数字开头")
	}
	if u.Role != models.RoleAdmin && u.Role != models.RoleEnterprise && u.Role != models.RoleTeamLeader {
		e.Add("role", "unknown_role", "choose admin, enterprise or team_leader; agents are made on their own page", "请选择 admin、enterprise 或 team_leader；坐席请在坐席管理中新建")
	}
	return e.OrNil()
}

func checkPassword(password string) *models.Error {
	e := &models.Error{Kind: models.Invalid}
	if n := len([]rune(password)); n < minPassword || n > 200 {
		e.Add("password", "bad_password", fmt.Sprintf("use %d to 200 characters", minPassword), fmt.Sprintf("密码须为 %d–200 个字符", minPassword))
	}
	return e
}
