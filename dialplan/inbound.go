package dialplan

import (
	"fmt"
	"strconv"
	"strings"

	"waihu/models"
)

// inbound renders a route: the extension of the number, which tells the controller and sets the zone in which the switch reads
// the time, and the one that decides by it. Hours hold with the controller dead too. Nothing is answered before the target
// does: the controller may refuse a caller until then.
func inbound(r Route) []Extension {
	entry, name := InboundEntry(r.Number), fmt.Sprintf("waihu_route_%d", r.RouteID)
	conditions := []Condition{number(literal(name))}
	for _, day := range r.Holidays {
		conditions = append(conditions, Condition{When: onDay(day), Break: breakOnTrue, Actions: r.Closed.actions()})
	}
	for _, w := range r.Windows {
		conditions = append(conditions, Condition{When: within(w), Break: breakOnTrue, Actions: r.Open.actions()})
	}
	rest := r.Closed
	if len(r.Windows) == 0 {
		rest = r.Open
	}
	conditions = append(conditions, Condition{Actions: rest.actions()})
	return []Extension{
		extension(entry, literal(entry),
			set(routeVariable, strconv.FormatInt(r.RouteID, 10)),
			set(dnisVariable, r.Number),
			set(zoneVariable, r.Zone),
			step(StepInbound),
			told(),
			transfer(name),
		),
		{Name: name, Conditions: conditions},
	}
}

// unrouted refuses calls to numbers that have no route.
func unrouted() Extension {
	return extension(unknownNumber, "^"+inboundPrefix+"[0-9]*$", step(StepUnknownNumber), told(), act("hangup", "UNALLOCATED_NUMBER"))
}

func (t Target) actions() []Action {
	switch {
	case t.FlowID != 0:
		return []Action{transfer(FlowEntry(t.FlowID))}
	case t.QueueID != 0:
		return []Action{transfer(QueueEntry(t.QueueID))}
	case t.Sound != "":
		return []Action{act("answer", ""), set("playback_terminators", "none"), step(StepMessage), told(), playback(t.Sound), hangUp()}
	default:
		return []Action{hangUp()}
	}
}

// within is a window as the switch reads it: Sunday is 1, and the first minute of the day too.
func within(w models.Window) When {
	return When{Weekday: strconv.Itoa(int(w.Weekday) + 1), MinuteOfDay: fmt.Sprintf("%d-%d", w.From+1, w.To)}
}

// onDay is a date YYYY-MM-DD as the switch reads it; numbers there have no leading zeros.
func onDay(day string) When {
	part := func(s string) string { return strings.TrimLeft(s, "0") }
	return When{Year: part(day[:4]), Month: part(day[5:7]), Day: part(day[8:])}
}
