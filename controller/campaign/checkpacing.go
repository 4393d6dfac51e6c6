package campaign

import (
	"fmt"
	"slices"
	"strings"

	"waihu/models"
)

// checkPacing says what is wrong with how a campaign straight to agents is to be dialled.
func checkPacing(e *models.Error, c models.Campaign) {
	if r := c.Rules.Ratio; !(r >= 0 && r <= models.MaxRatio) {
		e.Add("ratio", "out_of_range", fmt.Sprintf("%g lines per idle agent are not allowed; use 0 to %d, 0 means one call for each reserved agent", r, models.MaxRatio),
			fmt.Sprintf("每个空闲坐席 %g 路超出范围，请填写 0 到 %d；0 表示每个预占坐席一路", r, models.MaxRatio))
	}
	p := c.Rules.Pacing
	if !p.Set() {
		return
	}
	pack := Newest(c.Rules.Pack)
	checkPreview(e, p)
	checkRing(e, c, pack)
	if p.ByHand() {
		return // nobody who answers is without an agent: there is no limit to keep
	}
	if !slices.Contains([]models.PacingMode{models.PaceProgressive, models.PaceRatio, models.PacePredictive}, p.Mode) {
		e.Add("pacing.mode", "unknown", fmt.Sprintf("%q is no mode; use manual, preview, progressive, ratio or predictive", p.Mode),
			fmt.Sprintf("没有模式“%s”，请使用 manual、preview、progressive、ratio 或 predictive", p.Mode))
	}
	if !slices.Contains([]models.GuaranteeKind{"", models.GuaranteeHard, models.GuaranteeRisk, models.GuaranteeOff}, p.Guarantee) {
		e.Add("pacing.guarantee", "unknown", fmt.Sprintf("%q is no guarantee; use hard, risk or off", p.Guarantee),
			fmt.Sprintf("没有保证方式“%s”，请使用 hard、risk 或 off", p.Guarantee))
	}
	if p.Mode == models.PaceRatio && c.Rules.Ratio == 0 {
		e.Add("ratio", "required", "give the lines per idle agent, above 0; 1 is one for each", "请填写每个空闲坐席的线路数（大于 0；1 表示每人一路）")
	}
	checkLimits(e, c, pack)
}

// checkPreview says what is wrong with how long an agent may look at a number.
func checkPreview(e *models.Error, p models.Pacing) {
	if p.PreviewSeconds < 0 || p.PreviewSeconds > models.MaxPreviewSeconds {
		e.Add("pacing.preview_seconds", "out_of_range",
			fmt.Sprintf("%d s to look at a number are not allowed; use 0 to %d, 0 means without a limit", p.PreviewSeconds, models.MaxPreviewSeconds),
			fmt.Sprintf("预览时限 %d 秒超出范围，请填写 0 到 %d；0 表示不限时", p.PreviewSeconds, models.MaxPreviewSeconds))
	}
	if !slices.Contains([]models.PreviewThen{"", models.PreviewSkip, models.PreviewCall}, p.PreviewThen) {
		e.Add("pacing.preview_then", "unknown", fmt.Sprintf("%q cannot follow; use skip or call", p.PreviewThen),
			fmt.Sprintf("没有到时操作“%s”，请使用 skip 或 call", p.PreviewThen))
	}
	if p.ByHand() && p.PreviewThen == models.PreviewCall && p.PreviewSeconds == 0 {
		e.Add("pacing.preview_seconds", "required", "say after how many seconds the number is called by itself", "请填写多少秒后自动呼叫")
	}
}

// checkLimits holds the limits of pacing against those of the rule pack.
func checkLimits(e *models.Error, c models.Campaign, pack Pack) {
	p := c.Rules.Pacing
	if !(p.AbandonLimit > 0 && p.AbandonLimit <= pack.MostRho) {
		e.Add("pacing.abandon_limit", "out_of_range",
			fmt.Sprintf("%g %% abandoned is not allowed; use more than 0 and at most %g %% (rule pack %s)", 100*p.AbandonLimit, 100*pack.MostRho, pack.Name),
			fmt.Sprintf("呼损率上限 %g%% 不可用，请填写大于 0 且不超过 %g%%（规则包 %s）", 100*p.AbandonLimit, 100*pack.MostRho, pack.Name))
	}
	if !(p.ConnectSeconds >= 0 && p.ConnectSeconds <= pack.MostConnect) {
		e.Add("pacing.connect_seconds", "out_of_range",
			fmt.Sprintf("a connect limit of %g s is not allowed; use at most %g s (rule pack %s), 0 means as the rule pack says", p.ConnectSeconds, pack.MostConnect, pack.Name),
			fmt.Sprintf("接通时限 %g 秒不可用，请填写不超过 %g 秒（规则包 %s）；0 表示按规则包", p.ConnectSeconds, pack.MostConnect, pack.Name))
	}
	if p.Window != "" && !slices.Contains(pack.Windows, p.Window) {
		names := make([]string, len(pack.Windows))
		for i, w := range pack.Windows {
			names[i] = string(w)
		}
		e.Add("pacing.window", "not_allowed",
			fmt.Sprintf("%q is not allowed as the window of the limit; use %s (rule pack %s)", p.Window, strings.Join(names, " or "), pack.Name),
			fmt.Sprintf("统计窗口“%s”不可用，请使用 %s（规则包 %s）", p.Window, strings.Join(names, " 或 "), pack.Name))
	}
}

func checkRing(e *models.Error, c models.Campaign, pack Pack) {
	if float64(c.RingSeconds) < pack.MinRing {
		e.Add("ring_seconds", "too_short", fmt.Sprintf("the rule pack %s wants %g s of ringing at least", pack.Name, pack.MinRing),
			fmt.Sprintf("规则包 %s 要求至少振铃 %g 秒", pack.Name, pack.MinRing))
	}
}

// PacingWarnings are doubts about the pacing of a campaign that do not keep it from being saved: they name the field.
func PacingWarnings(c models.Campaign, agents []models.Agent) []models.FieldError {
	p := c.Rules.Pacing
	if c.Mode != models.ModeDirectAgent || p.Mode != models.PacePredictive && (p.Mode != models.PaceRatio || c.Rules.Ratio <= 1) || len(agents) == 0 {
		return nil
	}
	for _, a := range agents {
		if a.Reach != models.ReachRing {
			return nil
		}
	}
	e := &models.Error{}
	e.Add("pacing.mode", "phones_ring", "all agents of the queue have phones that ring: nobody answers within the connect limit, most people will be left alone; give the agents connected or answering phones, or choose progressive",
		"该接听组的坐席话机均为振铃接听，无法在接通时限内应答，大多数客户将无人接听；请为坐席设置长连或自动应答，或选择逐一拨号（progressive）")
	return e.Fields
}
