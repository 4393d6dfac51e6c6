package dialplan

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waihu/models"
)

func ivrPlan() Plan {
	return Plan{
		Queues: []QueueFlow{{QueueID: 3, WaitSeconds: 60}},
		IVRs: []IVR{{FlowID: 1, Nodes: []IVRNode{
			{ID: "a", Kind: models.NodeMenu, Sound: "/s/a.wav", Tries: 3, Seconds: 5, Keys: map[string]string{"1": "b", "2": "c", "#": "a"}},
			{ID: "b", Kind: models.NodeCollect, Sound: "/s/b.wav", Tries: 1, Seconds: 5, MinDigits: 4, MaxDigits: 4, Variable: "code", Next: "c", OnFail: "a"},
			{ID: "c", Kind: models.NodeQueue, QueueID: 3},
			{ID: "d", Kind: models.NodeTransfer, Outside: Outside{Gateway: "g", Number: "13800138000"}},
			{ID: "e", Kind: models.NodeSetResult, Result: "vip"},
			{ID: "f", Kind: models.NodeRecord, Seconds: 60, Messages: "/rec"},
		}}},
		Routes: []Route{{RouteID: 7, Number: "4008001234", Zone: "Asia/Shanghai", Open: Target{FlowID: 1},
			Windows: []models.Window{{Weekday: 0, From: 0, To: 1440}}, Holidays: []string{"2026-10-01"}, Closed: Target{Sound: "/s/closed.wav"}}},
	}
}

func TestValidateFlowsAndRoutes(t *testing.T) {
	node := func(i int, f func(*IVRNode)) func(*Plan) { return func(p *Plan) { f(&p.IVRs[0].Nodes[i]) } }
	route := func(f func(*Route)) func(*Plan) { return func(p *Plan) { f(&p.Routes[0]) } }
	cases := []struct {
		name, field, code string
		spoil             func(*Plan)
	}{
		{"no node", "flows.1.nodes", "out_of_range", func(p *Plan) { p.IVRs[0].Nodes = nil }},
		{"flow twice", "flows.1.id", "duplicate", func(p *Plan) { p.IVRs = append(p.IVRs, p.IVRs[0]) }},
		{"node twice", "flows.1.nodes", "bad_id", node(1, func(n *IVRNode) { n.ID = "a" })},
		{"node id", "flows.1.nodes", "bad_id", node(0, func(n *IVRNode) { n.ID = "a_1" })},
		{"next", "flows.1.nodes.b.next", "missing", node(1, func(n *IVRNode) { n.Next = "zz" })},
		{"on fail", "flows.1.nodes.b.next", "missing", node(1, func(n *IVRNode) { n.OnFail = "zz" })},
		{"key leads nowhere", "flows.1.nodes.a.next", "missing", node(0, func(n *IVRNode) { n.Keys["1"] = "zz" })},
		{"key", "flows.1.nodes.a.keys", "bad_key", node(0, func(n *IVRNode) { n.Keys["]"] = "" })},
		{"no key", "flows.1.nodes.a.keys", "missing", node(0, func(n *IVRNode) { n.Keys = nil })},
		{"no sound", "flows.1.nodes.a.voice_file_id", "bad_path", node(0, func(n *IVRNode) { n.Sound = "" })},
		{"bad sound", "flows.1.nodes.a.invalid_voice_file_id", "bad_path", node(0, func(n *IVRNode) { n.Invalid = "${x}" })},
		{"tries", "flows.1.nodes.a.tries", "out_of_range", node(0, func(n *IVRNode) { n.Tries = 0 })},
		{"seconds", "flows.1.nodes.a.seconds", "out_of_range", node(0, func(n *IVRNode) { n.Seconds = 61 })},
		{"digits", "flows.1.nodes.b.min_digits", "out_of_range", node(1, func(n *IVRNode) { n.MinDigits = 5 })},
		{"variable", "flows.1.nodes.b.variable", "bad_name", node(1, func(n *IVRNode) { n.Variable = "a=b" })},
		{"queue", "flows.1.nodes.c.queue_id", "missing", node(2, func(n *IVRNode) { n.QueueID = 4 })},
		{"number", "flows.1.nodes.d.number.number", "bad_number", node(3, func(n *IVRNode) { n.Outside.Number = "&park" })},
		{"flow", "flows.1.nodes.d.target_id", "missing", node(3, func(n *IVRNode) { n.FlowID = 9 })},
		{"result", "flows.1.nodes.e.result", "bad_result", node(4, func(n *IVRNode) { n.Result = "${x}" })},
		{"folder", "flows.1.nodes.f.messages", "bad_path", node(5, func(n *IVRNode) { n.Messages = "x" })},
		{"kind", "flows.1.nodes.e.kind", "unknown", node(4, func(n *IVRNode) { n.Kind = "dance" })},
		{"called number", "inbound_routes.7.number", "bad_number", route(func(r *Route) { r.Number = "waihu_agent" })},
		{"number twice", "inbound_routes.7.number", "duplicate", func(p *Plan) { p.Routes = append(p.Routes, p.Routes[0]) }},
		{"zone", "inbound_routes.7.zone", "unknown", route(func(r *Route) { r.Zone = "${x}" })},
		{"window", "inbound_routes.7.windows", "bad_window", route(func(r *Route) { r.Windows[0].To = 0 })},
		{"holiday", "inbound_routes.7.holidays", "not_a_date", route(func(r *Route) { r.Holidays[0] = "1.10.2026" })},
		{"target", "inbound_routes.7.target", "missing", route(func(r *Route) { r.Open = Target{QueueID: 9} })},
		{"message", "inbound_routes.7.closed", "bad_path", route(func(r *Route) { r.Closed.Sound = "x" })},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := ivrPlan()
			c.spoil(&p)
			_, err := Render(p)
			var caller *models.Error
			if !errors.As(err, &caller) || !slices.ContainsFunc(caller.Fields, func(f models.FieldError) bool {
				return f.Field == c.field && f.Code == c.code && f.Text != "" && f.TextZH != ""
			}) {
				t.Errorf("no fault %s at %s in %v", c.code, c.field, err)
			}
		})
	}
}

