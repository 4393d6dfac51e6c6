package cmd

import "waihu/models"

// gates are the reasons not to dial, for people.
var gates = map[models.Gate][2]string{
	models.GateOpen:        {"nothing is in the way", "无阻碍"},
	models.GateNotRunning:  {"the campaign does not run", "任务未运行"},
	models.GateApproval:    {"waiting for approval", "等待审核"},
	models.GateWindow:      {"outside the calling hours", "不在呼叫时段"},
	models.GateHoliday:     {"holiday", "节假日"},
	models.GateBlacklist:   {"on the blacklist", "在黑名单中"},
	models.GateDayLimit:    {"called often enough today", "当日呼叫次数已满"},
	models.GateMinGap:      {"called a short while ago", "距上次呼叫间隔不足"},
	models.GateRetryDelay:  {"waiting for the time of the next dial", "等待重呼时间"},
	models.GateInCall:      {"the number is being called", "号码正在呼叫中"},
	models.GateConcurrency: {"max concurrency reached", "已达最大并发"},
	models.GateLines:       {"all lines of the trunk are in use", "中继线路已满"},
	models.GateCPS:         {"calls per second reached", "已达每秒呼叫数"},
	models.GateNoTrunk:     {"the campaign has no trunk", "任务没有可用中继"},
	models.GateTrunkPaused: {"the trunk is paused after failures", "中继因故障暂停"},
	models.GateNoCaller:    {"no caller number may be shown", "无可用去电号码"},
	models.GateSwitchDown:  {"the switch does not answer", "交换机不可用"},
	models.GateSwitchFull:  {"the switch is full, backing off", "交换机繁忙"},
	models.GateDatabase:    {"the database does not answer", "数据库不可用"},
	models.GateNoLease:     {"another process has the floor, standing by", "另一进程正在运行，本进程备用"},
	models.GateStopping:    {"shutting down", "正在停机"},
	models.GateListEmpty:   {"no number is due", "暂无到期号码"},
	models.GateFinished:    {"finished", "已全部完成"},
	models.GateFinal:       {"has its final outcome", "已有最终结果"},
	models.GateDialplan:    {"the dialplan is not live", "拨号方案未生效"},
	models.GateNotAllowed:  {"this kind of number must not be called", "不允许呼叫此类号码"},
	models.GateNoFreeAgent: {"no agent is free", "无空闲坐席"},
	models.GatePrediction:  {"one more answer would find no agent too often", "再多拨一通，接通后无坐席的概率过高"},
	models.GateLeftAlone:   {"answered and was left alone a short while ago", "近期接听后无坐席接待，暂不重呼"},
	models.GateGuarantee:   {"the abandonment limit allows no more calls than agents", "为保证呼损率上限，暂不多于坐席数拨号"},
}

// gate says a gate in the user's language.
func (a *app) gate(g models.Gate) string {
	if text, ok := gates[g]; ok {
		return a.t(text[0], text[1])
	}
	return string(g)
}
