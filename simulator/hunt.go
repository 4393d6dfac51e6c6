package simulator

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"waihu/simulator/script"
)

// enterPlan moves the state machine into the dialplan.
func (ch *channel) enterPlan(extension, dialplan, contextName string) {
	ch.enterState("CS_ROUTING", 2)
	if p := &ch.caller; strings.EqualFold(dialplan, "inline") && p.destination == extension {
		p.destination, p.rdnis = p.rdnis, "" // it is no number that anybody dialled
	}
	ch.flip()
	ch.enterState("CS_EXECUTE", 4)
	ch.hunt(extension, dialplan, contextName)
}

// hunt looks the extension up. A dialplan that is asked over the network is waited for outside the lock.
func (ch *channel) hunt(extension, dialplan, contextName string) {
	if strings.EqualFold(dialplan, "inline") {
		ch.actions = inlineActions(extension)
		return
	}
	ch.hitPlan = true
	src := ch.s.cfg.Dialplan
	if src == nil {
		ch.hangup(cause{"NO_ROUTE_DESTINATION", 3}, bySwitch)
		return
	}
	req := script.Request{
		Context: contextName, Destination: extension, Vars: ch.lookup, Now: ch.s.now,
		Caller: map[string]string{
			"caller_id_number": ch.caller.number, "caller_id_name": ch.caller.name, "uuid": ch.uuid,
			"network_addr": "127.0.0.1", "ani": ch.caller.ani, "rdnis": ch.caller.rdnis,
			"source": "src/switch_ivr_originate.c", "dialplan": "XML", "chan_name": ch.name,
		},
	}
	if _, local := src.(*script.Files); local {
		actions, err := src.Lookup(context.Background(), req)
		ch.found(actions, err)
		return
	}
	ch.huntAfar(src, req)
}

func (ch *channel) huntAfar(src script.Source, req script.Request) {
	s := ch.s
	vars := append(variables(nil), ch.vars...)
	req.Vars = func(name string) (string, bool) {
		if i := vars.find(name); i >= 0 {
			return vars[i].value(), true
		}
		v, ok := s.cfg.Globals[name]
		return v, ok
	}
	text := s.format(event{kind: evData, channel: ch})
	hs, _ := headersOf(text[prefix:])
	req.Headers = make(map[string]string, len(hs))
	for _, h := range hs {
		req.Headers[h.name] = h.value
	}
	ch.hunting++
	ticket := ch.hunting
	ch.waitingForPlan = true
	s.serving.Go(func() {
		actions, err := src.Lookup(s.life, req)
		s.enter()
		defer s.leave()
		if ch.gone || ch.hunting != ticket {
			return
		}
		ch.waitingForPlan = false
		ch.found(actions, err)
		ch.run()
		ch.hear()
	})
}

func (ch *channel) found(actions []script.Action, err error) {
	if err != nil {
		if !errors.Is(err, script.ErrContext) && !errors.Is(err, script.ErrNoRoute) {
			ch.s.cfg.Logger.Warn("dialplan lookup failed", "uuid", ch.uuid, "destination", ch.caller.destination, "err", err)
		}
		ch.hangup(cause{"NO_ROUTE_DESTINATION", 3}, bySwitch)
		return
	}
	ch.actions = append(ch.actions, actions...)
}

// inlineActions reads app:data,app:data.
func inlineActions(text string) []script.Action {
	var out []script.Action
	sep := ","
	if rest, ok := strings.CutPrefix(text, "m:"); ok && len(rest) > 1 {
		sep, text = rest[:1], rest[2:]
	}
	for part := range strings.SplitSeq(text, sep) {
		app, data, _ := strings.Cut(part, ":")
		out = append(out, action(strings.TrimSpace(app), data))
	}
	return out
}

// transferProfile makes the caller profile of a channel that enters another extension.
func (ch *channel) transferProfile(extension, dialplan, contextName string) bool {
	s := ch.s
	left := 70
	if v := ch.vars.get("max_forwards"); v != "" {
		n, _ := strconv.Atoi(v) // anything else counts as used up, as on FreeSWITCH
		left = n - 1
	}
	if left <= 0 {
		ch.hangup(cause{"EXCHANGE_ROUTING_ERROR", 25}, bySwitch)
		return false
	}
	source := strconv.FormatInt(s.now.Unix(), 10) + ":" + s.newUUID() + ":bl_xfer:" + extension + "/" + contextName + "/" + dialplan
	ch.set("max_forwards", strconv.Itoa(left))
	ch.newProfile(source)
	ch.detach()
	p := &ch.caller
	p.dialplan, p.context = dialplan, contextName
	p.rdnis, p.destination = p.destination, extension
	p.logical = "inbound"
	if ch.profileIdx == 2 {
		p.logical = "outbound"
	}
	return true
}

// newProfile begins another caller profile and notes where it came from.
func (ch *channel) newProfile(source string) {
	ch.profileIdx++
	ch.profileAt = ch.s.now
	history := source
	switch old := ch.vars.get("transfer_history"); {
	case old == "":
	case strings.HasPrefix(old, "ARRAY::"):
		history = old + "|:" + source
	default:
		history = "ARRAY::" + old + "|:" + source
	}
	ch.set("transfer_history", history)
	ch.set("transfer_source", source)
	ch.caller.source = source
	ch.bridged = time.Time{}
}
