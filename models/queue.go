package models

import "time"

// Strategy is the order in which the agents of a queue are offered a call (客服接听方式, A-3). Priority is a tier above it:
// the smaller number first.
type Strategy string

// The strategies of a queue.
const (
	StrategyRingAll       Strategy = "ring_all"       // 全部呼叫/群振
	StrategyMemory        Strategy = "memory"         // 记忆呼叫/轮循: the agent after the one who was called last
	StrategyRandom        Strategy = "random"         // 随机呼叫
	StrategyFewestCalls   Strategy = "fewest_calls"   // 最少接听
	StrategyPriorityFirst Strategy = "priority_first" // 最优先接听: always the first of the tier, by staff number
	StrategyLongestIdle   Strategy = "longest_idle"   // 最长空闲
)

// Strategies lists them in the order in which forms offer them.
var Strategies = []Strategy{StrategyLongestIdle, StrategyMemory, StrategyRandom, StrategyFewestCalls, StrategyPriorityFirst, StrategyRingAll}

// OverflowKind is what becomes of a caller who waited in vain.
type OverflowKind string

// The kinds of overflow.
const (
	OverflowHangUp    OverflowKind = "hang_up"   // the apology, then the end
	OverflowQueue     OverflowKind = "queue"     // another queue
	OverflowNumber    OverflowKind = "number"    // an outside number over a trunk
	OverflowVoicemail OverflowKind = "voicemail" // 语音留言
)

// Overflow says where callers go who waited in vain. A voice file is played first, if there is one.
type Overflow struct {
	Kind        OverflowKind `json:"kind"`
	QueueID     int64        `json:"queue_id"`
	Number      string       `json:"number"`        // E.164
	TrunkID     int64        `json:"trunk_id"`      // over which Number is called
	VoiceFileID int64        `json:"voice_file_id"` // apology, 0 = none
}

// Limits of a queue's settings, seconds unless they say otherwise.
const (
	MaxWrapUpSeconds  = 3600
	MaxWaitSeconds    = 3600
	MaxMissedOffers   = 20
	MinAgentRing      = 3
	MaxAgentRing      = 120
	MaxQueueMembers   = 2000
	MaxQueueNameRunes = 60
)

// Queue is a group of agents and the calls that wait for them (接听组/坐席组).
type Queue struct {
	ID                  int64     `json:"id"`
	OrganizationID      int64     `json:"organization_id"` // 接听组归属
	Name                string    `json:"name"`            // in any script
	Strategy            Strategy  `json:"strategy"`
	MobileAgents        bool      `json:"mobile_agents"`         // 移动客服: external numbers may be agents (S1-43)
	AnnounceStaff       bool      `json:"announce_staff"`        // 播放工号 (S1-44)
	StaffPattern        string    `json:"staff_pattern"`         // "" = the agent's own number; "8?" = 8 and random digits (S1-45, A-5)
	StaffDigits         int       `json:"staff_digits"`          // 3 or 4, length of the random number
	PreferLastAgent     bool      `json:"prefer_last_agent"`     // 优先客服 (S1-46)
	RingSeconds         int       `json:"ring_seconds"`          // how long an agent's phone rings
	WrapUpSeconds       int       `json:"wrap_up_seconds"`       // 话后整理; 0 = idle at once
	MaxMissed           int       `json:"max_missed"`            // unanswered offers in a row before the agent is set busy
	MusicVoiceID        int64     `json:"music_voice_id"`        // 0 = the switch's music on hold
	AnnouncementVoiceID int64     `json:"announcement_voice_id"` // played first, 0 = none
	ComfortVoiceID      int64     `json:"comfort_voice_id"`      // played every ComfortSeconds, 0 = none
	ComfortSeconds      int       `json:"comfort_seconds"`
	AnnouncePosition    bool      `json:"announce_position"`
	AnnounceWait        bool      `json:"announce_wait"`
	MaxWaitSeconds      int       `json:"max_wait_seconds"`
	Overflow            Overflow  `json:"overflow"`
	Record              bool      `json:"record"`                // record calls of agents who may be recorded
	ServiceLevelSeconds int       `json:"service_level_seconds"` // answered within so many seconds counts as in time
	ConnectMS           int       `json:"connect_ms"`            // connect limit of direct_agent campaigns, default 2000
	Version             int64     `json:"version"`
	CreatedAt           time.Time `json:"created_at"`
}

// QueueMember is an agent in a queue.
type QueueMember struct {
	QueueID  int64 `json:"queue_id"`
	AgentID  int64 `json:"agent_id"`
	Active   bool  `json:"active"`   // 使用状态
	Priority int   `json:"priority"` // 1 to 9, the smaller the sooner (S1-48)
}

// QueueLeader lets a user of role team_leader steer a queue and its agents (班长, A-6).
type QueueLeader struct {
	QueueID int64 `json:"queue_id"`
	UserID  int64 `json:"user_id"`
}
