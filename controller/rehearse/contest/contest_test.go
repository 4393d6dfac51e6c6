package contest

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"waihu/controller/pacing"
	"waihu/controller/rehearse/model"
	"waihu/controller/rehearse/rivals"
)

// short is a town of half an hour of warm-up and an hour that counts.
func short(agents int, p float64) model.Town {
	w := model.Standard(agents, p)
	w.Length = hour
	return w
}

func ours(w model.Town, g pacing.Guarantee) func() model.Policy {
	return func() model.Policy { return NewOurs(w, pacing.Predictive, 1, g) }
}

// allowance is what chance may add to the abandonment of a short run: 3 deviations. Abandonments come in bursts, so their
// variance is taken as three times that of a binomial.
func allowance(rho float64, answers int) float64 {
	return 3 * math.Sqrt(3*rho*(1-rho)/float64(max(answers, 1)))
}

// TestPredictiveIsWorthIt: by far more talk than with one call an agent, and nearly that of a policy that knows everything
// but the future, within the limit; hard and risk guarantees cost some of it.
func TestPredictiveIsWorthIt(t *testing.T) {
	for _, c := range []struct {
		agents          int
		p               float64
		days            int
		off, risk, hard float64 // times progressive dialling
	}{{10, 0.1, 2, 1.7, 1.5, 1.1}, {20, 0.3, 1, 1.2, 1.15, 1.1}} {
		w := short(c.agents, c.p)
		plain := Play(w, c.days, 1, func() model.Policy { return rivals.Ratio{Lines: 1} })
		best := Play(w, c.days, 1, func() model.Policy { return &rivals.Anchor{Town: w, Theta: 0.025} })
		for _, g := range []struct {
			guarantee pacing.Guarantee
			times     float64
		}{{pacing.Off, c.off}, {pacing.Risk, c.risk}, {pacing.Hard, c.hard}} {
			r := Play(w, c.days, 1, ours(w, g.guarantee))
			t.Logf("%d agents, %g, %s: %.3f (%.2f %%), progressive %.3f, anchor %.3f (%.2f %%)", c.agents, c.p, g.guarantee, r.Utilisation, 100*r.Abandonment, plain.Utilisation, best.Utilisation, 100*best.Abandonment)
			if r.Utilisation < g.times*plain.Utilisation {
				t.Errorf("%d agents, %g, %s: utilisation %.3f, want %.2f times %.3f", c.agents, c.p, g.guarantee, r.Utilisation, g.times, plain.Utilisation)
			}
			if most := w.Target + allowance(w.Target, r.Answers); r.Abandonment > most {
				t.Errorf("%d agents, %g, %s: %.2f %% abandoned, at most %.2f %%", c.agents, c.p, g.guarantee, 100*r.Abandonment, 100*most)
			}
			if g.guarantee == pacing.Off && r.Utilisation < 0.95*best.Utilisation {
				t.Errorf("%d agents, %g: utilisation %.3f, want 0.95 of %.3f", c.agents, c.p, r.Utilisation, best.Utilisation)
			}
		}
	}
}

// TestWithinTheLimit: over some days, with no guarantee, no more are abandoned than may be; in towns of which the tables know nothing.
func TestWithinTheLimit(t *testing.T) {
	for _, c := range []struct {
		agents int
		p, rho float64
		talk   float64
	}{{15, 0.2, 0.03, 120}, {30, 0.4, 0.02, 60}} {
		w := short(c.agents, c.p)
		w.Target = c.rho
		w.Length = 2 * hour
		w.Talk = func(float64) model.Dist { return model.LogNormal(c.talk, 1) }
		r := Play(w, 4, 21, ours(w, pacing.Off))
		if r.Abandonment > c.rho {
			t.Errorf("%d agents, %g: %.2f %% abandoned of %d answers, at most %.2f %%", c.agents, c.p, 100*r.Abandonment, r.Answers, 100*c.rho)
		}
	}
}

