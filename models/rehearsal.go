package models

import "time"

// Span is what to expect: of the days that were played, one in twenty came below Low and one in twenty above High.
type Span struct {
	Low    float64 `json:"low"`
	Middle float64 `json:"middle"` // the median
	High   float64 `json:"high"`
}

// Forecast is what several days of the same plan came to.
type Forecast struct {
	Days        int     `json:"days"`         // that were played
	Done        float64 `json:"done"`         // share of them in which the list was called to its end
	Hours       Span    `json:"hours"`        // from the beginning to the end of the list, or of the time that was looked at
	Settled     Span    `json:"settled"`      // numbers that are done
	Dialled     Span    `json:"dialled"`      // calls placed
	Answered    Span    `json:"answered"`     // calls answered by a person
	Connected   Span    `json:"connected"`    // talks with agents
	Abandoned   Span    `json:"abandoned"`    // live answers that met no agent in time
	Abandonment Span    `json:"abandonment"`  // share of them
	Utilisation Span    `json:"utilisation"`  // (talk + wrap-up) ÷ signed-in time of agents
	PerHour     Span    `json:"per_hour"`     // contacts per signed-in agent hour
	TalkMinutes Span    `json:"talk_minutes"` // of all agents
}

// Variant is a way of dialling that is compared with others; the zero value is the campaign's own.
type Variant struct {
	Mode      string  `json:"mode"`      // "" = as the campaign is set; progressive, ratio, predictive
	Ratio     float64 `json:"ratio"`     // lines per idle agent, of ratio
	Guarantee string  `json:"guarantee"` // hard, risk, off; "" = hard, where the mode has one
}

// RehearsalInput is what a rehearsal is asked for. Zero values take the campaign's own, or the usual.
type RehearsalInput struct {
	Hours    float64   `json:"hours"`  // looked at, at most; default 8
	Days     int       `json:"days"`   // played for each variant; default 10
	Agents   int       `json:"agents"` // signed in; default all members of the queue that are in use
	Day      string    `json:"day"`    // YYYY-MM-DD: replay with what was seen on that day alone
	Variants []Variant `json:"variants"`
}

// RehearsalBasis is what the world of a rehearsal was made of.
type RehearsalBasis struct {
	Calls       int64   `json:"calls"`        // attempts that were seen; few = mostly assumed
	Talks       int64   `json:"talks"`        // talks with agents that were seen
	Answer      float64 `json:"answer"`       // share of calls that a person answers
	TalkSeconds float64 `json:"talk_seconds"` // mean
	RingSeconds float64 `json:"ring_seconds"` // mean until an answer
	ByHours     bool    `json:"by_hours"`     // each hour of the day has its own answer rate
}

// RehearsalRow is one variant with what it came to; nil while it is not played yet.
type RehearsalRow struct {
	Variant  Variant   `json:"variant"`
	Forecast *Forecast `json:"forecast"`
}

// Rehearsal is one that is going on or over.
type Rehearsal struct {
	ID         string         `json:"id"`
	CampaignID int64          `json:"campaign_id"`
	State      string         `json:"state"`    // running, done, stopped
	Progress   float64        `json:"progress"` // 0 to 1
	Begin      time.Time      `json:"begin"`    // of the day that is played
	Hours      float64        `json:"hours"`
	Agents     int            `json:"agents"`
	Numbers    int            `json:"numbers"`
	Basis      RehearsalBasis `json:"basis"`
	Rows       []RehearsalRow `json:"rows"`
	TookMS     int64          `json:"took_ms"`
}

// Finding is something to know before a campaign starts.
type Finding struct {
	Code   string `json:"code"`
	Level  string `json:"level"` // error: it cannot start; warning; info
	Field  string `json:"field"` // where it is mended
	Text   string `json:"text"`
	TextZH string `json:"text_zh"`
}

// ListFacts are counts of a number file as a campaign would meet it.
type ListFacts struct {
	Numbers     int64
	Blacklisted int64            // on the blacklist by number or prefix
	Elsewhere   int64            // due in other campaigns that run or are paused
	Zones       map[string]int64 // by IANA zone; "" = not known
}
