package models

import "time"

// ContactList is an uploaded file of numbers (被叫文件).
type ContactList struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	Name           string    `json:"name"`
	FileName       string    `json:"file_name"`
	FileSHA256     string    `json:"file_sha256"`
	Columns        []string  `json:"columns"` // headings, ≤ 10
	NumberColumn   int       `json:"number_column"`
	State          ListState `json:"state"`
	Approval       Approval  `json:"approval"`
	Reason         string    `json:"reason"`      // of a rejection
	UploadedBy     string    `json:"uploaded_by"` // log-in, "" = at the shell, or before this was noted
	Rows           int64     `json:"rows"`        // rows read
	Valid          int64     `json:"valid"`
	Duplicates     int64     `json:"duplicates"`
	Blacklisted    int64     `json:"blacklisted"`
	Rejected       int64     `json:"rejected"`
	ResumeRow      int64     `json:"resume_row"` // rows safely stored; an import goes on from here
	CreatedAt      time.Time `json:"created_at"`
}

// ListState is how far an import is.
type ListState string

// The states of a list.
const (
	ListImporting ListState = "importing"
	ListReady     ListState = "ready"
	ListFailed    ListState = "failed"
)

// Contact is one row of a list: a person and the number to call.
type Contact struct {
	ID             int64    `json:"id"`
	OrganizationID int64    `json:"organization_id"`
	ListID         int64    `json:"list_id"`
	Row            int64    `json:"row"`    // line of the file, from 1
	Number         string   `json:"number"` // E.164
	Zone           string   `json:"zone"`   // IANA zone of the number
	Fields         []string `json:"fields"` // all columns as they stood in the file, ≤ 10
}

// LeadState is where a lead stands.
type LeadState string

// The states of a lead.
const (
	LeadDue      LeadState = "due"      // to be called at NextAt or later
	LeadReserved LeadState = "reserved" // an open attempt exists
	LeadDone     LeadState = "done"     // final outcome
	LeadSkipped  LeadState = "skipped"  // will not be called; Why says so
)

// Lead is what a campaign is to call.
type Lead struct {
	ID          int64     `json:"id"`
	CampaignID  int64     `json:"campaign_id"`
	ContactID   int64     `json:"contact_id"`
	Number      string    `json:"number"`
	Zone        string    `json:"zone"`
	State       LeadState `json:"state"`
	NextAt      time.Time `json:"next_at"`
	Why         Gate      `json:"why"`          // why it is not dialled now, if known
	Attempts    int       `json:"attempts"`     // dials placed
	Retries     int       `json:"retries"`      // counted retries used
	FreeRetries int       `json:"free_retries"` // retries that were the trunk's fault
	LastOutcome Outcome   `json:"last_outcome"`
	OutcomeRuns int       `json:"outcome_runs"` // how often LastOutcome came in a row
	LastAttempt string    `json:"last_attempt"`
}

// BlacklistEntry is a number, or a prefix, that must not be called (黑名单).
type BlacklistEntry struct {
	ID             int64      `json:"id"`
	OrganizationID int64      `json:"organization_id"` // 0 = for everybody
	Number         string     `json:"number"`          // E.164, or the beginning of one
	Prefix         bool       `json:"prefix"`
	Source         string     `json:"source"` // import | manual | key | sip_607 | agent | complaint | regulator
	Reason         string     `json:"reason"`
	Evidence       string     `json:"evidence"`   // attempt id
	ExpiresAt      *time.Time `json:"expires_at"` // nil = for ever
	CreatedBy      string     `json:"created_by"`
	CreatedAt      time.Time  `json:"created_at"`
}

// Gate is a reason not to dial, of a lead, a trunk or a whole campaign. "" means nothing is in the way.
type Gate string

// Every gate. Log, report, screen and test use the same word.
const (
	GateOpen         Gate = ""
	GateNotRunning   Gate = "campaign_not_running" // 任务未运行
	GateApproval     Gate = "waiting_approval"     // 等待审核
	GateWindow       Gate = "outside_window"       // 不在呼叫时段
	GateHoliday      Gate = "holiday"              // 节假日
	GateBlacklist    Gate = "blacklisted"          // 黑名单
	GateDayLimit     Gate = "day_limit"            // 当日呼叫次数已满
	GateMinGap       Gate = "min_gap"              // 两次呼叫间隔不足
	GateRetryDelay   Gate = "retry_later"          // 等待重呼时间
	GateInCall       Gate = "in_call"              // 号码正在呼叫中
	GateConcurrency  Gate = "max_concurrency"      // 已达最大并发
	GateLines        Gate = "trunk_lines"          // 中继线路已满
	GateCPS          Gate = "calls_per_second"     // 已达每秒呼叫数
	GateNoTrunk      Gate = "no_trunk"             // 无可用中继
	GateTrunkPaused  Gate = "trunk_paused"         // 中继暂停
	GateNoCaller     Gate = "no_caller_number"     // 无可用去电号码
	GateSwitchDown   Gate = "switch_down"          // 交换机不可用
	GateSwitchFull   Gate = "switch_full"          // 交换机繁忙, backing off
	GateDatabase     Gate = "database_down"        // 数据库不可用
	GateNoLease      Gate = "standby"              // 备用节点
	GateStopping     Gate = "shutting_down"        // 正在停机
	GateListEmpty    Gate = "no_leads_due"         // 暂无到期号码
	GateFinished     Gate = "finished"             // 已全部完成
	GateFinal        Gate = "final_outcome"        // 已有最终结果
	GateDialplan     Gate = "dialplan_not_live"    // 拨号方案未生效
	GateNotAllowed   Gate = "number_not_allowed"   // 号码类型不允许 (premium, emergency, abroad)
	GateNoFreeAgent  Gate = "no_agent"             // 无空闲坐席
	GatePrediction   Gate = "prediction"           // 再多拨则接通后无坐席的概率过高
	GateGuarantee    Gate = "guarantee"            // 保证呼损率上限
	GateLeftAlone    Gate = "left_alone"           // 近期接听后无坐席接待
	GateAgentDials   Gate = "agent_dials"          // 坐席自拨 (preview and manual)
	GateAgentSkipped Gate = "agent_skipped"        // 坐席已跳过
	GatePreviewOver  Gate = "preview_over"         // 坐席未在预览时限内处理
	GateAgentPhone   Gate = "agent_phone"          // 坐席话机未接通
	GateHandLines    Gate = "lines_by_hand"        // 其余中继线路留给人工拨号
	GateUnknownToday Gate = "unknown"
)
