package simulator

import (
	"strconv"
	"strings"
)

// The variables of a call, as they were seen on a real one, in three portions: when it is made, when the far end speaks
// for the first time, when media flows. A value's {field} is the channel's; all else is the same for every call.
const (
	madeBefore = `direction={direction}
is_outbound=true
uuid={uuid}
call_uuid={uuid}
session_id={session}
sip_gateway_name={gateway}
sip_local_network_addr=127.0.0.1
sip_profile_name={sipprofile}
video_media_flow=disabled
text_media_flow=disabled
channel_name={name}
sip_destination_url=sip:{target}`

	madeAfter = `originate_endpoint=sofia
rtp_use_codec_string=PCMA,PCMU,OPUS
local_media_ip=127.0.0.1
local_media_port={port}
advertised_media_ip=127.0.0.1
audio_media_flow=sendrecv
rtp_local_sdp_str={offer}
sip_outgoing_contact_uri={contact}
sip_req_uri={target}
sip_to_host={host}
sip_from_host=127.0.0.1
sofia_profile_name={profile}
recovery_profile_name={profile}
sofia_profile_url=sip:mod_sofia@127.0.0.1:{profileport}`

	heardRefusal = `sip_call_id={callid}
sip_reply_host=127.0.0.1
sip_reply_port={hostport}
sip_network_ip=127.0.0.1
sip_network_port={hostport}`

	heardMore = `sip_user_agent=waihu-town
sip_recover_contact=<sip:{host};transport=UDP>
sip_full_via=SIP/2.0/UDP 127.0.0.1:{profileport};rport;branch=z9hG4bK{tag}
sip_recover_via=SIP/2.0/UDP 127.0.0.1:{profileport};rport;branch=z9hG4bK{tag}
sip_from_display={display}
sip_full_from=<sip:{cid}@127.0.0.1>;tag={tag}
sip_full_to=<sip:{target}>;tag={session}T
sip_from_user={cid}
sip_from_uri={cid}@127.0.0.1
sip_to_user={number}
sip_to_port={hostport}
sip_to_uri={target}
sip_contact_params=transport=UDP
sip_contact_user=nobody
sip_contact_port={hostport}
sip_contact_uri=nobody@{host}
sip_contact_host=127.0.0.1
sip_to_tag={session}T
sip_from_tag={tag}
sip_cseq={session}`

	mediaFirst = `switch_r_sdp={reply}
ep_codec_string=CORE_PCM_MODULE.PCMA@8000h@20i@64000b`

	mediaMore = `remote_video_media_flow=inactive
remote_text_media_flow=inactive
remote_audio_media_flow=sendrecv
rtp_audio_recv_pt=8
rtp_use_codec_name=PCMA
rtp_use_codec_rate=8000
rtp_use_codec_ptime=20
rtp_use_codec_channels=1
rtp_last_audio_codec_string=PCMA@8000h@20i@1c
read_codec=PCMA
original_read_codec=PCMA
read_rate=8000
original_read_rate=8000
write_codec=PCMA
write_rate=8000
dtmf_type=rfc2833
rtp_use_timer_name=soft
rtp_use_pt=8
rtp_use_ssrc={ssrc}
rtp_2833_send_payload=101
rtp_2833_recv_payload=101
remote_media_ip=127.0.0.1
remote_media_port=40000`

	offerText = "v=0\r\no=FreeSWITCH {session} {session} IN IP4 127.0.0.1\r\ns=FreeSWITCH\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio {port} RTP/AVP 8 0 102 101 13 103 104\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=rtpmap:102 opus/48000/2\r\na=fmtp:102 useinbandfec=1; cbr=1; maxaveragebitrate=30000; maxplaybackrate=48000; " +
		"ptime=20; minptime=10; maxptime=40\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n" +
		"a=rtpmap:103 telephone-event/48000\r\na=fmtp:103 0-15\r\na=rtpmap:13 CN/8000\r\na=rtpmap:104 CN/48000\r\n" +
		"a=ptime:20\r\na=sendrecv\r\n"
	replyText = "v=0\r\no=town 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
)

// portion is a prepared list of variables: encoded text between fields.
type portion []template

type template struct {
	name   string
	line   string   // the whole line, if it has no field
	pieces []string // text, field, text, field, … text
}

var (
	portionBefore  = prepare(madeBefore)
	portionAfter   = prepare(madeAfter)
	portionRefusal = prepare(heardRefusal)
	portionHeard   = prepare(heardMore)
	portionMedia   = prepare(mediaFirst)
	portionCodec   = prepare(mediaMore)
)

func prepare(text string) portion {
	text = strings.NewReplacer("{offer}", "\x00", "{reply}", "\x01").Replace(text)
	var p portion
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, "=")
		value = strings.NewReplacer("\x00", offerText, "\x01", replyText).Replace(value)
		t := template{name: name}
		for value != "" {
			before, rest, found := strings.Cut(value, "{")
			if !found {
				break
			}
			field, after, _ := strings.Cut(rest, "}")
			t.pieces = append(t.pieces, string(appendEscaped(nil, before)), field)
			value = after
		}
		last := string(appendEscaped(nil, value))
		if t.pieces == nil {
			t.line = "variable_" + name + ": " + last + "\n"
		} else {
			t.pieces[0] = "variable_" + name + ": " + t.pieces[0]
			t.pieces = append(t.pieces, last+"\n")
		}
		p = append(p, t)
	}
	return p
}

// learn gives ch the variables of a portion. A field that is empty leaves its variable out.
func (ch *channel) learn(p portion) {
	var room [2048]byte
next:
	for _, t := range p {
		if t.pieces == nil {
			ch.vars.addLine(t.name, t.line)
			continue
		}
		b := room[:0]
		for i, piece := range t.pieces {
			if i%2 == 0 {
				b = append(b, piece...)
				continue
			}
			v := ch.field(piece)
			if v == "" {
				continue next
			}
			b = appendEscaped(b, v)
		}
		ch.vars.addLine(t.name, string(b))
	}
}

func (ch *channel) field(name string) string {
	if value, ok := ch.sipField(name); ok {
		return value
	}
	switch name {
	case "uuid", "tag", "callid":
		return ch.uuid
	case "direction":
		return ch.direction
	case "session", "ssrc":
		return strconv.Itoa(ch.session)
	case "gateway":
		return ch.gateway
	case "name":
		return ch.name
	case "number":
		return ch.number
	case "port":
		return strconv.Itoa(16384 + ch.session%8192*2)
	case "cid":
		return ch.caller.ani
	case "display":
		return ch.caller.origName
	default:
		return ""
	}
}

// sipField are the fields of addresses and profiles.
func (ch *channel) sipField(name string) (string, bool) {
	switch name {
	case "sipprofile":
		if ch.gateway != "" {
			return "gateway", true
		}
		return ch.profile, true
	case "target":
		return ch.number + "@" + ch.endpoint, true
	case "host":
		return ch.endpoint, true
	case "hostport":
		return ch.endpoint[strings.LastIndexByte(ch.endpoint, ':')+1:], true
	case "profile":
		return ch.profile, true
	case "profileport":
		return profilePort(ch.profile), true
	case "contact":
		if ch.gateway != "" {
			return "<sip:gw+" + ch.gateway + "@127.0.0.1:5080;transport=udp;gw=" + ch.gateway + ">", true
		}
		return "<sip:mod_sofia@127.0.0.1:" + profilePort(ch.profile) + ">", true
	default:
		return "", false
	}
}

func profilePort(profile string) string {
	if profile == "internal" {
		return "5060"
	}
	return "5080"
}
