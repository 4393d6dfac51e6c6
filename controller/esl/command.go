package esl

import (
	"fmt"
	"strings"

	"github.com/percipia/eslgo/command"
)

// message is a whole command as it goes over the wire, blank line included, and the reply it wants.
type message struct {
	name string // for logs and errors, never with arguments
	wire string
	want kind
	job  string // Job-UUID that the reply must carry
	lane laneKind
}

// verb is an api of the switch that the daemon may call. These are all.
type verb string

const (
	verbOriginate    verb = "originate"
	verbKill         verb = "uuid_kill"
	verbTransfer     verb = "uuid_transfer"
	verbBridge       verb = "uuid_bridge"
	verbBroadcast    verb = "uuid_broadcast"
	verbBreak        verb = "uuid_break"
	verbHold         verb = "uuid_hold"
	verbAudio        verb = "uuid_audio"
	verbSendDTMF     verb = "uuid_send_dtmf"
	verbRecord       verb = "uuid_record"
	verbSetVar       verb = "uuid_setvar"
	verbExists       verb = "uuid_exists"
	verbShow         verb = "show"
	verbReloadXML    verb = "reloadxml"
	verbXMLLocate    verb = "xml_locate"
	verbSofia        verb = "sofia"
	verbStatus       verb = "status"
	verbGlobalVar    verb = "global_getvar"
	verbModuleExists verb = "module_exists"
	verbFileExists   verb = "file_exists"
	verbEpoch        verb = "strepoch"
)

// events are those that decide something. CHANNEL_DESTROY is not among them: the only news it ever brings, a gateway that
// does not exist or is down, comes in BACKGROUND_JOB too, and each event of a channel costs the switch 4 to 10 kB.
// Subclasses stand behind CUSTOM, which must be last.
const events = "CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_HANGUP " +
	"CHANNEL_HANGUP_COMPLETE CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PARK CHANNEL_HOLD CHANNEL_UNHOLD RECORD_STOP DTMF " +
	"BACKGROUND_JOB HEARTBEAT SHUTDOWN CUSTOM " + SubclassOptedOut + " " + SubclassStep + " " + SubclassGateway + " " +
	SubclassRegister + " " + SubclassUnregister + " " + SubclassExpire + " " + SubclassReachability + " " + SubclassConference

// api builds an api command, which the switch answers at once.
func api(v verb, args ...argument) message {
	return message{name: string(v), wire: phrase(v, false, args) + "\n\n", want: kindResponse, lane: v.lane()}
}

// bgapi builds a command that the switch runs beside; its end is the BACKGROUND_JOB event with the same id.
func bgapi(job argument, v verb, args ...argument) message {
	return message{
		name: string(v),
		wire: phrase(v, true, args) + "\nJob-UUID: " + job.text + "\n\n",
		want: kindReply,
		job:  job.text,
		lane: v.lane(),
	}
}

func phrase(v verb, background bool, args []argument) string {
	texts := make([]string, 0, len(args))
	for _, a := range args {
		if a.text != "" {
			texts = append(texts, a.text)
		}
	}
	c := command.API{Command: string(v), Arguments: strings.Join(texts, " "), Background: background}
	return strings.TrimSuffix(c.BuildMessage(), " ")
}

// authenticate builds the log-in. The password is the operator's text, checked with checkPassword.
func authenticate(password string) message {
	return message{name: "auth", wire: command.Auth{Password: password}.BuildMessage() + "\n\n", want: kindReply}
}

func subscribe() message {
	c := command.Event{Format: "plain", Listen: strings.Fields(events)}
	return message{name: "event", wire: c.BuildMessage() + "\n\n", want: kindReply}
}

// check is the last look before the socket: whatever the builders above let through, a message has no control byte but
// the line ends that frame it, and exactly one blank line, at its end.
func (m message) check() error {
	body, ok := strings.CutSuffix(m.wire, "\n\n")
	if !ok || strings.Contains(body, "\n\n") || strings.HasPrefix(body, "\n") || strings.HasSuffix(body, "\n") {
		return fmt.Errorf("command %s is not one command", m.name)
	}
	lines := strings.Count(body, "\n") + 1
	if want := 1 + btoi(m.job != ""); lines != want {
		return fmt.Errorf("command %s has %d lines, not %d", m.name, lines, want)
	}
	for i := 0; i < len(body); i++ {
		if c := body[i]; c != '\n' && (c < 0x20 || c == 0x7f) {
			return fmt.Errorf("command %s has control byte 0x%02x", m.name, c)
		}
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
