package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/alexedwards/argon2id"

	"waihu/config"
	"waihu/controller/clock"
	"waihu/controller/number"
	"waihu/models"
	"waihu/models/store"
)

// The log-ins of the demonstration.
const (
	demoAdmin = "admin"
	demoUser  = "demo"
)

// scene is what a demonstration begins with.
type scene struct {
	password string
	org      int64
	start    []int64 // campaigns to start
}

// demoMaker makes the sample company.
type demoMaker struct {
	app  *app
	l    config.Loaded
	s    *store.Store
	f    demoFlags
	log  *slog.Logger
	told *app // what the one at the terminal is to see; app keeps quiet
	org  int64
}

const demoHistory = 180 // numbers of the finished campaign

// company makes everything but the accounts of those who have no agent, and gives the campaigns that are to run.
func (d *demoMaker) company(ctx context.Context, password string) ([]int64, error) {
	o := models.Organization{Name: d.app.t("Southwind Travel (sample)", "南风旅行（示例）")}
	if err := d.s.CreateOrganization(ctx, &o); err != nil {
		return nil, fmt.Errorf("make the sample company: %w", err)
	}
	d.org = o.ID
	if _, err := trunks(ctx, d.s, d.l.TrunkModels()); err != nil {
		return nil, err
	}
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return nil, fmt.Errorf("hash the password of the sample agents: %w", err)
	}
	if err := d.staff(ctx, hash); err != nil {
		return nil, err
	}
	dir := filepath.Join(d.l.DataDir, "samples")
	if err := d.files(dir); err != nil {
		return nil, err
	}
	if err := d.past(ctx, dir); err != nil {
		return nil, err
	}
	id, err := d.present(ctx, dir)
	if err != nil {
		return nil, err
	}
	run := []int64{id}
	if d.f.agents > 0 {
		if id, err = d.team(ctx, dir, hash); err != nil {
			return nil, err
		}
		run = append(run, id)
	}
	return run, errors.Join(d.hotline(ctx), d.pending(ctx, dir), d.blocked(ctx))
}

// files are such as a customer would bring.
func (d *demoMaker) files(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the sample files: %w", err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"members.csv":  func(w io.Writer) error { return sampleRows(w, 0, demoHistory) },
		"autumn.csv":   func(w io.Writer) error { return sampleRows(w, demoHistory, d.f.numbers) },
		"new.csv":      func(w io.Writer) error { return sampleRows(w, demoHistory+d.f.numbers, 60) },
		"notice.wav":   sampleVoice,
		"survey.wav":   func(w io.Writer) error { return chime(w, 392, 523.25, 659.25, 523.25, 392, 523.25) },
		"birthday.wav": func(w io.Writer) error { return chime(w, 523.25, 523.25, 587.33, 523.25, 698.46, 659.25) },
	} {
		if err := writeFile(filepath.Join(dir, name), write); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoMaker) flags(dir, list, audio string) broadcastFlags {
	return broadcastFlags{
		list: filepath.Join(dir, list), audio: filepath.Join(dir, audio), rejects: filepath.Join(dir, list+".rejects.csv"),
		mode: string(models.ModeVoiceKey), agentKey: "1", optOutKey: "9", concurrency: 15,
	}
}

// campaign takes the files in and makes a campaign with a name and meanings of its keys.
func (d *demoMaker) campaign(ctx context.Context, p *plant, f broadcastFlags, english, chinese string) (models.Campaign, error) {
	c, err := d.app.prepare(ctx, p, f)
	if err != nil {
		return c, fmt.Errorf("make a sample campaign: %w", err)
	}
	c.Name = d.app.t(english, chinese)
	c.Keys = map[string]string{"1": d.app.t("interested", "有意向"), "2": d.app.t("call again later", "稍后联系"), "9": d.app.t("no more calls", "退订")}
	return c, d.s.UpdateCampaign(ctx, &c)
}

// past runs a campaign to its end three hours ago, on a switch of its own whose time flies, and shows its progress and summary.
func (d *demoMaker) past(ctx context.Context, dir string) error {
	sim, err := simulation(d.l, d.l.DataDir, 100, d.f.seed, clock.Real().Now().Add(-3*time.Hour), d.log)
	if err != nil {
		return err
	}
	sim.l.HTTP = d.l.HTTP
	defer running(ctx, d.log, sim.sw)()
	p, err := assemble(sim.l, d.s, sim.clock, d.log, func(until time.Time) { sim.clock.Skip(until.Sub(sim.clock.Now())) })
	if err != nil {
		return err
	}
	f := d.flags(dir, "members.csv", "notice.wav")
	f.concurrency = 60
	c, err := d.campaign(ctx, p, f, "Members: new opening hours", "会员通知：营业时间调整")
	if err != nil {
		return err
	}
	if err := d.told.runCampaign(ctx, p, c.ID); err != nil {
		return err
	}
	f.out = filepath.Join(dir, "members-results.csv")
	sum, err := d.app.writeResults(ctx, d.s, c.ID, f.out)
	if err != nil {
		return err
	}
	d.told.summary(sum, f)
	return nil
}

