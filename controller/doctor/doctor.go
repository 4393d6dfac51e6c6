// Package doctor examines an installation: database, switch, folders, clock, disk. It answers "why does it not call?"
// before anybody has to read a log.
//
// It owns the list of checks, what each found and the mend for it, in English and Chinese. It changes nothing but a probe
// file that it deletes again, and it must not decide anything about calls. What it needs of other packages comes in
// through Config as functions.
package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"waihu/controller/esl"
)

// State is what a check found.
type State string

// The states of a check. Only Fail makes the whole examination fail.
const (
	OK   State = "ok"
	Warn State = "warn" // works, but should not stay so
	Fail State = "fail"
	Skip State = "skip" // could not be looked at, or is not in use
)

// Check is one finding: what was looked at, what was seen and how to mend it (empty when nothing is wrong).
type Check struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Text   string `json:"text"`
	TextZH string `json:"text_zh"`
	Mend   string `json:"mend,omitempty"`
	MendZH string `json:"mend_zh,omitempty"`
}

// Database is what the database says about itself.
type Database struct {
	Name    string    // as it may be shown: "sqlite /var/lib/waihu/waihu.db", never with a password
	Fresh   bool      // empty or embedded: the daemon migrates it by itself
	Now     time.Time // its clock
	Pending int       // migrations that were not applied yet
	Unknown int       // migrations of a newer program
}

// Config says what to examine. Paths are absolute.
type Config struct {
	Now        func() time.Time
	Production bool

	Database func(context.Context) (Database, error) // opens, asks and closes again

	Switch     esl.Config
	Gateways   []string
	MaxCalls   int     // that we mean to hold at once
	CPS        float64 // calls per second that we mean to place
	XMLCurl    bool    // the dialplan goes out by mod_xml_curl instead of files
	Context    string  // of the generated dialplan
	Published  func() (stamp string, err error)
	StampOf    func(xml string) string // finds the stamp in what the switch holds
	QueueMusic string                  // of config queue.music
	Zone       string                  // IANA name of the calling windows
	FFmpeg     func(context.Context) (version string, err error)
	DataDir    string
	SoundsDir  string // as we see it
	Prompts    int    // how many numerals and sentences there are for queues and agents
	// MissingPrompts lists those that the sounds folder lacks.
	MissingPrompts func() []string
	SwitchSounds   string // the same folder as the switch sees it
	Recordings     string
	CDRDir         string
	DialplanDir    string
}

// Run makes every check and returns the findings in the order in which they build on each other.
func Run(ctx context.Context, c Config) []Check {
	checks := []Check{checkDatabase(ctx, c)}
	checks = append(checks, checkFolders(c)...)
	checks = append(checks, checkPrompts(c), checkDisk(c), checkZones(c), checkFFmpeg(ctx, c))
	return append(checks, checkSwitch(ctx, c)...)
}

// Failed counts the checks that failed.
func Failed(checks []Check) int {
	n := 0
	for _, c := range checks {
		if c.State == Fail {
			n++
		}
	}
	return n
}

// found makes a check whose two texts take the same arguments.
func found(name string, s State, text, textZH string, args ...any) Check {
	return Check{Name: name, State: s, Text: fmt.Sprintf(text, args...), TextZH: fmt.Sprintf(textZH, args...)}
}

// mend adds what to do about it.
func (c Check) mend(text, textZH string, args ...any) Check {
	c.Mend, c.MendZH = fmt.Sprintf(text, args...), fmt.Sprintf(textZH, args...)
	return c
}

// quiet keeps the client's own log out of the findings.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
