package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// Pacing is how campaigns straight to agents are dialled.
type Pacing interface {
	// PacingNow is a campaign's pacing with its last decisions; without a floor it has only what is saved.
	PacingNow(ctx context.Context, c models.Campaign) (PacingNow, error)
	// PacingSamples are the decisions that were kept, the oldest first.
	PacingSamples(ctx context.Context, campaignID int64, since time.Time, limit int) ([]models.PacingSample, error)
	// PacingWarnings are doubts that do not keep a campaign from being saved, by field.
	PacingWarnings(ctx context.Context, c models.Campaign) ([]models.FieldError, error)
	// PacingGain is what predictive dialling brought beside progressive, in the last two days.
	PacingGain(ctx context.Context, c models.Campaign) (PacingGain, error)
	RulePacks() []RulePack
}

// GainSide is what came of predictive or progressive slices.
type GainSide struct {
	AgentHours  float64 `json:"agent_hours"`
	TalkMinutes float64 `json:"talk_minutes"` // an agent hour
	Answered    int     `json:"answered"`
	Abandoned   int     `json:"abandoned"`
}

// PacingGain is predictive dialling beside progressive.
type PacingGain struct {
	On          bool     `json:"on"` // the campaign has slices of progressive dialling
	Predictive  GainSide `json:"predictive"`
	Progressive GainSide `json:"progressive"`
	Cycles      int      `json:"cycles"`       // of 20 minutes, that had enough of both
	CyclesLeast int      `json:"cycles_least"` // from which on more is known
	More        *float64 `json:"more"`         // talk minutes an agent hour; nil = not known yet
	Low         *float64 `json:"low"`          // of a 90 % interval
	High        *float64 `json:"high"`
}

// RulePack is what a country's rules say about pacing.
type RulePack struct {
	Name           string                   `json:"name"`
	Version        string                   `json:"version"`
	From           time.Time                `json:"from"`
	Source         string                   `json:"source"`
	SourceZH       string                   `json:"source_zh"`
	AbandonLimit   float64                  `json:"abandon_limit"`      // default
	MostLimit      float64                  `json:"most_abandon_limit"` // that may be set
	ConnectSeconds float64                  `json:"connect_seconds"`
	MostConnect    float64                  `json:"most_connect_seconds"`
	RingSeconds    float64                  `json:"least_ring_seconds"`
	Windows        []models.GuaranteeWindow `json:"windows"` // the default first
}

// PacingInputs are what a decision rested on.
type PacingInputs struct {
	Idle      int     `json:"idle"`
	Talk      int     `json:"talk"`
	Wrap      int     `json:"wrap"`
	Ring      int     `json:"ring"`
	Wait      int     `json:"wait"`
	Answered  int     `json:"answered"`
	Abandoned int     `json:"abandoned"`
	Overdial  int     `json:"overdial"`
	Bound     int     `json:"bound"`
	Rate      float64 `json:"rate"`
	Odds      float64 `json:"odds"`
	Worth     float64 `json:"worth"`
	Free      float64 `json:"free"`
	Answers   float64 `json:"answers"`
	Theta     float64 `json:"theta"`
	Risk      float64 `json:"risk"`
	Cost      float64 `json:"cost"`
}

// PacingCandidate is how many calls one constraint allows.
type PacingCandidate struct {
	Why string `json:"why"`
	N   int    `json:"n"`
}

// PacingDecision is one decision, explained.
type PacingDecision struct {
	At         time.Time         `json:"at"`
	Dialled    int               `json:"dialled"` // calls that were started since the one before
	Dial       int               `json:"dial"`    // calls that it allowed
	Why        string            `json:"why"`     // why not more
	Text       string            `json:"text"`
	TextZH     string            `json:"text_zh"`
	Inputs     PacingInputs      `json:"inputs"`
	Candidates []PacingCandidate `json:"candidates"`
}

