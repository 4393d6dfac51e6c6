package models

import "time"

// FlowNodeKind is what a node of an IVR flow does.
type FlowNodeKind string

// The kinds of nodes.
const (
	NodePlay      FlowNodeKind = "play"       // 播放
	NodeMenu      FlowNodeKind = "menu"       // 按键菜单: a digit leads to a node
	NodeCollect   FlowNodeKind = "collect"    // 收集数字 into a variable
	NodeRecord    FlowNodeKind = "record"     // 录制留言
	NodeRate      FlowNodeKind = "rate"       // 满意度评分, 1 to 5
	NodeOptOut    FlowNodeKind = "opt_out"    // 退订: the caller's number goes to the blacklist
	NodeSetResult FlowNodeKind = "set_result" // 设置结果
	NodeQueue     FlowNodeKind = "queue"      // 转接听组
	NodeTransfer  FlowNodeKind = "transfer"   // 转接 to a number or another flow
	NodeHangUp    FlowNodeKind = "hang_up"    // 挂断
)

// FlowNodeKinds lists them in the order in which the editor offers them.
var FlowNodeKinds = []FlowNodeKind{NodePlay, NodeMenu, NodeCollect, NodeRecord, NodeRate, NodeOptOut, NodeSetResult, NodeQueue, NodeTransfer, NodeHangUp}

// FlowTargetKind is where a transfer node leads.
type FlowTargetKind string

// The targets of a transfer node.
const (
	FlowToNumber FlowTargetKind = "number" // an outside number over a trunk
	FlowToFlow   FlowTargetKind = "flow"   // the beginning of another flow
)

// Limits of a flow.
const (
	MaxFlowNodes       = 200
	MaxFlowTries       = 9
	MaxFlowKeySeconds  = 60
	MaxFlowDigits      = 32
	MaxMessageSeconds  = 600
	MaxFlowResultRunes = 40
	MaxFlowNameRunes   = 60
)

// FlowKey says where a key of a menu leads.
type FlowKey struct {
	Key  string `json:"key"`  // one of 0-9 * #
	Next string `json:"next"` // node, "" = hang up
}

// FlowNode is one step of a flow. Fields that its kind does not use are empty.
type FlowNode struct {
	ID                 string         `json:"id"`            // [a-z0-9]{1,16}, unique in the flow
	Kind               FlowNodeKind   `json:"kind"`          //
	Name               string         `json:"name"`          // what people call it, may be empty
	VoiceFileID        int64          `json:"voice_file_id"` // played first; a must for play, menu, collect and rate
	Next               string         `json:"next"`          // node that follows, "" = hang up
	Keys               []FlowKey      `json:"keys"`          // menu
	InvalidVoiceFileID int64          `json:"invalid_voice_file_id"`
	OnFail             string         `json:"on_fail"` // menu, collect, rate: node after the last try without a valid input; "" = hang up
	Tries              int            `json:"tries"`   // menu, collect, rate: how often it is asked, 1 to 9
	Seconds            int            `json:"seconds"` // menu, collect, rate: wait for a key; record: longest message
	MinDigits          int            `json:"min_digits"`
	MaxDigits          int            `json:"max_digits"`
	Variable           string         `json:"variable"`  // collect: [a-z][a-z0-9_]{0,30}
	Result             string         `json:"result"`    // set_result
	QueueID            int64          `json:"queue_id"`  // queue
	To                 FlowTargetKind `json:"to"`        // transfer
	TargetID           int64          `json:"target_id"` // transfer to a flow
	Number             string         `json:"number"`    // transfer to a number, E.164
	TrunkID            int64          `json:"trunk_id"`  // over which it is called
}

// IVRFlow is what a caller hears and may press (语音流程). It begins with the first node.
type IVRFlow struct {
	ID             int64      `json:"id"`
	OrganizationID int64      `json:"organization_id"`
	Name           string     `json:"name"` // unique in the organization
	Nodes          []FlowNode `json:"nodes"`
	Version        int64      `json:"version"`
	CreatedAt      time.Time  `json:"created_at"`
}

// FlowStep is a step that a call took in a flow, and the key or value that was given there.
type FlowStep struct {
	CallID string    `json:"call_id"` // channel of the caller: the attempt
	At     time.Time `json:"at"`      // the switch's clock
	FlowID int64     `json:"flow_id"`
	Node   string    `json:"node"`
	Step   string    `json:"step"`  // ivr_play, ivr_key, …
	Value  string    `json:"value"` // key, digits, rating, result
}

// RouteKind is what an inbound route does with a call.
type RouteKind string

// The kinds of targets of a route.
const (
	RouteFlow   RouteKind = "flow"
	RouteQueue  RouteKind = "queue"
	RouteHangUp RouteKind = "hang_up" // after a message, if there is one
)

// RouteTarget is where a route leads.
type RouteTarget struct {
	Kind        RouteKind `json:"kind"`
	FlowID      int64     `json:"flow_id"`
	QueueID     int64     `json:"queue_id"`
	VoiceFileID int64     `json:"voice_file_id"` // message before the hang-up, 0 = none
}

// InboundRoute says what becomes of calls to one number (呼入路由, S1-15).
type InboundRoute struct {
	ID             int64       `json:"id"`
	OrganizationID int64       `json:"organization_id"`
	Name           string      `json:"name"`
	Number         string      `json:"number"` // DNIS, digits as the trunk delivers them; unique
	Target         RouteTarget `json:"target"`
	Zone           string      `json:"zone"`     // IANA name, in which windows and holidays are read
	Windows        []Window    `json:"windows"`  // empty = always open
	Holidays       []string    `json:"holidays"` // dates YYYY-MM-DD, closed all day
	Closed         RouteTarget `json:"closed"`   // out of hours
	Disabled       bool        `json:"disabled"` // calls are refused as if the number did not exist
	Version        int64       `json:"version"`
	CreatedAt      time.Time   `json:"created_at"`
}
