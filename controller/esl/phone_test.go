package esl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

// goodPhone, goodOutside and goodFile are those that nothing is wrong with.
func goodPhone() PhoneCall {
	return PhoneCall{
		Phone: Phone{
			UUID: uuidA, Extension: "1000", Domain: "127.0.0.1", RingSeconds: 20, AutoAnswer: true, CallerNumber: "13800000200",
			Marks: Marks{Call: uuidB, Agent: 12, Queue: 3, Leg: models.LegAgent},
		},
		Target: "waihu_agent", Context: "waihu",
	}
}

func goodOutside() OutsideCall {
	return OutsideCall{
		UUID: uuidA, Gateway: "pstn", Number: "13800000200", CallerNumber: "075512345678", RingSeconds: 30,
		Target: "waihu_agent", Context: "waihu", Confirm: Confirm{Key: "1", File: "/srv/sounds/accept.wav", Seconds: 5},
		Marks: Marks{Call: uuidB, Agent: 12},
	}
}

func goodFile() RecordFile {
	return RecordFile{Folder: "/srv/recordings", Path: RecordPath(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), uuidB)}
}

// What the corpus of hostile texts cannot do through campaign calls, it cannot do through agents' legs (A-02, R-INJ-1).
func TestHostileTextsOfLegs(t *testing.T) {
	ctx := context.Background()
	refuses(t, func(c *Client) map[string]func(string) error {
		return map[string]func(string) error{
			"value   ":    func(s string) error { return c.SetVar(ctx, uuidA, VarCall, CallID(s)) },
			"file ":       func(s string) error { return c.Broadcast(ctx, uuidA, "a.wav", "x/"+s+"/../x") },
			"room":        func(s string) error { return c.Conference(ctx, uuidA, s) },
			"room ":       func(s string) error { return c.JoinConference(ctx, uuidA, s) },
			"uuid   ":     func(s string) error { return c.Hold(ctx, s) },
			"uuid    ":    func(s string) error { return c.Unhold(ctx, s) },
			"uuid       ": func(s string) error { return c.Mute(ctx, s, true) },
			"uuid     ":   func(s string) error { return c.Beep(ctx, s) },
			"uuid      ":  func(s string) error { return c.SendDTMF(ctx, s, "1") },
			"digits":      func(s string) error { return c.SendDTMF(ctx, uuidA, s) },
			"supervisor":  func(s string) error { return c.SetEavesdrop(ctx, s, uuidB, models.SuperviseListen) },
			"over":        func(s string) error { return c.SetEavesdrop(ctx, uuidA, s, models.SuperviseListen) },
			"mode":        func(s string) error { return c.SetEavesdrop(ctx, uuidA, uuidB, models.SuperviseMode(s)) },
			"what":        func(s string) error { return c.Record(ctx, RecordAction(s), uuidA, goodFile()) },
			"path":        func(s string) error { return c.Record(ctx, RecordStart, uuidA, RecordFile{"/srv/rec", s}) },
			"path ": func(s string) error {
				return c.Record(ctx, RecordStart, uuidA, RecordFile{"/srv/rec", RecordPath(time.Time{}, s)})
			},
			"folder":      func(s string) error { return c.Record(ctx, RecordStart, uuidA, RecordFile{s, goodFile().Path}) },
			"uuid 1":      func(s string) error { o := goodPhone(); o.UUID = s; return c.OriginatePhone(ctx, o) },
			"extension 1": func(s string) error { o := goodPhone(); o.Extension = s; return c.OriginatePhone(ctx, o) },
			"domain 1":    func(s string) error { o := goodPhone(); o.Domain = s; return c.OriginatePhone(ctx, o) },
			"caller_number 1": func(s string) error {
				o := goodPhone()
				o.CallerNumber = s
				return c.OriginatePhone(ctx, o)
			},
			"target 1":  func(s string) error { o := goodPhone(); o.Target = s; return c.OriginatePhone(ctx, o) },
			"context 1": func(s string) error { o := goodPhone(); o.Context = s; return c.OriginatePhone(ctx, o) },
			"leg 1": func(s string) error {
				o := goodPhone()
				o.Marks.Leg = models.LegKind(s)
				return c.OriginatePhone(ctx, o)
			},
			"uuid 2":    func(s string) error { o := goodOutside(); o.UUID = s; return c.OriginateOutside(ctx, o) },
			"gateway 2": func(s string) error { o := goodOutside(); o.Gateway = s; return c.OriginateOutside(ctx, o) },
			"number 2":  func(s string) error { o := goodOutside(); o.Number = s; return c.OriginateOutside(ctx, o) },
			"caller_number 2": func(s string) error {
				o := goodOutside()
				o.CallerNumber = s
				return c.OriginateOutside(ctx, o)
			},
			"target 2":      func(s string) error { o := goodOutside(); o.Target = s; return c.OriginateOutside(ctx, o) },
			"context 2":     func(s string) error { o := goodOutside(); o.Context = s; return c.OriginateOutside(ctx, o) },
			"call 2":        func(s string) error { o := goodOutside(); o.Marks.Call = s; return c.OriginateOutside(ctx, o) },
			"confirm_key 2": func(s string) error { o := goodOutside(); o.Confirm.Key = s; return c.OriginateOutside(ctx, o) },
			"confirm_file 2": func(s string) error {
				o := goodOutside()
				o.Confirm.File = "../" + s
				return c.OriginateOutside(ctx, o)
			},
			"uuid 3": func(s string) error {
				o := goodPhone().Phone
				o.UUID = s
				return c.Eavesdrop(ctx, o, uuidA, models.SuperviseBarge)
			},
			"over 3": func(s string) error { return c.Eavesdrop(ctx, goodPhone().Phone, s, models.SuperviseBarge) },
			"mode 3": func(s string) error { return c.Eavesdrop(ctx, goodPhone().Phone, uuidA, models.SuperviseMode(s)) },
		}
	})
}

