package models

import "time"

// Page asks for a part of a list: at most Limit items (1 to 200) behind the cursor After, "" for the first part. A cursor
// is what the part before answered as the next one; nobody else makes or reads it.
type Page struct {
	After string
	Limit int
}

// CampaignQuery asks for campaigns, the newest first. Empty fields do not filter.
type CampaignQuery struct {
	OrganizationID int64 // always
	State          CampaignState
	Text           string // part of the name
	Page
}

// ListQuery asks for contact lists, the newest first.
type ListQuery struct {
	OrganizationID int64  // always
	Text           string // part of the name
	Page
}

// AttemptQuery asks for attempts, the newest first. Zero fields do not filter.
type AttemptQuery struct {
	OrganizationID int64 // always
	CampaignID     int64
	LeadID         int64
	AgentID        int64  // the last one who talked
	Number         string // E.164, or with a * at its end the beginning of one
	Outcome        Outcome
	Kind           AttemptKind
	From, To       time.Time // reserved at From or later and before To
	Sight          *Sight    // nil = all of the organization
	Page
}

// Words of ResultQuery.Key beside the keys themselves.
const (
	KeyNone = "none" // answered, no key pressed
	KeyAny  = "any"  // some key pressed
)

// ResultQuery asks for the results of a campaign in the order of its list. Empty fields do not filter.
type ResultQuery struct {
	CampaignID int64 // always
	Outcome    Outcome
	Sub        Sub
	Key        string // one of 0-9*#, KeyNone or KeyAny
	Text       string // part of the number or of a column
	Page
}

// DayCount is how many campaign attempts ended since a moment, and how many of them were answered.
type DayCount struct {
	Dialled  int64 `json:"dialled"`
	Answered int64 `json:"answered"`
}
