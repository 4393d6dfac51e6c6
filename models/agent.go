package models

import "time"

// Extension is a SIP device that registers with the switch (分机).
type Extension struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	Number         string    `json:"number"` // SIP user, [A-Za-z0-9_-]{1,32}; unique
	Name           string    `json:"name"`   // whose or which device it is
	Password       string    `json:"-"`      // SIP secret, made by us; shown on the settings sheet only
	AutoAnswer     bool      `json:"auto_answer"`
	Version        int64     `json:"version"`
	CreatedAt      time.Time `json:"created_at"`
}

// Reach is how an agent's phone is reached (spec E-5).
type Reach string

// The ways to an agent's phone.
const (
	ReachRing       Reach = "ring"        // 振铃: the phone rings for each call; cannot keep a connect limit of 2 s
	ReachAutoAnswer Reach = "auto_answer" // 自动应答: the phone answers by itself (Call-Info: answer-after=0)
	ReachNailedUp   Reach = "nailed_up"   // 长连/不挂机: the leg stays connected between calls, a bridge takes one command
)

// Agent serves customers (坐席/客服). It is bound to one extension at a time, or to an external number.
type Agent struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	UserID         int64     `json:"user_id"`         // its log-in, 0 = none
	StaffNumber    string    `json:"staff_number"`    // 工号, digits; unique; never changes (S1-40)
	Name           string    `json:"name"`            //
	ExtensionID    int64     `json:"extension_id"`    // 0 = none
	ExternalNumber string    `json:"external_number"` // E.164 of a mobile or landline agent (移动/远端客服), "" = none
	Reach          Reach     `json:"reach"`           //
	Recording      bool      `json:"recording"`       // the administrator allows recording (S1-53)
	Disabled       bool      `json:"disabled"`        //
	Version        int64     `json:"version"`
	CreatedAt      time.Time `json:"created_at"`
}

// AgentState is what an agent is doing.
type AgentState string

// The states of an agent.
const (
	AgentOffline  AgentState = "offline"  // 未签入
	AgentIdle     AgentState = "idle"     // 空闲/示闲
	AgentReserved AgentState = "reserved" // 预占: a call that is being dialled has this agent
	AgentRinging  AgentState = "ringing"  // 振铃: the phone is being called, or the bridge is on its way
	AgentTalking  AgentState = "talking"  // 通话
	AgentHold     AgentState = "hold"     // 保持: the customer is on hold, or listens to music during a consultation
	AgentWrapUp   AgentState = "wrap_up"  // 话后整理
	AgentBusy     AgentState = "busy"     // 示忙, with a reason
)

// AgentStates lists them in the order in which reports show them.
var AgentStates = []AgentState{AgentOffline, AgentIdle, AgentReserved, AgentRinging, AgentTalking, AgentHold, AgentWrapUp, AgentBusy}

// Reasons of AgentBusy and AgentOffline that Waihu sets by itself; people choose others by name.
const (
	BusyMissed      = "missed_calls"  // did not answer several offers in a row
	BusyPhone       = "phone_offline" // the phone is not registered, or its leg is gone
	BusyForced      = "forced"        // a team leader said so
	OfflineForced   = "forced"        // signed out by a team leader
	OfflineRestart  = "restart"       // the daemon started anew and the agent did not come back
	OfflineDisabled = "disabled"      // the administrator disabled or deleted the agent
)

// StateChange is one line of an agent's history.
type StateChange struct {
	ID             int64      `json:"id"`
	OrganizationID int64      `json:"organization_id"`
	AgentID        int64      `json:"agent_id"`
	At             time.Time  `json:"at"`
	State          AgentState `json:"state"`
	Reason         string     `json:"reason"`  // of busy and offline
	Cause          string     `json:"cause"`   // what made it change: sign_in, offer, answer, hangup, wrap_up_over, user, team_leader, missed, phone, daemon
	CallID         string     `json:"call_id"` // attempt
	QueueID        int64      `json:"queue_id"`
}

// LegKind is what a leg is in its call (S2-26).
type LegKind string

// The kinds of legs.
const (
	LegMain     LegKind = "main"      // 主话单: the call as a whole
	LegOutbound LegKind = "outbound"  // 呼出: towards the customer
	LegInbound  LegKind = "inbound"   // 呼入: from the customer
	LegAgent    LegKind = "agent"     // 坐席
	LegConsult  LegKind = "consult"   // 咨询
	LegThreeWay LegKind = "three_way" // 三方
)

// Leg is one party's part in a call.
type Leg struct {
	ID             string     `json:"id"` // channel, or a part of one: a nailed-up phone has one leg per call
	CallID         string     `json:"call_id"`
	OrganizationID int64      `json:"organization_id"`
	Kind           LegKind    `json:"kind"`
	AgentID        int64      `json:"agent_id"`
	QueueID        int64      `json:"queue_id"`
	Number         string     `json:"number"` // E.164, or the extension
	StartedAt      time.Time  `json:"started_at"`
	AnsweredAt     *time.Time `json:"answered_at"`
	EndedAt        *time.Time `json:"ended_at"`
	Cause          string     `json:"cause"`
}

// AgentSession is what a restart of the daemon has to know of an agent: one row for each.
type AgentSession struct {
	AgentID        int64
	OrganizationID int64
	State          AgentState
	Reason         string
	Since          time.Time
	Queues         []int64 // signed in
	Leg            string  // channel to the phone: nailed-up, or of the call; "" = none
	CallID         string
}
