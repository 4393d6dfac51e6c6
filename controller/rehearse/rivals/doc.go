// Package rivals holds pacing policies to compare ours with: what others do, re-implemented from its description, and an
// anchor that knows what no dialer can know. It shares no code with controller/pacing. Pure: no clock, no I/O.
package rivals
