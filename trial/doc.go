// Package trial holds whole-program trials: the daemon, in this process or as a child that is killed, against a simulated
// switch that outlives it and against real databases, which are stopped, hung and made read-only under it.
//
// It owns nothing but tests. What the daemon wrote down is held against what the switch saw: the witness shares no code with
// the daemon, and the ledger is read by plain SQL. It must not be imported, and must not know more of the daemon than an
// operator or the database can see.
package trial
