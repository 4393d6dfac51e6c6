package queue

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

func team() []Member {
	at := func(s int) time.Time { return time.Date(2026, 3, 2, 1, 0, s, 0, time.UTC) }
	return []Member{
		{AgentID: 1, Priority: 1, Staff: "8001", IdleSince: at(30), Calls: 4},
		{AgentID: 2, Priority: 1, Staff: "8002", IdleSince: at(10), Calls: 9},
		{AgentID: 3, Priority: 1, Staff: "8003", IdleSince: at(20), Calls: 1},
		{AgentID: 4, Priority: 2, Staff: "7000", IdleSince: at(0), Calls: 0},
	}
}

func ids(ms []Member) string {
	var b strings.Builder
	for _, m := range ms {
		b.WriteByte(byte('0' + m.AgentID))
	}
	return b.String()
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		s    models.Strategy
		last string
		want string
	}{
		{models.StrategyLongestIdle, "", "2314"},
		{models.StrategyFewestCalls, "", "3124"},
		{models.StrategyPriorityFirst, "8002", "1234"},
		{models.StrategyMemory, "", "1234"},
		{models.StrategyMemory, "8001", "2314"},
		{models.StrategyMemory, "8002", "3124"},
		{models.StrategyMemory, "8003", "1234"}, // round again
		{models.StrategyRingAll, "", "1234"},
	} {
		if got := ids(Order(c.s, team(), c.last, rand.IntN)); got != c.want {
			t.Errorf("%s after %q: %s, want %s", c.s, c.last, got, c.want)
		}
	}
}

// Memory goes round: with everybody ready, each is called once before anybody is called twice.
func TestMemoryGoesRound(t *testing.T) {
	members, last, got := team()[:3], "", ""
	for range 7 {
		first := Order(models.StrategyMemory, members, last, rand.IntN)[0]
		last, got = first.Staff, got+ids([]Member{first})
	}
	if got != "1231231" {
		t.Errorf("called %s", got)
	}
}

// Random is fair within the best tier, and never leaves it while it has somebody.
func TestRandomWithinTheTier(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	count := map[int64]int{}
	for range 3000 {
		count[Order(models.StrategyRandom, team(), "", r.IntN)[0].AgentID]++
	}
	for id := int64(1); id <= 3; id++ {
		if count[id] < 850 || count[id] > 1150 {
			t.Errorf("agent %d came first %d times of 3000", id, count[id])
		}
	}
	if count[4] != 0 {
		t.Errorf("the second tier came first %d times", count[4])
	}
}

func TestAll(t *testing.T) {
	order := Order(models.StrategyRingAll, team(), "", rand.IntN)
	if n := All(models.StrategyRingAll, order); n != 3 {
		t.Errorf("ring_all calls %d, the best tier has 3", n)
	}
	if n := All(models.StrategyMemory, order); n != 1 {
		t.Errorf("memory calls %d", n)
	}
	if n := All(models.StrategyMemory, nil); n != 0 {
		t.Errorf("nobody is there and %d are called", n)
	}
}

func TestStaffNumber(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		pattern string
		length  int
		want    string
	}{{"8?", 3, `^8\d\d$`}, {"8?", 4, `^8\d\d\d$`}, {"?", 3, `^\d{3}$`}, {"8?0", 4, `^8\d\d0$`}, {"123", 3, `^123$`}, {"", 3, `^8001$`}} {
		seen := map[string]bool{}
		for range 200 {
			n := StaffNumber("8001", c.pattern, c.length, r.IntN)
			if !regexp.MustCompile(c.want).MatchString(n) {
				t.Fatalf("%q with %d digits gave %s", c.pattern, c.length, n)
			}
			seen[n] = true
		}
		if strings.Contains(c.pattern, "?") && len(seen) < 10 {
			t.Errorf("%q gave only %d numbers", c.pattern, len(seen))
		}
	}
	all := []string{}
	for range 4000 {
		all = append(all, StaffNumber("", "8?", 3, r.IntN))
	}
	slices.Sort(all)
	if all[0] != "800" || all[len(all)-1] != "899" {
		t.Errorf("from %s to %s, want 800 to 899", all[0], all[len(all)-1])
	}
}
