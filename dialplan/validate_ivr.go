package dialplan

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"waihu/models"
)

var (
	nodeID       = regexp.MustCompile(`^[a-z0-9]{1,16}$`)
	variableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)
	resultText   = regexp.MustCompile(`^[\p{L}\p{N}_. -]{1,40}$`)
	inboundDNIS  = regexp.MustCompile(`^[0-9]{2,20}$`)
	zoneName     = regexp.MustCompile(`^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}$`)
)

// ivrs checks the flows and routes of a plan. What people can do wrong is told by the editor before it comes here; this is
// what must hold whatever the database says.
func (v *faults) ivrs(p Plan, queues map[int64]bool) {
	flows := map[int64]bool{}
	for _, f := range p.IVRs {
		if flows[f.FlowID] {
			v.add(flowField(f, "id"), "duplicate", fmt.Sprintf("Flow %d stands twice in the plan; keep one.", f.FlowID), fmt.Sprintf("流程 %d 在方案中出现两次，请只保留一个。", f.FlowID))
		}
		flows[f.FlowID] = true
	}
	for _, f := range p.IVRs {
		v.flow(f, queues, flows)
	}
	taken := map[string]bool{}
	for _, r := range p.Routes {
		v.route(r, queues, flows)
		if taken[r.Number] {
			v.add(routeField(r, "number"), "duplicate", fmt.Sprintf("Two routes take calls to %s; keep one.", r.Number), fmt.Sprintf("号码 %s 有两条呼入路由，请只保留一条。", r.Number))
		}
		taken[r.Number] = true
	}
}

func flowField(f IVR, name string) string { return fmt.Sprintf("flows.%d.%s", f.FlowID, name) }

func routeField(r Route, name string) string {
	return fmt.Sprintf("inbound_routes.%d.%s", r.RouteID, name)
}

func (v *faults) missing(field string, en, zh string) {
	v.add(field, "missing", en, zh)
}

func (v *faults) flow(f IVR, queues, flows map[int64]bool) {
	v.id(flowField(f, "id"), f.FlowID)
	if len(f.Nodes) == 0 || len(f.Nodes) > models.MaxFlowNodes {
		v.add(flowField(f, "nodes"), "out_of_range", fmt.Sprintf("A flow has 1 to %d nodes.", models.MaxFlowNodes), fmt.Sprintf("流程应有 1 到 %d 个节点。", models.MaxFlowNodes))
	}
	known := map[string]bool{"": true}
	for _, n := range f.Nodes {
		if known[n.ID] || !nodeID.MatchString(n.ID) {
			v.add(flowField(f, "nodes"), "bad_id", fmt.Sprintf("The node id %q is used twice or is not made of 1 to 16 letters a-z and digits.", n.ID), fmt.Sprintf("节点编号 %q 重复，或不是 1–16 位小写字母和数字。", n.ID))
		}
		known[n.ID] = true
	}
	for _, n := range f.Nodes {
		field := func(name string) string { return flowField(f, "nodes."+n.ID+"."+name) }
		for _, next := range append(slices.Collect(maps.Values(n.Keys)), n.Next, n.OnFail) {
			if !known[next] {
				v.missing(field("next"), fmt.Sprintf("The node %q does not exist.", next), fmt.Sprintf("节点 %q 不存在。", next))
			}
		}
		for name, sound := range map[string]string{"voice_file_id": n.Sound, "invalid_voice_file_id": n.Invalid} {
			if sound != "" {
				v.sound(field(name), sound)
			}
		}
		v.node(n, field, queues, flows)
	}
}

