package floor

import (
	"slices"
	"testing"
	"time"

	"waihu/controller/pacing"
	"waihu/models"
)

// A day's window begins anew at midnight: A and D are of that day, and what may be answered after midnight is not started
// without an agent before it.
func TestWindowOfADay(t *testing.T) {
	s := stageOf(t, "ready", "staff 1:nailed_up wrap=0", "phone 1001 on", "start direct=5 predictive=3 window=day", "counted 2000 3")
	p := s.f.campaigns[1].pace
	s.now = time.Date(2026, 3, 2, 15, 59, 0, 0, time.UTC) // midnight in Shanghai is a minute away
	s.f.Tick(s.now)
	if p.window.Answered != 2000 || s.f.atEdge(p, s.now) {
		t.Errorf("a minute before midnight: %+v, at the edge: %v", p.window, s.f.atEdge(p, s.now))
	}
	if at := s.now.Add(25 * time.Second); !s.f.atEdge(p, at) {
		t.Error("35 s before midnight a call that rings for 30 s may start without an agent")
	}
	s.now = s.now.Add(time.Minute)
	s.f.Tick(s.now)
	if p.window.WindowCounts != (models.WindowCounts{}) || !p.window.known || !p.window.from.Equal(s.now) {
		t.Errorf("at midnight: %+v", p.window)
	}
}

// What was counted is taken once: the floor knows of ends that the database does not have yet.
func TestWindowIsCountedOnce(t *testing.T) {
	s := stageOf(t, "ready", "start direct=5 predictive=3", "counted 100 1", "counted 90 0", "pause", "start direct=5 predictive=3", "counted 80 0")
	if n := s.f.campaigns[1].pace.window.WindowCounts; n != (models.WindowCounts{Answered: 100, Abandoned: 1}) {
		t.Errorf("%+v", n)
	}
}

// Until the database has said what was before, no call starts without an agent.
func TestNothingAheadBeforeTheWindowIsKnown(t *testing.T) {
	s := stageOf(t, "ready", "staff 1:nailed_up wrap=0", "phone 1001 on", "start direct=5 predictive=3", "signin 1 5")
	for id := range s.f.legs {
		s.f.HeardLeg(id, LegAnswered, "", s.now)
		s.f.HeardLeg(id, LegParked, "", s.now)
	}
	p := s.f.campaigns[1].pace
	p.window.Answered = 5000
	s.f.decide(s.f.campaigns[1], models.GateOpen, s.now.Add(time.Second))
	v := s.f.paceView(s.f.campaigns[1], models.GateOpen, s.now)
	for _, l := range v.Limits {
		if l.Why == "guarantee" && l.Room == 1 && len(v.Idle) == 1 {
			return
		}
	}
	t.Errorf("%+v", v)
}

// A campaign that measures its gain dials progressively for five minutes of each twenty, and its samples say so.
func TestGainSlices(t *testing.T) {
	s := stageOf(t, "ready", "staff 1:nailed_up wrap=0", "phone 1001 on", "start direct=5 predictive=3 guarantee=off gain=1", "counted 0 0", "signin 1 5")
	for id := range s.f.legs {
		s.f.HeardLeg(id, LegAnswered, "", s.now)
		s.f.HeardLeg(id, LegParked, "", s.now)
	}
	r := s.f.campaigns[1]
	changes, samples := 0, map[bool]int{}
	for at, before := s.now, false; at.Before(s.now.Add(2 * time.Hour)); at = at.Add(10 * time.Second) {
		s.f.decide(r, models.GateOpen, at)
		gain := boundByGain(r.pace.last.Candidates)
		if want := pacing.Covered(1, at.Unix()); gain != want {
			t.Fatalf("at %s the decision is bound to idle agents: %v, want %v", at.Format(time.TimeOnly), gain, want)
		}
		if v := r.pace.sample(1, at); v.Covered != gain {
			t.Fatalf("at %s the sample says %v", at.Format(time.TimeOnly), v.Covered)
		}
		if gain && !before {
			changes++
		}
		before = gain
		samples[gain]++
	}
	if changes < 4 || changes > 6 || samples[true] != 6*30 || samples[false] != 6*90 {
		t.Errorf("two hours had %d slices, %v samples", changes, samples)
	}
	r.c.Rules.Pacing.GainSlices = false
	for at := s.now.Add(2 * time.Hour); at.Before(s.now.Add(3 * time.Hour)); at = at.Add(time.Minute) {
		if s.f.decide(r, models.GateOpen, at); boundByGain(r.pace.last.Candidates) {
			t.Fatal("slices without being asked for")
		}
	}
}

