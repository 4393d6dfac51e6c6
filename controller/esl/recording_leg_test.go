package esl

import (
	"strings"
	"testing"
)

// lastEvent decodes the last event of a recording that has this name or subclass.
func lastEvent(t *testing.T, name, event string) Event {
	t.Helper()
	var last Event
	for _, m := range naiveMessages(t, heardFrom(t, name)) {
		if m.headers["Content-Type"] != "text/event-plain" {
			continue
		}
		e, err := newDecoder().event([]byte(m.body))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name == event || e.Subclass == event {
			last = e
		}
	}
	if last.Name == "" {
		t.Fatalf("no %s in %s", event, name)
	}
	return last
}

// The same of agents' legs, phones, conferences and calls that come in.
func TestRecordedFactsOfLegs(t *testing.T) {
	e := lastEvent(t, "inbound_park.txt.gz", "CHANNEL_PROGRESS_MEDIA")
	if e.Direction != "inbound" || e.Caller != "13900000001" || e.Destination != "4008000002" || e.Context != "public" {
		t.Errorf("inbound: %+v", e)
	}
	for _, name := range []string{"CHANNEL_HOLD", "CHANNEL_UNHOLD"} {
		if e = lastEvent(t, "uuid_hold.txt.gz", name); e.UUID != "a4b34a70-664e-421c-acac-a5b48b8c82ec" || e.OtherLeg != "4f209759-3598-4b9b-8b5c-36b5764e2d5b" ||
			e.Direction != "outbound" || e.Caller+e.Destination+e.Context != "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	e = lastEvent(t, "08_uuid_record.txt.gz", "RECORD_STOP")
	if e.UUID != "32dbd153-1e59-497d-9e00-94a2a202bd5e" || !strings.HasSuffix(e.File, e.UUID+".wav") || e.RecordMS < 3000 || e.RecordMS > 5000 {
		t.Errorf("recording: %+v", e)
	}
	for name, subclass := range map[string]string{"sofia_register.txt.gz": SubclassRegister, "sofia_expire.txt.gz": SubclassExpire} {
		if e = lastEvent(t, name, subclass); e.User == "" || e.Domain != "127.0.0.1" || e.Profile != "internal" || e.UserAgent != "sipp-agent" ||
			e.Contact != `"" <sip:`+e.User+`@127.0.0.1:5090>` {
			t.Errorf("%s: %+v", subclass, e)
		}
	}
	if e = lastEvent(t, "sofia_register.txt.gz", SubclassUnregister); e.User != "1002" || e.Domain != "127.0.0.1" {
		t.Errorf("unregistered: %+v", e)
	}
	e = lastEvent(t, "07_three_way_conference.txt.gz", SubclassConference)
	if e.Conference != "w6c0e7e69" || e.Action != "conference-destroy" || e.UUID != "" {
		t.Errorf("conference: %+v", e)
	}
	if e = lastEvent(t, "07_three_way_conference.txt.gz", "CHANNEL_UNBRIDGE"); e.OtherLeg != "" || e.BridgeA != "6c0e7e69-6403-467a-aa0d-ed44e7b33483" {
		t.Errorf("unbridge: %+v", e)
	}
	for ping, reachable := range map[string]bool{"UNREACHABLE": false, "REACHABLE": true} {
		e, err := newDecoder().event([]byte("Event-Subclass: sofia%3A%3Asip_user_state\nEvent-Name: CUSTOM\nsip_contact: sip%3A1000%40192.0.2.7%3A5060\n" +
			"profile-name: waihu_agents\nsip_user: 1000\nfrom-user: 1000\nfrom-host: d\ncall-id: x\nPing-Status: " + ping + "\nStatus: 408\nPhrase: Request%20Timeout\n\n"))
		want := Event{Name: "CUSTOM", Subclass: SubclassReachability, User: "1000", Domain: "d", Profile: "waihu_agents", Contact: "sip:1000@192.0.2.7:5060", Ping: ping}
		if err != nil || e != want || e.Reachable() != reachable {
			t.Errorf("reachability: %+v, %v", e, err)
		}
	}
	e, err := newDecoder().event([]byte("Event-Subclass: waihu%3A%3Astep\nEvent-Name: CUSTOM\nUnique-ID: " + uuidA + "\nvariable_waihu_step: flow_7\nvariable_waihu_key: %23\n" +
		"variable_waihu_queue: 3\nvariable_waihu_agent: x\n\n"))
	if err != nil || e != (Event{Name: "CUSTOM", Subclass: SubclassStep, UUID: uuidA, Step: "flow_7", Key: "#", Queue: 3}) {
		t.Errorf("step: %+v, %v", e, err)
	}
}