// present makes the campaign that runs when the demonstration begins.
func (d *demoMaker) present(ctx context.Context, dir string) (int64, error) {
	p, err := assemble(d.l, d.s, clock.Real(), d.log, nil)
	if err != nil {
		return 0, err
	}
	f := d.flags(dir, "autumn.csv", "survey.wav")
	f.retries = 1
	c, err := d.campaign(ctx, p, f, "Autumn offer", "秋季优惠回访")
	return c.ID, err
}

// pending leaves a draft whose files wait for the administrator.
func (d *demoMaker) pending(ctx context.Context, dir string) error {
	p, err := assemble(d.l, d.s, clock.Real(), d.log, nil)
	if err != nil {
		return err
	}
	c, err := d.campaign(ctx, p, d.flags(dir, "new.csv", "birthday.wav"), "Birthday greetings", "生日祝福")
	if err != nil {
		return err
	}
	list, err := d.s.ContactList(ctx, c.ContactListID)
	if err != nil {
		return err
	}
	voice, err := d.s.VoiceFile(ctx, c.VoiceFileID)
	if err != nil {
		return err
	}
	list.Approval, voice.Approval = models.ApprovalPending, models.ApprovalPending
	list.UploadedBy, voice.UploadedBy = demoUser, demoUser
	caller, err := number.Caller("13800138000")
	if err != nil {
		return err
	}
	caller.OrganizationID, caller.Approval, caller.UploadedBy, caller.CreatedAt = d.org, models.ApprovalPending, demoUser, clock.Real().Now()
	return errors.Join(d.s.UpdateContactList(ctx, list), d.s.UpdateVoiceFile(ctx, voice), d.s.CreateCallerNumber(ctx, &caller))
}

// blocked puts numbers of the running list on the blacklist, so that the reason can be looked for.
func (d *demoMaker) blocked(ctx context.Context) error {
	now := clock.Real().Now()
	next := now.AddDate(0, 6, 0)
	_, err := d.s.AddBlacklist(ctx, []models.BlacklistEntry{
		{OrganizationID: d.org, Number: "+86" + sampleNumber(demoHistory+d.f.numbers-1), Source: "complaint", Reason: d.app.t("complained by e-mail", "邮件投诉"), CreatedBy: demoUser, CreatedAt: now},
		{OrganizationID: d.org, Number: "+86170", Prefix: true, Source: "manual", Reason: d.app.t("virtual operator", "虚拟运营商号段"), CreatedBy: demoUser, CreatedAt: now},
		{OrganizationID: d.org, Number: "+8613900139000", Source: "manual", Reason: d.app.t("asked to be left alone for a while", "客户要求暂停联系"), ExpiresAt: &next, CreatedBy: demoUser, CreatedAt: now},
	})
	return err
}

// accounts makes the log-ins, or gives those of a former start the password that was asked for.
func (d *demoMaker) accounts(ctx context.Context, org int64, password string, former bool) error {
	users := []models.User{{Login: demoAdmin, Role: models.RoleAdmin}, {OrganizationID: org, Login: demoUser, Role: models.RoleEnterprise}}
	if former {
		for _, a := range demoAgents {
			users = append(users, models.User{Login: a.number})
		}
		for i := range demoTeamMost {
			users = append(users, models.User{Login: demoTeamNumber(i)})
		}
	}
	for _, u := range users {
		if err := d.account(ctx, u, password); err != nil {
			return err
		}
	}
	return nil
}

// account makes a log-in, or gives it the password if it is there and has another; one without a role is not made.
func (d *demoMaker) account(ctx context.Context, u models.User, password string) error {
	have, err := d.s.UserByLogin(ctx, u.Login)
	missing := models.IsKind(err, models.NotFound)
	switch {
	case err != nil && !missing:
		return err
	case missing && u.Role == "":
		return nil // an agent whom somebody deleted, or a folder of an older demonstration
	case !missing:
		same, err := argon2id.ComparePasswordAndHash(password, have.PasswordHash)
		if err != nil {
			return fmt.Errorf("compare the password of %s: %w", u.Login, err)
		}
		if same {
			return nil
		}
		u = have
	}
	if u.PasswordHash, err = argon2id.CreateHash(password, argon2id.DefaultParams); err != nil {
		return fmt.Errorf("hash the password of %s: %w", u.Login, err)
	}
	if missing {
		return d.s.CreateUser(ctx, &u)
	}
	return d.s.UpdateUser(ctx, u)
}
