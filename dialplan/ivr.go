package dialplan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"waihu/models"
)

// ivr renders a flow: one extension per node and one per thing that may be pressed there. Everything ends by itself, with
// the controller dead too.
func ivr(f IVR) []Extension {
	name := FlowEntry(f.FlowID)
	out := []Extension{extension(name, literal(name),
		act("answer", ""),
		act("sched_cancel", ""),
		set(flowVariable, strconv.FormatInt(f.FlowID, 10)),
		transfer(nodeName(f.FlowID, f.Nodes[0].ID)),
	)}
	for _, n := range f.Nodes {
		out = append(out, nodeWriter{f.FlowID, nodeName(f.FlowID, n.ID), n}.extensions()...)
	}
	return out
}

func nodeName(flow int64, id string) string {
	if id == "" {
		return flowEnd
	}
	return FlowEntry(flow) + "_" + id
}

// endOfFlow is where a node leads that has no next one.
func endOfFlow() Extension {
	return extension(flowEnd, literal(flowEnd), act("unset", valueVariable), step(StepIVREnd), told(), hangUp())
}

type nodeWriter struct {
	flow int64
	name string
	IVRNode
}

func (n nodeWriter) to(id string) Action { return transfer(nodeName(n.flow, id)) }

// begin is the head of a node. A transfer costs one of 70 forwards, hence max_forwards.
func (n nodeWriter) begin(more ...Action) []Action {
	return append([]Action{
		set("max_forwards", "70"),
		set("playback_terminators", "none"),
		set(nodeVariable, n.ID),
		act("unset", valueVariable),
		step(StepIVR + string(n.Kind)),
		told(),
	}, more...)
}

// got says what was given at the node: value may hold the key variable.
func got(name, value string) []Action {
	return []Action{set(valueVariable, value), step(name), told()}
}

func (n nodeWriter) one(actions ...Action) []Extension {
	return []Extension{extension(n.name, literal(n.name), actions...)}
}

func (n nodeWriter) extensions() []Extension {
	switch n.Kind {
	case models.NodeMenu:
		return n.menu()
	case models.NodeCollect:
		return n.collect()
	case models.NodeRate:
		return n.rate()
	case models.NodeRecord:
		actions := n.begin()
		if n.Sound != "" {
			actions = append(actions, playback(n.Sound))
		}
		return n.one(append(actions, takeMessage(StepIVR+string(n.Kind), n.Messages+"/${"+channelVariable+"}_"+n.ID+".wav", n.Seconds, nodeName(n.flow, n.Next))...)...)
	case models.NodeOptOut:
		sound := n.Sound
		if sound == "" {
			sound = confirm
		}
		return n.one(n.begin(act("event", "Event-Subclass="+EventOptedOut+",Event-Name=CUSTOM"), playback(sound), n.to(n.Next))...)
	case models.NodeSetResult:
		return n.one(slices.Concat([]Action{set("max_forwards", "70"), set(nodeVariable, n.ID), set(resultVariable, n.Result)},
			got(StepIVR+string(n.Kind), n.Result), []Action{n.to(n.Next)})...)
	case models.NodeQueue:
		return n.one(n.begin(transfer(QueueEntry(n.QueueID)))...)
	case models.NodeTransfer:
		if n.FlowID != 0 {
			return n.one(n.begin(transfer(FlowEntry(n.FlowID)))...)
		}
		return n.one(n.begin(callOutside(n.Outside)...)...)
	case models.NodeHangUp:
		if n.Sound != "" {
			return n.one(n.begin(playback(n.Sound), hangUp())...)
		}
		return n.one(n.begin(hangUp())...)
	default: // play
		return n.one(n.begin(playback(n.Sound), n.to(n.Next))...)
	}
}

// ask plays the prompt and waits for digits, as often as the node says. The sound for a wrong input is played after the last
// try too.
func (n nodeWriter) ask(least, most int, terminators, valid string) []Action {
	wrong := n.Invalid
	if wrong == "" {
		wrong = silence
	}
	ms := n.Seconds * 1000
	return n.begin(
		act("flush_dtmf", ""),
		act("play_and_get_digits", fmt.Sprintf("%d %d %d %d %s %s %s %s %s %d", least, most, n.Tries, ms, terminators, n.Sound, wrong, keyVariable, valid, ms)),
	)
}

// none is the extension of a node without a valid input.
func (n nodeWriter) none(expression string) Extension {
	return extension(n.name+"_none", expression, act("unset", valueVariable), step(StepIVRNoKey), told(), n.to(n.OnFail))
}

func (n nodeWriter) menu() []Extension {
	keys := slices.Sorted(maps.Keys(n.Keys))
	out := n.one(append(n.ask(1, 1, "none", "["+strings.Join(keys, "")+"]"), transfer(n.name+"_${"+keyVariable+"}"))...)
	for i, k := range keys {
		out = append(out, extension(fmt.Sprintf("%s_key%d", n.name, i), literal(n.name+"_"+k), append(got(StepIVRKey, k), n.to(n.Keys[k]))...))
	}
	return append(out, n.none("^"+n.name+"_$"))
}

func (n nodeWriter) rate() []Extension {
	out := n.one(append(n.ask(1, 1, "none", "[12345]"), transfer(n.name+"_${"+keyVariable+"}"))...)
	value := "${" + keyVariable + "}"
	return append(out,
		extension(n.name+"_rated", "^"+n.name+"_[12345]$", append(append([]Action{set(ratingVariable, value)}, got(StepIVRRated, value)...), n.to(n.Next))...),
		n.none("^"+n.name+"_$"))
}

// collect needs an extension of its own for what follows: conditions are read when a call enters an extension, before any
// of its actions has run.
func (n nodeWriter) collect() []Extension {
	name := n.name + "_got"
	value := "${" + keyVariable + "}"
	return append(n.one(append(n.ask(n.MinDigits, n.MaxDigits, "#", "^[0-9]+$"), transfer(name))...),
		Extension{Name: name, Conditions: []Condition{
			number(literal(name)),
			{
				Field: value, Expression: "^$",
				Actions: []Action{act("unset", valueVariable), step(StepIVRNoKey), told(), n.to(n.OnFail)},
				Else:    append(append([]Action{set(inputVariable+n.Variable, value)}, got(StepIVRDigits, value)...), n.to(n.Next)),
			},
		}})
}
