// Package models holds the words of the trade: plain structs and enumerations that every other package shares.
//
// It does no I/O, reads no clock and knows no database, no HTTP and no switch. It owns the names: each
// word below is the same in Go, SQL, JSON, logs, on the screen and in the documents.
//
// # Glossary (术语)
//
//	Organization  机构/企业, 子机构   owner of data; a tree
//	User          账户               somebody who logs in
//	Campaign      外呼任务/群呼项目    numbers to call, what they hear, when and how often
//	CampaignMode  语音呼叫方式        voice_only, voice_key, direct_agent
//	ContactList   被叫文件/名单       a file of numbers with up to ten columns
//	Contact       客户               one row of a list: a person and a number
//	Lead          名单条目           a contact's number in one campaign: what is to be called
//	Attempt       拨打/呼叫尝试       one origination for one number
//	Outcome       系统呼叫结果        how an attempt ended (spec table 2.4)
//	Cause         挂机原因           the switch's word for it, kept raw
//	CallerNumber  去电号码/主叫       the number that the callee's phone shows (CLI)
//	VoiceFile     语音文件           what is played
//	Approval      审核               pending, approved, rejected
//	Blacklist     黑名单             numbers never to be called
//	Trunk         中继/线路/网关      a gateway of the switch with its limits
//	RetryRule     重呼规则           whether, when and how often an outcome is dialled again
//	Window        呼叫时段           hours of a weekday in which calls are allowed
//	Extension     分机               a SIP device that registers with the switch
//	Agent         坐席/客服           serves customers; has a staff number (工号)
//	Queue         接听组/坐席组       a group of agents and the calls that wait for them
//	QueueMember   组成员             an agent in a queue, with its priority
//	TeamLeader    班长               a user who steers the queues that he was given
//	AgentState    坐席状态           offline, idle, reserved, ringing, talking, hold, wrap_up, busy
//	Preview       预览               a number that an agent looks at before it is called; manual: he fetched it (取号)
//	SignIn        签入               an agent takes calls of a queue
//	WrapUp        话后整理           after-call work
//	Reach         接通方式           how an agent's phone is reached; nailed_up = 长连
//	Leg           话路               one party's part in a call
//	Abandoned     呼损/放弃           answered, and no agent within the connect limit
//	Recording     录音               a file with one call
//	Listen, Whisper, Barge, TakeOver, ForceDrop  监听, 耳语, 强插, 拦截, 强拆
//	IVRFlow       语音流程           what a caller hears and may press
//	FlowNode      流程节点           one step of a flow
//	InboundRoute  呼入路由           what becomes of calls to one number (DNIS)
//	Gate          未呼原因           why something is not dialled (now)
//	CPS           每秒呼叫数          calls per second
//	Step          流程步骤           how far the callee got in the dialplan (waihu_step)
//	Key           按键               a DTMF digit and when it was pressed
//
// # Units
//
// Durations that people set are whole seconds (…Seconds), measured ones milliseconds (…MS). Times are
// time.Time in UTC; times that the switch states are kept to the microsecond. Numbers are E.164 with a
// leading plus (+8613800138000).
package models
