package simulator_test

import (
	"strings"
	"testing"

	"waihu/simulator/town"
)

// TestBridgeOvertakesOriginate: seen on FreeSWITCH 1.10.12 on 2026-11-27. The originate notices the answer up to 20 ms late. A
// uuid_bridge in between calls it off; the bridge stands all the same, and the extension is never entered.
func TestBridgeOvertakesOriginate(t *testing.T) {
	cfg := recorded()
	cfg.Clock = fast(0.05) // 20 ms are 0.4 s
	at := func(seconds float64) town.Distribution {
		return town.Distribution{Kind: town.Uniform, Min: seconds, Max: seconds}
	}
	cfg.Town = town.Config{AnswerProbability: 1, ProgressTime: at(0.001), RingTime: at(0.002), Patience: at(60)}
	s, stop := begin(t, cfg)
	defer stop()
	f := subscribe(t, s.Addr(), "CHANNEL_ANSWER CHANNEL_PARK CHANNEL_BRIDGE BACKGROUND_JOB")
	f.originate(t, 0, "13911110610", "&park()")
	f.until(t, "CHANNEL_PARK", 1)
	f.originate(t, 1, "13911110611", "&park()")
	f.until(t, "CHANNEL_ANSWER", 2)
	if _, err := f.conn.Write([]byte("api uuid_bridge " + callID(1) + " " + callID(0) + "\n\n")); err != nil {
		t.Fatal(err)
	}
	f.until(t, "CHANNEL_BRIDGE", 1)
	job := ""
	for i, name := range f.names {
		if name == "BACKGROUND_JOB" && strings.Contains(string(f.texts[i]), "Job-UUID: "+callID(1)) {
			_, job, _ = strings.Cut(string(f.texts[i]), "\n\n")
		}
	}
	if job != "-ERR ORIGINATOR_CANCEL\n" || f.count("CHANNEL_PARK") != 1 {
		t.Errorf("job %q, events %v; want the originate called off before the bridge, and no park", job, f.names)
	}
}
