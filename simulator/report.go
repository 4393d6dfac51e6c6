package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Report is what the far phones saw: a witness that knows nothing of the daemon's records.
type Report struct {
	Numbers map[string]NumberReport `json:"numbers"`
	// Muted are the channels whose far ends are not heard now.
	Muted []string `json:"muted,omitempty"`
	// Watched is who listened to whom, in which mode, in the order in which it began.
	Watched []Watched `json:"watched,omitempty"`
	Totals  Totals    `json:"totals"`
}

// Totals are sums over all numbers, and peaks.
type Totals struct {
	Dialled       int            `json:"dialled"`
	Refused       int            `json:"refused"` // by the switch: limits, gateways, full trunks
	Answered      int            `json:"answered"`
	Ended         int            `json:"ended"`
	InProgress    int            `json:"in_progress"`
	Outcomes      map[string]int `json:"outcomes"`
	Refusals      map[string]int `json:"refusals"`
	PeakCalls     int            `json:"peak_calls"`      // calls at the same time
	PeakPerSecond int            `json:"peak_per_second"` // calls begun within a second of the clock
}

// NumberReport is what happened at one number.
type NumberReport struct {
	Dialled    int            `json:"dialled"` // originates that reached it
	Refused    int            `json:"refused"` // originates that the switch refused
	Answered   int            `json:"answered"`
	InProgress int            `json:"in_progress"`
	MaxAtOnce  int            `json:"max_at_once"` // calls to it at the same time
	Outcomes   map[string]int `json:"outcomes"`    // cause of the end → times
	Calls      []CallReport   `json:"calls"`
}

// CallReport is one call that reached a number.
type CallReport struct {
	UUID     string    `json:"uuid"`
	Caller   string    `json:"caller"`
	Dialled  time.Time `json:"dialled"`
	Answered time.Time `json:"answered,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Cause    string    `json:"cause,omitempty"`
	Keys     string    `json:"keys,omitempty"`
	// Put through: when the switch sent CHANNEL_ANSWER, when its originate had noticed the answer, so that the channel could be bridged, and when it
	// got the first uuid_bridge, by its clock as it went on.
	AnswerSent time.Time `json:"answer_sent,omitzero"`
	Bridgeable time.Time `json:"bridgeable,omitzero"`
	BridgeGot  time.Time `json:"bridge_got,omitzero"`
	With       []string  `json:"with,omitempty"` // phones or numbers with which it was to be bridged by uuid_bridge, each time
	Lost       bool      `json:"lost,omitempty"` // the switch was restarted under it
}

// Watched is a leg that began to listen to another.
type Watched struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`   // channel of the one who listens
	Who  string    `json:"who"`  // extension of the phone that is listened to
	Over string    `json:"over"` // its channel
	Mode string    `json:"mode"` // listen, whisper or barge
}

// reporter gathers the report; the switch's lock guards it.
type reporter struct {
	numbers map[string]*NumberReport
	calls   map[*channel]int // index of the channel's CallReport in its number
	totals  Totals
	watches []Watched
	second  int64
	begun   int
}

func newReporter() *reporter {
	return &reporter{
		numbers: map[string]*NumberReport{}, calls: map[*channel]int{},
		totals: Totals{Outcomes: map[string]int{}, Refusals: map[string]int{}},
	}
}

func (r *reporter) number(n string) *NumberReport {
	one := r.numbers[n]
	if one == nil {
		one = &NumberReport{Outcomes: map[string]int{}}
		r.numbers[n] = one
	}
	return one
}

// dialled notes a call that reaches the far end and says which one to this number it is, from 1.
func (r *reporter) dialled(ch *channel) int {
	n := r.number(ch.number)
	n.Dialled++
	n.InProgress++
	n.MaxAtOnce = max(n.MaxAtOnce, n.InProgress)
	r.calls[ch] = len(n.Calls)
	n.Calls = append(n.Calls, CallReport{UUID: ch.uuid, Caller: ch.caller.ani, Dialled: ch.s.now})
	r.totals.Dialled++
	r.totals.PeakCalls = max(r.totals.PeakCalls, len(r.calls))
	if s := ch.s.now.Unix(); s != r.second {
		r.second, r.begun = s, 0
	}
	r.begun++
	r.totals.PeakPerSecond = max(r.totals.PeakPerSecond, r.begun)
	return n.Dialled
}

