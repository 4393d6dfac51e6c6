package models

import "time"

// CampaignMode is the way of calling (语音呼叫方式, S1-27).
type CampaignMode string

// The modes of a campaign.
const (
	ModeVoiceOnly   CampaignMode = "voice_only"   // 纯语音播放
	ModeVoiceKey    CampaignMode = "voice_key"    // 语音+按键转人工
	ModeDirectAgent CampaignMode = "direct_agent" // 直接转人工
)

// CampaignState is where a campaign stands.
type CampaignState string

// The states of a campaign. Draft, Running, Paused and Finished are the usual way; Stopping lets calls end.
const (
	CampaignDraft    CampaignState = "draft"
	CampaignWaiting  CampaignState = "waiting_approval" // 等待审核
	CampaignReady    CampaignState = "ready"
	CampaignRunning  CampaignState = "running"
	CampaignPaused   CampaignState = "paused"
	CampaignStopping CampaignState = "stopping" // no new calls, those in progress end by themselves (drain)
	CampaignStopped  CampaignState = "stopped"
	CampaignFinished CampaignState = "finished" // every lead has its final outcome
)

// Limits that a campaign's settings must respect.
const (
	MaxConcurrency     = 999 // S1-32; 0 means no limit
	DefaultRingSeconds = 45  // S1-33
	MinRingSeconds     = 5   // anything shorter rings nowhere; rule packs demand 15
	MaxRingSeconds     = 120
	MaxPlayCount       = 99
	MaxColumns         = 10 // S1-24
	MaxRatio           = 10 // lines per idle agent
)

