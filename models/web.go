package models

import "time"

// Token lets a program act for a user (Authorization: Bearer). Only its hash is kept.
type Token struct {
	ID             int64      `json:"id"`
	OrganizationID int64      `json:"-"`
	UserID         int64      `json:"-"`
	Name           string     `json:"name"`
	CreatedAt      time.Time  `json:"created_at"`
	LastUsedAt     *time.Time `json:"last_used_at"` // to the minute
}

// Filter is a saved filter of a table page.
type Filter struct {
	ID     int64  `json:"id"`
	UserID int64  `json:"-"`
	Page   string `json:"page"`
	Name   string `json:"name"`
	Query  string `json:"query"` // of the page's address
}

// PendingApproval is something that waits for the administrator (审核).
type PendingApproval struct {
	Kind           string    `json:"kind"` // voice_file | list | caller_number
	ID             int64     `json:"id"`
	Name           string    `json:"name"`
	OrganizationID int64     `json:"organization_id"`
	By             string    `json:"by"`          // name of the organization
	UploadedBy     string    `json:"uploaded_by"` // log-in, "" = not known
	CreatedAt      time.Time `json:"created_at"`
}

// Decision is what an administrator says about something that waits.
type Decision struct {
	Kind     string
	ID       int64
	Approval Approval
	Reason   string // of a rejection
	By       string // his log-in
	FourEyes bool   // he may not approve what he uploaded himself
}

// What can be approved.
const (
	ApproveVoiceFile    = "voice_file"
	ApproveList         = "list"
	ApproveCallerNumber = "caller_number"
)
