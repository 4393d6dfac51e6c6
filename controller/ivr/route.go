package ivr

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"waihu/models"
)

var calledNumber = regexp.MustCompile(`^[0-9]{2,20}$`)

// CheckRoute says what is wrong with an inbound route, field by field, or nil. zones finds time zones by name.
func CheckRoute(r models.InboundRoute, known Known, zones func(string) (*time.Location, error)) error {
	e := &models.Error{Kind: models.Invalid}
	if n := utf8.RuneCountInString(strings.TrimSpace(r.Name)); n == 0 || n > models.MaxFlowNameRunes {
		e.Add("name", "bad_name", fmt.Sprintf("Give the route a name of 1 to %d characters.", models.MaxFlowNameRunes), fmt.Sprintf("请填写 1–%d 个字的路由名称。", models.MaxFlowNameRunes))
	}
	if !calledNumber.MatchString(r.Number) {
		e.Add("number", "bad_number", "Give the called number as the trunk delivers it: 2 to 20 digits.", "请按中继送来的格式填写被叫号码：2–20 位数字。")
	}
	if _, err := zones(r.Zone); err != nil || r.Zone == "" || r.Zone == "Local" {
		e.Add("zone", "unknown", fmt.Sprintf("%q is no time zone; use a name like Asia/Shanghai.", r.Zone), fmt.Sprintf("“%s”不是时区，请使用 Asia/Shanghai 这样的名称。", r.Zone))
	}
	for i, w := range r.Windows {
		if w.Weekday < 0 || w.Weekday > 6 || w.From < 0 || w.To > 1440 || w.From >= w.To {
			e.Add(fmt.Sprintf("windows.%d", i), "bad_window", "A span begins before it ends, within one day.", "时段的开始须早于结束，且在同一天内。")
		}
	}
	for i, day := range r.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			e.Add(fmt.Sprintf("holidays.%d", i), "not_a_date", fmt.Sprintf("%q is not a date; write 2026-10-01.", day), fmt.Sprintf("“%s”不是日期，请写成 2026-10-01。", day))
		}
	}
	checkTarget(e, "target", r.Target, known)
	checkTarget(e, "closed", r.Closed, known)
	return e.OrNil()
}

func checkTarget(e *models.Error, field string, t models.RouteTarget, known Known) {
	switch t.Kind {
	case models.RouteFlow:
		if _, ok := known.Flows[t.FlowID]; !ok {
			e.Add(field+".flow_id", "not_found", "Choose a flow; this one does not exist.", "流程不存在，请选择。")
		}
	case models.RouteQueue:
		if _, ok := known.Queues[t.QueueID]; !ok {
			e.Add(field+".queue_id", "not_found", "Choose a queue; this one does not exist.", "接听组不存在，请选择。")
		}
	case models.RouteHangUp:
		v, ok := known.Voices[t.VoiceFileID]
		if t.VoiceFileID != 0 && (!ok || v.Approval != models.ApprovalApproved) {
			e.Add(field+".voice_file_id", "not_approved", "The voice file does not exist or is not approved; choose another one.", "语音文件不存在或未通过审核，请重新选择。")
		}
	default:
		e.Add(field+".kind", "unknown", "Choose flow, queue or hang_up.", "请选择流程、接听组或挂断。")
	}
}
