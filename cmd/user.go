package cmd

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alexedwards/argon2id"
	"github.com/spf13/cobra"

	"waihu/models"
	"waihu/models/store"
)

const minPassword = 12

func newUser(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: a.t("Accounts of people who log in", "账户管理"),
	}
	c.AddCommand(newUserAdd(a), newUserList(a), newUserPasswd(a))
	return c
}

func newUserAdd(a *app) *cobra.Command {
	var role string
	var org int64
	var stdin bool
	c := &cobra.Command{
		Use:   "add LOGIN",
		Short: a.t("Add an account; its random password is shown once", "新增账户；随机密码只显示一次"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			u := models.User{Login: strings.ToLower(args[0]), Role: models.Role(role)}
			if err := checkUser(u); err != nil {
				return err
			}
			return a.withReady(cmd.Context(), func(ctx context.Context, s *store.Store) (err error) {
				if u.Role != models.RoleAdmin || org != 0 {
					if u.OrganizationID, err = organization(ctx, s, org); err != nil {
						return err
					}
				}
				password, err := a.password(stdin)
				if err != nil {
					return err
				}
				if u.PasswordHash, err = argon2id.CreateHash(password, argon2id.DefaultParams); err != nil {
					return fmt.Errorf("hash the password of %s: %w", u.Login, err)
				}
				if err := s.CreateUser(ctx, &u); err != nil {
					return err
				}
				a.say("account %s added (%s, organisation %d)", "已新增账户 %s（%s，机构 %d）", u.Login, u.Role, u.OrganizationID)
				a.showPassword(password, stdin)
				return nil
			})
		},
	}
	c.Flags().StringVar(&role, "role", string(models.RoleEnterprise), a.t("admin, enterprise, sub_organization, team_leader or agent", "角色：admin、enterprise、sub_organization、team_leader、agent"))
	c.Flags().Int64Var(&org, "organization", 0, a.t("organisation id (default: the first one; admin: all)", "机构编号（默认第一个；admin 为全部）"))
	c.Flags().BoolVar(&stdin, "stdin", false, a.t("read the password from standard input instead of making one", "从标准输入读取密码，而不是随机生成"))
	return c
}

func newUserPasswd(a *app) *cobra.Command {
	var stdin bool
	c := &cobra.Command{
		Use:   "passwd LOGIN",
		Short: a.t("Give an account a new password, shown once", "重设密码（只显示一次）"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withReady(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				u, err := s.UserByLogin(ctx, args[0])
				if err != nil {
					return err
				}
				password, err := a.password(stdin)
				if err != nil {
					return err
				}
				if u.PasswordHash, err = argon2id.CreateHash(password, argon2id.DefaultParams); err != nil {
					return fmt.Errorf("hash the password of %s: %w", u.Login, err)
				}
				if err := s.UpdateUser(ctx, u); err != nil {
					return err
				}
				a.say("the password of %s was changed", "已更改 %s 的密码", u.Login)
				a.showPassword(password, stdin)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&stdin, "stdin", false, a.t("read the password from standard input instead of making one", "从标准输入读取密码，而不是随机生成"))
	return c
}

func newUserList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: a.t("List the accounts", "列出账户"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withReady(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				orgs, err := s.Organizations(ctx)
				if err != nil {
					return err
				}
				orgs = append([]models.Organization{{}}, orgs...) // 0: administrators
				for _, o := range orgs {
					users, err := s.Users(ctx, o.ID)
					if err != nil {
						return err
					}
					for _, u := range users {
						state := ""
						if u.Disabled {
							state = a.t("disabled", "已停用")
						}
						fmt.Fprintf(a.out, "%d\t%s\t%s\t%s\t%s\n", u.ID, u.Login, u.Role, o.Name, state)
					}
				}
				return nil
			})
		},
	}
}

func checkUser(u models.User) error {
	e := &models.Error{Kind: models.Invalid}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`).MatchString(u.Login) {
		e.Add("LOGIN", "login", "must be 2 to 64 letters, digits and . _ @ -, beginning with a letter or digit", "须为 2–64 个字母、数字和 . _ @ -，以字母或数字开头")
	}
	if !slices.Contains(models.Roles, u.Role) {
		e.Add("--role", "role", fmt.Sprintf("%q is no role: admin, enterprise, sub_organization, team_leader or agent", u.Role),
			fmt.Sprintf("%q 不是角色：admin、enterprise、sub_organization、team_leader、agent", u.Role))
	}
	return e.OrNil()
}

// password makes a random password of 130 bits, or reads one.
func (a *app) password(stdin bool) (string, error) {
	if !stdin {
		return rand.Text(), nil
	}
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" && err != nil {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	if len([]rune(line)) < minPassword {
		return "", models.NewError(models.Invalid, "--stdin", "too_short",
			fmt.Sprintf("the password is too short: at least %d characters", minPassword), fmt.Sprintf("密码太短：至少 %d 个字符", minPassword))
	}
	return line, nil
}

func (a *app) showPassword(password string, given bool) {
	if !given {
		a.say("password: %s  (shown this once only)", "密码：%s（仅显示这一次）", password)
	}
}