// PacingNow is a campaign's pacing at this moment.
type PacingNow struct {
	Mode           models.PacingMode      `json:"mode"`
	Guarantee      models.GuaranteeKind   `json:"guarantee"`
	AbandonLimit   float64                `json:"abandon_limit"`
	ConnectSeconds float64                `json:"connect_seconds"`
	Window         models.GuaranteeWindow `json:"window"`
	From           *time.Time             `json:"from"`  // of the window, nil = the campaign's whole life
	Until          *time.Time             `json:"until"` // nil = the campaign's whole life
	Answered       int                    `json:"answered"`
	Abandoned      int                    `json:"abandoned"`
	OnFloor        bool                   `json:"on_floor"`
	Pack           string                 `json:"pack"`
	PackVersion    string                 `json:"pack_version"`
	Decisions      []PacingDecision       `json:"decisions"` // one a second, the oldest first
	Kinds          []PacingKind           `json:"kinds"`     // what was learned of kinds of numbers
}

// PacingKind is a kind of numbers and what was learned of it.
type PacingKind struct {
	Kind    string  `json:"kind"`  // history, region, trunk, hour
	Class   string  `json:"class"` // new, "2 no_answer"; +86139; a trunk's name; "workday 09"
	Times   float64 `json:"times"` // as often as the campaign's numbers are these answered
	Answers int     `json:"answers"`
}

// pacingBody is the answer about a campaign's pacing.
type pacingBody struct {
	PacingNow
	History  []models.PacingSample `json:"history"` // one in ten seconds, the oldest first
	Warnings []models.FieldError   `json:"warnings"`
}

type pacing struct {
	svc       Campaigns
	settings  Settings
	campaigns Pacing
}

// historyMost is the most samples of one answer: three hours.
const historyMost = 1080

// show answers "why is not more dialled?". ?since= bounds the decisions and samples to those after a moment.
func (h pacing) show(c echo.Context) error {
	v, err := campaignOf(c, h.svc)
	if err != nil {
		return err
	}
	var since time.Time
	if text := c.QueryParam("since"); text != "" {
		if since, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return refuse(http.StatusBadRequest, "since", "not_a_time", "write a time like 2026-10-01T09:00:00Z", "请使用 2026-10-01T09:00:00Z 格式的时间")
		}
	}
	limit := historyMost
	if text := c.QueryParam("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > historyMost {
			return refuse(http.StatusBadRequest, "limit", "out_of_range", "use a limit of 1 to 1080", "limit 请填写 1 到 1080")
		}
	}
	ctx := c.Request().Context()
	body := pacingBody{}
	if body.PacingNow, err = h.campaigns.PacingNow(ctx, v); err != nil {
		return err
	}
	if body.History, err = h.campaigns.PacingSamples(ctx, v.ID, since, limit); err != nil {
		return err
	}
	if body.Warnings, err = h.campaigns.PacingWarnings(ctx, v); err != nil {
		return err
	}
	newer := []PacingDecision{}
	for _, d := range body.Decisions {
		if d.At.After(since) {
			newer = append(newer, d)
		}
	}
	body.Decisions = newer
	if body.Warnings == nil {
		body.Warnings = []models.FieldError{}
	}
	return c.JSON(http.StatusOK, body)
}

// gain answers "what is predictive dialling worth, and what does it cost?".
func (h pacing) gain(c echo.Context) error {
	v, err := campaignOf(c, h.svc)
	if err != nil {
		return err
	}
	g, err := h.campaigns.PacingGain(c.Request().Context(), v)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, g)
}

// check says what is wrong with a campaign that is not saved, and what is doubtful.
func (h pacing) check(c echo.Context) error {
	in, err := bindOver(c, h.settings.Defaults())
	if err != nil {
		return err
	}
	v := settingsOf(in, models.Campaign{OrganizationID: who(c).OrganizationID, State: models.CampaignDraft})
	ctx := c.Request().Context()
	if err := h.settings.CheckCampaign(ctx, v); err != nil {
		return err
	}
	warnings, err := h.campaigns.PacingWarnings(ctx, v)
	if err != nil {
		return err
	}
	if warnings == nil {
		warnings = []models.FieldError{}
	}
	return c.JSON(http.StatusOK, map[string]any{"warnings": warnings})
}

func (h pacing) packs(c echo.Context) error {
	return c.JSON(http.StatusOK, listOf[RulePack]{Items: h.campaigns.RulePacks()})
}
