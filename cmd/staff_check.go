package cmd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"waihu/api"
	"waihu/controller/number"
	"waihu/models"
)

// Limits of what people set.
const (
	maxNameRunes    = 60
	maxConnectMS    = 5000
	maxServiceLevel = 3600
	minComfort      = 10
	maxComfort      = 600
)

// within adds a fault when a number is out of its range.
func within(e *models.Error, field string, value, low, high int) {
	if value < low || value > high {
		e.Add(field, "out_of_range", fmt.Sprintf("Use %d to %d.", low, high), fmt.Sprintf("请填写 %d 到 %d。", low, high))
	}
}

// named adds a fault when a name is empty or too long.
func named(e *models.Error, field, value string, needed bool) {
	n := utf8.RuneCountInString(value)
	if n > maxNameRunes || needed && n == 0 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
		e.Add(field, "bad_name", fmt.Sprintf("Give a name of 1 to %d characters.", maxNameRunes), fmt.Sprintf("请填写 1–%d 个字符的名称。", maxNameRunes))
	}
}

// checkExtension says what is wrong with an extension, field by field.
func checkExtension(e models.Extension) error {
	f := &models.Error{Kind: models.Invalid}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`).MatchString(e.Number) {
		f.Add("number", "bad_number", "Use 1 to 32 letters, digits, _ and -; digits only is best for desk phones.", "须为 1–32 个字母、数字、_ 和 -；话机上建议只用数字。")
	}
	named(f, "name", e.Name, false)
	return f.OrNil()
}

// checkAgent says what is wrong with an agent and its account, and gives the agent with its external number in E.164.
func checkAgent(a models.Agent, login api.AgentLogin, region string, policy number.Policy) (models.Agent, error) {
	e := &models.Error{Kind: models.Invalid}
	if !regexp.MustCompile(`^[0-9]{1,12}$`).MatchString(a.StaffNumber) {
		e.Add("staff_number", "bad_staff_number", "Use 1 to 12 digits; customers hear them.", "工号须为 1–12 位数字，将播报给客户。")
	}
	named(e, "name", a.Name, true)
	if login.Role != models.RoleAgent && login.Role != models.RoleTeamLeader {
		e.Add("role", "unknown_role", "Choose agent or team_leader.", "请选择 agent（客服）或 team_leader（班长）。")
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`).MatchString(login.Login) {
		e.Add("login", "bad_login", "Use 1 to 64 letters, digits and . _ @ -, beginning with a letter or digit.", "须为 1–64 个字母、数字和 . _ @ -，以字母或数字开头。")
	}
	if !slices.Contains([]models.Reach{models.ReachRing, models.ReachAutoAnswer, models.ReachNailedUp}, a.Reach) {
		e.Add("reach", "unknown_reach", "Choose ring, auto_answer or nailed_up.", "请选择 ring、auto_answer 或 nailed_up。")
	}
	if a.ExternalNumber == "" {
		return a, e.OrNil()
	}
	n, reject := number.Normalise(a.ExternalNumber, region, policy)
	if reject != nil {
		e.Add("external_number", reject.Code, reject.Text, reject.TextZH)
	} else {
		a.ExternalNumber = n.E164
	}
	if a.ExtensionID != 0 {
		e.Add("external_number", "two_phones", "An agent has an extension or an external number, not both; clear one of them.", "分机与外部号码只能二选一，请清空其中一个。")
	}
	if a.Reach == models.ReachAutoAnswer || a.Reach == models.ReachNailedUp {
		e.Add("reach", "external_rings", "An external number is rung for each call: it answers by itself or stays connected on no carrier's network. Choose ring.", "外部号码只能逐次振铃：运营商网络不支持自动应答，长连会一直计费。请选择振铃。")
	}
	return a, e.OrNil()
}