// Commands about legs go out exactly so, as they were put to a real switch; the address in Call-Info and the list of marks are
// ours.
func TestLegCommandTexts(t *testing.T) {
	plain := goodPhone()
	plain.AutoAnswer, plain.CallerNumber, plain.Marks = false, "", Marks{}
	outside := goodOutside()
	outside.Confirm, outside.CallerNumber, outside.Marks = Confirm{}, "", Marks{}
	supervisor := plain.Phone
	job := "\nJob-UUID: " + uuidA + "\n\n"
	ring := "bgapi originate {origination_uuid=" + uuidA + ",originate_timeout=20,ignore_early_media=true"
	mobile := "bgapi originate {origination_uuid=" + uuidA + ",originate_timeout=30,ignore_early_media=true"
	file := "/srv/recordings/2026/11/26/" + uuidB + ".wav"
	built := func(m message, err error) string {
		if err == nil {
			err = m.check()
		}
		if err != nil {
			t.Error(err)
		}
		return m.wire
	}
	for _, tc := range []struct{ got, want string }{
		{built(originatePhone(plain)), ring + "}user/1000@127.0.0.1 waihu_agent XML waihu" + job},
		{built(originatePhone(goodPhone())), ring + ",origination_caller_id_number=13800000200,origination_caller_id_name=13800000200" +
			",sip_h_Call-Info=<sip:127.0.0.1>;answer-after=0,sip_h_X-Waihu-Call=" + uuidB + ",waihu_call=" + uuidB +
			",waihu_agent=12,waihu_queue=3,waihu_leg=agent}user/1000@127.0.0.1 waihu_agent XML waihu" + job},
		{built(originateOutside(outside)), mobile + "}sofia/gateway/pstn/13800000200 waihu_agent XML waihu" + job},
		{built(originateOutside(goodOutside())), mobile + ",origination_caller_id_number=075512345678,origination_caller_id_name=075512345678" +
			",group_confirm_key=1,group_confirm_file=/srv/sounds/accept.wav,group_confirm_read_timeout=5000,waihu_call=" + uuidB +
			",waihu_agent=12}sofia/gateway/pstn/13800000200 waihu_agent XML waihu" + job},
		{built(eavesdrop(supervisor, uuidB, models.SuperviseWhisper)), ring + ",eavesdrop_enable_dtmf=false,eavesdrop_whisper_aleg=false" +
			",eavesdrop_whisper_bleg=true}user/1000@127.0.0.1 &eavesdrop(" + uuidB + ")" + job},
		{built(setEavesdrop(uuidA, uuidB, models.SuperviseBarge)), "api uuid_transfer " + uuidA +
			" set:eavesdrop_whisper_aleg=true,set:eavesdrop_whisper_bleg=true,eavesdrop:" + uuidB + " inline\n\n"},
		{built(setEavesdrop(uuidA, uuidB, models.SuperviseListen)), "api uuid_transfer " + uuidA +
			" set:eavesdrop_whisper_aleg=false,set:eavesdrop_whisper_bleg=false,eavesdrop:" + uuidB + " inline\n\n"},
		{built(hold(uuidA)), "api uuid_hold " + uuidA + "\n\n"},
		{built(unhold(uuidA)), "api uuid_hold off " + uuidA + "\n\n"},
		{built(mute(uuidA, true)), "api uuid_audio " + uuidA + " start read mute -1\n\n"},
		{built(mute(uuidA, false)), "api uuid_audio " + uuidA + " stop\n\n"},
		{built(sendDTMF(uuidA, "19*#")), "api uuid_send_dtmf " + uuidA + " 19*#\n\n"},
		{built(conference(uuidA, uuidB, true)), "api uuid_transfer " + uuidA + " -both conference:" + uuidB + "@default inline\n\n"},
		{built(conference(uuidA, uuidB, false)), "api uuid_transfer " + uuidA + " conference:" + uuidB + "@default inline\n\n"},
		{built(beepTo(uuidA)), "api uuid_broadcast " + uuidA + " tone_stream://%(200,100,800);loops=2 aleg\n\n"},
		{built(broadcast(uuidA, []string{"/s/no.wav", "/s/1.wav", "silence_stream://200", "/s/0.wav"})), "api uuid_broadcast " + uuidA +
			" file_string:///s/no.wav!/s/1.wav!silence_stream://200!/s/0.wav aleg\n\n"},
		{built(record(RecordStart, uuidB, goodFile())), "api uuid_record " + uuidB + " start " + file + "\n\n"},
		{built(record(RecordMask, uuidB, RecordFile{"/srv/recordings/", goodFile().Path})), "api uuid_record " + uuidB + " mask " + file + "\n\n"},
		{built(record(RecordUnmask, uuidB, goodFile())), "api uuid_record " + uuidB + " unmask " + file + "\n\n"},
		{built(record(RecordStop, uuidB, goodFile())), "api uuid_record " + uuidB + " stop " + file + "\n\n"},
		{built(setVar(uuidA, VarCall, CallID(uuidB))), "api uuid_setvar " + uuidA + " waihu_call " + uuidB + "\n\n"},
		{built(setVar(uuidA, VarAgent, ID(12))), "api uuid_setvar " + uuidA + " waihu_agent 12\n\n"},
		{built(setVar(uuidA, VarQueue, Unset())), "api uuid_setvar " + uuidA + " waihu_queue\n\n"},
		{built(setVar(uuidB, VarRecordStereo, Flag(true))), "api uuid_setvar " + uuidB + " RECORD_STEREO true\n\n"},
	} {
		if tc.got != tc.want {
			t.Errorf("\n got %q\nwant %q", tc.got, tc.want)
		}
	}
}