func (v *faults) node(n IVRNode, field func(string) string, queues, flows map[int64]bool) {
	switch n.Kind {
	case models.NodeOptOut, models.NodeHangUp:
	case models.NodePlay:
		v.sound(field("voice_file_id"), n.Sound)
	case models.NodeMenu, models.NodeCollect, models.NodeRate:
		v.asking(n, field)
	case models.NodeRecord:
		v.folder(field("messages"), n.Messages)
		v.number(field("seconds"), int64(n.Seconds), 1, models.MaxMessageSeconds)
	case models.NodeSetResult:
		if !resultText.MatchString(n.Result) {
			v.add(field("result"), "bad_result", "A result has 1 to 40 letters, digits, blanks and _ . -", "结果为 1–40 个文字、数字、空格和 _ . -")
		}
	case models.NodeQueue:
		if !queues[n.QueueID] {
			v.missing(field("queue_id"), "The queue does not exist; choose one.", "接听组不存在，请选择。")
		}
	case models.NodeTransfer:
		if n.FlowID == 0 {
			v.outside(field("number"), n.Outside)
		} else if !flows[n.FlowID] {
			v.missing(field("target_id"), "The flow does not exist; choose one.", "流程不存在，请选择。")
		}
	default:
		v.add(field("kind"), "unknown", "The kind of the node is unknown.", "节点类型不正确。")
	}
}

func (v *faults) asking(n IVRNode, field func(string) string) {
	v.sound(field("voice_file_id"), n.Sound)
	v.number(field("tries"), int64(n.Tries), 1, models.MaxFlowTries)
	v.number(field("seconds"), int64(n.Seconds), 1, models.MaxFlowKeySeconds)
	if n.Kind == models.NodeMenu {
		if len(n.Keys) == 0 {
			v.missing(field("keys"), "The menu has no key; add one.", "菜单没有按键，请添加。")
		}
		for k := range n.Keys {
			v.key(field("keys"), k)
		}
	}
	if n.Kind == models.NodeCollect {
		v.number(field("max_digits"), int64(n.MaxDigits), 1, models.MaxFlowDigits)
		v.number(field("min_digits"), int64(n.MinDigits), 1, int64(max(n.MaxDigits, 1)))
		if !variableName.MatchString(n.Variable) {
			v.add(field("variable"), "bad_name", "A variable has 1 to 31 letters a-z, digits and _, a letter first.", "变量名为 1–31 位小写字母、数字和 _，以字母开头。")
		}
	}
}

func (v *faults) route(r Route, queues, flows map[int64]bool) {
	v.id(routeField(r, "id"), r.RouteID)
	if !inboundDNIS.MatchString(r.Number) {
		v.add(routeField(r, "number"), "bad_number", "The called number has 2 to 20 digits, as the trunk delivers it.", "被叫号码为 2–20 位数字，与中继送来的一致。")
	}
	if !zoneName.MatchString(r.Zone) {
		v.add(routeField(r, "zone"), "unknown", "The time zone is unknown; use a name like Asia/Shanghai.", "时区不正确，请使用 Asia/Shanghai 这样的名称。")
	}
	v.times(r)
	for name, t := range map[string]Target{"target": r.Open, "closed": r.Closed} {
		if t.FlowID != 0 && !flows[t.FlowID] || t.QueueID != 0 && !queues[t.QueueID] {
			v.missing(routeField(r, name), "The flow or queue does not exist; choose one.", "流程或接听组不存在，请选择。")
		}
		if t.Sound != "" {
			v.sound(routeField(r, name), t.Sound)
		}
	}
}

func (v *faults) times(r Route) {
	for _, w := range r.Windows {
		if w.Weekday < 0 || w.Weekday > 6 || w.From < 0 || w.From >= w.To || w.To > 1440 {
			v.add(routeField(r, "windows"), "bad_window", "A span of hours begins before it ends, within one day.", "时段的开始须早于结束，且在同一天内。")
		}
	}
	for _, day := range r.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			v.add(routeField(r, "holidays"), "not_a_date", fmt.Sprintf("%q is not a date; write 2026-10-01.", day), fmt.Sprintf("“%s”不是日期，请写成 2026-10-01。", day))
		}
	}
}
