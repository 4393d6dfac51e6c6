package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/spf13/cobra"

	"waihu/controller/pacing"
	"waihu/models"
)

type paceFlags struct {
	mode, guarantee, explain string
	ratio                    float64
}

func newPace(a *app) *cobra.Command {
	var f paceFlags
	c := &cobra.Command{
		Use:   "pace",
		Short: a.t("Judge the pacing: states on standard input, calls to start on standard output", "评测拨号节奏：标准输入为状态，标准输出为应拨数量"),
		Long: a.t("Reads one JSON object a line: first {\"hello\":{…}}, then a state at each tick; answers each state with {\"dial\":n}. It runs the code that the floor runs (docs/pacing.md).",
			"逐行读取 JSON：首行 {\"hello\":{…}}，其后每个时刻一行状态；对每个状态回答 {\"dial\":n}。所运行的正是生产代码（见 docs/pacing.md）。"),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.pace(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.mode, "mode", string(pacing.Predictive), a.t("progressive, ratio or predictive", "progressive（渐进）、ratio（比率）或 predictive（预测）"))
	c.Flags().StringVar(&f.guarantee, "guarantee", string(pacing.Hard), a.t("how the abandonment limit is kept: off, risk or hard", "呼损率上限的保证方式：off、risk 或 hard"))
	c.Flags().Float64Var(&f.ratio, "ratio", 1, a.t("lines per idle agent in mode ratio, 0 to 10", "ratio 模式下每个空闲坐席的线路数，0 至 10"))
	c.Flags().StringVar(&f.explain, "explain", "", a.t("write inputs, candidates and the binding constraint of each decision to this file", "将每次决策的输入、候选值与约束写入此文件"))
	c.AddCommand(newPaceTable(a))
	return c
}

// paceHello opens the conversation. All times are seconds.
type paceHello struct {
	Tick        float64  `json:"tick"`
	Target      *float64 `json:"target"`
	MaxWait     *float64 `json:"max_wait"`
	RingTimeout *float64 `json:"ring_timeout"`
	MaxLines    int      `json:"max_lines"`
	Agents      int      `json:"agents"`
}

// paceLine is any line of the input: a hello, or a state.
type paceLine struct {
	Hello *paceHello `json:"hello"`
	T     *float64   `json:"t"`
	Idle  []float64  `json:"idle"`
	Talk  []float64  `json:"talk"`
	Wrap  []float64  `json:"wrap"`
	Ring  []float64  `json:"ring"`
	Wait  []float64  `json:"wait"`
	// Chance and Next are answer probabilities of the numbers in Ring and of those that come next, where they are known.
	Chance []float64 `json:"chance"`
	Next   []float64 `json:"next"`
	Stats  *struct {
		Connected int `json:"connected"`
		Abandoned int `json:"abandoned"`
	} `json:"stats"`
	Ev []struct {
		E string  `json:"e"`
		D float64 `json:"d"`
	} `json:"ev"`
}

// pacer holds one conversation.
type pacer struct {
	a                    *app
	set                  pacing.Settings
	policy               *pacing.Policy
	line                 int
	last                 float64 // time of the last state
	connected, abandoned int     // counted from events, for states without totals
	out                  *bufio.Writer
	explain              *json.Encoder
}

// Longest line of the input; a state of 500 agents and 1,500 calls takes about 20 KB.
const paceLineMost = 16 << 20

func (a *app) pace(ctx context.Context, f paceFlags) (err error) {
	p := &pacer{a: a, out: bufio.NewWriter(a.out), set: pacing.Settings{
		Mode: pacing.Mode(f.mode), Guarantee: pacing.Guarantee(f.guarantee), Ratio: f.ratio, Rho: 0.03, ConnectLimit: 2, RingTimeout: 30,
	}}
	if err := p.set.Check(); err != nil {
		return paceFlagFaults(err)
	}
	p.policy = pacing.New(p.set)
	if f.explain != "" {
		file, bad := os.Create(f.explain)
		if bad != nil {
			return models.NewError(models.Invalid, "--explain", "cannot_write", fmt.Sprintf("cannot write %s (%v); name a file in a folder that exists", f.explain, bad),
				fmt.Sprintf("无法写入 %s（%v），请指定已存在目录中的文件", f.explain, bad))
		}
		buffered := bufio.NewWriter(file)
		p.explain = json.NewEncoder(buffered)
		defer func() { err = errors.Join(err, buffered.Flush(), file.Close()) }()
	}
	lines := bufio.NewScanner(a.in)
	lines.Buffer(make([]byte, 0, 64<<10), paceLineMost)
	for ctx.Err() == nil && lines.Scan() {
		p.line++
		if err := p.take(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read line %d: %w", p.line+1, err)
	}
	return ctx.Err()
}

// paceFlagFaults names the flags instead of the settings.
func paceFlagFaults(err error) error {
	var caller *models.Error
	if errors.As(err, &caller) {
		for i := range caller.Fields {
			caller.Fields[i].Field = "--" + caller.Fields[i].Field
		}
	}
	return err
}

// complain tells of a line that is wrong, and goes on.
func (p *pacer) complain(english, chinese string, args ...any) {
	p.a.note("waihu: line %d: %s", "waihu：第 %d 行：%s", p.line, oneLine(fmt.Sprintf(p.a.t(english, chinese), args...)))
}

// take answers one line.
func (p *pacer) take(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	var l paceLine
	if err := json.Unmarshal(text, &l); err != nil {
		p.complain("not a JSON object of the protocol, nothing is dialled: %v", "不是协议规定的 JSON 对象，不拨号：%v", err)
		return p.answer(0)
	}
	if l.Hello != nil {
		p.hello(l.Hello)
		return nil
	}
	v, ok := p.view(&l)
	if !ok {
		return p.answer(0)
	}
	d := p.policy.Decide(v)
	if p.explain != nil {
		if err := p.note(v.Now, d); err != nil {
			return err
		}
	}
	return p.answer(d.Dial)
}

func (p *pacer) note(t float64, d pacing.Decision) error {
	english, chinese := d.Text()
	err := p.explain.Encode(struct {
		T float64 `json:"t"`
		pacing.Decision
		Text   string `json:"text"`
		TextZH string `json:"text_zh"`
	}{t, d, english, chinese})
	if err != nil {
		return fmt.Errorf("write the explanation of line %d: %w", p.line, err)
	}
	return nil
}

// answer goes out at once: the other side waits for it.
func (p *pacer) answer(dial int) error {
	_, err := fmt.Fprintf(p.out, "{\"dial\":%d}\n", dial)
	if err = errors.Join(err, p.out.Flush()); err != nil {
		return fmt.Errorf("answer line %d: %w", p.line, err)
	}
	return nil
}

// hello begins a new judgement with nothing learned. A value that cannot be is named and its default used.
func (p *pacer) hello(h *paceHello) {
	set := p.set
	set.Rho, set.ConnectLimit, set.RingTimeout, set.MaxLines = 0.03, 2, 30, 0
	try := func(change func(s *pacing.Settings)) {
		next := set
		change(&next)
		var caller *models.Error
		if err := next.Check(); errors.As(err, &caller) {
			for _, f := range caller.Fields {
				p.complain("hello: %s: %s The default is used.", "hello：%s：%s 已采用默认值。", f.Field, p.a.t(f.Text, f.TextZH))
			}
			return
		}
		set = next
	}
	if h.Target != nil {
		try(func(s *pacing.Settings) { s.Rho = *h.Target })
	}
	if h.MaxWait != nil {
		try(func(s *pacing.Settings) { s.ConnectLimit = *h.MaxWait })
	}
	if h.RingTimeout != nil {
		try(func(s *pacing.Settings) { s.RingTimeout = *h.RingTimeout })
	}
	try(func(s *pacing.Settings) { s.MaxLines = h.MaxLines })
	p.set, p.policy = set, pacing.New(set)
	p.last, p.connected, p.abandoned = 0, 0, 0
}

// view makes of a state what the policy takes, and tells the policy what happened; false if nothing can be decided on it.
func (p *pacer) view(l *paceLine) (pacing.View, bool) {
	if l.T == nil {
		p.complain("neither \"hello\" nor \"t\", nothing is dialled", "既无 \"hello\" 也无 \"t\"，不拨号")
		return pacing.View{}, false
	}
	v := pacing.View{Now: *l.T, Idle: l.Idle, Talk: l.Talk, Wrap: l.Wrap, Ring: l.Ring, Wait: l.Wait, Chance: l.Chance, Next: l.Next}
	if v.Now < p.last {
		p.complain("\"t\" goes back from %g to %g; taken as %g", "\"t\" 由 %g 倒退至 %g；按 %g 处理", p.last, v.Now, p.last)
		v.Now = p.last
	}
	p.last = v.Now
	for _, ages := range []struct {
		name   string
		values []float64
	}{{"idle", v.Idle}, {"talk", v.Talk}, {"wrap", v.Wrap}, {"ring", v.Ring}, {"wait", v.Wait}} {
		for i, x := range ages.values {
			if x < 0 {
				p.complain("%s[%d] is negative (%g); taken as 0", "%s[%d] 为负数（%g）；按 0 处理", ages.name, i, x)
				ages.values[i] = 0
			}
		}
	}
	for i, e := range l.Ev {
		p.event(i, e.E, e.D)
	}
	v.Answered, v.Abandoned = p.connected+p.abandoned, p.abandoned
	if s := l.Stats; s != nil {
		v.Answered, v.Abandoned = max(s.Connected, 0)+max(s.Abandoned, 0), max(s.Abandoned, 0)
	}
	return v, true
}

func (p *pacer) event(i int, what string, d float64) {
	e := pacing.Event{What: pacing.Happened(what), Seconds: math.Max(d, 0)}
	switch e.What {
	case pacing.Connected:
		p.connected++
	case pacing.Abandoned:
		p.abandoned++
	case pacing.Answered, pacing.NotAnswered, pacing.TalkEnded, pacing.WrapEnded, pacing.SignedIn, pacing.SignedOut:
	default:
		p.complain("ev[%d]: unknown event %q is ignored", "ev[%d]：未知事件 %q 已忽略", i, what)
		return
	}
	p.policy.Observe(e)
}
