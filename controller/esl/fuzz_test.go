package esl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

// cutUp reads all messages of a stream; texts are copied, since a frame ends with the next.
func cutUp(r io.Reader, limit int) (out []string, err error) {
	f := newFrames(r, limit)
	for {
		fr, err := f.next()
		if err != nil {
			return out, err
		}
		if len(fr.body) > limit {
			return out, fmt.Errorf("body of %d bytes", len(fr.body))
		}
		out = append(out, fmt.Sprintf("%d|%s|%s|%s", fr.kind, fr.reply, fr.job, fr.body))
	}
}

// Whatever comes: no panic, an end, and the same messages and the same sort of end however the bytes were cut.
func FuzzFrames(f *testing.F) {
	for _, name := range []string{"auth_ok.txt", "auth_fail.txt", "originate_bad_gateway.txt", "gateway_state.txt"} {
		b := heardFrom(f, name)
		f.Add(b[:min(len(b), 1200)], uint64(1)) // short, or the fuzzer spends its time making them so
	}
	f.Add([]byte("Content-Length: -1\nContent-Type: text/event-plain\n\n"), uint64(2))
	f.Add([]byte("\n\n\r\nContent-Type: command/reply\r\nReply-Text: +OK\r\n\r\nContent-Type: api/response\nContent-Length: 3\n\n+O"), uint64(3))
	f.Add([]byte("Content-Type: api/response\nContent-Length: 65536\nContent-Length: 2\n\nab"), uint64(4))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		const limit = 4096
		whole, end := cutUp(bytes.NewReader(stream), limit)
		pieces, end2 := cutUp(&trickle{stream, rand.New(rand.NewPCG(seed, 2))}, limit)
		if fmt.Sprint(whole) != fmt.Sprint(pieces) || end.Error() != end2.Error() {
			t.Fatalf("whole: %d messages, %v; in pieces: %d messages, %v", len(whole), end, len(pieces), end2)
		}
		if !errors.Is(end, ErrBrokenStream) && !errors.Is(end, io.EOF) && !errors.Is(end, io.ErrUnexpectedEOF) {
			t.Fatalf("end %v", end)
		}
	})
}

// Whatever an event holds: no panic, the same result twice, and a value that was escaped comes back as it was.
func FuzzEvent(f *testing.F) {
	for _, name := range []string{"call_answered_plain.txt", "gateway_state.txt", "02_key_early.txt"} {
		for _, m := range naiveMessages(f, heardFrom(f, name)) {
			f.Add([]byte(m.body[max(0, len(m.body)-1500):]), "12#9")
		}
	}
	f.Add([]byte("Event-Name: BACKGROUND_JOB\nContent-Length: 99999999999\n\n+OK"), "100%")
	f.Fuzz(func(t *testing.T, body []byte, digits string) {
		d := newDecoder()
		one, err := d.event(body)
		two, err2 := d.event(bytes.Clone(body))
		if one != two || (err == nil) != (err2 == nil) {
			t.Fatalf("%+v %v\n%+v %v", one, err, two, err2)
		}
		if err != nil && !errors.Is(err, ErrBrokenStream) {
			t.Fatal(err)
		}
		if len(one.Body) > len(body) || len(d.words) > maxWords {
			t.Fatalf("body of %d bytes, %d words", len(one.Body), len(d.words))
		}
		if strings.HasPrefix(digits, "ARRAY::") {
			return
		}
		escaped := strings.ReplaceAll(url.QueryEscape(digits), "+", "%20")
		e, err := d.event([]byte("Event-Name: DTMF\nvariable_digits_dialed: " + escaped + "\n\n"))
		if err != nil || e.Digits != digits || e.Name != "DTMF" {
			t.Fatalf("%q came back as %q, %v", digits, e.Digits, err)
		}
	})
}

