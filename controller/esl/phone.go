package esl

import (
	"context"
	"strconv"

	"waihu/models"
)

// Marks are the ids that a leg bears as variables, so that its events and its record say whose it is. Zero values are left
// out.
type Marks struct {
	Call  string         // waihu_call: the attempt that the leg is for
	Agent int64          // waihu_agent
	Queue int64          // waihu_queue
	Leg   models.LegKind // waihu_leg
}

// Phone is a registered phone that is to be called.
type Phone struct {
	UUID         string // the leg's id, chosen by us: channel and job bear it
	Extension    string // SIP user, [A-Za-z0-9_-]{1,32}
	Domain       string // in which it registers
	RingSeconds  int    // models.MinAgentRing to models.MaxAgentRing; the switch may stop a second early
	AutoAnswer   bool   // asks the phone to answer by itself
	CallerNumber string // on its display: the customer's number or a word, [A-Za-z0-9_.+*#-]{1,32}; "" = nothing of ours
	Marks        Marks
}

// PhoneCall is a call to a registered phone that enters the dialplan once it is answered.
type PhoneCall struct {
	Phone
	Target  string // extension of the dialplan, [A-Za-z0-9_-]{1,64}
	Context string // of the dialplan, [A-Za-z0-9_-]{1,32}
}

// OutsideCall is a call over a gateway that is no attempt: to a mobile agent, or to whom a customer is transferred.
type OutsideCall struct {
	UUID         string // the leg's id
	Gateway      string
	Number       string // as the trunk wants it
	CallerNumber string // shown; "" = what the gateway shows by itself
	RingSeconds  int    // models.MinAgentRing to models.MaxAgentRing, the time for Confirm included
	Target       string // extension of the dialplan
	Context      string
	Confirm      Confirm
	Marks        Marks
}

// Confirm lets the called person accept the call by a key, so that no mailbox takes it. With it CHANNEL_ANSWER says only
// that the ringing is over: who waits for the person must wait for CHANNEL_PARK (or whatever Target does first), or for the
// job's end. The zero Confirm asks for nothing.
type Confirm struct {
	Key     string // one of 0 to 9, * and #
	File    string // what is played until the key comes
	Seconds int    // the key is waited for after each play, 1 to 30
}

// OriginatePhone rings a registered phone. It fails as Originate does; a phone that is not registered has no channel and no
// event but BACKGROUND_JOB with "-ERR USER_NOT_REGISTERED".
func (c *Client) OriginatePhone(ctx context.Context, o PhoneCall) error {
	m, err := originatePhone(o)
	return c.confirm(ctx, m, err)
}

// OriginateOutside calls an outside number for a leg of a call. It fails as Originate does.
func (c *Client) OriginateOutside(ctx context.Context, o OutsideCall) error {
	m, err := originateOutside(o)
	return c.confirm(ctx, m, err)
}

// Eavesdrop rings a supervisor's phone and lets it hear the leg over, an agent's: it goes on from call to call, and the
// supervisor's leg ends when that leg does. It fails as Originate does.
func (c *Client) Eavesdrop(ctx context.Context, p Phone, over string, mode models.SuperviseMode) error {
	m, err := eavesdrop(p, over, mode)
	return c.confirm(ctx, m, err)
}

// SetEavesdrop lets a supervisor's leg hear another leg, or the same one in another mode. ErrNoChannel when the supervisor's
// leg is gone; when only the other one is, the supervisor's ends.
func (c *Client) SetEavesdrop(ctx context.Context, supervisor, over string, mode models.SuperviseMode) error {
	m, err := setEavesdrop(supervisor, over, mode)
	return c.confirm(ctx, m, err)
}

// variables are the marks as the end of a list of variables.
func (p *parts) variables(m Marks) string {
	s := ""
	if m.Call != "" {
		s += ",waihu_call=" + p.take(idOf("call", m.Call)).text
	}
	if m.Agent != 0 {
		s += ",waihu_agent=" + p.take(countOf("agent", m.Agent, 1, maxID)).text
	}
	if m.Queue != 0 {
		s += ",waihu_queue=" + p.take(countOf("queue", m.Queue, 1, maxID)).text
	}
	if m.Leg != "" {
		s += ",waihu_leg=" + p.take(legKindOf("leg", m.Leg)).text
	}
	return s
}

func (p *parts) ring(seconds int) string {
	return p.take(countOf("ring_seconds", int64(seconds), models.MinAgentRing, models.MaxAgentRing)).text
}