// Numbers out of range, lists that do not fit, several faults at once.
func TestFaultsOfLegs(t *testing.T) {
	for field, spoil := range map[string]func(*PhoneCall){
		"ring_seconds":  func(o *PhoneCall) { o.RingSeconds = models.MinAgentRing - 1 },
		"ring_seconds ": func(o *PhoneCall) { o.RingSeconds = models.MaxAgentRing + 1 },
		"agent":         func(o *PhoneCall) { o.Marks.Agent = -1 },
		"queue":         func(o *PhoneCall) { o.Marks.Queue = maxID + 1 },
		"domain":        func(o *PhoneCall) { o.Domain = strings.Repeat("a", 254) },
	} {
		o := goodPhone()
		spoil(&o)
		_, err := originatePhone(o)
		checkFault(t, err, strings.TrimSpace(field))
	}
	o := goodOutside()
	o.Confirm.Seconds = 31
	_, err := originateOutside(o)
	checkFault(t, err, "confirm_seconds")
	_, err = originatePhone(PhoneCall{})
	var e *models.Error
	if !errors.As(err, &e) || len(e.Fields) != 6 {
		t.Errorf("empty: %v", err)
	}
	for _, files := range [][]string{nil, make([]string, maxFiles+1), {"a.wav", "b!c.wav"}, {"a.wav", ""}, {"a.wav", "local_stream://moh"}} {
		_, err := broadcast(uuidA, files)
		checkFault(t, err, "file")
	}
	for name, v := range map[Var]Value{VarCall: ID(1), VarAgent: CallID(uuidA), VarQueue: ID(0), VarStep: CallID(uuidA)} {
		_, err := setVar(uuidA, name, v)
		checkFault(t, err, "value")
	}
	for _, path := range []string{"2026/11/26/" + uuidA + ".mp3", "2026/11/26/" + strings.ToUpper(uuidA) + ".wav", "26/11/26/" + uuidA + ".wav",
		"/2026/11/26/" + uuidA + ".wav", "2026/11/../" + uuidA + ".wav", "2026/11/26/" + strings.Repeat("-", 36) + ".wav"} {
		_, err := record(RecordStart, uuidB, RecordFile{"/srv", path})
		checkFault(t, err, "path")
	}
}
