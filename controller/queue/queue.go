// Package queue says in which order the agents of a queue are offered a call (客服接听方式, S1-47, A-3), and which staff number
// the customer hears (S1-45, A-5).
//
// It is pure: no I/O, clock, goroutine, lock or logger; chance comes in as a function.
package queue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// Member is an agent of the queue who could take a call now.
type Member struct {
	AgentID   int64
	Priority  int    // the smaller the sooner (S1-48)
	Staff     string // 工号, the order in which they take turns
	IdleSince time.Time
	Calls     int // served since the sign-in
}

// Order sorts the members that are ready into the order in which the call is to be offered. Priority is a tier above the
// strategy. last is the staff number of the agent who was called last, for the cyclic memory; pick gives a number below n.
func Order(s models.Strategy, ready []Member, last string, pick func(n int) int) []Member {
	out := slices.Clone(ready)
	slices.SortFunc(out, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), within(s, a, b, last), byStaff(a, b))
	})
	if s == models.StrategyRandom {
		for from := 0; from < len(out); {
			to := from
			for to < len(out) && out[to].Priority == out[from].Priority {
				to++
			}
			shuffle(out[from:to], pick)
			from = to
		}
	}
	return out
}

// within compares two members of one tier.
func within(s models.Strategy, a, b Member, last string) int {
	switch s {
	case models.StrategyMemory:
		return cmp.Compare(btoi(!behind(a, last)), btoi(!behind(b, last)))
	case models.StrategyFewestCalls:
		return cmp.Or(cmp.Compare(a.Calls, b.Calls), a.IdleSince.Compare(b.IdleSince))
	case models.StrategyLongestIdle:
		return a.IdleSince.Compare(b.IdleSince)
	default:
		return 0
	}
}

// behind reports whether the member's turn comes after last, in the round of staff numbers.
func behind(m Member, last string) bool { return staffLess(last, m.Staff) }

func byStaff(a, b Member) int {
	switch {
	case staffLess(a.Staff, b.Staff):
		return -1
	case staffLess(b.Staff, a.Staff):
		return 1
	default:
		return cmp.Compare(a.AgentID, b.AgentID)
	}
}

// staffLess orders staff numbers as people do: 9 before 10.
func staffLess(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

func shuffle(ms []Member, pick func(int) int) {
	for i := len(ms) - 1; i > 0; i-- {
		j := pick(i + 1)
		ms[i], ms[j] = ms[j], ms[i]
	}
}

// All is how many of the order are called at once: one, or with ring_all the whole best tier.
func All(s models.Strategy, order []Member) int {
	if len(order) == 0 || s != models.StrategyRingAll {
		return min(len(order), 1)
	}
	n := 1
	for n < len(order) && order[n].Priority == order[0].Priority {
		n++
	}
	return n
}

// StaffNumber is the number that the customer hears: the agent's own, or one made by the pattern, in which digits stay and ?
// stands for as many random digits as make it length long: "8?" with 3 gives 800 to 899.
func StaffNumber(own, pattern string, length int, pick func(n int) int) string {
	if pattern == "" {
		return own
	}
	fill := length - (len(pattern) - strings.Count(pattern, "?"))
	marks := strings.Count(pattern, "?")
	var b strings.Builder
	for _, c := range pattern {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n := fill / max(marks, 1)
		if marks == 1 {
			n = fill
		}
		for range n {
			b.WriteByte(byte('0' + pick(10)))
		}
		fill -= n
		marks--
	}
	return b.String()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
