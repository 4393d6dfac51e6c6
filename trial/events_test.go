package trial

import (
	"testing"
	"time"

	"waihu/controller/esl"
	"waihu/models/store/storetest"
	"waihu/simulator"
)

// F-08, F-09, F-15: events are dropped, doubled, late, shuffled; some kinds never come. With the switch's call records the
// ledger is the same as if nothing had happened, and whatever was missed is mended within 30 seconds.
func TestEventsGoAstray(t *testing.T) {
	t.Parallel()
	never := func(events ...string) simulator.Faults {
		f := simulator.Faults{ByEvent: map[string]simulator.Fault{}}
		for _, e := range events {
			f.ByEvent[e] = simulator.Fault{Drop: 1}
		}
		return f
	}
	all := func(f simulator.Fault) simulator.Faults { return simulator.Faults{Default: f} }
	cases := map[string]simulator.Faults{
		"none":                     {},
		"dropped":                  all(simulator.Fault{Drop: 0.05}),
		"doubled":                  all(simulator.Fault{Double: 0.5}),
		"late":                     all(simulator.Fault{Delay: 0.3, DelayBy: 3 * time.Second}),
		"shuffled":                 all(simulator.Fault{Shuffle: 0.5}),
		"everything":               all(simulator.Fault{Drop: 0.1, Double: 0.2, Delay: 0.2, DelayBy: time.Second, Shuffle: 0.3}),
		"hangup_complete_never":    never("CHANNEL_HANGUP_COMPLETE"),
		"no_end_of_any_call":       never("CHANNEL_HANGUP_COMPLETE", "CHANNEL_HANGUP"),
		"background_job_never":     never("BACKGROUND_JOB"),
		"answer_never":             never("CHANNEL_ANSWER"),
		"nothing_but_the_greeting": all(simulator.Fault{Drop: 1}),
	}
	for name, faults := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.SQLiteConfig(t), setup{})
			if err := r.x.SetFaults(faults); err != nil {
				t.Fatal(err)
			}
			r.start()
			r.finish(patience)
			r.audit(func(w *terms) { w.within = 30 * time.Second })
		})
	}
}

// Without call records a fate that was missed stays unknown: it is closed as lost, which counts as dialled, and never before
// the call was over.
func TestEventsGoAstrayWithoutRecords(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]simulator.Faults{
		"dropped":            {Default: simulator.Fault{Drop: 0.1}},
		"no_end_of_any_call": {ByEvent: map[string]simulator.Fault{"CHANNEL_HANGUP": {Drop: 1}, "CHANNEL_HANGUP_COMPLETE": {Drop: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.SQLiteConfig(t), setup{noRecords: true})
			if err := r.x.SetFaults(faults); err != nil {
				t.Fatal(err)
			}
			r.start()
			r.finish(patience)
			r.audit(func(w *terms) { w.exact, w.within = false, 2*time.Minute })
		})
	}
}

// F-04 and F-11: the event socket is cut every second under load.
func TestSocketCutEverySecond(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 3, list: numbers(2300, 200)})
	r.start()
	cuts := 0
	for !r.finished() {
		pass(time.Second)
		r.x.Cut()
		if cuts++; cuts > 60 {
			t.Fatalf("not finished after %d cuts; the floor: %s", cuts, r.floor())
		}
	}
	r.finish(patience)
	t.Logf("%d cuts", cuts)
	r.audit(func(w *terms) { w.within = 30 * time.Second })
}

// F-05: the switch goes silent under load without closing the connection, and comes back.
func TestSwitchGoesSilent(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 8, list: numbers(1300, 500), client: func(c *esl.Config) {
		c.CommandTimeout, c.DialTimeout = 2*time.Second, 2*time.Second
	}})
	r.start()
	for range 2 {
		before := r.x.dialled()
		eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > before+20 || r.finished() })
		r.x.Stall(true)
		eventually(t, 20*time.Second, "the loss noticed", func() bool { return !r.client.Connected() })
		quiet := r.x.dialled()
		pass(time.Second)
		if n := r.x.dialled(); n != quiet {
			t.Errorf("%d calls dialled while the switch was silent", n-quiet)
		}
		r.x.Stall(false)
	}
	r.finish(patience)
	r.audit(nil)
}

// F-12: the switch restarts under load, with and without leaving records behind. Its calls are closed within 30 seconds.
func TestSwitchRestarts(t *testing.T) {
	t.Parallel()
	for name, records := range map[string]bool{"records": true, "no_records": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 3})
			r.start()
			for range 4 {
				before := r.x.dialled()
				eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > before+20 || r.finished() }, r.floor)
				r.x.Restart(records)
			}
			r.finish(patience)
			r.audit(func(w *terms) { w.exact, w.within = false, 30*time.Second })
		})
	}
}
