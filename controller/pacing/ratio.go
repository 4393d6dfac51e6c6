package pacing

import "math"

// RatioTarget is the number of outstanding lines for a ratio of lines per idle agent (S1-20): ratio 2 gives 0 for none,
// 2 for one, 200 for a hundred. A fraction is cut, but an idle agent has at least one line where the ratio is 1 or more.
func RatioTarget(idle int, ratio float64) int {
	if idle <= 0 || ratio <= 0 {
		return 0
	}
	n := int(math.Floor(ratio*float64(idle) + 1e-9)) // 1.1 × 10 is 11
	if ratio >= 1 {
		n = max(n, 1)
	}
	return n
}
