package ivr_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/controller/ivr"
	"waihu/models"
)

func known() ivr.Known {
	return ivr.Known{
		Voices: map[int64]models.VoiceFile{1: {ID: 1, Name: "欢迎", Approval: models.ApprovalApproved}, 2: {ID: 2, Name: "新", Approval: models.ApprovalPending}},
		Queues: map[int64]models.Queue{3: {ID: 3}},
		Trunks: map[int64]models.Trunk{4: {ID: 4}},
		Flows: map[int64]models.IVRFlow{
			9: {ID: 9, Nodes: []models.FlowNode{{ID: "x", Kind: models.NodeTransfer, To: models.FlowToFlow, TargetID: 7}}},
		},
		Refused: map[string]models.FieldError{"110": {Code: "emergency", Text: "an emergency number", TextZH: "紧急号码"}},
	}
}

func flow() models.IVRFlow {
	return models.IVRFlow{ID: 7, Name: "总机", Nodes: []models.FlowNode{
		{ID: "hello", Kind: models.NodePlay, VoiceFileID: 1, Next: "menu"},
		{ID: "menu", Kind: models.NodeMenu, VoiceFileID: 1, Tries: 3, Seconds: 5, Keys: []models.FlowKey{{Key: "1", Next: "code"}, {Key: "2", Next: "wait"}, {Key: "3", Next: "out"}, {Key: "*", Next: "hello"}}, OnFail: "bye"},
		{ID: "code", Kind: models.NodeCollect, VoiceFileID: 1, Tries: 1, Seconds: 5, MinDigits: 1, MaxDigits: 6, Variable: "code", Next: "menu", OnFail: "bye"},
		{ID: "wait", Kind: models.NodeQueue, QueueID: 3},
		{ID: "out", Kind: models.NodeTransfer, To: models.FlowToNumber, Number: "+8613800138000", TrunkID: 4},
		{ID: "bye", Kind: models.NodeHangUp},
	}}
}

// faults are "field code", each with both languages.
func faults(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *models.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is not the caller's error", err)
	}
	var out []string
	for _, f := range e.Fields {
		if f.Text == "" || f.TextZH == "" {
			t.Errorf("%s has no text in both languages", f.Field)
		}
		out = append(out, f.Field+" "+f.Code)
	}
	return out
}

func TestCheck(t *testing.T) {
	if warnings, err := ivr.Check(flow(), known()); err != nil || len(warnings) > 0 {
		t.Fatalf("a sound flow: %v, %v", warnings, err)
	}
	node := func(i int, f func(*models.FlowNode)) func(*models.IVRFlow) {
		return func(v *models.IVRFlow) { f(&v.Nodes[i]) }
	}
	for _, c := range []struct {
		name, want string
		spoil      func(*models.IVRFlow)
	}{
		{"no name", "name bad_name", func(f *models.IVRFlow) { f.Name = " " }},
		{"no node", "nodes out_of_range", func(f *models.IVRFlow) { f.Nodes = nil }},
		{"missing node", "nodes.hello.next missing_node", node(0, func(n *models.FlowNode) { n.Next = "gone" })},
		{"key to a missing node", "nodes.menu.keys.0 missing_node", node(1, func(n *models.FlowNode) { n.Keys[0].Next = "gone" })},
		{"no input to a missing node", "nodes.menu.on_fail missing_node", node(1, func(n *models.FlowNode) { n.OnFail = "gone" })},
		{"key twice", "nodes.menu.keys.1 key_twice", node(1, func(n *models.FlowNode) { n.Keys[1].Key = "1" })},
		{"no key", "nodes.menu.keys.0 not_a_key", node(1, func(n *models.FlowNode) { n.Keys[0].Key = "12" })},
		{"menu without keys", "nodes.menu.keys required", node(1, func(n *models.FlowNode) { n.Keys = nil })},
		{"no voice file", "nodes.hello.voice_file_id required", node(0, func(n *models.FlowNode) { n.VoiceFileID = 0 })},
		{"missing voice file", "nodes.hello.voice_file_id not_found", node(0, func(n *models.FlowNode) { n.VoiceFileID = 8 })},
		{"voice file not approved", "nodes.menu.invalid_voice_file_id not_approved", node(1, func(n *models.FlowNode) { n.InvalidVoiceFileID = 2 })},
		{"tries", "nodes.menu.tries out_of_range", node(1, func(n *models.FlowNode) { n.Tries = 0 })},
		{"digits", "nodes.code.min_digits out_of_range", node(2, func(n *models.FlowNode) { n.MinDigits = 7 })},
		{"variable", "nodes.code.variable bad_name", node(2, func(n *models.FlowNode) { n.Variable = "Code" })},
		{"queue", "nodes.wait.queue_id not_found", node(3, func(n *models.FlowNode) { n.QueueID = 5 })},
		{"refused number", "nodes.out.number emergency", node(4, func(n *models.FlowNode) { n.Number = "110" })},
		{"no number", "nodes.out.number required", node(4, func(n *models.FlowNode) { n.Number = "" })},
		{"trunk", "nodes.out.trunk_id not_found", node(4, func(n *models.FlowNode) { n.TrunkID = 0 })},
		{"target", "nodes.out.to unknown", node(4, func(n *models.FlowNode) { n.To = "moon" })},
		{"flow", "nodes.out.target_id not_found", node(4, func(n *models.FlowNode) { n.To = models.FlowToFlow })},
		{"result", "nodes.bye.result bad_result", node(5, func(n *models.FlowNode) { n.Kind, n.Result = models.NodeSetResult, "${x}" })},
		{"message without end", "nodes.bye.seconds out_of_range", node(5, func(n *models.FlowNode) { n.Kind = models.NodeRecord })},
		{"kind", "nodes.bye.kind unknown", node(5, func(n *models.FlowNode) { n.Kind = "dance" })},
		{"id twice", "nodes.menu.id bad_id", node(2, func(n *models.FlowNode) { n.ID = "menu" })},
		{"loop without input", "nodes.hello.next loop", node(0, func(n *models.FlowNode) { n.Next = "hello" })},
		{"loop over the failure of a menu", "nodes.hello.next loop", node(1, func(n *models.FlowNode) { n.OnFail = "hello" })},
		{"loop over another flow", "nodes.hello.next loop", func(f *models.IVRFlow) {
			f.Nodes[0].Next = "out"
			f.Nodes[4] = models.FlowNode{ID: "out", Kind: models.NodeTransfer, To: models.FlowToFlow, TargetID: 9}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := flow()
			c.spoil(&f)
			_, err := ivr.Check(f, known())
			if got := faults(t, err); !slices.Contains(got, c.want) {
				t.Errorf("got %q, want %s", got, c.want)
			}
		})
	}
}

