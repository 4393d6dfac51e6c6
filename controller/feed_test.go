package controller

import (
	"testing"
	"time"

	"waihu/controller/call"
	"waihu/controller/esl"
)

func TestTranslate(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		ev   esl.Event
		id   string
		kind call.Kind
		end  call.End
		ok   bool
	}{
		{"answer", esl.Event{Name: "CHANNEL_ANSWER", UUID: "a"}, "a", call.Answered, call.End{}, true},
		{"early media rings", esl.Event{Name: "CHANNEL_PROGRESS_MEDIA", UUID: "a"}, "a", call.Rang, call.End{}, true},
		{"complete", esl.Event{Name: "CHANNEL_HANGUP_COMPLETE", UUID: "a", Cause: "USER_BUSY", Q850: 17, SIPStatus: 486, Disposition: "recv_refuse", Step: "menu", Digits: "12"},
			"a", call.Completed, call.End{Cause: "USER_BUSY", Q850: 17, SIPStatus: 486, Disposition: "recv_refuse", Step: "menu", Digits: "12"}, true},
		{"we cancelled: the status has another name", esl.Event{Name: "CHANNEL_HANGUP_COMPLETE", UUID: "a", Cause: "NO_ANSWER", InviteStatus: 487},
			"a", call.Completed, call.End{Cause: "NO_ANSWER", SIPStatus: 487}, true},
		{"opt-out", esl.Event{Name: "CUSTOM", Subclass: "waihu::opted_out", UUID: "a"}, "a", call.OptedOut, call.End{}, true},
		{"another custom event", esl.Event{Name: "CUSTOM", Subclass: "sofia::gateway_state", UUID: "a"}, "", 0, call.End{}, false},
		{"job refused", esl.Event{Name: "BACKGROUND_JOB", JobUUID: "a", Body: "-ERR GATEWAY_DOWN"}, "a", call.JobFailed, call.End{Cause: "GATEWAY_DOWN"}, true},
		{"job done says nothing new", esl.Event{Name: "BACKGROUND_JOB", JobUUID: "a", Body: "+OK a"}, "a", call.JobFailed, call.End{}, false},
		{"heartbeat", esl.Event{Name: "HEARTBEAT"}, "", 0, call.End{}, false},
		{"no channel", esl.Event{Name: "CHANNEL_ANSWER"}, "", call.Answered, call.End{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.ev.At, tt.ev.Core = at, "core"
			id, said, ok := translate(tt.ev)
			if ok != tt.ok {
				t.Fatalf("about a call: %v", ok)
			}
			if ok && (id != tt.id || said.Kind != tt.kind || said.End != tt.end || !said.At.Equal(at) || said.Node != "core") {
				t.Fatalf("%s: %+v", id, said)
			}
		})
	}
}
