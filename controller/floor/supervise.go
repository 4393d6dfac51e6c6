package floor

import (
	"time"

	"waihu/models"
)

// BusySupervising is the reason of a team leader who listens to others.
const BusySupervising = "supervising"

// Supervise lets a team leader hear an agent's phone, whisper to him, or talk to both. His own phone is called first. Again
// for the same agent it changes the mode, for another agent it goes over to that one.
func (f *Floor) Supervise(leaderID, agentID int64, mode models.SuperviseMode, now time.Time) ([]Effect, error) {
	leader, err := f.seatOf(leaderID)
	if err != nil {
		return nil, err
	}
	s, err := f.signed(agentID)
	if err != nil {
		return nil, err
	}
	over := s.leg
	if over == nil {
		over = s.nailed
	}
	switch {
	case leader == s:
		return nil, conflict("agent", "oneself", "you cannot listen to yourself", "不能监听自己")
	case over == nil || over.state == legDialling:
		return nil, conflict("agent", "no_agent_leg", "the agent's phone is not connected now; try again when he has a call", "该坐席的话机当前未接通，请在其通话时再试")
	case leader.st.InCall():
		return nil, conflict("agent", "in_call", "you are in a call yourself; end it first", "您正在通话中，请先结束通话")
	}
	if w := leader.watch; w != nil {
		w.mode, w.over, w.call = mode, agentID, ""
		f.emit(WatchAgain{LegID: w.id, Over: over.id, Mode: mode})
		f.version++
		return f.take(), nil
	}
	if leader.ext == "" || !f.registered(leader) {
		return nil, conflict("agent", "phone_offline", "your own phone is not registered; check that it is on and connected", "您的话机未注册，请检查话机电源与网络")
	}
	w := &leg{id: f.cfg.NewID(), agent: leaderID, kind: legWatch, number: leader.ext, at: now, until: now.Add(35 * time.Second), mode: mode, over: agentID}
	f.legs[w.id], leader.watch = w, w
	f.set(leader, leader.st.Busy(BusySupervising, "user", now))
	f.emit(Watch{LegID: w.id, Extension: leader.ext, Over: over.id, Mode: mode, AutoAnswer: leader.auto || leader.a.Reach != models.ReachRing})
	f.version++
	return f.take(), nil
}

// StopSupervising ends a team leader's listening.
func (f *Floor) StopSupervising(leaderID int64, _ time.Time) ([]Effect, error) {
	leader, err := f.seatOf(leaderID)
	if err != nil {
		return nil, err
	}
	if leader.watch == nil {
		return nil, conflict("agent", "not_supervising", "you are not listening to anybody", "当前没有监听任何坐席")
	}
	f.hangUpLeg(leader.watch, "NORMAL_CLEARING")
	return f.take(), nil
}

// TakeOver gives an agent's customer to the team leader who listens to him (拦截).
func (f *Floor) TakeOver(leaderID, agentID int64, now time.Time) ([]Effect, error) {
	leader, err := f.seatOf(leaderID)
	if err != nil {
		return nil, err
	}
	_, l, err := f.talking(agentID)
	if err != nil {
		return nil, err
	}
	w := leader.watch
	if leader.st.InCall() {
		return nil, conflict("agent", "in_call", "you are in a call yourself; end it first", "您正在通话中，请先结束通话")
	}
	if w == nil || w.state == legDialling || w.over != agentID {
		return nil, conflict("agent", "not_supervising", "listen to this agent first, then take the call over", "请先监听该坐席，再拦截通话")
	}
	queue := l.svc.QueueID
	f.agentDone(l, now)
	leader.watch, leader.leg = nil, w
	w.kind, w.over, w.mode = legOffer, 0, ""
	f.set(leader, leader.st.SignIn(now).Idle("take_over", now).Offer(l.Attempt.ID, queue, now))
	f.emit(ParkLeg{LegID: w.id})
	f.bridge(l, w, now)
	return f.take(), nil
}

// watchOver ends what listening had changed.
func (f *Floor) watchOver(leader *seat, now time.Time) {
	if leader.st.State == models.AgentBusy && leader.st.Reason == BusySupervising {
		f.set(leader, leader.st.Idle("user", now))
	}
}