// checkPattern says what is wrong with the pattern of a random staff number: digits stay, ? stands for the random
// digits that fill it up to the length, at least one for each.
func checkPattern(e *models.Error, pattern string, digits int) {
	if digits != 3 && digits != 4 {
		e.Add("staff_digits", "out_of_range", "Use 3 or 4 digits.", "请选择 3 或 4 位。")
		return
	}
	marks := strings.Count(pattern, "?")
	switch {
	case pattern == "":
	case !regexp.MustCompile(`^[0-9?]+$`).MatchString(pattern):
		e.Add("staff_pattern", "bad_pattern", "Use digits and ?, as in 8?.", "只能使用数字和 ?，例如 8?。")
	case len(pattern) > digits:
		e.Add("staff_pattern", "too_long", fmt.Sprintf("The pattern is longer than %d digits; shorten it or choose 4 digits.", digits), fmt.Sprintf("规则超过 %d 位，请缩短或改为 4 位。", digits))
	case marks == 0 && len(pattern) < digits:
		e.Add("staff_pattern", "too_short", fmt.Sprintf("Without ? the pattern must have %d digits; add ? for random ones, as in 8?.", digits), fmt.Sprintf("不含 ? 时须为 %d 位数字；可用 ? 表示随机位，例如 8?。", digits))
	}
}

// checkQueue says what is wrong with a queue, field by field, and gives it with its overflow in its usual form.
func checkQueue(q models.Queue, region string, policy number.Policy) (models.Queue, error) {
	e := &models.Error{Kind: models.Invalid}
	named(e, "name", q.Name, true)
	if !slices.Contains(models.Strategies, q.Strategy) {
		e.Add("strategy", "unknown_strategy", "Choose one of the strategies of the list.", "请从列表中选择接听方式。")
	}
	checkPattern(e, q.StaffPattern, q.StaffDigits)
	within(e, "ring_seconds", q.RingSeconds, models.MinAgentRing, models.MaxAgentRing)
	within(e, "wrap_up_seconds", q.WrapUpSeconds, 0, models.MaxWrapUpSeconds)
	within(e, "max_missed", q.MaxMissed, 1, models.MaxMissedOffers)
	within(e, "max_wait_seconds", q.MaxWaitSeconds, 2, models.MaxWaitSeconds)
	within(e, "service_level_seconds", q.ServiceLevelSeconds, 1, maxServiceLevel)
	within(e, "connect_ms", q.ConnectMS, 0, maxConnectMS)
	if q.ComfortVoiceID != 0 || q.AnnouncePosition || q.AnnounceWait {
		within(e, "comfort_seconds", q.ComfortSeconds, minComfort, maxComfort)
	}
	q.Overflow = checkOverflow(e, q, region, policy)
	return q, e.OrNil()
}

// checkOverflow gives the overflow without what its kind does not use.
func checkOverflow(e *models.Error, q models.Queue, region string, policy number.Policy) models.Overflow {
	o := models.Overflow{Kind: q.Overflow.Kind, VoiceFileID: q.Overflow.VoiceFileID}
	switch o.Kind {
	case models.OverflowHangUp, models.OverflowVoicemail:
	case models.OverflowQueue:
		o.QueueID = q.Overflow.QueueID
		if o.QueueID == 0 {
			e.Add("overflow.queue_id", "required", "Choose the queue that takes over.", "请选择溢出到的接听组。")
		}
	case models.OverflowNumber:
		o.Number, o.TrunkID = q.Overflow.Number, q.Overflow.TrunkID
		if n, reject := number.Normalise(o.Number, region, policy); reject != nil {
			e.Add("overflow.number", reject.Code, reject.Text, reject.TextZH)
		} else {
			o.Number = n.E164
		}
		if o.TrunkID == 0 {
			e.Add("overflow.trunk_id", "required", "Choose the trunk over which the number is called.", "请选择呼叫该号码的中继。")
		}
	default:
		e.Add("overflow.kind", "unknown_kind", "Choose hang_up, queue, number or voicemail.", "请选择 hang_up、queue、number 或 voicemail。")
	}
	return o
}

// checkMembers says what is wrong with the members of a queue.
func checkMembers(members []models.QueueMember) error {
	e := &models.Error{Kind: models.Invalid}
	if len(members) > models.MaxQueueMembers {
		e.Add("members", "too_many", fmt.Sprintf("A queue has at most %d members; make another queue.", models.MaxQueueMembers), fmt.Sprintf("每个接听组最多 %d 名成员，请另建接听组。", models.MaxQueueMembers))
	}
	seen := map[int64]bool{}
	for i, m := range members {
		if seen[m.AgentID] {
			e.Add(fmt.Sprintf("members[%d].agent_id", i), "twice", "This agent stands twice; leave one out.", "该坐席重复，请删除一个。")
		}
		seen[m.AgentID] = true
		within(e, fmt.Sprintf("members[%d].priority", i), m.Priority, 1, 9)
	}
	return e.OrNil()
}
