package floor

import (
	"time"

	"waihu/models"
)

// inCall finds an agent's call.
func (f *Floor) inCall(agentID int64) (*seat, *live, error) {
	s, err := f.signed(agentID)
	if err != nil {
		return nil, nil, err
	}
	l := f.calls[s.st.CallID]
	if l == nil || l.call.Over() || s.leg == nil || l.svc.leg != s.leg.id && l.svc.consult != s.leg.id {
		return nil, nil, conflict("agent", "not_in_call", "there is no call to act on; it may have just ended", "当前没有可操作的通话，可能刚刚结束")
	}
	return s, l, nil
}

// talking is inCall for what only the agent who has the customer may do.
func (f *Floor) talking(agentID int64) (*seat, *live, error) {
	s, l, err := f.inCall(agentID)
	if err == nil && (l.svc.agent != agentID || l.svc.phase != serving && l.svc.phase != onHold) {
		err = conflict("agent", "not_in_call", "there is no call to act on; it may have just ended", "当前没有可操作的通话，可能刚刚结束")
	}
	return s, l, err
}

// Hold lets the customer hear music while the agent keeps the call.
func (f *Floor) Hold(agentID int64, now time.Time) ([]Effect, error) {
	s, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	if l.svc.phase == onHold || l.svc.joined {
		return nil, conflict("agent", "already_held", "the customer is on hold, or in a conference", "客户已在保持中或正在三方通话")
	}
	f.putAside(s, l, now)
	return f.take(), nil
}

func (f *Floor) putAside(s *seat, l *live, now time.Time) {
	if l.svc.phase == onHold {
		return
	}
	l.svc.phase = onHold
	f.emit(Move{ChannelID: l.Attempt.ID, To: PlaceHold})
	f.set(s, s.st.Hold(now))
}

// Unhold brings the customer back to the agent. A consultation is ended.
func (f *Floor) Unhold(agentID int64, now time.Time) ([]Effect, error) {
	s, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	if l.svc.phase != onHold {
		return nil, conflict("agent", "not_held", "the customer is not on hold", "客户未在保持中")
	}
	f.endConsult(l, now)
	f.bridge(l, s.leg, now)
	return f.take(), nil
}

// Mute keeps the agent from being heard by anybody, until he is unmuted or his part in the call is over.
func (f *Floor) Mute(agentID int64, on bool, _ time.Time) ([]Effect, error) {
	s, _, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	if s.leg == nil {
		return nil, conflict("agent", "not_in_call", "there is no call to act on; it may have just ended", "当前没有可操作的通话，可能刚刚结束")
	}
	if s.leg.muted != on {
		f.mute(s.leg, on)
	}
	return f.take(), nil
}

func (l *leg) isMuted() bool { return l != nil && l.muted }

func (f *Floor) mute(l *leg, on bool) {
	l.muted = on
	f.version++
	f.emit(Mute{LegID: l.id, On: on})
}

// EndCall hangs the agent's call up. In a conference of three the agent leaves, and the other two go on.
func (f *Floor) EndCall(agentID int64, now time.Time) ([]Effect, error) {
	if l := f.ringsFor(f.seats[agentID]); l != nil {
		f.kill(l)
		return f.take(), nil
	}
	_, l, err := f.inCall(agentID)
	if err != nil {
		return nil, err
	}
	switch {
	case l.svc.consult != "" && l.svc.agent != agentID: // the one who is consulted leaves
		if t := f.legs[l.svc.consult]; t != nil {
			f.endConsult(l, now)
			f.resume(l, now)
		}
	case l.svc.joined:
		f.leaveThree(l, now)
	default:
		f.emit(Kill{AttemptID: l.Attempt.ID, Cause: "NORMAL_CLEARING"})
	}
	return f.take(), nil
}

// ForceDrop hangs an agent's call up, whoever takes part in it (强拆).
func (f *Floor) ForceDrop(agentID int64, _ time.Time) ([]Effect, error) {
	_, l, err := f.inCall(agentID)
	if err != nil {
		return nil, err
	}
	f.kill(l)
	return f.take(), nil
}

// SendDTMF sends keys to the customer's side.
func (f *Floor) SendDTMF(agentID int64, digits string, _ time.Time) ([]Effect, error) {
	_, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	f.emit(SendDigits{CallID: l.Attempt.ID, Digits: digits})
	return f.take(), nil
}

