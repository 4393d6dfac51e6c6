package stage

import (
	"time"

	"waihu/controller/call"
	"waihu/controller/floor"
	"waihu/models"
)

// carry carries out what the floor wants.
func (d *day) carry(es []floor.Effect) {
	for _, e := range es {
		d.do(e)
	}
}

func (d *day) do(e floor.Effect) {
	f := d.f
	switch e := e.(type) {
	case floor.Reserve:
		res := d.reserve(e.Limit)
		d.say(0, func() []floor.Effect { return f.Reserved(e.Campaign.ID, res, nil, d.now) })
	case floor.Dial:
		d.say(0, func() []floor.Effect { return f.Sent(nil, d.now) })
		for _, s := range e.Sends {
			d.dial(s.AttemptID)
		}
	case floor.Release:
		d.release(e.AttemptIDs)
		d.say(0, func() []floor.Effect { return f.Released(e.CampaignID) })
	case floor.Finish:
		d.saved(e.Finish)
		d.say(0, func() []floor.Effect { return f.Saved([]models.Finish{e.Finish}) })
	case floor.SetState:
		d.over = d.over || e.To == models.CampaignFinished
		d.figures.Done = d.figures.Done || e.To == models.CampaignFinished
	case floor.LookUp:
		d.say(delayWord, func() []floor.Effect { return f.NoRecord(e.AttemptID) })
	case floor.Kill:
		d.hangUp(e.AttemptID, e.Cause)
	case floor.SaveSeat:
		d.moved(e.Change)
	default:
		d.leg(e)
	}
}

// moved counts an agent's change of state; who wraps up is ready again when he is done.
func (d *day) moved(c models.StateChange) {
	id, p := c.AgentID, d.agents[c.AgentID]
	if p == nil || c.State == "" {
		return
	}
	p.move(&d.figures, c.State, c.At)
	if c.State != models.AgentWrapUp || d.world.Wrap == nil {
		return
	}
	d.after(d.draw(d.world.Wrap), func() {
		if p.state == models.AgentWrapUp && p.since.Equal(c.At) {
			es, _ := d.f.SetIdle(id, "user", d.now) // who is idle already needs no more
			d.carry(es)
		}
	})
}

// leg carries out what has to do with phones; what only the database wants is left out.
func (d *day) leg(e floor.Effect) {
	switch e := e.(type) {
	case floor.Ring:
		d.ring(e)
	case floor.Bridge:
		d.after(delayWord, func() { d.bridge(e.Customer, e.Leg) })
	case floor.HangUpLeg:
		if p := d.legs[e.LegID]; p != nil && !p.gone {
			d.part(e.LegID)
			p.gone = true
			delete(d.legs, e.LegID)
			d.say(delayWord, func() []floor.Effect { return d.f.HeardLeg(e.LegID, floor.LegHungUp, e.Cause, d.now) })
		}
	case floor.ParkLeg:
		if d.legs[e.LegID] != nil {
			d.part(e.LegID)
			d.say(delayWord, func() []floor.Effect { return d.f.HeardLeg(e.LegID, floor.LegParked, "", d.now) })
		}
	case floor.Move:
		if e.To == floor.PlaceQueue {
			d.wait(e.ChannelID, e.QueueID)
		}
	default:
	}
}

// dial decides what becomes of a call.
func (d *day) dial(id string) {
	c := &party{}
	d.calls[id] = c
	d.after(delayCall, func() {
		if c.gone {
			return
		}
		c.times.Created = d.now
		d.carry(d.f.Heard(id, call.Event{Kind: call.Created, At: d.now, Times: c.times}, d.now))
	})
	if d.r.Float64() < d.world.Answer(d.now) {
		if ring := d.draw(d.world.Ring); ring < d.ringTime() {
			d.after(delayCall+ring, func() { d.answer(id, c) })
			return
		}
	} else {
		u := d.r.Float64()
		for _, way := range d.world.Fails {
			if u -= way.Share; u < 0 {
				d.after(delayCall+min(d.draw(way.After), d.ringTime()), func() { d.hangUp(id, way.Cause) })
				return
			}
		}
	}
	d.after(delayCall+d.ringTime(), func() { d.hangUp(id, "NO_ANSWER") })
}

func (d *day) ringTime() time.Duration {
	return time.Duration(d.plan.Campaign.RingSeconds) * time.Second
}

