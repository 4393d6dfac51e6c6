// Package model is a model town: agents, callees and the time they take, in virtual time, to judge pacing policies by.
//
// It owns the truth (who answers when, how long people talk) and the count of what happened; a policy sees what a floor
// would see and says how many calls to start. It shares no code with controller/pacing, so that a mistake there can't hide
// itself here. No clock, no I/O; the same seed gives the same day.
package model
