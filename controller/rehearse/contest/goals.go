package contest

import "fmt"

// reference are the figures that were published with the problem, from a simulation that is not ours: the towns of
// model.Standard, utilisation.
var reference = []struct {
	agents           int
	rate             float64
	anchor, learning float64
}{
	{5, 0.1, 0.720, 0.689}, {10, 0.1, 0.793, 0.778}, {10, 0.3, 0.842, 0.816}, {20, 0.3, 0.887, 0.876}, {50, 0.3, 0.936, 0.930}, {100, 0.3, 0.962, 0.958},
}

// Check is one figure beside what it should be.
type Check struct {
	Town   string
	Got    float64
	Want   float64
	AtMost bool
}

// Holds tells whether it does.
func (c Check) Holds() bool {
	if c.AtMost {
		return c.Got <= c.Want+1e-9
	}
	return c.Got >= c.Want-1e-9
}

func (c Check) String() string {
	if c.AtMost {
		return fmt.Sprintf("%s: %.2f %%, at most %.2f %%", c.Town, 100*c.Got, 100*c.Want)
	}
	return fmt.Sprintf("%s: %.3f, at least %.3f", c.Town, c.Got, c.Want)
}

// Goal is a sentence and the figures it stands on.
type Goal struct {
	Text   string
	Checks []Check
}

// Goals are the goals, as far as their towns were played.
func (o *Outcome) Goals() []Goal {
	all := append(o.predictiveGoals(), o.guaranteeGoals()...)
	all = append(append(all, o.driftGoals()...), o.kindGoals()...)
	var some []Goal
	for _, g := range all {
		if len(g.Checks) > 0 {
			some = append(some, g)
		}
	}
	return some
}

func (o *Outcome) predictiveGoals() []Goal {
	published := Goal{Text: "predictive reaches 0.98 of the published figures for \"model-predictive, distributions known\""}
	learning := Goal{Text: "predictive is above the published figures for \"learning, nothing known\""}
	for _, r := range reference {
		if c, ok := o.cell(name(r.agents, r.rate), rowPredictive); ok {
			published.Checks = append(published.Checks, Check{Town: name(r.agents, r.rate), Got: c.Utilisation, Want: 0.98 * r.anchor})
			learning.Checks = append(learning.Checks, Check{Town: name(r.agents, r.rate), Got: c.Utilisation, Want: r.learning})
		}
	}
	own := Goal{Text: "predictive reaches 0.98 of our own anchor in every steady town, by utilisation"}
	limit := Goal{Text: "predictive abandons no more than the limit, after half an hour of warm-up, in every town"}
	for _, col := range o.Columns {
		c, ok := o.cell(col.Town.Name, rowPredictive)
		if !ok {
			continue
		}
		limit.Checks = append(limit.Checks, Check{Town: col.Town.Name, Got: c.Abandonment, Want: col.Town.Target, AtMost: true})
		if a, ok := o.cell(col.Town.Name, rowAnchor); ok && col.Group == Steady {
			own.Checks = append(own.Checks, Check{Town: col.Town.Name, Got: c.Utilisation / a.Utilisation, Want: 0.98})
		}
	}
	return []Goal{published, learning, own, limit}
}

func (o *Outcome) guaranteeGoals() []Goal {
	never := func(row string) Goal {
		var g Goal
		for _, col := range o.Columns {
			if c, ok := o.cell(col.Town.Name, row); ok {
				g.Checks = append(g.Checks, Check{Town: col.Town.Name, Got: c.Worst, Want: col.Town.Target, AtMost: true})
			}
		}
		return g
	}
	share := func(row string, fewest int, rate, want float64) Goal {
		g := Goal{Text: fmt.Sprintf("%s reaches %.2f of the anchor from %d agents up at an answer rate of %g", row, want, fewest, rate)}
		for _, col := range o.Columns {
			c, ok := o.cell(col.Town.Name, row)
			a, known := o.cell(col.Town.Name, rowAnchor)
			if ok && known && col.Group == Steady && col.Rate == rate && col.Town.Agents >= fewest {
				g.Checks = append(g.Checks, Check{Town: col.Town.Name, Got: c.Utilisation / a.Utilisation, Want: want})
			}
		}
		return g
	}
	hard, risk := never(rowHard), never(rowRisk)
	hard.Text = "hard guarantee: never above the limit at any instant from the first answer on, in every town"
	risk.Text = "risk guarantee: the same (it is promised with a probability only)"
	return []Goal{hard, risk, share(rowHard, 10, 0.3, 0.93), share(rowHard, 10, 0.1, 0.80), share(rowRisk, 10, 0.3, 0.95), share(rowRisk, 10, 0.1, 0.90)}
}

func (o *Outcome) driftGoals() []Goal {
	var goals []Goal
	for _, pair := range [][2]string{{rowPredictive, rowTold}, {rowRisk, rowToldRisk}, {rowHard, rowToldHard}} {
		g := Goal{Text: fmt.Sprintf("where the answer rate changes, %s reaches 0.95 of the same policy told the truth", pair[0])}
		for _, col := range o.Columns {
			c, ok := o.cell(col.Town.Name, pair[0])
			if truth, known := o.cell(col.Town.Name, pair[1]); ok && known && col.Group == Changing {
				g.Checks = append(g.Checks, Check{Town: col.Town.Name, Got: c.Utilisation / truth.Utilisation, Want: 0.95})
			}
		}
		goals = append(goals, g)
	}
	return goals
}

// kindGoals are about numbers whose kinds tell how often they are answered. What no number tells is not to be expected of them: the truth is what a policy
// reaches that is told the answer probability of each.
func (o *Outcome) kindGoals() []Goal {
	var goals []Goal
	for _, rows := range [][3]string{{rowPredictive, rowTold, rowBlind}, {rowRisk, rowToldRisk, rowBlindRisk}, {rowHard, rowToldHard, rowBlindHard}} {
		told := Goal{Text: fmt.Sprintf("where numbers differ, %s, which learns what their kinds are worth, reaches 0.95 of the same policy told each number's answer probability", rows[0])}
		blind := Goal{Text: fmt.Sprintf("where numbers differ, %s reaches 0.98 of the same policy that takes them as alike: knowing kinds costs nothing", rows[0])}
		for _, col := range o.Columns {
			c, ok := o.cell(col.Town.Name, rows[0])
			truth, known := o.cell(col.Town.Name, rows[1])
			alike, played := o.cell(col.Town.Name, rows[2])
			if ok && known && played && col.Group == Kinds {
				told.Checks = append(told.Checks, Check{Town: col.Town.Name, Got: c.Utilisation / truth.Utilisation, Want: 0.95})
				blind.Checks = append(blind.Checks, Check{Town: col.Town.Name, Got: c.Utilisation / alike.Utilisation, Want: 0.98})
			}
		}
		goals = append(goals, told, blind)
	}
	return goals
}
