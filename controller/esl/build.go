package esl

import (
	"errors"
	"fmt"

	"waihu/models"
)

// Originate is a call to be placed.
type Originate struct {
	UUID         string // the attempt's id: channel, job and waihu_attempt bear it
	Gateway      string // sofia gateway, [A-Za-z0-9_-]{1,32}
	Number       string // as the trunk wants it, ^\+?[0-9*#]{2,20}$
	CallerNumber string // shown to the callee; "" = what the gateway shows by itself
	RingSeconds  int    // models.MinRingSeconds to models.MaxRingSeconds
	Extension    string // entry of the dialplan once answered, [A-Za-z0-9_-]{1,64}
	Context      string // of the dialplan, [A-Za-z0-9_-]{1,32}
	CampaignID   int64  // 0 = none
}

// parts collects the checked arguments of one command and every fault of them.
type parts struct {
	faults models.Error
	other  error
}

func (p *parts) take(a argument, err error) argument {
	var e *models.Error
	switch {
	case err == nil:
	case errors.As(err, &e):
		p.faults.Kind = models.Invalid
		p.faults.Fields = append(p.faults.Fields, e.Fields...)
	default:
		p.other = err
	}
	return a
}

func (p *parts) err(v verb) error {
	if p.other != nil {
		return fmt.Errorf("build %s: %w", v, p.other)
	}
	return p.faults.OrNil()
}

// finish gives the message only if nothing was wrong, so that a refused text is never part of one.
func (p *parts) finish(v verb, args ...argument) (message, error) {
	if err := p.err(v); err != nil {
		return message{}, err
	}
	return api(v, args...), nil
}

// originate builds the call. Texts of contacts have no way into it: it consists of ids, numbers and names of ours.
func originate(o Originate) (message, error) {
	var p parts
	id := p.take(idOf("uuid", o.UUID))
	gateway := p.take(gatewayOf("gateway", o.Gateway))
	called := p.take(numberOf("number", o.Number))
	ring := p.take(countOf("ring_seconds", int64(o.RingSeconds), models.MinRingSeconds, models.MaxRingSeconds))
	extension := p.take(extensionOf("extension", o.Extension))
	context := p.take(nameOf("context", o.Context))
	campaign := p.take(countOf("campaign_id", o.CampaignID, 0, maxID))
	shown := ""
	if o.CallerNumber != "" {
		n := p.take(numberOf("caller_number", o.CallerNumber)).text
		shown = ",origination_caller_id_number=" + n + ",origination_caller_id_name=" + n
	}
	if err := p.err(verbOriginate); err != nil {
		return message{}, err
	}
	target := fixed("{origination_uuid=" + id.text + ",originate_timeout=" + ring.text + ",ignore_early_media=true" + shown +
		",waihu_attempt=" + id.text + ",waihu_campaign=" + campaign.text + "}sofia/gateway/" + gateway.text + "/" + called.text)
	return bgapi(id, verbOriginate, target, extension, fixed("XML"), context), nil
}

func kill(uuid, cause string) (message, error) {
	var p parts
	return p.finish(verbKill, p.take(idOf("uuid", uuid)), p.take(causeOf("cause", cause)))
}

func transfer(uuid, extension, context string) (message, error) {
	var p parts
	id, to, in := p.take(idOf("uuid", uuid)), p.take(extensionOf("extension", extension)), p.take(nameOf("context", context))
	return p.finish(verbTransfer, id, to, fixed("XML"), in)
}

func bridge(customer, agent string) (message, error) {
	var p parts
	return p.finish(verbBridge, p.take(idOf("customer", customer)), p.take(idOf("agent", agent)))
}

func broadcast(uuid string, files []string) (message, error) {
	var p parts
	return p.finish(verbBroadcast, p.take(idOf("uuid", uuid)), p.take(filesOf("file", files)), fixed("aleg"))
}

func breakOff(uuid string) (message, error) {
	var p parts
	return p.finish(verbBreak, p.take(idOf("uuid", uuid)), fixed("all"))
}

func setVar(uuid string, name Var, value Value) (message, error) {
	var p parts
	id, variable, v := p.take(idOf("uuid", uuid)), p.take(variableOf("name", string(name))), p.take(value.of(name))
	return p.finish(verbSetVar, id, variable, v)
}

func exists(uuid string) (message, error) {
	var p parts
	return p.finish(verbExists, p.take(idOf("uuid", uuid)))
}

func locateContext(name string) (message, error) {
	var p parts
	return p.finish(verbXMLLocate, fixed("dialplan"), fixed("context"), fixed("name"), p.take(nameOf("context", name)))
}

func gatewayStatus(name string) (message, error) {
	var p parts
	return p.finish(verbSofia, fixed("xmlstatus"), fixed("gateway"), p.take(gatewayOf("gateway", name)))
}

func globalVar(name string) (message, error) {
	var p parts
	return p.finish(verbGlobalVar, p.take(variableOf("name", name)))
}

func moduleExists(name string) (message, error) {
	var p parts
	return p.finish(verbModuleExists, p.take(variableOf("name", name)))
}

func fileExists(path string) (message, error) {
	var p parts
	return p.finish(verbFileExists, p.take(fileOf("path", path)))
}

func channels() message  { return api(verbShow, fixed("channels"), fixed("as"), fixed("json")) }
func reloadXML() message { return api(verbReloadXML) }
func status() message    { return api(verbStatus) }
func epoch() message     { return api(verbEpoch) }
func coreUUID() message  { return api(verbGlobalVar, fixed("core_uuid")) }
