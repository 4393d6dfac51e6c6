package api

import (
	"context"
	"io"
	"time"

	"waihu/models"
)

// Work is what the resources of the work need of the rest of the program: campaigns, lists, results, calls, streams.
type Work struct {
	Campaigns  Campaigns
	Counts     Counts
	Settings   Settings
	Floor      Floor
	Lines      Lines
	Lists      Lists
	Uploads    Uploads
	Results    Results
	Attempts   Attempts
	Pacing     Pacing
	Rehearsals Rehearsals
	Hub        *Hub
}

// Campaigns are the mass calls as they are saved.
type Campaigns interface {
	CampaignPage(ctx context.Context, q models.CampaignQuery) (items []models.Campaign, next string, err error)
	Campaign(ctx context.Context, id int64) (models.Campaign, error)
	CreateCampaign(ctx context.Context, c *models.Campaign) error
	// UpdateCampaign writes the settings if the version is still that of c; else it is a conflict on "version".
	UpdateCampaign(ctx context.Context, c *models.Campaign) error
	DeleteDraft(ctx context.Context, id int64) error
}

// Counts are what was done.
type Counts interface {
	Progress(ctx context.Context, campaignID int64) (models.Progress, error)
	CampaignStats(ctx context.Context, campaignID int64) ([]models.HourStat, error)
	// DialledToday counts since midnight in the zone of the configuration.
	DialledToday(ctx context.Context, org int64) (models.DayCount, error)
}

// Settings are the rules for campaigns.
type Settings interface {
	Defaults() models.Campaign
	// CheckCampaign says field by field what is wrong, also with what the campaign refers to in its organization.
	CheckCampaign(ctx context.Context, c models.Campaign) error
}

// Floor carries out commands about campaigns.
type Floor interface {
	StartCampaign(ctx context.Context, id int64) error
	PauseCampaign(ctx context.Context, id int64, reason string) error
	ResumeCampaign(ctx context.Context, id int64) error
	StopCampaign(ctx context.Context, id int64, cut bool, reason string) error
	// DialTest dials one number, as somebody wrote it, outside the list.
	DialTest(ctx context.Context, campaignID int64, number string) (attemptID string, err error)
}

// Call is a call in progress.
type Call struct {
	AttemptID      string              `json:"attempt_id"`
	OrganizationID int64               `json:"-"`
	CampaignID     int64               `json:"campaign_id"`
	Kind           models.AttemptKind  `json:"kind"`
	Number         string              `json:"number"`
	TrunkID        int64               `json:"trunk_id"`
	Trunk          string              `json:"trunk"` // its gateway
	State          models.AttemptState `json:"state"`
	Since          time.Time           `json:"since"`
}

// CampaignNow is what a campaign does at this moment.
type CampaignNow struct {
	InFlight int         `json:"in_flight"` // lines in use
	Up       int         `json:"up"`        // answered, not ended
	Held     int         `json:"held"`      // reserved, not dialled yet
	Why      models.Gate `json:"why"`       // why nothing (more) is dialled, "" while it is
	Until    *time.Time  `json:"until"`     // when Why may end
	Dialled  int64       `json:"dialled"`   // since the campaign came onto the floor
	Answered int64       `json:"answered"`  // and ended
	Ended    int64       `json:"ended"`

	// Leads settled since then, by their last outcome, and those skipped: between counts of the database a page goes on by these.
	Done    map[models.Outcome]int64 `json:"-"`
	Skipped int64                    `json:"-"`
}

// FloorNow is all campaigns at this moment.
type FloorNow struct {
	Calls     int // in progress
	Campaigns map[int64]CampaignNow
	Connected bool // to the switch
}

// Lines are the calls in progress.
type Lines interface {
	// Now is quick and never fails: without a floor it is empty.
	Now(ctx context.Context) FloorNow
	// Version is the switch's, "" when it does not answer.
	Version(ctx context.Context) string
	// Calls are those of a campaign, 0 = of all, the oldest first.
	Calls(ctx context.Context, campaignID int64) ([]Call, error)
	HangUp(ctx context.Context, attemptID string) error
}

// Lists are the number files that were imported.
type Lists interface {
	ContactListPage(ctx context.Context, q models.ListQuery) (items []models.ContactList, next string, err error)
	ContactList(ctx context.Context, id int64) (models.ContactList, error)
	ContactPage(ctx context.Context, listID int64, p models.Page) (items []models.Contact, next string, err error)
	// DeleteList removes a list that no campaign uses and that is not being imported, with its files.
	DeleteList(ctx context.Context, id int64) error
}

// Upload is a number file that was brought and not imported yet.
type Upload struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"` // bytes
	Look any    `json:"look"` // what it holds: intake.Look
}

// FileShape says how a file is to be read; empty fields are guessed.
type FileShape struct {
	Encoding  string
	Delimiter string
	Column    string // heading, or place from 1
}

// ImportProgress is how far an import is, in bytes of the file.
type ImportProgress struct {
	Bytes int64 `json:"bytes"`
	Size  int64 `json:"size"`
}

// Uploads takes number files and imports them in the background.
type Uploads interface {
	SaveUpload(ctx context.Context, org int64, name string, r io.Reader) (Upload, error)
	LookAt(ctx context.Context, org int64, id string, s FileShape) (any, error)
	ImportList(ctx context.Context, org int64, by, id, name string, s FileShape) (models.ContactList, error)
	// ImportProgress reports false when the list is not being imported.
	ImportProgress(listID int64) (ImportProgress, bool)
	Rejects(ctx context.Context, listID int64) (io.ReadCloser, error)
}

// Results are what became of a campaign's numbers.
type Results interface {
	ResultPage(ctx context.Context, q models.ResultQuery) (items []models.Result, next string, err error)
	// ExportCSV and ExportXLSX stream every result that the query lets through, with every raw fact.
	ExportCSV(ctx context.Context, w io.Writer, c models.Campaign, q models.ResultQuery) error
	ExportXLSX(ctx context.Context, w io.Writer, c models.Campaign, q models.ResultQuery) error
}

// Attempts are the call records.
type Attempts interface {
	// AttemptPage takes the number of the query as somebody wrote it, or the beginning of one.
	AttemptPage(ctx context.Context, q models.AttemptQuery) (items []models.Attempt, next string, err error)
	Attempt(ctx context.Context, id string) (models.Attempt, error)
}