// A loop in which the caller presses something is his own doing; one that turns without him is refused whatever the flow's
// editor let through.
func TestLoopsOfFlows(t *testing.T) {
	mustRender(t, ivrPlan()) // key # of the menu leads back to it, the digits' failure too, after a try
	for name, spoil := range map[string]func(*Plan){
		"play leads to itself":         func(p *Plan) { p.IVRs[0].Nodes[4].Next = "e" },
		"menu without input":           func(p *Plan) { p.IVRs[0].Nodes[0].OnFail = "a" },
		"digits and menu without them": func(p *Plan) { p.IVRs[0].Nodes[0].OnFail = "b" },
		"two flows": func(p *Plan) {
			p.IVRs[0].Nodes[3].FlowID, p.IVRs[0].Nodes[4].Next = 2, "d"
			p.IVRs = append(p.IVRs, IVR{FlowID: 2, Nodes: []IVRNode{{ID: "x", Kind: models.NodeTransfer, FlowID: 1}}})
			p.IVRs[0].Nodes[0].OnFail = "e"
		},
	} {
		p := ivrPlan()
		spoil(&p)
		if _, err := Render(p); err == nil || !strings.Contains(err.Error(), "circles") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckOfTimes(t *testing.T) {
	good := string(mustRender(t, ivrPlan()).Files[FileName])
	for _, c := range []struct{ name, from, to, want string }{
		{"no range", `wday="1"`, `wday="x"`, "not one of ours"},
		{"time beside a field", `field="destination_number" expression="^waihu_route_7$"`, `field="destination_number" expression="^waihu_route_7$" wday="1"`, "not one of ours"},
		{"break of another kind", `break="on-true"`, `break="never"`, "not one of ours"},
		{"a branch without an end", "<action application=\"transfer\" data=\"waihu_flow_1 XML waihu\"></action>\n", "", "without an end"},
		{"call of anything", "sofia/gateway/g/13800138000", "loopback/13800138000", "not a number over a gateway"},
		{"path of another variable", "/rec/${uuid}_f.wav", "/rec/${caller_id_number}.wav", "not one of our variables"},
	} {
		bad := strings.Replace(good, c.from, c.to, 1)
		if bad == good {
			t.Errorf("%s: %q is not in the file", c.name, c.from)
		}
		if _, err := Check([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Check says %v, want %q", c.name, err, c.want)
		}
	}
}

// Whatever valid flow is drawn, what is written is read back the same and passes the check or is refused as a circle.
func TestFlowsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := []string{"a", "b", "c", "d", "e"}
		somewhere := func(name string) string {
			return rapid.SampledFrom(append([]string{""}, ids...)).Draw(t, name)
		}
		p := Plan{Queues: []QueueFlow{{QueueID: 3, WaitSeconds: 60}}, IVRs: []IVR{{FlowID: 1}}}
		for _, id := range ids {
			n := IVRNode{ID: id, Kind: rapid.SampledFrom(models.FlowNodeKinds).Draw(t, "kind"), Sound: "/s/x.wav", Next: somewhere("next"), OnFail: somewhere("fail"),
				Tries: 2, Seconds: 3, MinDigits: 1, MaxDigits: 4, Variable: "v", Result: "结果 1", QueueID: 3, Outside: Outside{Gateway: "g", Number: "1"}, Messages: "/rec",
				Keys: rapid.MapOfN(rapid.StringMatching(`[0-9*#]`), rapid.SampledFrom(ids), 1, 5).Draw(t, "keys")}
			p.IVRs[0].Nodes = append(p.IVRs[0].Nodes, n)
		}
		rev, err := Render(p)
		if err != nil {
			if !strings.Contains(err.Error(), "circles") {
				t.Fatalf("render: %v", err)
			}
			return
		}
		d, err := Read(rev.Files[FileName])
		if err != nil {
			t.Fatal(err)
		}
		want := Build(p)
		for i, e := range want.Extensions[1:] {
			if !slices.EqualFunc(e.Conditions, d.Extensions[i+1].Conditions, Condition.equal) {
				t.Fatalf("read back %+v, want %+v", d.Extensions[i+1], e)
			}
		}
	})
}
