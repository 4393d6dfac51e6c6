package simulator

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cdrWriter writes call records to a spool folder, as mod_json_cdr does with log-dir on a local disk. Disk is slow and the
// switch does not wait for it: records appear shortly after the call's end.
type cdrWriter struct {
	dir string

	mu     sync.Mutex
	queue  []cdrFile
	kick   chan struct{}
	ended  bool
	failed error
}

type cdrFile struct {
	name   string
	record cdrRecord
}

type cdrRecord struct {
	Core      string            `json:"core-uuid"`
	Switch    string            `json:"switchname"`
	Channel   map[string]string `json:"channel_data"`
	Stats     struct{}          `json:"callStats"`
	Variables map[string]string `json:"variables"` // URL-encoded
	Flow      []cdrFlow         `json:"callflow"`
}

type cdrFlow struct {
	Index  string            `json:"profile_index"`
	Caller map[string]string `json:"caller_profile"`
	Times  map[string]string `json:"times"`
}

func newCDRWriter(dir string) *cdrWriter { return &cdrWriter{dir: dir, kick: make(chan struct{}, 1)} }

// put queues the record of a channel that ends. The switch's lock is held.
func (w *cdrWriter) put(ch *channel) {
	if w.dir == "" {
		return
	}
	f := cdrFile{name: "a_" + ch.uuid + ".cdr.json", record: recordOf(ch)}
	w.mu.Lock()
	w.queue = append(w.queue, f)
	w.mu.Unlock()
	w.wake()
}

func (w *cdrWriter) wake() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// run writes until close is called and the queue is empty.
func (w *cdrWriter) run() {
	for range w.kick {
		w.mu.Lock()
		batch, ended := w.queue, w.ended
		w.queue = nil
		w.mu.Unlock()
		for _, f := range batch {
			b, err := json.Marshal(f.record)
			if err == nil {
				err = writeWhole(filepath.Join(w.dir, f.name), b)
			}
			if err != nil {
				w.mu.Lock()
				w.failed = errors.Join(w.failed, err)
				w.mu.Unlock()
			}
		}
		if ended {
			return
		}
	}
}

func (w *cdrWriter) close() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.wake()
}

func (w *cdrWriter) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

func recordOf(ch *channel) cdrRecord {
	r := cdrRecord{
		Core: ch.s.core, Switch: switchname,
		Channel:   map[string]string{"state": "CS_REPORTING", "direction": ch.direction, "state_number": "11"},
		Variables: make(map[string]string, len(ch.vars)+80),
	}
	text := string(ch.appendVariables(nil))
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "variable_"), ": ")
		r.Variables[name] = value
	}
	at := func(t time.Time) string { return string(micros(nil, t)) }
	r.Flow = []cdrFlow{{
		Index:  strconv.Itoa(ch.profileIdx),
		Caller: ch.profileOf(ch.caller, "src/switch_ivr_originate.c"),
		Times: map[string]string{
			"created_time": at(ch.created), "profile_created_time": at(ch.profileAt), "progress_time": at(ch.progress),
			"progress_media_time": at(ch.media), "answered_time": at(ch.answered), "bridged_time": at(ch.bridged),
			"last_hold_time": at(ch.lastHold), "hold_accum_time": "0", "hangup_time": at(ch.hungup),
			"resurrect_time": "0", "transfer_time": "0",
		},
	}}
	if ch.first != (caller{}) && ch.profileIdx > 1 {
		r.Flow = append(r.Flow, cdrFlow{Index: "1", Caller: ch.profileOf(ch.first, "mod_sofia"), Times: map[string]string{"created_time": at(ch.created)}})
	}
	return r
}

// profileOf is a caller profile as a record has it.
func (ch *channel) profileOf(p caller, source string) map[string]string {
	return map[string]string{
		"dialplan": p.dialplan, "caller_id_name": p.name, "ani": p.ani, "caller_id_number": p.number,
		"network_addr": "127.0.0.1", "rdnis": p.rdnis, "destination_number": p.destination, "uuid": ch.uuid,
		"source": source, "context": p.context, "chan_name": ch.name,
	}
}
