package agent

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"waihu/models"
)

var morning = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func TestLifeOfACall(t *testing.T) {
	now := morning
	step := func(a Agent, want models.AgentState) Agent {
		t.Helper()
		if a.State != want {
			t.Fatalf("state %s, want %s", a.State, want)
		}
		now = now.Add(time.Second)
		return a
	}
	a := step(Agent{}.SignIn(now), models.AgentIdle)
	signedIn := a.IdleSince
	a = step(a.Reserve("c1", 7, now), models.AgentReserved)
	if other := a.Offer("c2", 7, now); other != a {
		t.Fatal("a reserved agent got another call")
	}
	a = step(a.Offer("c1", 7, now), models.AgentRinging)
	a = step(a.Talk("c1", now), models.AgentTalking)
	a = step(a.Hold(now), models.AgentHold)
	a = step(a.Talk("c1", now), models.AgentTalking)
	if a.Calls != 1 {
		t.Fatalf("%d calls, a hold is not a new one", a.Calls)
	}
	a = step(a.Busy("lunch", "user", now), models.AgentTalking)
	if a.Pausing() != "lunch" {
		t.Fatal("the break that was asked for is forgotten")
	}
	a = step(a.End("c1", 10*time.Second, now), models.AgentWrapUp)
	if !a.IdleSince.After(signedIn) {
		t.Fatal("idle since the sign-in although a call was served")
	}
	idle := a.IdleSince
	if early := a.Tick(now); early != a {
		t.Fatal("the wrap-up ended early")
	}
	now = now.Add(20 * time.Second)
	a = step(a.Tick(now), models.AgentBusy)
	if a.Reason != "lunch" {
		t.Fatalf("busy for %q", a.Reason)
	}
	a = step(a.Idle("user", now), models.AgentIdle)
	if !a.IdleSince.Equal(idle) {
		t.Error("a short break cost the place among the longest idle")
	}
	a = step(a.Busy("training", "user", now), models.AgentBusy)
	now = now.Add(time.Hour)
	a = step(a.Idle("user", now), models.AgentIdle)
	if a.IdleSince.Equal(idle) {
		t.Error("an hour's break counts as idle time")
	}
	step(a.SignOut("", "user", now), models.AgentOffline)
}

func TestMisses(t *testing.T) {
	a := Agent{}.SignIn(morning)
	for i := range 3 {
		a = a.Offer("c", 1, morning).Miss("c", 3, morning)
		if want := []models.AgentState{models.AgentIdle, models.AgentIdle, models.AgentBusy}[i]; a.State != want {
			t.Fatalf("after %d misses %s, want %s", i+1, a.State, want)
		}
	}
	if a.Reason != models.BusyMissed {
		t.Errorf("reason %q", a.Reason)
	}
	if a = a.Idle("user", morning); a.Missed != 0 {
		t.Error("misses are remembered after coming back")
	}
	a = a.Offer("c", 1, morning).Withdraw("c", morning)
	if a.Missed != 0 || a.State != models.AgentIdle {
		t.Errorf("an offer that was taken back counts: %+v", a)
	}
}

func TestRestore(t *testing.T) {
	for _, c := range []struct {
		was  models.AgentState
		call string
		want models.AgentState
	}{
		{models.AgentTalking, "c", models.AgentTalking}, {models.AgentTalking, "", models.AgentIdle}, {models.AgentReserved, "c", models.AgentIdle},
		{models.AgentRinging, "c", models.AgentIdle}, {models.AgentBusy, "", models.AgentBusy}, {models.AgentWrapUp, "c", models.AgentWrapUp},
	} {
		if a := Restore(c.was, "why", c.call, 1, morning, morning); a.State != c.want {
			t.Errorf("%s with call %q is restored as %s, want %s", c.was, c.call, a.State, c.want)
		}
	}
	if a := Restore(models.AgentWrapUp, "", "c", 1, morning, morning).Tick(morning); a.State != models.AgentIdle {
		t.Errorf("a wrap-up before the restart lasts: %s", a.State)
	}
}

// Whatever comes in whatever order: an agent has a call only in the states that have one, is idle only when signed in, and
// who asked to leave leaves when his call is over.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, now := Agent{}, morning
		calls := []string{"c1", "c2"}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			call := rapid.SampledFrom(calls).Draw(t, "call")
			before := a
			switch rapid.IntRange(0, 11).Draw(t, "input") {
			case 0:
				a = a.SignIn(now)
			case 1:
				a = a.SignOut("", "user", now)
			case 2:
				a = a.Busy("lunch", "user", now)
			case 3:
				a = a.Idle("user", now)
			case 4:
				a = a.Reserve(call, 1, now)
			case 5:
				a = a.Unreserve(call, now)
			case 6:
				a = a.Offer(call, 1, now)
			case 7:
				a = a.Talk(call, now)
			case 8:
				a = a.Hold(now)
			case 9:
				a = a.Miss(call, 2, now)
			case 10:
				a = a.End(call, 3*time.Second, now)
			default:
				a = a.Tick(now)
			}
			if a.InCall() && a.CallID == "" || (a.State == models.AgentIdle || a.State == models.AgentOffline) && a.CallID != "" {
				t.Fatalf("%s with call %q", a.State, a.CallID)
			}
			if before.InCall() && a.InCall() && before.CallID != a.CallID {
				t.Fatalf("from call %s to call %s without an end", before.CallID, a.CallID)
			}
			if before.Leaving() && !a.Leaving() && a.State != models.AgentOffline && a.InCall() == before.InCall() && a.State != before.State {
				t.Fatalf("%s after %s although the agent asked to leave", a.State, before.State)
			}
			if a.State != before.State && !a.Since.Equal(now) {
				t.Fatalf("changed to %s without a time", a.State)
			}
		}
	})
}
