package floor

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// DeskVersion grows with each change of DeskNow.
func (f *Floor) DeskVersion() int64 { return f.version }

// DeskNow copies everything about agents and queues at this moment.
func (f *Floor) DeskNow(now time.Time) models.DeskNow {
	v := models.DeskNow{Version: f.version, At: now, Agents: []models.AgentNow{}, Queues: []models.QueueNow{}}
	watched, fetch := map[int64]*seat{}, f.fetchQueues()
	for _, s := range f.seats {
		if s.watch != nil {
			watched[s.watch.over] = s
		}
	}
	for _, s := range f.inOrder() {
		a := f.agentNow(s, watched[s.a.ID])
		f.lookNow(s, fetch, &a)
		v.Agents = append(v.Agents, a)
	}
	for _, id := range slices.Sorted(maps.Keys(f.queues)) {
		v.Queues = append(v.Queues, f.queueNow(f.queues[id]))
	}
	return v
}

func (f *Floor) agentNow(s, leader *seat) models.AgentNow {
	state := cmp.Or(s.st.State, models.AgentOffline)
	v := models.AgentNow{
		AgentID: s.a.ID, State: state, Reason: s.st.Reason, Since: s.st.Since, Queues: slices.Clone(s.queues), Phone: f.phones[s.ext],
		Leg: s.nailed != nil && s.nailed.state != legDialling, CallID: s.st.CallID, QueueID: s.st.QueueID, Calls: s.st.Calls, Missed: s.st.Missed,
	}
	if v.Queues == nil {
		v.Queues = []int64{}
	}
	if s.ext == "" {
		v.Phone.Registered = f.registered(s)
	}
	if leader != nil {
		v.Supervisor, v.Supervising = leader.a.ID, leader.watch.mode
	}
	l := f.calls[s.st.CallID]
	if l == nil || state == models.AgentWrapUp {
		return v
	}
	v.Number, v.CampaignID, v.Held = l.Attempt.Number, l.Attempt.CampaignID, l.svc.phase == onHold
	v.Muted = s.leg.isMuted()
	if v.QueueID == 0 {
		v.QueueID = l.svc.QueueID
	}
	if !l.svc.talkFrom.IsZero() {
		at := l.svc.talkFrom
		v.TalkSince = &at
	}
	if r := l.svc.recording; r == "on" || r == "paused" {
		v.Recording = r
	}
	f.consultNow(s, l, &v)
	return v
}

// consultNow says with whom an agent consults; the one who is consulted reads who asks him.
func (f *Floor) consultNow(s *seat, l *live, v *models.AgentNow) {
	t := f.legs[l.svc.consult]
	if t == nil {
		return
	}
	v.ConsultWith = f.nameOf(t)
	switch {
	case t.agent == s.a.ID:
		v.Consult, v.ConsultWith = models.ConsultAsked, ""
		if l.svc.joined {
			v.Consult = models.ConsultJoined
		}
		if a := f.legs[l.svc.leg]; a != nil {
			v.ConsultWith = f.nameOf(a)
		}
	case l.svc.joined:
		v.Consult = models.ConsultThreeWay
	case t.state == legBridged:
		v.Consult = models.ConsultTalking
	default:
		v.Consult = models.ConsultRinging
	}
}

// nameOf is what people know the far end of a leg by: an agent's staff number and name, else the number.
func (f *Floor) nameOf(t *leg) string {
	if s := f.seats[t.agent]; s != nil {
		return strings.TrimSpace(s.a.StaffNumber + " " + s.a.Name)
	}
	return t.number
}

func (f *Floor) queueNow(ln *line) models.QueueNow {
	v := models.QueueNow{QueueID: ln.q.ID, Agents: map[models.AgentState]int{}, Offered: ln.counts.Offered, Answered: ln.counts.Answered,
		Abandoned: ln.counts.Abandoned, InTime: ln.counts.InTime}
	for _, l := range f.calls {
		if l.svc.phase != waiting || l.svc.QueueID != ln.q.ID || l.call.Over() {
			continue
		}
		v.Waiting++
		if from := l.svc.from; v.LongestSince == nil || from.Before(*v.LongestSince) {
			v.LongestSince = &from
		}
	}
	for _, s := range f.seats {
		if s.st.Signed() && slices.Contains(s.queues, ln.q.ID) {
			v.Agents[s.st.State]++
		}
	}
	return v
}
