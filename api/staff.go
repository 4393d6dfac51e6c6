package api

import (
	"context"

	"waihu/models"
)

// Staff is what the resources of the desk need of the rest of the program: extensions, agents, queues, audit.
type Staff struct {
	Extensions Extensions
	Agents     Agents
	Queues     Queues
	Members    Members
	Audit      Audit
	Directory  Directory
}

// SIPSheet is what has to be typed into a desk phone or softphone.
type SIPSheet struct {
	User      string `json:"user"`
	Password  string `json:"password"`
	Domain    string `json:"domain"`
	Transport string `json:"transport"` // udp | tcp | tls
	Server    string `json:"server"`
	Port      int    `json:"port"`
}

// Extensions are the SIP devices.
type Extensions interface {
	Extension(ctx context.Context, id int64) (models.Extension, error)
	Extensions(ctx context.Context, org int64) ([]models.Extension, error)
	// SaveExtension checks an extension, makes or changes it (ID 0: new, with a random password) and tells the switch.
	SaveExtension(ctx context.Context, e models.Extension) (models.Extension, error)
	// RenewPassword gives an extension another random password.
	RenewPassword(ctx context.Context, e models.Extension) (models.Extension, error)
	DeleteExtension(ctx context.Context, id int64) error
	Sheet(e models.Extension) SIPSheet
}

// AgentLogin is the account of an agent.
type AgentLogin struct {
	Login        string
	Role         models.Role // agent | team_leader
	PasswordHash string      // "" = stays
}

// Agents serve customers.
type Agents interface {
	Agent(ctx context.Context, id int64) (models.Agent, error)
	Agents(ctx context.Context, org int64) ([]models.Agent, error)
	// CheckAgent says field by field what is wrong and returns the agent with its external number in E.164.
	CheckAgent(ctx context.Context, a models.Agent, login AgentLogin) (models.Agent, error)
	// SaveAgent makes or changes an agent (ID 0: new) with its account, and tells the floor.
	SaveAgent(ctx context.Context, a models.Agent, login AgentLogin) (models.Agent, error)
	DeleteAgent(ctx context.Context, id int64) error
	// Phones are the registrations by extension number; without the switch they are empty.
	Phones(ctx context.Context) (map[string]models.PhoneState, error)
}

// Queues are groups of agents.
type Queues interface {
	Queue(ctx context.Context, id int64) (models.Queue, error)
	Queues(ctx context.Context, org int64) ([]models.Queue, error)
	// NewQueue are the settings of a new queue.
	NewQueue() models.Queue
	// SaveQueue checks a queue, makes or changes it (ID 0: new) and tells the floor.
	SaveQueue(ctx context.Context, q models.Queue) (models.Queue, error)
	DeleteQueue(ctx context.Context, id int64) error
}

// Members are who belongs to a queue; queue 0 means all of them.
type Members interface {
	QueueMembers(ctx context.Context, queueID int64) ([]models.QueueMember, error)
	QueueLeaders(ctx context.Context, queueID int64) ([]models.QueueLeader, error)
	// SaveMembers checks and replaces the members of a queue, all or none, and tells the floor.
	SaveMembers(ctx context.Context, queueID int64, members []models.QueueMember) error
	// SaveLeaders replaces the leaders of a queue, all or none.
	SaveLeaders(ctx context.Context, queueID int64, users []int64) error
}

// Audit notes what people did to others' calls and data.
type Audit interface {
	AddAudit(ctx context.Context, e *models.AuditEntry) error
}

// DirectoryChange is a phone whose account the switch does not have as it is saved.
type DirectoryChange struct {
	Extension string `json:"extension"`
	Kind      string `json:"kind"` // added | removed | changed
}

// DirectoryState compares the accounts of the phones with what the switch has: the yellow bar of the extensions.
type DirectoryState struct {
	Publish string            `json:"publish"` // files | xml_curl: asked for over HTTP, never pending
	Saved   string            `json:"saved"`
	Live    string            `json:"live"`
	Pending bool              `json:"pending"`
	Drift   bool              `json:"drift"` // the live file was edited by hand
	Changes []DirectoryChange `json:"changes"`
}

// Directory is the accounts of phones as the switch has them.
type Directory interface {
	// DirectoryState lists the changes of an organization's phones, 0 = of all and those that are gone.
	DirectoryState(ctx context.Context, org int64) (DirectoryState, error)
	PublishDirectory(ctx context.Context) (stamp string, err error)
}
