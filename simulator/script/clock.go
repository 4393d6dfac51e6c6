package script

import (
	"strconv"
	"strings"
	"time"
)

// clockTest compares a part of the time with a list of numbers and ranges.
type clockTest struct {
	value func(time.Time) int
	list  string
}

// clockParts are the attributes of a condition that are read, and what they look at.
var clockParts = []struct {
	name  string
	value func(time.Time) int
}{
	{"year", time.Time.Year},
	{"mon", func(t time.Time) int { return int(t.Month()) }},
	{"mday", time.Time.Day},
	{"wday", func(t time.Time) int { return int(t.Weekday()) + 1 }},
	{"hour", time.Time.Hour},
	{"minute", time.Time.Minute},
	{"minute-of-day", func(t time.Time) int { return t.Hour()*60 + t.Minute() + 1 }},
}

func clockTests(n *node) []clockTest {
	var list []clockTest
	for _, p := range clockParts {
		if v, ok := n.attr(p.name); ok {
			list = append(list, clockTest{p.value, v})
		}
	}
	return list
}

// inTime reports whether all parts of the time match, in the channel's own zone if it has one.
func (h *hunt) inTime(tests []clockTest) bool {
	now := h.request.Now
	if now.IsZero() {
		return false
	}
	if name, ok := h.lookup("timezone"); ok {
		if zone, err := time.LoadLocation(name); err == nil {
			now = now.In(zone)
		}
	}
	for _, t := range tests {
		if !within(t.list, t.value(now)) {
			return false
		}
	}
	return true
}

// within reports whether n is in a list such as 1,3-5. What is no number is none.
func within(list string, n int) bool {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.Atoi(from)
		if err != nil {
			return false
		}
		b := a
		if isRange {
			if b, err = strconv.Atoi(to); err != nil {
				return false
			}
		}
		if min(a, b) <= n && n <= max(a, b) {
			return true
		}
	}
	return false
}
