package dialplan

import (
	"fmt"
	"regexp"
	"strings"

	"waihu/models"
)

// Limits of a plan.
const (
	maxDurationMS   = 60 * 60 * 1000
	maxExtraSeconds = 3600
	maxKeySeconds   = 60
	minWaitSeconds  = 2 // playback_timeout_sec counts only from 2
	maxWaitSeconds  = 3600
	maxRepeats      = 200 // of a music file within one wait
)

// What may stand in a sound's path. play_and_get_digits splits at blanks and takes quotes away; "{", "[", "@@", "!" and
// ":" have meanings of their own in a playback. So: an absolute path of letters, digits and . _ - + only.
var (
	soundPath = regexp.MustCompile(`^(/[\p{L}\p{N}._+-]+)+$`)
	musicName = regexp.MustCompile(`^local_stream://[A-Za-z0-9_-]{1,64}$`)
	oneKey    = regexp.MustCompile(`^[0-9*#]$`)
)

// Validate says what is wrong with a plan, as *models.Error with one entry per fault.
func (p Plan) Validate() error {
	v := &faults{err: models.Error{Kind: models.Invalid}}
	queues := map[int64]bool{}
	for _, q := range p.Queues {
		if queues[q.QueueID] {
			v.add(queueField(q, "id"), "duplicate", fmt.Sprintf("Queue %d stands twice in the plan; keep one.", q.QueueID),
				fmt.Sprintf("接听组 %d 在方案中出现两次，请只保留一个。", q.QueueID))
		}
		queues[q.QueueID] = true
		v.queue(q)
	}
	v.overflows(p.Queues)
	v.ivrs(p, queues)
	campaigns := map[int64]bool{}
	for _, c := range p.Campaigns {
		if campaigns[c.CampaignID] {
			v.add(campaignField(c, "id"), "duplicate", fmt.Sprintf("Campaign %d stands twice in the plan; keep one.", c.CampaignID),
				fmt.Sprintf("任务 %d 在方案中出现两次，请只保留一个。", c.CampaignID))
		}
		campaigns[c.CampaignID] = true
		v.campaign(c, queues)
	}
	return v.err.OrNil()
}

type faults struct{ err models.Error }

func (v *faults) add(field, code, text, zh string) { v.err.Add(field, code, text, zh) }

func campaignField(c CampaignFlow, name string) string {
	return fmt.Sprintf("campaigns.%d.%s", c.CampaignID, name)
}

func queueField(q QueueFlow, name string) string { return fmt.Sprintf("queues.%d.%s", q.QueueID, name) }

func (v *faults) id(field string, id int64) {
	if id <= 0 {
		v.add(field, "out_of_range", "Ids begin at 1; save the record first.", "编号从 1 开始，请先保存。")
	}
}

func (v *faults) number(field string, n, from, to int64) {
	if n < from || n > to {
		v.add(field, "out_of_range", fmt.Sprintf("%d is out of range; give a number from %d to %d.", n, from, to),
			fmt.Sprintf("%d 超出范围，请填写 %d 到 %d 之间的数。", n, from, to))
	}
}

func (v *faults) sound(field, path string) {
	if !soundPath.MatchString(path) || strings.Contains(path, "/../") || strings.HasSuffix(path, "/..") || len(path) > 512 {
		v.add(field, "bad_path", "The sound must be an absolute path of letters, digits and . _ - + (no blanks, quotes or braces); move the sounds folder or choose a file.",
			"语音文件必须是绝对路径，只能包含文字、数字和 . _ - +（不能有空格、引号或花括号）；请移动语音目录或重新选择文件。")
	}
}

func (v *faults) key(field, key string) {
	if !oneKey.MatchString(key) {
		v.add(field, "bad_key", "A key is one of 0-9, * and #.", "按键只能是 0-9、* 或 # 中的一个。")
	}
}

func (v *faults) campaign(c CampaignFlow, queues map[int64]bool) {
	v.id(campaignField(c, "id"), c.CampaignID)
	needsQueue := false
	switch c.Mode {
	case models.ModeVoiceOnly:
		v.voice(c)
	case models.ModeVoiceKey:
		v.voice(c)
		v.number(campaignField(c, "key_seconds"), int64(c.KeySeconds), 1, maxKeySeconds)
		v.keys(c)
		needsQueue = c.AgentKey != ""
	case models.ModeDirectAgent:
		if c.OptOutKey != "" {
			v.key(campaignField(c, "opt_out_key"), c.OptOutKey)
		}
		needsQueue = true
	default:
		v.add(campaignField(c, "mode"), "unknown", "The mode is unknown; choose voice_only, voice_key or direct_agent.",
			"呼叫方式不正确，请选择纯语音播放、语音+按键转人工或直接转人工。")
	}
	if c.OptOutSound != "" {
		v.sound(campaignField(c, "opt_out_sound"), c.OptOutSound)
	}
	if needsQueue && !queues[c.QueueID] {
		v.add(campaignField(c, "queue_id"), "missing", "The campaign leads to agents but has no queue; choose a queue or take the agent key away.",
			"任务需要转人工，但没有接听组；请选择接听组，或取消转人工按键。")
	}
}

func (v *faults) voice(c CampaignFlow) {
	v.sound(campaignField(c, "sound"), c.Sound)
	v.number(campaignField(c, "duration_ms"), c.DurationMS, 1, maxDurationMS)
	v.number(campaignField(c, "play_count"), int64(c.PlayCount), 1, models.MaxPlayCount)
	v.number(campaignField(c, "extra_seconds"), int64(c.ExtraSeconds), 0, maxExtraSeconds)
}

func (v *faults) keys(c CampaignFlow) {
	if c.AgentKey != "" {
		v.key(campaignField(c, "agent_key"), c.AgentKey)
	}
	if c.OptOutKey != "" {
		v.key(campaignField(c, "opt_out_key"), c.OptOutKey)
	}
	if c.AgentKey != "" && c.AgentKey == c.OptOutKey {
		v.add(campaignField(c, "opt_out_key"), "duplicate", "One key cannot lead to an agent and opt out; choose another key.",
			"同一个按键不能既转人工又退订，请选择其他按键。")
	}
	for _, k := range sortedKeys(c.Keys) {
		v.key(campaignField(c, "keys"), k)
	}
}
