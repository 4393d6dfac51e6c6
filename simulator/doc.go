// Package simulator is a FreeSWITCH in software: an event-socket server, channels that run the generated dialplan, and a
// town of callees. It is the demo, the training switch, the load test's switch and the tests' double.
//
// It owns its channels and the report of what it was asked to dial, the witness against which tests compare the daemon's
// records. It must not share code with the daemon's event-socket client, so that one's error does not hide the other's.
package simulator