func (d *day) answer(id string, c *party) {
	if c.gone {
		return
	}
	c.times.Progress, c.times.Answered = d.now, d.now
	d.carry(d.f.Heard(id, call.Event{Kind: call.Answered, At: d.now, Times: c.times}, d.now))
	d.carry(d.f.Stepped(id, models.StepConnecting, 0, d.now, d.now)) // 20 ms later on a switch
	switch camp := d.plan.Campaign; {
	case camp.Mode == models.ModeDirectAgent:
		d.after(d.connect(), func() { d.late(id, c) })
	case camp.Mode == models.ModeVoiceKey && camp.QueueID != 0 && d.r.Float64() < d.world.ToKey:
		d.after(d.draw(d.world.Listen), func() { d.wait(id, camp.QueueID) })
	default:
		d.after(d.draw(d.world.Listen), func() { d.hangUp(id, "NORMAL_CLEARING") })
	}
}

// connect is the connect limit, as the floor knows it.
func (d *day) connect() time.Duration {
	if ms := d.plan.Queue.ConnectMS; ms > 0 {
		return time.Duration(ms) * time.Millisecond
	}
	return d.plan.Limits.Connect
}

// late is the dialplan's part of the connect limit: who met no agent hears a message.
func (d *day) late(id string, c *party) {
	if c.gone || c.peer != "" {
		return
	}
	d.carry(d.f.Stepped(id, models.StepLate, d.plan.Queue.ID, d.now, d.now))
	d.after(lateText, func() { d.hangUp(id, "NORMAL_CLEARING") })
}

// wait brings a caller into the queue, with music and his own patience.
func (d *day) wait(id string, queue int64) {
	c := d.calls[id]
	if c == nil || c.gone {
		return
	}
	d.carry(d.f.Stepped(id, models.StepQueueWait, queue, d.now, d.now))
	if d.world.Wait == nil {
		return
	}
	d.after(d.draw(d.world.Wait), func() {
		if c.peer == "" {
			d.hangUp(id, "NORMAL_CLEARING")
		}
	})
}

// hangUp ends a call, if it has not ended.
func (d *day) hangUp(id, cause string) {
	c := d.calls[id]
	if c == nil || c.gone {
		return
	}
	c.gone = true
	delete(d.calls, id)
	d.part(id)
	if c.times.Created.IsZero() {
		c.times.Created = d.now
	}
	c.times.HungUp = d.now
	d.carry(d.f.Heard(id, call.Event{Kind: call.Completed, At: d.now, Times: c.times, End: call.End{Cause: cause}}, d.now))
	if peer := c.peer; peer != "" && d.legs[peer] != nil {
		d.say(delayWord, func() []floor.Effect { return d.f.HeardLeg(peer, floor.LegParked, "", d.now) })
	}
}

// part ends the bridge of a channel.
func (d *day) part(id string) {
	for _, all := range []map[string]*party{d.calls, d.legs} {
		if p := all[id]; p != nil && p.peer != "" {
			if other := d.calls[p.peer]; other != nil && other.peer == id {
				other.peer = ""
			}
			if other := d.legs[p.peer]; other != nil && other.peer == id {
				other.peer = ""
			}
		}
	}
}

// ring calls an agent's phone.
func (d *day) ring(e floor.Ring) {
	wait := autoAnswer
	if e.CallID != "" && !e.AutoAnswer {
		wait = d.draw(d.world.PickUp)
	}
	if most := time.Duration(e.RingSeconds) * time.Second; e.CallID != "" && wait > most {
		d.say(most, func() []floor.Effect { return d.f.HeardLeg(e.LegID, floor.LegFailed, "NO_ANSWER", d.now) })
		return
	}
	p := &party{}
	d.legs[e.LegID] = p
	d.after(wait, func() {
		if p.gone {
			return
		}
		d.carry(d.f.HeardLeg(e.LegID, floor.LegAnswered, "", d.now))
		d.say(delayWord, func() []floor.Effect { return d.f.HeardLeg(e.LegID, floor.LegParked, "", d.now) })
	})
}

// bridge lets two people talk, until the customer has had enough.
func (d *day) bridge(customer, leg string) {
	c, l := d.calls[customer], d.legs[leg]
	switch {
	case c == nil || c.gone:
	case l == nil || l.gone:
		d.carry(d.f.Stepped(customer, models.StepBridgeFailed, 0, d.now, d.now))
	default:
		c.peer, l.peer = leg, customer
		d.carry(d.f.Bridged(customer, leg, d.now, d.now))
		d.after(d.draw(d.world.Talk), func() { d.hangUp(customer, "NORMAL_CLEARING") })
	}
}
