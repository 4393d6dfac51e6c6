package contest

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

const introduction = `# Pacing: what it is worth, and what the limit costs

Made by ` + "`make pacing`" + `, not by hand: change the code, not this page. The same code and seeds give the same figures.

` + "`controller/pacing`" + ` (what the floor runs) and its rivals (` + "`controller/rehearse/rivals`" + `, no shared code) dial in the same model towns
(` + "`controller/rehearse/model`" + `): talks log-normal of 120 s on average with CV 1, wrap-up log-normal of 15 s with CV 0.5, ring time to an answer gamma of
15 s with CV 0.5 within 2 to 30 s, ring timeout 30 s; of the calls nobody answers 20 % fail within 2 to 5 s and 20 % are machines; a live answer
waits at most 2 s; at most 3 % of live answers may be abandoned; a decision each second; half an hour of warm-up, then five hours that
count. Each policy begins every day with nothing learned and an empty window, which is the hardest case for a guarantee.

How it decides: calls are started while the last one, if answered, costs an abandonment with a probability of at most θ. The number of answers against agents
free within the connect limit comes from exact convolution; answer and talk times are learned by hazard rates with censoring, and the answer rate by a mixture of
memories (15 to 2,000 answers). What is known of a number beforehand (how often it was tried and with what result, its first digits, trunk, hour) is worth a factor of the
rate, learned by the way. θ is found by itself. The guarantee bounds the calls in flight that no idle agent covers by ⌊(ρA − D)/(1 − ρ)⌋ for A live answers
and D abandoned ones; inside it less is spent until it leaves room. Where none is asked for, the aim is a little below the limit, by what luck moves the
abandonments of the window, relative the less the more answers there are.

What the hard bound costs at a low answer rate is its own, not the policy's: it opens as answers come in. Of N agents let a share u be busy, for s seconds a call, and
κ = ρ/(1 − ρ). At most N(1 − u) + κA calls may be in flight, and N·u·L are needed, L = τ/(p·s) for an answer rate p and τ seconds in flight on average. So
u ≤ (N + κA)/(N(1 + L)); A grows by N·u/s a second, hence u(t) ≤ e^(t/T)/(1 + L) with T = s(1 + L)/κ, whatever N is. At p = 0.1 that begins at 0.39 and takes 2.9 hours to
reach 1, at p = 0.3 it begins at 0.67 and takes 0.7 hours. The row "most that the hard bound allows" is its mean over the five hours, with nobody abandoned; a window that began days ago
has it behind it.

Read the tables so: utilisation, (talk + wrap-up) / signed-in time, and in brackets the share of live answers abandoned, after the warm-up; **bold** where it is above
the limit; a guarantee counts from the first answer of the day on, so its rows are bold where the limit was ever exceeded since then. ` + "`*`" + `: its one parameter, the price θ, was tuned by hindsight on the very same days for the most talk time within the limit. It knows all distributions, and the
answer rate at each instant; no dialer can.
`

const titleUse = "utilisation (abandoned)"

// Write writes docs/pacing.md; took says how long it took and on what.
func (o *Outcome) Write(out io.Writer, took string) error {
	w := bufio.NewWriter(out)
	fmt.Fprint(w, introduction)
	fmt.Fprintf(w, "\n%d days were played (seeds from %d on; days for tuning not counted). %s\n", o.Played, o.Seed, took)
	o.goals(w)
	for _, p := range rates {
		o.tables(w, fmt.Sprintf("Answer rate %g", p), func(c Column) bool { return c.Group == Steady && c.Rate == p })
	}
	o.tables(w, "What changes during the day (20 agents)", func(c Column) bool { return c.Group == Changing })
	o.tables(w, "Other limits and other talks (20 agents, answer rate 0.3)", func(c Column) bool { return c.Group == Other })
	o.tables(w, "Numbers that differ in how often they are answered, and their kind tells", func(c Column) bool { return c.Group == Kinds })
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the table of pacing: %w", err)
	}
	return nil
}

