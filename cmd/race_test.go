//go:build race

package cmd

// raceDetector makes everything some times slower.
const raceDetector = true