func (r *reporter) refused(number, why string) {
	r.number(number).Refused++
	r.totals.Refused++
	r.totals.Refusals[why]++
}

func (r *reporter) call(ch *channel) (*NumberReport, *CallReport) {
	i, ok := r.calls[ch]
	if !ok {
		return nil, nil
	}
	n := r.numbers[ch.number]
	return n, &n.Calls[i]
}

func (r *reporter) answered(ch *channel) {
	if n, call := r.call(ch); call != nil {
		call.Answered, call.AnswerSent = ch.s.now, ch.s.cfg.Clock.Now()
		n.Answered++
		r.totals.Answered++
	}
}

// bridgeable notes that the originate has let the channel go: a bridge does not call it off any more.
func (r *reporter) bridgeable(ch *channel) {
	if _, call := r.call(ch); call != nil {
		call.Bridgeable = ch.s.cfg.Clock.Now()
	}
}

func (r *reporter) watched(by, over *channel) {
	mode := "listen"
	switch {
	case by.vars.get("eavesdrop_whisper_aleg") == "true": // who talks with the leg hears the supervisor
		mode = "barge"
	case by.vars.get("eavesdrop_whisper_bleg") == "true": // the leg itself does
		mode = "whisper"
	}
	r.watches = append(r.watches, Watched{At: by.s.now, By: by.uuid, Who: over.number, Over: over.uuid, Mode: mode})
}

// bridged notes that somebody asked for a bridge.
func (r *reporter) bridged(ch, with *channel) {
	_, call := r.call(ch)
	if call == nil {
		return
	}
	call.With = append(call.With, with.number)
	if call.BridgeGot.IsZero() {
		call.BridgeGot = ch.s.cfg.Clock.Now()
	}
}

func (r *reporter) key(ch *channel, digit byte) {
	if _, call := r.call(ch); call != nil {
		call.Keys += string(digit)
	}
}

func (r *reporter) ended(ch *channel) {
	n, call := r.call(ch)
	if call == nil {
		return
	}
	call.Ended, call.Cause = ch.hungup, ch.cause.name
	n.InProgress--
	n.Outcomes[call.Cause]++
	r.totals.Ended++
	r.totals.Outcomes[call.Cause]++
	delete(r.calls, ch)
}

// lost notes a call that a restart of the switch took away.
func (r *reporter) lost(ch *channel) {
	n, call := r.call(ch)
	if call == nil {
		return
	}
	call.Lost, call.Ended = true, ch.s.now
	n.InProgress--
	n.Outcomes["lost"]++
	r.totals.Outcomes["lost"]++
	delete(r.calls, ch)
}

// Report tells what has happened so far.
func (s *Simulator) Report() Report {
	s.enter()
	defer s.leave()
	out := Report{Numbers: make(map[string]NumberReport, len(s.report.numbers)), Totals: s.report.totals}
	out.Totals.InProgress = len(s.report.calls)
	out.Totals.Outcomes = copyCounts(s.report.totals.Outcomes)
	out.Totals.Refusals = copyCounts(s.report.totals.Refusals)
	out.Watched = slices.Clone(s.report.watches)
	for id, ch := range s.channels {
		if ch.muted {
			out.Muted = append(out.Muted, id)
		}
	}
	slices.Sort(out.Muted)
	for name, n := range s.report.numbers {
		one := *n
		one.Outcomes = copyCounts(n.Outcomes)
		one.Calls = append([]CallReport(nil), n.Calls...)
		for i := range one.Calls {
			one.Calls[i].With = slices.Clone(one.Calls[i].With)
		}
		out.Numbers[name] = one
	}
	return out
}

func copyCounts(m map[string]int) map[string]int {
	out := make(map[string]int, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// WriteReport writes the report as JSON; the file is there whole or not at all.
func (s *Simulator) WriteReport(path string) error {
	b, err := json.MarshalIndent(s.Report(), "", " ")
	if err != nil {
		return fmt.Errorf("encode simulator report: %w", err)
	}
	if err := writeWhole(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write simulator report: %w", err)
	}
	return nil
}

// writeWhole writes beside and renames.
func writeWhole(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("create file beside %s: %w", path, err)
	}
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to tell
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
