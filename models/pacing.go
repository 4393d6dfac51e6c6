package models

import "time"

// Pacing is how a campaign straight to agents is dialled (spec issue 5). The zero value is what campaigns had before: by
// Rules.Ratio alone, 0 = progressive, else the ratio without an abandonment limit.
type Pacing struct {
	Mode           PacingMode      `json:"mode"`            // "" = by Rules.Ratio
	Guarantee      GuaranteeKind   `json:"guarantee"`       // "" = hard
	AbandonLimit   float64         `json:"abandon_limit"`   // ρ, the most abandoned by live answers: 0.03
	ConnectSeconds float64         `json:"connect_seconds"` // how long an answer may wait for an agent; 0 = as the rule pack says
	Window         GuaranteeWindow `json:"window"`          // over which the limit is kept; "" = campaign
	GainSlices     bool            `json:"gain_slices"`     // predictive: slices of progressive dialling show what it is worth
	PreviewSeconds int             `json:"preview_seconds"` // preview and manual: how long an agent may look at a number; 0 = no limit
	PreviewThen    PreviewThen     `json:"preview_then"`    // what follows; "" = skip
}

// PreviewThen is what becomes of a number that an agent has looked at for long enough.
type PreviewThen string

// What may follow.
const (
	PreviewSkip PreviewThen = "skip" // it goes back to the list for a while
	PreviewCall PreviewThen = "call" // it is called as if he had said so
)

// MaxPreviewSeconds is the longest time that can be set for looking at a number.
const MaxPreviewSeconds = 600

// PacingMode says how many calls a campaign with agents starts.
type PacingMode string

// The modes of pacing.
const (
	PaceManual      PacingMode = "manual"      // 手动: an agent fetches a number (取号), looks at it and has it called
	PacePreview     PacingMode = "preview"     // 预览: an idle agent is shown the next number and has it called
	PaceProgressive PacingMode = "progressive" // one call for each agent, who is kept for it
	PaceRatio       PacingMode = "ratio"       // lines = ratio × idle agents (S1-20)
	PacePredictive  PacingMode = "predictive"
)

// GuaranteeKind is how the abandonment limit is kept, whatever the estimate says.
type GuaranteeKind string

// The strengths of the guarantee.
const (
	GuaranteeHard GuaranteeKind = "hard" // every call in flight without an agent is taken as answered
	GuaranteeRisk GuaranteeKind = "risk" // so many of them are answered at most, but for a probability of 10⁻⁴
	GuaranteeOff  GuaranteeKind = "off"
)

// GuaranteeWindow is the fixed span of time over which abandonments are counted.
type GuaranteeWindow string

// The windows. A day is a calendar day in the zone of the rules; 30 days are successive periods from the campaign's start.
const (
	WindowCampaign GuaranteeWindow = "campaign"
	WindowDay      GuaranteeWindow = "day"
	Window30Days   GuaranteeWindow = "30d"
)

// ByHand reports whether agents say which number is called, and when.
func (p Pacing) ByHand() bool { return p.Mode == PaceManual || p.Mode == PacePreview }

// Set reports whether the campaign has pacing of its own.
func (p Pacing) Set() bool { return p.Mode != "" }

// Guaranteed reports whether an abandonment limit is kept.
func (p Pacing) Guaranteed() bool { return p.Set() && !p.ByHand() && p.Guarantee != GuaranteeOff }

// WindowCounts are what happened in a window to live answers of a campaign.
type WindowCounts struct {
	Answered  int `json:"answered"`  // A: met an agent, or were abandoned
	Abandoned int `json:"abandoned"` // D
}

// PacingSample is one decision of a campaign's pacing, as it is kept: one in ten seconds, for thirty days.
type PacingSample struct {
	CampaignID int64     `json:"campaign_id"`
	At         time.Time `json:"at"`
	Idle       int       `json:"idle"`
	Busy       int       `json:"busy"` // agents who talk or wrap up
	Talk       int       `json:"talk"` // of them, those who talk
	Ringing    int       `json:"ringing"`
	Waiting    int       `json:"waiting"` // live answers without an agent
	Dialled    int       `json:"dialled"` // calls started since the sample before
	Why        string    `json:"why"`     // why not more
	Answered   int       `json:"answered"`
	Abandoned  int       `json:"abandoned"`
	Limit      float64   `json:"limit"` // ρ
	Bound      int       `json:"bound"` // most calls without an agent that the guarantee allows
	Overdial   int       `json:"overdial"`
	Covered    bool      `json:"covered"` // in a slice of progressive dialling, to measure what predictive dialling is worth
}