// Campaign is one mass call (群呼任务).
type Campaign struct {
	ID             int64         `json:"id"`
	OrganizationID int64         `json:"organization_id"`
	Name           string        `json:"name"`
	Mode           CampaignMode  `json:"mode"`
	State          CampaignState `json:"state"`
	StateReason    string        `json:"state_reason"`    // a Gate or a person's words
	ContactListID  int64         `json:"contact_list_id"` // 被叫文件
	VoiceFileID    int64         `json:"voice_file_id"`   // 语音文件
	QueueID        int64         `json:"queue_id"`        // 接听组, 0 = none
	Purpose        string        `json:"purpose"`         // notice | marketing | …, for rule packs

	MaxConcurrency int    `json:"max_concurrency"` // 最大并发数, 0 = no limit
	RingSeconds    int    `json:"ring_seconds"`    // 振铃秒数
	PlayCount      int    `json:"play_count"`      // 语音播放次数
	ExtraSeconds   int    `json:"extra_seconds"`   // 超时: seconds added to plays × duration (S1-35)
	AgentKey       string `json:"agent_key"`       // key that leads to the queue, "" = none
	OptOutKey      string `json:"opt_out_key"`     // key that puts the number on the blacklist, "" = none
	KeySeconds     int    `json:"key_seconds"`     // how long a key is waited for after each play

	Rules     Rules             `json:"rules"`
	TrunkIDs  []int64           `json:"trunk_ids"`
	CallerIDs []int64           `json:"caller_ids"` // caller numbers, used in turn (去电显示号码)
	Keys      map[string]string `json:"keys"`       // what keys 0-9*# mean to the people who read results, "1" → "有意向"

	Version    int64      `json:"version"` // for If-Match
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Rules say when and how often numbers may be called. They are stored with the campaign as they were when it started.
type Rules struct {
	Pack          string      `json:"pack"`            // none | CN | US | UK
	Windows       []Window    `json:"windows"`         // empty = at any time
	Holidays      []string    `json:"holidays"`        // dates YYYY-MM-DD in the callee's zone, no calls
	NumberZone    bool        `json:"number_zone"`     // windows are read in the number's own zone, else in Zone
	Zone          string      `json:"zone"`            // IANA name, Asia/Shanghai
	Retries       int         `json:"retries"`         // dials after the first one, over all outcomes
	RetryRules    []RetryRule `json:"retry_rules"`     // per outcome
	PerNumberDay  int         `json:"per_number_day"`  // attempts per number and local day over all campaigns, 0 = no limit
	MinGapSeconds int         `json:"min_gap_seconds"` // least time between two attempts to a number
	// Ratio is lines per idle agent for a campaign straight to agents (呼叫比率, S1-20), at most MaxRatio; 0 = one call for each
	// agent, who is kept for it, so that nobody who answers is left alone.
	Ratio  float64 `json:"ratio"`
	Pacing Pacing  `json:"pacing"` // of a campaign straight to agents
}

// Window is one span of hours on one weekday. Spans of a day must not overlap; a span never crosses midnight.
type Window struct {
	Weekday time.Weekday `json:"weekday"` // 0 = Sunday
	From    int          `json:"from"`    // minutes after midnight, inclusive
	To      int          `json:"to"`      // minutes after midnight, exclusive, ≤ 1440
}

// RetryRule says what follows an outcome. An outcome without a rule is final.
type RetryRule struct {
	Outcome      Outcome `json:"outcome"`
	Times        int     `json:"times"`         // how often this outcome may be followed by another dial
	DelaySeconds int     `json:"delay_seconds"` // from the end of the attempt
	Factor       float64 `json:"factor"`        // delay grows by this each time, 1 = stays
	Free         bool    `json:"free"`          // the trunk's fault: does not use up Retries while another trunk is left to try
}

// Trunk is a gateway of the switch and what it bears (中继).
type Trunk struct {
	ID             int64        `json:"id"`
	OrganizationID int64        `json:"organization_id"` // 0 = shared
	Name           string       `json:"name"`            // [A-Za-z0-9_-]{1,32}; unique
	Gateway        string       `json:"gateway"`         // sofia gateway name, [A-Za-z0-9_-]{1,32}; "loopback" is not allowed
	DialPrefix     string       `json:"dial_prefix"`     // digits put before the number
	NumberFormat   NumberFormat `json:"number_format"`
	Lines          int          `json:"lines"`      // calls at once, 0 = no limit
	HandLines      int          `json:"hand_lines"` // lines that are left free for people who dial by hand
	CPS            float64      `json:"cps"`        // calls per second, 0 = only the total limit
	Allow400       bool         `json:"allow_400"`  // 400 numbers may be shown (S1-23)
	Paused         bool         `json:"paused"`
	PausedReason   string       `json:"paused_reason"`
	PausedUntil    *time.Time   `json:"paused_until"`
	Version        int64        `json:"version"` // of the settings, from 1; a pause does not count
}

// NumberFormat is how a trunk wants the called number written.
type NumberFormat string

// Formats of called numbers for +8613800138000 and +8675512345678.
const (
	FormatNational NumberFormat = "national" // 13800138000, 075512345678 (default in China)
	FormatE164     NumberFormat = "e164"     // 8613800138000, without plus
	FormatPlus     NumberFormat = "plus"     // +8613800138000
)

// CallerNumber is a number shown to callees (去电号码, S1-23): area code and number without "-", a mobile or a 400 number.
type CallerNumber struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	Number         string    `json:"number"` // as it is sent: 075512345678
	Kind           string    `json:"kind"`   // fixed | mobile | 400 | short
	Approval       Approval  `json:"approval"`
	Reason         string    `json:"reason"`      // of a rejection
	UploadedBy     string    `json:"uploaded_by"` // log-in, "" = at the shell, or before this was noted
	CreatedAt      time.Time `json:"created_at"`
}

// Approval is the administrator's word on an upload (审核, S1-22).
type Approval string

// The states of an approval.
const (
	ApprovalPending  Approval = "pending"
	ApprovalApproved Approval = "approved"
	ApprovalRejected Approval = "rejected"
)

// VoiceFile is an announcement (语音文件, S1-21). The original is kept; what is played is 8 kHz 16-bit mono WAV.
type VoiceFile struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	Name           string    `json:"name"`
	OriginalName   string    `json:"original_name"`
	OriginalPath   string    `json:"-"` // below the data folder, made by us
	WavPath        string    `json:"-"` // below the sounds folder, made by us
	SHA256         string    `json:"sha256"`
	Format         string    `json:"format"` // wav | mp3, by content
	DurationMS     int64     `json:"duration_ms"`
	Approval       Approval  `json:"approval"`
	Reason         string    `json:"reason"`      // of a rejection
	UploadedBy     string    `json:"uploaded_by"` // log-in, "" = at the shell, or before this was noted
	CreatedAt      time.Time `json:"created_at"`
}
