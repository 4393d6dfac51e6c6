package esl

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"waihu/models"
)

// Channel is one row of "show channels".
type Channel struct {
	UUID        string
	Direction   string // outbound | inbound
	Created     time.Time
	Name        string // sofia/external/13800000200
	State       string // CS_EXECUTE
	CallState   string // RINGING, ACTIVE
	Number      string // dialled
	Application string
	Context     string
	CallUUID    string // of the leg it is bridged to, or its own

	FirstContext string // of the dialplan, where it came in; Number and Context are where it is now
	FirstNumber  string // what was dialled
	FirstCaller  string // who called
}

// Gateway is how a sofia gateway is.
type Gateway struct {
	Name    string
	Profile string
	State   string // NOREG REGED TRYING FAILED FAIL_WAIT UNREGED DOWN …
	Status  string // UP | DOWN
	Ping    time.Duration
	Pinging bool // OPTIONS pings are on, otherwise Status says nothing
}

// Up reports whether calls may be sent to the gateway: not marked down and, if it registers at all, registered.
func (g Gateway) Up() bool {
	return !strings.EqualFold(g.Status, "DOWN") && (g.State == "NOREG" || g.State == "REGED")
}

// SwitchStatus is what the switch says about itself.
type SwitchStatus struct {
	Version       string // 1.10.12-release git …
	Core          string // Core-UUID, another one after each start
	Ready         bool
	Sessions      int // now
	MaxSessions   int
	PerSecond     int // sessions in this second
	MaxPerSecond  int
	SinceStartup  int64
	Uptime        string // as the switch words it
	PeakSessions  int
	PeakPerSecond int
}

func missing(field, text, textZH string) error {
	return models.NewError(models.NotFound, field, "not_found", text, textZH)
}

// parseChannels reads the JSON of "show channels as json"; without channels it has no rows.
func parseChannels(text string) ([]Channel, error) {
	var list struct {
		Rows []struct {
			UUID        string `json:"uuid"`
			Direction   string `json:"direction"`
			Created     string `json:"created_epoch"`
			Name        string `json:"name"`
			State       string `json:"state"`
			CallState   string `json:"callstate"`
			Dest        string `json:"dest"`
			Application string `json:"application"`
			Context     string `json:"context"`
			CallUUID    string `json:"call_uuid"`

			FirstContext string `json:"initial_context"`
			FirstDest    string `json:"initial_dest"`
			FirstCaller  string `json:"initial_cid_num"`
		} `json:"rows"`
		Count *int `json:"row_count"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("read list of channels (%.60q): %w", text, err)
	}
	if list.Count == nil || *list.Count != len(list.Rows) {
		return nil, fmt.Errorf("read list of channels (%.60q): %d rows do not match its count", text, len(list.Rows))
	}
	out := make([]Channel, 0, len(list.Rows))
	for _, r := range list.Rows {
		c := Channel{
			UUID: r.UUID, Direction: r.Direction, Name: r.Name, State: r.State, CallState: r.CallState,
			Number: r.Dest, Application: r.Application, Context: r.Context, CallUUID: r.CallUUID,
			FirstContext: r.FirstContext, FirstNumber: r.FirstDest, FirstCaller: r.FirstCaller,
		}
		if n, err := strconv.ParseInt(r.Created, 10, 64); err == nil && n > 0 {
			c.Created = time.Unix(n, 0).UTC()
		}
		out = append(out, c)
	}
	return out, nil
}

// parseGateway reads the XML of "sofia xmlstatus gateway", which calls itself ISO-8859-1.
func parseGateway(text string) (Gateway, error) {
	if strings.HasPrefix(text, "Invalid Gateway") {
		return Gateway{}, missing("gateway", "the switch has no such gateway: add it to the sofia profile and rescan",
			"交换机中没有该网关：请在 sofia 配置中添加并重新扫描")
	}
	var x struct {
		XMLName  xml.Name `xml:"gateway"`
		Name     string   `xml:"name"`
		Profile  string   `xml:"profile"`
		State    string   `xml:"state"`
		Status   string   `xml:"status"`
		PingFreq int      `xml:"pingfreq"`
		PingTime float64  `xml:"pingtime"`
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "ISO-8859-1") {
			return charmap.ISO8859_1.NewDecoder().Reader(in), nil
		}
		return nil, fmt.Errorf("character set %.20q", charset)
	}
	if err := d.Decode(&x); err != nil {
		return Gateway{}, fmt.Errorf("read status of a gateway (%.60q): %w", text, err)
	}
	return Gateway{
		Name: x.Name, Profile: x.Profile, State: x.State, Status: x.Status,
		Ping: time.Duration(x.PingTime * float64(time.Millisecond)), Pinging: x.PingFreq > 0,
	}, nil
}

// parseStatus reads the lines of "status"; those it does not know are passed over, the session limits must be there.
func parseStatus(text string) (SwitchStatus, error) {
	var s SwitchStatus
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		first, rest, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(first)
		switch {
		case first == "UP":
			s.Uptime = rest
		case strings.HasPrefix(line, "FreeSWITCH (Version "):
			version, state, _ := strings.Cut(strings.TrimPrefix(line, "FreeSWITCH (Version "), ")")
			s.Version, s.Ready = version, strings.HasSuffix(state, "is ready")
		case err != nil:
		case rest == "session(s) since startup":
			s.SinceStartup = int64(n)
		case rest == "session(s) max":
			s.MaxSessions = n
		case strings.HasPrefix(rest, "session(s) per Sec out of max "):
			s.PerSecond = n
			s.MaxPerSecond = leading(strings.TrimPrefix(rest, "session(s) per Sec out of max "))
			s.PeakPerSecond = after(rest, "peak ")
		case strings.HasPrefix(rest, "session(s) - "):
			s.Sessions = n
			s.PeakSessions = after(rest, "peak ")
		}
	}
	if s.Version == "" || s.MaxSessions == 0 {
		return s, fmt.Errorf("read status of the switch: unknown text %.80q", text)
	}
	return s, nil
}

// leading is the number that s begins with.
func leading(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	return small([]byte(s[:end]))
}

// after is the number that follows the first mark in s.
func after(s, mark string) int {
	_, rest, _ := strings.Cut(s, mark)
	return leading(rest)
}
