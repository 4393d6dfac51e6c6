package call

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waihu/models"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func at(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }

// answered is a call that rings after 0.1 s, is answered after 2 s, hears a menu, presses 5 and 1 and is hung up at 9 s.
func answered() []Event {
	created := Times{Created: at(0)}
	rang := Times{Created: at(0), Progress: at(0.1)}
	talking := Times{Created: at(0), Progress: at(0.1), Answered: at(2)}
	full := Times{Created: at(0), Progress: at(0.1), Answered: at(2), HungUp: at(9)}
	return []Event{
		{Kind: Created, At: at(0), Times: created, Node: "core"},
		{Kind: Rang, At: at(0.1), Times: rang, Node: "core"},
		{Kind: Answered, At: at(2), Times: talking, Node: "core"},
		{Kind: Keyed, At: at(4), Digit: "5", Times: talking, Node: "core"},
		{Kind: Keyed, At: at(5), Digit: "1", Times: talking, Node: "core"},
		{Kind: HungUp, At: at(8.98), Times: talking, Node: "core", End: End{Cause: "NORMAL_CLEARING", Step: "key_1"}},
		{Kind: Completed, At: at(9), Times: full, Node: "core", End: End{
			Cause: "NORMAL_CLEARING", Q850: 16, SIPStatus: 200, Disposition: "recv_bye", Step: "key_1", Digits: "51",
		}},
	}
}

func record(events []Event) models.Facts {
	c := Call{State: models.AttemptSent}
	for _, ev := range events {
		c, _ = c.Step(ev, at(9))
	}
	_, f := c.Close(at(12))
	return f
}

