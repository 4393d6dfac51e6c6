package models

import (
	"errors"
	"time"
)

// The types below travel between the controller and models/store. The database is a ledger: reserve, then send, then
// finish, each in its own transaction and each fenced by the epoch of the floor lease.

// Lease is the right to run the floor. Exactly one process holds it; Epoch grows with every new holder.
type Lease struct {
	Owner   string
	Epoch   int64
	Expires time.Time
}

// ErrLeaseLost says that the epoch of a write is not that of the floor lease any more, or that the lease has expired. Who
// gets it must stop dialling: another process may own the floor.
var ErrLeaseLost = errors.New("floor lease lost")

// ReserveRequest asks for leads that may be called now.
type ReserveRequest struct {
	Epoch    int64
	Campaign Campaign
	Limit    int
	Now      time.Time
	// Window says whether a number of this zone may be called at Now and, if not, why and when it next may. It is
	// called within the transaction (I5) and must be pure.
	Window func(zone string) (Gate, time.Time)
	// DayStart gives the beginning of the callee's day in a zone, for Rules.PerNumberDay.
	DayStart func(zone string) time.Time
	// Redial is how long a number waits that was answered and left alone without an agent; 0 = no rule.
	Redial time.Duration
	// Pack and PackVersion name the rules that let a number through; each attempt keeps them.
	Pack, PackVersion string
}

// Reserved is an attempt that was saved, with its lead as it was before.
type Reserved struct {
	Attempt Attempt
	Lead    Lead
}

// Deferred is a lead that was looked at and must not be called now.
type Deferred struct {
	LeadID int64
	Number string
	Why    Gate
	Until  time.Time // zero = never (the lead is skipped)
}

// ReserveResult is what ReserveRequest brought.
type ReserveResult struct {
	Reserved []Reserved
	Deferred []Deferred
	// NextDue is the earliest time at which a lead of the campaign is due, when nothing could be reserved;
	// zero when no lead is due any more (open attempts apart).
	NextDue time.Time
}

// Send is what is written down about an attempt at the moment before it is dialled.
type Send struct {
	AttemptID string
	TrunkID   int64
	Gateway   string
	Dialled   string
	Caller    string
	LookerID  int64 // the agent who had it called
}

// Refusal is an attempt that the last check before dialling turned away; its lead is due again at Until, or skipped
// when Until is zero. The attempt has been released.
type Refusal struct {
	AttemptID string
	LeadID    int64
	Why       Gate
	Until     time.Time
	By        int64  // the agent who skipped it, 0 = no agent did
	Reason    string // his, "" = he gave none
}

// Skip is a number that an agent looked at and skipped (跳过).
type Skip struct {
	At          time.Time `json:"at"`
	CampaignID  int64     `json:"campaign_id"`
	AgentID     int64     `json:"agent_id"`
	StaffNumber string    `json:"staff_number"` // "" when there is no such agent any more
	AgentName   string    `json:"agent_name"`
	Reason      string    `json:"reason"` // not_target, contacted, bad_data, bad_time (which his page offers), or words of his own; "" = he gave none
}

// MaxSkipReason is how many characters a reason may have.
const MaxSkipReason = 64

// Finish closes an attempt and says what becomes of its lead.
type Finish struct {
	AttemptID  string
	CampaignID int64
	Facts      Facts
	Lead       *LeadAfter      // nil for a test
	Blacklist  *BlacklistEntry // nil unless the callee opted out or the carrier said 607
}

// LeadAfter is a lead's new standing after an attempt.
type LeadAfter struct {
	ID          int64
	State       LeadState // due, done
	NextAt      time.Time
	Why         Gate
	Attempts    int
	Retries     int
	FreeRetries int
	LastOutcome Outcome
	OutcomeRuns int
}

// Progress counts a campaign's leads and attempts.
type Progress struct {
	Leads    int64             `json:"leads"`
	Due      int64             `json:"due"`
	Reserved int64             `json:"reserved"`
	Done     int64             `json:"done"`
	Skipped  int64             `json:"skipped"`
	Outcomes map[Outcome]int64 `json:"outcomes"` // of leads that are done
}

// Result is one line of a campaign's results: a lead with its last attempt.
type Result struct {
	Lead    Lead
	Attempt *Attempt // nil when it was never dialled
	Skip    *Skip    // the last one, while it is why the number is not called; else nil
	Fields  []string // the contact's columns
}

// Whereabouts is all that is known about a number, for "why was this number not called?".
type Whereabouts struct {
	Number    string
	Leads     []Lead
	Campaigns map[int64]Campaign
	Open      []Attempt // now in progress
	Last      []Attempt // the newest first, at most ten
	Skips     []Skip    // the newest first, at most ten
	Blacklist []BlacklistEntry
	Rejected  []string // "list 3, row 17: …" if an import turned it away and it is still known
}

// HourStat counts the attempts of a campaign that were sent in one hour and have ended alike. Tests are not counted.
type HourStat struct {
	CampaignID int64     `json:"campaign_id"`
	Hour       time.Time `json:"hour"` // its beginning, UTC
	Outcome    Outcome   `json:"outcome"`
	Sub        Sub       `json:"sub"`
	N          int64     `json:"n"`
	TalkMS     int64     `json:"talk_ms"` // sum
	RingMS     int64     `json:"ring_ms"` // sum
}

// History is what was seen of an organization's calls over some time, for a rehearsal.
type History struct {
	Hours         []HistoryHour
	Failed        map[Outcome]int64 // of calls that nobody answered
	Talks         int64             // calls that reached an agent
	TalkSeconds   float64           // sum, from answer to end
	Listened      int64             // answered calls that did not ask for an agent
	ListenSeconds float64           // sum
	Queued        int64             // answered calls that did
}

// HistoryHour is one hour of it.
type HistoryHour struct {
	Hour        time.Time // its beginning, UTC
	Calls       int64
	Answered    int64
	RingSeconds float64 // sum, of those answered
}
