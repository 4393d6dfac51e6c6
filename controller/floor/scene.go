package floor

import (
	"cmp"
	"slices"
	"time"

	"waihu/models"
)

// CallView is a call in progress as people see it. It is a copy.
type CallView struct {
	AttemptID      string
	OrganizationID int64
	CampaignID     int64
	Kind           models.AttemptKind
	Number         string // E.164
	TrunkID        int64
	Gateway        string
	State          models.AttemptState
	Since          time.Time // when it came into State, as far as the switch has said it
}

// CallViews copies the calls in progress of a campaign, 0 = of all, the oldest first. Those that are over and only wait for
// the details of their end are not among them.
func (f *Floor) CallViews(campaignID int64) []CallView {
	var out []CallView
	for id, l := range f.calls {
		if campaignID != 0 && l.Attempt.CampaignID != campaignID || l.call.Over() {
			continue
		}
		out = append(out, CallView{
			AttemptID: id, OrganizationID: l.Attempt.OrganizationID, CampaignID: l.Attempt.CampaignID, Kind: l.Attempt.Kind, Number: l.Attempt.Number,
			TrunkID: l.Attempt.TrunkID, Gateway: l.Attempt.Gateway, State: l.call.State, Since: l.since(),
		})
	}
	slices.SortFunc(out, func(a, b CallView) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.AttemptID, b.AttemptID))
	})
	return out
}

// since is when the call came into its state.
func (l *live) since() time.Time {
	t, at := l.call.Times, time.Time{}
	switch l.call.State {
	case models.AttemptAnswered:
		at = t.Answered
	case models.AttemptRinging:
		if at = t.Progress; at.IsZero() {
			at = t.ProgressMedia
		}
	default: // the switch has said nothing yet
	}
	if at.IsZero() {
		return l.sentAt
	}
	return at
}

// InUse counts the lines in use by trunk.
func (f *Floor) InUse() map[int64]int {
	out := make(map[int64]int, len(f.trunks))
	for id, t := range f.trunks {
		out[id] = t.inUse
	}
	return out
}

// HangUp ends one call. It reports false when the call is not in progress (any more).
func (f *Floor) HangUp(attemptID string) ([]Effect, bool) {
	l, ok := f.calls[attemptID]
	if !ok || l.call.Over() {
		return f.take(), false
	}
	f.kill(l)
	return f.take(), true
}

// kill hangs a call up, again with each thing that the switch says of it: it may not have been there the first time, because
// its originate was still on the way.
func (f *Floor) kill(l *live) {
	l.killed = true
	f.emit(Kill{AttemptID: l.Attempt.ID, Cause: "MANAGER_REQUEST"})
}

// OnlyTrunks is Trunks, and takes the gateways that are not named away: they get no new calls, those in progress go on.
func (f *Floor) OnlyTrunks(ts []models.Trunk) []Effect {
	for id, t := range f.trunks {
		if slices.ContainsFunc(ts, func(v models.Trunk) bool { return v.ID == id }) {
			continue
		}
		if t.inUse == 0 {
			delete(f.trunks, id)
			continue
		}
		t.t.Paused, t.t.PausedReason, t.t.PausedUntil = true, "deleted", nil
	}
	return f.Trunks(ts)
}

// Reason notes why a campaign is to end: its last state is saved with it.
func (f *Floor) Reason(id int64, reason string) {
	if r := f.campaigns[id]; r != nil {
		r.c.StateReason = reason
	}
}
