package floor

import (
	"time"

	"waihu/models"
)

// Effect is something for the edge to do. Effects are imperatives; they are carried out in the order in which they were given,
// except that commands to the switch about live people never wait for the database.
type Effect interface{ effect() }

// Reserve asks the database for attempts. The answer is Floor.Reserved.
type Reserve struct {
	Campaign models.Campaign
	Limit    int
}

// Dial writes attempts down as sent and then, only if that was saved, originates them in this order. The answers are
// Floor.Sent and, if the switch was not reached, Floor.NotSent.
type Dial struct {
	Campaign models.Campaign
	Sends    []models.Send
}

// Release gives reserved attempts back: they were not and will not be dialled. The answer is Floor.Released.
type Release struct {
	CampaignID int64
	AttemptIDs []string
	WasSent    bool // they may be written down as sent, but the switch certainly never heard of them
}

// MarkAnswered saves the moment of an answer, so that a crash does not lose it.
type MarkAnswered struct {
	AttemptID string
	At        time.Time
}

// Finish closes an attempt. The answer is Floor.Saved.
type Finish struct{ models.Finish }

// Kill hangs a call up.
type Kill struct {
	AttemptID string
	Cause     string
}

// LookUp asks the switch's call records how a call ended. The answer is Floor.Heard with call.Recorded, or Floor.NoRecord.
type LookUp struct{ AttemptID string }

// SetState changes a campaign's state in the database, if it is still one of From.
type SetState struct {
	CampaignID int64
	From       []models.CampaignState
	To         models.CampaignState
	Reason     string
}

// PauseTrunk takes a trunk out of use for a while, with an alarm.
type PauseTrunk struct {
	TrunkID int64
	Until   time.Time
	Reason  models.Outcome
}

func (Reserve) effect()      {}
func (Dial) effect()         {}
func (Release) effect()      {}
func (MarkAnswered) effect() {}
func (Finish) effect()       {}
func (Kill) effect()         {}
func (LookUp) effect()       {}
func (SetState) effect()     {}
func (PauseTrunk) effect()   {}