func TestAnyOrderAndDuplicationGivesTheSameRecord(t *testing.T) {
	want := record(answered())
	rapid.Check(t, func(t *rapid.T) {
		events := answered()
		events = append(events, rapid.SliceOf(rapid.SampledFrom(answered())).Draw(t, "doubled")...)
		if got := record(rapid.Permutation(events).Draw(t, "order")); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
	if want.Outcome != models.OutcomeAnswered || want.Sub != models.SubKey || want.TalkMS != 7000 || want.RingMS != 1900 ||
		models.Digits(want.Keys) != "51" || want.WhoHungUp != models.HangupCallee || want.SIPStatus != 200 {
		t.Fatalf("record %+v", want)
	}
}

func TestLostEventsLeaveWhatTheOthersSay(t *testing.T) {
	all := answered()
	want := record(all)
	for i := range all {
		rest := append(append([]Event{}, all[:i]...), all[i+1:]...)
		got := record(rest)
		if got.Outcome != want.Outcome || models.Digits(got.Keys) != "51" || got.TalkMS < want.TalkMS-20 {
			t.Errorf("without %d: %+v", all[i].Kind, got)
		}
	}
}

func TestLateEventsChangeNothing(t *testing.T) {
	c := Call{State: models.AttemptSent}
	for _, ev := range answered() {
		c, _ = c.Step(ev, at(9))
	}
	if !c.Over() || !c.Due(at(9)) {
		t.Fatal("a completed call must be due at once")
	}
	c, _ = c.Close(at(9))
	if _, changed := c.Step(Event{Kind: Keyed, Digit: "9", At: at(8)}, at(10)); changed {
		t.Fatal("a closed call changed")
	}
}

func TestHangupWaitsForDetailsOnlyForTheGrace(t *testing.T) {
	c, _ := Call{State: models.AttemptSent}.Step(Event{Kind: HungUp, At: at(3), End: End{Cause: "USER_BUSY"}}, at(5))
	if !c.Over() || c.Due(at(3)) || !c.Due(at(5)) {
		t.Fatalf("over %v, due now %v", c.Over(), c.Due(at(3)))
	}
}

func TestOutcomes(t *testing.T) {
	placed := Times{Created: at(0)}
	early := Times{Created: at(0), ProgressMedia: at(0.2)}
	tests := []struct {
		name  string
		times Times
		end   End
		kind  Kind
		want  models.Outcome
		who   models.WhoHungUp
	}{
		{"486", placed, End{Cause: "USER_BUSY", Q850: 17, SIPStatus: 486, Disposition: "recv_refuse"}, Completed, "busy", "callee"},
		{"480", placed, End{Cause: "NO_USER_RESPONSE", Q850: 18, SIPStatus: 480, Disposition: "recv_refuse"}, Completed, "unreachable", "callee"},
		{"404", placed, End{Cause: "UNALLOCATED_NUMBER", Q850: 1}, Completed, "invalid_number", ""},
		{"410", placed, End{Cause: "NUMBER_CHANGED", Q850: 22}, Completed, "number_changed", ""},
		{"484", placed, End{Cause: "INVALID_NUMBER_FORMAT", Q850: 28}, Completed, "bad_format", ""},
		{"604", placed, End{Cause: "NO_ROUTE_DESTINATION", Q850: 3}, Completed, "no_route", ""},
		{"603", placed, End{Cause: "CALL_REJECTED", Q850: 21}, Completed, "rejected", ""},
		{"607", placed, End{Cause: "UNWANTED"}, Completed, "unwanted", ""},
		{"503", placed, End{Cause: "NORMAL_TEMPORARY_FAILURE", Q850: 41}, Completed, "network_error", ""},
		{"502", placed, End{Cause: "NETWORK_OUT_OF_ORDER", Q850: 38}, Completed, "network_error", ""},
		{"408", placed, End{Cause: "RECOVERY_ON_TIMER_EXPIRE", Q850: 102}, Completed, "timeout", ""},
		{"488", placed, End{Cause: "INCOMPATIBLE_DESTINATION", Q850: 88}, Completed, "media_error", ""},
		{"ring timeout", placed, End{Cause: "NO_ANSWER", Q850: 19, SIPStatus: 487, Disposition: "send_cancel"}, Completed, "no_answer", "waihu"},
		{"out of order with a channel", placed, End{Cause: "DESTINATION_OUT_OF_ORDER", Q850: 27}, Completed, "suspended", ""},
		{"refused by the switch", Times{}, End{Cause: "DESTINATION_OUT_OF_ORDER"}, JobFailed, "congestion", "switch"},
		{"no such gateway", Times{}, End{Cause: "INVALID_GATEWAY"}, JobFailed, "gateway_down", "switch"},
		{"gateway down", Times{}, End{Cause: "GATEWAY_DOWN"}, JobFailed, "gateway_down", "switch"},
		{"announcement, then busy", early, End{Cause: "USER_BUSY", Q850: 17}, Completed, "not_connected", ""},
		{"announcement, then 404", early, End{Cause: "UNALLOCATED_NUMBER", Q850: 1}, Completed, "invalid_number", ""},
		{"unheard of", placed, End{Cause: "CRASH", Q850: 0}, Completed, "other_failure", ""},
		{"lost", Times{}, End{Cause: models.CauseLost}, Gone, "other_failure", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := Call{State: models.AttemptSent}.Step(Event{Kind: tt.kind, At: at(1), Times: tt.times, End: tt.end}, at(1))
			_, f := c.Close(at(1))
			if f.Outcome != tt.want || f.WhoHungUp != tt.who {
				t.Fatalf("%s by %q, want %s by %q", f.Outcome, f.WhoHungUp, tt.want, tt.who)
			}
		})
	}
}

func TestEveryCauseOfTheTableHasAFinalOutcome(t *testing.T) {
	known := map[models.Outcome]bool{}
	for _, o := range models.Outcomes {
		known[o] = true
	}
	for cause, o := range byCause {
		if !known[o] {
			t.Errorf("%s: %q is not an outcome", cause, o)
		}
	}
}

func TestSubOfAnsweredCalls(t *testing.T) {
	tests := []struct {
		step  string
		keys  string
		opted bool
		cause string
		want  models.Sub
	}{
		{"played", "", false, "NORMAL_CLEARING", models.SubPlayedToEnd},
		{"play_2", "", false, "NORMAL_CLEARING", models.SubHungUpPlaying},
		{"no_key", "", false, "NORMAL_CLEARING", models.SubIVROnly},
		{"key_1", "1", false, "NORMAL_CLEARING", models.SubKey},
		{"overflow", "1", false, "NORMAL_CLEARING", models.SubOverflow},
		{"opted_out", "9", false, "NORMAL_CLEARING", models.SubOptedOut},
		{"menu_7", "9", true, "NORMAL_CLEARING", models.SubOptedOut},
		{"", "", false, models.CauseLost, models.SubLostMidCall},
	}
	for _, tt := range tests {
		end := End{Cause: tt.cause, Step: tt.step, Digits: tt.keys}
		c := Call{State: models.AttemptAnswered, Times: Times{Created: at(0), Answered: at(1)}, OptedOut: tt.opted}
		c, _ = c.Step(Event{Kind: Completed, At: at(2), End: end}, at(2))
		if _, f := c.Close(at(2)); f.Sub != tt.want {
			t.Errorf("%+v: %s", tt, f.Sub)
		}
	}
}

// A refusal that only the far end can give says that the call was placed, even when every event of its channel was lost.
func TestPlacedWithoutEvents(t *testing.T) {
	for cause, placed := range map[string]bool{
		"USER_BUSY": true, "NO_USER_RESPONSE": true, "UNALLOCATED_NUMBER": true, "DESTINATION_OUT_OF_ORDER": false, "INVALID_GATEWAY": false, "GATEWAY_DOWN": false,
	} {
		c, _ := Call{State: models.AttemptSent}.Step(Event{Kind: JobFailed, End: End{Cause: cause}}, time.Time{}.Add(time.Hour))
		if _, facts := c.Close(time.Time{}.Add(time.Hour)); facts.Placed != placed {
			t.Errorf("%s alone: placed %v, want %v", cause, facts.Placed, placed)
		}
	}
}