// allowed is the grammar of everything that the fuzzed commands may look like on the wire.
var allowed = regexp.MustCompile(`^(?:` +
	`bgapi originate \{origination_uuid=(?P<u>[0-9a-f-]{36}),originate_timeout=\d{1,3},ignore_early_media=true` +
	`(?:,origination_caller_id_number=\+?[0-9*#]{2,20},origination_caller_id_name=\+?[0-9*#]{2,20})?` +
	`,waihu_attempt=[0-9a-f-]{36},waihu_campaign=\d{1,19}\}sofia/gateway/[A-Za-z0-9_-]{1,32}/\+?[0-9*#]{2,20} ` +
	`[A-Za-z0-9_-]{1,64} XML [A-Za-z0-9_-]{1,32}\nJob-UUID: [0-9a-f-]{36}` +
	`|api uuid_kill [0-9a-f-]{36} [A-Z_]{3,40}` +
	`|api uuid_transfer [0-9a-f-]{36} [A-Za-z0-9_-]{1,64} XML [A-Za-z0-9_-]{1,32}` +
	`|bgapi originate \{origination_uuid=[0-9a-f-]{36},originate_timeout=\d{1,3},ignore_early_media=true` +
	`(?:,origination_caller_id_number=[A-Za-z0-9_.+*#-]{1,32},origination_caller_id_name=[A-Za-z0-9_.+*#-]{1,32})?` +
	`(?:,sip_h_Call-Info=<sip:[A-Za-z0-9.:-]{1,253}>;answer-after=0)?(?:,sip_h_X-Waihu-Call=[0-9a-f-]{36})?` +
	`(?:,group_confirm_key=[0-9*#],group_confirm_file=[A-Za-z0-9_.@+:/-]{1,280},group_confirm_read_timeout=\d{1,2}000)?` +
	`(?:,waihu_call=[0-9a-f-]{36})?(?:,waihu_agent=\d{1,19})?(?:,waihu_queue=\d{1,19})?(?:,waihu_leg=[a-z_]{4,9})?` +
	`(?:,eavesdrop_enable_dtmf=false,eavesdrop_whisper_aleg=(?:true|false),eavesdrop_whisper_bleg=(?:true|false))?` +
	`\}(?:user/[A-Za-z0-9_-]{1,32}@[A-Za-z0-9.:-]{1,253}|sofia/gateway/[A-Za-z0-9_-]{1,32}/\+?[0-9*#]{2,20}) ` +
	`(?:[A-Za-z0-9_-]{1,64} XML [A-Za-z0-9_-]{1,32}|&eavesdrop\([0-9a-f-]{36}\))\nJob-UUID: [0-9a-f-]{36}` +
	`|api uuid_transfer [0-9a-f-]{36} set:eavesdrop_whisper_aleg=(?:true|false),set:eavesdrop_whisper_bleg=(?:true|false),eavesdrop:[0-9a-f-]{36} inline` +
	`|api uuid_transfer [0-9a-f-]{36} (?:-both )?conference:[0-9a-f-]{36}@default inline` +
	`|api uuid_hold (?:off )?[0-9a-f-]{36}` +
	`|api uuid_audio [0-9a-f-]{36} (?:start read mute -1|stop)` +
	`|api uuid_send_dtmf [0-9a-f-]{36} [0-9*#]{1,32}` +
	`|api uuid_record [0-9a-f-]{36} (?:start|stop|mask|unmask) /[A-Za-z0-9_.@+/-]{0,200}\d{4}/\d\d/\d\d/[0-9a-f-]{36}\.wav` +
	`|api uuid_broadcast [0-9a-f-]{36} (?:tone_stream://%\(200,100,800\);loops=2|file_string://[A-Za-z0-9_.@+:/!-]+) aleg` +
	`|api uuid_setvar [0-9a-f-]{36} waihu_call [0-9a-f-]{36}` +
	`|api uuid_bridge [0-9a-f-]{36} [0-9a-f-]{36}` +
	`|api uuid_broadcast [0-9a-f-]{36} (?:(?:local|silence)_stream://)?[A-Za-z0-9_.@+/-]{1,255} aleg` +
	`|api uuid_setvar [0-9a-f-]{36} waihu_step [A-Za-z0-9_-]{1,64}` +
	`|api uuid_setvar [0-9a-f-]{36} transfer_after_bridge [A-Za-z0-9_-]{1,64}:XML:[A-Za-z0-9_-]{1,32}` +
	`|api (?:xml_locate dialplan context name|sofia xmlstatus gateway) [A-Za-z0-9_-]{1,32}` +
	`|api sofia xmlstatus profile [A-Za-z0-9_-]{1,32} reg` +
	`|api (?:global_getvar|module_exists) [A-Za-z0-9_]{1,64}` +
	`|api file_exists (?:(?:local|silence)_stream://)?[A-Za-z0-9_.@+/-]{1,255}` +
	`)$`)

// fuzzedPhone puts the fuzzer's texts wherever a phone takes one.
func fuzzedPhone(uuid, gateway, number, extension, cause string, ring int, campaign int64) Phone {
	return Phone{UUID: uuid, Extension: extension, Domain: gateway, RingSeconds: ring, AutoAnswer: campaign%2 == 0, CallerNumber: number,
		Marks: Marks{Call: uuid, Agent: campaign, Queue: campaign, Leg: models.LegKind(cause)}}
}