// TestKindsAreWorthIt: where three numbers in ten are nearly always answered and the others nearly never, and their kind tells which, learning it brings more
// talk than taking all as alike, and nearly what being told each number's probability brings.
func TestKindsAreWorthIt(t *testing.T) {
	w := short(20, 0.3)
	w.Classes = []model.Class{{Name: "dead", Share: 0.7, Times: 0.1}, {Name: "good", Share: 0.3, Times: 3.1}}
	play := func(change func(*Ours)) Cell {
		return Play(w, 3, 1, func() model.Policy {
			o := NewOurs(w, pacing.Predictive, 1, pacing.Off)
			change(o)
			return o
		})
	}
	alike, learned, told := play(func(o *Ours) { o.Blind = true }), play(func(*Ours) {}), play(func(o *Ours) { o.Truth = true })
	t.Logf("taken as alike %.3f (%.2f %%), learned %.3f (%.2f %%), told %.3f (%.2f %%)", alike.Utilisation, 100*alike.Abandonment,
		learned.Utilisation, 100*learned.Abandonment, told.Utilisation, 100*told.Abandonment)
	if learned.Utilisation < 1.015*alike.Utilisation || learned.Utilisation < 0.97*told.Utilisation {
		t.Errorf("kinds that are learned bring %.3f, numbers taken as alike %.3f, the truth %.3f", learned.Utilisation, alike.Utilisation, told.Utilisation)
	}
	if most := w.Target + allowance(w.Target, learned.Answers); learned.Abandonment > most {
		t.Errorf("%.2f %% abandoned, at most %.2f %%", 100*learned.Abandonment, 100*most)
	}
}

// TestOpening: the fluid of the hard bound, against its differential equation in small steps; and no policy is above it.
func TestOpening(t *testing.T) {
	w := model.Standard(50, 0.1)
	n, p, s, tau := 50.0, 0.1, 135.0, w.InFlight(0.1)
	answers, sum := 0.0, 0.0
	for at := 0.0; at < w.Warm+w.Length; at++ {
		u := min((n+answers*w.Target/(1-w.Target))/(n*(1+tau/(p*s))), 1)
		answers += n * u / s
		if at >= w.Warm {
			sum += u
		}
	}
	if got, want := Opening(w), sum/w.Length; math.Abs(got-want) > 0.002 {
		t.Errorf("opening %.4f, by steps %.4f", got, want)
	}
	if got := Play(w, 1, 5, ours(w, pacing.Hard)).Utilisation; got > Opening(w) || got < 0.85*Opening(w) {
		t.Errorf("inside the hard bound %.3f, at most %.3f", got, Opening(w))
	}
}

// TestHardGuaranteeInRandomTowns: at no instant is the rate above the limit, whatever the town: any size, answer rate, step
// in it, limit, connect limit, talk and breaks. Agents leave after their wrap-up only: whoever leaves while a call rings for
// him takes its cover away, which no bound on later calls mends (TestAgentsWhoVanish).
func TestHardGuaranteeInRandomTowns(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 15 {
		w := short(1+r.IntN(25), 0)
		before, after := 0.05+0.6*r.Float64(), 0.05+0.6*r.Float64()
		w.Answer = stepAt(2000*r.Float64(), before, after)
		w.Target, w.Limit = 0.01+0.04*r.Float64(), 5*r.Float64()
		w.Warm, w.Length = 0, 2500
		talk := []model.Dist{model.Exponential(60), model.LogNormal(120, 1), model.LogNormal(40, 2)}[r.IntN(3)]
		w.Talk = func(float64) model.Dist { return talk }
		w.Breaks = model.Breaks{Chance: 0.1 * r.Float64(), Length: model.LogNormal(200, 1)}
		mode := []pacing.Mode{pacing.Predictive, pacing.ByRatio}[r.IntN(2)]
		seed := r.Uint64()
		got := Play(w, 1, seed, func() model.Policy { return NewOurs(w, mode, 4, pacing.Hard) })
		if got.Worst > w.Target+1e-9 {
			t.Errorf("%s, %d agents, answer rate %.2f, then %.2f, limit %.2f %%, connect limit %.1f s, seed %d: %.2f %% abandoned", mode, w.Agents, before, after, 100*w.Target, w.Limit, seed, 100*got.Worst)
		}
	}
}

