// Package cdr reads the call records that the switch (mod_json_cdr) writes to its spool: the second, independent evidence
// of how a call ended, for calls whose events were missed.
//
// It owns the format of those files. It must not decide what follows from them.
package cdr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"waihu/controller"
	"waihu/controller/call"
	"waihu/dialplan"
)

// maxSize is more than any record: some 10 kB each.
const maxSize = 1 << 20

// Spool finds records in a folder, as files a_UUID.cdr.json (prefix-a-leg). A missing folder has no records.
func Spool(dir string) controller.Records {
	return func(attemptID string) (controller.Record, bool, error) {
		id, err := uuid.Parse(attemptID)
		if err != nil {
			return controller.Record{}, false, fmt.Errorf("attempt id %q: %w", attemptID, err)
		}
		root, err := os.OpenRoot(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return controller.Record{}, false, nil
		}
		if err != nil {
			return controller.Record{}, false, fmt.Errorf("open call records: %w", err)
		}
		defer root.Close()
		name := "a_" + id.String() + ".cdr.json"
		info, err := root.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return controller.Record{}, false, nil
		}
		if err != nil || info.Size() > maxSize {
			return controller.Record{}, false, fmt.Errorf("call record %s, %d bytes allowed: %w", name, maxSize, err)
		}
		text, err := root.ReadFile(name)
		if err != nil {
			return controller.Record{}, false, fmt.Errorf("read call record %s: %w", name, err)
		}
		rec, ok := Parse(text)
		return rec, ok, nil
	}
}

// Parse reads one record. It reports false when the text is not a whole record (yet): the switch may still be writing.
func Parse(text []byte) (controller.Record, bool) {
	var doc struct {
		Core      string            `json:"core-uuid"`
		Variables map[string]string `json:"variables"`
		Callflow  []profile         `json:"callflow"` // the newest first
	}
	if err := json.Unmarshal(text, &doc); err != nil || doc.Variables["hangup_cause"] == "" {
		return controller.Record{}, false
	}
	v := variables(doc.Variables)
	status := v.number("sip_term_status")
	if status == 0 {
		status = v.number("sip_invite_failure_status")
	}
	return controller.Record{
		Node: doc.Core, Came: came(doc.Callflow), Queue: int64(v.number("waihu_queue")), Flow: int64(v.number("waihu_flow")),
		Times: call.Times{
			Created: v.time("start_uepoch"), Progress: v.time("progress_uepoch"), ProgressMedia: v.time("progress_media_uepoch"),
			Answered: v.time("answer_uepoch"), HungUp: v.time("end_uepoch"),
		},
		End: call.End{
			Cause: v["hangup_cause"], Q850: v.number("hangup_cause_q850"), SIPStatus: status, SIPPhrase: v.text("sip_invite_failure_phrase"),
			Disposition: v.text("sip_hangup_disposition"), Step: v.text("waihu_step"), Digits: v.text("digits_dialed"),
		},
	}, true
}

// profile is where in the dialplan a call was, and by whom it was placed.
type profile struct {
	Caller struct {
		Context     string `json:"context"`
		Destination string `json:"destination_number"`
		ANI         string `json:"ani"`
	} `json:"caller_profile"`
}

// came tells of a call from outside what was dialled, and by whom.
func came(flow []profile) *controller.Came {
	if len(flow) == 0 {
		return nil
	}
	first := flow[len(flow)-1].Caller
	if first.Context != dialplan.InboundContext {
		return nil
	}
	return &controller.Came{Dialled: first.Destination, Caller: first.ANI}
}

// variables are URL-encoded when the switch is told so (encode-values), which the overlay does.
type variables map[string]string

func (v variables) text(name string) string {
	s, err := url.PathUnescape(v[name])
	if err != nil {
		return v[name]
	}
	return s
}

func (v variables) number(name string) int {
	n, err := strconv.Atoi(v[name])
	if err != nil {
		return 0
	}
	return n
}

// time reads epoch microseconds; 0 means never.
func (v variables) time(name string) time.Time {
	us, err := strconv.ParseInt(v[name], 10, 64)
	if err != nil || us <= 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
