package models

import "time"

// Organization owns data (机构/企业). Organizations form a tree; 0 as an owner means "for everybody".
type Organization struct {
	ID        int64     `json:"id"`
	ParentID  int64     `json:"parent_id"` // 0 = at the root
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// Role is what a user may do.
type Role string

// The roles of users (S1-07).
const (
	RoleAdmin           Role = "admin"            // 平台管理员
	RoleEnterprise      Role = "enterprise"       // 企业
	RoleSubOrganization Role = "sub_organization" // 子机构
	RoleTeamLeader      Role = "team_leader"      // 班长
	RoleAgent           Role = "agent"            // 客服
)

// Roles lists every role, the mightiest first.
var Roles = []Role{RoleAdmin, RoleEnterprise, RoleSubOrganization, RoleTeamLeader, RoleAgent}

// User is somebody who logs in (账户).
type User struct {
	ID             int64     `json:"id"`
	OrganizationID int64     `json:"organization_id"`
	Login          string    `json:"login"` // unique, lower case
	PasswordHash   string    `json:"-"`     // argon2id in its usual encoding
	Role           Role      `json:"role"`
	Disabled       bool      `json:"disabled"`
	CreatedAt      time.Time `json:"created_at"`
}
