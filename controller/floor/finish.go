package floor

import (
	"time"

	"waihu/controller/campaign"
	"waihu/models"
)

// fullFirst and fullMost bound the pause after the switch refused a call for lack of sessions.
const (
	fullFirst = time.Second
	fullMost  = 10 * time.Second
)

// finish is the one place where a call ends: its outcome, what becomes of the lead, the trunk's standing, one Finish.
func (f *Floor) finish(l *live, now time.Time) {
	f.freeLine(l)
	var facts models.Facts
	l.call, facts = l.call.Close(now)
	f.left(l, now)
	f.serviceFacts(l, &facts)
	delete(f.calls, l.Attempt.ID)
	if facts.Placed {
		f.full.last = 0
	}
	if t := f.trunks[l.Attempt.TrunkID]; t != nil {
		f.judge(t, facts, now)
	}
	r := f.campaigns[l.Attempt.CampaignID]
	f.save(r, l.Reserved, facts, now)
}

// serviceFacts adds what became of the call with agents. Abandoned is: answered by a person or unknown, and not connected to
// an agent within the connect limit (spec domain 2.2); who hung up before the limit was not abandoned by us.
func (f *Floor) serviceFacts(l *live, facts *models.Facts) {
	v := &l.svc
	facts.Service = v.Service
	if v.Recording != "" {
		v.recorded.QueueID, v.recorded.AgentID, v.recorded.TalkMS = v.QueueID, v.AgentID, v.AgentMS
		f.emit(SaveRecording{Recording: v.recorded})
	}
	switch {
	case facts.AnsweredAt == nil || facts.Sub == models.SubOptedOut || facts.Sub == models.SubLostMidCall:
	case v.talked:
		facts.Sub = models.SubAgent
	case v.AbandonedBy == "early_hangup" && v.direct:
		facts.Sub = models.SubEarlyHangup
	case v.AbandonedBy == "overflow":
		facts.Sub = models.SubOverflow
	case v.AbandonedBy != "":
		facts.Sub = models.SubAbandoned
	}
}

// refuse ends an attempt whose number must not be dialled at all. Nothing was placed.
func (f *Floor) refuse(r *running, v models.Reserved, code string, now time.Time) {
	facts := models.Facts{Outcome: models.OutcomeBadFormat, Cause: code, EndedAt: &now, WhoHungUp: models.HangupWaihu}
	after := models.LeadAfter{
		ID: v.Lead.ID, State: models.LeadSkipped, Why: models.GateNotAllowed, Attempts: v.Lead.Attempts,
		Retries: v.Lead.Retries, FreeRetries: v.Lead.FreeRetries, LastOutcome: v.Lead.LastOutcome, OutcomeRuns: v.Lead.OutcomeRuns,
	}
	r.unsaved++
	f.emit(Finish{models.Finish{AttemptID: v.Attempt.ID, CampaignID: r.c.ID, Facts: facts, Lead: &after}})
}

// save emits the one Finish of an attempt.
func (f *Floor) save(r *running, v models.Reserved, facts models.Facts, now time.Time) {
	fin := models.Finish{AttemptID: v.Attempt.ID, CampaignID: v.Attempt.CampaignID, Facts: facts, Blacklist: optOut(v.Attempt, facts, now)}
	if r == nil {
		// Its campaign left the floor, which it does not do with calls open; the facts are saved all the same.
		f.emit(Finish{fin})
		return
	}
	if v.Attempt.Kind != models.KindTest {
		after := campaign.After(r.c.Rules, len(r.c.TrunkIDs), v.Lead, facts, now)
		if fin.Blacklist != nil {
			after.State, after.Why = models.LeadDone, models.GateFinal
		}
		fin.Lead = &after
		r.counts.Ended++
		if facts.Outcome == models.OutcomeAnswered {
			r.counts.Answered++
		}
	}
	r.unsaved++
	f.emit(Finish{fin})
}

// optOut puts a number on the blacklist when its owner said so, by a key or through his carrier (SIP 607, RFC 8197).
func optOut(a models.Attempt, facts models.Facts, now time.Time) *models.BlacklistEntry {
	entry := &models.BlacklistEntry{OrganizationID: a.OrganizationID, Number: a.Number, Evidence: a.ID, CreatedBy: "waihu", CreatedAt: now}
	switch {
	case facts.Sub == models.SubOptedOut:
		entry.Source, entry.Reason = "key", "opted out by key"
	case facts.Outcome == models.OutcomeUnwanted:
		entry.Source, entry.Reason = "sip_607", "callee's carrier says unwanted"
	default:
		return nil
	}
	return entry
}

// Saved brings the answer to Finishes: their leads stand in the database as they were decided.
func (f *Floor) Saved(fs []models.Finish) []Effect {
	for _, v := range fs {
		r := f.campaigns[v.CampaignID]
		if r == nil {
			continue
		}
		r.unsaved--
		r.counts.settled(v.Lead)
		// What the database said before this was saved does not hold any more: it is asked once more before the end is believed.
		ask := r.askAgain
		r.renew()
		r.probe = true
		if r.inFlight > 0 || r.unsaved > 0 {
			r.askAgain = ask
			if v.Lead != nil && v.Lead.State == models.LeadDue && v.Lead.NextAt.Before(ask) {
				r.askAgain = v.Lead.NextAt
			}
		}
	}
	return f.take()
}

// Released brings the answer to a Release: the leads are due again.
func (f *Floor) Released(campaignID int64) []Effect {
	if r := f.campaigns[campaignID]; r != nil {
		r.unsaved--
		r.renew()
	}
	return f.take()
}
