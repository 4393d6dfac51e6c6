package models

import "time"

// AttemptState is where an attempt stands. It only moves forward (Rank).
type AttemptState string

// The states of an attempt, in their order.
const (
	AttemptReserved AttemptState = "reserved" // saved, not sent: safe to cancel
	AttemptSent     AttemptState = "sent"     // the switch may have been asked to dial
	AttemptRinging  AttemptState = "ringing"
	AttemptAnswered AttemptState = "answered"
	AttemptEnded    AttemptState = "ended"    // Outcome is final
	AttemptReleased AttemptState = "released" // never sent: pause, stop, blacklist or limit came first
)

// Rank orders the states; a state never goes back to a smaller rank.
func (s AttemptState) Rank() int {
	switch s {
	case AttemptReserved:
		return 1
	case AttemptSent:
		return 2
	case AttemptRinging:
		return 3
	case AttemptAnswered:
		return 4
	case AttemptEnded, AttemptReleased:
		return 5
	default:
		return 0
	}
}

// AttemptKind tells campaign calls from single tests (单条测试, S1-37), which no statistic counts.
type AttemptKind string

// The kinds of attempts. An inbound call stands among the attempts: its Number is the caller's, Dialled the number he called.
const (
	KindCampaign AttemptKind = "campaign"
	KindTest     AttemptKind = "test"
	KindInbound  AttemptKind = "inbound"
	KindManual   AttemptKind = "manual" // an agent dialled it
)

// Attempt is one origination for one number, or one call that came in. Its ID is a UUID of ours and the channel's origination_uuid, so that it
// can be looked for on the switch after a crash.
type Attempt struct {
	ID             string       `json:"id"` // UUIDv7
	OrganizationID int64        `json:"organization_id"`
	CampaignID     int64        `json:"campaign_id"`
	LeadID         int64        `json:"lead_id"` // 0 for a test
	Kind           AttemptKind  `json:"kind"`
	State          AttemptState `json:"state"`
	Number         string       `json:"number"` // E.164
	TrunkID        int64        `json:"trunk_id"`
	Gateway        string       `json:"gateway"`
	Dialled        string       `json:"dialled"` // the number as the trunk got it
	Caller         string       `json:"caller"`  // the number shown
	Try            int          `json:"try"`     // 1 for the first dial of the lead
	Epoch          int64        `json:"epoch"`   // of the lease under which it was reserved
	ReservedAt     time.Time    `json:"reserved_at"`
	SentAt         *time.Time   `json:"sent_at"`
	LookerID       int64        `json:"looker_id"`    // the agent who looked at the number and had it called, 0 = nobody did: no other agent gets its answer
	Pack           string       `json:"pack"`         // the rule pack that let it through: none | CN | US | UK; "" for what no campaign dialled
	PackVersion    string       `json:"pack_version"` // of that pack, as it held when it was reserved
	Facts
}

// Facts are what became of an attempt: the raw words of the switch and what we make of them.
type Facts struct {
	CreatedAt   *time.Time `json:"created_at"`  // channel created (µs, switch clock)
	ProgressAt  *time.Time `json:"progress_at"` // ringing or early media
	AnsweredAt  *time.Time `json:"answered_at"`
	HungUpAt    *time.Time `json:"hung_up_at"`
	EndedAt     *time.Time `json:"ended_at"` // when we closed it (our clock)
	Outcome     Outcome    `json:"outcome"`
	Sub         Sub        `json:"sub"`
	Placed      bool       `json:"placed"` // a channel existed; false = refused by the switch, nobody's phone rang
	Cause       string     `json:"cause"`  // Hangup-Cause, or a Cause… of ours
	Q850        int        `json:"q850"`
	SIPStatus   int        `json:"sip_status"` // of the far end's last answer, 0 = none
	SIPPhrase   string     `json:"sip_phrase"`
	Disposition string     `json:"disposition"` // sip_hangup_disposition, raw
	WhoHungUp   WhoHungUp  `json:"who_hung_up"`
	Step        string     `json:"step"` // waihu_step: how far the callee got
	Keys        []Key      `json:"keys"`
	TalkMS      int64      `json:"talk_ms"`  // answer to hang-up
	RingMS      int64      `json:"ring_ms"`  // progress (else creation) to answer or end
	Node        string     `json:"node"`     // Core-UUID of the switch that dialled
	FromCDR     bool       `json:"from_cdr"` // closed from the switch's call record, not from events
	Service
}

// Key is one DTMF digit and when it came.
type Key struct {
	Digit string    `json:"digit"`
	At    time.Time `json:"at"` // zero when only the digit is known (from digits_dialed)
}

// Digits joins the keys, "12#".
func Digits(keys []Key) string {
	b := make([]byte, 0, len(keys))
	for _, k := range keys {
		b = append(b, k.Digit...)
	}
	return string(b)
}
