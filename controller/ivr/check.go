// Package ivr says what is wrong with an IVR flow or an inbound route, node by node, before it is saved.
//
// It is pure: no I/O, clock, goroutine, lock or logger. What the database knows of the things that a flow names is given to
// it in Known. It must not render anything: that is dialplan's.
package ivr

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"waihu/models"
)

// Known is what an organization has: what a flow or route may name.
type Known struct {
	Voices  map[int64]models.VoiceFile
	Queues  map[int64]models.Queue
	Trunks  map[int64]models.Trunk
	Flows   map[int64]models.IVRFlow
	Refused map[string]models.FieldError // numbers (as they stand in the flow) that must not be called, with the reason; Field is empty
}

var (
	nodeID       = regexp.MustCompile(`^[a-z0-9]{1,16}$`)
	variableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)
	resultText   = regexp.MustCompile(`^[\p{L}\p{N}_. -]{1,40}$`)
)

// Check says what is wrong with a flow (err, a *models.Error or nil, with a field nodes.<id>.<name> per fault) and what is
// only odd (warnings: nodes to which nothing leads).
func Check(f models.IVRFlow, known Known) (warnings []models.FieldError, err error) {
	c := checker{flow: f, known: known, err: models.Error{Kind: models.Invalid}, nodes: map[string]models.FlowNode{}}
	if n := utf8.RuneCountInString(strings.TrimSpace(f.Name)); n == 0 || n > models.MaxFlowNameRunes {
		c.err.Add("name", "bad_name", fmt.Sprintf("Give the flow a name of 1 to %d characters.", models.MaxFlowNameRunes), fmt.Sprintf("请填写 1–%d 个字的流程名称。", models.MaxFlowNameRunes))
	}
	if len(f.Nodes) == 0 || len(f.Nodes) > models.MaxFlowNodes {
		c.err.Add("nodes", "out_of_range", fmt.Sprintf("A flow needs 1 to %d nodes; add one.", models.MaxFlowNodes), fmt.Sprintf("流程需要 1–%d 个节点，请添加。", models.MaxFlowNodes))
	}
	for _, n := range f.Nodes {
		if _, twice := c.nodes[n.ID]; twice || !nodeID.MatchString(n.ID) {
			c.add(n, "id", "bad_id", "Node ids are 1 to 16 letters a-z and digits, each used once.", "节点编号为 1–16 位小写字母或数字，且不能重复。")
		}
		c.nodes[n.ID] = n
	}
	for _, n := range f.Nodes {
		c.node(n)
	}
	if len(c.err.Fields) == 0 {
		c.loops()
	}
	return c.unreachable(), c.err.OrNil()
}

type checker struct {
	flow  models.IVRFlow
	known Known
	err   models.Error
	nodes map[string]models.FlowNode
}

func (c *checker) add(n models.FlowNode, name, code, en, zh string) {
	c.err.Add("nodes."+n.ID+"."+name, code, en, zh)
}

func (c *checker) within(n models.FlowNode, name string, v, low, high int) {
	if v < low || v > high {
		c.add(n, name, "out_of_range", fmt.Sprintf("%d is out of range; use %d to %d.", v, low, high), fmt.Sprintf("%d 超出范围，请填写 %d 到 %d。", v, low, high))
	}
}

// leads checks that a node follows which is there; "" is the end of the call.
func (c *checker) leads(n models.FlowNode, name, next string) {
	if _, ok := c.nodes[next]; next != "" && !ok {
		c.add(n, name, "missing_node", fmt.Sprintf("The node %q does not exist (any more); choose where the call goes on.", next), fmt.Sprintf("节点“%s”不存在，请重新选择后续节点。", next))
	}
}

func (c *checker) voice(n models.FlowNode, name string, id int64, must bool) {
	if id == 0 && !must {
		return
	}
	v, ok := c.known.Voices[id]
	switch {
	case id == 0:
		c.add(n, name, "required", "Choose a voice file; the caller would hear nothing.", "请选择语音文件，否则来电者听不到内容。")
	case !ok:
		c.add(n, name, "not_found", fmt.Sprintf("There is no voice file %d (any more); choose another one.", id), fmt.Sprintf("语音文件 %d 不存在，请重新选择。", id))
	case v.Approval != models.ApprovalApproved:
		c.add(n, name, "not_approved", fmt.Sprintf("%q is not approved yet; wait for the approval or choose another file.", v.Name), fmt.Sprintf("“%s”尚未通过审核，请等待审核或选择其他语音。", v.Name))
	}
}

