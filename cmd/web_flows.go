package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"waihu/controller/ivr"
	"waihu/controller/number"
	"waihu/models"
)

// CheckFlow says what is wrong with a flow and what is only odd.
func (w web) CheckFlow(ctx context.Context, f models.IVRFlow) ([]models.FieldError, error) {
	_, warnings, err := w.checkFlow(ctx, f)
	return warnings, err
}

// checkFlow also gives the flow back with its numbers in E.164.
func (w web) checkFlow(ctx context.Context, f models.IVRFlow) (models.IVRFlow, []models.FieldError, error) {
	known, err := w.known(ctx, f.OrganizationID)
	if err != nil {
		return f, nil, err
	}
	f.Name = strings.TrimSpace(f.Name)
	f.Nodes = slices.Clone(f.Nodes)
	o := intakeOptions(w.plant.l.Config)
	for i, n := range f.Nodes {
		if n.Kind != models.NodeTransfer || n.To != models.FlowToNumber || n.Number == "" {
			continue
		}
		e164, bad := number.Normalise(n.Number, o.Region, o.Policy)
		if bad != nil {
			known.Refused[n.Number] = bad.Err("number").Fields[0]
			continue
		}
		f.Nodes[i].Number = e164.E164
		listed, err := w.ListedOn(ctx, f.OrganizationID, e164.E164, w.plant.clock.Now())
		if err != nil {
			return f, nil, err
		}
		if listed {
			known.Refused[e164.E164] = models.FieldError{Code: "blacklisted",
				Text: "The number is on the blacklist and is never called; choose another one.", TextZH: "该号码在黑名单中，不会呼叫，请更换。"}
		}
	}
	warnings, err := ivr.Check(f, known)
	return f, warnings, err
}

// known is what flows and routes of an organization may name.
func (w web) known(ctx context.Context, org int64) (ivr.Known, error) {
	k := ivr.Known{Refused: map[string]models.FieldError{}}
	voices, err := w.Store.VoiceFiles(ctx, org)
	if err != nil {
		return k, err
	}
	queues, err := w.Queues(ctx, org)
	if err != nil {
		return k, err
	}
	trunks, err := w.Trunks(ctx, org)
	if err != nil {
		return k, err
	}
	flows, err := w.Flows(ctx, org)
	if err != nil {
		return k, err
	}
	k.Voices = byID(voices, func(v models.VoiceFile) int64 { return v.ID })
	k.Queues = byID(queues, func(v models.Queue) int64 { return v.ID })
	k.Trunks = byID(trunks, func(v models.Trunk) int64 { return v.ID })
	k.Flows = byID(flows, func(v models.IVRFlow) int64 { return v.ID })
	return k, nil
}

func byID[T any](all []T, id func(T) int64) map[int64]T {
	m := make(map[int64]T, len(all))
	for _, v := range all {
		m[id(v)] = v
	}
	return m
}

// SaveFlow checks a flow and makes or changes it.
func (w web) SaveFlow(ctx context.Context, f models.IVRFlow) (models.IVRFlow, error) {
	f, _, err := w.checkFlow(ctx, f)
	if err != nil {
		return f, err
	}
	if f.ID == 0 {
		err = w.CreateFlow(ctx, &f)
	} else {
		err = w.UpdateFlow(ctx, &f)
	}
	if err != nil {
		return f, err
	}
	return f, w.republish(ctx)
}

// DeleteFlow removes a flow that nothing leads to.
func (w web) DeleteFlow(ctx context.Context, id int64) error {
	if err := w.Store.DeleteFlow(ctx, id); err != nil {
		return err
	}
	return w.republish(ctx)
}

// SaveInboundRoute checks a route and makes or changes it.
func (w web) SaveInboundRoute(ctx context.Context, r models.InboundRoute) (models.InboundRoute, error) {
	known, err := w.known(ctx, r.OrganizationID)
	if err != nil {
		return r, err
	}
	r.Name = strings.TrimSpace(r.Name)
	r.Number = strings.TrimPrefix(strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, r.Number), "+")
	if r.Zone == "" {
		r.Zone = w.plant.l.Calling.Zone
	}
	r.Target, r.Closed = only(r.Target), only(r.Closed)
	slices.Sort(r.Holidays)
	r.Holidays = slices.Compact(r.Holidays)
	if err := ivr.CheckRoute(r, known, time.LoadLocation); err != nil {
		return r, err
	}
	if r.ID == 0 {
		err = w.CreateInboundRoute(ctx, &r)
	} else {
		err = w.UpdateInboundRoute(ctx, &r)
	}
	if err != nil {
		return r, err
	}
	return r, w.republish(ctx)
}

// only is a target without what its kind does not use.
func only(t models.RouteTarget) models.RouteTarget {
	switch t.Kind {
	case models.RouteFlow:
		return models.RouteTarget{Kind: t.Kind, FlowID: t.FlowID}
	case models.RouteQueue:
		return models.RouteTarget{Kind: t.Kind, QueueID: t.QueueID}
	default:
		return models.RouteTarget{Kind: t.Kind, VoiceFileID: t.VoiceFileID}
	}
}

// DeleteInboundRoute removes a route.
func (w web) DeleteInboundRoute(ctx context.Context, id int64) error {
	if err := w.Store.DeleteInboundRoute(ctx, id); err != nil {
		return err
	}
	return w.republish(ctx)
}

// republish brings what is saved live where mod_xml_curl asks for it: that dialplan has no history and no diff to look at.
// Files wait for somebody who has seen the difference.
func (w web) republish(ctx context.Context) error {
	if w.plant.xml == nil {
		return nil
	}
	_, err := w.PublishDialplan(ctx, "")
	return err
}
