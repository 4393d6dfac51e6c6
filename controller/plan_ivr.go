package controller

import (
	"fmt"

	"waihu/dialplan"
	"waihu/models"
)

// voiceMenus adds all IVR flows and the routes of calls from outside.
func (b *planner) voiceMenus() error {
	flows, err := b.defs.Flows(b.ctx, 0)
	if err != nil {
		return fmt.Errorf("load flows for the dialplan: %w", err)
	}
	for _, f := range flows {
		out := dialplan.IVR{FlowID: f.ID}
		for _, n := range f.Nodes {
			node, err := b.node(f, n)
			if err != nil {
				return fmt.Errorf("dialplan of flow %d (%s), node %s: %w", f.ID, f.Name, n.ID, err)
			}
			out.Nodes = append(out.Nodes, node)
		}
		b.plan.IVRs = append(b.plan.IVRs, out)
	}
	routes, err := b.defs.InboundRoutes(b.ctx, 0)
	if err != nil {
		return fmt.Errorf("load inbound routes for the dialplan: %w", err)
	}
	for _, r := range routes {
		if r.Disabled {
			continue
		}
		out := dialplan.Route{RouteID: r.ID, Number: r.Number, Zone: r.Zone, Windows: r.Windows, Holidays: r.Holidays}
		if out.Open, err = b.target(r.Target); err == nil {
			out.Closed, err = b.target(r.Closed)
		}
		if err != nil {
			return fmt.Errorf("dialplan of inbound route %d (%s): %w", r.ID, r.Name, err)
		}
		b.plan.Routes = append(b.plan.Routes, out)
	}
	return nil
}

func (b *planner) target(t models.RouteTarget) (dialplan.Target, error) {
	switch t.Kind {
	case models.RouteFlow:
		return dialplan.Target{FlowID: t.FlowID}, nil
	case models.RouteQueue:
		return dialplan.Target{QueueID: t.QueueID}, nil
	default:
		sound, _, err := b.sound(t.VoiceFileID)
		return dialplan.Target{Sound: sound}, err
	}
}

// node is a node with what its kind uses.
func (b *planner) node(f models.IVRFlow, n models.FlowNode) (dialplan.IVRNode, error) {
	out := dialplan.IVRNode{ID: n.ID, Kind: n.Kind, Next: n.Next}
	var err error
	if out.Sound, _, err = b.sound(n.VoiceFileID); err != nil {
		return out, err
	}
	switch n.Kind {
	case models.NodeMenu, models.NodeCollect, models.NodeRate:
		out.OnFail, out.Tries, out.Seconds, out.MinDigits, out.MaxDigits, out.Variable = n.OnFail, n.Tries, n.Seconds, n.MinDigits, n.MaxDigits, n.Variable
		if n.Kind == models.NodeMenu {
			out.Keys = map[string]string{}
		}
		for _, k := range n.Keys {
			out.Keys[k.Key] = k.Next
		}
		out.Invalid, _, err = b.sound(n.InvalidVoiceFileID)
	case models.NodeRecord:
		out.Seconds, out.Messages = n.Seconds, b.messages()
	case models.NodeSetResult:
		out.Result = n.Result
	case models.NodeQueue:
		out.QueueID = n.QueueID
	case models.NodeTransfer:
		if n.To == models.FlowToFlow {
			out.FlowID = n.TargetID
			break
		}
		out.Outside, err = b.outside(f.OrganizationID, n.TrunkID, n.Number)
	case models.NodePlay, models.NodeOptOut, models.NodeHangUp:
	}
	return out, err
}