func (c *checker) node(n models.FlowNode) {
	must := false
	switch n.Kind {
	case models.NodePlay:
		must = true
	case models.NodeMenu, models.NodeCollect, models.NodeRate:
		must = true
		c.asking(n)
	case models.NodeRecord:
		c.within(n, "seconds", n.Seconds, 1, models.MaxMessageSeconds)
	case models.NodeSetResult:
		if !resultText.MatchString(n.Result) {
			c.add(n, "result", "bad_result", "A result has 1 to 40 letters, digits, blanks and _ . -", "结果为 1–40 个文字、数字、空格和 _ . -")
		}
	case models.NodeQueue:
		if _, ok := c.known.Queues[n.QueueID]; !ok {
			c.add(n, "queue_id", "not_found", "Choose a queue; this one does not exist.", "接听组不存在，请选择。")
		}
	case models.NodeTransfer:
		c.transfer(n)
	case models.NodeOptOut, models.NodeHangUp:
	default:
		c.add(n, "kind", "unknown", fmt.Sprintf("%q is no kind of node.", n.Kind), fmt.Sprintf("“%s”不是节点类型。", n.Kind))
		return
	}
	c.voice(n, "voice_file_id", n.VoiceFileID, must)
	c.leads(n, "next", n.Next)
	if utf8.RuneCountInString(n.Name) > models.MaxFlowNameRunes {
		c.add(n, "name", "too_long", fmt.Sprintf("Use at most %d characters.", models.MaxFlowNameRunes), fmt.Sprintf("最多 %d 个字。", models.MaxFlowNameRunes))
	}
}

// asking is what menu, collect and rate have in common.
func (c *checker) asking(n models.FlowNode) {
	c.within(n, "tries", n.Tries, 1, models.MaxFlowTries)
	c.within(n, "seconds", n.Seconds, 1, models.MaxFlowKeySeconds)
	c.voice(n, "invalid_voice_file_id", n.InvalidVoiceFileID, false)
	c.leads(n, "on_fail", n.OnFail)
	if n.Kind == models.NodeCollect {
		c.within(n, "max_digits", n.MaxDigits, 1, models.MaxFlowDigits)
		c.within(n, "min_digits", n.MinDigits, 1, max(n.MaxDigits, 1))
		if !variableName.MatchString(n.Variable) {
			c.add(n, "variable", "bad_name", "A variable has 1 to 31 letters a-z, digits and _, a letter first.", "变量名为 1–31 位小写字母、数字和 _，以字母开头。")
		}
	}
	if n.Kind == models.NodeMenu {
		c.keys(n)
	}
}

func (c *checker) keys(n models.FlowNode) {
	if len(n.Keys) == 0 {
		c.add(n, "keys", "required", "Add a key; a menu without one leads nowhere.", "请添加按键，菜单至少需要一个按键。")
	}
	seen := map[string]bool{}
	for i, k := range n.Keys {
		field := fmt.Sprintf("keys.%d", i)
		switch {
		case len(k.Key) != 1 || !strings.Contains("0123456789*#", k.Key):
			c.add(n, field, "not_a_key", fmt.Sprintf("%q is not a key; use one of 0-9 * #.", k.Key), fmt.Sprintf("“%s”不是按键，请使用 0-9 * # 之一。", k.Key))
		case seen[k.Key]:
			c.add(n, field, "key_twice", fmt.Sprintf("The key %s stands twice; each key leads to one place.", k.Key), fmt.Sprintf("按键 %s 重复，每个按键只能指向一处。", k.Key))
		}
		seen[k.Key] = true
		c.leads(n, field, k.Next)
	}
}

func (c *checker) transfer(n models.FlowNode) {
	switch n.To {
	case models.FlowToFlow:
		if _, ok := c.known.Flows[n.TargetID]; !ok && (n.TargetID == 0 || n.TargetID != c.flow.ID) {
			c.add(n, "target_id", "not_found", "Choose a flow; this one does not exist.", "流程不存在，请选择。")
		}
	case models.FlowToNumber:
		if why, refused := c.known.Refused[n.Number]; refused {
			c.add(n, "number", why.Code, why.Text, why.TextZH)
		} else if n.Number == "" {
			c.add(n, "number", "required", "Give the number that is called.", "请填写要转接的号码。")
		}
		if _, ok := c.known.Trunks[n.TrunkID]; !ok {
			c.add(n, "trunk_id", "not_found", "Choose the trunk over which the number is called.", "请选择呼叫该号码所用的中继。")
		}
	default:
		c.add(n, "to", "unknown", "Choose where the call is transferred: number or flow.", "请选择转接到号码还是流程。")
	}
}