// RecordCall starts, stops, pauses or resumes the recording of an agent's call, if the agent may be recorded.
func (f *Floor) RecordCall(agentID int64, what string, now time.Time) ([]Effect, error) {
	s, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	if !s.a.Recording {
		return nil, models.NewError(models.Forbidden, "agent", "recording_not_allowed", "recording is not enabled for this agent; an administrator can enable it",
			"该坐席未开通录音，请联系管理员")
	}
	v := &l.svc
	next := map[string]string{RecordStart + "/": "on", RecordPause + "/on": "paused", RecordResume + "/paused": "on", RecordStop + "/on": "done", RecordStop + "/paused": "done"}
	state, ok := next[what+"/"+v.recording]
	switch {
	case !ok:
		return nil, conflict("what", "not_now", "the recording is not in a state in which this can be done", "当前录音状态不支持该操作")
	case what == RecordStart:
		f.startRecording(l, now)
		f.emit(MarkServed{AttemptID: l.Attempt.ID, Service: v.Service}) // a restart has to know of it
	default:
		v.recording = state
		f.emit(Record{CallID: l.Attempt.ID, What: what, Path: v.recorded.Path})
	}
	f.version++
	return f.take(), nil
}

// Transfer gives the customer to somebody else, without asking first (blind).
func (f *Floor) Transfer(agentID int64, to models.Target, now time.Time) ([]Effect, error) {
	_, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	switch to.Kind {
	case models.TargetQueue:
		if f.queues[to.ID] == nil {
			return nil, models.NewError(models.NotFound, "target.id", "not_found", "there is no such queue; choose another one", "没有此接听组，请重新选择")
		}
		f.agentDone(l, now)
		l.svc.only = 0
		f.emit(Move{ChannelID: l.Attempt.ID, To: PlaceQueue, QueueID: to.ID})
	case models.TargetAgent:
		b, err := f.target(to.ID, agentID)
		if err != nil {
			return nil, err
		}
		f.agentDone(l, now)
		l.svc.phase, l.svc.only, l.svc.from, l.svc.tried = waiting, to.ID, now, nil
		if b.nailed == nil {
			f.emit(Move{ChannelID: l.Attempt.ID, To: PlaceHold})
		}
		f.give(l, b, now)
	case models.TargetExternal:
		out, err := f.callOutside(l, to.Number, now)
		if err != nil {
			return nil, err
		}
		f.agentDone(l, now)
		f.emit(Move{ChannelID: l.Attempt.ID, To: PlaceHold})
		l.svc.phase, l.svc.leg, l.svc.agent = onHold, out.id, 0
	default:
		return nil, models.NewError(models.Invalid, "target.kind", "unknown", "use agent, queue or external", "请使用 agent、queue 或 external")
	}
	f.match(now)
	return f.take(), nil
}

// target is an agent who can take a call now.
func (f *Floor) target(id, from int64) (*seat, error) {
	b := f.seats[id]
	if b == nil || id == from {
		return nil, models.NewError(models.NotFound, "target.id", "not_found", "there is no such agent; choose another one", "没有此坐席，请重新选择")
	}
	if !f.ready(b) || b.leg != nil {
		return nil, conflict("target.id", "agent_not_idle", "this agent is not idle now; choose another one or a queue", "该坐席当前不空闲，请选择其他坐席或接听组")
	}
	return b, nil
}

// callOutside calls a number for a transfer or a consultation, over the trunk of the call if it has lines free.
func (f *Floor) callOutside(l *live, number string, now time.Time) (*leg, error) {
	out := &leg{id: f.cfg.NewID(), kind: legOutside, call: l.Attempt.ID, number: number, at: now, until: now.Add(65 * time.Second)}
	e := Ring{LegID: out.id, CallID: l.Attempt.ID, RingSeconds: 60}
	if !f.outside(&e, out, l.Attempt.ID, number, false) {
		return nil, conflict("target.number", "no_trunk", "no trunk has a free line now; try again or choose an agent", "当前没有空闲中继线路，请稍后再试或转给坐席")
	}
	f.legs[out.id] = out
	f.emit(e)
	return out, nil
}

// outsideAnswered joins the outside number with the one who wants to talk to it.
func (f *Floor) outsideAnswered(l *live, out *leg, now time.Time) {
	switch {
	case l == nil || l.call.Over():
		f.hangUpLeg(out, "ORIGINATOR_CANCEL")
	case l.svc.consult == out.id:
		f.emit(Bridge{Customer: l.svc.leg, Leg: out.id})
	case l.svc.leg == out.id:
		f.bridge(l, out, now)
		f.begin(out, models.LegOutbound, l, now)
	default:
		f.hangUpLeg(out, "ORIGINATOR_CANCEL")
	}
}
