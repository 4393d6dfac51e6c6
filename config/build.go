package config

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"waihu/models"
)

// Rules are the rules of a new campaign: when and how often numbers may be called.
func (c Config) Rules() models.Rules {
	r := models.Rules{
		Pack:          c.Calling.Pack,
		Windows:       c.Calling.windows(),
		Holidays:      slices.Clone(c.Calling.Holidays),
		NumberZone:    c.Calling.NumberZone,
		Zone:          c.Calling.Zone,
		Retries:       c.Calling.Retries,
		PerNumberDay:  c.Calling.perNumberDay(),
		MinGapSeconds: c.Calling.minGap(),
	}
	for _, rule := range c.Calling.RetryRules {
		factor := rule.Factor
		if factor == 0 {
			factor = 1
		}
		r.RetryRules = append(r.RetryRules, models.RetryRule{
			Outcome: models.Outcome(rule.Outcome), Times: rule.Times, DelaySeconds: rule.DelaySeconds,
			Factor: factor, Free: rule.Free,
		})
	}
	return r
}

// NewCampaign is a draft with every configured default; name, list, voice file, trunks and callers are the caller's.
func (c Config) NewCampaign(mode models.CampaignMode) models.Campaign {
	return models.Campaign{
		Mode:           mode,
		State:          models.CampaignDraft,
		MaxConcurrency: c.Campaign.MaxConcurrency,
		RingSeconds:    c.Campaign.RingSeconds,
		PlayCount:      c.Campaign.PlayCount,
		ExtraSeconds:   c.Campaign.ExtraSeconds,
		KeySeconds:     c.Campaign.KeySeconds,
		AgentKey:       c.Campaign.AgentKey,
		OptOutKey:      c.Campaign.OptOutKey,
		Rules:          c.Rules(),
	}
}

// Trunk finds a configured trunk by its name. An unknown name is a *models.Error of flag --trunk.
func (c Config) Trunk(name string) (models.Trunk, error) {
	names := make([]string, 0, len(c.Trunks))
	for _, t := range c.Trunks {
		if t.Name == name {
			return t.model(), nil
		}
		names = append(names, t.Name)
	}
	if len(names) == 0 {
		return models.Trunk{}, models.NewError(models.NotFound, "--trunk", "no_trunks",
			"no trunk is configured: add one under trunks in config.yaml", "尚未配置中继：请在 config.yaml 的 trunks 下添加")
	}
	list := strings.Join(names, ", ")
	return models.Trunk{}, models.NewError(models.NotFound, "--trunk", "unknown_trunk",
		fmt.Sprintf("no trunk is called %q: one of %s", name, list), fmt.Sprintf("没有名为 %q 的中继：可用 %s", name, list))
}

// TrunkModels are all configured trunks, for everybody (organisation 0).
func (c Config) TrunkModels() []models.Trunk {
	out := make([]models.Trunk, 0, len(c.Trunks))
	for _, t := range c.Trunks {
		out = append(out, t.model())
	}
	return out
}

func (t Trunk) model() models.Trunk {
	return models.Trunk{
		Name: t.Name, Gateway: t.Gateway, DialPrefix: t.DialPrefix, NumberFormat: models.NumberFormat(trunkFormat(t)),
		Lines: t.Lines, HandLines: t.HandLines, CPS: t.CPS, Allow400: t.Allow400,
	}
}

func trunkFormat(t Trunk) string {
	if t.NumberFormat == "" {
		return string(models.FormatNational)
	}
	return t.NumberFormat
}

// NeedSwitch says what is missing to dial on a real switch; nil when nothing is.
func (c Config) NeedSwitch() error {
	if c.Switch.Password == "" {
		return models.NewError(models.Invalid, "switch.password", "missing",
			"the event-socket password is not set: put it into a file and name that in switch.password_file (or WAIHU_SWITCH_PASSWORD)",
			"未设置事件套接字密码：请写入文件并在 switch.password_file 中指定（或用 WAIHU_SWITCH_PASSWORD）")
	}
	return nil
}

// SlogLevel is log.level for slog.
func (l Log) SlogLevel() slog.Level {
	switch l.Level {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}
