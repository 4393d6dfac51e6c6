package cmd

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"waihu/api"
	"waihu/controller/campaign"
	"waihu/controller/floor"
	"waihu/controller/pacing"
	"waihu/models"
)

// PacingNow is a campaign's pacing with its last decisions; without a floor it has only the settings.
func (w work) PacingNow(ctx context.Context, c models.Campaign) (api.PacingNow, error) {
	p := c.Rules.Pacing
	pack := campaign.Newest(c.Rules.Pack)
	if at, ok := campaign.PackAt(c.Rules.Pack, w.plant.clock.Now()); ok {
		pack = at
	}
	out := api.PacingNow{
		Mode: p.Mode, Guarantee: p.Guarantee, AbandonLimit: p.AbandonLimit, ConnectSeconds: campaign.ConnectLimit(c).Seconds(), Window: p.Window,
		Pack: pack.Name, PackVersion: pack.Version, Decisions: []api.PacingDecision{}, Kinds: []api.PacingKind{},
	}
	if w.plant.floor.Holds() != nil {
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, floorPatience)
	defer cancel()
	v, found, err := w.plant.floor.Pacing(ctx, c.ID)
	if err != nil || !found {
		return out, nil //nolint:nilerr // a page without the floor shows what is saved
	}
	out.OnFloor, out.Answered, out.Abandoned = true, v.Counts.Answered, v.Counts.Abandoned
	out.Mode, out.Guarantee = models.PacingMode(v.Settings.Mode), models.GuaranteeKind(v.Settings.Guarantee)
	out.AbandonLimit, out.ConnectSeconds = v.Settings.Rho, v.Settings.ConnectLimit
	if !v.Until.IsZero() {
		out.From, out.Until = &v.From, &v.Until
	}
	for _, d := range v.Decisions {
		out.Decisions = append(out.Decisions, explained(d))
	}
	out.Kinds, err = w.kinds(ctx, c, v.Kinds)
	return out, err
}

// kinds are what was learned of kinds of numbers, with the names of trunks.
func (w work) kinds(ctx context.Context, c models.Campaign, all []pacing.Kind) ([]api.PacingKind, error) {
	trunks, err := w.Trunks(ctx, c.OrganizationID)
	if err != nil {
		return nil, err
	}
	out := make([]api.PacingKind, 0, len(all))
	for _, k := range all {
		shown := api.PacingKind{Kind: k.Kind, Class: k.Class, Times: k.Times, Answers: int(math.Round(k.Seen))}
		if i := slices.IndexFunc(trunks, func(t models.Trunk) bool { return strconv.FormatInt(t.ID, 10) == k.Class }); k.Kind == "trunk" && i >= 0 {
			shown.Class = trunks[i].Name
		}
		out = append(out, shown)
	}
	return out, nil
}

func explained(d floor.Decided) api.PacingDecision {
	e := api.PacingDecision{At: d.At, Dialled: d.Dialled, Dial: d.Dial, Why: string(d.Why), Inputs: api.PacingInputs(d.Inputs), Candidates: []api.PacingCandidate{}}
	e.Text, e.TextZH = d.Text()
	for _, v := range d.Candidates {
		e.Candidates = append(e.Candidates, api.PacingCandidate{Why: string(v.Why), N: v.N})
	}
	return e
}

// PacingWarnings are doubts about a campaign's pacing: predictive dialling to phones that ring.
func (w work) PacingWarnings(ctx context.Context, c models.Campaign) ([]models.FieldError, error) {
	if c.Mode != models.ModeDirectAgent || c.QueueID == 0 {
		return nil, nil
	}
	agents, err := w.membersOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return campaign.PacingWarnings(c, agents), nil
}

// gainBack is how far back the gain looks.
const gainBack = 48 * time.Hour

// PacingGain compares the slices of the last two days.
func (w work) PacingGain(ctx context.Context, c models.Campaign) (api.PacingGain, error) {
	every := floor.SampleEvery
	kept, err := w.PacingSamples(ctx, c.ID, w.plant.clock.Now().Add(-gainBack), int(gainBack/every))
	if err != nil {
		return api.PacingGain{}, err
	}
	samples := make([]pacing.GainSample, len(kept))
	for i, s := range kept {
		samples[i] = pacing.GainSample{At: s.At.Unix(), Covered: s.Covered, Talk: s.Talk, Agents: s.Idle + s.Busy, Answered: s.Answered, Abandoned: s.Abandoned}
	}
	g := pacing.GainOf(samples, every.Seconds())
	p := c.Rules.Pacing
	out := api.PacingGain{
		On: p.GainSlices && p.Mode == models.PacePredictive, Predictive: api.GainSide(g.Predictive), Progressive: api.GainSide(g.Progressive),
		Cycles: g.Pairs, CyclesLeast: pacing.GainPairs,
	}
	if g.Known {
		out.More, out.Low, out.High = &g.More, &g.Low, &g.High
	}
	return out, nil
}

// RulePacks are the packs that hold now.
func (w work) RulePacks() []api.RulePack {
	var out []api.RulePack
	for _, name := range campaign.PackNames {
		p, ok := campaign.PackAt(name, w.plant.clock.Now())
		if !ok {
			p = campaign.Newest(name)
		}
		out = append(out, api.RulePack{
			Name: p.Name, Version: p.Version, From: p.From, Source: p.Source, SourceZH: p.SourceZH, AbandonLimit: p.Rho, MostLimit: p.MostRho,
			ConnectSeconds: p.Connect, MostConnect: p.MostConnect, RingSeconds: p.MinRing, Windows: p.Windows,
		})
	}
	return out
}

// pacingKept is how long decisions are kept.
const pacingKept = 30 * 24 * time.Hour
