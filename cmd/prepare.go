package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"waihu/config"
	"waihu/controller/campaign"
	"waihu/controller/intake"
	"waihu/controller/number"
	"waihu/controller/voice"
	"waihu/models"
)

// simulatedCaller is shown when nothing is configured and nobody is really called.
const simulatedCaller = "075512345678"

// broadcastConfig is the configuration with the flags put over it; every wrong flag is found before anything is done.
func (a *app) broadcastConfig(f broadcastFlags) (config.Loaded, error) {
	if err := needed(f); err != nil {
		return config.Loaded{}, err
	}
	set := a.set
	defer func() { a.set = set }()
	if f.hours != "" {
		a.set = append(append([]string{}, set...), fmt.Sprintf("calling.windows=[%q]", f.hours))
	}
	l, err := a.config()
	if err != nil {
		return l, err
	}
	if f.simulate && len(l.Trunks) == 0 {
		l.Trunks = []config.Trunk{{Name: "simulated", Gateway: "simulated"}}
	}
	if f.simulate && len(l.Callers) == 0 {
		l.Callers = []string{simulatedCaller}
	}
	if f.mode == string(models.ModeDirectAgent) {
		return l, models.NewError(models.Invalid, "--mode", "needs_agents", "direct_agent needs agents, who work from the desk: use voice_only or voice_key here",
			"direct_agent 需要坐席，请使用 voice_only 或 voice_key")
	}
	return l, campaign.Check(draft(l.Config, f), time.LoadLocation)
}

// needed says which flags are missing, all at once.
func needed(f broadcastFlags) error {
	e := &models.Error{Kind: models.Invalid}
	want := map[string]string{"--out": f.out}
	if f.resume == 0 {
		want["--list"], want["--audio"] = f.list, f.audio
	}
	for _, flag := range slices.Sorted(maps.Keys(want)) {
		if want[flag] == "" {
			e.Add(flag, "required", "name a file", "请指定文件")
		}
	}
	return e.OrNil()
}

// draft is the campaign as the flags want it.
func draft(c config.Config, f broadcastFlags) models.Campaign {
	camp := c.NewCampaign(models.CampaignMode(f.mode))
	camp.Name = filepath.Base(f.list)
	camp.Rules.Retries = f.retries
	if f.concurrency != -1 {
		camp.MaxConcurrency = f.concurrency
	}
	if f.plays != 0 {
		camp.PlayCount = f.plays
	}
	if f.agentKey != "" {
		camp.AgentKey = f.agentKey
	}
	if f.optOutKey != "" {
		camp.OptOutKey = f.optOutKey
	}
	return camp
}

// prepare takes in the files and makes the campaign. Whoever works at the shell is the administrator: what he brings is
// approved.
func (a *app) prepare(ctx context.Context, p *plant, f broadcastFlags) (models.Campaign, error) {
	camp := draft(p.l.Config, f)
	org, err := organization(ctx, p.store, 0)
	if err != nil {
		return camp, err
	}
	now := p.clock.Now()
	camp.OrganizationID, camp.CreatedAt, camp.UpdatedAt = org, now, now
	steps := []func(context.Context, *plant, broadcastFlags, *models.Campaign) error{a.takeTrunk, a.takeCallers, a.takeVoice, a.takeBlacklist, a.takeList}
	for _, step := range steps {
		if err := step(ctx, p, f, &camp); err != nil {
			return camp, err
		}
	}
	if err := p.store.CreateCampaign(ctx, &camp); err != nil {
		return camp, fmt.Errorf("make the campaign: %w", err)
	}
	return camp, nil
}

func (a *app) takeTrunk(ctx context.Context, p *plant, f broadcastFlags, camp *models.Campaign) error {
	if f.trunk == "" && len(p.l.Trunks) > 0 {
		f.trunk = p.l.Trunks[0].Name
	}
	t, err := p.l.Trunk(f.trunk)
	if err != nil {
		return err
	}
	known, err := trunks(ctx, p.store, []models.Trunk{t})
	if err != nil {
		return err
	}
	camp.TrunkIDs = []int64{known[0].ID}
	return nil
}

