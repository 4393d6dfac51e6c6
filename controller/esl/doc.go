// Package esl is the only place that speaks to the switch's event socket: it connects, keeps alive, reads events in
// order on one connection and sends commands on two others, one at a time on each: the urgent ones, which somebody on the line
// waits for, and all the rest.
//
// It owns these connections and the order of commands. It must not know campaigns, calls or the database, and nobody
// else may use eslgo.
//
// # What of eslgo is used
//
// Every message to the switch is built with the command types of eslgo; its Conn is not used. Conn v1.5.2 reads and deletes
// entries of one map without a common lock each time it is closed (the race detector stops at every Close, and the
// runtime may end the process: "concurrent map read and map write"), and a negative Content-Length panics in a
// goroutine of the library, where nobody can recover it. So all connections share the frame reader of this package,
// which is fuzzed.
//
// # Order of a session
//
// Client.Run dials the connections, subscribes, asks for the Core-UUID, calls Up, hands on events one by one and, when the
// event connection is lost, calls Down and begins anew. A command connection that is lost, or that a command has timed out on, is
// dialled anew by itself, and no event is missed. Whoever gets Up must treat everything before it as possibly
// lost and compare with Client.Channels.
package esl