// watched counts how a policy over-dials.
type watched struct {
	model.Policy
	t   *testing.T
	rho float64
}

func (p *watched) Dial(s *model.State) int {
	n := p.Policy.Dial(s)
	agents := len(s.Idle) + len(s.Talk) + len(s.Wrap)
	over := len(s.Ring) + len(s.Wait) + n - len(s.Idle)
	d, a := s.Stats.Abandoned, s.Stats.Abandoned+s.Stats.Connected
	if n > 0 && over > 0 && float64(d+over) > p.rho*float64(a+over)+1e-6 {
		p.t.Errorf("at %g: %d calls more with %d without an agent, %d abandoned of %d", s.T, n, over, d, a)
	}
	if agents == 0 && n > 0 {
		p.t.Errorf("at %g: %d calls for nobody", s.T, n)
	}
	return n
}

// TestAgentsWhoVanish: agents who go in the middle of a talk, a wrap-up or while a call rings for them leave no call behind
// that is dialled for them: after it nothing is started until the calls in flight fit those who are left.
func TestAgentsWhoVanish(t *testing.T) {
	w := short(20, 0.3)
	w.Warm, w.Length = 0, 5400
	w.Shifts = []model.Shift{{At: 1000, Agents: -12}, {At: 1800, Agents: 10}, {At: 3000, Agents: -18}, {At: 3600, Agents: 15}, {At: 4800, Agents: -15}}
	for _, mode := range []pacing.Mode{pacing.Predictive, pacing.ByRatio, pacing.Progressive} {
		for seed := range uint64(3) {
			c := Play(w, 1, seed, func() model.Policy { return &watched{NewOurs(w, mode, 3, pacing.Hard), t, w.Target} })
			if c.Answers == 0 {
				t.Error("nobody answered")
			}
		}
	}
}

// busy is a team with three calls in flight an agent.
func busy(agents int, g pacing.Guarantee) (*pacing.Policy, pacing.View) {
	p := pacing.New(pacing.Settings{Mode: pacing.Predictive, Rho: 0.03, ConnectLimit: 2, RingTimeout: 30, Guarantee: g})
	v := pacing.View{Idle: make([]float64, agents/25), Answered: 20000, Abandoned: 300}
	for i := range agents - len(v.Idle) {
		v.Talk = append(v.Talk, float64(i%400))
	}
	for i := range 3 * agents {
		v.Ring = append(v.Ring, float64(i%300)/10)
	}
	return p, v
}

// second lets a second pass in which one call in ten is answered, and talks end.
func second(p *pacing.Policy, v *pacing.View) {
	v.Now++
	for range 7 {
		p.Observe(pacing.Event{What: pacing.Answered, Seconds: 12})
	}
	for range 4 {
		p.Observe(pacing.Event{What: pacing.TalkEnded, Seconds: 120})
		p.Observe(pacing.Event{What: pacing.WrapEnded, Seconds: 15})
	}
}

// decisionMost is how many times as long a decision of four times the calls and agents may take. It is 1.8; calls that are no more gathered by age make it 4.3.
const decisionMost = 2.7

