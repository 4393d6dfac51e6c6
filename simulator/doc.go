// Package simulator is a FreeSWITCH in software: an event-socket server, channels that run the generated dialplan, and a
// town of callees. It is the demo, the training switch, the load test's switch and the tests' double.
//
// It owns its channels and the report of what it was asked to dial, the witness against which tests compare the daemon's
// records. It must not share code with the daemon's event-socket client, so that one's error does not hide the other's.
//
// One lock guards the switch; timers drive the channels, no goroutine waits for one. Everything happens at its due time of
// the clock, in order, also when the clock runs fast or is skipped. What it says is held by TestConformance against
// recordings of a real FreeSWITCH 1.10.12.
//
// Not simulated: the outbound event socket, mod_callcenter, what the parties of an eavesdrop or a conference hear,
// attended transfer by key, ivr.conf menus, hold music for uuid_hold, several targets in one originate, audio (a
// recording has a tone for each side, and only if it is wanted).
package simulator
