package api

import (
	"context"
	"io"
	"time"

	"waihu/models"
)

// Services are what the resources below /api/v1 need of the rest of the program. All must be there.
type Services struct {
	Users         Users
	Sessions      Sessions
	Tokens        Tokens
	Filters       Filters
	VoiceFiles    VoiceFiles
	CallerNumbers CallerNumbers
	Blacklist     Blacklist
	Approvals     Approvals
	Trunks        Trunks
	Dialplan      Dialplan
	System        System
	Organization  int64 // that of users who belong to none: platform administrators work in it
	Work
	Staff
	Desk       DeskWork
	VoiceMenus VoiceMenus
}

// Users are the accounts.
type Users interface {
	AllUsers(ctx context.Context) ([]models.User, error)
	User(ctx context.Context, id int64) (models.User, error)
	UserByLogin(ctx context.Context, login string) (models.User, error)
	CreateUser(ctx context.Context, u *models.User) error
	// AgentOfUser is not_found for accounts that are no agent's.
	AgentOfUser(ctx context.Context, userID int64) (models.Agent, error)
	UpdateUser(ctx context.Context, u models.User) error
}

// Sessions keeps the browsers' sessions under a hash of their token.
type Sessions interface {
	Session(ctx context.Context, key string, now time.Time) (data []byte, found bool, err error)
	SaveSession(ctx context.Context, key string, data []byte, expires time.Time) error
	DeleteSession(ctx context.Context, key string) error
	DeleteExpiredSessions(ctx context.Context, now time.Time) (int64, error)
}

// Tokens are the bearer tokens of programs, kept as hashes.
type Tokens interface {
	Tokens(ctx context.Context, user int64) ([]models.Token, error)
	TokenByHash(ctx context.Context, hash string) (models.Token, error)
	CreateToken(ctx context.Context, t *models.Token, hash string) error
	TokenUsed(ctx context.Context, id int64, at time.Time) error
	DeleteToken(ctx context.Context, user, id int64) error
}

// Filters are the saved filters of a user.
type Filters interface {
	Filters(ctx context.Context, user int64) ([]models.Filter, error)
	CreateFilter(ctx context.Context, f *models.Filter) error
	DeleteFilter(ctx context.Context, user, id int64) error
}

// VoiceFiles are the announcements and their sound.
type VoiceFiles interface {
	VoiceFile(ctx context.Context, id int64) (models.VoiceFile, error)
	VoiceFiles(ctx context.Context, org int64) ([]models.VoiceFile, error)
	UpdateVoiceFile(ctx context.Context, v models.VoiceFile) error
	DeleteVoiceFile(ctx context.Context, id int64) error
	// TakeVoice stores a sound; with an ID in v it replaces that file's sound. Either way it has to be approved anew.
	TakeVoice(ctx context.Context, v models.VoiceFile, fileName string, r io.Reader) (models.VoiceFile, error)
	// Sound opens what the switch plays: 8 kHz 16-bit mono WAV.
	Sound(ctx context.Context, v models.VoiceFile) (io.ReadSeekCloser, error)
}

// CallerNumbers are the numbers that callees see.
type CallerNumbers interface {
	CallerNumber(ctx context.Context, id int64) (models.CallerNumber, error)
	CallerNumbers(ctx context.Context, org int64) ([]models.CallerNumber, error)
	// AddCaller checks and saves a number as somebody wrote it; by is his log-in.
	AddCaller(ctx context.Context, org int64, by, raw string) (models.CallerNumber, error)
	DeleteCallerNumber(ctx context.Context, id int64) error
}

// Blacklist is the numbers never to be called.
type Blacklist interface {
	FindBlacklist(ctx context.Context, org int64, number string, after int64, limit int) ([]models.BlacklistEntry, error)
	BlacklistEntry(ctx context.Context, id int64) (models.BlacklistEntry, error)
	// Forbid normalises e.Number, saves the entry and returns it; a trailing * makes a prefix.
	Forbid(ctx context.Context, e models.BlacklistEntry) (models.BlacklistEntry, error)
	RemoveBlacklist(ctx context.Context, id int64) error
	// ImportBlacklist reads a number file; counts are as at the import of a list.
	ImportBlacklist(ctx context.Context, org int64, by, fileName string, r io.Reader) (added int64, counts any, err error)
}