// TestDecisionTime: a decision of 500 agents takes not much longer than one of 125 (the fastest of 100 of each, in turns, so that neither the machine nor other work
// on it counts; not under the race detector's tenfold). In milliseconds it stands in docs/performance.md.
func TestDecisionTime(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes everything several times slower")
	}
	type team struct {
		p    *pacing.Policy
		v    pacing.View
		best time.Duration
	}
	var teams [2]team
	for i, agents := range []int{125, 500} {
		teams[i].p, teams[i].v = busy(agents, pacing.Risk)
		teams[i].best = time.Hour
	}
	for range 100 {
		for i := range teams {
			s := &teams[i]
			second(s.p, &s.v)
			begun := time.Now()
			s.p.Decide(s.v)
			s.best = min(s.best, time.Since(begun))
		}
	}
	few, many := teams[0].best, teams[1].best
	t.Logf("a decision of 125 agents takes %v, of 500 %v", few, many)
	if times := many.Seconds() / few.Seconds(); times > decisionMost {
		t.Errorf("a decision of 500 agents takes %v, %.1f times that of 125 (%v); at most %.1f", many, times, few, decisionMost)
	}
}

// BenchmarkDecision is a large team's decision (docs/performance.md).
func BenchmarkDecision(b *testing.B) {
	for _, g := range []pacing.Guarantee{pacing.Off, pacing.Risk, pacing.Hard} {
		b.Run(string(g), func(b *testing.B) {
			p, v := busy(500, g)
			b.ReportAllocs()
			for b.Loop() {
				second(p, &v)
				p.Decide(v)
			}
		})
	}
}

// TestTheTableIsTheSameAgain: a small contest, twice, with different numbers of goroutines.
func TestTheTableIsTheSameAgain(t *testing.T) {
	var pages [2]string
	for i := range pages {
		some := columns(0.05, "5 agents, 0.3")
		for k := range some {
			some[k].Town.Warm, some[k].Town.Length = 300, 900
		}
		o := hold(some, Settings{Seed: 3, Workers: i + 1, Done: func(int) {}})
		var b bytes.Buffer
		if err := o.Write(&b, ""); err != nil {
			t.Fatal(err)
		}
		pages[i] = b.String()
	}
	if pages[0] != pages[1] {
		t.Errorf("two different tables:\n%s\n%s", pages[0], pages[1])
	}
	for _, e := range entries() {
		if !e.Told && !e.Blind && strings.Count(pages[0], "| "+e.Name+" |") < 2 {
			t.Errorf("no row %q", e.Name)
		}
	}
}

// TestGoalsAreComputed: a goal that is missed says so, with its figure.
func TestGoalsAreComputed(t *testing.T) {
	o := &Outcome{Columns: []Column{{Town: model.Standard(10, 0.3), Group: Steady, Rate: 0.3}}, Entries: entries()}
	o.Columns[0].Town.Name = name(10, 0.3)
	row := make([]Cell, len(o.Entries))
	for i, e := range o.Entries {
		switch e.Name {
		case rowPredictive:
			row[i] = Cell{Utilisation: 0.82, Abandonment: 0.031, Days: 1}
		case rowHard:
			row[i] = Cell{Utilisation: 0.78, Worst: 0.03, Days: 1}
		case rowAnchor:
			row[i] = Cell{Utilisation: 0.83, Days: 1}
		}
	}
	o.Cells = [][]Cell{row}
	var b bytes.Buffer
	if err := o.Write(&b, ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| **no**, 0 of 1 | 10 agents, 0.3: 0.820, at least 0.825 |", "| yes, 1 of 1 | 10 agents, 0.3: 0.820, at least 0.816 |",
		"| **no**, 0 of 1 | 10 agents, 0.3: 3.10 %, at most 3.00 % |", "| yes, 1 of 1 | 10 agents, 0.3: 3.00 %, at most 3.00 % |", "0.940, at least 0.930",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestPublishedTable: docs/pacing.md has every town and every goal of this code.
func TestPublishedTable(t *testing.T) {
	text, err := os.ReadFile("../../../docs/pacing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns(1, "") {
		if c.Group != Steady && !strings.Contains(string(text), " "+c.Town.Name+" |") {
			t.Errorf("no town %q: run make pacing", c.Town.Name)
		}
	}
	for _, e := range entries() {
		if !strings.Contains(string(text), "| "+e.Name+" |") {
			t.Errorf("no row %q: run make pacing", e.Name)
		}
	}
}
