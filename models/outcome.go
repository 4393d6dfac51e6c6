package models

// Outcome is how an attempt ended, in the product's own words (spec table 2.4). Raw causes are kept beside it.
type Outcome string

// Every outcome an attempt may end with.
const (
	OutcomeNone          Outcome = ""               // not ended yet
	OutcomeAnswered      Outcome = "answered"       // 已应答
	OutcomeBusy          Outcome = "busy"           // 用户忙/忙线
	OutcomeNoAnswer      Outcome = "no_answer"      // 振铃无人接听
	OutcomeUnreachable   Outcome = "unreachable"    // 无法接通/不在服务区
	OutcomePoweredOff    Outcome = "powered_off"    // 关机
	OutcomeRejected      Outcome = "rejected"       // 拒接
	OutcomeUnwanted      Outcome = "unwanted"       // 用户标记骚扰
	OutcomeInvalidNumber Outcome = "invalid_number" // 空号
	OutcomeNumberChanged Outcome = "number_changed" // 号码已改
	OutcomeBadFormat     Outcome = "bad_format"     // 号码格式错误
	OutcomeSuspended     Outcome = "suspended"      // 停机/故障
	OutcomeNoRoute       Outcome = "no_route"       // 无路由
	OutcomeOwnBarred     Outcome = "own_barred"     // 主叫受限/欠费
	OutcomeCongestion    Outcome = "congestion"     // 线路拥塞
	OutcomeNetworkError  Outcome = "network_error"  // 网络故障
	OutcomeTimeout       Outcome = "timeout"        // 超时
	OutcomeMediaError    Outcome = "media_error"    // 编码不兼容
	OutcomeGatewayDown   Outcome = "gateway_down"   // 中继不可用
	OutcomeNotConnected  Outcome = "not_connected"  // 未接通 (announcement before the answer, not classified)
	OutcomeOtherFailure  Outcome = "other_failure"  // 其他未接通
)

// Outcomes lists every final outcome, in the order in which reports show them.
var Outcomes = []Outcome{
	OutcomeAnswered, OutcomeBusy, OutcomeNoAnswer, OutcomeUnreachable, OutcomePoweredOff, OutcomeRejected,
	OutcomeUnwanted, OutcomeInvalidNumber, OutcomeNumberChanged, OutcomeBadFormat, OutcomeSuspended,
	OutcomeNoRoute, OutcomeOwnBarred, OutcomeCongestion, OutcomeNetworkError, OutcomeTimeout,
	OutcomeMediaError, OutcomeGatewayDown, OutcomeNotConnected, OutcomeOtherFailure,
}

// Sub tells answered calls apart.
type Sub string

// What became of an answered call.
const (
	SubNone          Sub = ""
	SubIVROnly       Sub = "ivr_only" // heard the voice, pressed nothing
	SubKey           Sub = "key"      // pressed a key
	SubAgent         Sub = "agent"    // talked to an agent
	SubAbandoned     Sub = "abandoned"
	SubMachine       Sub = "machine"
	SubFax           Sub = "fax"
	SubEarlyHangup   Sub = "customer_hangup_early"
	SubOverflow      Sub = "overflow"  // waited in the queue until its overflow
	SubOptedOut      Sub = "opted_out" // pressed the opt-out key
	SubLostMidCall   Sub = "lost"      // the switch was lost after the answer; its end is not known
	SubPlayedToEnd   Sub = "played"    // voice_only: heard every play to its end
	SubHungUpPlaying Sub = "hung_up_playing"
)

// WhoHungUp says which side ended an attempt.
type WhoHungUp string

// The sides that may end a call.
const (
	HangupUnknown WhoHungUp = ""
	HangupCallee  WhoHungUp = "callee"
	HangupWaihu   WhoHungUp = "waihu" // our dialplan, a limit or a command of ours
	HangupSwitch  WhoHungUp = "switch"
)

// Causes of our own, for attempts whose end the switch could not tell us. They stand where FreeSWITCH's
// Hangup-Cause would.
const (
	CauseLost          = "WAIHU_LOST"           // no channel, no call record: fate unknown, counts as dialled (I6)
	CauseSkipped       = "WAIHU_SKIPPED"        // an agent looked at the number and skipped it; it was not dialled
	CauseSwitchRestart = "WAIHU_SWITCH_RESTART" // the switch restarted and left no call record
)