// Whatever the texts: a command is refused as the caller's mistake, or exactly one command of the allowed grammar arrives
// at the peer.
func FuzzCommand(f *testing.F) {
	for _, s := range hostile {
		f.Add(uuidA, s, s, s, s, 45, int64(7))
		f.Add(s, "pstn", "13800000200", "waihu_voice_7", "NORMAL_CLEARING", 45, int64(7))
	}
	f.Add(uuidA, "pstn", "13800000200", "waihu_voice_7", "NORMAL_CLEARING", 45, int64(7))
	client, peerSide := net.Pipe()
	f.Cleanup(func() { _ = client.Close() })
	arrived := make(chan string)
	go func() {
		p := &peer{}
		c := &peerConn{Conn: peerSide, p: p}
		r := bufio.NewReader(peerSide)
		for {
			cmd, err := c.command(r)
			if err != nil {
				close(arrived)
				return
			}
			if p.blanks.Load() != 0 || r.Buffered() != 0 {
				cmd += "\x00and more"
			}
			arrived <- cmd
		}
	}()
	w := &wire{conn: client}
	f.Fuzz(func(t *testing.T, uuid, gateway, number, extension, cause string, ring int, campaign int64) {
		for _, build := range []func() (message, error){
			func() (message, error) {
				return originate(Originate{UUID: uuid, Gateway: gateway, Number: number, CallerNumber: number, RingSeconds: ring,
					Extension: extension, Context: gateway, CampaignID: campaign})
			},
			func() (message, error) { return kill(uuid, cause) },
			func() (message, error) { return transfer(uuid, extension, gateway) },
			func() (message, error) { return bridge(uuid, uuid) },
			func() (message, error) { return broadcast(uuid, []string{extension}) },
			func() (message, error) { return broadcast(uuid, []string{extension, number, "a/" + gateway}) },
			func() (message, error) {
				return originatePhone(PhoneCall{Phone: fuzzedPhone(uuid, gateway, number, extension, cause, ring, campaign), Target: extension, Context: gateway})
			},
			func() (message, error) {
				return eavesdrop(fuzzedPhone(uuid, gateway, number, extension, cause, ring, campaign), uuid, models.SuperviseMode(cause))
			},
			func() (message, error) {
				return eavesdrop(fuzzedPhone(uuid, gateway, number, extension, cause, ring, campaign), uuid, models.SuperviseWhisper)
			},
			func() (message, error) {
				return originateOutside(OutsideCall{UUID: uuid, Gateway: gateway, Number: number, CallerNumber: number, RingSeconds: ring,
					Target: extension, Context: gateway, Confirm: Confirm{cause, extension, ring}, Marks: Marks{Call: extension, Queue: campaign}})
			},
			func() (message, error) {
				return originateOutside(OutsideCall{UUID: uuid, Gateway: gateway, Number: number, RingSeconds: ring,
					Target: extension, Context: gateway, Confirm: Confirm{"1", extension, 5}, Marks: Marks{Call: uuid, Agent: campaign}})
			},
			func() (message, error) { return setEavesdrop(uuid, extension, models.SuperviseMode(cause)) },
			func() (message, error) { return setEavesdrop(uuid, uuid, models.SuperviseBarge) },
			func() (message, error) { return hold(uuid) },
			func() (message, error) { return unhold(uuid) },
			func() (message, error) { return mute(uuid, campaign%2 == 0) },
			func() (message, error) { return sendDTMF(uuid, number) },
			func() (message, error) { return conference(uuid, extension, true) },
			func() (message, error) { return conference(uuid, uuid, campaign%2 == 0) },
			func() (message, error) { return beepTo(uuid) },
			func() (message, error) { return record(RecordAction(cause), uuid, RecordFile{extension, number}) },
			func() (message, error) {
				return record(RecordMask, uuid, RecordFile{"/" + extension, RecordPath(time.Unix(campaign, 0).UTC(), uuid)})
			},
			func() (message, error) { return setVar(uuid, VarCall, CallID(extension)) },
			func() (message, error) { return setVar(uuid, VarCall, CallID(uuid)) },
			func() (message, error) { return setVar(uuid, VarStep, Step(extension)) },
			func() (message, error) { return setVar(uuid, VarTransferAfterBridge, Target(extension, gateway)) },
			func() (message, error) { return setVar(uuid, Var(cause), Step(extension)) },
			func() (message, error) { return locateContext(gateway) },
			func() (message, error) { return gatewayStatus(gateway) },
			func() (message, error) { return registrations(gateway) },
			func() (message, error) { return globalVar(extension) },
			func() (message, error) { return moduleExists(extension) },
			func() (message, error) { return fileExists(extension) },
		} {
			m, err := build()
			if err != nil {
				if !models.IsKind(err, models.Invalid) || m.wire != "" {
					t.Fatalf("refused with %v and message %q", err, m.wire)
				}
				continue
			}
			if err := w.send(m); err != nil {
				t.Fatal(err)
			}
			if got := <-arrived; !allowed.MatchString(got) {
				t.Fatalf("arrived: %q", got)
			}
		}
	})
}
