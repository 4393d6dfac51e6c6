package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// Check says what is wrong with a campaign's settings, field by field, or nil.
func Check(c models.Campaign, zones Zones) error {
	e := &models.Error{Kind: models.Invalid}
	if strings.TrimSpace(c.Name) == "" {
		e.Add("name", "required", "give the campaign a name", "请填写任务名称")
	}
	if !slices.Contains([]models.CampaignMode{models.ModeVoiceOnly, models.ModeVoiceKey, models.ModeDirectAgent}, c.Mode) {
		e.Add("mode", "unknown", "choose voice_only, voice_key or direct_agent", "请选择 voice_only、voice_key 或 direct_agent")
	}
	between(e, "max_concurrency", c.MaxConcurrency, 0, models.MaxConcurrency, "; 0 means no limit", "；0 表示不限")
	between(e, "ring_seconds", c.RingSeconds, models.MinRingSeconds, models.MaxRingSeconds, "; 45 is usual", "；通常为 45")
	between(e, "play_count", c.PlayCount, 1, models.MaxPlayCount, "", "")
	between(e, "extra_seconds", c.ExtraSeconds, 0, 3600, "", "")
	between(e, "key_seconds", c.KeySeconds, 0, 60, "", "")
	between(e, "retries", c.Rules.Retries, 0, 20, "", "")
	between(e, "per_number_day", c.Rules.PerNumberDay, 0, 100, "; 0 means no limit", "；0 表示不限")
	between(e, "min_gap_seconds", c.Rules.MinGapSeconds, 0, 7*86400, "", "")
	checkPacing(e, c)
	checkKeys(e, c)
	checkRules(e, c.Rules, zones)
	return e.OrNil()
}

func between(e *models.Error, field string, v, low, high int, more, moreZH string) {
	if v < low || v > high {
		e.Add(field, "out_of_range", fmt.Sprintf("%d is not allowed; use %d to %d%s", v, low, high, more),
			fmt.Sprintf("%d 超出范围，请填写 %d 到 %d%s", v, low, high, moreZH))
	}
}

func checkKeys(e *models.Error, c models.Campaign) {
	for field, key := range map[string]string{"agent_key": c.AgentKey, "opt_out_key": c.OptOutKey} {
		if key != "" && !isKey(key) {
			e.Add(field, "not_a_key", fmt.Sprintf("%q is not a key; use one of 0-9 * #", key), fmt.Sprintf("“%s”不是按键，请使用 0-9 * # 之一", key))
		}
	}
	if c.AgentKey != "" && c.AgentKey == c.OptOutKey {
		e.Add("opt_out_key", "same_key", "choose another key than agent_key", "退订键不能与转人工键相同")
	}
	for key := range c.Keys {
		if !isKey(key) {
			e.Add("keys", "not_a_key", fmt.Sprintf("%q is not a key; use 0-9 * #", key), fmt.Sprintf("“%s”不是按键，请使用 0-9 * #", key))
		}
	}
}

func isKey(s string) bool { return len(s) == 1 && strings.Contains("0123456789*#", s) }

func checkRules(e *models.Error, r models.Rules, zones Zones) {
	if _, err := zones(r.Zone); err != nil || r.Zone == "" {
		e.Add("zone", "unknown", fmt.Sprintf("%q is no time zone; use a name like Asia/Shanghai", r.Zone), fmt.Sprintf("“%s”不是时区，请使用 Asia/Shanghai 这样的名称", r.Zone))
	}
	for _, day := range r.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			e.Add("holidays", "not_a_date", fmt.Sprintf("%q is not a date; write 2026-10-01", day), fmt.Sprintf("“%s”不是日期，请写成 2026-10-01", day))
		}
	}
	for _, rule := range r.RetryRules {
		if !slices.Contains(models.Outcomes, rule.Outcome) || rule.Times < 0 || rule.DelaySeconds < 0 || rule.Factor < 0 || rule.Factor > 10 {
			e.Add("retry_rules", "not_a_rule", fmt.Sprintf("the rule for %q is not sound; use a known outcome, times and delay from 0, a factor from 1 to 10", rule.Outcome),
				fmt.Sprintf("“%s”的重呼规则无效：请使用已知结果，次数和间隔不小于 0，系数 1 到 10", rule.Outcome))
		}
	}
	if fault := overlap(r.Windows); fault != "" {
		e.Add("windows", "overlap", fault+"; spans of one day must lie apart, within 00:00-24:00", "呼叫时段无效："+fault+"；同一天的时段不能重叠，且须在 00:00-24:00 之内")
	}
}

// overlap names the first window that is empty, out of the day, or shares minutes with another.
func overlap(ws []models.Window) string {
	for i, w := range ws {
		if w.From < 0 || w.To > 1440 || w.From >= w.To || w.Weekday < 0 || w.Weekday > 6 {
			return span(w)
		}
		for _, v := range ws[:i] {
			if v.Weekday == w.Weekday && w.From < v.To && v.From < w.To {
				return span(v) + " / " + span(w)
			}
		}
	}
	return ""
}

func span(w models.Window) string {
	return fmt.Sprintf("%s %02d:%02d-%02d:%02d", w.Weekday, w.From/60, w.From%60, w.To/60, w.To%60)
}