func boundByGain(all []pacing.Candidate) bool {
	return slices.ContainsFunc(all, func(c pacing.Candidate) bool { return c.Why == pacing.ByGain })
}

// Agents of one queue serve two campaigns: an agent covers a call of one of them only.
func TestAgentsAreSharedBetweenCampaigns(t *testing.T) {
	s := stageOf(t, "ready", "staff 1:nailed_up 2:nailed_up wrap=0", "phone 1001 on", "phone 1002 on", "start direct=5 predictive=3", "counted 0 0",
		"signin 1 5", "signin 2 5")
	for id := range s.f.legs {
		s.f.HeardLeg(id, LegAnswered, "", s.now)
		s.f.HeardLeg(id, LegParked, "", s.now)
	}
	s.do([]string{"tick", "50ms"})
	s.do([]string{"reserved", "a:13800000001", "b:13800000002", "c:13800000003"})
	s.do([]string{"tick", "1s"})
	if n := len(s.f.calls); n != 2 {
		t.Fatalf("%d calls for two agents", n)
	}
	other := s.f.campaigns[1].c
	other.ID = 2
	s.f.Start(other, []string{"075512345678"})
	s.f.WindowCounted(2, time.Time{}, models.WindowCounts{Answered: 3000}, s.now)
	v := s.f.paceView(s.f.campaigns[2], models.GateOpen, s.now)
	room := 99
	for _, l := range v.Limits {
		if l.Why == "guarantee" {
			room = min(room, l.Room)
		}
	}
	if len(v.Idle) != 0 || room != 0 {
		t.Errorf("the second campaign sees %d idle agents and may start %d calls without one; both agents have the first one's call on the way", len(v.Idle), room)
	}
}

// TestNumbersTeachTheirKind: what became of calls teaches the pacing what numbers like them are worth, by carrier and by what was tried before, and the
// numbers that come next and those that ring are taken for it.
func TestNumbersTeachTheirKind(t *testing.T) {
	s := stageOf(t, "ready", "staff 1:nailed_up wrap=0", "phone 1001 on", "start direct=5 predictive=3", "counted 0 0", "signin 1 5")
	r := s.f.campaigns[1]
	call := func(number string, lead models.Lead) *live {
		v := models.Reserved{Lead: lead, Attempt: models.Attempt{ID: "a", CampaignID: 1, TrunkID: 1, Number: number, Kind: models.KindCampaign}}
		l := &live{Reserved: v, sentAt: s.now}
		s.f.foresee(r, l, s.now)
		return l
	}
	good, bad := models.Lead{}, models.Lead{Attempts: 5, LastOutcome: models.OutcomeNoAnswer}
	for i := range 900 {
		s.f.rang(call("+8613900000001", good), pacing.Answered, s.now.Add(10*time.Second))
		s.f.rang(call("+8675500000001", good), pacing.NotAnswered, s.now.Add(10*time.Second))
		if i%3 > 0 {
			s.f.rang(call("+8613900000002", bad), pacing.NotAnswered, s.now.Add(10*time.Second))
		} else {
			s.f.rang(call("+8613900000002", bad), pacing.Answered, s.now.Add(10*time.Second))
		}
	}
	likely, again, never := call("+8613912345678", good), call("+8613912345678", bad), call("+8675512345678", good)
	if a, b, c := likely.odds.Times, again.odds.Times, never.odds.Times; a < 2*b || b < 2*c {
		t.Errorf("a number of 139 is answered %.2f times as often as all, tried five times %.2f, one of 0755 %.2f", a, b, c)
	}
	r.hopper = []held{{Reserved: never.Reserved, at: s.now}, {Reserved: likely.Reserved, at: s.now}}
	likely.call.State, never.call.State = models.AttemptSent, models.AttemptSent
	never.sentAt = s.now.Add(-5 * time.Second)
	s.f.calls["b"], s.f.calls["c"] = likely, never
	v := s.f.paceView(r, models.GateOpen, s.now)
	if len(v.NextOdds) != 2 || v.NextOdds[0].Times >= v.NextOdds[1].Times {
		t.Errorf("next: %+v", v.NextOdds)
	}
	if len(v.Odds) != 2 || v.Odds[0] != likely.odds || v.Odds[1] != never.odds {
		t.Errorf("ringing for %v: %+v, want first the one that has just been dialled, %+v", v.Ring, v.Odds, likely.odds)
	}
}