func (a *app) takeCallers(ctx context.Context, p *plant, f broadcastFlags, camp *models.Campaign) error {
	raw := p.l.Callers
	if f.caller != "" {
		raw = []string{f.caller}
	}
	if len(raw) == 0 {
		return models.NewError(models.Invalid, "--caller", "required", "give the number to show, or set callers in config.yaml", "请指定去电号码，或在 config.yaml 中设置 callers")
	}
	have, err := p.store.CallerNumbers(ctx, camp.OrganizationID)
	if err != nil {
		return err
	}
	known := map[string]models.CallerNumber{}
	for _, v := range have {
		known[v.Number] = v
	}
	for _, text := range raw {
		v, err := number.Caller(text)
		if err != nil {
			return err
		}
		if old, ok := known[v.Number]; ok {
			camp.CallerIDs = append(camp.CallerIDs, old.ID)
			continue
		}
		v.OrganizationID, v.Approval, v.CreatedAt = camp.OrganizationID, models.ApprovalApproved, p.clock.Now()
		if err := p.store.CreateCallerNumber(ctx, &v); err != nil {
			return fmt.Errorf("keep caller number %s: %w", v.Number, err)
		}
		camp.CallerIDs = append(camp.CallerIDs, v.ID)
	}
	return nil
}

func (a *app) takeVoice(ctx context.Context, p *plant, f broadcastFlags, camp *models.Campaign) error {
	file, err := os.Open(f.audio)
	if err != nil {
		return models.NewError(models.Invalid, "--audio", "unreadable", err.Error(), err.Error())
	}
	defer file.Close()
	originals := filepath.Join(p.l.DataDir, "originals")
	if err := os.MkdirAll(originals, 0o750); err != nil {
		return fmt.Errorf("make the folder of original voice files: %w", err)
	}
	v, err := voice.Store(ctx, voice.Config{
		OriginalDir: originals, SoundDir: p.l.SoundsDir, FFmpeg: p.l.Voice.FFmpeg,
		MaxBytes: p.l.Voice.MaxBytes, MaxDuration: time.Duration(p.l.Voice.MaxSeconds) * time.Second,
	}, filepath.Base(f.audio), file)
	if err != nil {
		return err
	}
	v.OrganizationID, v.Name, v.Approval, v.CreatedAt = camp.OrganizationID, filepath.Base(f.audio), models.ApprovalApproved, p.clock.Now()
	if err := p.store.CreateVoiceFile(ctx, &v); err != nil {
		return fmt.Errorf("keep voice file %s: %w", v.Name, err)
	}
	camp.VoiceFileID = v.ID
	return nil
}

func (a *app) takeBlacklist(ctx context.Context, p *plant, f broadcastFlags, camp *models.Campaign) error {
	if f.blacklist == "" {
		return nil
	}
	return a.withFile("--blacklist", f.blacklist, p.l.Import.MaxBytes, func(file *os.File, info os.FileInfo) error {
		o := a.options(p, camp)
		return a.importBlacklist(ctx, p.store, file, info, o, importFlags{})
	})
}

func (a *app) takeList(ctx context.Context, p *plant, f broadcastFlags, camp *models.Campaign) error {
	return a.withFile("--list", f.list, p.l.Import.MaxBytes, func(file *os.File, info os.FileInfo) error {
		o := a.options(p, camp)
		o.Column = f.column
		if f.rejects != "" {
			if err := os.Remove(f.rejects); err != nil && !errors.Is(err, os.ErrNotExist) {
				return models.NewError(models.Invalid, "--rejects", "unwritable", err.Error(), err.Error())
			}
		}
		list, err := a.importList(ctx, p.store, file, info, o, importFlags{rejects: f.rejects, again: true})
		if err != nil {
			return err
		}
		list.Approval = models.ApprovalApproved
		camp.ContactListID = list.ID
		return p.store.UpdateContactList(ctx, list)
	})
}

func (a *app) options(p *plant, camp *models.Campaign) intake.Options {
	o := intakeOptions(p.l.Config)
	o.OrganizationID, o.Now = camp.OrganizationID, p.clock.Now()
	return o
}