func TestUnreachableNodesAreOnlyOdd(t *testing.T) {
	f := flow()
	f.Nodes[1].Keys = f.Nodes[1].Keys[:1]
	warnings, err := ivr.Check(f, known())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(len(warnings), warnings[0].Field, warnings[0].Code); got != "2nodes.wait.idunreachable" {
		t.Errorf("warnings %s %v", got, warnings)
	}
}

// A chain as long as may be is looked at in a moment, not in a lifetime.
func TestLongFlow(t *testing.T) {
	f := models.IVRFlow{ID: 7, Name: "长"}
	for i := range models.MaxFlowNodes {
		f.Nodes = append(f.Nodes, models.FlowNode{ID: fmt.Sprint("n", i), Kind: models.NodePlay, VoiceFileID: 1, Next: fmt.Sprint("n", i+1)})
	}
	f.Nodes[len(f.Nodes)-1].Next = ""
	if warnings, err := ivr.Check(f, known()); err != nil || len(warnings) > 0 {
		t.Errorf("%v, %v", warnings, err)
	}
}

func TestCheckRoute(t *testing.T) {
	good := models.InboundRoute{Name: "热线", Number: "4008001234", Zone: "Asia/Shanghai", Target: models.RouteTarget{Kind: models.RouteFlow, FlowID: 9},
		Closed: models.RouteTarget{Kind: models.RouteHangUp, VoiceFileID: 1}, Windows: []models.Window{{Weekday: 1, From: 0, To: 1440}}, Holidays: []string{"2026-10-01"}}
	if err := ivr.CheckRoute(good, known(), time.LoadLocation); err != nil {
		t.Fatal(err)
	}
	bad := good
	bad.Name, bad.Number, bad.Zone = "", "+86", "Moon/Base"
	bad.Windows, bad.Holidays = []models.Window{{Weekday: 1, From: 60, To: 60}}, []string{"1.10."}
	bad.Target, bad.Closed = models.RouteTarget{Kind: models.RouteQueue, QueueID: 8}, models.RouteTarget{Kind: "x"}
	want := "name bad_name, number bad_number, zone unknown, windows.0 bad_window, holidays.0 not_a_date, target.queue_id not_found, closed.kind unknown"
	if got := strings.Join(faults(t, ivr.CheckRoute(bad, known(), time.LoadLocation)), ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
