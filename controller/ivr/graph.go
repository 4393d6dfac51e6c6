package ivr

import (
	"fmt"
	"strings"

	"waihu/models"
)

// place is a node of a flow; flows lead to each other.
type place struct {
	flow int64
	node string
}

// alone lists where a call goes from a node without anybody pressing anything.
func alone(n models.FlowNode) []string {
	switch n.Kind {
	case models.NodeMenu, models.NodeCollect, models.NodeRate:
		return []string{n.OnFail}
	case models.NodeQueue, models.NodeHangUp, models.NodeTransfer:
		return nil
	default:
		return []string{n.Next}
	}
}

// all lists where a call may go from a node.
func all(n models.FlowNode) []string {
	next := alone(n)
	switch n.Kind {
	case models.NodeMenu:
		for _, k := range n.Keys {
			next = append(next, k.Next)
		}
	case models.NodeCollect, models.NodeRate:
		next = append(next, n.Next)
	default:
	}
	return next
}

// loops refuses ways back that need nobody's doing: the switch would turn in them for ever.
func (c *checker) loops() {
	flows := map[int64]models.IVRFlow{}
	for id, f := range c.known.Flows {
		flows[id] = f
	}
	flows[c.flow.ID] = c.flow
	nodes := map[place]models.FlowNode{}
	for id, f := range flows {
		for _, n := range f.Nodes {
			nodes[place{id, n.ID}] = n
		}
	}
	next := func(p place) []place {
		n := nodes[p]
		var out []place
		if f, ok := flows[n.TargetID]; n.Kind == models.NodeTransfer && n.To == models.FlowToFlow && ok && len(f.Nodes) > 0 {
			return []place{{n.TargetID, f.Nodes[0].ID}}
		}
		for _, id := range alone(n) {
			if id != "" {
				out = append(out, place{p.flow, id})
			}
		}
		return out
	}
	for _, n := range c.flow.Nodes {
		start := place{c.flow.ID, n.ID}
		if way := back(start, next); way != nil {
			var names []string
			for _, p := range way {
				names = append(names, label(nodes[p]))
			}
			text := strings.Join(names, " → ")
			c.add(n, "next", "loop", fmt.Sprintf("The call would go round without end and without a key: %s. Let one of these nodes lead elsewhere.", text),
				fmt.Sprintf("通话会在无按键的情况下无限循环：%s。请修改其中一个节点的去向。", text))
			return
		}
	}
}

func label(n models.FlowNode) string {
	if n.Name != "" {
		return n.Name
	}
	return n.ID
}

// back finds a way from a place to itself, nil when there is none.
func back(start place, next func(place) []place) []place {
	seen := map[place]bool{}
	var walk func(p place, way []place) []place
	walk = func(p place, way []place) []place {
		way = append(way, p)
		for _, q := range next(p) {
			if q == start {
				return append(way, q)
			}
			if seen[q] {
				continue
			}
			seen[q] = true
			if found := walk(q, way); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(start, nil)
}

// unreachable lists nodes to which nothing leads from the first one.
func (c *checker) unreachable() []models.FieldError {
	if len(c.flow.Nodes) == 0 {
		return nil
	}
	seen := map[string]bool{}
	open := []string{c.flow.Nodes[0].ID}
	for len(open) > 0 {
		id := open[0]
		open = open[1:]
		if n, ok := c.nodes[id]; ok && !seen[id] {
			seen[id] = true
			open = append(open, all(n)...)
		}
	}
	var out []models.FieldError
	for _, n := range c.flow.Nodes {
		if !seen[n.ID] {
			out = append(out, models.FieldError{Field: "nodes." + n.ID + ".id", Code: "unreachable",
				Text: "Nothing leads here; the node is never heard.", TextZH: "没有任何节点指向这里，永远不会执行。"})
		}
	}
	return out
}
