// Package contest sets our pacing and its rivals to the same model towns and writes down what came of it: docs/pacing.md.
// It is pure but for the goroutines that play days side by side; the same seeds give the same figures.
package contest
