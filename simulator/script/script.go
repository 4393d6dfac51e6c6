// Package script reads dialplan XML as FreeSWITCH 1.10 does and hunts it for the actions of a destination: from a folder
// of files, or by mod_xml_curl over HTTP with the files as fallback.
//
// It owns its reader: preprocessor, parser, conditions and variable expansion. It must not share code with the package
// that generates the dialplan, so that one's error does not hide the other's, and it never runs an action, a shell
// command or an API function.
//
// Of conditions on the time, those on year, mon, mday, wday, hour, minute, minute-of-day are read, in the zone of the variable
// "timezone". Others (date-time, time-of-day, week, …) never match, and Complaints of the files says so.
package script

import (
	"context"
	"errors"
	"time"
)

// ErrContext says that the dialplan has no such context. FreeSWITCH hangs the call up with NO_ROUTE_DESTINATION.
var ErrContext = errors.New("context not found")

// ErrNoRoute says that no extension of the context matches. FreeSWITCH hangs the call up with NO_ROUTE_DESTINATION.
var ErrNoRoute = errors.New("NO_ROUTE_DESTINATION")

// Source is a dialplan as a running switch sees it. All methods may be called from several goroutines.
type Source interface {
	// Lookup hunts for the actions of a destination. It fails with ErrContext or ErrNoRoute (wrapped), or with the
	// context's error. Data of the actions still holds ${variables}: they are expanded when the action runs.
	Lookup(ctx context.Context, r Request) ([]Action, error)
	// Reload reads everything anew and returns the text of `api reloadxml`. After an error the old dialplan stays.
	Reload() (reply string)
	// Locate returns the text of `api xml_locate SECTION TAG KEY VALUE`: the element, serialised, or "can't find anything\n".
	Locate(section, tag, key, value string) string
}

// Request is a channel that enters the dialplan.
type Request struct {
	Context, Destination string
	// Vars looks a channel variable up, "" and false when it is not set. May be nil.
	Vars func(name string) (string, bool)
	// Caller has the fields of the caller profile that conditions name: caller_id_number, network_addr, uuid, …
	// (destination_number and context are taken from above).
	Caller map[string]string
	// Headers are the channel's event headers (Channel-State, Unique-ID, variable_…); only Curl sends them. May be nil.
	Headers map[string]string
	// Now is the switch's clock; the zero time matches no condition on the time.
	Now time.Time
}

// Action is one application that the channel is to run.
type Action struct {
	App, Data string
	Inline    bool // was run while hunting; its effect on later conditions is already in the result
	Anti      bool // came from an anti-action
}

func (r Request) variable(name string) (string, bool) {
	if r.Vars == nil {
		return "", false
	}
	return r.Vars(name)
}

// field is what a condition's field names, "" when there is none.
func (r Request) field(name string) string {
	switch name {
	case "destination_number":
		return r.Destination
	case "context":
		return r.Context
	default:
		return r.Caller[name]
	}
}