// Approvals is what waits for the administrator.
type Approvals interface {
	PendingApprovals(ctx context.Context) ([]models.PendingApproval, error)
	// Decide approves or rejects, for a reason; campaigns that waited only for this become ready. Where two people are
	// wanted (approvals.four_eyes) nobody approves what he uploaded himself.
	Decide(ctx context.Context, d models.Decision) error
	FourEyes() bool
}

// Gateway is what the switch says about a trunk's gateway now. State is "" when it could not be asked.
type Gateway struct {
	State  string
	PingMS int64
	InUse  int
}

// Trunks are the gateways with their limits.
type Trunks interface {
	Trunk(ctx context.Context, id int64) (models.Trunk, error)
	Trunks(ctx context.Context, org int64) ([]models.Trunk, error)
	// SaveTrunk checks a trunk, makes or changes it (ID 0: new) and tells the floor.
	SaveTrunk(ctx context.Context, t models.Trunk) (models.Trunk, error)
	DeleteTrunk(ctx context.Context, id int64) error
	ResumeTrunk(ctx context.Context, id int64) error
	Gateways(ctx context.Context, trunks []models.Trunk) (map[int64]Gateway, error)
}

// DialplanState compares what is saved with what the switch has: the yellow bar.
type DialplanState struct {
	Live    string `json:"live"`    // stamp of the text on the switch
	Saved   string `json:"saved"`   // stamp of the plan that the campaigns need
	Pending bool   `json:"pending"` // the switch does not have what is saved
	Drift   bool   `json:"drift"`   // the live file was edited by hand
}

// DialplanRevision is a dialplan that went live.
type DialplanRevision struct {
	Stamp     string    `json:"stamp"`
	At        time.Time `json:"at"`
	Campaigns []int64   `json:"campaigns"`
	Queues    []int64   `json:"queues"`
}

// DialplanChange is an extension that differs; lines begin with " ", "-" or "+".
type DialplanChange struct {
	Extension string   `json:"extension"`
	Kind      string   `json:"kind"`
	Lines     []string `json:"lines"`
}

// DialplanDrift is what was edited by hand in the live file.
type DialplanDrift struct {
	Edited  bool             `json:"edited"`
	Seen    string           `json:"seen"`    // names the edited text, so that exactly it may be published over
	Fault   string           `json:"fault"`   // why it cannot be read or would not pass, "" if it would
	Changes []DialplanChange `json:"changes"` // against the newest revision
}

// Dialplan is what callees hear, as the switch has it.
type Dialplan interface {
	DialplanState(ctx context.Context) (DialplanState, error)
	DialplanRevisions(ctx context.Context) ([]DialplanRevision, error)
	// DialplanDiff compares two revisions; to "" is the newest one.
	DialplanDiff(ctx context.Context, from, to string) ([]DialplanChange, error)
	DialplanDrift(ctx context.Context) (DialplanDrift, error)
	// PublishDialplan brings live what is saved; over names a text edited by hand that may be overwritten, "" = none may.
	PublishDialplan(ctx context.Context, over string) (stamp string, err error)
	RollbackDialplan(ctx context.Context, stamp string) (live string, err error)
}

// Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"`
	State  string `json:"state"` // ok | warn | fail | skip
	Text   string `json:"text"`
	TextZH string `json:"text_zh"`
	Mend   string `json:"mend"`
	MendZH string `json:"mend_zh"`
}

// Finding says for one campaign why a number is not called now, and when it may be.
type Finding struct {
	CampaignID   int64       `json:"campaign_id"`
	CampaignName string      `json:"campaign_name"`
	Lead         models.Lead `json:"lead"`
	Why          models.Gate `json:"why"` // "" = due, waits for its turn
	Until        *time.Time  `json:"until"`
}

// Findings is all that is known about a number.
type Findings struct {
	Number    string                  `json:"number"` // E.164
	Findings  []Finding               `json:"findings"`
	Blacklist []models.BlacklistEntry `json:"blacklist"`
	Last      []models.Attempt        `json:"last"`
	Skips     []models.Skip           `json:"skips"`
	Rejected  []string                `json:"rejected"`
}

// System examines the installation and answers questions about numbers.
type System interface {
	Checks(ctx context.Context) ([]Check, error)
	Why(ctx context.Context, org int64, number string) (Findings, error)
}
