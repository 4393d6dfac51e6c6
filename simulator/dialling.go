package simulator

import "strings"

// appBridge dials another leg and bridges to it. Only a sofia or user target is known.
func appBridge(ch *channel, data string) work {
	r, ok := parseOriginate(strings.ReplaceAll(data, " ", "") + " &park")
	if !ok {
		return nil
	}
	b, refused := ch.s.newChannel(r)
	if refused == "" {
		if refused = ch.s.route(b); refused != "" {
			ch.s.forget(b)
		}
	}
	if refused != "" {
		ch.set("originate_disposition", refused)
		ch.set("DIALSTATUS", refused)
		if ch.vars.get("continue_on_fail") != "true" {
			ch.hangup(causeOf(refused), bySwitch)
		}
		return nil
	}
	w := &dialling{leg: b, request: r}
	return w
}

// dialling waits for the leg that bridge has called.
type dialling struct {
	leg     *channel
	request request
}

func (d *dialling) begin(ch *channel) bool {
	d.leg.job = func(reply string) { d.result(ch, reply) }
	d.leg.start(d.request)
	return false
}

// result is called when the leg has answered or failed.
func (d *dialling) result(ch *channel, reply string) {
	if ch.cause.name != "" || ch.gone {
		d.leg.hangup(cause{"ORIGINATOR_CANCEL", 487}, bySwitch)
		return
	}
	// Off the stack of the leg, which is about to begin what it was made for.
	ch.s.after(0, func() {
		f := ch.top()
		if f == nil || f.work != work(d) {
			return
		}
		if strings.HasPrefix(reply, "+OK") {
			ch.set("originate_disposition", "SUCCESS")
			ch.set("DIALSTATUS", "SUCCESS")
			ch.bridgeTo(d.leg)
			return
		}
		why := strings.TrimSpace(strings.TrimPrefix(reply, "-ERR "))
		ch.set("originate_disposition", why)
		ch.set("DIALSTATUS", why)
		if ch.vars.get("continue_on_fail") != "true" {
			ch.hangup(causeOf(why), bySwitch)
			return
		}
		ch.finishTop()
	})
}

func (d *dialling) elapsed(*channel) bool    { return false }
func (d *dialling) pressed(ch *channel) bool { ch.digits = ch.digits[:0]; return false }
func (d *dialling) pause(*channel)           {}
func (d *dialling) resume(*channel)          {}
func (d *dialling) end(_ *channel, why ending) {
	if why == endHangup {
		d.leg.hangup(cause{"ORIGINATOR_CANCEL", 487}, bySwitch)
	}
}