func (o *Outcome) goals(w io.Writer) {
	fmt.Fprint(w, "\n## Goals, computed from the tables below\n\n| goal | holds | where it does not, or the closest |\n|---|---|---|\n")
	for _, g := range o.Goals() {
		var missed []string
		good := 0
		closest := g.Checks[0]
		for _, c := range g.Checks {
			if c.Holds() {
				good++
			} else {
				missed = append(missed, c.String())
			}
			if c.margin() < closest.margin() {
				closest = c
			}
		}
		if missed == nil {
			missed = []string{closest.String()}
		}
		yes := "yes"
		if good < len(g.Checks) {
			yes = "**no**"
		}
		fmt.Fprintf(w, "| %s | %s, %d of %d | %s |\n", g.Text, yes, good, len(g.Checks), strings.Join(missed, "; "))
	}
}

// margin is how far the check holds, relative.
func (c Check) margin() float64 {
	if c.AtMost {
		return (c.Want - c.Got) / c.Want
	}
	return (c.Got - c.Want) / c.Want
}

func (o *Outcome) tables(w io.Writer, title string, of func(Column) bool) {
	var some []int
	for i, c := range o.Columns {
		if of(c) {
			some = append(some, i)
		}
	}
	if len(some) == 0 {
		return
	}
	fmt.Fprintf(w, "\n## %s\n\n", title)
	for _, i := range some {
		if c := o.Columns[i]; c.Note != "" {
			fmt.Fprintf(w, "* %s: %s.\n", c.Town.Name, c.Note)
		}
	}
	o.table(w, titleUse, some, func(Entry) bool { return true }, func(c Cell, e Entry, limit float64) string {
		lost := fmt.Sprintf("%.1f %%", 100*c.Abandonment)
		if above := c.Abandonment > limit; (above && !e.Kept) || (e.Kept && c.Worst > limit) {
			lost = "**" + lost + "**"
		}
		if e.Make == nil {
			return fmt.Sprintf("%.3f (%s, θ = %.3f)", c.Utilisation, lost, c.Theta)
		}
		return fmt.Sprintf("%.3f (%s)", c.Utilisation, lost)
	})
	o.table(w, "contacts per agent hour", some, func(e Entry) bool { return !e.Told && !e.Blind }, func(c Cell, _ Entry, _ float64) string { return fmt.Sprintf("%.1f", c.PerHour) })
	o.table(w, "highest abandonment at any instant of any day", some, func(e Entry) bool { return e.Kept || e.Name == rowPredictive }, func(c Cell, _ Entry, _ float64) string { return fmt.Sprintf("%.2f %%", 100*c.Worst) })
}

// opening writes the row of what the hard bound allows, where the answer rate does not change.
func (o *Outcome) opening(w io.Writer, some []int) {
	if o.Columns[some[0]].Group != Steady {
		return
	}
	fmt.Fprint(w, "| most that the hard bound allows |")
	for _, i := range some {
		fmt.Fprintf(w, " %.3f |", Opening(o.Columns[i].Town))
	}
	fmt.Fprintln(w)
}

func (o *Outcome) table(w io.Writer, title string, some []int, rows func(Entry) bool, text func(c Cell, e Entry, limit float64) string) {
	fmt.Fprintf(w, "\n| %s |", title)
	for _, i := range some {
		c := o.Columns[i]
		head := c.Town.Name
		if c.Group == Steady {
			head = fmt.Sprintf("%d agents", c.Town.Agents)
		}
		fmt.Fprintf(w, " %s |", head)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(some)))
	for k, e := range o.Entries {
		if !rows(e) {
			continue
		}
		line, any := "| "+e.Name+" |", false
		for _, i := range some {
			if c := o.Cells[i][k]; c.Days > 0 {
				line, any = line+" "+text(c, e, o.Columns[i].Town.Target)+" |", true
			} else {
				line += " – |"
			}
		}
		if any {
			fmt.Fprintln(w, line)
		}
		if e.Name == rowHard && title == titleUse {
			o.opening(w, some)
		}
	}
	fmt.Fprint(w, "| days |")
	for _, i := range some {
		fmt.Fprintf(w, " %d |", o.Columns[i].Days)
	}
	fmt.Fprintln(w)
}