// dialString reaches a registered phone. more are variables of ours, each with a comma in front. The header is the form that
// changes nothing else: sip_auto_answer puts a parameter into the request's address, and phones were seen not to answer then.
func (p *parts) dialString(o Phone, more string) (id argument, target string) {
	id = p.take(idOf("uuid", o.UUID))
	user := p.take(nameOf("extension", o.Extension)).text
	domain := p.take(domainOf("domain", o.Domain)).text
	s := "{origination_uuid=" + id.text + ",originate_timeout=" + p.ring(o.RingSeconds) + ",ignore_early_media=true"
	if o.CallerNumber != "" {
		n := p.take(shownOf("caller_number", o.CallerNumber)).text
		s += ",origination_caller_id_number=" + n + ",origination_caller_id_name=" + n
	}
	if o.AutoAnswer {
		s += ",sip_h_Call-Info=<sip:" + domain + ">;answer-after=0"
	}
	if o.Marks.Call != "" {
		s += ",sip_h_X-Waihu-Call=" + p.take(idOf("call", o.Marks.Call)).text
	}
	return id, s + p.variables(o.Marks) + more + "}user/" + user + "@" + domain
}

func originatePhone(o PhoneCall) (message, error) {
	var p parts
	id, target := p.dialString(o.Phone, "")
	extension := p.take(extensionOf("target", o.Target))
	context := p.take(nameOf("context", o.Context))
	if err := p.err(verbOriginate); err != nil {
		return message{}, err
	}
	return bgapi(id, verbOriginate, fixed(target), extension, fixed("XML"), context), nil
}

func originateOutside(o OutsideCall) (message, error) {
	var p parts
	id := p.take(idOf("uuid", o.UUID))
	gateway := p.take(gatewayOf("gateway", o.Gateway)).text
	called := p.take(numberOf("number", o.Number)).text
	s := "{origination_uuid=" + id.text + ",originate_timeout=" + p.ring(o.RingSeconds) + ",ignore_early_media=true"
	if o.CallerNumber != "" {
		n := p.take(numberOf("caller_number", o.CallerNumber)).text
		s += ",origination_caller_id_number=" + n + ",origination_caller_id_name=" + n
	}
	if o.Confirm != (Confirm{}) {
		s += ",group_confirm_key=" + p.take(keyOf("confirm_key", o.Confirm.Key)).text +
			",group_confirm_file=" + p.take(fileOf("confirm_file", o.Confirm.File)).text +
			",group_confirm_read_timeout=" + p.take(countOf("confirm_seconds", int64(o.Confirm.Seconds), 1, 30)).text + "000"
	}
	s += p.variables(o.Marks) + "}sofia/gateway/" + gateway + "/" + called
	extension := p.take(extensionOf("target", o.Target))
	context := p.take(nameOf("context", o.Context))
	if err := p.err(verbOriginate); err != nil {
		return message{}, err
	}
	return bgapi(id, verbOriginate, fixed(s), extension, fixed("XML"), context), nil
}

// whispers are the two variables of a mode. The switch's names mislead: aleg mixes the supervisor into what the leg that is
// listened to says, so that the one it is bridged to hears him (the customer); bleg mixes him into what that leg hears (the agent).
// Heard with tones on FreeSWITCH 1.10.12 (docs/real-switch.md).
func (p *parts) whispers(mode models.SuperviseMode) (aleg, bleg string) {
	switch mode {
	case models.SuperviseListen, models.SuperviseWhisper, models.SuperviseBarge:
	default:
		p.take(argument{}, fault("mode", "unknown", "use listen, whisper or barge", "请使用 listen、whisper 或 barge"))
	}
	return strconv.FormatBool(mode == models.SuperviseBarge), strconv.FormatBool(mode != models.SuperviseListen)
}

// eavesdrop takes the phone's keys out of the game: by them the mode could be changed past the audit log.
func eavesdrop(o Phone, over string, mode models.SuperviseMode) (message, error) {
	var p parts
	aleg, bleg := p.whispers(mode)
	id, target := p.dialString(o, ",eavesdrop_enable_dtmf=false,eavesdrop_whisper_aleg="+aleg+",eavesdrop_whisper_bleg="+bleg)
	agent := p.take(idOf("over", over))
	if err := p.err(verbOriginate); err != nil {
		return message{}, err
	}
	return bgapi(id, verbOriginate, fixed(target), fixed("&eavesdrop("+agent.text+")")), nil
}

func setEavesdrop(supervisor, over string, mode models.SuperviseMode) (message, error) {
	var p parts
	id, agent := p.take(idOf("supervisor", supervisor)), p.take(idOf("over", over))
	aleg, bleg := p.whispers(mode)
	return p.finish(verbTransfer, id,
		fixed("set:eavesdrop_whisper_aleg="+aleg+",set:eavesdrop_whisper_bleg="+bleg+",eavesdrop:"+agent.text), fixed("inline"))
}
