package town

import (
	"strconv"
	"time"
)

// stayed is how long the answered callees of the recordings talk before they hang up.
const stayed = 5 * time.Second

// cause is what FreeSWITCH makes of a refusal.
type cause struct {
	phrase, name string
	q850         int
}

// causeOf is FreeSWITCH's table, as recorded for 1.10.12 where a suffix exists, else from its source.
func causeOf(status int) cause {
	switch status {
	case 403:
		return cause{"Forbidden", "CALL_REJECTED", 21}
	case 404:
		return cause{"Not Found", "UNALLOCATED_NUMBER", 1}
	case 408:
		return cause{"Request Timeout", "RECOVERY_ON_TIMER_EXPIRE", 102}
	case 410:
		return cause{"Gone", "NUMBER_CHANGED", 22}
	case 480:
		return cause{"Temporarily Unavailable", "NO_USER_RESPONSE", 18}
	case 484:
		return cause{"Address Incomplete", "INVALID_NUMBER_FORMAT", 28}
	case 486:
		return cause{"Busy Here", "USER_BUSY", 17}
	case 488:
		return cause{"Not Acceptable Here", "INCOMPATIBLE_DESTINATION", 88}
	case 500:
		return cause{"Server Internal Error", "NORMAL_TEMPORARY_FAILURE", 41}
	case 502:
		return cause{"Bad Gateway", "NETWORK_OUT_OF_ORDER", 38}
	case 503:
		return cause{"Service Unavailable", "NORMAL_TEMPORARY_FAILURE", 41}
	case 600:
		return cause{"Busy Everywhere", "USER_BUSY", 17}
	case 603:
		return cause{"Decline", "CALL_REJECTED", 21}
	case 604:
		return cause{"Does Not Exist Anywhere", "NO_ROUTE_DESTINATION", 3}
	default:
		return cause{"", "NORMAL_UNSPECIFIED", 31}
	}
}

// Refusal returns the callee that answers a call with that status at once.
func Refusal(status int) Callee { return refuse(Callee{Silent: true}, status) }

func refuse(c Callee, status int) Callee {
	x := causeOf(status)
	c.SIPStatus, c.Phrase, c.Cause, c.Q850 = status, x.phrase, x.name, x.q850
	return c
}

func answers(progress, ring, hangUpAfter time.Duration) Callee {
	return Callee{Progress: progress, Ring: ring, Answer: true, SIPStatus: 200, Phrase: "OK", HangUpAfter: hangUpAfter}
}

// bySuffix is the convention of the recordings: the last three digits of a number say what its owner does. False means
// that they say nothing.
func bySuffix(number string) (Callee, bool) {
	if len(number) < 3 {
		return Callee{}, false
	}
	suffix, err := strconv.Atoi(number[len(number)-3:])
	if err != nil || suffix < 0 {
		return Callee{}, false
	}
	switch suffix {
	case 403, 404, 408, 410, 480, 484, 486, 488, 500, 502, 503, 600, 603, 604:
		return Refusal(suffix), true
	case 0: // rings for ever
		return Callee{}, true
	case 99: // silence
		return Callee{Silent: true}, true
	case 183:
		c := answers(0, 2*time.Second, stayed)
		c.Early = true
		return c, true
	case 186:
		return refuse(Callee{Early: true, Ring: 2 * time.Second}, 486), true
	case 555:
		return answers(0, 4*time.Second, stayed), true
	case 111:
		c := answers(0, 0, stayed)
		c.Silent = true
		return c, true
	case 777: // presses 12# a second after the answer; in the scenario of the recordings, not in its list
		c := answers(0, 500*time.Millisecond, time.Second+stayed)
		for i, digit := range []string{"1", "2", "#"} {
			c.Keys = append(c.Keys, KeyPress{Digit: digit, After: time.Second + time.Duration(i)*200*time.Millisecond})
		}
		return c, true
	case 302: // the Contact of the 302 is a number on 200
		c := answers(0, 500*time.Millisecond, 0)
		c.Redirected = true
		return c, true
	}
	if suffix >= 200 && suffix <= 299 {
		return answers(0, 500*time.Millisecond, 0), true
	}
	return Callee{}, false
}
