package pacing

import "fmt"

// Inputs are what a decision rested on, as kept for "why is nothing dialled?".
type Inputs struct {
	Idle      int     `json:"idle"`
	Talk      int     `json:"talk"`
	Wrap      int     `json:"wrap"`
	Ring      int     `json:"ring"`
	Wait      int     `json:"wait"`
	Answered  int     `json:"answered"`  // A of the window
	Abandoned int     `json:"abandoned"` // D of the window
	Overdial  int     `json:"overdial"`  // calls in flight that no idle agent covers
	Bound     int     `json:"bound"`     // most of them that the hard guarantee allows
	Rate      float64 `json:"rate"`      // believed answer probability of a new call, by what is known of the numbers that come next
	Odds      float64 `json:"odds"`      // of it: how much more often they are answered than the campaign's numbers are now
	Worth     float64 `json:"worth"`     // answers that it rests on
	Free      float64 `json:"free"`      // agents expected to be free within the ring time, idle ones included
	Answers   float64 `json:"answers"`   // answers expected within the ring time from calls in flight, waiting ones included
	Theta     float64 `json:"theta"`     // highest probability of an abandonment that one more answer is worth
	Risk      float64 `json:"risk"`      // that probability for the last call that was started, or the next one if none was
	Cost      float64 `json:"cost"`      // abandonments that the calls started are expected to cost
}

func (p *Policy) inputs(v *View) Inputs {
	next, _ := v.next(p.calls.rate())
	return Inputs{
		Idle: len(v.Idle), Talk: len(v.Talk), Wrap: len(v.Wrap), Ring: len(v.Ring), Wait: len(v.Wait),
		Answered: v.Answered, Abandoned: v.Abandoned, Overdial: max(v.overdial(), 0),
		Bound: Overdial(v.Answered, v.Abandoned, p.set.Rho), Rate: next, Odds: next / p.calls.rate(), Worth: p.calls.Answer.worth(),
	}
}

// reasons are the binding constraints, for people.
var reasons = map[Why][2]string{
	ByAgents:     {"no agent is idle without a call on its way", "没有空闲且未被预占的坐席"},
	ByPrediction: {"one more answer would find no agent too often", "再多拨一通，接通后无坐席的概率过高"},
	ByGuarantee:  {"the abandonment limit is kept even if all calls in flight are answered now", "保证呼损率上限：即使在途呼叫全部接通也不超限"},
	ByLines:      {"the campaign's lines are in use", "任务线路已用满"},
	ByTheRatio:   {"the ratio of lines to idle agents is reached", "已达呼叫比率（空闲坐席 × 比率）"},
	ByMode:       {"the agents dial in this mode", "此模式由坐席拨号"},
	ByGain:       {"a slice of progressive dialling, to measure what predictive dialling is worth", "当前为逐一拨号时段，用于测量预测式拨号的收益"},
	ByTrunk:      {"the trunk's lines are in use", "中继线路已用满"},
	ByHandLines:  {"the trunk's other lines are left to people who dial by hand", "中继其余线路留给人工拨号"},
	ByRate:       {"calls per second reached", "已达每秒呼叫数"},
	ByHours:      {"outside the calling hours", "不在呼叫时段"},
	ByList:       {"no number is due", "暂无到期号码"},
	ByDatabase:   {"the database is behind", "数据库响应滞后"},
	ByEmergency:  {"emergency stop", "紧急停呼"},
	BySwitch:     {"the switch is full, down or not ready", "交换机已满、不可用或未就绪"},
}

// Text says a decision in words, English and Chinese.
func (d Decision) Text() (english, chinese string) {
	why, ok := reasons[d.Why]
	if !ok {
		why = [2]string{string(d.Why), string(d.Why)}
	}
	if d.Dial == 0 {
		return "nothing dialled: " + why[0], "未拨号：" + why[1]
	}
	return fmt.Sprintf("%d dialled, not more: %s", d.Dial, why[0]), fmt.Sprintf("拨出 %d 通，未再多拨：%s", d.Dial, why[1])
}
