package call

import (
	"strings"

	"waihu/models"
)

// byCause is spec table 2.4: what the switch's hang-up cause means before an answer.
var byCause = map[string]models.Outcome{
	"UNALLOCATED_NUMBER":        models.OutcomeInvalidNumber,
	"NUMBER_CHANGED":            models.OutcomeNumberChanged,
	"INVALID_NUMBER_FORMAT":     models.OutcomeBadFormat,
	"NO_ROUTE_DESTINATION":      models.OutcomeNoRoute,
	"NO_ROUTE_TRANSIT_NET":      models.OutcomeNoRoute,
	"USER_BUSY":                 models.OutcomeBusy,
	"NO_USER_RESPONSE":          models.OutcomeUnreachable,
	"SUBSCRIBER_ABSENT":         models.OutcomePoweredOff,
	"NO_ANSWER":                 models.OutcomeNoAnswer,
	"PROGRESS_TIMEOUT":          models.OutcomeNoAnswer,
	"ALLOTTED_TIMEOUT":          models.OutcomeNoAnswer,
	"CALL_REJECTED":             models.OutcomeRejected,
	"DECLINE":                   models.OutcomeRejected,
	"UNWANTED":                  models.OutcomeUnwanted,
	"OUTGOING_CALL_BARRED":      models.OutcomeOwnBarred,
	"BEARERCAPABILITY_NOTAUTH":  models.OutcomeOwnBarred,
	"FACILITY_NOT_SUBSCRIBED":   models.OutcomeOwnBarred,
	"INCOMING_CALL_BARRED":      models.OutcomeSuspended,
	"DESTINATION_OUT_OF_ORDER":  models.OutcomeSuspended,
	"NORMAL_CIRCUIT_CONGESTION": models.OutcomeCongestion,
	"SWITCH_CONGESTION":         models.OutcomeCongestion,
	"REQUESTED_CHAN_UNAVAIL":    models.OutcomeCongestion,
	"NETWORK_OUT_OF_ORDER":      models.OutcomeNetworkError,
	"NORMAL_TEMPORARY_FAILURE":  models.OutcomeNetworkError,
	"RECOVERY_ON_TIMER_EXPIRE":  models.OutcomeTimeout,
	"INCOMPATIBLE_DESTINATION":  models.OutcomeMediaError,
	"BEARERCAPABILITY_NOTIMPL":  models.OutcomeMediaError,
	"SERVICE_NOT_IMPLEMENTED":   models.OutcomeMediaError,
	"INVALID_GATEWAY":           models.OutcomeGatewayDown,
	"GATEWAY_DOWN":              models.OutcomeGatewayDown,
	models.CauseLost:            models.OutcomeOtherFailure,
	models.CauseSwitchRestart:   models.OutcomeOtherFailure,
	"NORMAL_CLEARING":           models.OutcomeNotConnected,
	"NORMAL_UNSPECIFIED":        models.OutcomeNotConnected,
	"MANAGER_REQUEST":           models.OutcomeNotConnected,
	"ORIGINATOR_CANCEL":         models.OutcomeNotConnected,
}

// outcomeOf reads the table. Two rows need more than the cause: a switch that refuses an originate (limit of sessions,
// of sessions per second, paused) says DESTINATION_OUT_OF_ORDER without a channel, which is congestion of ours; and a
// release with 16, 17 or 31 after an announcement in early media says nothing about the number, because carriers announce
// 空号 and 停机 by voice and then release with a generic cause.
func outcomeOf(f models.Facts, earlyMedia bool) models.Outcome {
	if f.AnsweredAt != nil {
		return models.OutcomeAnswered
	}
	if !f.Placed && f.Cause == "DESTINATION_OUT_OF_ORDER" {
		return models.OutcomeCongestion
	}
	if earlyMedia && (f.Q850 == 16 || f.Q850 == 17 || f.Q850 == 31) {
		return models.OutcomeNotConnected
	}
	if o, ok := byCause[f.Cause]; ok {
		return o
	}
	return models.OutcomeOtherFailure
}

// farEnd reports whether an outcome is the word of the called side: no switch or trunk of ours gives it by itself.
func farEnd(o models.Outcome) bool {
	switch o {
	case models.OutcomeBusy, models.OutcomeNoAnswer, models.OutcomeUnreachable, models.OutcomePoweredOff, models.OutcomeRejected,
		models.OutcomeUnwanted, models.OutcomeInvalidNumber, models.OutcomeNumberChanged:
		return true
	default:
		return false
	}
}

// subOf tells answered calls apart by the last step of the dialplan and the keys.
func subOf(f models.Facts, optedOut bool) models.Sub {
	switch {
	case f.AnsweredAt == nil:
		return models.SubNone
	case optedOut || f.Step == "opted_out":
		return models.SubOptedOut
	case f.Cause == models.CauseLost || f.Cause == models.CauseSwitchRestart:
		return models.SubLostMidCall
	case f.Step == "overflow":
		return models.SubOverflow
	case len(f.Keys) > 0:
		return models.SubKey
	case f.Step == "played":
		return models.SubPlayedToEnd
	case strings.HasPrefix(f.Step, "play_"):
		return models.SubHungUpPlaying
	default:
		return models.SubIVROnly
	}
}

// whoHungUp reads sip_hangup_disposition: recv_* came from the far end, send_* from us.
func whoHungUp(f models.Facts) models.WhoHungUp {
	switch {
	case !f.Placed:
		return models.HangupSwitch
	case strings.HasPrefix(f.Disposition, "recv_"):
		return models.HangupCallee
	case strings.HasPrefix(f.Disposition, "send_"):
		return models.HangupWaihu
	default:
		return models.HangupUnknown
	}
}
