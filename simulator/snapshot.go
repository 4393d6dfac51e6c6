package simulator

import (
	"encoding/json"
	"fmt"
)

// Snapshot is the report with the channels as they stand: who hears whom, and what plays.
type Snapshot struct {
	Report
	Channels []Standing `json:"channels"`
}

// Standing is one channel now.
type Standing struct {
	UUID        string `json:"uuid"`
	Number      string `json:"number"`                // of the far end
	With        string `json:"with,omitempty"`        // the other leg of its bridge, "" = it is in none
	Application string `json:"application,omitempty"` // what the dialplan does with it: playback, park, conference, eavesdrop
	Data        string `json:"data,omitempty"`
}

// Snapshot tells what has happened so far and what is the case now.
func (s *Simulator) Snapshot() Snapshot {
	out := Snapshot{Report: s.Report()}
	s.enter()
	defer s.leave()
	for _, ch := range s.sorted() {
		one := Standing{UUID: ch.uuid, Number: ch.number}
		if ch.bridge != nil {
			one.With = ch.bridge.other(ch).uuid
		}
		if f := ch.top(); f != nil {
			one.Application, one.Data = f.app, f.data
		}
		out.Channels = append(out.Channels, one)
	}
	return out
}

// WriteSnapshot writes the snapshot as JSON; the file is there whole or not at all.
func (s *Simulator) WriteSnapshot(path string) error {
	b, err := json.MarshalIndent(s.Snapshot(), "", " ")
	if err != nil {
		return fmt.Errorf("encode snapshot of the simulated switch: %w", err)
	}
	if err := writeWhole(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write snapshot of the simulated switch: %w", err)
	}
	return nil
}
