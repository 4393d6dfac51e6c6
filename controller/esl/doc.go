// Package esl is the only place that speaks to the switch's event socket: it connects, keeps alive, reads events in
// order on one connection and sends one command at a time on another (eslgo).
//
// It owns the two connections and the order of commands. It must not know campaigns, calls or the database, and nobody
// else may use eslgo.
package esl
