// Package esl is the only place that speaks to the switch's event socket: it connects, keeps alive, reads events in
// order on one connection and sends one command at a time on another.
//
// It owns the two connections and the order of commands. It must not know campaigns, calls or the database, and nobody
// else may use eslgo.
//
// # What of eslgo is used
//
// Every message to the switch is built with the command types of eslgo; its Conn is not used. Conn v1.5.2 reads and deletes
// entries of one map without a common lock each time it is closed (the race detector stops at every Close, and the
// runtime may end the process: "concurrent map read and map write"), and a negative Content-Length panics in a
// goroutine of the library, where nobody can recover it. So both connections share the frame reader of this package,
// which is fuzzed.
//
// # Order of a session
//
// Client.Run dials both connections, subscribes, asks for the Core-UUID, calls Up, hands on events one by one and, when
// either connection is lost, calls Down and begins anew. Whoever gets Up must treat everything before it as possibly
// lost and compare with Client.Channels.
package esl
