package models

// Steps of the generated dialplan (variable waihu_step) that the daemon acts on; dialplan has the rest.
const (
	StepQueueAnnounce = "queue_announce" // a call has come to a queue
	StepQueueWait     = "queue_wait"     // music
	StepOverflow      = "overflow"       // waited in vain
	StepConnecting    = "connecting"     // direct_agent: the dialplan waits for the bridge
	StepLate          = "late"           // direct_agent: no agent within the connect limit
	StepBridgeFailed  = "bridge_failed"  // the agent's leg was gone; the call goes back to where it waited
	StepAfter         = "after"          // the conversation is over
)
