package campaign

import (
	"math"
	"time"

	"waihu/models"
)

// refusedDelay is how soon a number is tried again after the switch itself refused to dial: nobody's phone rang.
const refusedDelay = 10 * time.Second

// DefaultRetryRules are the next steps of spec table 2.4. Outcomes that are not listed are final. Hours and days are long on
// purpose: who did not answer in the morning is tried in the afternoon.
func DefaultRetryRules() []models.RetryRule {
	const minute, hour, day = 60, 3600, 86400
	return []models.RetryRule{
		{Outcome: models.OutcomeBusy, Times: 3, DelaySeconds: 10 * minute, Factor: 2},
		{Outcome: models.OutcomeNoAnswer, Times: 3, DelaySeconds: 2 * hour, Factor: 1},
		{Outcome: models.OutcomeUnreachable, Times: 3, DelaySeconds: hour, Factor: 1},
		{Outcome: models.OutcomePoweredOff, Times: 3, DelaySeconds: 2 * hour, Factor: 1},
		{Outcome: models.OutcomeRejected, Times: 1, DelaySeconds: day, Factor: 1},
		{Outcome: models.OutcomeSuspended, Times: 1, DelaySeconds: 3 * day, Factor: 1},
		{Outcome: models.OutcomeNotConnected, Times: 1, DelaySeconds: 2 * hour, Factor: 1},
		{Outcome: models.OutcomeOtherFailure, Times: 1, DelaySeconds: hour, Factor: 1},
		{Outcome: models.OutcomeNoRoute, Times: 2, DelaySeconds: minute, Factor: 1, Free: true},
		{Outcome: models.OutcomeCongestion, Times: 5, DelaySeconds: minute, Factor: 2, Free: true},
		{Outcome: models.OutcomeNetworkError, Times: 5, DelaySeconds: minute, Factor: 2, Free: true},
		{Outcome: models.OutcomeTimeout, Times: 3, DelaySeconds: minute, Factor: 2, Free: true},
		{Outcome: models.OutcomeGatewayDown, Times: 5, DelaySeconds: minute, Factor: 2, Free: true},
		{Outcome: models.OutcomeOwnBarred, Times: 3, DelaySeconds: 10 * minute, Factor: 2, Free: true},
	}
}

// After says what becomes of a lead after an attempt with these facts, at now.
//
// A number whose originate the switch itself refused was not dialled: it is due again soon and nothing is counted. Every
// other end counts as a dial, an unknown fate too (I6). Rules.Retries bounds the dials after the first one. Outcomes that are
// the trunk's fault (RetryRule.Free) do not use a retry up as long as there is another of the campaign's trunks to try
// (spec table 2.4: other trunk, not an attempt).
func After(rules models.Rules, trunks int, lead models.Lead, f models.Facts, now time.Time) models.LeadAfter {
	after := models.LeadAfter{
		ID: lead.ID, Attempts: lead.Attempts, Retries: lead.Retries, FreeRetries: lead.FreeRetries,
		LastOutcome: lead.LastOutcome, OutcomeRuns: lead.OutcomeRuns,
	}
	if !f.Placed && ours(f.Outcome) {
		after.State, after.NextAt, after.Why = models.LeadDue, now.Add(refusedDelay), models.GateRetryDelay
		return after
	}
	after.Attempts++
	after.OutcomeRuns = 1
	if f.Outcome == lead.LastOutcome {
		after.OutcomeRuns = lead.OutcomeRuns + 1
	}
	after.LastOutcome = f.Outcome
	rule, ok := ruleFor(rules, f.Outcome)
	switch {
	case !ok || after.OutcomeRuns > rule.Times:
		after.State, after.Why = models.LeadDone, models.GateFinal
		return after
	case rule.Free && after.FreeRetries < trunks-1:
		after.FreeRetries++
	case after.Retries < rules.Retries:
		after.Retries++
	default:
		after.State, after.Why = models.LeadDone, models.GateFinal
		return after
	}
	after.State, after.Why = models.LeadDue, models.GateRetryDelay
	after.NextAt = now.Add(delay(rule, after.OutcomeRuns))
	return after
}

// ours are the outcomes that, without a channel, say that the call was never placed.
func ours(o models.Outcome) bool {
	return o == models.OutcomeCongestion || o == models.OutcomeGatewayDown
}

func ruleFor(rules models.Rules, o models.Outcome) (models.RetryRule, bool) {
	for _, r := range rules.RetryRules {
		if r.Outcome == o {
			return r, true
		}
	}
	return models.RetryRule{}, false
}

// delay grows by the factor each time and stays below 30 days.
func delay(r models.RetryRule, run int) time.Duration {
	seconds := float64(r.DelaySeconds) * math.Pow(max(r.Factor, 1), float64(run-1))
	return time.Duration(min(seconds, 30*86400)) * time.Second
}
